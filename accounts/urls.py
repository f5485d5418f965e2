"""The pages of members, keys, audit and profile."""

from django.urls import path

from accounts.views import audit, invitation, keys, members, profile

app_name = "accounts"

urlpatterns = [
    path("organisation/members/", members.MembersView.as_view(), name="members"),
    path(
        "organisation/members/<uuid:membership_id>/role/",
        members.MemberRoleView.as_view(),
        name="member_role",
    ),
    path(
        "organisation/members/<uuid:membership_id>/remove/",
        members.MemberRemoveView.as_view(),
        name="member_remove",
    ),
    path(
        "organisation/invitations/<uuid:invitation_id>/revoke/",
        members.InvitationRevokeView.as_view(),
        name="invitation_revoke",
    ),
    path("organisation/switch/", profile.OrganisationSwitchView.as_view(), name="organisation_switch"),
    path("organisation/new/", profile.OrganisationCreateView.as_view(), name="organisation_create"),
    path("invitations/<str:token>/", invitation.InvitationView.as_view(), name="invitation"),
    path("api-keys/", keys.ApiKeysView.as_view(), name="api_keys"),
    path("api-keys/<uuid:api_key_id>/revoke/", keys.ApiKeyRevokeView.as_view(), name="api_key_revoke"),
    path("audit/", audit.AuditView.as_view(), name="audit"),
    path("profile/", profile.ProfileView.as_view(), name="profile"),
]
