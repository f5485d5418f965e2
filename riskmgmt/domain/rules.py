"""Everything that the gates hold an order against, gathered before they are asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from trading.orders.domain.gate import OrderContext

from .breaker import HOUSE_PARAMETERS, Parameters
from .limits import Limits, LimitsInForce, Reach, limits_in_force
from .reach import NO_TRACK, NOTHING, Elsewhere, Measured, Track
from .states import FREE, Standing

HOUSE_LIMITS = limits_in_force([])


@dataclass(frozen=True, slots=True)
class Rules:
    """`tracks` and `elsewhere` are by reach; one that is left out has done and holds nothing."""

    in_force: LimitsInForce = HOUSE_LIMITS
    standing: Standing = FREE
    tracks: Mapping[Reach, Track] = field(default_factory=dict)
    elsewhere: Mapping[Reach, Elsewhere] = field(default_factory=dict)
    sectors: Mapping[str, str] = field(default_factory=dict)
    breaker: Parameters = HOUSE_PARAMETERS

    @property
    def limits(self) -> Limits:
        """The tightest limits on one order."""
        return self.in_force.limits

    @property
    def account(self) -> Track:
        """What the account as a whole has done."""
        return self.tracks.get(Reach.ACCOUNT, NO_TRACK)

    def held(self, name: str, context: OrderContext) -> list[tuple[Decimal, Measured]]:
        """Every limit of this name with what it is measured over. An exit is held against its own account alone:
        nothing refuses it, so nobody looks at the others for it."""
        return [
            (Decimal(limit), self.measured(each.reach, context))
            for each in self.in_force.held
            if (limit := getattr(each.limits, name)) is not None
            and not (each.reach.is_wide and context.reduces_position)
            and (context.intent.strategy or each.reach not in (Reach.STRATEGY, Reach.RUN))
        ]

    def measured(self, reach: Reach, context: OrderContext) -> Measured:
        """One reach with the order in it."""
        return Measured(context, reach, self.tracks.get(reach, NO_TRACK), self.elsewhere.get(reach, NOTHING))
