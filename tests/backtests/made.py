"""Runs as they lie in the database when they are over, without a worker."""

from datetime import date
from typing import Any

import numpy as np

from accounts.models import Organisation
from backtests.domain.packing import pack
from backtests.models import Run, RunSeries, RunStrategy
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
