"""What an engine's result becomes: figures on the run's row, arrays beside it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.domain.book import in_prices
from analytics.domain.excursions import excursion
from analytics.domain.round_trips import RoundTrip
from backtests.domain.downsample import CURVE_POINTS, Curve, thinned
from backtests.domain.engine import BacktestResult, EventRow, MarketData, OrderRow
from backtests.domain.engine.result import TripKey
from backtests.domain.figures import Outcome
from backtests.domain.packing import Columns, pack
from backtests.models import Run, RunSeries
from core.clock import ist_day_start
from core.money import to_paise
from trading.marketdata.domain.bars import Interval, ist_days, scale_price
from trading.orders.domain.states import OrderStatus
from trading.portfolio.domain.charges import LINES

Name = RunSeries.Name
EPOCH = date(1970, 1, 1)
_BACK = timedelta(days=15)
_CAVEATS = 10_000


def caveats_text(lines: Iterable[str]) -> str:
    """What a reader should know of the data, as a run's row keeps it: a line each."""
    return "\n".join(lines)[:_CAVEATS]


def outcome_of(result: BacktestResult, benchmark: str, index: NDArray[np.int64] | None) -> Outcome:
    """What figures need of a result."""
    days, closes = result.daily()
    return Outcome(
        capital=result.capital_paise,
        days=days,
        closes=closes,
        trips=[trip for _, trip in closing_order(result.round_trips())],
        charges=result.charges_paise,
        traded=sum(to_paise(fill.price * fill.quantity) for fill in result.fills),
        orders=len(result.orders),
        bars=result.bars,
        exposure=result.exposure,
        benchmark=benchmark,
        index=index,
    )


def index_closes(data: MarketData, benchmark: str, days: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """The benchmark's close (ten-thousandths) on the last day before the first, then on each of the days (Indian
    days since 1970).

    A day without a bar keeps the close before it. None without a benchmark or any bar of it.
    """
    if not benchmark or not len(days):
        return None
    first, last = EPOCH + timedelta(days=int(days[0])), EPOCH + timedelta(days=int(days[-1]))
    since = int((ist_day_start(first) - _BACK).timestamp())
    bars = data.bars(benchmark, Interval.D1, since, int(ist_day_start(last + timedelta(days=1)).timestamp()))
    if not len(bars):
        return None
    places = np.searchsorted(ist_days(bars.start), np.concatenate(([days[0] - 1], days)), side="right") - 1
    # Where the history begins with the span, its first open stands for the close before it.
    closes = np.where(places >= 0, bars.close[np.clip(places, 0, None)], bars.open[0])
    return closes if closes.min() > 0 else None


def refusals_told(orders: Sequence[OrderRow]) -> Iterator[str]:
    """A line for the reader where orders were refused: how many, and why most of them."""
    reasons = Counter(each.reason or each.reason_code for each in orders if each.status is OrderStatus.REJECTED)
    if reasons:
        ((reason, _),) = reasons.most_common(1)
        yield f"{reasons.total():,} of {len(orders):,} orders were refused, most often: {reason}"


def closing_order(trips: Mapping[TripKey, Iterable[RoundTrip]]) -> list[tuple[TripKey, RoundTrip]]:
    """All round trips in the order in which they were closed."""
    listed = [(key, trip) for key, each in trips.items() for trip in each]
    return sorted(listed, key=lambda row: (row[1].closed_at, row[1].opened_at, row[0]))


def series_write(run: Run, series: Mapping[Name, Columns]) -> None:
    """Replace the arrays of a run; the caller holds its lease in the same transaction."""
    RunSeries.objects.filter(run=run).delete()
    RunSeries.objects.bulk_create(
        RunSeries(
            organisation_id=run.organisation_id,
            run=run,
            name=name,
            rows=len(next(iter(columns.values()))),
            content=pack(columns),
        )
        for name, columns in series.items()
    )


def series_of(
    result: BacktestResult, data: MarketData, base: Interval, index: NDArray[np.int64] | None
) -> dict[Name, Columns]:
    """Every array of a result; a benchmark's closes stand beside the days, the one before them in `index_from`."""
    days, closes = result.daily()
    daily: Columns = {"day": days, "paise": closes}
    if index is not None:
        daily = {**daily, "index": index[1:], "index_from": np.repeat(index[:1], len(days))}
    return {
        Name.EQUITY: {"at": result.times, "paise": result.equity},
        Name.CURVE: curve_columns(result.times, result.equity, result.capital_paise),
        Name.DAILY: daily,
        Name.TRADES: trip_columns(result, data, base),
        Name.FILLS: _fills(result),
        Name.ORDERS: _orders(result),
        Name.EVENTS: _events(result),
        Name.LOG: {
            "at": _instants(line.at for line in result.log),
            "strategy": _texts(line.strategy for line in result.log),
            "text": _texts(line.text for line in result.log),
        },
    }


def curve_columns(at: NDArray[np.int64], paise: NDArray[np.int64], capital: int) -> Columns:
    """What charts show of the equity, so that nobody unpacks half a million minutes for a thousand pixels."""
    found = thinned(Curve.of(at, paise, capital), CURVE_POINTS)
    return {"at": found.at, "paise": found.paise, "drawdown": found.drawdown}


def trip_columns(result: BacktestResult, data: MarketData, base: Interval) -> Columns:
    """Round trips in the order of closing; prices in ten-thousandths of a rupee."""
    trips = closing_order(result.round_trips())
    tags = {(fill.strategy, fill.symbol, fill.product, fill.at, fill.side.sign): fill.tag for fill in result.fills}
    adverse, favourable = _excursions(trips, result.events, data, base)
    return {
        "strategy": _texts(key[0] for key, _ in trips),
        "symbol": _texts(key[1] for key, _ in trips),
        "product": _texts(key[2] for key, _ in trips),
        "opened": _instants(trip.opened_at for _, trip in trips),
        "closed": _instants(trip.closed_at for _, trip in trips),
        "quantity": _whole(trip.quantity for _, trip in trips),
        "entry": _whole(in_prices(trip.entry_price) for _, trip in trips),
        "exit": _whole(in_prices(trip.exit_price) for _, trip in trips),
        "charges": _whole(trip.charges_paise for _, trip in trips),
        "net": _in_whole_paise([trip.net_paise for _, trip in trips]),
        "entry_tag": _texts(
            tags.get((*key, trip.opened_at, 1 if trip.quantity > 0 else -1), "") for key, trip in trips
        ),
        "exit_tag": _texts(
            tags.get((*key, trip.closed_at, -1 if trip.quantity > 0 else 1), "") for key, trip in trips
        ),
        "adverse": adverse,
        "favourable": favourable,
    }


def _excursions(
    trips: list[tuple[TripKey, RoundTrip]], events: Sequence[EventRow], data: MarketData, base: Interval
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """NaN where no bar overlaps a trade."""
    ratios = {(each.symbol, each.at): each.ratio for each in events if each.ratio is not None}
    adverse, favourable = np.full(len(trips), np.nan), np.full(len(trips), np.nan)
    for symbol in {key[1] for key, _ in trips}:
        places = [place for place, (key, _) in enumerate(trips) if key[1] == symbol]
        since = int(min(trips[place][1].opened_at for place in places).timestamp()) - base.seconds
        until = int(max(trips[place][1].closed_at for place in places).timestamp()) + 1
        bars = data.bars(symbol, base, since, until)
        for place in places:
            trip = trips[place][1]
            # A trade is told in the shares that it was closed in.
            scale = np.ones(len(bars))
            for (_, at), ratio in ((key, ratio) for key, ratio in ratios.items() if key[0] == symbol):
                if trip.opened_at < at < trip.closed_at:
                    scale[bars.start < at.timestamp() - base.seconds / 2] /= float(ratio)
            highs, lows = _scaled(bars.high, scale), _scaled(bars.low, scale)
            found = excursion(trip, bars.start, highs, lows, base.seconds)
            if found is not None:
                adverse[place], favourable[place] = found.adverse, found.favourable
    return adverse, favourable


def _in_whole_paise(exact: Sequence[Decimal]) -> NDArray[np.int64]:
    """A part of an order that filled at several prices may earn a fraction of a paisa: rounded so that all up to
    each stay within half a paisa of their exact sum, and what is whole together adds up whole."""
    running = [0, *(round(total) for total in accumulate(exact))]
    return _whole(after - before for before, after in pairwise(running))


def _scaled(prices: NDArray[np.int64], scale: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.rint(prices * scale).astype(np.int64)


def _fills(result: BacktestResult) -> Columns:
    fills = result.fills
    return {
        "at": _instants(fill.at for fill in fills),
        "order": _texts(fill.order_id for fill in fills),
        "strategy": _texts(fill.strategy for fill in fills),
        "symbol": _texts(fill.symbol for fill in fills),
        "side": _texts(fill.side for fill in fills),
        "quantity": _whole(fill.quantity for fill in fills),
        "price": _whole(scale_price(fill.price) for fill in fills),
        "charges": _whole(fill.charges_paise for fill in fills),
        **{f"{line}_charge": _whole(fill.charges.get(line, 0) for fill in fills) for line in LINES},
        "tag": _texts(fill.tag for fill in fills),
    }


def _orders(result: BacktestResult) -> Columns:
    orders = result.orders
    return {
        "at": _instants(order.created_at for order in orders),
        "order": _texts(order.id for order in orders),
        "strategy": _texts(order.strategy for order in orders),
        "symbol": _texts(order.symbol for order in orders),
        "side": _texts(order.side for order in orders),
        "type": _texts(order.order_type for order in orders),
        "quantity": _whole(order.quantity for order in orders),
        "filled": _whole(order.filled_quantity for order in orders),
        "status": _texts(order.status for order in orders),
        "origin": _texts(order.origin for order in orders),
        "reason": _texts(order.reason or order.reason_code for order in orders),
        "tag": _texts(order.tag for order in orders),
    }


def _events(result: BacktestResult) -> Columns:
    events = result.events
    return {
        "at": _instants(event.at for event in events),
        "kind": _texts(event.kind for event in events),
        "strategy": _texts(event.strategy for event in events),
        "symbol": _texts(event.symbol for event in events),
        "quantity": _whole(event.quantity_change for event in events),
        "value": _whole(event.value_paise for event in events),
        "charges": _whole(event.charges_paise for event in events),
        "realised": _whole(event.realised_paise for event in events),
        "text": _texts(event.text for event in events),
    }


def _texts(values: Iterable[str]) -> NDArray[Any]:
    listed = [str(value) for value in values]
    return np.array(listed, dtype=f"U{max(map(len, listed), default=1) or 1}")


def _whole(values: Iterable[int]) -> NDArray[np.int64]:
    return np.array([int(value) for value in values], dtype=np.int64)


def _instants(moments: Iterable[datetime]) -> NDArray[np.int64]:
    return np.array([int(moment.astimezone(UTC).timestamp()) for moment in moments], dtype=np.int64)
