"""Each browser request inside its tenant: `request.actor`, and the database shows that organisation only."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject

from accounts.access import actor_of
from core.errors import NotAuthenticated, PermissionDenied
from core.tenancy import system_scope, tenant_scope

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class TenantMiddleware:
    """Sets `request.actor` (lazy) and enters the scope in which the rest of the request runs.

    The admin sees every tenant. API requests without a session enter their scope in `TenantAPIView`, since only
    there is their caller known.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.actor = SimpleLazyObject(lambda: actor_of(request))  # type: ignore[attr-defined]
        with _scope_of(request):
            return self.get_response(request)


def _scope_of(request: HttpRequest) -> AbstractContextManager[None]:
    if request.path.startswith("/admin/"):
        return system_scope() if request.user.is_authenticated and request.user.is_staff else nullcontext()
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
        return nullcontext()
    try:
        return tenant_scope(actor_of(request).organisation_id)
    except (NotAuthenticated, PermissionDenied):
        # No organisation, or a stranger's was named: the view says so, and the database shows nothing.
        return nullcontext()
