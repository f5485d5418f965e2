"""Members, their roles, and invitations."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View

from accounts.access import TenantPageMixin, require_recent_log_in
from accounts.domain.permissions import Permission
from accounts.forms import InvitationForm, RoleForm, assignable_roles
from accounts.mail import invitation_mail_on_commit
from accounts.selectors import invitations_open, member_get, members, organisation_get
from accounts.services import (
    invitation_create,
    invitation_revoke,
    membership_change,
    membership_remove,
)
from core.errors import Conflict, InvalidInput, PermissionDenied


class MembersView(TenantPageMixin, View):
    """Everybody here, and who has been asked."""

    permission_required = Permission.VIEW_MEMBERS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list, with what the reader may change."""
        return self._page(request, InvitationForm(actor=self.actor))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Invite somebody; the link is shown once."""
        self.actor.require(Permission.MANAGE_MEMBERS)
        require_recent_log_in(request)
        form = InvitationForm(request.POST, actor=self.actor)
        if not form.is_valid():
            return self._page(request, form)
        try:
            invitation, token = invitation_create(actor=self.actor, **form.cleaned_data)
        except (InvalidInput, Conflict) as refusal:
            form.add_error("email", str(refusal))
            return self._page(request, form)
        link = request.build_absolute_uri(reverse("accounts:invitation", args=[token]))
        invitation_mail_on_commit(invitation=invitation, link=link)
        return self._page(request, InvitationForm(actor=self.actor), link=link, invited=invitation.email)

    def _page(self, request: HttpRequest, form: Form, **more: Any) -> HttpResponse:
        may_manage = self.actor.may(Permission.MANAGE_MEMBERS)
        context = {
            "settings_tab": "members",
            "organisation": organisation_get(self.actor),
            "members": members(self.actor),
            "invitations": invitations_open(self.actor) if may_manage else [],
            "may_manage": may_manage,
            "roles": assignable_roles(self.actor),
            "form": form,
            **more,
        }
        return render(request, "accounts/members.html", context, status=422 if form.errors else 200)


class MemberRoleView(TenantPageMixin, View):
    """Another role for one member."""

    permission_required = Permission.MANAGE_MEMBERS

    def post(self, request: HttpRequest, membership_id: UUID) -> HttpResponse:
        """Change it, and go back to the list."""
        member_get(self.actor, membership_id)
        require_recent_log_in(request)
        form = RoleForm(request.POST)
        if form.is_valid():
            try:
                changed = membership_change(
                    actor=self.actor, membership_id=membership_id, role=form.cleaned_data["role"]
                )
                messages.success(request, f"{changed}: changed.")
            except (Conflict, PermissionDenied) as refusal:
                messages.error(request, str(refusal))
        else:
            messages.error(request, "There is no such role.")
        return redirect("accounts:members")


class MemberRemoveView(TenantPageMixin, View):
    """Taking a member out; asks first."""

    permission_required = None

    def get(self, request: HttpRequest, membership_id: UUID) -> HttpResponse:
        """What will happen."""
        membership = member_get(self.actor, membership_id)
        context = {
            "settings_tab": "members",
            "membership": membership,
            "organisation": organisation_get(self.actor),
            "is_self": membership.user_id == self.actor.user_id,
        }
        return render(request, "accounts/member_remove.html", context)

    def post(self, request: HttpRequest, membership_id: UUID) -> HttpResponse:
        """Do it."""
        membership = member_get(self.actor, membership_id)
        require_recent_log_in(request)
        try:
            membership_remove(actor=self.actor, membership_id=membership_id)
        except (Conflict, PermissionDenied) as refusal:
            messages.error(request, str(refusal))
            return redirect("accounts:members")
        if membership.user_id == self.actor.user_id:
            return redirect("accounts:profile")
        messages.success(request, f"{membership.user.email} is no longer a member.")
        return redirect("accounts:members")


class InvitationRevokeView(TenantPageMixin, View):
    """Making an invitation's link useless."""

    permission_required = Permission.MANAGE_MEMBERS

    def post(self, request: HttpRequest, invitation_id: UUID) -> HttpResponseRedirect:
        """Revoke it, and go back to the list."""
        invitation_revoke(actor=self.actor, invitation_id=invitation_id)
        messages.success(request, "The invitation no longer works.")
        return redirect("accounts:members")
