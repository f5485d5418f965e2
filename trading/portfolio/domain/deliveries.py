"""Which shares of a delivery position have arrived, and which of them a sale takes. Quantities in units.

The exchange nets a day's trades in a share, so a sale first takes what was bought the same day, then what lies in
the demat account, and last what was bought before and is still on its way (BTST).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class DayNet:
    """One unsettled trading day of a position."""

    bought: int
    sold: int

    @property
    def incoming(self) -> int:
        return max(0, self.bought - self.sold)


@dataclass(frozen=True, slots=True)
class SaleSources:
    """Where the shares of a sale come from; the three sum to its quantity."""

    today: int
    settled: int
    unsettled: int


def unsettled_quantity(held: int, days: Sequence[DayNet]) -> int:
    """Of the shares held, those that have not arrived."""
    return min(max(held, 0), sum(day.incoming for day in days))


def sale_sources(*, quantity: int, held: int, today: DayNet, earlier: Sequence[DayNet]) -> SaleSources:
    """What a sale of `quantity` out of `held` takes; `today` is as it was before the sale."""
    of_today = min(today.incoming, held)
    on_their_way = unsettled_quantity(held - of_today, earlier)
    settled = held - of_today - on_their_way
    from_today = min(quantity, of_today)
    from_settled = min(quantity - from_today, settled)
    return SaleSources(from_today, from_settled, quantity - from_today - from_settled)


@dataclass(frozen=True, slots=True)
class DeliveryTally:
    """What one position has traded for delivery on one day: units bought and sold, and of those sold the ones that
    had arrived when they were, and the ones that were still on their way."""

    bought: int = 0
    sold: int = 0
    from_settled: int = 0
    from_unsettled: int = 0

    @property
    def net(self) -> DayNet:
        """As other days' sales see it."""
        return DayNet(self.bought, self.sold)

    def traded(self, quantity_change: int, *, held: int, earlier: Sequence[DayNet]) -> "DeliveryTally":
        """After a trade of so many signed units out of (or into) `held`; `earlier` are other days not arrived."""
        if quantity_change > 0:
            return replace(self, bought=self.bought + quantity_change)
        sources = sale_sources(quantity=-quantity_change, held=held, today=self.net, earlier=earlier)
        return replace(
            self,
            sold=self.sold - quantity_change,
            from_settled=self.from_settled + sources.settled,
            from_unsettled=self.from_unsettled + sources.unsettled,
        )

    def adjusted(self, *, held: int, after: int) -> "DeliveryTally":
        """Counted in new shares: a split or a bonus has turned `held` into `after`."""
        return DeliveryTally(
            self.bought * after // held,
            self.sold * after // held,
            self.from_settled * after // held,
            self.from_unsettled * after // held,
        )

    def debited(self, *, on_unsettled: bool) -> int:
        """Units that left the demat account, see `debited_quantity`."""
        return debited_quantity(
            bought=self.bought,
            sold=self.sold,
            from_settled=self.from_settled,
            from_unsettled=self.from_unsettled,
            on_unsettled=on_unsettled,
        )


def have_arrived(settles_on: date, *, today: date, now: datetime, payout: datetime) -> bool:
    """Whether shares that settle on a day lie in the demat account; `payout` is today's."""
    return settles_on < today or (settles_on == today and now >= payout)


def debited_quantity(*, bought: int, sold: int, from_settled: int, from_unsettled: int, on_unsettled: bool) -> int:
    """Shares that a day's net sale takes out of the demat account, for the depository's charge.

    With `on_unsettled` shares that had not arrived when they were sold count too: they pass through it.
    """
    net = max(0, sold - bought)
    return min(net, from_settled + (from_unsettled if on_unsettled else 0))
