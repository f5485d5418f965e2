"""Pages about what an account holds: positions, holdings, funds."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from accounts.models import Membership
from core.errors import Conflict, InvalidInput, NotFound
from core.ids import new_id
from core.money import format_inr, from_paise
from trading.portfolio.active_account import account_choose, active_account, visible_accounts
from trading.portfolio.forms import AccountForm, DepositForm, plan_choices
from trading.portfolio.models import TradingAccount
from trading.portfolio.selectors import (
    MarkedPosition,
    account_day_pnl,
    account_get,
    funds,
    holdings,
    margin_use,
    position_marked,
    positions,
    statement,
)
from trading.portfolio.selectors.history import SquareOffDue, position_events, square_off_due
from trading.portfolio.services import account_create, funds_deposit

STATEMENT_PAGE_SIZE = 40
EVENT_PAGE_SIZE = 40


class AccountRows(TenantPageMixin, View):
    """A table of one account's rows or of all that the actor may see, re-fetched when positions move."""

    permission_required: ClassVar[Permission] = Permission.VIEW_ACCOUNTS
    template_name: ClassVar[str]

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page, or its table for HTMX."""
        accounts = visible_accounts(request, self.actor)
        account_id = chosen_account_id(request, accounts)
        rows = self.rows(account_id)
        context = {
            "rows": rows,
            "totals": totals(rows),
            "stale": any(row.stale for row in rows if row.quantity),
            "accounts": accounts,
            "account_id": account_id,
            "may_trade": self.actor.may(Permission.PLACE_ORDERS),
            "due": self.due(request),
        }
        partial = "#table" if request.headers.get("HX-Request") else ""
        return render(request, self.template_name + partial, context)

    def rows(self, account_id: UUID | None) -> list[MarkedPosition]:
        """What the table lists."""
        raise NotImplementedError

    def due(self, request: HttpRequest) -> list[SquareOffDue]:
        """The square-offs that the page counts down to."""
        return []


class PositionsView(AccountRows):
    """Open positions and those closed today."""

    template_name = "portfolio/positions.html"

    def rows(self, account_id: UUID | None) -> list[MarkedPosition]:
        return positions(self.actor, account_id=account_id)

    def due(self, request: HttpRequest) -> list[SquareOffDue]:
        account = active_account(request, self.actor)
        return square_off_due(account) if account else []


class PositionView(TenantPageMixin, View):
    """One position: where it stands, and what happened to it besides trades."""

    permission_required: ClassVar[Permission] = Permission.VIEW_ACCOUNTS

    def get(self, request: HttpRequest, position_id: UUID) -> HttpResponse:
        """The page, or its live part for HTMX."""
        position = position_marked(self.actor, position_id)
        events = position_events(self.actor, position_id)
        context = {
            "position": position,
            "page": Paginator(events, EVENT_PAGE_SIZE).get_page(request.GET.get("page")),
            "may_trade": self.actor.may(Permission.PLACE_ORDERS),
        }
        partial = "#position" if request.headers.get("HX-Request") else ""
        return render(request, "portfolio/position.html" + partial, context)


class SquareOffView(TenantPageMixin, View):
    """When the open intraday positions of the chosen account are closed, on the positions page."""

    permission_required: ClassVar[Permission] = Permission.VIEW_ACCOUNTS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The partial; empty when nothing will be closed."""
        account = active_account(request, self.actor)
        due = square_off_due(account) if account else []
        return render(request, "components/square_off.html", {"due": due})


class DayPnlView(TenantPageMixin, View):
    """The day's P&L in the top bar, re-fetched when positions move; between two moves it ticks in the browser."""

    permission_required: ClassVar[Permission] = Permission.VIEW_ACCOUNTS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The partial; empty without an account."""
        account = active_account(request, self.actor)
        pnl = account_day_pnl(account.id) if account else None
        return render(request, "components/day_pnl.html", {"pnl": pnl})


class HoldingsView(AccountRows):
    """Shares held for delivery."""

    template_name = "portfolio/holdings.html"

    def rows(self, account_id: UUID | None) -> list[MarkedPosition]:
        return holdings(self.actor, account_id=account_id)


class FundsView(TenantPageMixin, View):
    """One account's money and its ledger; deposits and new accounts for those who may."""

    permission_required: ClassVar[Permission] = Permission.VIEW_ACCOUNTS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page, or its figures for HTMX."""
        return self._page(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Put paper money in."""
        self.actor.require(Permission.MANAGE_ACCOUNTS)
        form = DepositForm(request.POST)
        if form.is_valid():
            try:
                account = funds_deposit(
                    actor=self.actor,
                    account_id=form.cleaned_data["account"],
                    paise=form.paise,
                    deposit_id=form.cleaned_data["transfer"],
                )
            except Conflict as error:
                form.add_error(None, error.detail)
            else:
                messages.success(request, f"Added {format_inr(from_paise(form.paise))} to {account.name}.")
                return redirect(f"{request.path}?account={account.id}")
        return self._page(request, deposit=form)

    def _page(self, request: HttpRequest, *, deposit: DepositForm | None = None) -> HttpResponse:
        accounts = visible_accounts(request, self.actor)
        account = self._account(request, accounts)
        may_manage = self.actor.may(Permission.MANAGE_ACCOUNTS)
        context: dict[str, Any] = {"accounts": accounts, "account": account, "may_manage": may_manage}
        if account is not None:
            context["funds"] = funds(account)
            context["margin"] = margin_use(account)
            context["page"] = Paginator(statement(self.actor, account), STATEMENT_PAGE_SIZE).get_page(
                request.GET.get("page")
            )
            context["deposit"] = deposit or DepositForm(initial={"account": account.id, "transfer": new_id()})
        if may_manage:
            context["members"] = member_choices(self.actor)
            context["plans"] = plan_choices()
        part = "#margin" if request.GET.get("part") == "margin" and account is not None else "#figures"
        partial = part if request.headers.get("HX-Request") else ""
        status = 422 if deposit is not None else 200
        return render(request, "portfolio/funds.html" + partial, context, status=status)

    def _account(self, request: HttpRequest, accounts: list[TradingAccount]) -> TradingAccount | None:
        account_id = chosen_account_id(request, accounts)
        if account_id is None:
            chosen = active_account(request, self.actor)
            account_id = chosen.id if chosen else None
        return account_get(self.actor, account_id) if account_id else None


class AccountOpenView(TenantPageMixin, View):
    """Open a paper account."""

    permission_required: ClassVar[Permission] = Permission.MANAGE_ACCOUNTS

    def post(self, request: HttpRequest) -> HttpResponse:
        """Back to the funds of the new account, or of the old one with the reason why not."""
        form = AccountForm(request.POST, members=member_choices(self.actor))
        if not form.is_valid():
            messages.error(request, "Give the account a name, an owner and an amount within the limit.")
            return redirect("portfolio:funds")
        try:
            account = self._open(form)
        except (Conflict, InvalidInput) as error:
            messages.error(request, error.detail)
            return redirect("portfolio:funds")
        has = format_inr(from_paise(form.opening_paise)) if form.opening_paise else "no funds yet"
        messages.success(request, f"Opened {account.name}: {has}. Press / to find an instrument.")
        account_choose(request, self.actor, account.id)
        return redirect("portfolio:funds")

    @transaction.atomic
    def _open(self, form: AccountForm) -> TradingAccount:
        account = account_create(
            actor=self.actor,
            owner_id=form.cleaned_data["owner"],
            name=form.cleaned_data["name"],
            brokerage_plan=form.cleaned_data["plan"] or None,
        )
        if form.opening_paise:
            funds_deposit(actor=self.actor, account_id=account.id, paise=form.opening_paise, deposit_id=new_id())
        return account


class AccountSelectView(TenantPageMixin, View):
    """Choose which account the session's pages and tickets are about."""

    permission_required: ClassVar[Permission] = Permission.VIEW_ACCOUNTS

    def post(self, request: HttpRequest) -> HttpResponse:
        """Back to the page where the choice was made."""
        try:
            account_id = UUID(request.POST.get("account", ""))
        except ValueError as error:
            raise InvalidInput("account is not an id.", errors={"account": ["Not a valid UUID."]}) from error
        account_choose(request, self.actor, account_id)
        back = request.headers.get("Referer", "")
        if url_has_allowed_host_and_scheme(
            back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        ):
            return HttpResponseRedirect(back)
        return redirect("portfolio:positions")


def chosen_account_id(request: HttpRequest, accounts: list[TradingAccount]) -> UUID | None:
    """The account of the query string, if the actor may see it; None for all. Raises NotFound for a stranger's."""
    text = request.GET.get("account") or request.POST.get("account")
    if not text:
        return None
    found = next((account.id for account in accounts if str(account.id) == text), None)
    if found is None:
        raise NotFound("There is no such account.", code="unknown_account")
    return found


def member_choices(actor: Any) -> list[tuple[UUID, str]]:
    """The organisation's members, as a form offers them."""
    rows = Membership.objects.for_actor(actor).order_by("user__email").values_list("user_id", "user__email")
    return list(rows)


def totals(rows: list[MarkedPosition]) -> dict[str, Any]:
    """Sums over a table in rupees; what has no price counts as zero and is marked stale in its row."""
    return {
        "unrealised": from_paise(sum(row.unrealised_paise for row in rows)),
        "realised": from_paise(sum(row.day_realised_paise for row in rows)),
        "day": from_paise(sum(row.day_pnl_paise or 0 for row in rows)),
        "charges": from_paise(sum(row.day_charges_paise for row in rows)),
        "net": from_paise(sum(row.day_result_paise for row in rows)),
        "net_base": from_paise(sum(row.day_result_paise - (row.day_pnl_paise or 0) for row in rows)),
        "invested": sum((row.invested for row in rows), from_paise(0)),
        "value": sum((row.value or row.invested for row in rows), from_paise(0)),
    }
