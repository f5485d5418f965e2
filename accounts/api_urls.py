"""The API of log-in, organisations, members, keys and audit, under /api/v1/."""

from django.urls import path

from accounts.api import audit, auth, keys, organisations

urlpatterns = [
    path("auth/login", auth.LogInView.as_view(), name="auth-login"),
    path("auth/refresh", auth.RefreshView.as_view(), name="auth-refresh"),
    path("auth/logout", auth.LogOutView.as_view(), name="auth-logout"),
    path("auth/me", auth.MeView.as_view(), name="auth-me"),
    path("auth/ws-ticket", auth.WsTicketView.as_view(), name="auth-ws-ticket"),
    path("organisations", organisations.OrganisationsView.as_view(), name="organisations"),
    path(
        "organisations/<uuid:organisation_id>/activate",
        organisations.OrganisationActivateView.as_view(),
        name="organisation-activate",
    ),
    path("organisations/<uuid:organisation_id>/members", organisations.MembersView.as_view(), name="members"),
    path(
        "organisations/<uuid:organisation_id>/members/<uuid:membership_id>",
        organisations.MemberView.as_view(),
        name="member",
    ),
    path(
        "organisations/<uuid:organisation_id>/invitations",
        organisations.InvitationsView.as_view(),
        name="invitations",
    ),
    path(
        "organisations/<uuid:organisation_id>/invitations/<uuid:invitation_id>",
        organisations.InvitationView.as_view(),
        name="invitation",
    ),
    path("invitations/accept", organisations.InvitationAcceptView.as_view(), name="invitation-accept"),
    path("api-keys", keys.ApiKeysView.as_view(), name="api-keys"),
    path("api-keys/<uuid:api_key_id>", keys.ApiKeyView.as_view(), name="api-key"),
    path("audit", audit.AuditView.as_view(), name="audit"),
]
