"""An organisation's own strategies over REST."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.reading import body_of
from trading.strategies.models import StrategyCode
from trading.strategies.selectors.catalogue import code_get, code_version, code_versions, codes
from trading.strategies.serializers.catalogue import (
    CodeChange,
    CodeDetailSerializer,
    CodeInput,
    CodeSerializer,
    CodesSerializer,
)
from trading.strategies.services.code import code_create, code_delete, code_update

_TAGS = ["strategies"]
_SOURCE = (
    "from trading.strategies.domain import Bar, Context, Strategy\n\n\n"
    'class Mine(Strategy):\n    key = "mine"\n    title = "Mine"\n\n'
    "    def on_bar(self, ctx: Context, bar: Bar) -> None:\n"
    "        ctx.target(share=0.5 if bar.close > bar.open else 0)\n"
)
_ROW = {
    "id": "01999f3a-5c1e-7d3a-9c55-2f3f6a1b0c21",
    "key": "own.mine",
    "name": "Mine",
    "kind": "CUSTOM",
    "version": 1,
    "created_by": "owner@alpha.demo",
    "created_at": "2026-11-20T10:40:00+05:30",
    "updated_by": "owner@alpha.demo",
    "updated_at": "2026-11-20T10:40:00+05:30",
}
_VERSION = {
    "number": 1,
    "note": "first",
    "digest": "0" * 64,
    "saved_by": "owner@alpha.demo",
    "saved_at": "2026-11-20T10:40:00+05:30",
}
_ANSWER = OpenApiExample(
    "a strategy", response_only=True, value={**_ROW, "source": _SOURCE, "versions": [_VERSION]}
)


class _CodeAPIView(TenantAPIView):
    def answer(self, code: StrategyCode, code_status: int = status.HTTP_200_OK) -> Response:
        """The strategy with its text."""
        context: dict[str, Any] = {"source": code_version(code).source, "versions": code_versions(code)}
        return Response(CodeDetailSerializer(code, context=context).data, status=code_status)


class CodesView(_CodeAPIView):
    """The organisation's own strategies."""

    permissions_required = {
        "GET": Permission.MANAGE_STRATEGY_CODE,
        "POST": Permission.MANAGE_STRATEGY_CODE,
    }

    @extend_schema(
        operation_id="strategy_code_list",
        tags=_TAGS,
        responses=CodesSerializer,
        examples=[
            OpenApiExample("one", response_only=True, value={"next": None, "previous": None, "results": [_ROW]})
        ],
    )
    def get(self, request: Request) -> Response:
        """All of them, by name, without their texts."""
        rows: Any = codes(self.actor)
        return Response({"next": None, "previous": None, "results": CodeSerializer(rows, many=True).data})

    @extend_schema(
        operation_id="strategy_code_create",
        tags=_TAGS,
        request=CodeInput,
        responses={201: CodeDetailSerializer},
        examples=[
            _ANSWER,
            OpenApiExample("a text", request_only=True, value={"source": _SOURCE, "note": "first"}),
        ],
    )
    def post(self, request: Request) -> Response:
        """Check a text and keep it as a new strategy, under the key that its class names.

        Codes: `strategy_refused` (400) with every fault and its line in `errors.source`; `strategy_key_taken`,
        `too_many_strategies` (409).
        """
        code = code_create(actor=self.actor, **body_of(request, CodeInput))
        return self.answer(code_get(self.actor, code.pk), status.HTTP_201_CREATED)


class CodeView(_CodeAPIView):
    """One of them."""

    permissions_required = {
        "GET": Permission.MANAGE_STRATEGY_CODE,
        "PUT": Permission.MANAGE_STRATEGY_CODE,
        "DELETE": Permission.MANAGE_STRATEGY_CODE,
    }

    @extend_schema(
        operation_id="strategy_code_retrieve", tags=_TAGS, responses=CodeDetailSerializer, examples=[_ANSWER]
    )
    def get(self, request: Request, code_id: UUID) -> Response:
        """Its text in use, and what came before."""
        return self.answer(code_get(self.actor, code_id))

    @extend_schema(
        operation_id="strategy_code_update",
        tags=_TAGS,
        request=CodeChange,
        responses=CodeDetailSerializer,
        examples=[
            _ANSWER,
            OpenApiExample("another text", request_only=True, value={"source": _SOURCE, "version": 1}),
        ],
    )
    def put(self, request: Request, code_id: UUID) -> Response:
        """Check another text and use it from now on; runs that are going keep theirs. The same text is no change.

        Codes: `strategy_refused` (400); `strategy_changed_meanwhile`, `too_many_versions` (409).
        """
        code = code_update(actor=self.actor, code_id=code_id, **body_of(request, CodeChange))
        return self.answer(code_get(self.actor, code.pk))

    @extend_schema(operation_id="strategy_code_delete", tags=_TAGS, responses={204: None})
    def delete(self, request: Request, code_id: UUID) -> Response:
        """Delete it with all versions. Code: `strategy_in_use` (409)."""
        code_delete(actor=self.actor, code_id=code_id)
        return Response(status=status.HTTP_204_NO_CONTENT)
