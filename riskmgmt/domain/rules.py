"""Everything that the gates hold an order against, gathered before they are asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from trading.orders.domain.gate import OrderContext

from .breaker import HOUSE_PARAMETERS, Parameters
from .limits import Limits, LimitsInForce, limits_in_force
from .states import FREE, Standing


@dataclass(frozen=True, slots=True)
class Track:
    """What a scope has done: new orders within a minute and of the day, and its peaks in paise.

    `day_peak_paise` is the best result of the trading day, `profit_peak_paise` the best profit ever (equity less
    the owner's capital), `is_locked` whether the day's profit lock has closed. Counts are read (else zero)
    only where a limit asks for them.
    """

    orders_minute: int = 0
    orders_day: int = 0
    day_peak_paise: int = 0
    profit_peak_paise: int = 0
    is_locked: bool = False


HOUSE_LIMITS = limits_in_force([])


@dataclass(frozen=True, slots=True)
class Rules:
    """`account` and `strategy` are the tracks of the account as a whole and of the order's strategy in it."""

    in_force: LimitsInForce = HOUSE_LIMITS
    standing: Standing = FREE
    account: Track = Track()
    strategy: Track = Track()
    sectors: Mapping[str, str] = field(default_factory=dict)
    breaker: Parameters = HOUSE_PARAMETERS

    @property
    def limits(self) -> Limits:
        """The tightest limits on one order, one position and the account."""
        return self.in_force.limits

    def scopes(self, context: OrderContext) -> list[tuple[str | None, Limits, Track]]:
        """What running limits are measured over: the account (None), and the order's strategy if it has one."""
        account: list[tuple[str | None, Limits, Track]] = [(None, self.in_force.limits, self.account)]
        if context.intent.strategy:
            account.append((context.intent.strategy, self.in_force.strategy, self.strategy))
        return account
