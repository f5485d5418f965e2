"""Trading accounts, their funds and their ledger over REST."""

from typing import Any
from uuid import UUID, uuid5

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.pagination import CursorPage
from core.errors import InvalidInput
from core.money import from_paise, to_paise
from trading.portfolio.api import examples
from trading.portfolio.models import LedgerTransaction, TradingAccount
from trading.portfolio.selectors import (
    account_get,
    accounts_for,
    funds,
    funds_get,
    margin_use,
    statement,
)
from trading.portfolio.serializers import (
    AccountInput,
    AccountSerializer,
    DepositInput,
    FundsSerializer,
    LedgerTransactionSerializer,
    MarginUseSerializer,
)
from trading.portfolio.services import account_create, funds_deposit

Row = dict[str, Any]


ACCOUNT_FIELDS = (
    "id",
    "name",
    "owner_id",
    "owner__email",
    "broker",
    "mode",
    "brokerage_plan",
    "is_active",
    "created_at",
)


def account_shape(row: Row) -> dict[str, Any]:
    """The API's account, from `.values(*ACCOUNT_FIELDS)`."""
    return {
        "id": row["id"],
        "name": row["name"],
        "owner": row["owner_id"],
        "owner_email": row["owner__email"],
        "broker": row["broker"],
        "mode": row["mode"],
        "brokerage_plan": row["brokerage_plan"],
        "is_active": row["is_active"],
        "created_at": row["created_at"],
    }


def ledger_shape(row: LedgerTransaction) -> dict[str, Any]:
    """The API's ledger transaction, with its entries prefetched."""
    return {
        "id": row.id,
        "source_type": row.source_type,
        "source_id": row.source_id,
        "description": row.description,
        "at": row.at,
        "entries": {kind: str(from_paise(paise)) for kind, paise in row.amounts.items()},
    }


class AccountPage(CursorPage):
    """Accounts in the order in which they were opened."""

    ordering = "id"


class LedgerPage(CursorPage):
    """A statement, newest first."""

    ordering = ("-at", "-id")  # type: ignore[assignment]


class AccountsView(TenantAPIView):
    """Trading accounts."""

    permissions_required = {"GET": Permission.VIEW_ACCOUNTS, "POST": Permission.MANAGE_ACCOUNTS}
    pagination_class = AccountPage

    @extend_schema(
        operation_id="accounts_list",
        responses=AccountSerializer(many=True),
        examples=[OpenApiExample("account", value=examples.ACCOUNT, response_only=True)],
        tags=["accounts"],
    )
    def get(self, request: Request) -> Response:
        """The accounts that the caller may see."""
        rows = accounts_for(self.actor).values(*ACCOUNT_FIELDS)
        return self.paged(request, rows, lambda page: [account_shape(row) for row in page])

    @extend_schema(
        operation_id="accounts_create",
        request=AccountInput,
        responses={201: AccountSerializer},
        examples=[
            OpenApiExample("open", value={"name": "Intraday"}, request_only=True),
            OpenApiExample("account", value=examples.ACCOUNT, response_only=True, status_codes=["201"]),
        ],
        tags=["accounts"],
    )
    def post(self, request: Request) -> Response:
        """Open an account, without funds: on paper unless `broker` says otherwise."""
        data = AccountInput(data=request.data)
        data.is_valid(raise_exception=True)
        owner_id = data.validated_data.get("owner") or self.actor.user_id
        if owner_id is None:
            raise InvalidInput("Name the owner.", errors={"owner": ["This field is required."]})
        account = account_create(
            actor=self.actor,
            owner_id=owner_id,
            name=data.validated_data["name"],
            broker=TradingAccount.Broker(data.validated_data["broker"]),
            brokerage_plan=data.validated_data.get("brokerage_plan"),
        )
        return Response(_account(self, account.id), status=201)


class AccountView(TenantAPIView):
    """One trading account."""

    permissions_required = {"GET": Permission.VIEW_ACCOUNTS}

    @extend_schema(
        operation_id="accounts_retrieve",
        responses=AccountSerializer,
        examples=[OpenApiExample("account", value=examples.ACCOUNT)],
        tags=["accounts"],
    )
    def get(self, request: Request, account_id: UUID) -> Response:
        """The account; 404 for one that the caller may not see."""
        return Response(_account(self, account_id))


class FundsView(TenantAPIView):
    """An account's money."""

    permissions_required = {"GET": Permission.VIEW_ACCOUNTS}

    @extend_schema(
        operation_id="accounts_funds",
        responses=FundsSerializer,
        examples=[OpenApiExample("funds", value=examples.FUNDS)],
        tags=["accounts"],
    )
    def get(self, request: Request, account_id: UUID) -> Response:
        """Available and used funds, today's realised and the open positions' unrealised P&L."""
        return Response(funds_get(self.actor, account_id).as_strings())


class MarginView(TenantAPIView):
    """Where an account's margin is in use."""

    permissions_required = {"GET": Permission.VIEW_ACCOUNTS}

    @extend_schema(
        operation_id="accounts_margin",
        responses=MarginUseSerializer,
        examples=[OpenApiExample("margin", value=examples.MARGIN_USE)],
        tags=["accounts"],
    )
    def get(self, request: Request, account_id: UUID) -> Response:
        """Used margin by underlying, split into span, exposure and premium, as of each block's last mark."""
        return Response(margin_use(account_get(self.actor, account_id)).as_strings())


class DepositsView(TenantAPIView):
    """Paper money put in."""

    permissions_required = {"POST": Permission.MANAGE_ACCOUNTS}

    @extend_schema(
        operation_id="accounts_deposit",
        request=DepositInput,
        responses={201: FundsSerializer},
        parameters=[
            OpenApiParameter(
                "Idempotency-Key",
                location=OpenApiParameter.HEADER,
                description="The same key twice is one deposit; the second answers 409.",
            )
        ],
        examples=[
            OpenApiExample("deposit", value={"amount": "100000.00"}, request_only=True),
            OpenApiExample("funds", value=examples.FUNDS, response_only=True, status_codes=["201"]),
        ],
        tags=["accounts"],
    )
    def post(self, request: Request, account_id: UUID) -> Response:
        """Add to a paper account's funds; answers the funds after it."""
        data = DepositInput(data=request.data)
        data.is_valid(raise_exception=True)
        key = request.headers.get("Idempotency-Key", "")
        account = funds_deposit(
            actor=self.actor,
            account_id=account_id,
            paise=to_paise(data.validated_data["amount"]),
            deposit_id=uuid5(account_id, f"deposit:{key}") if key else None,
            description=data.validated_data["note"],
        )
        return Response(funds(account).as_strings(), status=201)


class LedgerView(TenantAPIView):
    """An account's ledger."""

    permissions_required = {"GET": Permission.VIEW_ACCOUNTS}
    pagination_class = LedgerPage

    @extend_schema(
        operation_id="accounts_ledger",
        responses=LedgerTransactionSerializer(many=True),
        examples=[
            OpenApiExample(
                "deposit",
                value=examples.LEDGER_TRANSACTION,
                response_only=True,
            )
        ],
        tags=["accounts"],
    )
    def get(self, request: Request, account_id: UUID) -> Response:
        """Every posted event, newest first: append-only, each summing to zero."""
        rows = statement(self.actor, account_get(self.actor, account_id))
        return self.paged(request, rows, lambda page: [ledger_shape(row) for row in page])


def _account(view: TenantAPIView, account_id: UUID) -> dict[str, Any]:
    account: TradingAccount = account_get(view.actor, account_id)
    return account_shape(
        {
            **{name: getattr(account, name) for name in ACCOUNT_FIELDS if "__" not in name},
            "owner__email": account.owner.email,
        }
    )
