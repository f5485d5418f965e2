"""A year of bars with weekends and holidays, and a charting client in front of it."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.domain.permissions import Role
from accounts.models import Membership
from core.clock import IST
from core.store import get_store
from core.tenancy import tenant_scope
from tests.factories import actor_for, make_instrument, make_member
from trading.instruments.models import Instrument
from trading.instruments.selectors import calendar_for
from trading.marketdata.imports import candle_file_import
from trading.marketdata.services import datafeed_token_create

FIRST_DAY = date(2021, 7, 1)
FULL_FROM = date(2022, 10, 31)
LAST_DAY = date(2022, 11, 9)
"""A Wednesday behind a holiday (8 November) and a weekend (5 and 6 November)."""
OPEN = time(9, 15)
SESSION_MINUTES = 375
THIN_MINUTES = (0, 1, 200, 374)

Ask = Callable[..., Any]


def ist(text: str) -> int:
    """`2022-11-09 09:15` in India as Unix seconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=IST).timestamp())


def utc_midnight(text: str) -> int:
    """00:00 UTC of a date as Unix seconds."""
    return int(datetime.fromisoformat(f"{text}T00:00:00+00:00").timestamp())


def trading_days() -> list[date]:
    """The days that have bars, ascending."""
    return calendar_for().trading_days(FIRST_DAY, LAST_DAY)


def _rows(days: list[date]) -> list[str]:
    """Whole sessions from FULL_FROM on, four minutes a day before; prices wander in steps of the tick."""
    rows = []
    price = 10_000
    for number, day in enumerate(days):
        minutes = range(SESSION_MINUTES) if day >= FULL_FROM else THIN_MINUTES
        for minute in minutes:
            opened, price = price, price + ((number * 7 + minute * 13) % 11 - 5) * 5
            high, low = max(opened, price) + 5, min(opened, price) - 10
            at = f"{day} {datetime.combine(day, OPEN, IST) + timedelta(minutes=minute):%H:%M:%S}"
            prices = ",".join(f"{each / 100:.2f}" for each in (opened, high, low, price))
            rows.append(f"RELIANCE,{at},{prices},{minute % 17 + 1}\n")
    return rows


@pytest.fixture
def reliance(tmp_path: Path) -> Instrument:
    """RELIANCE with its bars."""
    get_store().delete("quotes")
    get_store().delete("candles.forming")
    instrument = make_instrument("NSE:RELIANCE", name="Reliance Industries", isin="INE002A01018")
    path = tmp_path / "bars.csv"
    days = [day for day in trading_days() if not (calendar_for().exception(day))]
    path.write_text("symbol,timestamp_ist,open,high,low,close,volume\n" + "".join(_rows(days)))
    candle_file_import(path)
    return instrument


@pytest.fixture
def member() -> Membership:
    """Who holds the token."""
    return make_member(Role.TRADER)


def make_token(member: Membership, name: str = "Screen") -> str:
    """The text of a new token."""
    with tenant_scope(member.organisation_id):
        return datafeed_token_create(actor=actor_for(member), name=name)[1]


@pytest.fixture
def token(member: Membership) -> str:
    """A token of theirs."""
    return make_token(member)


@pytest.fixture
def ask(client: Client, token: str) -> Ask:
    """`ask("history", symbol=…, …)` is the answer's JSON; `from_` stands for `from`."""

    def ask(address: str, **query: Any) -> Any:
        answer = client.get(f"/udf/{token}/{address}", {name.rstrip("_"): value for name, value in query.items()})
        assert answer.status_code == 200, answer.content
        return answer.json()

    return ask


@pytest.fixture
def history(ask: Ask, reliance: Instrument) -> Ask:
    """`history("5", start, end, countback=…)` of RELIANCE."""

    def history(resolution: str, start: int, end: int, **more: Any) -> Any:
        return ask("history", symbol="NSE:RELIANCE", resolution=resolution, from_=start, to=end, **more)

    return history
