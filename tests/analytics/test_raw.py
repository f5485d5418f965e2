"""A book is read past the ORM, and is the ORM's to the last digit."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.domain.permissions import Role
from analytics.domain.book import FILL, BookLine, PositionKey, by_position, held_overnight
from analytics.selectors.book import book_lines
from analytics.selectors.raw import id_of, id_text, instant, price_of, raw_rows
from core import clock
from core.tenancy import tenant_scope
from tests.analytics.books import a_round, trade
from tests.factories import actor_for, make_member
from tests.orders.desk import Desk
from trading.brokers.domain.terms import Side
from trading.orders.models import Fill
from trading.portfolio.domain.position import PositionFill


def of_the_orm() -> list[BookLine]:
    """The fills as lines, each value as the ORM's fields make it."""
    return [
        BookLine(
            at=fill.traded_at,
            day=clock.trading_date(fill.traded_at),
            position=PositionKey(fill.account_id, fill.instrument_id, fill.order.product, fill.order.strategy),
            kind=FILL,
            quantity=Side(fill.side).sign * fill.quantity,
            value_paise=PositionFill(
                Side(fill.side), fill.quantity, fill.price, date.min, fill.charges_paise
            ).value_paise,
            charges_paise=fill.charges_paise,
            stt_paise=fill.stt_paise,
            price=fill.price,
            ref=str(fill.id),
            order=str(fill.order_id),
            tag=fill.order.tag,
        )
        for fill in Fill.objects.select_related("order").order_by("recorded_at", "id")
    ]


@pytest.mark.django_db
def test_lines_are_what_the_orm_reads(desk: Desk) -> None:
    a_round(desk)
    trade(desk, Side.SELL, 7, tag="exit")
    with tenant_scope(desk.organisation.id):
        found, expected = book_lines([desk.account.id]), of_the_orm()
        assert len(found) == 3
        # A price that is equal may still have other places, and then carries them into what is reckoned of it.
        assert repr(found) == repr(expected)
        assert book_lines([]) == []


@pytest.mark.django_db
def test_another_tenants_rows_stay_behind_the_querys_own_walls(desk: Desk) -> None:
    a_round(desk)
    stranger = actor_for(make_member(Role.OWNER))
    with tenant_scope(stranger.organisation_id):
        assert list(raw_rows(Fill.objects.for_actor(stranger).values_list("id"))) == []
        assert book_lines([desk.account.id]) == []


@given(st.uuids(), st.datetimes(), st.integers(1, 10**11 - 1))
def test_what_sqlite_keeps_is_read_as_what_postgresql_gives(made: UUID, at: datetime, units: int) -> None:
    assert id_text(made.hex) == id_text(made) == str(made)
    assert id_of(made.hex) == id_of(made) == made
    assert instant(at) == instant(at.replace(tzinfo=UTC)) == at.replace(tzinfo=UTC)
    price = Decimal(units).scaleb(-4)
    assert repr(price_of(float(price))) == repr(price_of(price)) == repr(price)


rows = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3), st.integers(-3, 3)), max_size=30)


@given(rows)
def test_what_is_held_overnight_is_told_by_walking_the_days_of_each_position(
    found: list[tuple[int, int, int]],
) -> None:
    lines = [
        BookLine(
            at=datetime(2026, 1, 5 + day, 5, tzinfo=UTC),
            day=date(2026, 1, 5 + day),
            position=PositionKey(UUID(int=1), instrument, "NORMAL", ""),
            kind=FILL,
            quantity=quantity,
        )
        for instrument, day, quantity in sorted(found, key=lambda row: row[1])
    ]
    expected = {
        instrument
        for instrument in range(1, 5)
        for day in range(4)
        if sum(units for each, at, units in found if each == instrument and at <= day)
    }
    assert held_overnight(by_position(lines)) == expected
