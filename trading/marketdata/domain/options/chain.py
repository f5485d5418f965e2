"""An option chain: the calls and puts of one underlying and expiry as they stand at a moment, with what follows
from them.

Prices are Decimal rupees as quoted; what the kernel makes of them (forward, volatilities, Greeks) is float64, with
the units of `kernel.Greeks`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from ..contract_quote import ContractQuote


class ForwardSource(StrEnum):
    """Where a chain's forward comes from, best first."""

    FUTURE = "FUTURE"
    """The future of the same expiry trades."""
    SYNTHETIC = "SYNTHETIC"
    """Put-call parity at the strikes nearest to the money."""
    CARRIED = "CARRIED"
    """The spot grown at the interest rate: no future, and no strike with a call and a put that are fresh."""


class Premium(StrEnum):
    """Which price of a leg its volatility is implied by."""

    LTP = "LTP"
    MID = "MID"
    """The middle of bid and offer, where the last price lies outside them: it is older than the book."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegQuote(ContractQuote):
    """What is known of one option."""

    strike: Decimal
    is_call: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderlyingQuote:
    """Where the underlying and the future of the chain's expiry stand; None for what is not known or stale."""

    spot: Decimal | None = None
    spot_key: str = ""
    future: Decimal | None = None
    future_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionLeg:
    """A contract in its chain. Volatility and Greeks are None for a stale leg, and where its price implies none."""

    quote: LegQuote
    priced_by: Premium | None
    premium: Decimal | None
    """The price that volatility, intrinsic and time value are of."""
    intrinsic: Decimal | None
    """What exercise against the forward would pay, in rupees."""
    time_value: Decimal | None
    iv: float | None
    delta: float | None
    gamma: float | None
    theta: float | None
    vega: float | None
    rho: float | None

    @property
    def oi_change(self) -> int | None:
        """Open interest since the previous session's end."""
        return self.quote.oi_change


@dataclass(frozen=True, slots=True)
class ChainRow:
    """A strike with its call and its put; None where no such contract is listed."""

    strike: Decimal
    call: OptionLeg | None
    put: OptionLeg | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionChain:
    """A chain; rows ascend by strike. Without any price of the underlying, `forward` and what needs it are None."""

    underlying: str
    exchange: str
    expiry: date
    at: datetime
    years: float
    rate: float
    lot_size: int
    market: UnderlyingQuote
    forward: float | None
    forward_source: ForwardSource | None
    synthetic: float | None
    """The forward by put-call parity, whether or not it is the one in use."""
    atm_strike: Decimal | None
    """The listed strike nearest to the forward."""
    rows: tuple[ChainRow, ...]

    @property
    def legs(self) -> tuple[OptionLeg, ...]:
        """Every contract, by strike, the call before the put."""
        return tuple(leg for row in self.rows for leg in (row.call, row.put) if leg is not None)
