"""What a finished run left behind, read one array at a time."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from analytics.domain.report import PerformanceReport
from analytics.domain.round_trips import RoundTrip
from backtests.domain.downsample import CURVE_POINTS, Curve, thinned
from backtests.domain.figures import Outcome, known, report_of
from backtests.domain.monte_carlo import Plan, Simulation, simulate
from backtests.domain.packing import unpack
from backtests.models import Run, RunSeries
from core.clock import IST
from core.money import rupee_text
from trading.marketdata.domain.bars import PRICE_SCALE, unscale_price

Columns = dict[str, NDArray[Any]]
Name = RunSeries.Name
_EPOCH = date(1970, 1, 1).toordinal()


def series_get(run: Run, name: Name) -> Columns:
    """The arrays of a kind by column; empty where the run has stored none."""
    content = RunSeries.objects.filter(run=run, name=name).values_list("content", flat=True).first()
    return unpack(content) if content is not None else {}


def curve(run: Run, *, points: int) -> Curve:
    """Equity and drawdown thinned to about so many points, without losing a peak or a trough of either."""
    kept = series_get(run, Name.CURVE) if points <= CURVE_POINTS else {}
    if kept:
        return thinned(Curve(kept["at"], kept["paise"], kept["drawdown"]), points)
    stored = series_get(run, Name.EQUITY)
    whole = Curve.of(stored.get("at", _nothing()), stored.get("paise", _nothing()), run.capital_paise)
    return thinned(whole, points)


def daily_rows(run: Run) -> list[list[str | None]]:
    """`[date, equity, benchmark]` at the end of each day, the benchmark as the run's capital in it or None."""
    daily = series_get(run, Name.DAILY)
    if not daily:
        return []
    dates = [date.fromordinal(_EPOCH + day).isoformat() for day in daily["day"].tolist()]
    others: list[str | None] = [None] * len(dates)
    if "index" in daily:
        worth = daily["index"] / daily["index_from"][0] * run.capital_paise
        others = [rupee_text(round(each)) for each in worth.tolist()]
    return [
        [day, rupee_text(paise), other]
        for day, paise, other in zip(dates, daily["paise"].tolist(), others, strict=True)
    ]


def report_for(run: Run, trades: Columns) -> PerformanceReport:
    """The report of a run from its stored days and round trips (those of `series_get`)."""
    return _report(run, series_get(run, Name.DAILY), trades)


def reports_for(runs: Sequence[Run]) -> dict[UUID, PerformanceReport]:
    """The reports of several runs, in one query."""
    rows = RunSeries.objects.filter(run__in=runs, name__in=[Name.DAILY, Name.TRADES])
    stored = {(row.run_id, row.name): unpack(row.content) for row in rows}
    return {
        run.pk: _report(run, stored.get((run.pk, Name.DAILY), {}), stored.get((run.pk, Name.TRADES), {}))
        for run in runs
    }


def _report(run: Run, daily: Columns, trades: Columns) -> PerformanceReport:
    days, closes = daily.get("day", _nothing()), daily.get("paise", _nothing())
    index = np.concatenate((daily["index_from"][:1], daily["index"])) if "index" in daily else None
    return report_of(
        Outcome(
            capital=run.capital_paise,
            days=days,
            closes=closes,
            trips=trips_of(trades),
            charges=run.charges_paise or 0,
            # What was traded is stored as the turnover that it made.
            traded=round((run.turnover or 0.0) * float(np.mean(closes))) if len(closes) else 0,
            exposure=float("nan") if run.exposure is None else run.exposure,
            benchmark=run.benchmark.rpartition(":")[2],
            index=index,
        )
    )


def trips_of(columns: Columns) -> list[RoundTrip]:
    """Stored round trips as they were."""
    return (
        [
            RoundTrip(
                opened_at=instant(opened),
                closed_at=instant(closed),
                quantity=quantity,
                entry_price=unscale_price(entry),
                exit_price=unscale_price(leaving),
                charges_paise=charges,
            )
            for opened, closed, quantity, entry, leaving, charges in zip(
                *(columns[name].tolist() for name in ("opened", "closed", "quantity", "entry", "exit", "charges")),
                strict=True,
            )
        ]
        if columns
        else []
    )


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
            "charges": rupee_text(int(columns["charges"][place])),
            "net_pnl": rupee_text(net),
            "return": net / 100 / cost if cost else None,
            "adverse_excursion": known(float(columns["adverse"][place])),
            "favourable_excursion": known(float(columns["favourable"][place])),
            "held_seconds": closed - opened,
            "entry_tag": str(columns["entry_tag"][place]),
            "exit_tag": str(columns["exit_tag"][place]),
        }


_TEXTS: Mapping[str, Any] = {
    "at": lambda value: instant(int(value)),
    "price": lambda value: price(int(value)),
    "charges": lambda value: rupee_text(int(value)),
    "value": lambda value: rupee_text(int(value)),
    "realised": lambda value: rupee_text(int(value)),
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


def _nothing() -> NDArray[np.int64]:
    return np.empty(0, dtype=np.int64)


def monte_carlo(run: Run, plan: Plan) -> Simulation:
    """What else the run's trades could have come to. Raises InvalidInput, `simulations_no_trades`."""
    trades = series_get(run, Name.TRADES)
    return simulate(trades.get("net", _nothing()), run.capital_paise, plan)
