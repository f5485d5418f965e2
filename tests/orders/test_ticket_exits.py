"""A target and a stop on the ticket itself: what it makes, shows, refuses, and never drops in silence."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from tests.orders.desk import Desk, make_desk, show_book
from trading.brokers.domain.terms import OrderType, Side
from trading.orders.domain.triggers.outcome import outcome_of
from trading.orders.models import Order, Trigger

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _market(desk: Desk) -> None:
    show_book()


def client_of(user_id: Any) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(pk=user_id), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def trader(desk: Desk) -> Client:
    return client_of(desk.trader.user_id)


def ticket(desk: Desk, **changes: Any) -> dict[str, Any]:
    return {
        "account": str(desk.account.id),
        "symbol": desk.instrument.key,
        "side": "BUY",
        "quantity": 10,
        "order_type": "LIMIT",
        "price": "100",
        "product": "INTRADAY",
        "client_order_id": uuid4().hex,
        **changes,
    }


def legs(trigger: Trigger) -> dict[str, tuple[Any, ...]]:
    return {
        leg.role: (leg.order_type, leg.trigger_price, leg.trail_points, leg.trail_percent)
        for leg in trigger.legs.all()
    }


@pytest.mark.parametrize(
    ("exits", "kind", "stop"),
    [
        ({"stop": "95"}, "COVER", ("MARKET", Decimal(95), None, None)),
        ({"stop": "95", "stop_as": "PRICE", "target": "110"}, "BRACKET", ("MARKET", Decimal(95), None, None)),
        ({"stop": "4", "stop_as": "POINTS"}, "COVER", ("MARKET", Decimal(96), Decimal(4), None)),
        (
            {"stop": "2", "stop_as": "PERCENT", "target": "110"},
            "BRACKET",
            ("MARKET", Decimal(98), None, Decimal(2)),
        ),
    ],
)
def test_exits_make_the_ticket_a_cover_or_a_bracket(
    desk: Desk, trader: Client, exits: dict[str, str], kind: str, stop: tuple[Any, ...]
) -> None:
    sent = ticket(desk, **exits)
    answer = trader.post("/orders/submit/", sent, headers=HTMX)
    assert answer.status_code == 200, answer.content
    trigger = Trigger.objects.get()
    entry = Order.objects.get(side="BUY")
    assert (trigger.kind, trigger.side, trigger.quantity, trigger.origin) == (kind, "BUY", 10, "MANUAL")
    assert (entry.order_type, entry.price, entry.quantity) == ("LIMIT", Decimal(100), 10)
    assert legs(trigger)["STOP"] == stop
    assert ("TARGET" in legs(trigger)) == ("target" in exits)
    assert str(trigger.id).encode() in answer.content
    trader.post("/orders/submit/", sent, headers=HTMX)
    assert (Trigger.objects.count(), Order.objects.filter(side="BUY").count()) == (1, 1), (
        "the same ticket twice is one entry"
    )


def test_empty_exits_make_a_plain_order(desk: Desk, trader: Client) -> None:
    trader.post("/orders/submit/", ticket(desk, target="", stop="", stop_as="PRICE"), headers=HTMX)
    assert (Order.objects.count(), Trigger.objects.count()) == (1, 0)


def test_the_preview_shows_what_is_at_risk_and_writes_nothing(desk: Desk, trader: Client) -> None:
    shown = trader.post("/orders/preview/", ticket(desk, stop="95", target="110"), headers=HTMX).content.decode()
    assert "Risk at the stop" in shown
    assert "₹50.00" in shown
    assert "₹100.00" in shown
    assert "2.00 : 1" in shown
    assert "with target and stop" in shown
    plain = trader.post("/orders/preview/", ticket(desk), headers=HTMX).content.decode()
    assert "Risk at the stop" not in plain
    assert not Order.objects.exists()
    assert not Trigger.objects.exists()


@pytest.mark.parametrize(
    ("changes", "code", "field", "words"),
    [
        ({"stop": "105"}, "trigger_crossed", "stop", "Stop price: the price of 100"),
        ({"stop": "95", "target": "99"}, "trigger_crossed", "target", "Target price: the price of 100"),
        ({"stop": "95", "target": "90"}, "oco_legs_inverted", "stop", "the stop must lie below the target"),
        ({"stop": "0", "stop_as": "POINTS"}, "trail_gap_zero", "stop", "the gap must be more than nothing"),
        ({"stop": "60", "stop_as": "PERCENT"}, "trail_gap_too_wide", "stop", "must be at most 50"),
        ({"stop": "95.03"}, "price_off_tick", "stop", "Stop price"),
        ({"stop": "1"}, "trigger_beyond_band", "stop", "must lie between"),
        ({"stop": "-1"}, "invalid_trigger_price", "stop", "must be above 0"),
    ],
)
def test_preview_and_submission_refuse_alike_and_by_field(
    desk: Desk, trader: Client, changes: dict[str, str], code: str, field: str, words: str
) -> None:
    shown = trader.post("/orders/preview/", ticket(desk, **changes), headers=HTMX).content.decode()
    assert f'data-code="{code}"' in shown
    assert f'data-wrong="{field}' in shown
    assert words in shown
    assert "disabled" in shown
    answer = trader.post("/orders/submit/", ticket(desk, **changes), headers=HTMX)
    assert answer.status_code == 204
    assert words in answer.headers["HX-Trigger"]
    assert not Order.objects.exists()
    assert not Trigger.objects.exists()


@pytest.mark.parametrize(
    "carrier",
    [
        {"validity": "IOC"},
        {"after_market": "on"},
        {"order_type": "SL", "trigger_price": "102", "price": "103"},
        {"order_type": "SL_M", "trigger_price": "102"},
        {"disclosed_quantity": "5"},
    ],
)
def test_what_cannot_carry_a_stop_is_refused_and_never_sent_without_it(
    desk: Desk, trader: Client, carrier: dict[str, str]
) -> None:
    answer = trader.post("/orders/submit/", ticket(desk, stop="95", **carrier), headers=HTMX)
    assert answer.status_code == 204
    assert "cannot carry exits" in answer.headers["HX-Trigger"]
    alone = trader.post("/orders/submit/", ticket(desk, target="110"), headers=HTMX)
    assert "a target needs a stop beside it" in alone.headers["HX-Trigger"]
    nonsense = trader.post("/orders/submit/", ticket(desk, stop="below"), headers=HTMX)
    assert "Nothing was sent" in nonsense.headers["HX-Trigger"]
    assert not Order.objects.exists()


@pytest.mark.parametrize("exits_first", [True, False])
def test_a_ticket_sent_with_and_without_exits_is_not_two_orders(
    desk: Desk, trader: Client, exits_first: bool
) -> None:
    plain = ticket(desk)
    guarded = {**plain, "stop": "95"}
    first, second = (guarded, plain) if exits_first else (plain, guarded)
    trader.post("/orders/submit/", first, headers=HTMX)
    again = trader.post("/orders/submit/", second, headers=HTMX)
    assert "This ticket was sent already" in again.headers["HX-Trigger"]
    assert Order.objects.count() == 1


def test_the_ticket_offers_exits_and_a_stranger_cannot_use_them(desk: Desk, trader: Client) -> None:
    page = trader.get("/orders/ticket/?symbol=NSE:RELIANCE&side=BUY&stop=95&stop_as=POINTS").content.decode()
    assert 'name="stop"' in page
    assert 'value="95"' in page
    stranger = client_of(make_desk(key="NSE:TCS").trader.user_id)
    answer = stranger.post("/orders/submit/", ticket(desk, stop="95"), headers=HTMX)
    assert "Nothing was sent" in answer.headers.get("HX-Trigger", "")
    assert not Trigger.objects.exists()


_price = st.decimals(min_value=1, max_value=10_000, places=2)


@given(side=st.sampled_from(Side), quantity=st.integers(1, 10_000), entry=_price, away=_price, target=_price)
def test_a_stop_costs_what_leaving_there_would_lose(
    side: Side, quantity: int, entry: Decimal, away: Decimal, target: Decimal
) -> None:
    stop = entry - away * side.sign
    outcome = outcome_of(side=side, quantity=quantity, entry_price=entry, stop_price=stop, target_price=target)
    assert outcome.risk == away * quantity
    bought, sold = (entry, target) if side is Side.BUY else (target, entry)
    assert outcome.reward == (sold - bought) * quantity
    assert (outcome.reward_to_risk is None) == (outcome.reward <= 0)


def test_an_entry_at_market_is_measured_from_the_book(desk: Desk, trader: Client) -> None:
    market = {"order_type": str(OrderType.MARKET), "price": "", "stop": "95"}
    shown = trader.post("/orders/preview/", ticket(desk, **market), headers=HTMX).content.decode()
    assert "Risk at the stop" in shown
    assert "at market with stop" in shown
