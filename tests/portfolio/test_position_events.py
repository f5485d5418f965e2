"""What happens to positions besides trades: exact in paise, once only, and the books balance after it."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Conflict, InvalidInput
from tests.portfolio.conftest import TRADED_AT, Desk
from trading.brokers.domain.terms import Product, Side
from trading.portfolio.domain.position import PositionState
from trading.portfolio.domain.position_events import (
    EventFacts,
    EventImpossible,
    PositionEventKind,
    adjusted_quantity,
    apply_event,
    carried_value_paise,
)
from trading.portfolio.models import Position, PositionEvent
from trading.portfolio.services import (
    InsufficientFunds,
    account_lock,
    fill_post,
    ledger_verify,
    position_convert,
    position_event_post,
)

Kind = PositionEventKind
DAY = TRADED_AT.date()
NEXT_DAY = datetime(2026, 11, 17, 5, 0, tzinfo=UTC)


def state(quantity: int, cost: int, margin: int = 0) -> PositionState:
    return PositionState(quantity=quantity, open_value_paise=cost, margin_paise=margin)


def event(kind: PositionEventKind, **facts: object) -> EventFacts:
    return EventFacts(kind=kind, day=DAY, **facts)  # type: ignore[arg-type]


def test_a_settled_future_goes_on_from_the_settlement_price() -> None:
    change = apply_event(state(-50, 12_000_00), event(Kind.M2M, value_paise=12_600_00))
    assert change.realised_pnl_paise == -600_00
    assert change.after.open_value_paise == 12_600_00
    assert change.after.quantity == -50


def test_a_split_spreads_the_same_cost_over_more_shares() -> None:
    change = apply_event(state(100, 1_000_00), event(Kind.SPLIT, quantity_change=400, ratio=Fraction(5)))
    assert (change.after.quantity, change.after.open_value_paise) == (500, 1_000_00)
    assert change.realised_pnl_paise == 0


def test_a_fraction_of_a_share_is_sold_at_its_part_of_the_cost() -> None:
    # 3 for 2: five shares become seven and a half.
    change = apply_event(
        state(5, 750_00), event(Kind.BONUS, quantity_change=2, value_paise=80_00, ratio=Fraction(3, 2))
    )
    assert (change.after.quantity, change.after.open_value_paise) == (7, 700_00)
    assert change.realised_pnl_paise == 30_00


def test_a_dividend_is_profit_and_leaves_the_cost_alone() -> None:
    change = apply_event(state(10, 1_000_00), event(Kind.DIVIDEND, value_paise=55_00))
    assert (change.after.realised_pnl_paise, change.after.open_value_paise) == (55_00, 1_000_00)


@pytest.mark.parametrize(
    "impossible",
    [
        event(Kind.EXPIRY, quantity_change=-11, value_paise=0),
        event(Kind.EXPIRY, quantity_change=0),
        event(Kind.SPLIT, quantity_change=10),
        event(Kind.SPLIT, quantity_change=11, ratio=Fraction(2)),
        event(Kind.INTEREST, value_paise=1),
        event(Kind.M2M, value_paise=-1),
        event(Kind.CONVERSION, quantity_change=-1, value_paise=1, margin_paise=1),
    ],
)
def test_what_contradicts_the_position_is_refused(impossible: EventFacts) -> None:
    with pytest.raises(EventImpossible):
        apply_event(state(10, 1_000_00), impossible)


@given(
    quantity=st.integers(1, 10**6),
    cost=st.integers(0, 10**12),
    moved=st.integers(1, 10**6),
    margin=st.integers(0, 10**12),
)
def test_a_conversion_carries_every_paisa_along(quantity: int, cost: int, moved: int, margin: int) -> None:
    moved = min(moved, quantity)
    source = state(quantity, cost, margin)
    value = carried_value_paise(source, moved)
    out = apply_event(source, event(Kind.CONVERSION, quantity_change=-moved, value_paise=value))
    into = apply_event(PositionState(), event(Kind.CONVERSION, quantity_change=moved, value_paise=value))
    assert out.realised_pnl_paise == into.realised_pnl_paise == 0
    assert out.after.open_value_paise + into.after.open_value_paise == cost
    assert out.after.quantity + into.after.quantity == quantity
    assert out.after.day_cash_paise + into.after.day_cash_paise == 0


@given(quantity=st.integers(-(10**6), 10**6), over=st.integers(1, 50), under=st.integers(1, 50))
def test_whole_units_and_the_fraction_make_up_the_ratio(quantity: int, over: int, under: int) -> None:
    whole, fraction = adjusted_quantity(quantity, Fraction(over, under))
    assert 0 <= fraction < 1
    assert abs(whole) + fraction == abs(quantity) * Fraction(over, under)


def bought(desk: Desk, quantity: int = 100, price: str = "1500", product: Product = Product.INTRADAY) -> Position:
    with transaction.atomic():
        fill_post(account=account_lock(desk.account.id), fill=desk.fill(Side.BUY, quantity, price, product=product))
    position: Position = Position.objects.get(account=desk.account, product=product)
    return position


def convert(desk: Desk, position: Position, quantity: int, to: Product, **options: object) -> bool:
    with transaction.atomic():
        account = account_lock(desk.account.id)
        done = position_convert(
            account=account,
            position=Position.objects.get(id=position.id),
            quantity=quantity,
            to_product=to,
            at=options.get("at", TRADED_AT),  # type: ignore[arg-type]
            conversion_id=options.get("conversion_id") or uuid4(),  # type: ignore[arg-type]
        )
    return done.is_new


def test_converting_to_delivery_pays_the_shares_in_full(desk: Desk) -> None:
    position = bought(desk)
    before = account_lock_balance(desk)
    assert convert(desk, position, 40, Product.DELIVERY)
    delivered = Position.objects.get(account=desk.account, product=Product.DELIVERY)
    position.refresh_from_db()
    assert (delivered.quantity, delivered.open_value_paise) == (40, 60_000_00)
    assert (position.quantity, position.open_value_paise, position.margin_paise) == (60, 90_000_00, 18_000_00)
    after = account_lock_balance(desk)
    assert after.available_paise == before.available_paise + 12_000_00 - 60_000_00
    assert (after.inventory_paise, after.margin_paise) == (60_000_00, 18_000_00)
    assert ledger_verify() == []


def account_lock_balance(desk: Desk):  # type: ignore[no-untyped-def]
    with transaction.atomic():
        return account_lock(desk.account.id).balance


def test_the_same_conversion_twice_is_one(desk: Desk) -> None:
    position = bought(desk)
    name = uuid4()
    assert convert(desk, position, 40, Product.DELIVERY, conversion_id=name)
    assert not convert(desk, position, 40, Product.DELIVERY, conversion_id=name)
    assert PositionEvent.objects.count() == 2


def test_shares_that_cannot_be_paid_for_are_not_converted(desk: Desk) -> None:
    position = bought(desk, quantity=3000)
    with pytest.raises(InsufficientFunds):
        convert(desk, position, 3000, Product.DELIVERY)
    position.refresh_from_db()
    assert position.quantity == 3000
    assert not PositionEvent.objects.exists()
    assert ledger_verify() == []


@pytest.mark.parametrize(
    ("quantity", "to", "code"),
    [
        (0, Product.DELIVERY, "invalid_quantity"),
        (101, Product.DELIVERY, "invalid_quantity"),
        (10, Product.INTRADAY, "conversion_not_allowed"),
        (10, Product.NORMAL, "conversion_not_allowed"),
    ],
)
def test_a_conversion_that_cannot_be_names_its_reason(desk: Desk, quantity: int, to: Product, code: str) -> None:
    position = bought(desk)
    with pytest.raises(InvalidInput) as refused:
        convert(desk, position, quantity, to)
    assert refused.value.code == code


def test_shares_of_another_day_stay_delivery(desk: Desk) -> None:
    position = bought(desk, product=Product.DELIVERY)
    with pytest.raises(Conflict) as refused:
        convert(desk, position, 10, Product.INTRADAY, at=NEXT_DAY)
    assert refused.value.code == "not_bought_today"


def test_a_short_cannot_be_delivered(desk: Desk) -> None:
    with transaction.atomic():
        fill_post(account=account_lock(desk.account.id), fill=desk.fill(Side.SELL, 10, "1500"))
    with pytest.raises(Conflict) as refused:
        convert(desk, Position.objects.get(account=desk.account), 10, Product.DELIVERY)
    assert refused.value.code == "short_not_deliverable"


def test_an_event_is_posted_once(desk: Desk) -> None:
    position = bought(desk, product=Product.DELIVERY)
    source = uuid4()
    for _ in range(2):
        with transaction.atomic():
            posted = position_event_post(
                account=account_lock(desk.account.id),
                position=Position.objects.get(id=position.id),
                facts=event(Kind.DIVIDEND, value_paise=500_00, price=Decimal(5)),
                source_id=source,
                at=TRADED_AT,
                description="Dividend of ₹5",
            )
    assert posted is None
    position.refresh_from_db()
    assert position.realised_pnl_paise == 500_00
    assert ledger_verify() == []


def test_an_event_is_never_changed(desk: Desk) -> None:
    convert(desk, bought(desk), 40, Product.DELIVERY)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        PositionEvent.objects.update(value_paise=1)
