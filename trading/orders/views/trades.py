"""Trades as a list, and the marks that an account has left on an instrument's chart."""

from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views import View

from accounts.access import TenantPageMixin
from accounts.domain.permissions import Permission
from core.templatetags.desk import words
from trading.brokers.domain.terms import OrderType
from trading.orders.domain.intent import Origin
from trading.orders.domain.states import LIVE, WORKING
from trading.orders.domain.triggers.states import OPEN_TRIGGERS, LegRole, LegStatus
from trading.orders.forms.orders import BookFilter
from trading.orders.models import Trigger, TriggerLeg
from trading.orders.selectors.orders import orders_filtered, trades_filtered
from trading.orders.selectors.triggers import triggers_filtered, triggers_open
from trading.portfolio.active_account import active_account, visible_accounts
from trading.portfolio.selectors import account_day_pnl, positions

PAGE_SIZE = 50
MARKS = 200
_WAITING_LEGS = frozenset({LegStatus.ARMED, LegStatus.REFUSED})


class TradeListView(TenantPageMixin, View):
    """Every fill of the accounts the actor may see, newest first."""

    permission_required: ClassVar[Permission] = Permission.VIEW_ACCOUNTS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page, or its table for HTMX."""
        book = BookFilter(request.GET)
        _, criteria = book.criteria()
        criteria.pop("statuses")
        trades = trades_filtered(self.actor, **criteria).select_related("account", "instrument")
        context = {
            "page": Paginator(trades, PAGE_SIZE).get_page(request.GET.get("page")),
            "filter": book,
            "view": "trades",
            "accounts": visible_accounts(request, self.actor),
        }
        partial = request.headers.get("HX-Request")
        return render(request, "orders/_trades.html" if partial else "orders/trades.html", context)


class StandingView(TenantPageMixin, View):
    """What the active account has running, for the heads of the desk's tabs: counts and the day's P&L."""

    permission_required: ClassVar[Permission] = Permission.VIEW_ACCOUNTS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The partial; empty without an account."""
        account = active_account(request, self.actor)
        context: dict[str, Any] = {"account": account}
        if account:
            working = orders_filtered(self.actor, account_id=account.id, statuses=sorted(LIVE))
            context |= {"open_orders": working.count(), "pnl": account_day_pnl(account.id)}
            context["open_triggers"] = triggers_open(self.actor).filter(account_id=account.id).count()
        return render(request, "orders/_standing.html", context)


class ChartMarksView(TenantPageMixin, View):
    """The active account's fills, live orders, triggers and open positions in one instrument, as JSON."""

    permission_required: ClassVar[Permission] = Permission.VIEW_ACCOUNTS

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        """`{fills, orders, triggers, positions}`; empty lists without an account."""
        account = active_account(request, self.actor)
        if account is None:
            return JsonResponse({"fills": [], "orders": [], "triggers": [], "positions": []})
        fills = trades_filtered(self.actor, key=key, account_id=account.id)[:MARKS]
        live = orders_filtered(self.actor, key=key, account_id=account.id, statuses=LIVE)
        working = [order for order in live if order.status in WORKING or order.is_queued]
        may_modify = self.actor.may(Permission.PLACE_ORDERS)
        watched = triggers_filtered(self.actor, key=key, account_id=account.id, statuses=OPEN_TRIGGERS)
        waiting = [(trigger, leg) for trigger in watched for leg in trigger.legs.all() if _is_drawn(leg)]
        # A resting target is moved by its trigger, which knows the sibling; its order is not drawn a second time.
        drawn = {leg.id for _, leg in waiting}
        held = positions(self.actor, account_id=account.id, symbol=key, only_open=True)
        marks: dict[str, list[dict[str, Any]]] = {
            "fills": [
                {"side": fill.side, "quantity": fill.quantity, "price": fill.price, "at": fill.traded_at}
                for fill in fills
            ],
            "orders": [
                {
                    "id": str(order.id),
                    "side": order.side,
                    "quantity": order.pending_quantity,
                    "price": order.price,
                    "trigger_price": order.trigger_price if order.waits_for_trigger else None,
                    "may_modify": may_modify and order.origin != Origin.TRIGGER,
                }
                for order in working
                if order.trigger_leg_id not in drawn and (order.price is not None or order.waits_for_trigger)
            ],
            "triggers": [_leg_mark(trigger, leg, may_modify=may_modify) for trigger, leg in waiting],
            "positions": [
                {"quantity": position.quantity, "average_price": position.average_price} for position in held
            ],
        }
        return JsonResponse(marks)


def _is_drawn(leg: TriggerLeg) -> bool:
    rests = leg.role == LegRole.TARGET and leg.status == LegStatus.FIRED and leg.order_type == OrderType.LIMIT
    return leg.role != LegRole.ENTRY and leg.trigger_price is not None and (leg.status in _WAITING_LEGS or rests)


def _leg_mark(trigger: Trigger, leg: TriggerLeg, *, may_modify: bool) -> dict[str, Any]:
    trails = leg.trail_points is not None or leg.trail_percent is not None
    role = "trigger" if leg.role == LegRole.SINGLE else f"{words(trigger.kind)} {leg.role.lower()}"
    return {
        "id": str(trigger.id),
        "role": leg.role,
        "label": "trailing stop" if trails else role,
        "side": str(trigger.exit_side),
        "quantity": trigger.remaining_quantity or trigger.quantity,
        "trigger_price": leg.trigger_price,
        "price": leg.price,
        "trail_points": leg.trail_points,
        "trail_percent": leg.trail_percent,
        "peak_price": leg.peak_price,
        "may_modify": may_modify,
    }
