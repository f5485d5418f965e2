"""The admin site's view of users, tenants, keys and the audit trail, across tenants (see the middleware)."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import UserCreationForm
from django.contrib.auth.models import Group
from django.forms import ModelForm
from django.http import HttpRequest

from accounts.models import ApiKey, AuditEntry, AuditHead, Invitation, Membership, Organisation, User
from accounts.services import access_revoked_on_commit, caller_changed_on_commit
from core.admin import ReadOnly

# Rights come from roles in organisations and from `is_staff`; Django's groups would be a second system beside them.
admin.site.unregister(Group)
# allauth's own would search by a user name, which nobody here has, and show a second factor's secret.
admin.site.unregister((UserSession, Authenticator))
admin.site.site_header = "Sauda administration"
admin.site.site_title = "Sauda"
admin.site.index_title = "Installation"


class UserForm(UserCreationForm[User]):
    """A new user; everybody logs in with their e-mail address."""

    class Meta:
        model = User
        fields = ("email", "name")


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User]):
    """People. Untick *active* to lock somebody out at once, tokens and sockets included."""

    add_form = UserForm
    ordering = ("email",)
    list_display = ("email", "name", "is_active", "is_staff", "active_organisation", "last_login", "date_joined")
    list_filter = ("is_active", "is_staff", "is_superuser", "date_joined")
    search_fields = ("email", "name")
    date_hierarchy = "date_joined"
    list_select_related = ("active_organisation",)
    raw_id_fields = ("active_organisation",)
    readonly_fields = ("date_joined", "last_login")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser", "active_organisation")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "name", "password1", "password2")}),)

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm[User], change: bool) -> None:
        """Save; whatever was cached about the user's rights is forgotten."""
        super().save_model(request, obj, form, change)
        if "is_active" in form.changed_data and not obj.is_active:
            access_revoked_on_commit(user_id=obj.pk)
        elif change:
            caller_changed_on_commit(obj.pk)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Users are disabled, not deleted: orders and the audit trail name them."""
        return False


@admin.register(Organisation)
class OrganisationAdmin(admin.ModelAdmin[Organisation]):
    """Tenants. They are founded on the profile page or over the API, where their first owner is known."""

    list_display = ("name", "slug", "created_at")
    search_fields = ("name", "slug")
    date_hierarchy = "created_at"
    readonly_fields = ("id", "slug", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Organisation | None = None) -> bool:
        return False


@admin.register(Membership)
class MembershipAdmin(ReadOnly, admin.ModelAdmin[Membership]):
    """Who belongs where. Roles are changed by an owner, in the organisation's own trail, not here."""

    list_display = ("user", "organisation", "role", "created_at")
    list_filter = ("role", "organisation")
    search_fields = ("user__email", "user__name", "organisation__name", "organisation__slug")
    list_select_related = ("user", "organisation")


@admin.register(Invitation)
class InvitationAdmin(ReadOnly, admin.ModelAdmin[Invitation]):
    """Who was asked in."""

    list_display = ("email", "organisation", "role", "created_at", "expires_at", "accepted_at", "revoked_at")
    list_filter = ("role", "organisation", "accepted_at", "revoked_at")
    search_fields = ("email", "organisation__name")
    list_select_related = ("organisation",)
    exclude = ("token_digest",)


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnly, admin.ModelAdmin[ApiKey]):
    """Programs' keys; the keys themselves are nowhere."""

    list_display = (
        "name",
        "prefix",
        "user",
        "organisation",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
    )
    list_filter = ("organisation", "revoked_at", "expires_at")
    search_fields = ("name", "prefix", "user__email")
    list_select_related = ("user", "organisation")
    exclude = ("digest",)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, admin.ModelAdmin[AuditEntry]):
    """What was done."""

    list_display = ("organisation", "seq", "at", "actor_label", "actor_kind", "action", "object_type", "object_id")
    list_filter = ("organisation", "actor_kind", "object_type")
    search_fields = ("actor_label", "action", "object_id")
    date_hierarchy = "at"
    list_select_related = ("organisation",)
    ordering = ("-at",)
    show_full_result_count = False


@admin.register(AuditHead)
class AuditHeadAdmin(ReadOnly, admin.ModelAdmin[AuditHead]):
    """How long each trail is, and its seal: note it elsewhere, and a rewritten trail gives itself away."""

    list_display = ("organisation", "seq", "hash")
    search_fields = ("organisation__name",)
    list_select_related = ("organisation",)


@admin.register(UserSession)
class UserSessionAdmin(ReadOnly, admin.ModelAdmin[UserSession]):
    """Who is logged in, and from where. Lock a user out by unticking *active*."""

    list_display = ("user", "created_at", "last_seen_at", "ip", "user_agent")
    list_filter = ("last_seen_at",)
    search_fields = ("user__email", "ip")
    list_select_related = ("user",)
    exclude = ("session_key", "data")


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnly, admin.ModelAdmin[Authenticator]):
    """Second factors. Delete one for a user who lost it; its secret is not shown."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type", "created_at", "last_used_at")
    search_fields = ("user__email",)
    list_select_related = ("user",)
    exclude = ("data",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)
