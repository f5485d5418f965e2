"""Futures against their underlying and against each other: basis, cost of carry, roll.

Prices are Decimal rupees; rates are fractions a year (0.07 for 7 %). Days are calendar days to the end of the
contract's last session, a year 365 of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from math import exp, log

from .contract_quote import ContractQuote
from .options.life import years_to

# On its last day a contract's basis is noise: spread over hours, it would be an absurd rate a year.
_SHORTEST_YEARS = 1 / 365


@dataclass(frozen=True, slots=True, kw_only=True)
class FutureQuote(ContractQuote):
    """What is known of a future. A stale price is shown, and nothing is derived from it."""

    expiry: date
    lot_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Future:
    """A future with its basis; None where a fresh price of either side is missing."""

    quote: FutureQuote
    days: float
    basis: Decimal | None
    """Future less spot, in rupees: positive is a premium (contango)."""
    basis_pct: float | None
    """Of the spot, in per cent."""
    annualised: float | None
    """The basis as a simple rate a year: basis / spot x 365 / days. None on the last day."""
    carry: float | None
    """The continuous rate at which the spot would grow to the future: ln(future / spot) / years."""
    fair_value: Decimal | None
    """Spot grown at the interest rate."""

    @property
    def oi_change(self) -> int | None:
        """Open interest since the previous session's end."""
        return self.quote.oi_change


@dataclass(frozen=True, slots=True, kw_only=True)
class Roll:
    """Moving a position from one expiry to the next."""

    near: str
    far: str
    spread: Decimal | None
    """Far less near, in rupees: what a buyer pays to roll."""
    spread_pct: float | None
    """Of the near price, in per cent."""
    roll_yield: float | None
    """What a long position earns by rolling, a simple rate a year: -spread / near x 365 / days between expiries."""
    carried: float | None
    """Share of the two expiries' open interest that is in the far one, a fraction: how far the roll has come."""
    carried_before: float | None
    """The same at the previous session's end."""


def future_with_basis(quote: FutureQuote, spot: Decimal | None, *, at: datetime, rate: float) -> Future:
    """A future against its spot at a moment."""
    years = years_to(quote.expiry, at)
    price = _fresh(quote)
    known = price is not None and spot is not None and spot > 0
    basis = price - spot if known and price is not None and spot is not None else None
    ratio = float(price / spot) if known and price is not None and spot is not None else None
    lives = years >= _SHORTEST_YEARS
    return Future(
        quote=quote,
        days=years * 365,
        basis=basis,
        basis_pct=None if ratio is None else (ratio - 1) * 100,
        annualised=(ratio - 1) / years if ratio is not None and lives else None,
        carry=log(ratio) / years if ratio is not None and lives else None,
        fair_value=None if spot is None else Decimal(f"{float(spot) * exp(rate * years):.2f}"),
    )


def rolls(futures: Sequence[FutureQuote]) -> tuple[Roll, ...]:
    """Each expiry against the next; `futures` ascend by expiry."""
    return tuple(_roll(near, far) for near, far in pairwise(futures))


def _roll(near: FutureQuote, far: FutureQuote) -> Roll:
    price, further = _fresh(near), _fresh(far)
    spread = None if price is None or further is None else further - price
    part = None if spread is None or price is None else float(spread / price)
    days = (far.expiry - near.expiry).days
    return Roll(
        near=near.key,
        far=far.key,
        spread=spread,
        spread_pct=None if part is None else part * 100,
        roll_yield=None if part is None or days <= 0 else -part * 365 / days,
        carried=_share(far.oi, near.oi),
        carried_before=_share(far.previous_oi, near.previous_oi),
    )


def _fresh(quote: FutureQuote) -> Decimal | None:
    return quote.ltp if quote.ltp is not None and quote.ltp > 0 and not quote.stale else None


def _share(far: int | None, near: int | None) -> float | None:
    return far / (far + near) if far is not None and near is not None and far + near else None
