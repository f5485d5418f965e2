"""Runs as they lie in the database when they are over, without a worker."""

from datetime import date, timedelta
from typing import Any

import numpy as np

from accounts.models import Organisation
from backtests.domain.packing import pack
from backtests.models import Cell, Run, RunSeries, RunStrategy, Search, Window
from core.clock import wall_now
from trading.instruments.models import Instrument

FIRST, LAST = date(2026, 11, 2), date(2026, 11, 6)
_DAY = (FIRST - date(1970, 1, 1)).days
_OPEN = _DAY * 86_400 + 9 * 3_600 + 15 * 60 - 19_800
TRADES = {
    "strategy": np.array(["", ""]),
    "symbol": np.array(["NSE:RELIANCE", "NSE:RELIANCE"]),
    "product": np.array(["INTRADAY", "INTRADAY"]),
    "opened": np.array([_OPEN + 600, _OPEN + 86_400 + 600]),
    "closed": np.array([_OPEN + 4_200, _OPEN + 86_400 + 1_200]),
    "quantity": np.array([10, -10]),
    "entry": np.array([24_500_000, 24_600_000]),
    "exit": np.array([24_550_500, 24_650_000]),
    "charges": np.array([4_000, 4_100]),
    "net": np.array([1_000, -9_100]),
    "entry_tag": np.array(["cross", "cross"]),
    "exit_tag": np.array(["=flip", "stop"]),
    "adverse": np.array([-0.001, np.nan]),
    "favourable": np.array([0.004, np.nan]),
}


def make_run(organisation: Organisation, *, instrument: Instrument, **fields: Any) -> Run:
    """A finished backtest with two trades over five days, or another with other fields."""
    values: dict[str, Any] = {
        "kind": Run.Kind.BACKTEST,
        "name": f"Moving-average cross on {instrument.symbol} 5m",
        "first": FIRST,
        "last": LAST,
        "capital_paise": 10_00_000_00,
        "base": "1m",
        "charging": "RATES",
        "funds": "REAL",
        "status": Run.Status.DONE,
        "progress": 1.0,
        "requested_at": wall_now(),
        "finished_at": wall_now(),
        "final_paise": 10_00_000_00 - 8_100,
        "net_paise": -8_100,
        "charges_paise": 8_100,
        "best_paise": 1_000,
        "worst_paise": -9_100,
        "trades": 2,
        "orders": 4,
        "bars": 1_875,
        "turnover": 0.098,
    }
    run: Run = Run.objects.create(organisation=organisation, **(values | fields))
    RunStrategy.objects.create(
        organisation=organisation,
        run=run,
        key="ma_cross",
        title="Moving-average cross",
        parameters={"fast": 9, "slow": 21},
        symbols=[instrument.key],
        interval="5m",
        product="INTRADAY",
    )
    if run.kind == Run.Kind.BACKTEST and run.status == Run.Status.DONE:
        _series(run)
    return run


def make_search(organisation: Organisation, *, instrument: Instrument, kind: str, **fields: Any) -> Run:
    """A finished sweep of four combinations, or a walk-forward of two windows."""
    run = make_run(organisation, instrument=instrument, kind=kind, **fields)
    owned = {"organisation": organisation, "run": run}
    is_forward = kind == Run.Kind.WALK_FORWARD
    Search.objects.create(
        **owned,
        method="GRID",
        axes={"fast": [5, 9], "slow": [21, 34]},
        cells=4,
        mode="ROLLING" if is_forward else "NONE",
        in_sample_days=2 if is_forward else 0,
        out_of_sample_days=1 if is_forward else 0,
        deflated_sharpe=0.4,
        expected_best_sharpe=1.1,
    )
    figures = {"final_paise": 10_00_010_00, "net_paise": 1_000, "charges_paise": 100, "trades": 1, "sharpe": 0.5}
    for number, (fast, slow) in enumerate([(5, 21), (5, 34), (9, 21), (9, 34)]):
        Cell.objects.create(
            **owned,
            number=number,
            parameters={"fast": fast, "slow": slow},
            status=Cell.Status.DONE,
            score=number - 1.5,
            **figures,
        )
    for number in range(2 if is_forward else 0):
        Window.objects.create(
            **owned,
            number=number,
            in_first=FIRST,
            in_last=FIRST + timedelta(days=1 + number),
            out_first=FIRST + timedelta(days=2 + number),
            out_last=FIRST + timedelta(days=2 + number),
            chosen={"fast": 5, "slow": 21},
            in_sample_score=1.2,
            score=0.4,
            is_done=True,
            **figures,
        )
    return run


def _series(run: Run) -> None:
    paise = np.array([10_00_000_00, 10_00_010_00, 9_99_919_00, 9_99_919_00, 9_99_919_00])
    kept = {
        RunSeries.Name.EQUITY: {"at": _OPEN + 86_400 * np.arange(5) + 22_500, "paise": paise},
        RunSeries.Name.DAILY: {"day": _DAY + np.arange(5), "paise": paise},
        RunSeries.Name.TRADES: TRADES,
        RunSeries.Name.LOG: {
            "at": np.array([_OPEN]), "strategy": np.array([""]), "text": np.array(["Nothing to do."]),
        },
    }  # fmt: skip
    RunSeries.objects.bulk_create(
        RunSeries(
            organisation_id=run.organisation_id,
            run=run,
            name=name,
            rows=len(next(iter(columns.values()))),
            content=pack(columns),
        )
        for name, columns in kept.items()
    )
