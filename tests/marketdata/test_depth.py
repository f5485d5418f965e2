"""Order books in figures, held against a unit-by-unit reading of the same book and against the matching rule."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import fmean

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.domain.permissions import Role
from core.store import get_store
from tests.factories import make_instrument, make_member
from tests.marketdata.builders import make_quote
from trading.brokers.domain.terms import Side, Validity
from trading.marketdata.domain.depth import BookState, book_measures, book_state, cumulative, execution
from trading.marketdata.domain.quote import DepthLevel
from trading.marketdata.services import quote_publish
from trading.orders.domain.matching import match_depth

DEPTH = "/api/v1/depth/NSE:RELIANCE"


def levels(*rows: tuple[str, int]) -> tuple[DepthLevel, ...]:
    return tuple(DepthLevel(Decimal(price), quantity) for price, quantity in rows)


BIDS = levels(("99.95", 30), ("99.90", 60), ("99.80", 10))
ASKS = levels(("100.05", 10), ("100.10", 20), ("100.50", 70))


@st.composite
def sides(draw: st.DrawFn, *, is_buy: bool) -> tuple[DepthLevel, ...]:
    """Up to five levels, best first, as a taker of this side meets them."""
    ticks = sorted(draw(st.sets(st.integers(1, 4000), max_size=5)), reverse=not is_buy)
    return tuple(DepthLevel(Decimal(tick) / 20, draw(st.integers(0, 60))) for tick in ticks)


def test_a_two_sided_book_in_figures() -> None:
    book = book_measures(BIDS, ASKS)
    assert (book.state, book.spread, book.mid) == (BookState.TWO_SIDED, Decimal("0.10"), Decimal("100.00"))
    assert book.spread_bps == Decimal("10.00")
    # (100.05 x 30 + 99.95 x 10) / 40
    assert book.microprice == Decimal("100.0250")
    assert book.imbalance.top == Decimal("0.5000")
    assert book.imbalance.depth == Decimal("0.0000")
    # bids 30 + 60/2 + 10/3, asks 10 + 20/2 + 70/3
    assert book.imbalance.weighted == Decimal("0.1875")


@pytest.mark.parametrize(
    ("bids", "asks", "state"),
    [
        ((), (), BookState.EMPTY),
        (BIDS, (), BookState.BIDS_ONLY),
        ((), ASKS, BookState.ASKS_ONLY),
        (levels(("100.10", 5)), ASKS, BookState.CROSSED),
    ],
)
def test_a_book_without_two_good_sides_has_no_spread_and_no_mid(
    bids: tuple[DepthLevel, ...], asks: tuple[DepthLevel, ...], state: BookState
) -> None:
    book = book_measures(bids, asks)
    assert book.state == state == book_state(bids, asks)
    assert (book.spread, book.spread_bps, book.mid, book.microprice) == (None, None, None, None)


def test_a_locked_book_has_a_spread_of_nothing() -> None:
    book = book_measures(levels(("100.05", 5)), ASKS)
    assert (book.state, book.spread, book.microprice) == (BookState.LOCKED, Decimal(0), Decimal("100.05"))


def test_imbalance_of_one_side_is_whole_and_of_none_unknown() -> None:
    assert book_measures(BIDS, ()).imbalance.depth == 1
    assert book_measures((), ASKS).imbalance.weighted == -1
    assert book_measures((), ()).imbalance.top is None
    assert book_measures(levels(("99", 0)), levels(("100", 0))).imbalance.depth is None


def test_a_size_within_the_book_has_a_price_for_all_of_it() -> None:
    found = execution(ASKS, 25, is_buy=True, mid=Decimal("100.00"))
    assert (found.shown_quantity, found.beyond_quantity, found.levels) == (25, 0, 2)
    assert found.average_price == Decimal("100.0800")
    assert (found.worst_price, found.slippage, found.slippage_bps) == (
        Decimal("100.10"),
        Decimal("0.03"),
        Decimal("3.00"),
    )
    assert (found.cost, found.cost_bps) == (Decimal("0.0800"), Decimal("8.00"))


def test_a_size_beyond_the_book_is_told_as_a_quantity_and_not_priced() -> None:
    found = execution(BIDS, 250, is_buy=False)
    assert (found.shown_quantity, found.beyond_quantity) == (100, 150)
    assert found.notional == Decimal("9990.50")
    assert found.cost is None
    nothing = execution((), 10, is_buy=True)
    assert (nothing.average_price, nothing.beyond_quantity, nothing.slippage) == (None, 10, None)
    with pytest.raises(ValueError, match="at least one unit"):
        execution(ASKS, 0, is_buy=True)


@given(st.booleans(), st.integers(1, 400), st.data())
def test_execution_is_the_mean_of_the_best_units_one_by_one(
    is_buy: bool, quantity: int, data: st.DataObject
) -> None:
    side = data.draw(sides(is_buy=is_buy))
    units = [level.price for level in side for _ in range(level.quantity)][:quantity]
    found = execution(side, quantity, is_buy=is_buy)
    assert found.shown_quantity == len(units)
    assert found.notional == sum(units, Decimal(0))
    if units:
        assert float(found.average_price) == pytest.approx(fmean(map(float, units)), abs=5.1e-5)
        assert found.worst_price == units[-1]
        assert found.slippage is not None
        assert found.slippage >= 0


@given(st.booleans(), st.integers(1, 400), st.integers(1, 4000), st.data())
def test_a_limit_reaches_what_the_matching_rule_would_trade(
    is_buy: bool, quantity: int, worst: int, data: st.DataObject
) -> None:
    side, limit = data.draw(sides(is_buy=is_buy)), Decimal(worst) / 20
    found = execution(side, quantity, is_buy=is_buy, worst_price=limit)
    matched = match_depth(
        side=Side.BUY if is_buy else Side.SELL,
        quantity=quantity,
        worst_price=limit,
        validity=Validity.IOC,
        opposite=side,
    )
    assert found.shown_quantity == matched.filled_quantity
    assert found.notional == sum((match.price * match.quantity for match in matched.matches), Decimal(0))


@given(sides(is_buy=True), sides(is_buy=False))
def test_imbalance_turns_its_sign_with_the_book_and_stays_within_one(
    asks: tuple[DepthLevel, ...], bids: tuple[DepthLevel, ...]
) -> None:
    here, turned = book_measures(bids, asks).imbalance, book_measures(asks, bids).imbalance
    for name in ("top", "depth", "weighted"):
        value = getattr(here, name)
        assert value is None or (-1 <= value <= 1 and value == -getattr(turned, name))


def test_the_depth_chart_adds_up_from_the_best_price() -> None:
    assert [(str(step.price), step.cumulative_quantity) for step in cumulative(BIDS)] == [
        ("99.95", 30),
        ("99.90", 90),
        ("99.80", 100),
    ]


@pytest.fixture
def viewer(client: Client) -> Client:
    get_store().delete("quotes")
    make_instrument("NSE:RELIANCE")
    client.force_login(make_member(Role.VIEWER).user)
    return client


@pytest.mark.django_db
def test_the_api_tells_the_measures_and_without_a_size_no_execution(viewer: Client) -> None:
    quote_publish([make_quote("100.00", bids=BIDS, asks=ASKS)])
    answer = viewer.get(DEPTH).json()
    assert (answer["state"], answer["spread"], answer["spread_bps"]) == ("TWO_SIDED", "0.10", "10.00")
    assert answer["imbalance"] == {"top": "0.5000", "depth": "0.0000", "weighted": "0.1875"}
    assert answer["cumulative"]["asks"][-1] == {"price": "100.50", "cumulative_quantity": 100}
    assert answer["execution"] is None


@pytest.mark.django_db
def test_the_api_walks_the_book_for_a_size_and_says_what_is_beyond_it(viewer: Client) -> None:
    quote_publish([make_quote("100.00", bids=BIDS, asks=ASKS)])
    taken = viewer.get(DEPTH, {"side": "BUY", "quantity": "120"}).json()["execution"]
    assert (taken["shown_quantity"], taken["beyond_quantity"], taken["worst_price"]) == (100, 20, "100.50")
    sold = viewer.get(DEPTH, {"side": "SELL", "quantity": "30"}).json()["execution"]
    assert (sold["average_price"], sold["slippage"], sold["cost"]) == ("99.9500", "0.0000", "0.0500")


@pytest.mark.django_db
def test_a_stale_and_a_one_sided_book_say_so(viewer: Client) -> None:
    old = datetime.now(UTC) - timedelta(minutes=5)
    quote_publish([make_quote("100.00", bids=BIDS, asks=(), received_at=old)])
    answer = viewer.get(DEPTH, {"side": "BUY", "quantity": "1"}).json()
    assert (answer["state"], answer["stale"], answer["spread"]) == ("BIDS_ONLY", True, None)
    assert answer["execution"]["average_price"] is None
    page = viewer.get("/chart/NSE:RELIANCE/").content.decode()
    assert "Only bids: nobody offers." in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("side=BUY", "incomplete_size"),
        ("quantity=5", "incomplete_size"),
        ("side=HOLD&quantity=5", "invalid_input"),
        ("side=BUY&quantity=0", "invalid_input"),
        ("side=BUY&quantity=1.5", "invalid_input"),
        ("side=BUY&quantity=NaN", "invalid_input"),
        ("side=BUY&quantity=99999999999", "invalid_input"),
    ],
)
def test_a_size_that_is_none_is_told_what_is_wrong(viewer: Client, query: str, code: str) -> None:
    quote_publish([make_quote("100.00")])
    answer = viewer.get(f"{DEPTH}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, code)
