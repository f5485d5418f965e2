"""A statement against our own book: its days' trades and charges, its holdings, its balance."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet, Sum

from analytics.domain.statements import StatementKind
from analytics.domain.statements.reconcile import Reconciliation, Trade, reconcile
from analytics.models import Statement, StatementHolding, StatementLine, StatementTrade
from analytics.selectors.book import book_lines
from core import clock
from core.money import from_paise
from trading.brokers.domain.terms import Product, Side
from trading.instruments.models import Instrument
from trading.orders.models import Fill
from trading.portfolio.domain.ledger import LedgerAccount
from trading.portfolio.models import LedgerEntry

_CHARGES = ("brokerage", "exchange", "stt", "sebi", "stamp", "gst")
# Contract notes round STT and stamp duty to the rupee, per instrument and day; ours are to the paisa, per trade.
CHARGE_TOLERANCE = Decimal(1)
_CASH = (LedgerAccount.AVAILABLE, LedgerAccount.BLOCKED, LedgerAccount.MARGIN)


@dataclass(frozen=True, slots=True)
class ChargeGap:
    """A line of charges of the statement's days, rupees; `told` is None where the note has no such line."""

    name: str
    told: Decimal | None
    ours: Decimal

    @property
    def gap(self) -> Decimal:
        """What the broker charged more than we reckoned."""
        return (self.told or Decimal(0)) - self.ours

    @property
    def agrees(self) -> bool:
        return self.told is None or abs(self.gap) <= CHARGE_TOLERANCE


@dataclass(frozen=True, slots=True)
class HoldingGap:
    """Units of an instrument that the broker and we hold at the end of the statement's day, where they differ."""

    symbol: str
    told: int
    ours: int


@dataclass(frozen=True, slots=True)
class LedgerGap:
    """The balance after the last line of a day that tells one, against our cash then; rupees."""

    day: date
    told: Decimal
    ours: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What was compared is not None; the rest has nothing to do with this kind of statement."""

    trades: Reconciliation | None = None
    charges: tuple[ChargeGap, ...] = ()
    holdings: tuple[HoldingGap, ...] | None = None
    ledger: LedgerGap | None = None

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        trades = self.trades is None or not self.trades.differences
        ledger = self.ledger is None or self.ledger.told == self.ledger.ours
        return trades and ledger and not self.holdings and all(line.agrees for line in self.charges)


def comparison_of(statement: Statement) -> Comparison:
    """Compare a statement that the caller may see.

    Trades and holdings are those of the account's whole book for the statement's days, whichever file told them
    first, so that overlapping files come to the same.
    """
    match StatementKind(statement.kind):
        case StatementKind.TRADES:
            return Comparison(trades=_trades(statement))
        case StatementKind.CONTRACT_NOTE:
            return Comparison(trades=_trades(statement), charges=_charges(statement))
        case StatementKind.HOLDINGS:
            return Comparison(holdings=_holdings(statement))
        case StatementKind.LEDGER:
            return Comparison(ledger=_ledger(statement))


def _trades(statement: Statement) -> Reconciliation:
    span = (statement.first_day, statement.last_day)
    told = [
        Trade(
            id=row.id,
            day=row.day,
            instrument=row.instrument.key if row.instrument else row.symbol,
            side=Side(row.side),
            quantity=row.quantity,
            price=row.price,
            trade_id=row.trade_id,
        )
        for row in StatementTrade.objects.filter(account_id=statement.account_id, day__range=span).select_related(
            "instrument"
        )
    ]
    ours = [
        Trade(
            id=fill.id,
            day=clock.trading_date(fill.traded_at),
            instrument=fill.instrument.key,
            side=Side(fill.side),
            quantity=fill.quantity,
            price=fill.price,
            trade_id=fill.broker_trade_id,
        )
        for fill in _fills(statement).select_related("instrument")
    ]
    return reconcile(told, ours)


def _fills(statement: Statement) -> QuerySet[Fill]:
    since, _ = clock.ist_day_span(statement.first_day)
    _, until = clock.ist_day_span(statement.last_day)
    return Fill.objects.filter(account_id=statement.account_id, traded_at__gte=since, traded_at__lt=until)


def _charges(statement: Statement) -> tuple[ChargeGap, ...]:
    sums = _fills(statement).aggregate(**{name: Sum(f"{name}_paise") for name in _CHARGES})
    told = {name: getattr(statement, "exchange_charges" if name == "exchange" else name) for name in _CHARGES}
    if all(amount is None for amount in told.values()):
        return ()
    return tuple(ChargeGap(name, told[name], from_paise(sums[name] or 0)) for name in _CHARGES)


def _holdings(statement: Statement) -> tuple[HoldingGap, ...]:
    day = statement.last_day
    rows = StatementHolding.objects.filter(account_id=statement.account_id, day=day).select_related("instrument")
    told: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        told[row.instrument.key if row.instrument else row.symbol] += row.quantity
    ours = _held(statement, day)
    names = sorted(told.keys() | ours.keys())
    return tuple(
        HoldingGap(name, told[name], ours.get(name, 0)) for name in names if told[name] != ours.get(name, 0)
    )


def _held(statement: Statement, day: date) -> dict[str, int]:
    """Shares held for delivery at the end of a day, by key."""
    units: defaultdict[int, int] = defaultdict(int)
    for line in book_lines([statement.account_id]):
        if line.day <= day and Product(line.position.product).takes_delivery:
            units[line.position.instrument_id] += line.quantity
    held = {pk: quantity for pk, quantity in units.items() if quantity}
    keys = dict(Instrument.objects.filter(pk__in=held).values_list("pk", "key"))
    return {keys[pk]: quantity for pk, quantity in held.items()}


def _ledger(statement: Statement) -> LedgerGap | None:
    last = _last_told(
        StatementLine.objects.filter(statement=statement, balance__isnull=False).order_by("day", "row")
    )
    if last is None or last.balance is None:
        return None
    _, until = clock.ist_day_span(last.day)
    ours = LedgerEntry.objects.filter(
        account_id=statement.account_id, kind__in=_CASH, transaction__at__lt=until
    ).aggregate(total=Sum("amount_paise"))["total"]
    return LedgerGap(last.day, last.balance, from_paise(ours or 0))


def _last_told(lines: Iterable[StatementLine]) -> StatementLine | None:
    """The last line of the last day; files list the newest line first or last."""
    rows = list(lines)
    if not rows:
        return None
    of_day = [row for row in rows if row.day == rows[-1].day]
    newest_first = rows[0].row > rows[-1].row
    return of_day[0] if newest_first else of_day[-1]
