"""Any sequence of fills and events keeps the books balanced and equals a small model of cash and units."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from trading.brokers.domain.terms import Side
from trading.portfolio.domain.ledger import LedgerAccount, fill_postings, inventory_paise
from trading.portfolio.domain.margin import MarginRates, MarginTerms
from trading.portfolio.domain.position import PositionFill, PositionState, apply_fill
from trading.portfolio.domain.position_events import (
    EventFacts,
    PositionEventKind,
    adjusted_quantity,
    apply_event,
    carried_value_paise,
)
from trading.portfolio.domain.trade import Segment

DAY = date(2026, 11, 16)
TERMS = MarginTerms(Segment.EQ_INTRADAY, MarginRates(Decimal("0.2"), Decimal("0.2")))
Kind = PositionEventKind

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["fill", "close", "convert", "split", "m2m", "dividend", "charge"]),
        st.integers(-300, 300).filter(bool),
        st.integers(1, 10_000),
    ),
    max_size=25,
)


@dataclass
class Model:
    """Cash in paise and units: nothing else is needed to say what a position has earned."""

    units: int = 0
    cash: int = 0
    charges: int = 0


@dataclass
class Book:
    """The fold, and the running ledger that its changes post."""

    paid_in_full: bool
    state: PositionState = field(default_factory=PositionState)
    accounts: dict[LedgerAccount, int] = field(default_factory=lambda: dict.fromkeys(LedgerAccount, 0))

    def post(self, change, charges: int) -> None:  # type: ignore[no-untyped-def]
        def inventory(state: PositionState) -> int:
            return inventory_paise(state, is_paid_in_full=self.paid_in_full)

        postings = fill_postings(
            change,
            inventory_change_paise=inventory(change.after) - inventory(self.state),
            charges_paise=charges,
            released_hold_paise=0,
        )
        assert sum(postings.values()) == 0
        for account, paise in postings.items():
            self.accounts[account] += paise
        self.state = change.after


def facts_of(kind: str, state: PositionState, amount: int, price: int) -> EventFacts | None:
    """The event that this step stands for on this position, None where there is nothing for it to happen to."""
    held = abs(state.quantity)
    if kind == "charge":
        return EventFacts(kind=Kind.INTEREST, day=DAY, charges_paise=price)
    if not held:
        return None
    units = min(abs(amount), held)
    away = -units if state.quantity > 0 else units
    if kind == "close":
        return EventFacts(kind=Kind.EXPIRY, day=DAY, quantity_change=away, value_paise=units * price)
    if kind == "convert":
        value = carried_value_paise(state, units)
        return EventFacts(kind=Kind.CONVERSION, day=DAY, quantity_change=away, value_paise=value)
    if kind == "m2m":
        return EventFacts(kind=Kind.M2M, day=DAY, value_paise=held * price)
    if kind == "dividend":
        return EventFacts(kind=Kind.DIVIDEND, day=DAY, value_paise=held * price) if state.quantity > 0 else None
    ratio = Fraction(abs(amount) % 7 + 1, price % 3 + 1)
    after, fraction = adjusted_quantity(state.quantity, ratio)
    cash = int(price * fraction)
    return EventFacts(
        kind=Kind.SPLIT, day=DAY, quantity_change=after - state.quantity, value_paise=cash, ratio=ratio
    )


def follow(model: Model, kind: str, facts: EventFacts, state: PositionState) -> None:
    """The same step on the model: units and cash, and what is marked to market counts as sold and bought back."""
    sign = 1 if state.quantity > 0 else -1
    model.units += facts.quantity_change
    model.charges += facts.charges_paise
    if kind in ("close", "convert", "split"):
        model.cash += sign * facts.value_paise
    elif kind == "dividend":
        model.cash += facts.value_paise


@given(steps=STEPS, paid_in_full=st.booleans())
def test_fills_and_events_equal_the_model(steps: list[tuple[str, int, int]], paid_in_full: bool) -> None:
    book, model = Book(paid_in_full), Model()
    for kind, amount, price in steps:
        if kind == "fill":
            side = Side.BUY if amount > 0 or (paid_in_full and book.state.quantity < abs(amount)) else Side.SELL
            fill = PositionFill(side, abs(amount), Decimal(price) / 100, DAY, charges_paise=price % 50)
            book.post(apply_fill(book.state, fill, TERMS), fill.charges_paise)
            model.units += side.sign * abs(amount)
            model.cash -= side.sign * abs(amount) * price
            model.charges += price % 50
            continue
        facts = facts_of(kind, book.state, amount, price)
        if facts is None:
            continue
        follow(model, kind, facts, book.state)
        book.post(apply_event(book.state, facts), facts.charges_paise)
    state = book.state
    sign = 1 if state.quantity >= 0 else -1
    assert state.quantity == model.units
    # What is realised plus what is still carried at cost is exactly the cash that moved.
    assert state.realised_pnl_paise - sign * state.open_value_paise == model.cash
    assert state.charges_paise == model.charges
    assert (state.quantity != 0) or (state.open_value_paise == 0 and state.margin_paise == 0)
    assert sum(book.accounts.values()) == 0
    assert book.accounts[LedgerAccount.CHARGES] == model.charges
    assert -book.accounts[LedgerAccount.REALISED_PNL] == state.realised_pnl_paise
    assert book.accounts[LedgerAccount.MARGIN] == state.margin_paise
    assert book.accounts[LedgerAccount.INVENTORY] == inventory_paise(state, is_paid_in_full=paid_in_full)
