"""What a finished run left behind, read one array at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backtests.domain.downsample import extremes
from backtests.domain.packing import unpack
from backtests.domain.tables import underwater
from backtests.models import Run, RunSeries
from core.clock import IST, ist_day_start
from trading.instruments.selectors import instrument_get
from trading.marketdata.domain.bars import PRICE_SCALE, ist_days
from trading.marketdata.selectors.daily import daily_series

Columns = dict[str, NDArray[Any]]
Name = RunSeries.Name
_BACK = timedelta(days=15)
_EPOCH = date(1970, 1, 1)
_SESSION_END = 15 * 3_600 + 30 * 60


@dataclass(frozen=True, slots=True)
class Curve:
    """Equity (rupees), drawdown (fraction), and the benchmark as the same capital in it, at Unix seconds."""

    at: NDArray[np.int64]
    equity: NDArray[np.float64]
    drawdown: NDArray[np.float64]
    benchmark_at: NDArray[np.int64]
    benchmark: NDArray[np.float64]


def series_get(run: Run, name: Name) -> Columns:
    """The arrays of a kind by column; empty where the run has stored none."""
    content = RunSeries.objects.filter(run=run, name=name).values_list("content", flat=True).first()
    return unpack(content) if content is not None else {}


def curve(run: Run, *, points: int) -> Curve:
    """Equity and drawdown thinned to about so many points, without losing a peak or a trough of either."""
    stored = series_get(run, Name.EQUITY)
    at, paise = stored.get("at", _nothing()), stored.get("paise", _nothing())
    drawdown = underwater(run.capital_paise, paise)
    if len(at):
        chosen = np.union1d(extremes(paise, max(points // 2, 4)), extremes(drawdown, max(points // 2, 4)))
        at, paise, drawdown = at[chosen], paise[chosen], drawdown[chosen]
    benchmark_at, benchmark = benchmark_curve(run)
    return Curve(at, paise / 100.0, drawdown, benchmark_at, benchmark)


def benchmark_curve(run: Run) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The capital as if it had been in the benchmark since the previous close of the first day; perhaps empty."""
    if not run.benchmark:
        return _nothing(), np.empty(0)
    since = run.first - _BACK
    until = ist_day_start(run.last + timedelta(days=1))
    bars = daily_series(instrument_get(run.benchmark), since, until, at=until)
    days = ist_days(bars.start)
    first = (run.first - _EPOCH).days
    inside = days >= first
    if not inside.any():
        return _nothing(), np.empty(0)
    before = bars.close[~inside]
    base = float(before[-1]) if len(before) else float(bars.open[0])
    closes = bars.close[inside].astype(np.float64) / base * (run.capital_paise / 100.0)
    return bars.start[inside] + _SESSION_END, closes


def trade_rows(columns: Columns, start: int = 0, stop: int | None = None) -> Iterator[dict[str, Any]]:
    """Round trips as the API tells them, `number` counted from one; from those of `series_get`."""
    for place in range(*slice(start, stop).indices(len(columns.get("net", ())))):
        quantity, entry = int(columns["quantity"][place]), int(columns["entry"][place])
        cost = abs(quantity) * entry / PRICE_SCALE
        net = int(columns["net"][place])
        opened, closed = int(columns["opened"][place]), int(columns["closed"][place])
        yield {
            "number": place + 1,
            "strategy": str(columns["strategy"][place]),
            "symbol": str(columns["symbol"][place]),
            "product": str(columns["product"][place]),
            "side": "LONG" if quantity > 0 else "SHORT",
            "quantity": abs(quantity),
            "entry_at": instant(opened),
            "exit_at": instant(closed),
            "entry_price": price(entry),
            "exit_price": price(int(columns["exit"][place])),
            "charges": rupees(int(columns["charges"][place])),
            "net_pnl": rupees(net),
            "return": net / 100 / cost if cost else None,
            "adverse_excursion": float(columns["adverse"][place]),
            "favourable_excursion": float(columns["favourable"][place]),
            "held_seconds": closed - opened,
            "entry_tag": str(columns["entry_tag"][place]),
            "exit_tag": str(columns["exit_tag"][place]),
        }


_TEXTS: Mapping[str, Any] = {
    "at": lambda value: instant(int(value)),
    "price": lambda value: price(int(value)),
    "charges": lambda value: rupees(int(value)),
    "value": lambda value: rupees(int(value)),
    "realised": lambda value: rupees(int(value)),
}


def rows_of(columns: Columns, start: int = 0, stop: int | None = None) -> Iterator[dict[str, Any]]:
    """Rows of fills, orders, events or journal: instants as times, money and prices as decimal strings."""
    length = len(next(iter(columns.values()), ()))
    for place in range(*slice(start, stop).indices(length)):
        yield {
            name: _TEXTS[name](column[place]) if name in _TEXTS else column[place].item()
            for name, column in columns.items()
        }


def instant(seconds: int) -> datetime:
    """Unix seconds as an aware moment in India's zone."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(IST)


def price(scaled: int) -> str:
    """Ten-thousandths of a rupee as a decimal string with at least two places."""
    whole, part = divmod(abs(scaled), PRICE_SCALE)
    text = f"{part:04d}"
    return f"{'-' if scaled < 0 else ''}{whole}.{text[:2]}{text[2:].rstrip('0')}"


def rupees(paise: int) -> str:
    """Paise as a decimal string of rupees."""
    whole, part = divmod(abs(paise), 100)
    return f"{'-' if paise < 0 else ''}{whole}.{part:02d}"


def _nothing() -> NDArray[np.int64]:
    return np.empty(0, dtype=np.int64)
