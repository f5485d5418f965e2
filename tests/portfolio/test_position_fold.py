"""A position is a fold of its fills, exact to the paisa."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from trading.brokers.domain.terms import Side
from trading.portfolio.domain.ledger import LedgerAccount, fill_postings, inventory_paise
from trading.portfolio.domain.margin import MarginRates, MarginTerms
from trading.portfolio.domain.position import (
    PositionFill,
    PositionState,
    apply_fill,
    day_pnl_paise,
    fold,
    unrealised_pnl_paise,
)
from trading.portfolio.domain.trade import Segment

INTRADAY = MarginTerms(Segment.EQ_INTRADAY, MarginRates(Decimal("0.2"), Decimal("0.2")))
OPTION = MarginTerms(Segment.OPT, MarginRates(Decimal(1), Decimal(1)))
DELIVERY = MarginTerms(Segment.EQ_DELIVERY, MarginRates(Decimal(1), Decimal(1)))
MONDAY, TUESDAY = date(2026, 11, 16), date(2026, 11, 17)

prices = st.decimals(min_value="0.05", max_value="100000", places=2)
fills = st.builds(
    PositionFill,
    side=st.sampled_from(Side),
    quantity=st.integers(min_value=1, max_value=5000),
    price=prices,
    day=st.just(MONDAY),
    charges_paise=st.integers(min_value=0, max_value=5000),
)


def fill(side: Side, quantity: int, price: str, day: date = MONDAY, charges_paise: int = 0) -> PositionFill:
    return PositionFill(side, quantity, Decimal(price), day, charges_paise)


def run(*steps: PositionFill, terms: MarginTerms = INTRADAY) -> PositionState:
    return fold((step, terms) for step in steps)


def cash_paise(steps: list[PositionFill]) -> int:
    return sum(-step.side.sign * step.value_paise for step in steps)


@given(st.lists(fills, max_size=20), prices)
def test_realised_and_unrealised_pnl_equal_the_cash_identity_exactly(steps, mark):
    state = run(*steps)
    unrealised = unrealised_pnl_paise(state.quantity, state.open_value_paise, mark)
    mark_value = int(mark * 100) * state.quantity
    assert state.realised_pnl_paise + unrealised == cash_paise(steps) + mark_value


@given(st.lists(fills, max_size=8).flatmap(lambda steps: st.tuples(st.just(steps), st.permutations(steps))))
def test_quantity_and_charges_do_not_depend_on_the_order_of_fills(orders):
    first, second = (run(*steps) for steps in orders)
    assert first.quantity == second.quantity
    assert first.charges_paise == second.charges_paise


@given(st.lists(fills, max_size=20))
def test_a_flat_position_keeps_neither_cost_nor_margin(steps):
    state = run(*steps)
    closing = Side.SELL if state.quantity > 0 else Side.BUY
    if state.quantity:
        state = apply_fill(state, fill(closing, abs(state.quantity), "100"), INTRADAY).after
    assert (state.quantity, state.open_value_paise, state.margin_paise) == (0, 0, 0)


@given(st.lists(fills, max_size=20))
def test_margin_and_cost_are_never_negative_and_postings_follow_the_state(steps):
    state, margin, realised = PositionState(), 0, 0
    for step in steps:
        change = apply_fill(state, step, INTRADAY)
        postings = fill_postings(
            change, inventory_change_paise=0, charges_paise=step.charges_paise, released_hold_paise=0
        )
        margin += postings.get(LedgerAccount.MARGIN, 0)
        realised -= postings.get(LedgerAccount.REALISED_PNL, 0)
        state = change.after
        assert sum(postings.values()) == 0
        assert min(state.open_value_paise, state.margin_paise) >= 0
    assert (margin, realised) == (state.margin_paise, state.realised_pnl_paise)


def test_a_fill_larger_than_the_position_turns_it_through_zero():
    state = run(fill(Side.BUY, 10, "100"), fill(Side.SELL, 25, "110"))
    assert state.quantity == -15
    assert state.average_price == 110
    assert state.realised_pnl_paise == 10_000
    assert state.margin_paise == 15 * 110 * 100 // 5


def test_closing_in_part_takes_a_share_of_cost_and_margin():
    state = run(fill(Side.BUY, 3, "100.01"), fill(Side.BUY, 1, "100.05"), fill(Side.SELL, 2, "101"))
    assert state.quantity == 2
    assert state.open_value_paise == 20_004
    assert state.realised_pnl_paise == 20_200 - 20_004
    assert state.average_price == Decimal("100.0200")


def test_delivery_is_carried_at_cost_without_margin():
    change = apply_fill(PositionState(), fill(Side.BUY, 10, "1500", charges_paise=250), DELIVERY)
    inventory = inventory_paise(change.after, is_paid_in_full=True)
    postings = fill_postings(
        change, inventory_change_paise=inventory, charges_paise=250, released_hold_paise=1_500_500
    )
    assert postings == {
        LedgerAccount.BLOCKED: -1_500_500,
        LedgerAccount.INVENTORY: 1_500_000,
        LedgerAccount.CHARGES: 250,
        LedgerAccount.AVAILABLE: 250,
    }


@given(st.lists(fills, max_size=20))
def test_a_bought_option_is_in_inventory_at_cost_and_a_written_one_pays_out_when_closed(steps):
    state, inventory, cash = PositionState(), 0, 0
    for step in steps:
        change = apply_fill(state, step, OPTION)
        change_paise = inventory_paise(change.after, is_paid_in_full=True) - inventory
        postings = fill_postings(
            change, inventory_change_paise=change_paise, charges_paise=0, released_hold_paise=0
        )
        inventory += postings.get(LedgerAccount.INVENTORY, 0)
        cash += postings.get(LedgerAccount.AVAILABLE, 0)
        state = change.after
        assert LedgerAccount.MARGIN not in postings
    withheld = state.open_value_paise if state.quantity < 0 else 0
    assert inventory == (state.open_value_paise if state.quantity > 0 else 0)
    assert cash + withheld == cash_paise(steps)


def test_day_figures_start_afresh_on_the_next_day():
    bought = run(fill(Side.BUY, 10, "100", MONDAY), terms=DELIVERY)
    tuesday = bought.on_day(TUESDAY)
    assert day_pnl_paise(tuesday, mark=Decimal(108), previous_close=Decimal(105)) == 3_000
    assert day_pnl_paise(tuesday, mark=Decimal(108), previous_close=None) is None


def test_day_pnl_counts_overnight_stock_from_the_close_and_new_stock_from_entry():
    state = run(
        fill(Side.BUY, 10, "100", MONDAY),
        fill(Side.BUY, 5, "106", TUESDAY),
        fill(Side.SELL, 8, "110", TUESDAY),
        terms=DELIVERY,
    )
    expected = (7 * 108 - 10 * 105 - 5 * 106 + 8 * 110) * 100
    assert day_pnl_paise(state, mark=Decimal(108), previous_close=Decimal(105)) == expected


def test_a_replay_of_an_earlier_day_has_day_figures_of_its_own():
    state = run(fill(Side.BUY, 10, "100", TUESDAY), fill(Side.SELL, 10, "101", TUESDAY))
    earlier = state.on_day(MONDAY)
    assert (earlier.day, earlier.day_realised_paise) == (MONDAY, 0)
    assert earlier.realised_pnl_paise == 1_000
