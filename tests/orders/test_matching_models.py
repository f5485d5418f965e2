"""The pure models of the paper exchange, as tables of cases and as laws: depth, tape, queue, slippage."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.brokers.domain.terms import Side, Validity
from trading.orders.domain.liquidity import Snapshot
from trading.orders.domain.matching import Offer, match_depth, offers, reach
from trading.orders.domain.queue import QueuePlace, displayed_at, join, look, turn
from trading.orders.domain.slippage import SlippageModel, slipped
from trading.orders.domain.tape import Flow, Tape, Waiting, advance, shares
from trading.orders.domain.terms import MatchingTerms

DAY = date(2026, 11, 20)
AT = datetime(2026, 11, 20, 5, tzinfo=UTC)
TICK = Decimal("0.05")


def levels(*pairs: tuple[str, int]) -> list[Offer]:
    return [Offer(Decimal(price), quantity) for price, quantity in pairs]


BOOK = levels(("100.00", 10), ("100.05", 20), ("100.10", 30))


@pytest.mark.parametrize(
    ("quantity", "worst", "taken", "expected"),
    [
        (5, "100.10", 0, [("100.00", 5, 0)]),
        (15, "100.10", 0, [("100.00", 10, 0), ("100.05", 5, 1)]),
        (15, "100.00", 0, [("100.00", 10, 0)]),
        (5, "100.10", 8, [("100.00", 2, 0), ("100.05", 3, 1)]),
        (5, "100.10", 10, [("100.05", 5, 1)]),
        (100, "100.10", 55, [("100.10", 5, 2)]),
        (5, "100.10", 60, []),
        (5, "99.95", 0, []),
    ],
)
def test_a_taker_walks_the_book_beyond_what_others_took(
    quantity: int, worst: str, taken: int, expected: list[tuple[str, int, int]]
) -> None:
    result = match_depth(
        side=Side.BUY,
        quantity=quantity,
        worst_price=Decimal(worst),
        validity=Validity.DAY,
        opposite=BOOK,
        taken=taken,
    )
    assert [(str(m.price), m.quantity, m.level) for m in result.matches] == expected


@given(st.lists(st.integers(1, 50), min_size=1, max_size=5), st.lists(st.integers(1, 60), max_size=10), st.data())
def test_takers_one_after_another_have_each_unit_once_and_the_earlier_the_better_price(
    sizes: list[int], orders: list[int], data: st.DataObject
) -> None:
    book = [Offer(Decimal(100) + TICK * place, size) for place, size in enumerate(sizes)]
    worst = book[data.draw(st.integers(0, len(book) - 1))].price
    reachable = reach(Side.BUY, worst, book)
    taken, last = 0, Decimal(0)
    had: dict[Decimal, int] = {}
    for quantity in orders:
        granted = max(min(quantity, reachable - taken), 0)
        result = match_depth(
            side=Side.BUY,
            quantity=granted,
            worst_price=worst,
            validity=Validity.DAY,
            opposite=book,
            taken=taken,
        )
        assert result.filled_quantity == granted
        for match in result.matches:
            assert last <= match.price <= worst
            last = match.price
            had[match.price] = had.get(match.price, 0) + match.quantity
        taken += granted
    assert all(had.get(level.price, 0) <= level.quantity for level in book)
    assert sum(had.values()) == min(sum(orders), reachable)


def test_offers_are_a_share_of_each_level_in_whole_lots() -> None:
    found = offers(levels(("100", 1000), ("101", 130)), participation=Decimal("0.25"), lot_size=65)
    assert [offer.quantity for offer in found] == [195, 0]


@pytest.mark.parametrize(
    ("side", "model", "value", "worst", "expected"),
    [
        (Side.BUY, "NONE", "5", "110", "100.00"),
        (Side.BUY, "TICKS", "2", "110", "100.10"),
        (Side.SELL, "TICKS", "2", "90", "99.90"),
        (Side.BUY, "TICKS", "2", "100.05", "100.05"),
        (Side.SELL, "TICKS", "2", "100.00", "100.00"),
        (Side.BUY, "SPREAD", "0.5", "110", "100.10"),
        (Side.SELL, "SPREAD", "0.3", "90", "99.90"),
        (Side.BUY, "IMPACT", "1", "110", "100.10"),
        (Side.BUY, "IMPACT", "0", "110", "100.00"),
    ],
)
def test_slippage_is_adverse_on_the_tick_and_within_the_worst_price(
    side: Side, model: str, value: str, worst: str, expected: str
) -> None:
    found = slipped(
        Decimal("100.00"),
        side=side,
        worst_price=Decimal(worst),
        model=SlippageModel(model),
        value=Decimal(value),
        tick_size=TICK,
        spread=Decimal("0.20"),
        quantity=100,
        day_volume=10_000,
    )
    assert found == Decimal(expected)


@given(
    st.sampled_from(list(Side)),
    st.sampled_from(list(SlippageModel)),
    st.decimals(0, 50, places=2),
    st.integers(20, 4000),
    st.integers(0, 400),
    st.integers(1, 10**6),
    st.integers(0, 10**7),
)
def test_no_model_ever_betters_the_price_or_passes_the_limit(
    side: Side, model: SlippageModel, value: Decimal, ticks: int, room: int, quantity: int, volume: int
) -> None:
    price = ticks * TICK
    worst = max(price + side.sign * room * TICK, TICK)
    found = slipped(
        price,
        side=side,
        worst_price=worst,
        model=model,
        value=value,
        tick_size=TICK,
        spread=TICK * 3,
        quantity=quantity,
        day_volume=volume,
    )
    assert (found - price) * side.sign >= 0
    assert (worst - found) * side.sign >= 0
    assert found % TICK == 0


@pytest.mark.parametrize(
    ("price", "expected"),
    [("100.05", 0), ("100.00", 500), ("99.97", 0), ("99.95", 300), ("99.90", None)],
    ids=["inside the spread", "best", "between levels", "deeper", "beyond what is shown"],
)
def test_what_is_displayed_at_a_price(price: str, expected: int | None) -> None:
    bids = levels(("100.00", 500), ("99.95", 300))
    assert displayed_at(Side.BUY, Decimal(price), bids) == expected


def test_nothing_is_known_of_an_empty_side() -> None:
    assert displayed_at(Side.SELL, Decimal(100), []) is None


@pytest.mark.parametrize(
    ("place", "free", "fresh", "displayed", "is_passed", "remaining", "reached"),
    [
        (QueuePlace(500, 0), 0, 0, 500, False, 500, 0),
        (QueuePlace(500, 0), 200, 200, 300, False, 300, 0),
        (QueuePlace(500, 0), 600, 600, 300, False, 0, 100),
        (QueuePlace(500, 0), 200, 200, 100, False, 100, 0),
        (QueuePlace(500, 0), 0, 0, 800, False, 500, 0),
        (QueuePlace(500, 0), 0, 0, 0, False, 0, 0),
        (QueuePlace(500, 0), 0, 0, None, False, 500, 0),
        (QueuePlace(None, 0), 90, 90, 40, False, 40, 0),
        (QueuePlace(None, 0), 90, 90, None, False, None, 0),
        (QueuePlace(500, 0), 70, 70, None, True, 0, 70),
        (QueuePlace(None, 0), 70, 70, None, True, 0, 70),
        (QueuePlace(0, 0), 90, 70, 0, True, 0, 90),
        (QueuePlace(500, 100), 100, 0, 500, True, 0, 0),
    ],
    ids=[
        "joins behind all",
        "trades bring it forward",
        "trades reach it",
        "a shrinking level brings it forward",
        "a growing level stands behind it",
        "alone at the price",
        "not shown: unchanged",
        "first seen: behind all",
        "still not shown",
        "traded through: all of it",
        "traded through unseen",
        "traded through, already in front",
        "traded through by others' orders",
    ],
)
def test_a_place_in_the_queue_after_a_snapshot(
    place: QueuePlace,
    free: int,
    fresh: int,
    displayed: int | None,
    is_passed: bool,
    remaining: int | None,
    reached: int,
) -> None:
    flow = Flow(free, fresh)
    after = look(place, flow=flow, displayed=displayed, is_passed=is_passed)
    assert (after.remaining(flow), after.reached(flow)) == (remaining, reached)


@pytest.mark.parametrize(
    ("units", "ltp", "waiting", "expected"),
    [
        (100, "100", [("BUY", "100", 30)], {"100": 100}),
        (100, "100", [("BUY", "99", 30), ("SELL", "101", 30)], {}),
        (100, "99", [("BUY", "100", 30)], {"100": 30}),
        (100, "99", [("BUY", "100", 30), ("BUY", "101", 50), ("BUY", "99", 5)], {"101": 50, "100": 30, "99": 20}),
        (60, "99", [("BUY", "100", 30), ("BUY", "101", 50)], {"101": 50, "100": 10}),
        (60, "102", [("SELL", "101", 30), ("SELL", "100", 50)], {"100": 50, "101": 10}),
        (0, "100", [("BUY", "100", 30)], {}),
    ],
    ids=["at the price", "not reached", "through", "through and at", "not enough", "a rising market", "no trade"],
)
def test_traded_units_reach_the_best_price_first(
    units: int, ltp: str, waiting: list[tuple[str, str, int]], expected: dict[str, int]
) -> None:
    orders = [Waiting(Side(side), Decimal(price), pending) for side, price, pending in waiting]
    found = shares(units, Decimal(ltp), orders)
    assert found == {Decimal(price): share for price, share in expected.items()}


def test_units_are_counted_once_whoever_looks() -> None:
    waiting = [Waiting(Side.BUY, Decimal(100), 50)]

    def seen(tape: Tape, number: int, volume: int, before: int) -> Tape:
        return advance(
            tape,
            on=DAY,
            snapshot=Snapshot(number, number, number),
            ltp=Decimal(100),
            volume=volume,
            volume_before=before,
            waiting=waiting,
        )

    first = seen(Tape(), 1, 1000, 900)
    assert first.flows[Decimal(100)] == Flow(100, 100)
    assert seen(first, 1, 1000, 900) is first, "the same snapshot, told twice"
    second = seen(first, 2, 1080, 700)
    assert second.flows[Decimal(100)] == Flow(180, 80), "another process had looked away for longer"
    assert seen(second, 1, 2000, 0) is second, "an older snapshot tells nothing"
    assert second.at(Decimal(100), Snapshot(3, 3, 3)) == Flow(180, 0)
    tomorrow = advance(
        second,
        on=DAY + timedelta(days=1),
        snapshot=Snapshot(9, 9, 9),
        ltp=Decimal(100),
        volume=50,
        volume_before=20,
        waiting=waiting,
    )
    assert tomorrow.flows == {Decimal(100): Flow(30, 30)}


@dataclass
class Resting:
    price: Decimal
    left: int
    place: QueuePlace
    filled: int = 0


steps = st.lists(
    st.tuples(
        st.integers(1995, 2005),  # last price, in ticks
        st.integers(0, 200),  # units traded
        st.lists(st.integers(0, 120), min_size=5, max_size=5),  # displayed at 2004 … 2000
    ),
    max_size=15,
)


@given(st.lists(st.tuples(st.integers(2000, 2004), st.integers(1, 80)), min_size=1, max_size=6), steps)
def test_queued_orders_fill_in_turn_and_never_more_than_traded(
    asked: list[tuple[int, int]], market: list[tuple[int, int, list[int]]]
) -> None:
    """BUY orders of several accounts against any market: conservation, first come first served, price first."""
    tape = Tape(on=DAY)
    orders = [Resting(ticks * TICK, units, QueuePlace(None, 0)) for ticks, units in asked]
    orders.sort(key=lambda order: -order.price)
    traded = 0
    for number, (ltp, units, shown) in enumerate(market, 1):
        snapshot = Snapshot(number, number, number)
        traded += units
        tape = advance(
            tape,
            on=DAY,
            snapshot=snapshot,
            ltp=ltp * TICK,
            volume=traded,
            volume_before=traded - units,
            waiting=[Waiting(Side.BUY, order.price, order.left) for order in orders if order.left],
        )
        bids = [Offer((2004 - depth) * TICK, quantity) for depth, quantity in enumerate(shown) if quantity]
        for order in orders:
            tape = serve(order, tape, snapshot, ltp * TICK, bids)
        assert sum(order.filled for order in orders) <= traded
    for first, second in pairwise(orders):
        if first.price == second.price and second.filled:
            assert first.left == 0, "the earlier of one price fills first"


def serve(order: Resting, tape: Tape, snapshot: Snapshot, ltp: Decimal, bids: Sequence[Offer]) -> Tape:
    flow = tape.at(order.price, snapshot)
    order.place = look(
        order.place,
        flow=flow,
        displayed=displayed_at(Side.BUY, order.price, bids),
        is_passed=Waiting(Side.BUY, order.price, order.left).is_passed(ltp),
    )
    units = min(order.left, order.place.reached(flow))
    order.left -= units
    order.filled += units
    assert flow.free - units >= 0
    return tape.spend(order.price, units) if units else tape


def test_turns_go_by_price_then_time_then_name() -> None:
    early, late = AT, AT + timedelta(milliseconds=1)
    low, high = UUID(int=1), UUID(int=2)
    buys = [
        turn(Side.BUY, Decimal(101), late, high),
        turn(Side.BUY, Decimal(100), early, low),
        turn(Side.BUY, Decimal(100), early, high),
        turn(Side.BUY, Decimal(100), late, low),
        turn(Side.BUY, None, early, low),
    ]
    assert sorted(buys) == buys
    sales = [turn(Side.SELL, Decimal(100), late, low), turn(Side.SELL, Decimal(101), early, low)]
    assert sorted(sales) == sales


def test_an_order_joins_behind_everything_displayed_and_counts_from_now() -> None:
    place = join(400, Flow(1000, 50))
    assert place.remaining(Flow(1000)) == 400
    assert place.reached(Flow(1500)) == 100


def test_latency_is_market_time_from_acceptance() -> None:
    terms = MatchingTerms(latency_ms=250, cancel_latency_ms=40)
    assert terms.eligible_at(AT) == AT + timedelta(milliseconds=250)
    assert terms.cancelled_at(AT) == AT + timedelta(milliseconds=40)
    assert MatchingTerms().eligible_at(AT) is None
    assert MatchingTerms().cancelled_at(AT) is None
