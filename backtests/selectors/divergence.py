"""A run's own trades beside those of the newest backtest of its span."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Min

from accounts.domain.actor import Actor
from backtests.models import Run, RunSeries
from core import clock
from core.clock import ist_day_start
from core.money import from_paise, rupee_text
from trading.brokers.domain.terms import Side
from trading.marketdata.domain.bars import PRICE_SCALE, Interval, unscale_price
from trading.orders.models import Fill
from trading.strategies.domain.divergence import (
    DEFAULT_TOLERANCE,
    Compared,
    Divergence,
    Traded,
    Verdict,
    compare,
    joined,
)
from trading.strategies.domain.runs.states import RunState
from trading.strategies.models import RunMark, Signal, StrategyRun

from .divergence_reasons import reasons_for
from .results import instant, price, series_get
from .runs import runs_for

_TICK = Decimal("0.05")
_OVER = (RunState.STOPPED, RunState.FAILED)


@dataclass(frozen=True, slots=True)
class Span:
    """From a run's first start to its end, or to now while it has none; market time."""

    began: datetime
    ended: datetime


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was traded from `since` to `until`, where run and backtest both know the market; `left_out` are trades
    of either side outside of that."""

    since: datetime
    until: datetime
    left_out: int
    run_trades: int
    backtest_trades: int
    found: Divergence

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many trades compare in each way."""
        return {verdict: self.found.count(verdict) for verdict in Verdict}


@dataclass(frozen=True, slots=True)
class Report:
    """A run, its newest backtest if there is one, and the comparison once that is done."""

    run: StrategyRun
    backtest: Run | None
    comparison: Comparison | None


def span_of(run: StrategyRun) -> Span | None:
    """When it ran; None before its first start."""
    if run.started_at is None:
        return None
    # `started_at` is the latest start: earlier ones left minutes and trades.
    marked = RunMark.objects.filter(run_id=run.id).aggregate(at=Min("at"))["at"]
    traded = _fills(run).aggregate(at=Min("traded_at"))["at"]
    began = min(at for at in (run.started_at, marked, traded) if at is not None)
    ended = run.state_at if run.state in _OVER else clock.now()
    return Span(began, max(began, ended))


def backtest_of(actor: Actor, run: StrategyRun) -> Run | None:
    """The newest backtest of a run's span. `run` is one that the actor may see."""
    return runs_for(actor, kind=Run.Kind.BACKTEST).filter(beside_id=run.id).first()


def divergence_report(actor: Actor, run: StrategyRun) -> Report:
    """How a run compares with its newest backtest. `run` is one that the actor may see."""
    backtest = backtest_of(actor, run)
    is_done = backtest is not None and backtest.status == Run.Status.DONE
    return Report(run, backtest, _comparison(run, backtest) if backtest is not None and is_done else None)


def report_shape(report: Report) -> dict[str, Any]:
    """A report as the API tells it, without its trades."""
    backtest, comparison = report.backtest, report.comparison
    return {
        "run": report.run.id,
        "backtest": backtest.pk if backtest else None,
        "status": backtest.status if backtest else None,
        "progress": round(backtest.progress, 4) if backtest else None,
        "message": backtest.message if backtest else "",
        "from": backtest.first if backtest else None,
        "to": backtest.last if backtest else None,
        "comparison": _shape(comparison) if comparison else None,
    }


def compared_rows(report: Report, start: int, stop: int) -> Iterator[dict[str, Any]]:
    """Trades as the API tells them, in order of time."""
    trades = report.comparison.found.trades[start:stop] if report.comparison else ()
    for each, reason in zip(trades, reasons_for(report.run, trades), strict=True):
        one = each.run or each.backtest
        assert one is not None, "one side has it"
        yield {
            "verdict": each.verdict,
            "symbol": one.symbol,
            "side": one.side,
            "at": each.at,
            "run": _traded_shape(each.run),
            "backtest": _traded_shape(each.backtest),
            "delay_seconds": None if each.delay is None else each.delay.total_seconds(),
            "slippage": _slippage(each),
            "reason": reason,
        }


def _comparison(run: StrategyRun, backtest: Run) -> Comparison:
    span = span_of(run)
    since, until = _window(span, backtest)
    rows = list(_fills(run).select_related("instrument", "order__signal").order_by("traded_at", "id"))
    ours, theirs = joined(map(_traded, rows)), joined(_backtest_fills(backtest))
    mine = [each for each in ours if since <= each.at <= until]
    others = [each for each in theirs if since <= each.at <= until]
    tick = min((row.instrument.tick_size for row in rows), default=_TICK)
    return Comparison(
        since=since,
        until=until,
        left_out=len(ours) + len(theirs) - len(mine) - len(others),
        run_trades=len(mine),
        backtest_trades=len(others),
        found=compare(mine, others, tick=tick),
    )


def _window(span: Span | None, backtest: Run) -> tuple[datetime, datetime]:
    """Where both sides know the market: the backtest has whole days, and of today what was stored when it ran."""
    known = ist_day_start(backtest.last + timedelta(days=1))
    points = series_get(backtest, RunSeries.Name.EQUITY).get("at")
    if points is not None and len(points):
        last = instant(int(points[-1]))
        is_daily = backtest.base == Interval.D1
        known = ist_day_start(last.date() + timedelta(days=1)) if is_daily else last + DEFAULT_TOLERANCE
    if span is None:
        return ist_day_start(backtest.first), known
    return span.began, min(span.ended, known)


def _fills(run: StrategyRun) -> Any:
    return Fill.objects.filter(account_id=run.account_id, order__strategy=run.name)


def _traded(row: Fill) -> Traded:
    return Traded(
        order=str(row.order_id),
        symbol=row.instrument.key,
        side=Side(row.side),
        quantity=row.quantity,
        price=row.price,
        at=row.traded_at,
        charges=from_paise(row.charges_paise),
        waited=_waited(getattr(row.order, "signal", None)),
    )


def _waited(signal: Signal | None) -> timedelta:
    if signal is None or signal.answered_at is None:
        return timedelta(0)
    return signal.answered_at - signal.decided_at


def _backtest_fills(backtest: Run) -> Iterator[Traded]:
    columns = series_get(backtest, RunSeries.Name.FILLS)
    for place in range(len(columns.get("at", ()))):
        yield Traded(
            order=str(columns["order"][place]),
            symbol=str(columns["symbol"][place]),
            side=Side(str(columns["side"][place])),
            quantity=int(columns["quantity"][place]),
            price=unscale_price(int(columns["price"][place])),
            at=instant(int(columns["at"][place])),
            charges=from_paise(int(columns["charges"][place])),
        )


def _shape(comparison: Comparison) -> dict[str, Any]:
    found = comparison.found
    return {
        "since": comparison.since,
        "until": comparison.until,
        "run_trades": comparison.run_trades,
        "backtest_trades": comparison.backtest_trades,
        "left_out": comparison.left_out,
        "agreement": round(found.agreement, 4),
        "counts": {str(verdict): count for verdict, count in comparison.counts.items()},
        "slippage": rupee_text(round(found.slippage * 100)),
        "charges": rupee_text(round(found.charges * 100)),
    }


def _traded_shape(traded: Traded | None) -> dict[str, Any] | None:
    if traded is None:
        return None
    return {
        "order": traded.order,
        "at": traded.at,
        "quantity": traded.quantity,
        "price": price(round(traded.price * PRICE_SCALE)),
        "charges": rupee_text(round(traded.charges * 100)),
    }


def _slippage(compared: Compared) -> str | None:
    is_both = compared.run is not None and compared.backtest is not None
    return rupee_text(round(compared.slippage * 100)) if is_both else None
