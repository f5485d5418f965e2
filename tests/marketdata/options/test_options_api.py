"""Option chains and futures over REST: now, at any past minute of a day, and what is refused."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from math import exp, sqrt
from typing import Any

import pytest
import QuantLib as ql  # noqa: N813
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.domain.permissions import Role
from core import clock
from core.store import get_store
from tests.factories import make_instrument, make_member
from tests.marketdata.builders import make_quote
from tests.marketdata.options.market import (
    DAY,
    EXPIRY,
    RATE,
    STRIKES,
    list_chain,
    option_key,
    show_chain,
    store_day,
)
from trading.instruments.models import Instrument
from trading.marketdata.models import InterestRate, OptionMinute
from trading.marketdata.services import quote_publish

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clean_store() -> Iterator[None]:
    get_store().delete("quotes")
    yield
    get_store().delete("quotes")


@pytest.fixture
def viewer(client: Client) -> Client:
    client.force_login(make_member(Role.VIEWER).user)
    return client


@pytest.fixture
def always_open(settings: Settings) -> None:
    settings.SIMULATED_MARKET_ALWAYS_OPEN = True


@pytest.fixture
def expiry() -> date:
    """A week ahead of today, whenever that is."""
    return clock.trading_date() + timedelta(days=7)


def at(hour: int, minute: int, second: int = 0, day: date = DAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=clock.IST)


def chain(
    client: Client, expiry: date, moment: datetime | None = None, underlying: str = "NIFTY"
) -> dict[str, Any]:
    query = {"expiry": expiry.isoformat()} | ({"at": moment.isoformat()} if moment else {})
    answer = client.get(f"/api/v1/options/{underlying}/chain", query)
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.mark.usefixtures("always_open")
def test_the_chain_now_has_every_strike_with_its_volatility(viewer: Client, expiry: date) -> None:
    list_chain(expiry)
    forward = show_chain(expiry)
    found = chain(viewer, expiry)
    assert [row["strike"] for row in found["rows"]] == [f"{strike}.00" for strike in STRIKES]
    assert found["spot"] == "24012.00"
    assert found["forward_source"] == "SYNTHETIC"
    assert float(found["forward"]) == pytest.approx(forward, abs=1)
    assert found["atm_strike"] == "24000.00"
    assert found["summary"]["stale_legs"] == 0
    row = found["rows"][STRIKES.index(24_000)]
    assert row["call"]["symbol"] == option_key(expiry, 24_000, "CE")
    assert row["call"]["iv"] == pytest.approx(13, abs=0.2)
    assert row["call"]["delta"] - row["put"]["delta"] == pytest.approx(1, abs=0.01)
    assert row["put"]["theta"] < 0 < row["put"]["vega"]
    total = sum(6_500 * place for place in range(1, len(STRIKES) + 1))
    assert (found["summary"]["call_oi"], found["summary"]["put_oi"]) == (total, total)
    assert found["summary"]["pcr_oi"] == 1.0
    assert found["summary"]["pcr_volume"] == 0.5


@pytest.mark.usefixtures("always_open")
def test_the_key_and_other_names_of_the_underlying_do_as_well(viewer: Client, expiry: date) -> None:
    list_chain(expiry)
    show_chain(expiry)
    for name in ("NSE:NIFTY", "nifty", "NIFTY50", "NFO:NIFTY"):
        assert chain(viewer, expiry, underlying=name)["underlying"] == "NIFTY"


@pytest.mark.usefixtures("always_open")
def test_a_future_of_the_same_expiry_is_the_forward(viewer: Client, expiry: date) -> None:
    list_chain(expiry, future=True)
    forward = show_chain(expiry, future=True)
    found = chain(viewer, expiry)
    assert (found["forward_source"], found["forward"]) == ("FUTURE", f"{forward:.2f}")
    assert found["future"] == f"{forward:.2f}"


@pytest.mark.usefixtures("always_open")
def test_old_quotes_are_marked_and_imply_nothing(viewer: Client, expiry: date) -> None:
    list_chain(expiry)
    show_chain(expiry)
    key = option_key(expiry, 24_000, "CE")
    quote_publish([make_quote("150.00", key=key, received_at=datetime.now(UTC) - timedelta(minutes=5))])
    found = chain(viewer, expiry)
    call = found["rows"][STRIKES.index(24_000)]["call"]
    assert (call["ltp"], call["stale"], call["iv"], call["delta"]) == ("150.00", True, None, None)
    assert found["summary"]["stale_legs"] == 1
    assert found["summary"]["straddle"] is None


@pytest.mark.usefixtures("always_open")
def test_the_rate_of_the_day_moves_rho_and_fair_values(viewer: Client, expiry: date) -> None:
    list_chain(expiry, future=True)
    show_chain(expiry, future=True)
    InterestRate.objects.create(valid_from=clock.trading_date(), rate=Decimal("-0.01"))
    assert chain(viewer, expiry)["rate"] == -1.0
    curve = viewer.get("/api/v1/futures/NIFTY").json()
    assert curve["rate"] == -1.0
    assert Decimal(curve["futures"][0]["fair_value"]) < Decimal(24012)


@pytest.mark.usefixtures("always_open")
def test_futures_show_their_basis(viewer: Client, expiry: date) -> None:
    list_chain(expiry, future=True)
    forward = show_chain(expiry, future=True)
    curve = viewer.get("/api/v1/futures/NIFTY").json()
    [future] = curve["futures"]
    assert Decimal(future["basis"]) == Decimal(f"{forward:.2f}") - Decimal(24012)
    assert future["carry"] == pytest.approx(5.5, abs=0.2)
    assert curve["rolls"] == []


def test_the_chain_is_right_at_any_past_minute_of_a_stored_day(viewer: Client) -> None:
    list_chain()
    made = store_day()
    for place in (0, 1, 57, 200, 373, 374):
        found = chain(viewer, EXPIRY, made.ends[place])
        assert datetime.fromisoformat(found["at"]) == made.ends[place]
        assert found["spot"] == str(made.spot[place])
        for row in found["rows"]:
            for side, right in (("call", "CE"), ("put", "PE")):
                name = (int(Decimal(row["strike"])), right)
                known = [price for price in made.close[name][: place + 1] if price is not None]
                last = max(n for n in range(place + 1) if made.close[name][n] is not None)
                leg = row[side]
                assert leg["ltp"] == str(known[-1])
                assert leg["volume"] == sum(made.volume[name][: place + 1])
                assert leg["oi"] == made.oi[name][last]
                assert datetime.fromisoformat(leg["timestamp"]) == made.ends[last]


def test_volatility_at_a_past_minute_gives_the_premium_back_by_quantlib(viewer: Client) -> None:
    list_chain()
    made = store_day(missing=0.0)
    found = chain(viewer, EXPIRY, made.ends[120])
    years, forward = found["days"] / 365, float(found["forward"])
    checked = 0
    for row in found["rows"]:
        for side, kind in (("call", ql.Option.Call), ("put", ql.Option.Put)):
            leg = row[side]
            if leg["iv"] is not None and float(leg["time_value"]) > 5:
                value = ql.blackFormula(
                    kind, float(row["strike"]), forward, leg["iv"] / 100 * sqrt(years), exp(-RATE * years)
                )
                assert value == pytest.approx(float(leg["ltp"]), abs=0.2)
                checked += 1
    assert checked > 15


def test_within_a_minute_the_last_whole_one_shows_and_after_hours_the_close(viewer: Client) -> None:
    list_chain()
    made = store_day()
    assert chain(viewer, EXPIRY, at(11, 0, 59))["spot"] == str(made.spot[104])
    assert chain(viewer, EXPIRY, at(11, 1))["spot"] == str(made.spot[105])
    evening = chain(viewer, EXPIRY, at(21, 30))
    assert datetime.fromisoformat(evening["at"]) == at(15, 30)
    assert evening["spot"] == str(made.spot[-1])
    saturday = chain(viewer, EXPIRY, at(12, 0, day=date(2024, 6, 22)) - timedelta(days=1, hours=3))
    assert datetime.fromisoformat(saturday["at"]) == at(15, 30)


def test_what_has_not_traded_for_minutes_is_stale_then(viewer: Client) -> None:
    list_chain()
    store_day(missing=0.0, minutes=30)
    found = chain(viewer, EXPIRY, at(9, 51))
    assert found["summary"]["stale_legs"] == 2 * len(STRIKES)
    assert (found["forward"], found["summary"]["atm_iv"]) == (None, None)
    assert found["rows"][0]["call"]["ltp"] is not None


def test_change_of_open_interest_is_against_the_session_before(viewer: Client) -> None:
    list_chain()
    before = store_day(DAY - timedelta(days=1), missing=0.0, seed=3)
    today = store_day(missing=0.0)
    found = chain(viewer, EXPIRY, today.ends[10])
    call = found["rows"][0]["call"]
    name = (STRIKES[0], "CE")
    assert call["oi_change"] == today.oi[name][10] - before.oi[name][-1]
    assert Decimal(call["change"]) == today.close[name][10] - before.close[name][-1]


def test_a_stored_book_is_shown_beside_the_candles(viewer: Client) -> None:
    list_chain()
    made = store_day(missing=0.0)
    instrument = Instrument.objects.get(key=option_key(EXPIRY, 24_000, "CE"))
    OptionMinute.objects.create(
        instrument=instrument, at=made.ends[20], ltp="1", bid="150.00", ask="151.00", bid_quantity=65, source="t"
    )
    call = chain(viewer, EXPIRY, made.ends[21])["rows"][STRIKES.index(24_000)]["call"]
    assert (call["bid"], call["ask"], call["bid_quantity"]) == ("150.00", "151.00", 65)
    assert call["ltp"] == str(made.close[24_000, "CE"][21])
    assert chain(viewer, EXPIRY, made.ends[19])["rows"][STRIKES.index(24_000)]["call"]["bid"] is None
    assert chain(viewer, EXPIRY, made.ends[40])["rows"][STRIKES.index(24_000)]["call"]["bid"] is None


@pytest.mark.parametrize(("source", "shown"), [("feed", "candle"), ("nse", "minute")])
def test_a_kept_minute_never_outdoes_the_candles_of_its_own_feed(viewer: Client, source: str, shown: str) -> None:
    """A minute that was kept late must not hide the last trade; an import may know of a later one."""
    list_chain()
    made = store_day(missing=0.0, minutes=20)
    instrument = Instrument.objects.get(key=option_key(EXPIRY, 24_000, "CE"))
    OptionMinute.objects.create(
        instrument=instrument, at=made.ends[19] + timedelta(minutes=1), ltp="1.00", bid="150.00", source=source
    )
    moment = made.ends[19] + timedelta(minutes=1)
    call = chain(viewer, EXPIRY, moment)["rows"][STRIKES.index(24_000)]["call"]
    assert call["bid"] == "150.00"
    assert call["ltp"] == {"candle": str(made.close[24_000, "CE"][19]), "minute": "1.00"}[shown]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({}, 400, "invalid_input"),
        ({"expiry": "next week"}, 400, "invalid_input"),
        ({"expiry": "2024-06-28"}, 404, "no_such_expiry"),
        ({"expiry": "2024-06-27"}, 400, "expired"),
        ({"expiry": "2024-06-27", "at": "2024-06-28T10:00:00+05:30"}, 400, "expired"),
        ({"expiry": "2024-06-27", "at": "2091-01-01T10:00:00+05:30"}, 400, "at_in_future"),
        ({"expiry": "2024-06-27", "at": "yesterday"}, 400, "invalid_input"),
        ({"expiry": "2024-06-27", "at": "2019-06-28T10:00:00+05:30"}, 404, "no_chain_then"),
    ],
)
def test_bad_questions_are_answered_with_their_own_codes(
    viewer: Client, query: dict[str, str], status: int, code: str
) -> None:
    list_chain()
    answer = viewer.get("/api/v1/options/NIFTY/chain", query)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["options/NOSUCH/expiries", "options/:/expiries", "futures/NIFTY", "futures/%20"])
def test_an_unknown_underlying_is_not_found(viewer: Client, path: str) -> None:
    answer = viewer.get(f"/api/v1/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_underlying")


def test_expiries_are_listed_with_the_expired_ones(viewer: Client, expiry: date) -> None:
    list_chain(EXPIRY, STRIKES[:1])
    list_chain(expiry, STRIKES[:1])
    answer = viewer.get("/api/v1/options/NIFTY/expiries").json()
    assert answer["exchange"] == "NFO"
    assert [(each["expiry"], each["expired"]) for each in answer["results"]] == [
        (EXPIRY.isoformat(), True),
        (expiry.isoformat(), False),
    ]
    assert answer["results"][1]["days"] == 7


def test_analytics_are_those_of_the_chain(viewer: Client) -> None:
    list_chain()
    made = store_day(missing=0.0)
    query = {"expiry": EXPIRY.isoformat(), "at": made.ends[60].isoformat()}
    answer = viewer.get("/api/v1/options/NIFTY/analytics", query).json()
    whole = chain(viewer, EXPIRY, made.ends[60])
    assert answer["summary"] == whole["summary"]
    assert len(answer["smile"]) == len(STRIKES)
    assert answer["oi_profile"][3]["put_oi"] == whole["rows"][3]["put"]["oi"]


@pytest.mark.parametrize(("interval", "count"), [("1m", 60), ("5m", 12), ("15m", 4)])
def test_the_series_of_a_day_is_the_chain_at_each_interval(viewer: Client, interval: str, count: int) -> None:
    list_chain()
    made = store_day(missing=0.0, minutes=60)
    query = {"expiry": EXPIRY.isoformat(), "date": DAY.isoformat(), "interval": interval}
    points = viewer.get("/api/v1/options/NIFTY/series", query).json()["points"]
    assert len(points) == count
    assert [datetime.fromisoformat(point[0]) for point in points] == made.ends[60 // count - 1 :: 60 // count]
    third = chain(viewer, EXPIRY, datetime.fromisoformat(points[3][0]))
    assert points[3][1:] == [
        third["spot"],
        third["forward"],
        third["atm_strike"],
        third["summary"]["straddle"],
        third["summary"]["atm_iv"],
        third["summary"]["pcr_oi"],
        third["summary"]["max_pain"],
    ]


def test_bars_of_a_strike_carry_the_volatility_at_their_end(viewer: Client) -> None:
    list_chain()
    made = store_day(missing=0.0, minutes=30)
    key = option_key(EXPIRY, 24_100, "PE")
    answer = viewer.get(f"/api/v1/option-bars/{key}", {"date": DAY.isoformat(), "interval": "15m"}).json()
    prices = made.close[24_100, "PE"]
    volumes = list(accumulate(made.volume[24_100, "PE"]))
    second = answer["bars"][1]
    assert second[1:7] == [
        str(prices[15]),
        str(max(prices[15:])),
        str(min(prices[15:])),
        str(prices[-1]),
        volumes[-1] - volumes[14],
        made.oi[24_100, "PE"][-1],
    ]
    leg = chain(viewer, EXPIRY, made.ends[-1])["rows"][STRIKES.index(24_100)]["put"]
    assert second[7] == leg["iv"]


def test_bars_of_what_is_no_option_are_refused(viewer: Client) -> None:
    make_instrument("NSE:RELIANCE")
    answer = viewer.get("/api/v1/option-bars/NSE:RELIANCE")
    assert (answer.status_code, answer.json()["code"]) == (400, "not_an_option")
    assert viewer.get("/api/v1/option-bars/NSE:NOSUCH").status_code == 404


def test_a_day_without_minutes_has_no_points(viewer: Client) -> None:
    list_chain()
    query = {"expiry": EXPIRY.isoformat(), "date": "2024-06-19"}
    answer = viewer.get("/api/v1/options/NIFTY/series", query)
    assert (answer.status_code, answer.json()["points"]) == (200, [])


def test_a_chain_costs_few_queries(viewer: Client, django_assert_max_num_queries: Any) -> None:
    list_chain()
    made = store_day(missing=0.0, minutes=30)
    chain(viewer, EXPIRY, made.ends[5])
    with django_assert_max_num_queries(8):
        chain(viewer, EXPIRY, made.ends[9])
