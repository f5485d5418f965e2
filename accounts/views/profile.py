"""One's own page, and the organisations one belongs to."""

from uuid import UUID

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View

from accounts.access import caller_of
from accounts.forms import ProfileForm
from accounts.models import User
from accounts.selectors import organisation_of_user
from accounts.services import organisation_activate, organisation_create, user_rename
from core.errors import InvalidInput, NotFound


class ProfileView(LoginRequiredMixin, View):
    """Name, log-in and organisations; works without any organisation, since one may have left the last."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page."""
        user = _user(request)
        return self._page(request, ProfileForm(initial={"name": user.name}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Change the name."""
        form = ProfileForm(request.POST)
        if not form.is_valid():
            return self._page(request, form)
        user_rename(user=_user(request), name=form.cleaned_data["name"])
        messages.success(request, "Saved.")
        return redirect("accounts:profile")

    def _page(self, request: HttpRequest, form: ProfileForm) -> HttpResponse:
        user = _user(request)
        context = {
            "settings_tab": "profile",
            "form": form,
            "has_second_factor": is_mfa_enabled(user),
            "memberships": caller_of(request).memberships,
            "active_id": user.active_organisation_id,
        }
        return render(request, "accounts/profile.html", context, status=422 if form.errors else 200)


class OrganisationSwitchView(LoginRequiredMixin, View):
    """Acting in another of one's organisations."""

    def post(self, request: HttpRequest) -> HttpResponseRedirect:
        """Switch; go where `next` says, or to the dashboard, since the present page may belong to the old one."""
        user = _user(request)
        try:
            organisation_id = UUID(request.POST.get("organisation", ""))
        except ValueError as error:
            raise NotFound("No such organisation.") from error
        organisation_activate(user=user, organisation=organisation_of_user(user.pk, organisation_id))
        target = request.POST.get("next", "/")
        safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
        return HttpResponseRedirect(target if safe else "/")


class OrganisationCreateView(LoginRequiredMixin, View):
    """Founding another organisation."""

    def post(self, request: HttpRequest) -> HttpResponseRedirect:
        """Found it and act in it from now on."""
        user = _user(request)
        try:
            organisation = organisation_create(name=request.POST.get("name", "")[:120], owner=user)
        except InvalidInput as refusal:
            messages.error(request, str(refusal))
            return redirect("accounts:profile")
        organisation_activate(user=user, organisation=organisation)
        messages.success(request, f"{organisation.name} is yours.")
        return redirect("accounts:profile")


def _user(request: HttpRequest) -> User:
    """The logged-in user's row; LoginRequiredMixin has let nobody else in."""
    assert isinstance(request.user, User)
    return request.user
