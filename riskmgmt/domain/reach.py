"""What an order makes of the sums that limits are held against: of one account, or of all that a level reaches."""

from dataclasses import dataclass

from trading.orders.domain.gate import Exposure, OrderContext

from .exposure import ExposureTotals, Sectors, exposure_totals, rows_after
from .limits import Reach


@dataclass(frozen=True, slots=True)
class Track:
    """What a reach has done: its live orders, its new ones within a minute and of the day, and its peaks in paise.

    `day_peak_paise` is the best result of the trading day, `profit_peak_paise` the best profit ever (equity less
    the owners' capital), `is_locked` whether the day's profit lock has closed. Counts are read (else zero) only
    where a limit asks for them; `open_orders` only of a wide reach, without the order itself.
    """

    orders_minute: int = 0
    orders_day: int = 0
    open_orders: int = 0
    day_peak_paise: int = 0
    profit_peak_paise: int = 0
    is_locked: bool = False


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What the other accounts of a wide reach come to; `exposures` with their working orders filled at worst.

    Each account's positions are rows of their own: one account's long does not close another's short.
    """

    exposures: tuple[Exposure, ...] = ()
    day_pnl_paise: int = 0
    equity_paise: int = 0
    capital_paise: int = 0


NOTHING = Elsewhere()
NO_TRACK = Track()


@dataclass(frozen=True, slots=True)
class Measured:
    """A reach as it will be once the order and all working ones have filled; results and pace as they are now."""

    context: OrderContext
    reach: Reach
    track: Track = NO_TRACK
    elsewhere: Elsewhere = NOTHING

    @property
    def strategy(self) -> str | None:
        """The strategy whose part alone is measured, None for everything."""
        return self.context.intent.strategy if self.reach in (Reach.STRATEGY, Reach.RUN) else None

    @property
    def day_pnl_paise(self) -> int:
        """The result of the day after charges."""
        return self._own_day_pnl + self.elsewhere.day_pnl_paise

    @property
    def _own_day_pnl(self) -> int:
        if self.strategy is None:
            return self.context.day_pnl_paise
        return sum(row.day_pnl_paise for row in self.context.exposures if row.strategy == self.strategy)

    @property
    def equity_paise(self) -> int:
        """What the accounts are worth, that of a strategy's included whole."""
        return self.context.equity_paise + self.elsewhere.equity_paise

    @property
    def capital_paise(self) -> int:
        """What owners have put in and not taken out."""
        return self.context.capital_paise + self.elsewhere.capital_paise

    @property
    def open_orders(self) -> int:
        """Live orders besides this one."""
        if self.reach.is_wide:
            return self.track.open_orders
        if self.strategy is None:
            return self.context.open_orders
        return sum(row.strategy == self.strategy for row in self.context.working)

    @property
    def position_quantity(self) -> int:
        """Units of the order's instrument: of its own position, or summed over all that a wide reach has of it."""
        if not self.reach.is_wide:
            return abs(self.context.quantity_at_worst)
        rows = (*rows_after(self.context, strategy=self.strategy), *self.elsewhere.exposures)
        return sum(abs(row.quantity) for row in rows if row.key == self.context.instrument.key)

    def exposure(self, sectors: Sectors) -> ExposureTotals:
        """Exposure in total and by name."""
        rows = (*rows_after(self.context, strategy=self.strategy), *self.elsewhere.exposures)
        return exposure_totals(rows, sectors)

    @property
    def words(self) -> str:
        """The reach as a message names it."""
        match self.reach:
            case Reach.ORGANISATION:
                return "the organisation (all accounts)"
            case Reach.OWNER:
                return "the user (all their accounts)"
            case Reach.PLACER:
                return "the user (all their orders)"
            case Reach.ACCOUNT:
                return "the account"
            case Reach.STRATEGY:
                return f"strategy {self.strategy} (all accounts)"
            case Reach.RUN:
                return f"strategy {self.strategy}"
