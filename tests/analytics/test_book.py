"""The book by day and by trade, held against the portfolio's own fold of the same lines."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from analytics.domain.book import NO_MARKS, BookLine, Marks, PositionKey, by_position, daily_result
from analytics.domain.trades import trades_of
from trading.brokers.domain.terms import Side
from trading.portfolio.domain.position import (
    PositionFill,
    PositionState,
    apply_fill,
    unrealised_pnl_paise,
)
from trading.portfolio.domain.position_events import EventFacts, PositionEventKind, adjusted_quantity, apply_event

FIRST = date(2026, 1, 5)
KEY = PositionKey(UUID(int=1), 1, "NORMAL", "")
OTHER = PositionKey(UUID(int=1), 1, "DELIVERY", "")


def at(day: int, minute: int = 0) -> datetime:
    return datetime(2026, 1, 5, 4, tzinfo=UTC) + timedelta(days=day, minutes=minute)


def fill(day: int, quantity: int, price: str, *, charges: int = 0, ref: str = "", order: str = "", tag: str = "",
         key: PositionKey = KEY) -> BookLine:  # fmt: skip
    made = PositionFill(Side.BUY if quantity > 0 else Side.SELL, abs(quantity), Decimal(price), FIRST, charges)
    return BookLine(
        at=at(day), day=FIRST + timedelta(days=day), position=key, kind="FILL", quantity=quantity,
        value_paise=made.value_paise, charges_paise=charges, price=Decimal(price), ref=ref, order=order, tag=tag,
    )  # fmt: skip


def event(day: int, kind: PositionEventKind, quantity: int = 0, value: int = 0, *, charges: int = 0,
          ratio: Fraction | None = None, transfer: str = "", key: PositionKey = KEY) -> BookLine:  # fmt: skip
    return BookLine(
        at=at(day), day=FIRST + timedelta(days=day), position=key, kind=kind, quantity=quantity, value_paise=value,
        charges_paise=charges, ratio=ratio, transfer=transfer,
    )  # fmt: skip


def ordinals(count: int) -> np.ndarray:
    return np.arange(count, dtype=np.int64) + FIRST.toordinal()


def marks(*prices: str) -> Marks:
    return Marks(ordinals(len(prices)), np.array([int(Decimal(each) * 10_000) for each in prices], dtype=np.int64))


steps = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(["fill", "fill", "fill", "fill", "m2m", "dividend", "split", "charge", "expiry"]),
        st.integers(-40, 40).filter(bool),
        st.integers(100, 500_00).map(lambda paise: Decimal(paise) / 100),
        st.integers(0, 900),
    ),
    min_size=1,
    max_size=25,
)


def _fold(state: PositionState, line: BookLine) -> PositionState:
    """The portfolio's own arithmetic on one line, margin left out."""
    if line.kind == "FILL":
        side = Side.BUY if line.quantity > 0 else Side.SELL
        made = PositionFill(side, abs(line.quantity), line.price or Decimal(0), line.day, line.charges_paise)
        return apply_fill(state, made, _NoMargin()).after  # type: ignore[arg-type]
    facts = EventFacts(
        kind=PositionEventKind(line.kind), day=line.day, quantity_change=line.quantity,
        value_paise=line.value_paise, charges_paise=line.charges_paise, ratio=line.ratio,
    )  # fmt: skip
    return apply_event(state, facts).after


class _NoMargin:
    def opening_paise(self, side: Side, quantity: int, price: Decimal) -> int:
        return 0


@given(steps, st.lists(st.integers(100, 500_00), min_size=80, max_size=80))
def test_results_by_day_are_realised_and_unrealised_less_charges_to_the_paisa(
    rows: list[tuple[int, str, int, Decimal, int]], closes: list[int]
) -> None:
    state, lines, day = PositionState(), [], 0
    after: dict[int, PositionState] = {}
    for wait, kind, quantity, price, charges in rows:
        day = min(day + wait, 79)
        line = _line(state, day, kind, quantity, price, charges)
        if line is None:
            continue
        lines.append(line)
        state = _fold(state, line)
        after[day] = state
    if not lines:
        return
    prices = marks(*(str(Decimal(each) / 100) for each in closes))
    found = np.cumsum(daily_result(lines, ordinals(80), prices).gains).tolist()
    standing = PositionState()
    for index in range(80):
        standing = after.get(index, standing)
        mark = Decimal(closes[index]) / 100
        unrealised = unrealised_pnl_paise(standing.quantity, standing.open_value_paise, mark)
        assert found[index] == standing.realised_pnl_paise + unrealised - standing.charges_paise


def _line(
    state: PositionState, day: int, kind: str, quantity: int, price: Decimal, charges: int
) -> BookLine | None:
    value = int(price * 100) * abs(state.quantity)
    if kind == "fill":
        return fill(day, quantity, str(price), charges=charges)
    if kind == "charge":
        return event(day, PositionEventKind.INTEREST, charges=charges)
    if state.quantity == 0:
        return None
    if kind == "m2m":
        return event(day, PositionEventKind.M2M, value=value)
    if kind == "dividend":
        return event(day, PositionEventKind.DIVIDEND, value=charges)
    if kind == "expiry":
        return event(day, PositionEventKind.EXPIRY, -state.quantity, value)
    ratio = Fraction(abs(quantity), 7)
    after, fraction = adjusted_quantity(state.quantity, ratio)
    cash = int(Fraction(price) * 100 * fraction)
    return event(day, PositionEventKind.SPLIT, after - state.quantity, cash, ratio=ratio)


@given(steps)
def test_trades_and_what_is_open_carry_all_the_cash_of_fills_splits_and_settlements(
    rows: list[tuple[int, str, int, Decimal, int]],
) -> None:
    state, lines = PositionState(), []
    for number, (_, kind, quantity, price, charges) in enumerate(rows):
        wanted = kind if kind in ("fill", "split", "expiry") else "fill"
        line = _line(state, number, wanted, quantity, price, charges)
        if line is not None:
            lines.append(replace(line, ref=str(number)))
            state = _fold(state, line)
    if not lines:
        return
    if state.quantity:
        lines.append(fill(len(rows) + 1, -state.quantity, "77", ref="last"))
    found = trades_of(lines)
    held = cash = 0
    for line in lines:
        cash += line.cash_paise(held)
        held += line.quantity
    assert found.open == ()
    assert float(sum(each.trip.gross_paise for each in found.closed)) == pytest.approx(cash, abs=1e-6)
    assert sum(each.trip.charges_paise for each in found.closed) == sum(
        line.charges_paise for line in lines if line.quantity and line.kind == "FILL"
    ) + sum(line.charges_paise for line in lines if line.kind == PositionEventKind.EXPIRY)


def test_what_is_open_is_worth_the_last_close_or_the_later_trade() -> None:
    lines = [fill(0, 10, "100"), fill(2, 10, "130")]
    sparse = Marks(ordinals(4)[[0, 3]], np.array([110, 120], dtype=np.int64) * 10_000)
    found = daily_result(lines, ordinals(4), sparse)
    assert np.cumsum(found.gains).tolist() == [10_000, 10_000, 30_000, 10_000]
    assert found.unpriced.tolist() == [0, 1, 1, 0]
    assert found.open.tolist() == [1, 1, 1, 1]
    assert found.traded.tolist() == [100_000, 0, 130_000, 0]
    assert daily_result(lines, ordinals(4), NO_MARKS).unpriced.tolist() == [1, 1, 1, 1]


def test_fills_of_one_order_are_one_trade_and_carry_its_tag() -> None:
    lines = [
        fill(0, 10, "100", ref="a", order="one", tag="breakout", charges=3),
        fill(0, 20, "103", ref="b", order="one", tag="breakout", charges=4),
        fill(1, -30, "110", ref="c", order="two"),
    ]
    (trade,) = trades_of(lines).closed
    assert (trade.trip.quantity, trade.trip.entry_price, trade.trip.charges_paise) == (30, Decimal(102), 7)
    assert (trade.tag, trade.trip.opened_by, trade.trip.closed_by) == ("breakout", "a", "c")


def test_a_conversion_is_no_trade_and_keeps_the_day_of_entry() -> None:
    out = event(1, PositionEventKind.CONVERSION, -10, 100_000, transfer="x")
    into = event(1, PositionEventKind.CONVERSION, 10, 100_000, transfer="x", key=OTHER)
    lines = [fill(0, 10, "100", charges=5), out, into, fill(2, -10, "120", key=OTHER)]
    found = trades_of(lines)
    (trade,) = found.closed
    assert (trade.trip.opened_at, trade.trip.net_paise, trade.position) == (at(0), Decimal(20_000 - 5), OTHER)
    by_day = [daily_result(rows, ordinals(3), NO_MARKS).gains for rows in by_position(lines).values()]
    assert sum(int(each.sum()) for each in by_day) == 20_000 - 5


def test_a_bonus_keeps_the_cost_and_pays_the_fraction() -> None:
    lines = [fill(0, 5, "90"), event(1, PositionEventKind.BONUS, 2, 3_000, ratio=Fraction(3, 2)), fill(2, -7, "70")]
    (trade,) = trades_of(lines).closed
    assert trade.trip.quantity == 7
    assert float(trade.trip.gross_paise) == pytest.approx(7 * 7_000 + 3_000 - 45_000)


def test_what_nothing_closed_is_told_with_its_entry() -> None:
    (units,) = trades_of([fill(0, 5, "90"), fill(1, -2, "95")]).open
    assert (units.at, units.quantity) == (at(0), 3)
