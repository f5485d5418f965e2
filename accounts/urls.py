"""The pages of members, keys, audit and profile."""

from django.urls import path

from accounts.views import audit, invitation, keys, members, profile

app_name = "accounts"

urlpatterns = [
    path("organisation/members/", members.MembersPage.as_view(), name="members"),
    path(
        "organisation/members/<uuid:membership_id>/role/",
        members.MemberRolePage.as_view(),
        name="member_role",
    ),
    path(
        "organisation/members/<uuid:membership_id>/remove/",
        members.MemberRemovePage.as_view(),
        name="member_remove",
    ),
    path(
        "organisation/invitations/<uuid:invitation_id>/revoke/",
        members.InvitationRevokePage.as_view(),
        name="invitation_revoke",
    ),
    path("organisation/switch/", profile.OrganisationSwitchPage.as_view(), name="organisation_switch"),
    path("organisation/new/", profile.OrganisationCreatePage.as_view(), name="organisation_create"),
    path("invitations/<str:token>/", invitation.InvitationPage.as_view(), name="invitation"),
    path("api-keys/", keys.ApiKeysPage.as_view(), name="api_keys"),
    path("api-keys/<uuid:api_key_id>/revoke/", keys.ApiKeyRevokePage.as_view(), name="api_key_revoke"),
    path("audit/", audit.AuditPage.as_view(), name="audit"),
    path("profile/", profile.ProfilePage.as_view(), name="profile"),
]
