"""`manage.py bench results`: the page of a large stored result and its data, beside a plain DRF view of one row.

The result (half a million minutes, five thousand round trips) is written in a transaction that is rolled back.
Each round opens everything once, one after the other; processor time is told, which other work on the machine does
not lengthen.
"""

from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date, timedelta
from statistics import median
from time import process_time
from typing import Any
from uuid import uuid4

import numpy as np
from django.core.management.base import CommandError, OutputWrapper
from django.db import transaction
from django.test import Client
from numpy.typing import NDArray
from rest_framework.generics import RetrieveAPIView
from rest_framework.serializers import ModelSerializer
from rest_framework.test import APIRequestFactory

from accounts.models import Organisation, User
from accounts.services import organisation_create, user_create
from backtests.domain.engine import Charging, Funds
from backtests.models import Run, RunSeries, RunStrategy
from backtests.services.results import curve_columns, series_write
from core.clock import wall_now
from core.tenancy import system_scope

_SESSION = 375
_EPOCH = date(1970, 1, 1)
_FIRST = date(2021, 1, 4)
_OPEN = 9 * 3_600 + 15 * 60 - 19_800
_CAPITAL = 10_00_000_00
GOAL_MS = 300.0
Name = RunSeries.Name


class _RowSerializer(ModelSerializer[Run]):
    class Meta:
        model = Run
        fields = "__all__"


class _RowView(RetrieveAPIView[Run]):
    queryset = Run.objects.all()
    serializer_class = _RowSerializer
    authentication_classes = ()
    permission_classes = ()


class ResultsBench:
    """What a trader waits for who opens a result."""

    help = "The page of a result of 500,000 bars and 5,000 trades, its chart and its tabs, beside one row by DRF."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How large the result is, how often it is opened."""
        parser.add_argument("--bars", type=int, default=500_000)
        parser.add_argument("--trades", type=int, default=5_000)
        parser.add_argument("--rounds", type=int, default=7)

    def run(self, out: OutputWrapper, *, bars: int, trades: int, rounds: int, **options: Any) -> None:
        """Write the result, open it, roll it back."""
        with system_scope(), transaction.atomic():
            user, organisation = _somebody()
            run = _stored(organisation, bars, trades)
            client = Client(headers={"host": "localhost"})
            client.force_login(user)
            _measure(out, client, run, rounds)
            transaction.set_rollback(True)


def _measure(out: OutputWrapper, client: Client, run: Run, rounds: int) -> None:
    page, api = f"/backtests/{run.pk}/", f"/api/v1/backtests/{run.pk}"
    factory, view = APIRequestFactory(), _RowView.as_view()
    asked: dict[str, Callable[[], Any]] = {
        "plain DRF view of one row": lambda: view(factory.get("/"), pk=run.pk).render(),
        "page": lambda: client.get(page),
        "equity, 1,000 points": lambda: client.get(f"{api}/equity"),
        "trades, page 50": lambda: client.get(f"{page}panel/?tab=trades&page=50"),
        "orders": lambda: client.get(f"{page}panel/?tab=orders"),
        "distribution": lambda: client.get(f"{page}panel/?tab=spread"),
        "Monte Carlo": lambda: client.get(f"{page}panel/?tab=chance"),
        "trades by API, 100": lambda: client.get(f"{api}/trades?cursor=2500"),
    }
    times: dict[str, list[float]] = {name: [] for name in asked}
    for number in range(rounds + 1):
        for name, ask in asked.items():
            began = process_time()
            answer = ask()
            spent = (process_time() - began) * 1000
            if answer.status_code != 200:
                raise CommandError(f"{name}: {answer.status_code} {answer.headers.get('Location', '')}")
            # The first opening compiles templates and fills what a process remembers.
            if number:
                times[name].append(spent)
    reference = median(times["plain DRF view of one row"])
    out.write(f"{run.bars:,} bars, {run.trades:,} round trips; processor ms, median of {rounds}, worst, x one row")
    for name, each in times.items():
        told = f"{name:28} {median(each):8.1f} {max(each):8.1f} {median(each) / reference:8.1f}x"
        out.write(told + (f"   goal < {GOAL_MS:.0f}" if name == "page" else ""))


def _somebody() -> tuple[User, Organisation]:
    user = user_create(email=f"bench-{uuid4().hex[:8]}@example.test", password=uuid4().hex)
    organisation = organisation_create(name="Bench", slug=f"bench-{uuid4().hex[:8]}", owner=user)
    user.active_organisation = organisation
    user.save(update_fields=["active_organisation"])
    return user, organisation


def _stored(organisation: Organisation, bars: int, trades: int) -> Run:
    """A result as the engine would have left it: a walk of equity by the minute, trades of a few hours each."""
    rng = np.random.default_rng(7)
    days = -(-bars // _SESSION)
    opens = (_FIRST - _EPOCH).days * 86_400 + _OPEN + 86_400 * np.arange(days)
    at = (opens[:, None] + 60 * np.arange(1, _SESSION + 1)).ravel()[:bars]
    paise = _CAPITAL + np.cumsum(rng.normal(20, 9_000, bars)).astype(np.int64)
    run: Run = Run.objects.create(
        organisation=organisation,
        kind=Run.Kind.BACKTEST,
        name="A large result",
        first=_FIRST,
        last=_FIRST + timedelta(days=days),
        capital_paise=_CAPITAL,
        base="1m",
        charging=Charging.RATES,
        funds=Funds.REAL,
        status=Run.Status.DONE,
        progress=1.0,
        requested_at=wall_now(),
        final_paise=int(paise[-1]),
        net_paise=int(paise[-1]) - _CAPITAL,
        charges_paise=trades * 4_000,
        trades=trades,
        orders=trades * 2,
        bars=bars,
        turnover=float(trades) / 10,
    )
    RunStrategy.objects.create(
        organisation=organisation,
        run=run,
        key="ma_cross",
        title="Moving-average cross",
        parameters={"fast": 9, "slow": 21},
        symbols=["NSE:RELIANCE"],
        interval="1m",
        product="INTRADAY",
    )
    closes = paise[np.minimum(np.arange(1, days + 1) * _SESSION, bars) - 1]
    series_write(
        run,
        {
            Name.EQUITY: {"at": at, "paise": paise},
            Name.CURVE: curve_columns(at, paise, _CAPITAL),
            Name.DAILY: {"day": opens // 86_400, "paise": closes},
            Name.TRADES: _trips(rng, at, trades),
            Name.ORDERS: _orders(rng, at, trades * 2),
        },
    )
    return run


def _trips(rng: np.random.Generator, at: NDArray[np.int64], count: int) -> dict[str, NDArray[Any]]:
    opened = np.sort(rng.choice(len(at) - 300, count))
    net = rng.normal(0, 90_000, count).astype(np.int64)
    return {
        "strategy": np.full(count, "", dtype="U1"),
        "symbol": np.full(count, "NSE:RELIANCE"),
        "product": np.full(count, "INTRADAY"),
        "opened": at[opened],
        "closed": at[opened + rng.integers(1, 300, count)],
        "quantity": rng.choice([-40, 40], count),
        "entry": rng.integers(24_000_000, 26_000_000, count),
        "exit": rng.integers(24_000_000, 26_000_000, count),
        "charges": np.full(count, 4_000),
        "net": net,
        "entry_tag": np.full(count, "cross"),
        "exit_tag": np.full(count, "flip"),
        "adverse": -rng.random(count) / 100,
        "favourable": rng.random(count) / 100,
    }


def _orders(rng: np.random.Generator, at: NDArray[np.int64], count: int) -> dict[str, NDArray[Any]]:
    return {
        "at": at[np.sort(rng.choice(len(at), count))],
        "order": np.array([f"{number}" for number in range(count)]),
        "strategy": np.full(count, "", dtype="U1"),
        "symbol": np.full(count, "NSE:RELIANCE"),
        "side": rng.choice(["BUY", "SELL"], count),
        "type": np.full(count, "MARKET"),
        "quantity": np.full(count, 40),
        "filled": np.full(count, 40),
        "status": np.full(count, "FILLED"),
        "origin": np.full(count, "STRATEGY"),
        "reason": np.full(count, "", dtype="U1"),
        "tag": np.full(count, "cross"),
    }
