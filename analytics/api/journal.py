"""The trade journal."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from analytics.api.examples import ACCOUNT
from analytics.selectors.journal import entry_get, journal_for, picture_get
from analytics.selectors.scope import scope_for
from analytics.serializers.files import served
from analytics.serializers.journal import (
    JournalInput,
    JournalQuery,
    JournalSerializer,
    NewJournalInput,
    PictureInput,
    PictureSerializer,
    entry_shape,
    note_of,
    picture_shape,
)
from analytics.services import journal_change, journal_delete, journal_write, picture_add, picture_delete
from core.api.pagination import CursorPage
from core.api.reading import body_of, query_of

_PICTURE = {
    "id": "01934c1e-7d3a-7b7e-8f53-6a1f2b3c4d60",
    "content_type": "image/png",
    "size": 48213,
    "width": 1280,
    "height": 720,
    "caption": "Entry on the retest",
}
_SAID = {
    "day": "2026-11-20",
    "title": "Took the retest, left too early",
    "text": "The plan said to hold to 1,545.",
    "tags": ["breakout", "early-exit"],
    "rating": 3,
    "symbol": "NSE:RELIANCE",
    "opened_by": None,
    "closed_by": None,
}
_ENTRY: dict[str, Any] = {
    "id": "01934c1e-7d3a-7b7e-8f53-6a1f2b3c4d5f",
    "account": ACCOUNT,
    "author": "trader@alpha.demo",
    **_SAID,
    "pictures": [_PICTURE],
    "created_at": "2026-11-20T12:04:03+00:00",
    "updated_at": "2026-11-20T12:04:03+00:00",
}
_ANSWER = OpenApiExample("entry", value=_ENTRY, response_only=True)


class JournalPage(CursorPage):
    """Newest day first."""

    ordering = ("-day", "-created_at", "-id")  # type: ignore[assignment]


class JournalView(TenantAPIView):
    """Entries."""

    permissions_required = {"GET": Permission.VIEW_ANALYTICS, "POST": Permission.WRITE_JOURNAL}
    pagination_class = JournalPage

    @extend_schema(
        operation_id="analytics_journal",
        parameters=[JournalQuery],
        responses=JournalSerializer(many=True),
        examples=[_ANSWER],
        tags=["analytics"],
    )
    def get(self, request: Request) -> Response:
        """Entries of the accounts that the caller may see, newest day first."""
        query = query_of(request, JournalQuery)
        scope_for(self.actor, account_id=query.get("account"), first=query.get("from"), last=query.get("to"))
        rows = journal_for(
            self.actor,
            account_id=query.get("account"),
            tag=query["tag"],
            symbol=query["symbol"],
            words=query["q"],
            first=query.get("from"),
            last=query.get("to"),
        )
        return self.paged(request, rows, lambda page: [entry_shape(entry) for entry in page])

    @extend_schema(
        operation_id="analytics_journal_write",
        request=NewJournalInput,
        responses={201: JournalSerializer},
        examples=[_ANSWER, OpenApiExample("note", value={"account": ACCOUNT, **_SAID}, request_only=True)],
        tags=["analytics"],
    )
    def post(self, request: Request) -> Response:
        """Write an entry on a day, an instrument or a trade of an account."""
        body = body_of(request, NewJournalInput)
        entry = journal_write(actor=self.actor, account_id=body["account"], note=note_of(body))
        return Response(entry_shape(entry_get(self.actor, entry.id)), status=201)


class JournalEntryView(TenantAPIView):
    """One entry."""

    permissions_required = {
        "GET": Permission.VIEW_ANALYTICS,
        "PUT": Permission.WRITE_JOURNAL,
        "DELETE": Permission.WRITE_JOURNAL,
    }

    @extend_schema(
        operation_id="analytics_journal_entry",
        responses=JournalSerializer,
        examples=[_ANSWER],
        tags=["analytics"],
    )
    def get(self, request: Request, entry_id: UUID) -> Response:
        """The entry."""
        return Response(entry_shape(entry_get(self.actor, entry_id)))

    @extend_schema(
        operation_id="analytics_journal_change",
        request=JournalInput,
        responses=JournalSerializer,
        examples=[_ANSWER, OpenApiExample("note", value=_SAID, request_only=True)],
        tags=["analytics"],
    )
    def put(self, request: Request, entry_id: UUID) -> Response:
        """Put other words into an own entry."""
        entry_get(self.actor, entry_id)
        journal_change(actor=self.actor, entry_id=entry_id, note=note_of(body_of(request, JournalInput)))
        return Response(entry_shape(entry_get(self.actor, entry_id)))

    @extend_schema(operation_id="analytics_journal_delete", responses={204: None}, tags=["analytics"])
    def delete(self, request: Request, entry_id: UUID) -> Response:
        """Delete an own entry and its pictures."""
        journal_delete(actor=self.actor, entry_id=entry_id)
        return Response(status=204)


class JournalPicturesView(TenantAPIView):
    """Pictures of an entry."""

    permissions_required = {"POST": Permission.WRITE_JOURNAL}

    @extend_schema(
        operation_id="analytics_journal_picture_add",
        request=PictureInput,
        responses={201: PictureSerializer},
        examples=[
            OpenApiExample("picture", value=_PICTURE, response_only=True),
            OpenApiExample(
                "png", value={"content": "iVBORw0KGgo…", "caption": "Entry on the retest"}, request_only=True
            ),
        ],
        tags=["analytics"],
    )
    def post(self, request: Request, entry_id: UUID) -> Response:
        """Add a PNG, JPEG or WebP picture of at most 1.5 MB to an own entry."""
        entry_get(self.actor, entry_id)
        body = body_of(request, PictureInput)
        picture = picture_add(actor=self.actor, entry_id=entry_id, content=body["content"], caption=body["caption"])
        return Response(picture_shape(picture), status=201)


class JournalPictureView(TenantAPIView):
    """One picture."""

    permissions_required = {"GET": Permission.VIEW_ANALYTICS, "DELETE": Permission.WRITE_JOURNAL}

    @extend_schema(
        operation_id="analytics_journal_picture",
        responses={(200, "image/png"): OpenApiResponse(OpenApiTypes.BINARY, description="PNG, JPEG or WebP.")},
        tags=["analytics"],
    )
    def get(self, request: Request, picture_id: UUID) -> HttpResponse:
        """The picture itself."""
        return served(picture_get(self.actor, picture_id))

    @extend_schema(operation_id="analytics_journal_picture_delete", responses={204: None}, tags=["analytics"])
    def delete(self, request: Request, picture_id: UUID) -> Response:
        """Delete a picture of an own entry."""
        picture_delete(actor=self.actor, picture_id=picture_id)
        return Response(status=204)
