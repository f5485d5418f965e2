"""How a market treats the orders that come to it: the parameters of matching."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from .slippage import SlippageModel


@dataclass(frozen=True, slots=True)
class MatchingTerms:
    """Latencies in milliseconds of market time; what `slippage_value` means is the model's to say.

    `participation` is the share of displayed and of traded units that all our orders together may have.
    """

    latency_ms: int = 0
    cancel_latency_ms: int = 0
    slippage_model: SlippageModel = SlippageModel.NONE
    slippage_value: Decimal = Decimal(0)
    participation: Decimal = Decimal(1)

    def eligible_at(self, accepted_at: datetime) -> datetime | None:
        """The exchange time of the first snapshot that an order may match; None: any, the present one included."""
        return accepted_at + timedelta(milliseconds=self.latency_ms) if self.latency_ms else None


PLAIN = MatchingTerms()
