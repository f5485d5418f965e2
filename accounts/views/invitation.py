"""The invited person's side of an invitation."""

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from accounts.adapter import INVITATION_SESSION_KEY
from accounts.domain.permissions import Role
from accounts.models import User
from accounts.services import invitation_accept, invitation_by_token
from core.errors import NotFound


class InvitationView(View):
    """Opens for whoever holds the link; joining takes a log-in with the invited address."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """Who invites, to what; remembered, so that a sign-up from here joins at once."""
        try:
            invitation = invitation_by_token(token)
        except NotFound:
            request.session.pop(INVITATION_SESSION_KEY, None)
            return render(request, "accounts/invitation.html", {"invitation": None}, status=404)
        if not request.user.is_authenticated:
            request.session[INVITATION_SESSION_KEY] = token
        context = {
            "invitation": invitation,
            "role": Role(invitation.role).label,
            "is_for_reader": isinstance(request.user, User) and request.user.email == invitation.email,
        }
        return render(request, "accounts/invitation.html", context)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Join."""
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        invitation_accept(user=request.user, token=token)
        return redirect("/")
