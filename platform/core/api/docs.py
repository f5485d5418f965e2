"""The schema and its two readers, each under the narrowest content security policy that lets it work."""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.urls import path
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerSplitView

# Both readers style elements from script; neither needs inline script (the split view serves it as a file).
_INLINE_STYLE = {"style-src": [SELF, UNSAFE_INLINE]}


@method_decorator(csp_update(_INLINE_STYLE), name="dispatch")
class SwaggerView(SpectacularSwaggerSplitView):
    """Swagger UI."""

    url_name = "schema"
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()


@method_decorator(csp_update({**_INLINE_STYLE, "worker-src": [SELF, "blob:"]}), name="dispatch")
class RedocView(SpectacularRedocView):
    """ReDoc."""

    url_name = "schema"
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()


class SchemaView(SpectacularAPIView):
    """The OpenAPI document; public, because it is the same for everybody."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()


urlpatterns = [
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", SwaggerView.as_view(), name="api-docs"),
    path("redoc/", RedocView.as_view(), name="api-redoc"),
]
