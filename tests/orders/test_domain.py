"""The pure rules: states, progress from reports in any order, and matching."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.brokers.domain.messages import Acknowledged, BrokerReport, Cancelled, Execution
from trading.brokers.domain.terms import Side, Validity
from trading.orders.domain.funding import FundsNeed, opening_quantities, opening_quantity
from trading.orders.domain.matching import match_depth, protection_price
from trading.orders.domain.progress import Overfilled, Progress, fold
from trading.orders.domain.states import FINAL, MOVES, IllegalMove, OrderStatus, merge, move

AT = datetime(2026, 11, 20, 5, tzinfo=UTC)
statuses = st.sampled_from(list(OrderStatus))


def test_every_state_has_a_row_in_the_table() -> None:
    assert set(MOVES) == set(OrderStatus)


def test_filled_and_rejected_are_the_end_and_other_final_states_lead_to_final_ones_only() -> None:
    assert MOVES[OrderStatus.FILLED] == MOVES[OrderStatus.REJECTED] == frozenset()
    for status in FINAL:
        assert MOVES[status] <= FINAL


def test_no_path_leads_back_to_where_it_was() -> None:
    def reachable(status: OrderStatus) -> set[OrderStatus]:
        found: set[OrderStatus] = set()
        waiting = [status]
        while waiting:
            new = MOVES[waiting.pop()] - found
            found |= new
            waiting.extend(new)
        return found

    assert all(status not in reachable(status) for status in OrderStatus)


@given(statuses, statuses)
def test_move_and_merge_keep_to_the_table(current: OrderStatus, target: OrderStatus) -> None:
    if target in MOVES[current]:
        assert move(current, target) == merge(current, target) == target
        return
    with pytest.raises(IllegalMove):
        move(current, target)
    if current == target or current in MOVES[target]:
        assert merge(current, target) == current
    else:
        with pytest.raises(IllegalMove):
            merge(current, target)


@st.composite
def histories(draw: st.DrawFn) -> tuple[int, list[BrokerReport]]:
    """What a broker reports of one order: taken, some trades, and perhaps a cancellation of the rest."""
    sizes = draw(st.lists(st.integers(1, 50), min_size=0, max_size=6))
    rest = draw(st.integers(0, 50))
    quantity = sum(sizes) + rest
    if quantity == 0:
        quantity = rest = 1
    reports: list[BrokerReport] = [Acknowledged("B1", AT)]
    for number, size in enumerate(sizes):
        price = Decimal(draw(st.integers(1, 10_000))) / 20
        reports.append(Execution(f"T{number}", size, price, AT))
    if rest and draw(st.booleans()):
        reports.append(Cancelled("cancelled", AT))
    return quantity, reports


@given(histories(), st.data())
def test_reports_permuted_and_duplicated_end_in_the_same_progress(
    history: tuple[int, list[BrokerReport]], data: st.DataObject
) -> None:
    quantity, reports = history
    start = Progress(quantity, OrderStatus.ROUTING)
    expected = fold(start, reports)
    repeated = reports + data.draw(st.lists(st.sampled_from(reports), max_size=6))
    shuffled = data.draw(st.permutations(repeated))
    found = fold(start, shuffled)
    assert (found.status, found.filled_quantity) == (expected.status, expected.filled_quantity)
    assert abs((found.average_price or Decimal(0)) - (expected.average_price or Decimal(0))) < Decimal("0.000001")


@given(histories(), st.data())
def test_dropped_reports_only_delay_the_same_progress(
    history: tuple[int, list[BrokerReport]], data: st.DataObject
) -> None:
    quantity, reports = history
    start = Progress(quantity, OrderStatus.ROUTING)
    heard = [report for report in reports if data.draw(st.booleans())]
    partial = fold(start, heard)
    assert partial.filled_quantity <= fold(start, reports).filled_quantity
    late = fold(start, [*heard, *reports])
    expected = fold(start, reports)
    assert (late.status, late.filled_quantity) == (expected.status, expected.filled_quantity)


def test_more_trades_than_the_order_are_broken_data() -> None:
    with pytest.raises(Overfilled):
        fold(Progress(5, OrderStatus.OPEN), [Execution("T", 6, Decimal(1), AT)])


def test_a_trade_on_a_rejected_order_is_broken_data() -> None:
    with pytest.raises(IllegalMove):
        fold(Progress(5, OrderStatus.REJECTED), [Execution("T", 5, Decimal(1), AT)])


@dataclass(frozen=True)
class Offer:
    price: Decimal
    quantity: int


@st.composite
def books(draw: st.DrawFn, side: Side) -> list[Offer]:
    """Five levels of the side opposite to an order's, best first."""
    best = draw(st.integers(1000, 3000))
    steps = draw(st.lists(st.integers(1, 20), max_size=5))
    price, levels = best, []
    for step in steps:
        levels.append(Offer(Decimal(price) / 20, draw(st.integers(0, 100))))
        price += step * side.sign
    return levels


@given(st.sampled_from(list(Side)), st.sampled_from(list(Validity)), st.integers(1, 400), st.data())
def test_matching_keeps_to_levels_quantities_and_the_worst_price(
    side: Side, validity: Validity, quantity: int, data: st.DataObject
) -> None:
    book = data.draw(books(side))
    worst = Decimal(data.draw(st.integers(900, 3200))) / 20
    result = match_depth(side=side, quantity=quantity, worst_price=worst, validity=validity, opposite=book)
    assert result.filled_quantity + result.remainder == quantity
    assert result.remainder_rests == (result.remainder > 0 and validity is Validity.DAY)
    for match in result.matches:
        assert match.price == book[match.level].price
        assert 0 < match.quantity <= book[match.level].quantity
        assert (worst - match.price) * side.sign >= 0
    for better, worse in pairwise(result.matches):
        assert (worse.price - better.price) * side.sign > 0
    reachable = sum(level.quantity for level in book if (worst - level.price) * side.sign >= 0)
    assert result.filled_quantity == min(quantity, reachable)


@given(st.sampled_from(list(Side)), st.integers(1, 10**7), st.integers(1, 10))
def test_protection_price_is_on_the_tick_and_bounds_the_fill(side: Side, ticks: int, percent: int) -> None:
    tick = Decimal("0.05")
    reference = ticks * tick
    edge = protection_price(side=side, reference=reference, percent=Decimal(percent), tick_size=tick)
    assert edge % tick == 0
    assert edge >= tick
    assert (edge - reference) * side.sign >= 0 or edge == tick
    assert abs(edge - reference) <= max(reference * percent / 100, 10 * tick)


@given(st.sampled_from(list(Side)), st.integers(1, 100), st.integers(-100, 100), st.integers(0, 100))
def test_only_what_goes_beyond_the_free_part_of_a_position_opens(
    side: Side, pending: int, position: int, claimed: int
) -> None:
    opening = opening_quantity(
        side=side, pending_quantity=pending, position_quantity=position, claimed_quantity=claimed
    )
    closable = max(abs(position) - claimed, 0) if position * side.sign < 0 else 0
    assert opening == pending - min(pending, closable)


@given(st.integers(0, 100), st.integers(0, 10**9), st.integers(0, 100))
def test_remainder_never_needs_more_than_the_whole(opening: int, cost: int, pending: int) -> None:
    need = FundsNeed(opening, cost)
    assert 0 <= need.for_remainder(pending) <= need.paise
    assert need.for_remainder(opening) == need.paise
    assert need.for_remainder(0) == 0


@dataclass(frozen=True)
class StandingOrder:
    id: UUID
    pending_quantity: int
    hold_paise: int


standing = st.builds(StandingOrder, st.uuids(), st.integers(1, 50), st.integers(0, 3).map(lambda hold: hold * 100))


@given(
    st.lists(standing, max_size=6, unique_by=lambda order: order.id),
    st.integers(-100, 100),
    st.sampled_from(list(Side)),
)
def test_orders_of_a_side_open_exactly_what_they_do_not_close(
    claims: list[StandingOrder], position: int, side: Side
) -> None:
    opening = opening_quantities(side=side, position_quantity=position, claims=claims)
    closable = max(-position * side.sign, 0)
    assert sum(opening.values()) == max(sum(claim.pending_quantity for claim in claims) - closable, 0)
    assert all(0 <= opening[claim.id] <= claim.pending_quantity for claim in claims)
