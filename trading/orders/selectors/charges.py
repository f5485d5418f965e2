"""What a day's trading cost an account: as posted, as its contract note would say, and the fees besides trades."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from accounts.domain.actor import Actor
from core import clock
from core.money import from_paise
from trading.brokers.domain.terms import Product, Side
from trading.orders.models import Fill
from trading.portfolio.domain.charges import Charges
from trading.portfolio.domain.contract_note import NoteEntry, contract_note
from trading.portfolio.models import PositionEvent, TradingAccount
from trading.portfolio.selectors import account_get, charges_for


@dataclass(frozen=True, slots=True)
class DayCharges:
    """Rupees. `fees` are those of position events by kind: depository charges, interest, square-off."""

    date: date
    plan: str
    trades: int
    posted: Charges
    note: Charges
    fees: dict[str, Decimal]

    def as_strings(self) -> dict[str, Any]:
        """The API's shape."""
        return {
            "date": self.date.isoformat(),
            "plan": self.plan,
            "trades": self.trades,
            "posted": self.posted.as_strings(),
            "contract_note": self.note.as_strings(),
            "fees": {kind: str(amount) for kind, amount in self.fees.items()},
        }


def day_charges(actor: Actor, account_id: UUID, on: date) -> DayCharges:
    """An account's charges of an Indian calendar day. Raises NotFound for an account that is not theirs."""
    account: TradingAccount = account_get(actor, account_id)
    start, end = clock.ist_day_span(on)
    fills = list(
        Fill.objects.for_actor(actor)
        .filter(account_id=account.id, traded_at__gte=start, traded_at__lt=end)
        .select_related("order", "instrument")
        .order_by("recorded_at", "id")
    )
    charged = PositionEvent.objects.for_actor(actor).filter(
        account_id=account.id, at__gte=start, at__lt=end, charges_paise__gt=0
    )
    fees: defaultdict[str, Decimal] = defaultdict(Decimal)
    for kind, paise in charged.values_list("kind", "charges_paise"):
        fees[kind] += from_paise(paise)
    return DayCharges(
        date=on,
        plan=account.brokerage_plan,
        trades=len(fills),
        posted=_posted(fills),
        note=contract_note(_entries(account, fills, on)),
        fees=dict(fees),
    )


def _posted(fills: list[Fill]) -> Charges:
    names = [name for name, _ in Charges().lines()]
    return Charges(**{name: from_paise(sum(getattr(fill, f"{name}_paise") for fill in fills)) for name in names})


def _entries(account: TradingAccount, fills: list[Fill], on: date) -> list[NoteEntry]:
    """The exact charges of each fill: brokerage is one order's, so earlier fills of it count."""
    turnover: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    entries = []
    for fill in fills:
        exact = charges_for(
            instrument=fill.instrument,
            product=Product(fill.order.product),
            side=Side(fill.side),
            quantity=fill.quantity,
            price=fill.price,
            day=on,
            order_turnover=turnover[fill.order_id],
            plan=account.brokerage_plan,
        )
        turnover[fill.order_id] += fill.value
        entries.append(NoteEntry(fill.instrument.key, exact))
    return entries
