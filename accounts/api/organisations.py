"""Organisations, their members and invitations."""

from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import TenantAPIView, caller_of, require_recent_log_in
from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.models import User
from accounts.selectors import invitations_open, members, organisation_of_user
from accounts.selectors.caller import user_of
from accounts.services import (
    invitation_accept,
    invitation_create,
    invitation_revoke,
    membership_change,
    membership_remove,
    organisation_activate,
    organisation_create,
)
from core.api.pagination import CursorPage
from core.errors import NotFound, PermissionDenied

from .serializers import (
    InvitationCreatedSerializer,
    InvitationInput,
    InvitationSerializer,
    InvitationTokenInput,
    MemberSerializer,
    MembershipSerializer,
    OrganisationInput,
    RoleInput,
)

_ORGANISATION = {
    "id": "0199c0de-0000-7000-8000-0000000000a0",
    "slug": "alpha",
    "name": "Alpha",
    "role": "OWNER",
}
_MEMBER = {
    "id": "0199c0de-0000-7000-8000-0000000000b0",
    "user": {"id": "0199c0de-0000-7000-8000-000000000001", "email": "trader@alpha.demo", "name": "Asha"},
    "role": "TRADER",
    "created_at": "2026-11-02T09:15:00+05:30",
}
_INVITATION = {
    "id": "0199c0de-0000-7000-8000-0000000000c0",
    "email": "new@alpha.demo",
    "role": "ANALYST",
    "created_at": "2026-11-02T09:15:00+05:30",
    "expires_at": "2026-11-09T09:15:00+05:30",
}


class OrganisationsView(APIView):
    """The caller's organisations."""

    @extend_schema(
        operation_id="organisations_list",
        tags=["organisations"],
        responses=MembershipSerializer(many=True),
        examples=[OpenApiExample("organisation", response_only=True, value=_ORGANISATION)],
    )
    def get(self, request: Request) -> Response:
        """Every organisation the caller belongs to, with their role there."""
        return Response(MembershipSerializer(caller_of(request).reachable, many=True).data)

    @extend_schema(
        operation_id="organisations_create",
        tags=["organisations"],
        request=OrganisationInput,
        responses={201: MembershipSerializer},
        examples=[
            OpenApiExample("new", request_only=True, value={"name": "Alpha", "slug": "alpha"}),
            OpenApiExample("organisation", response_only=True, value=_ORGANISATION),
        ],
    )
    def post(self, request: Request) -> Response:
        """Found an organisation; the caller becomes its owner."""
        form = OrganisationInput(data=request.data)
        form.is_valid(raise_exception=True)
        user = _person(request)
        organisation = organisation_create(owner=user, **form.validated_data)
        created = {
            "organisation_id": organisation.id,
            "slug": organisation.slug,
            "name": organisation.name,
            "role": "owner",
        }
        return Response(MembershipSerializer(created).data, status=201)


class OrganisationActivateView(APIView):
    """Which organisation requests without `X-Organisation` mean."""

    @extend_schema(
        operation_id="organisations_activate", tags=["organisations"], request=None, responses={204: None}
    )
    def post(self, request: Request, organisation_id: UUID) -> Response:
        """Act in this organisation from now on."""
        user = _person(request)
        organisation_activate(user=user, organisation=organisation_of_user(user.pk, organisation_id))
        return Response(status=204)


class OrganisationAPIView(TenantAPIView):
    """A view whose address names the organisation; any but the caller's own is not found."""

    def resolve_actor(self, request: Request) -> Actor:
        """The caller inside the organisation of the address."""
        caller = caller_of(request)
        for membership in caller.reachable:
            if membership.organisation_id == self.kwargs["organisation_id"]:
                return caller.actor_in(membership)
        raise NotFound("No such organisation.")


class MembersView(OrganisationAPIView):
    """The people of an organisation."""

    permissions_required = {"GET": Permission.VIEW_MEMBERS}
    pagination_class = CursorPage

    @extend_schema(
        operation_id="members_list",
        tags=["organisations"],
        responses=MemberSerializer(many=True),
        examples=[OpenApiExample("member", response_only=True, value=_MEMBER)],
    )
    def get(self, request: Request, organisation_id: UUID) -> Response:
        """Everybody in the organisation, newest first."""
        return self.paged(request, members(self.actor), lambda page: MemberSerializer(page, many=True).data)


class MemberView(OrganisationAPIView):
    """One member."""

    permissions_required = {"PATCH": Permission.MANAGE_MEMBERS, "DELETE": None}

    @extend_schema(
        operation_id="members_change",
        tags=["organisations"],
        request=RoleInput,
        responses=MemberSerializer,
        examples=[
            OpenApiExample("promote", request_only=True, value={"role": "RISK_MANAGER"}),
            OpenApiExample("member", response_only=True, value={**_MEMBER, "role": "RISK_MANAGER"}),
        ],
    )
    def patch(self, request: Request, organisation_id: UUID, membership_id: UUID) -> Response:
        """Give a member another role; takes a log-in of the last minutes."""
        form = RoleInput(data=request.data)
        form.is_valid(raise_exception=True)
        require_recent_log_in(request)
        role = form.validated_data["role"]
        membership = membership_change(actor=self.actor, membership_id=membership_id, role=role)
        return Response(MemberSerializer(membership).data)

    @extend_schema(operation_id="members_remove", tags=["organisations"], responses={204: None})
    def delete(self, request: Request, organisation_id: UUID, membership_id: UUID) -> Response:
        """Take a member out, or leave; takes a log-in of the last minutes."""
        require_recent_log_in(request)
        membership_remove(actor=self.actor, membership_id=membership_id)
        return Response(status=204)


class InvitationsView(OrganisationAPIView):
    """Who has been asked in."""

    permissions_required = {"GET": Permission.MANAGE_MEMBERS, "POST": Permission.MANAGE_MEMBERS}
    pagination_class = CursorPage

    @extend_schema(
        operation_id="invitations_list",
        tags=["organisations"],
        responses=InvitationSerializer(many=True),
        examples=[OpenApiExample("invitation", response_only=True, value=_INVITATION)],
    )
    def get(self, request: Request, organisation_id: UUID) -> Response:
        """Invitations that can still be accepted."""
        return self.paged(
            request, invitations_open(self.actor), lambda page: InvitationSerializer(page, many=True).data
        )

    @extend_schema(
        operation_id="invitations_create",
        tags=["organisations"],
        request=InvitationInput,
        responses={201: InvitationCreatedSerializer},
        examples=[
            OpenApiExample("invite", request_only=True, value={"email": "new@alpha.demo", "role": "ANALYST"}),
            OpenApiExample(
                "invitation",
                response_only=True,
                value={**_INVITATION, "link": "https://desk.example/invitations/8rt…/"},
            ),
        ],
    )
    def post(self, request: Request, organisation_id: UUID) -> Response:
        """Make a link for one address that works for seven days; an earlier one for it stops working."""
        form = InvitationInput(data=request.data)
        form.is_valid(raise_exception=True)
        require_recent_log_in(request)
        invitation, token = invitation_create(actor=self.actor, **form.validated_data)
        link = request.build_absolute_uri(reverse("accounts:invitation", args=[token]))
        body = {**InvitationSerializer(invitation).data, "link": link}
        return Response(body, status=201)


class InvitationView(OrganisationAPIView):
    """One invitation."""

    permissions_required = {"DELETE": Permission.MANAGE_MEMBERS}

    @extend_schema(operation_id="invitations_revoke", tags=["organisations"], responses={204: None})
    def delete(self, request: Request, organisation_id: UUID, invitation_id: UUID) -> Response:
        """Make the link useless."""
        invitation_revoke(actor=self.actor, invitation_id=invitation_id)
        return Response(status=204)


class InvitationAcceptView(APIView):
    """The invited person's side."""

    @extend_schema(
        operation_id="invitations_accept",
        tags=["organisations"],
        request=InvitationTokenInput,
        responses=MemberSerializer,
        examples=[
            OpenApiExample("accept", request_only=True, value={"token": "8rt…"}),
            OpenApiExample("member", response_only=True, value=_MEMBER),
        ],
    )
    def post(self, request: Request) -> Response:
        """Become a member with the secret of an invitation's link."""
        form = InvitationTokenInput(data=request.data)
        form.is_valid(raise_exception=True)
        membership = invitation_accept(user=_person(request), token=form.validated_data["token"])
        return Response(MemberSerializer(membership).data)


def _person(request: Request) -> User:
    """The user behind the request; a key acts inside one organisation only and is refused."""
    caller = caller_of(request)
    if caller.api_key is not None:
        raise PermissionDenied("An API key cannot do this; log in.", code="api_key_not_allowed")
    return user_of(caller)
