"""What a run's charges were for: the lines of its trades' contract notes, and the fees besides trades."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from backtests.models import Run, RunSeries
from core.money import rupee_text
from trading.portfolio.domain.position_events import PositionEventKind

from .results import series_get

_LINES = {
    "brokerage_charge": "Brokerage",
    "stt_charge": "Securities transaction tax",
    "exchange_charge": "Exchange",
    "sebi_charge": "SEBI",
    "stamp_charge": "Stamp duty",
    "gst_charge": "GST",
}
_FEES = {
    PositionEventKind.DP_CHARGE: "Depository, with GST",
    PositionEventKind.INTEREST: "Interest on borrowed money",
    PositionEventKind.SQUARE_OFF_FEE: "Square-off orders, with GST",
    PositionEventKind.EXERCISE: "Tax on exercised options",
    PositionEventKind.DELIVERY: "Levies on shares delivered at expiry",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """One kind of charge over a whole run; `code` is a column of the fills or the kind of an event."""

    code: str
    title: str
    paise: int
    count: int

    def shape(self) -> dict[str, Any]:
        """As the API tells it."""
        return {"code": self.code, "title": self.title, "amount": rupee_text(self.paise), "count": self.count}


def costs_of(run: Run) -> list[Cost]:
    """Charges by kind, none of nothing; they sum to the run's `charges_paise`."""
    fills = series_get(run, RunSeries.Name.FILLS)
    events = series_get(run, RunSeries.Name.EVENTS)
    trades = len(fills.get("charges", ()))
    lines = _LINES if set(_LINES) <= set(fills) else {"charges": "Trades"}
    found = [Cost(code, title, int(fills[code].sum()), trades) for code, title in lines.items() if trades]
    sums: dict[str, list[int]] = defaultdict(list)
    for kind, paise in zip(events.get("kind", ()), events.get("charges", ()), strict=True):
        if paise:
            sums[str(kind)].append(int(paise))
    found.extend(
        Cost(kind, _FEES.get(PositionEventKind(kind), kind), sum(each), len(each)) for kind, each in sums.items()
    )
    return [cost for cost in found if cost.paise]
