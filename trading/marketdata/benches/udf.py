"""`manage.py bench udf`: 300 bars by countback, beside their bare encoding and beside the candles API."""

import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import numpy as np
from django.core.management.base import CommandError, OutputWrapper
from django.db import transaction
from django.test import Client

from accounts.domain.actor import user_actor
from accounts.domain.permissions import Permission, Role
from accounts.services import api_key_create, organisation_create, user_create
from core.clock import IST
from core.tenancy import tenant_scope
from trading.instruments.models import Instrument, InstrumentType
from trading.instruments.selectors import calendar_for

from ..domain.bars import PRICE_SCALE, BarSeries, Int64Array
from ..domain.udf.resolution import Resolution
from ..selectors.udf import history
from ..services import candles_write, datafeed_token_create

_BARS = 300
_MINUTES = 375
_DAYS = 30
_LAST = datetime(2022, 12, 30, 15, 30, tzinfo=IST)
_KEY = "NSE:BENCH"


class UdfBench:
    """Answers a second of the datafeed's history."""

    help = "300 bars of UDF history beside a bare numpy and JSON encoding and the candles API; all is rolled back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--requests", type=int, default=100, help="of each kind in a round, at most 300")
        parser.add_argument("--rounds", type=int, default=3)
        parser.add_argument("--resolution", default="5", choices=[each.value for each in Resolution])

    def run(self, out: OutputWrapper, *, requests: int, rounds: int, resolution: str, **options: Any) -> None:
        """Interleaved rounds; ratios are of the same round, and the worst one counts."""
        if not 1 <= requests <= 300:
            raise CommandError("--requests: 1 to 300, or the rate limits would be measured.")
        wanted = Resolution(resolution)
        with transaction.atomic():
            instrument = _instrument()
            ways = _ways(instrument, wanted)
            out.write(f"{_BARS} bars of {wanted.interval}, answers/s    " + "".join(f"{name:>18}" for name in ways))
            ratios: dict[str, list[float]] = {name: [] for name in ways}
            for _ in range(rounds):
                rates = {name: _rate(way, requests) for name, way in ways.items()}
                out.write(" " * 30 + "".join(f"{rate:18,.0f}" for rate in rates.values()))
                for name in ways:
                    ratios[name].append(rates["UDF history"] / rates[name])
            for name in ways:
                if name != "UDF history":
                    out.write(f"UDF history against {name}: {min(ratios[name]):.2f} of its rate in the worst round")
            transaction.set_rollback(True)


def _ways(instrument: Instrument, resolution: Resolution) -> dict[str, Callable[[], object]]:
    client = Client(SERVER_NAME="localhost", raise_request_exception=True)
    key, token = _credentials()
    end = int(_LAST.timestamp())
    span = {"symbol": _KEY, "resolution": resolution.value, "from": 0, "to": end, "countback": _BARS}
    asked = {"interval": resolution.interval.value, "to": _LAST.isoformat(), "limit": _BARS}

    def read() -> BarSeries:
        return history(instrument, resolution, start=0, end=end, countback=_BARS).bars

    bars = read()
    if len(bars) != _BARS:
        raise CommandError(f"{len(bars)} bars of {resolution.interval}: this sample has too few days for it.")

    def fetch(path: str, query: dict[str, Any], **headers: str) -> bytes:
        answer = client.get(path, query, headers=headers)
        if answer.status_code != 200 or answer.content.startswith(b'{"s":"error"'):
            raise CommandError(f"{path}: {answer.status_code} {answer.content[:200]!r}")
        return answer.content

    return {
        "UDF history": lambda: fetch(f"/udf/{token}/history", span),
        "candles API": lambda: fetch(f"/api/v1/candles/{_KEY}", asked, Authorization=f"Api-Key {key}"),
        "read alone": read,
        "bare encoding": lambda: _encode(bars),
    }


def _encode(bars: BarSeries) -> bytes:
    """What no server can do without: the arrays as JSON."""
    prices = {name: (column / PRICE_SCALE).tolist() for name, column in _prices(bars).items()}
    return msgspec.json.encode({"s": "ok", "t": bars.start.tolist(), **prices, "v": bars.volume.tolist()})


def _prices(bars: BarSeries) -> dict[str, Int64Array]:
    return {"o": bars.open, "h": bars.high, "l": bars.low, "c": bars.close}


def _rate(way: Callable[[], object], requests: int) -> float:
    started = time.perf_counter()
    for _ in range(requests):
        way()
    return requests / (time.perf_counter() - started)


def _credentials() -> tuple[str, str]:
    """An API key and a datafeed token of one new user."""
    user = user_create(email="bench-udf@localhost.invalid", password="not-to-be-kept", name="Bench")
    organisation = organisation_create(name="Bench", slug="bench-udf", owner=user)
    actor = user_actor(user_id=user.pk, organisation_id=organisation.id, role=Role.OWNER, label=user.email)
    with tenant_scope(organisation.id):
        key = api_key_create(actor=actor, name="bench", scopes={Permission.VIEW_MARKET})[1]
        return key, datafeed_token_create(actor=actor, name="bench")[1]


def _instrument() -> Instrument:
    """With the minutes of the last trading days of 2022, whose price wanders."""
    instrument = Instrument.objects.create(
        key=_KEY, exchange="NSE", symbol="BENCH", name="Bench",
        instrument_type=InstrumentType.EQUITY, tick_size="0.05",
    )  # fmt: skip
    last = _LAST.date()
    days = calendar_for().trading_days(last - timedelta(days=_DAYS * 2), last)[-_DAYS:]
    opens = [int(datetime(day.year, day.month, day.day, 9, 15, tzinfo=IST).timestamp()) for day in days]
    starts = np.concatenate([np.arange(_MINUTES) * 60 + first for first in opens])
    steps = np.random.default_rng(1).integers(-20, 21, len(starts))
    close = 10_000_000 + np.cumsum(steps) * 500
    opening = np.r_[10_000_000, close[:-1]]
    columns = (
        np.full(len(starts), instrument.pk), starts, opening, np.maximum(opening, close) + 500,
        np.minimum(opening, close) - 500, close, np.abs(steps) * 100, np.zeros(len(starts), dtype=np.int64),
    )  # fmt: skip
    candles_write(np.column_stack(columns).astype(np.int64))
    return instrument
