"""The API of accounts, funds, positions and holdings, under /api/v1/."""

from typing import Any
from uuid import UUID, uuid5

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import TenantAPIView
from accounts.domain.permissions import Permission
from core.api.pagination import CursorPage
from core.errors import InvalidInput
from core.money import from_paise, to_paise
from trading.portfolio import api_examples as examples
from trading.portfolio.models import LedgerTransaction, TradingAccount
from trading.portfolio.selectors import (
    account_get,
    accounts_for,
    funds,
    holding_rows,
    margin_use,
    mark,
    portfolio_summary,
    position_rows,
    statement,
)
from trading.portfolio.serializers import (
    AccountInput,
    AccountSerializer,
    DepositInput,
    FundsSerializer,
    HoldingSerializer,
    LedgerTransactionSerializer,
    MarginUseSerializer,
    PortfolioSerializer,
    PositionSerializer,
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
ACCOUNT_PARAMETER = OpenApiParameter("account", OpenApiTypes.UUID, description="Only this account.")


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


class PositionPage(CursorPage):
    """A desk's positions, whole where it can be: they are read together."""

    page_size = 200
    max_page_size = 500


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
        return Response(funds(account_get(self.actor, account_id)).as_strings())


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


class PositionsView(TenantAPIView):
    """Positions."""

    permissions_required = {"GET": Permission.VIEW_ACCOUNTS}
    pagination_class = PositionPage

    @extend_schema(
        operation_id="positions_list",
        parameters=[
            ACCOUNT_PARAMETER,
            OpenApiParameter("symbol", description="Only this instrument, as NSE:RELIANCE."),
            OpenApiParameter("open", OpenApiTypes.BOOL, description="Leave out what was closed today."),
        ],
        responses=PositionSerializer(many=True),
        examples=[OpenApiExample("position", value=examples.POSITION, response_only=True)],
        tags=["portfolio"],
    )
    def get(self, request: Request) -> Response:
        """Open positions and those closed today, at the latest prices."""
        rows = position_rows(
            self.actor,
            account_id=account_parameter(request),
            symbol=request.query_params.get("symbol"),
            only_open=request.query_params.get("open", "").lower() in {"1", "true"},
        )
        return self.paged(request, rows, lambda page: [marked.position_shape() for marked in mark(page)])


class HoldingsView(TenantAPIView):
    """Holdings."""

    permissions_required = {"GET": Permission.VIEW_ACCOUNTS}
    pagination_class = PositionPage

    @extend_schema(
        operation_id="holdings_list",
        parameters=[ACCOUNT_PARAMETER],
        responses=HoldingSerializer(many=True),
        examples=[OpenApiExample("holding", value=examples.HOLDING, response_only=True)],
        tags=["portfolio"],
    )
    def get(self, request: Request) -> Response:
        """Shares held for delivery, at the latest prices."""
        rows = holding_rows(self.actor, account_id=account_parameter(request))
        return self.paged(request, rows, lambda page: [marked.holding_shape() for marked in mark(page)])


class PortfolioView(TenantAPIView):
    """The sum of it."""

    permissions_required = {"GET": Permission.VIEW_ACCOUNTS}

    @extend_schema(
        operation_id="portfolio_summary",
        parameters=[ACCOUNT_PARAMETER],
        responses=PortfolioSerializer,
        examples=[
            OpenApiExample(
                "portfolio",
                value=examples.PORTFOLIO,
            )
        ],
        tags=["portfolio"],
    )
    def get(self, request: Request) -> Response:
        """Equity, funds and P&L over the accounts that the caller may see, or over one."""
        return Response(portfolio_summary(self.actor, account_id=account_parameter(request)).as_strings())


def account_parameter(request: Request) -> UUID | None:
    """The `account` of a query string. Raises InvalidInput when it is no id."""
    text = request.query_params.get("account")
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput("account is not an id.", errors={"account": ["Not a valid UUID."]}) from error


def _account(view: TenantAPIView, account_id: UUID) -> dict[str, Any]:
    account: TradingAccount = account_get(view.actor, account_id)
    return account_shape(
        {
            **{name: getattr(account, name) for name in ACCOUNT_FIELDS if "__" not in name},
            "owner__email": account.owner.email,
        }
    )
