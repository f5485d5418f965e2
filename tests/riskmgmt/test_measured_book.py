"""A desk's own positions as a book: what is in it, what is left out and said to be, and the API that shows it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import sqrt
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from rest_framework.test import APIClient

from accounts.domain.permissions import Role
from accounts.models import Membership, User
from core import clock
from core.store import get_store
from core.tenancy import system_scope
from riskmgmt.models import RiskLimit
from riskmgmt.selectors.book import driver_returns, measured_book
from riskmgmt.services import marks_write
from tests.factories import make_instrument, make_member
from tests.orders.desk import Desk, make_desk, show_book
from trading.brokers.domain.terms import Product, Side
from trading.instruments.models import Instrument
from trading.instruments.process_cache import forget_reference_data
from trading.marketdata.domain.bars import Interval
from trading.marketdata.domain.wire import QUOTES_HASH
from trading.marketdata.selectors import candles, daily_closes
from trading.marketdata.services import candles_write
from trading.orders.services import order_submit
from trading.portfolio.services import funds_deposit

pytestmark = pytest.mark.django_db
API = "/api/v1/risk"
LOT = 65


@dataclass(frozen=True)
class Pit:
    """A desk with a share and NIFTY contracts to trade."""

    desk: Desk
    index: Instrument
    future: Instrument
    call: Instrument
    put: Instrument

    def trade(self, side: Side, quantity: int, instrument: Instrument | None = None, **changes: Any) -> None:
        named = {"key": instrument.key, "product": Product.NORMAL} if instrument else {}
        intent = self.desk.intent(side, quantity, **{**named, **changes})
        order = order_submit(actor=self.desk.trader, intent=intent)
        assert order.status == "FILLED", order.status_code

    def get(self, path: str, **query: Any) -> Any:
        client = APIClient()
        client.force_login(User.objects.get(id=self.desk.trader.user_id))
        return client.get(f"{API}/{path}", {"account": str(self.desk.account.id), **query})


def show(key: str, price: str) -> None:
    show_book(key=key, ltp=price, bids=((price, 100_000),), asks=((price, 100_000),))


@pytest.fixture
def pit(desk: Desk) -> Iterator[Pit]:
    expiry = clock.trading_date() + timedelta(days=30)
    terms = {"expiry": expiry, "lot_size": LOT, "freeze_quantity": 50 * LOT}
    index = make_instrument("NSE:NIFTY")
    future, call, put = (
        make_instrument(f"NFO:NIFTY26DEC{name}", **terms) for name in ("FUT", "24000CE", "23500PE")
    )
    prices = {"NSE:NIFTY": "24000.00", future.key: "24100.00", call.key: "420.00", put.key: "180.00"}
    for key, price in prices.items():
        show(key, price)
    forget_reference_data()
    RiskLimit.objects.create(
        organisation=desk.organisation, max_order_value=Decimal(10**8), max_position_value=Decimal(10**8)
    )
    funds_deposit(actor=desk.owner, account_id=desk.account.id, paise=1_00_00_000_00)
    yield Pit(desk, index, future, call, put)
    forget_reference_data()


def store_closes(instrument: Instrument, closes: Mapping[date, float]) -> None:
    """One minute of each day: 15:29, so that its close is the day's."""
    rows = []
    for day, close in closes.items():
        minute = int(clock.ist_day_start(day).timestamp()) + (15 * 60 + 29) * 60
        scaled = round(close * 10_000)
        rows.append([instrument.pk, minute, scaled, scaled, scaled, scaled, 1, 0])
    candles_write(np.array(rows, dtype=np.int64))
    forget_reference_data()


def past(count: int, *, start: float = 100.0, seed: int = 1, volatility: float = 0.01) -> dict[date, float]:
    """So many days up to yesterday, as a random walk."""
    moves = np.random.default_rng(seed).normal(0.0, volatility, count)
    today = clock.trading_date()
    walk = np.round(start * np.cumprod(1.0 + moves), 2)
    return {today - timedelta(days=count - number): float(price) for number, price in enumerate(walk)}


def test_closes_of_days_are_those_of_daily_candles(pit: Pit) -> None:
    closes = past(40)
    store_closes(pit.desk.instrument, closes)
    found = daily_closes([pit.desk.instrument.pk], before=clock.trading_date(), days=60)[pit.desk.instrument.pk]
    assert {day: float(close) for day, close in found.items()} == closes
    end = clock.ist_day_start(clock.trading_date())
    series = candles(pit.desk.instrument, Interval.D1, end=end, limit=60)
    assert [float(close) for close in found.values()] == [close / 10_000 for close in series.close.tolist()]
    short = daily_closes([pit.desk.instrument.pk], before=clock.trading_date(), days=3)
    assert len(short[pit.desk.instrument.pk]) == 3


def test_a_book_holds_shares_futures_and_options_by_what_moves_them(pit: Pit) -> None:
    pit.trade(Side.BUY, 100, strategy="momentum")
    pit.trade(Side.SELL, LOT, pit.call)
    pit.trade(Side.BUY, LOT, pit.future)
    measured = measured_book(pit.desk.trader, account_id=pit.desk.account.id)
    by_key = {asset.key: asset for asset in measured.book.assets}
    share, call, future = (by_key[each.key] for each in (pit.desk.instrument, pit.call, pit.future))
    assert (share.driver, share.sector, share.strategy) == (
        "NSE:RELIANCE",
        "Oil, Gas and Consumable Fuels",
        "momentum",
    )
    assert (call.driver, call.sector, call.sign, call.quantity, call.price) == (
        "NSE:NIFTY",
        "Index",
        1,
        -LOT,
        420.0,
    )
    assert (future.driver, future.sign, future.spot) == ("NSE:NIFTY", 0, 24_000.0)
    assert 0.05 < call.volatility < 0.40
    assert (measured.unpriced, measured.stale) == ((), False)
    assert measured_book(make_desk().owner).book.assets == ()


def test_positions_without_a_price_are_named_and_in_no_figure(pit: Pit) -> None:
    pit.trade(Side.BUY, 100)
    pit.trade(Side.BUY, LOT, pit.put)
    get_store().delete(QUOTES_HASH)
    show("NSE:RELIANCE", "100.00")
    answer = pit.get("exposure", by="symbol").json()
    assert [row["name"] for row in answer["results"]] == ["NSE:RELIANCE"]
    assert (answer["unpriced"], answer["stale"]) == ([pit.put.key], True)
    assert pit.get("var").json()["unpriced"] == [pit.put.key]
    assert pit.get("stress").json()["unpriced"] == [pit.put.key]


@pytest.mark.parametrize("by", ["symbol", "underlying", "sector", "product", "strategy"])
def test_every_grouping_adds_up_to_the_same_book(pit: Pit, by: str) -> None:
    pit.trade(Side.BUY, 100, strategy="momentum")
    pit.trade(Side.SELL, LOT, pit.future)
    answer = pit.get("exposure", by=by).json()
    assert (answer["gross"], answer["net"]) == ("1570000.00", "-1550000.00")
    assert sum(float(row["gross"]) for row in answer["results"]) == 1_570_000.0
    assert sum(float(row["share"]) for row in answer["results"]) == pytest.approx(1.0, abs=1e-3)
    assert len(answer["results"]) == 2
    assert float(answer["results"][0]["gross"]) == 1_560_000.0


def test_greeks_are_by_underlying_with_a_total(pit: Pit) -> None:
    pit.trade(Side.BUY, 100)
    pit.trade(Side.SELL, LOT, pit.call)
    answer = pit.get("greeks").json()
    nifty, share = answer["results"]
    assert (nifty["underlying"], share["underlying"]) == ("NSE:NIFTY", "NSE:RELIANCE")
    assert float(nifty["delta"]) < 0 < float(nifty["theta"])
    assert float(nifty["vega"]) < 0
    assert float(nifty["gamma_value"]) < 0
    assert (share["delta"], share["delta_value"], share["vega"]) == ("100.00", "10000.00", "0.00")
    total = answer["total"]
    assert (total["delta"], total["vega"]) == (None, nifty["vega"])
    assert float(total["delta_value"]) == pytest.approx(float(nifty["delta_value"]) + 10_000.0, abs=0.02)


def test_value_at_risk_agrees_with_the_shares_own_past(pit: Pit) -> None:
    pit.trade(Side.BUY, 100)
    closes = past(61)
    store_closes(pit.desk.instrument, closes)
    prices = np.array(list(closes.values()))
    moves = prices[1:] / prices[:-1] - 1.0
    answer = pit.get("var", confidence="0.95").json()
    assert (answer["status"], answer["days"], answer["covered"]) == ("measured", 60, "1.0000")
    assert (answer["first_day"], answer["last_day"]) == (
        str(clock.trading_date() - timedelta(days=60)),
        str(clock.trading_date() - timedelta(days=1)),
    )
    figures = {row["method"]: row for row in answer["results"]}
    # Five per cent of sixty days are the three worst.
    worst = np.sort(moves)[:3] * -10_000.0
    assert float(figures["HISTORICAL"]["var"]) == pytest.approx(worst[2], abs=0.01)
    assert float(figures["HISTORICAL"]["cvar"]) == pytest.approx(worst.mean(), abs=0.01)
    deviation = sqrt(float((moves**2).mean())) * 10_000.0
    assert float(figures["PARAMETRIC"]["var"]) == pytest.approx(1.6449 * deviation, rel=1e-4)
    assert float(figures["MONTE_CARLO"]["var"]) == pytest.approx(1.6449 * deviation, rel=0.06)
    assert figures["MONTE_CARLO"]["observations"] == 10_000
    again = pit.get("var", confidence="0.95").json()
    assert again == answer
    other = pit.get("var", confidence="0.95", seed=7).json()
    assert other["results"][2] != answer["results"][2]
    longer = pit.get("var", confidence="0.95", horizon=4).json()
    assert float(longer["results"][0]["var"]) == pytest.approx(2 * worst[2], abs=0.02)


def test_drivers_without_a_past_are_named_and_the_coverage_says_how_much_is_missing(pit: Pit) -> None:
    pit.trade(Side.BUY, 100)
    pit.trade(Side.BUY, LOT, pit.future)
    store_closes(pit.desk.instrument, past(40))
    answer = pit.get("var").json()
    assert (answer["status"], answer["uncovered"]) == ("measured", ["NSE:NIFTY"])
    assert float(answer["covered"]) == pytest.approx(10_000 / 1_570_000, abs=1e-4)
    store_closes(pit.index, past(30, start=24_000.0, seed=2))
    both = pit.get("var").json()
    assert (both["uncovered"], both["covered"], both["days"]) == ([], "1.0000", 29)


def test_too_little_history_is_an_answer(pit: Pit) -> None:
    empty = pit.get("var")
    assert (empty.status_code, empty.json()["status"], empty.json()["results"]) == (200, "no_positions", [])
    pit.trade(Side.BUY, 100)
    store_closes(pit.desk.instrument, past(20))
    answer = pit.get("var").json()
    assert (answer["status"], answer["results"], answer["uncovered"]) == (
        "insufficient_history",
        [],
        ["NSE:RELIANCE"],
    )
    store_closes(pit.desk.instrument, past(21))
    assert pit.get("var").json()["status"] == "measured"


def test_returns_are_compared_only_on_days_that_all_drivers_have(pit: Pit) -> None:
    closes = past(30)
    store_closes(pit.desk.instrument, closes)
    gap = clock.trading_date() - timedelta(days=10)
    store_closes(pit.index, {day: close for day, close in past(30, seed=3).items() if day != gap})
    found = driver_returns(["NSE:RELIANCE", "NSE:NIFTY", "NSE:NOWHERE"], least_days=20)
    assert found.returns.shape == (28, 2)
    assert gap not in found.days
    assert found.uncovered == ("NSE:NOWHERE",)
    after = found.days.index(gap + timedelta(days=1))
    whole = closes[gap + timedelta(days=1)] / closes[gap - timedelta(days=1)] - 1.0
    assert found.returns[after, 0] == pytest.approx(whole)


def test_a_share_loses_in_a_stress_what_its_price_falls(pit: Pit) -> None:
    pit.trade(Side.BUY, 100)
    answer = pit.get("stress").json()
    columns = [float(move) for move in answer["price_moves"]]
    for row in answer["pnl"]:
        assert [float(each) for each in row] == pytest.approx([10_000 * move for move in columns])
    assert answer["worst"] == "-2000.00"
    crash = next(each for each in answer["scenarios"] if each["name"].startswith("Covid"))
    assert float(crash["pnl"]) == pytest.approx(10_000 * float(crash["price_move"]))


def test_marks_are_served_as_a_series_with_the_drawdown(pit: Pit) -> None:
    pit.trade(Side.BUY, 100, strategy="momentum")
    with system_scope():
        marks_write()
    answer = pit.get("marks").json()
    (row,) = answer["results"]
    assert (row["gross_exposure"], row["drawdown"]) == ("10000.00", answer["worst_drawdown"])
    assert row["day_pnl"].startswith("-")
    (of_strategy,) = pit.get("marks", strategy="momentum").json()["results"]
    assert (of_strategy["equity"], of_strategy["day_pnl"]) == (None, row["day_pnl"])
    tomorrow = clock.ist_day_start(clock.trading_date() + timedelta(days=1)).isoformat()
    assert pit.get("marks", **{"from": tomorrow}).json()["results"] == []
    assert len(pit.get("marks", to=tomorrow).json()["results"]) == 1


PATHS = ("exposure", "greeks", "var", "stress", "marks")


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("exposure", {"by": "colour"}, "invalid_by"),
        ("var", {"confidence": "0.5"}, "invalid_confidence"),
        ("var", {"confidence": "1"}, "invalid_confidence"),
        ("var", {"confidence": "NaN"}, "invalid_input"),
        ("var", {"horizon": "0"}, "invalid_horizon"),
        ("var", {"horizon": "31"}, "invalid_horizon"),
        ("var", {"draws": "10"}, "invalid_draws"),
        ("var", {"draws": "1000000"}, "invalid_draws"),
        ("var", {"seed": "-1"}, "invalid_seed"),
        ("marks", {"from": "2026-11-01T00:00:00Z", "to": "2026-11-20T00:00:00Z"}, "invalid_span"),
        ("marks", {"from": "2026-11-02T00:00:00Z", "to": "2026-11-01T00:00:00Z"}, "invalid_span"),
        ("marks", {"from": "2026-11-02"}, "invalid_input"),
        ("greeks", {"account": "x"}, "invalid_input"),
    ],
)
def test_bad_input_has_a_code_of_its_own(pit: Pit, path: str, query: dict[str, str], code: str) -> None:
    answer = pit.get(path, **query)
    assert (answer.status_code, answer.json()["code"]) == (400, code), answer.content


@pytest.mark.parametrize("path", PATHS)
def test_an_outsider_finds_no_account_and_sees_nothing_of_others(pit: Pit, path: str) -> None:
    pit.trade(Side.BUY, 100)
    outsider = APIClient()
    outsider.force_login(User.objects.get(id=make_desk().owner.user_id))
    for account in (pit.desk.account.id, uuid4()):
        answer = outsider.get(f"{API}/{path}", {"account": str(account)})
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_account")
    if path == "exposure":
        assert outsider.get(f"{API}/{path}").json()["results"] == []


@pytest.fixture
def manager(desk: Desk) -> Membership:
    return make_member(Role.RISK_MANAGER, desk.organisation)


def test_a_risk_manager_sees_the_books_of_all_accounts(pit: Pit, manager: Membership) -> None:
    pit.trade(Side.BUY, 100)
    client = APIClient()
    client.force_login(manager.user)
    for path in ("exposure", "greeks", "var", "stress"):
        assert client.get(f"{API}/{path}").status_code == 200
    assert client.get(f"{API}/exposure").json()["gross"] == "10000.00"
    assert client.get(f"{API}/marks").json()["code"] == "invalid_input"


def test_the_page_shows_the_book_the_day_and_what_is_left_out(pit: Pit, manager: Membership) -> None:
    client = APIClient()
    client.force_login(manager.user)
    page = f"/risk/exposure/?account={pit.desk.account.id}"
    empty = client.get(page).content.decode()
    assert "No open positions" in empty
    assert "No marks today" in empty
    pit.trade(Side.BUY, 100, strategy="momentum")
    pit.trade(Side.SELL, LOT, pit.call)
    with system_scope():
        marks_write()
    first = client.get(page).content.decode()
    assert "Too little history" in first
    assert "20 daily returns are needed; missing for NSE:RELIANCE, NSE:NIFTY" in first
    assert 'id="marks-chart"' in first
    assert 'class="num down-4"' in first
    store_closes(pit.desk.instrument, past(40))
    measured = client.get(f"{page}&by=sector&strategy=momentum").content.decode()
    assert "Oil, Gas and Consumable Fuels" in measured
    assert "Too little history: NSE:NIFTY." in measured
    assert "Monte Carlo" in measured
    partial = client.get(f"{page}&by=strategy", headers={"HX-Request": "true"}).content.decode()
    assert partial.lstrip().startswith('<div id="measures"')
    assert "momentum" in partial
    assert client.get("/risk/exposure/?account=defaults&by=nonsense").status_code == 200
    assert client.get(f"/risk/exposure/?account={make_desk().account.id}").status_code == 404
