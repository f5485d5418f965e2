"""What a trade costs besides its price: brokerage, statutory levies and GST, line by line.

`charges()` is exact. What is posted is `Charges.rounded()`: each line to the paisa, half up, and the total is the
sum of the rounded lines, so that a statement always adds up. (Brokers' contract notes round STT to the rupee per
scrip and day; this table rounds per fill and to the paisa.) Depository charges are not part of a trade.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from msgspec import Struct

from core.money import PAISA
from trading.brokers.domain.terms import Side
from trading.portfolio.domain.trade import Trade


@dataclass(frozen=True, slots=True)
class ChargeRates:
    """Fractions of turnover in force for one segment of one exchange on one day (premium turnover for options).

    `ipft_rate` is NSE's investor-protection levy, shown inside the exchange line. Whether GST is due on it has
    changed over time, hence `gst_on_ipft`.
    """

    stt_buy: Decimal
    stt_sell: Decimal
    exchange_rate: Decimal
    ipft_rate: Decimal
    gst_on_ipft: bool
    sebi_rate: Decimal
    stamp_buy: Decimal
    stamp_sell: Decimal
    gst_rate: Decimal
    stt_exercise: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class BrokerageRates:
    """A plan's fee for one executed order: `flat` rupees plus `rate` of turnover, between `floor` and `cap`."""

    flat: Decimal
    rate: Decimal
    cap: Decimal | None
    floor: Decimal = Decimal(0)

    def for_order(self, turnover: Decimal) -> Decimal:
        """Rupees for an order that traded this much; nothing when nothing traded."""
        if turnover <= 0:
            return Decimal(0)
        proportional = max(self.rate * turnover, self.floor)
        return self.flat + (proportional if self.cap is None else min(proportional, self.cap))


LINES = ("brokerage", "stt", "exchange", "sebi", "stamp", "gst")


class Charges(Struct, frozen=True):
    """Rupees by line."""

    brokerage: Decimal = Decimal(0)
    stt: Decimal = Decimal(0)
    exchange: Decimal = Decimal(0)
    sebi: Decimal = Decimal(0)
    stamp: Decimal = Decimal(0)
    gst: Decimal = Decimal(0)

    @property
    def total(self) -> Decimal:
        return self.brokerage + self.stt + self.exchange + self.sebi + self.stamp + self.gst

    def lines(self) -> Iterator[tuple[str, Decimal]]:
        """Name and amount of each line, in the order in which a contract note lists them."""
        for name in LINES:
            yield name, getattr(self, name)

    def rounded(self) -> "Charges":
        """Each line to the paisa, half up."""
        return Charges(*[amount.quantize(PAISA, ROUND_HALF_UP) for _, amount in self.lines()])

    def as_strings(self) -> dict[str, str]:
        """The API's shape: decimal strings, with the total."""
        return {"total": str(self.total), **{name: str(amount) for name, amount in self.lines()}}


def charges(trade: Trade, rates: ChargeRates, brokerage: BrokerageRates) -> Charges:
    """Exact charges for one fill, in rupees."""
    turnover = trade.turnover
    buys = trade.side is Side.BUY
    fee = brokerage.for_order(trade.order_turnover + turnover) - brokerage.for_order(trade.order_turnover)
    exchange = rates.exchange_rate * turnover
    ipft = rates.ipft_rate * turnover
    sebi = rates.sebi_rate * turnover
    gst_base = fee + exchange + sebi + (ipft if rates.gst_on_ipft else 0)
    return Charges(
        brokerage=fee,
        stt=(rates.stt_buy if buys else rates.stt_sell) * turnover,
        exchange=exchange + ipft,
        sebi=sebi,
        stamp=(rates.stamp_buy if buys else rates.stamp_sell) * turnover,
        gst=rates.gst_rate * gst_base,
    )
