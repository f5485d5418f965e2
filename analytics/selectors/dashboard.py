"""What the dashboard shows, gathered from the apps below in few queries."""

from dataclasses import dataclass
from decimal import Decimal

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from core import clock
from core.errors import Unavailable
from core.money import from_paise
from riskmgmt.models import RiskDecision
from riskmgmt.selectors import decisions_for
from trading.instruments.models import Instrument
from trading.marketdata.domain.quote import Quote
from trading.marketdata.selectors import quotes_latest
from trading.orders.domain.states import LIVE
from trading.orders.models import Fill, Order
from trading.orders.selectors.orders import orders_filtered, trades_filtered
from trading.portfolio.selectors import MarkedPosition, PortfolioSummary, portfolio_summary, positions

ROWS = 8
MOVERS = 5


@dataclass(frozen=True, slots=True)
class Mover:
    """A share and how far it has moved since the previous close."""

    instrument: Instrument
    quote: Quote


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One look at the desk."""

    summary: PortfolioSummary
    positions: list[MarkedPosition]
    orders: list[Order]
    trades: list[Fill]
    refusals: list[RiskDecision]
    gainers: list[Mover]
    losers: list[Mover]

    @property
    def movers(self) -> list[tuple[str, list[Mover]]]:
        """Both ends of the day, titled."""
        return [("Rising most", self.gainers), ("Falling most", self.losers)]

    @property
    def equity(self) -> Decimal:
        return from_paise(self.summary.equity_paise)

    @property
    def available(self) -> Decimal:
        return from_paise(self.summary.available_paise)

    @property
    def used(self) -> Decimal:
        """Margin and holds."""
        return from_paise(self.summary.used_margin_paise + self.summary.blocked_paise)

    @property
    def day_pnl(self) -> Decimal:
        return from_paise(self.summary.day_pnl_paise)

    @property
    def realised(self) -> Decimal:
        return from_paise(self.summary.realised_pnl_paise)

    @property
    def unrealised(self) -> Decimal:
        return from_paise(self.summary.unrealised_pnl_paise)

    @property
    def unrealised_base(self) -> Decimal:
        """What the listed positions, which tick on the page, leave of the unrealised P&L."""
        return self.unrealised - sum((row.unrealised_pnl or Decimal(0) for row in self.positions), Decimal(0))

    @property
    def day_pnl_base(self) -> Decimal:
        """The day's P&L without the listed positions' unrealised one."""
        return self.day_pnl - self.unrealised + self.unrealised_base

    @property
    def equity_base(self) -> Decimal:
        """Equity without the listed positions' unrealised P&L."""
        return self.equity - self.unrealised + self.unrealised_base

    @property
    def charges(self) -> Decimal:
        return from_paise(self.summary.charges_paise)


def dashboard(actor: Actor) -> Dashboard:
    """The desk as the actor may see it: their own accounts, or all with VIEW_ALL_ACCOUNTS."""
    today, _ = clock.ist_day_span(clock.trading_date())
    marked = positions(actor)
    held = sorted((p for p in marked if p.quantity), key=lambda p: abs(p.unrealised_paise), reverse=True)
    may_view_risk = actor.may(Permission.VIEW_RISK)
    gainers, losers = movers()
    return Dashboard(
        summary=portfolio_summary(actor, marked=marked),
        positions=held[:ROWS],
        orders=list(orders_filtered(actor, statuses=sorted(LIVE))[:ROWS]),
        trades=list(trades_filtered(actor, since=today)[:ROWS]),
        refusals=list(decisions_for(actor, allowed=False)[:ROWS]) if may_view_risk else [],
        gainers=gainers,
        losers=losers,
    )


def movers() -> tuple[list[Mover], list[Mover]]:
    """The shares that rose and fell most since the previous close; empty while no quotes can be had."""
    shares = {share.key: share for share in Instrument.objects.filter(instrument_type="EQ", has_derivatives=True)}
    try:
        quotes = quotes_latest(shares)
    except Unavailable:
        return [], []
    moved = sorted(
        (Mover(shares[key], quote) for key, quote in quotes.items()),
        key=lambda mover: mover.quote.change_pct,
        reverse=True,
    )
    gainers = [mover for mover in moved if mover.quote.change_pct > 0]
    losers = [mover for mover in reversed(moved) if mover.quote.change_pct < 0]
    return gainers[:MOVERS], losers[:MOVERS]
