"""The strategy builder over REST, on a market whose volatilities are known."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from math import log
from statistics import NormalDist
from typing import Any

import pytest
from django.test import Client

from accounts.domain.permissions import Role
from accounts.models import User
from core import clock
from tests.factories import make_instrument, make_member
from tests.orders.desk import Desk, show_book
from tests.orders.option_market import LOT, NEAR_DAYS, SPOT, VOLATILITY, OptionMarket, make_option_market
from trading.brokers.domain.terms import Product, Side
from trading.orders.models import OptionStrategy, Order
from trading.orders.services import order_submit

PAYOFF = "/api/v1/options/payoff"
KEPT = "/api/v1/options/strategies"


@pytest.fixture
def market(desk: Desk) -> OptionMarket:
    return make_option_market()


@pytest.fixture
def trader(desk: Desk) -> Client:
    client = Client()
    client.force_login(User.objects.get(id=desk.trader.user_id))
    return client


def leg(market: OptionMarket, name: str, side: str = "BUY", lots: int = 1, **more: Any) -> dict[str, Any]:
    return {"symbol": market.key(name), "side": side, "lots": lots, **more}


def condor(market: OptionMarket) -> list[dict[str, Any]]:
    return [
        leg(market, "25300CE", price="100.00"),
        leg(market, "25100CE", "SELL", price="180.00"),
        leg(market, "24900PE", "SELL", price="170.00"),
        leg(market, "24700PE", price="90.00"),
    ]


def ask(client: Client, legs: list[dict[str, Any]], status: int = 200, **more: Any) -> dict[str, Any]:
    answer = client.post(PAYOFF, {"legs": legs, **more}, content_type="application/json")
    assert answer.status_code == status, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_an_iron_condor_has_exact_ends_and_break_evens(trader: Client, market: OptionMarket) -> None:
    found = ask(trader, condor(market))
    # 160 received a unit, wings 200 wide.
    assert found["net_premium"] == f"{160 * LOT}.00"
    assert found["basis"] == "EXACT"
    assert found["max_gain"]["amount"] == f"{160 * LOT}.00"
    assert found["max_loss"]["amount"] == f"-{40 * LOT}.00"
    assert found["break_evens"] == ["24740.00", "25260.00"]
    assert (found["underlying"], found["spot"], found["warnings"]) == ("NIFTY", f"{SPOT}.00", [])
    assert not Order.objects.exists()


def test_volatility_is_implied_by_the_price_and_said_beside_the_odds(trader: Client, market: OptionMarket) -> None:
    found = ask(trader, condor(market))
    for each in found["legs"]:
        assert float(each["iv"]) == pytest.approx(VOLATILITY, abs=0.002)
        assert each["iv_source"] == "IMPLIED"
    assert found["assumption"]["distribution"] == "lognormal"
    assert float(found["assumption"]["volatility"]) == pytest.approx(VOLATILITY, abs=0.002)
    forward, deviation = float(found["assumption"]["forward"]), VOLATILITY * (NEAR_DAYS / 365) ** 0.5
    ends = NormalDist(log(forward) - deviation**2 / 2, deviation)
    odds = ends.cdf(log(25260)) - ends.cdf(log(24740))
    assert float(found["probability_of_profit"]) == pytest.approx(odds, abs=0.03)


def test_a_live_entry_gains_nothing_where_the_market_stands(trader: Client, market: OptionMarket) -> None:
    found = ask(trader, [leg(market, "25000CE", "SELL"), leg(market, "25000PE", "SELL")])
    assert [each["price_source"] for each in found["legs"]] == ["LTP", "LTP"]
    assert float(found["now"]["pnl"]) == pytest.approx(0, abs=1)
    assert found["max_loss"]["unbounded"] is True
    assert found["max_loss"]["amount"] is None
    assert float(found["greeks"]["theta"]) > 0 > float(found["greeks"]["vega"])
    assert float(found["greeks"]["delta"]) == pytest.approx(0, abs=LOT / 10)


def test_what_if_moves_spot_volatility_and_time(trader: Client, market: OptionMarket) -> None:
    legs = [leg(market, "25000CE")]
    higher = ask(trader, legs, what_if={"spot_pct": "1"})["what_if"]
    assert higher["spot"] == "25250.00"
    assert float(higher["pnl"]) > 0
    dearer = ask(trader, legs, what_if={"iv_shift": "2"})
    vega = float(ask(trader, legs)["greeks"]["vega"])
    assert float(dearer["what_if"]["pnl"]) == pytest.approx(2 * vega, rel=0.02)
    assert float(dearer["legs"][0]["iv"]) == pytest.approx(VOLATILITY, abs=0.002)
    alone = ask(trader, [leg(market, "25000CE", iv_shift="2")])["what_if"]
    assert float(alone["pnl"]) == pytest.approx(float(dearer["what_if"]["pnl"]), abs=5)
    later = ask(trader, legs, what_if={"days": "2"})["what_if"]
    assert float(later["pnl"]) < 0
    assert ask(trader, legs, what_if={"spot": "24000"})["what_if"]["spot"] == "24000.00"


def test_a_calendar_spread_is_valued_by_model_and_says_so(trader: Client, market: OptionMarket) -> None:
    found = ask(trader, [leg(market, "25000CE", "SELL"), leg(market, "25000CE far")])
    assert found["basis"] == "MODEL"
    assert found["searched"]["low"] == "0.00"
    assert [warning["code"] for warning in found["warnings"]] == ["several_expiries"]
    assert len(found["break_evens"]) == 2
    assert float(found["max_gain"]["at"]) == pytest.approx(25000, abs=5)
    assert found["max_loss"]["unbounded"] is False
    assert found["expires_at"].startswith(str(market.near))


def test_a_covered_call_counts_its_share(desk: Desk, trader: Client) -> None:
    expiry = make_option_market().near
    call = make_instrument("NFO:RELIANCE26NOV110CE", expiry=expiry, lot_size=250)
    show_book(ltp="100.00")
    show_book(key=call.key, ltp="2.00", bids=(("1.95", 500),), asks=(("2.05", 500),))
    found = ask(
        trader,
        [
            {"symbol": desk.instrument.key, "side": "BUY", "lots": 250, "price": "100"},
            {"symbol": call.key, "side": "SELL", "lots": 1, "price": "2"},
        ],
    )
    assert (found["underlying"], found["break_evens"]) == ("RELIANCE", ["98.00"])
    assert found["max_gain"]["amount"] == "3000.00"
    assert found["max_loss"]["amount"] == "-24500.00"


def test_the_curve_has_its_corners_and_one_length(trader: Client, market: OptionMarket) -> None:
    curve = ask(trader, condor(market))["curve"]
    assert {len(column) for column in curve.values()} == {len(curve["spot"])}
    at = dict(zip(curve["spot"], curve["expiry"], strict=True))
    assert at["25100.00"] == f"{160 * LOT}.00"
    assert at["24740.00"] == at["25260.00"] == "0.00"
    assert [float(spot) for spot in curve["spot"]] == sorted(float(spot) for spot in curve["spot"])


def test_with_an_account_margin_and_charges_come_along(desk: Desk, trader: Client, market: OptionMarket) -> None:
    found = ask(trader, condor(market), account=str(desk.account.id))["order"]
    assert float(found["margin"]) < float(found["margin_alone"])
    assert float(found["charges"]["total"]) > 0
    assert len(found["legs"]) == 4
    assert not Order.objects.exists()


def test_open_positions_join_as_held_legs_and_are_not_sent(
    desk: Desk, trader: Client, market: OptionMarket
) -> None:
    order_submit(
        actor=desk.trader,
        intent=desk.intent(Side.BUY, 2 * LOT, key=market.key("25200CE"), product=Product.NORMAL),
    )
    found = ask(
        trader,
        [leg(market, "25300CE", "SELL", 2)],
        account=str(desk.account.id),
        include_positions=True,
    )
    held = [each for each in found["legs"] if each["held"]]
    assert [(each["symbol"], each["lots"], each["side"]) for each in held] == [(market.key("25200CE"), 2, "BUY")]
    assert len(found["order"]["legs"]) == 1
    assert found["max_loss"]["unbounded"] is False


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"legs": []}, 400, "no_legs"),
        ({"legs": [{"symbol": "25000CE", "side": "BUY", "lots": 0}]}, 400, "invalid_lots"),
        ({"legs": [{"symbol": "25000CE", "side": "BUY", "lots": 10**6}]}, 400, "invalid_lots"),
        ({"legs": [{"symbol": "25000CE", "side": "BUY", "lots": 1, "price": "0"}]}, 400, "invalid_price"),
        ({"legs": [{"symbol": "25000CE", "side": "BUY", "lots": 1, "price": "99999999"}]}, 400, "invalid_price"),
        ({"legs": [{"symbol": "25000CE", "side": "BUY", "lots": 1, "price": "NaN"}]}, 400, "invalid_input"),
        ({"legs": [{"symbol": "25000CE", "side": "HOLD", "lots": 1}]}, 400, "invalid_input"),
        ({"legs": [{"symbol": "25000CE", "side": "BUY", "lots": 1}] * 13}, 400, "too_many_legs"),
        ({"legs": [{"symbol": "NSE:NIFTY", "side": "BUY", "lots": 1}]}, 400, "not_tradable"),
        ({"legs": [{"symbol": "NFO:NOBODY26NOV1CE", "side": "BUY", "lots": 1}]}, 404, "unknown_symbol"),
        ({"legs": [{"symbol": "25000CE", "side": "BUY", "lots": 1}], "include_positions": True}, 400, "no_account"),
        ({"what_if": {"iv_shift": "NaN"}}, 400, "invalid_what_if"),
        ({"what_if": {"iv_shift": "-Infinity"}}, 400, "invalid_what_if"),
        ({"what_if": {"spot_pct": "-100"}}, 400, "invalid_what_if"),
        ({"what_if": {"spot_pct": "much"}}, 400, "invalid_what_if"),
        ({"what_if": {"days": "-1"}}, 400, "invalid_what_if"),
        ({"what_if": {"spot": "0"}}, 400, "invalid_what_if"),
        ({"what_if": {"days": "30"}}, 400, "beyond_expiry"),
        ({"what_if": {"at": "2000-01-01T00:00:00Z"}}, 400, "beyond_expiry"),
    ],
)
def test_what_is_no_strategy_is_told_why(
    trader: Client, market: OptionMarket, body: dict[str, Any], status: int, code: str
) -> None:
    legs = [
        {**each, "symbol": market.key(each["symbol"]) if each["symbol"] in market.contracts else each["symbol"]}
        for each in body.get("legs", [{"symbol": "25000CE", "side": "BUY", "lots": 1}])
    ]
    answer = trader.post(PAYOFF, {**body, "legs": legs}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content


def test_legs_of_two_underlyings_and_expired_ones_are_refused(trader: Client, market: OptionMarket) -> None:
    other = make_instrument("NFO:BANKNIFTY26NOV50000CE", expiry=market.near, lot_size=15)
    legs = [leg(market, "25000CE"), {"symbol": other.key, "side": "BUY", "lots": 1}]
    assert ask(trader, legs, 400)["code"] == "different_underlyings"
    past = make_instrument("NFO:NIFTY16AUG8600CE", expiry=market.near - timedelta(days=90), lot_size=75)
    assert ask(trader, [{"symbol": past.key, "side": "BUY", "lots": 1}], 400)["code"] == "contract_expired"


def test_a_leg_without_any_price_needs_one(trader: Client, market: OptionMarket) -> None:
    silent = make_instrument("NFO:NIFTY26NOV26500CE", expiry=market.near, lot_size=LOT)
    legs = [{"symbol": silent.key, "side": "SELL", "lots": 1}]
    assert ask(trader, legs, 422)["code"] == "no_price"
    found = ask(trader, [{**legs[0], "price": "4.00"}])
    assert found["legs"][0]["market_price"] is None
    assert found["legs"][0]["iv_source"] == "NEIGHBOUR"
    assert {warning["code"] for warning in found["warnings"]} == {"stale_prices", "borrowed_volatility"}


def test_stale_prices_stand_in_and_are_said(trader: Client, market: OptionMarket) -> None:
    market.quote("25000CE", "200.00", age=timedelta(minutes=5))
    found = ask(trader, [leg(market, "25000CE")])
    assert found["legs"][0]["stale"] is True
    assert found["legs"][0]["price"] == "200.00"
    assert "stale_prices" in {warning["code"] for warning in found["warnings"]}


def test_who_may_only_look_gets_figures_but_no_order(desk: Desk, market: OptionMarket) -> None:
    viewer = Client()
    viewer.force_login(make_member(Role.VIEWER, desk.organisation).user)
    assert ask(viewer, condor(market))["order"] is None
    assert ask(viewer, condor(market), 403, account=str(desk.account.id))["code"] == "permission_denied"


def test_a_strangers_account_is_not_found(desk: Desk, market: OptionMarket) -> None:
    stranger = Client()
    stranger.force_login(make_member(Role.TRADER).user)
    account = str(desk.account.id)
    assert ask(stranger, condor(market), 404, account=account)["code"] == "unknown_account"
    assert ask(stranger, condor(market), 404, account=account, include_positions=True)["code"] == "unknown_account"


@pytest.mark.parametrize("name", ["iron-condor", "call-calendar", "covered-call", "call-ratio-spread"])
def test_a_ready_made_shape_becomes_contracts_that_can_be_analysed(
    trader: Client, market: OptionMarket, name: str
) -> None:
    found = trader.get(f"/api/v1/options/shapes/{name}", {"underlying": "NIFTY", "expiry": str(market.near)}).json()
    assert found["link"].count(",") == len(found["legs"]) - 1
    legs = [{"symbol": each["symbol"], "side": each["side"], "lots": each["lots"]} for each in found["legs"]]
    analysed = ask(trader, legs)
    assert analysed["basis"] == ("MODEL" if name == "call-calendar" else "EXACT")


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        ("moonshot", {"underlying": "NIFTY", "expiry": "current_month"}, 400, "unknown_shape"),
        ("iron-condor", {"underlying": "NOBODY", "expiry": "current_month"}, 404, "unknown_underlying"),
        ("iron-condor", {"underlying": "NIFTY", "expiry": "2016-08-25"}, 404, "no_such_expiry"),
        ("iron-condor", {"underlying": "NIFTY", "expiry": "whenever"}, 400, "invalid_input"),
        ("iron-condor", {"underlying": "NIFTY", "expiry": "current_month", "lots": "0"}, 400, "invalid_input"),
    ],
)
def test_a_shape_that_cannot_be_is_told_why(
    trader: Client, market: OptionMarket, path: str, query: dict[str, str], status: int, code: str
) -> None:
    answer = trader.get(f"/api/v1/options/shapes/{path}", query)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_calendar_needs_a_later_expiry(trader: Client, market: OptionMarket) -> None:
    query = {"underlying": "NIFTY", "expiry": str(market.far)}
    assert trader.get("/api/v1/options/shapes/call-calendar", query).json()["code"] == "no_such_expiry"


def test_strategies_are_kept_replaced_and_forgotten_by_their_owner_alone(
    desk: Desk, trader: Client, market: OptionMarket
) -> None:
    body = {"name": "Condor", "legs": condor(market)}
    made = trader.post(KEPT, body, content_type="application/json")
    assert made.status_code == 201
    kept = made.json()
    assert (kept["underlying"], len(kept["legs"])) == ("NIFTY", 4)
    assert kept["link"].startswith(f"{market.key('25300CE')}:BUY:1:100,")
    again = trader.post(KEPT, {**body, "name": "CONDOR"}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "strategy_name_taken")
    path = f"{KEPT}/{kept['id']}"
    changed = trader.put(path, {"name": "Call", "legs": condor(market)[:1]}, content_type="application/json").json()
    assert (changed["name"], len(changed["legs"])) == ("Call", 1)
    colleague = Client()
    colleague.force_login(make_member(Role.OWNER, desk.organisation).user)
    for call in (colleague.get, colleague.delete):
        assert call(path).json()["code"] == "unknown_option_strategy"
    assert [each["name"] for each in trader.get(KEPT).json()] == ["Call"]
    assert trader.delete(path).status_code == 204
    assert not OptionStrategy.objects.exists()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": " ", "legs": "condor"}, "invalid_input"),
        ({"name": "\x07bell", "legs": "condor"}, "invalid_name"),
        ({"name": "Empty", "legs": []}, "no_legs"),
    ],
)
def test_what_cannot_be_kept_is_told_why(
    trader: Client, market: OptionMarket, body: dict[str, Any], code: str
) -> None:
    legs = condor(market) if body["legs"] == "condor" else body["legs"]
    answer = trader.post(KEPT, {**body, "legs": legs}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_prices_of_the_answer_are_decimal_strings(trader: Client, market: OptionMarket) -> None:
    found = ask(trader, condor(market))
    for text in (found["net_premium"], found["greeks"]["delta"], found["curve"]["now"][0], found["legs"][0]["pnl"]):
        assert isinstance(text, str)
        assert Decimal(text).is_finite()


def test_a_what_if_may_look_past_the_first_expiry_and_says_what_is_settled_by_then(
    trader: Client, market: OptionMarket
) -> None:
    legs = [leg(market, "25000CE", "SELL", price="200"), leg(market, "25000CE far", price="300")]
    at = datetime.combine(market.far, time(15, 0), tzinfo=clock.IST).isoformat()
    found = ask(trader, legs, what_if={"at": at, "spot": "25400"})
    assert found["last_expires_at"].startswith(str(market.far))
    near, far = found["legs"]
    assert near["value"] == "400.00"
    assert float(near["pnl"]) == (200 - 400) * near["quantity"]
    assert {float(each) for each in near["greeks"].values()} == {0.0}
    assert float(far["value"]) == pytest.approx(400, abs=5)
    assert float(found["greeks"]["delta"]) == float(far["greeks"]["delta"])
    assert "settled_legs" in [warning["code"] for warning in found["warnings"]]
    later = (datetime.fromisoformat(at) + timedelta(days=2)).isoformat()
    assert ask(trader, legs, 400, what_if={"at": later})["code"] == "beyond_expiry"


def test_one_bad_leg_of_an_address_is_told_alone(trader: Client, market: OptionMarket) -> None:
    other = make_instrument("NFO:BANKNIFTY26NOV50000CE", expiry=market.near, lot_size=15)
    good = f"{market.key('25000CE')}:BUY:1"
    text = f"{good},NFO:NOBODY26NOV1CE:BUY:1,nonsense,{other.key}:BUY:1,{market.key('24900PE')}:SELL:2"
    page = trader.get("/options/builder/", {"legs": text}).content.decode()
    for key in (market.key("25000CE"), market.key("24900PE")):
        assert f'value="{key}"' in page
    assert "NOBODY26NOV1CE" in page
    assert "“nonsense” is not" in page
    assert "BANKNIFTY and NIFTY" in page
    assert f'value="{other.key}"' not in page
