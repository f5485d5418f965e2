"""Bars, and what is marked on them."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from ...domain.bars import PRICE_SCALE, BarSeries, Int64Array
from ...domain.udf.marks import fill_marks
from ...selectors import udf
from ...serializers.udf import BarsQuery, HistoryQuery
from .door import UdfView, answer, query_of


class HistoryView(UdfView):
    """`/history`."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The bars of a span, or `countback` of them; `no_data` tells when the last ones before it were."""
        wanted = query_of(request, HistoryQuery)
        found = udf.history(
            udf.symbol_of(wanted["symbol"]),
            wanted["resolution"],
            start=wanted["from"],
            end=wanted["to"],
            countback=wanted.get("countback"),
        )
        return answer(_bars(found.bars) if len(found.bars) else _nothing(found.next_time))


class MarksView(UdfView):
    """`/marks`: the caller's own fills, so none without a token."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """A table of marks, each at a bar's time."""
        wanted = query_of(request, BarsQuery)
        instrument, resolution = udf.symbol_of(wanted["symbol"]), wanted["resolution"]
        span = {"start": wanted["from"], "end": wanted["to"]}
        fills = udf.own_fills(self.actor, instrument, resolution, **span) if self.actor else ()
        bars = udf.bars_between(instrument, resolution, **span) if fills else BarSeries.empty()
        return answer(fill_marks(fills, resolution.offset, bars.start))


class TimescaleMarksView(UdfView):
    """`/timescale_marks`: splits, bonuses and dividends."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """A list of marks, each at a bar's time."""
        wanted = query_of(request, BarsQuery)
        return answer(
            udf.action_marks(
                udf.symbol_of(wanted["symbol"]), wanted["resolution"], start=wanted["from"], end=wanted["to"]
            )
        )


def _bars(bars: BarSeries) -> dict[str, Any]:
    return {
        "s": "ok",
        "t": bars.start.tolist(),
        "o": _rupees(bars.open),
        "h": _rupees(bars.high),
        "l": _rupees(bars.low),
        "c": _rupees(bars.close),
        "v": bars.volume.tolist(),
    }


def _nothing(next_time: int | None) -> dict[str, Any]:
    return {"s": "no_data"} if next_time is None else {"s": "no_data", "nextTime": next_time}


def _rupees(scaled: Int64Array) -> list[float]:
    """The protocol's numbers: the nearest to the exact price, so that they print as it does."""
    rupees: list[float] = (scaled / PRICE_SCALE).tolist()
    return rupees
