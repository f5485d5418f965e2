"""The broker's trades against our own."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from analytics.domain.statements.reconcile import DifferenceKind, Trade, reconcile
from trading.brokers.domain.terms import Side

DAY = date(2026, 11, 2)


def trade(
    quantity: int = 10, price: str = "100.00", *, side: Side = Side.BUY, number: str = "", **other: object
) -> Trade:
    fields: dict[str, object] = {"day": DAY, "instrument": "NSE:INFY", **other}
    return Trade(id=uuid4(), side=side, quantity=quantity, price=Decimal(price), trade_id=number, **fields)


def test_trades_agree_by_their_number_or_by_what_they_are():
    found = reconcile(
        [trade(number="1"), trade(5, "101.00"), trade(side=Side.SELL)],
        [trade(side=Side.SELL, number="9"), trade(5, "101.00", number="8"), trade(number="1")],
    )
    assert (found.matched, found.differences) == (3, ())


def test_an_order_that_is_told_by_its_average_agrees_with_its_fills():
    found = reconcile([trade(30, "100.33")], [trade(10, "100.00"), trade(20, "100.50")])
    assert (found.matched, found.differences) == (1, ())
    off = reconcile([trade(30, "100.35")], [trade(10, "100.00"), trade(20, "100.50")])
    (difference,) = off.differences
    assert (difference.kind, difference.quantity_gap) == (DifferenceKind.DIFFERENT, 0)
    assert difference.value_gap == Decimal("0.50")


def test_what_only_one_side_has_is_told_of_that_side():
    missing = trade(7, number="3")
    extra = trade(4, instrument="NSE:TCS")
    found = reconcile([missing], [extra])
    kinds = {each.kind: each for each in found.differences}
    assert kinds[DifferenceKind.NOT_HERE].told == (missing,)
    assert kinds[DifferenceKind.NOT_THERE].ours == (extra,)
    assert found.matched == 0


def test_one_number_with_two_descriptions_is_a_difference():
    found = reconcile([trade(10, "100.05", number="5")], [trade(10, "100.00", number="5")])
    (difference,) = found.differences
    assert (difference.kind, difference.value_gap) == (DifferenceKind.DIFFERENT, Decimal("0.50"))


_TRADES = st.lists(
    st.builds(
        trade,
        st.integers(1, 3),
        st.sampled_from(["100.00", "100.05"]),
        side=st.sampled_from(Side),
        number=st.sampled_from(["", "1", "2", "3"]),
        instrument=st.sampled_from(["NSE:INFY", "NSE:TCS"]),
    ),
    max_size=8,
)


@given(_TRADES, st.randoms())
def test_the_same_trades_agree_in_any_order(trades, random):
    shuffled = list(trades)
    random.shuffle(shuffled)
    copies = [
        Trade(**{name: getattr(each, name) for name in Trade.__slots__} | {"id": uuid4()}) for each in shuffled
    ]
    numbers = [(each.trade_id, each.side) for each in trades if each.trade_id]
    found = reconcile(trades, copies)
    if len(set(numbers)) == len(numbers):
        assert (found.matched, found.differences) == (len(trades), ())


@given(_TRADES, _TRADES)
def test_no_trade_is_told_twice_and_gaps_are_those_of_the_sums(told, ours):
    found = reconcile(told, ours)
    named = [each.id for difference in found.differences for each in (*difference.told, *difference.ours)]
    assert len(named) == len(set(named))
    assert found.matched + sum(len(each.told) for each in found.differences) == len(told)
    if not found.differences:
        assert sum(each.quantity for each in told) == sum(each.quantity for each in ours)
