"""Watchlists: personal, ordered, bounded, and nobody else's business unless shared."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.domain.actor import Actor
from accounts.domain.permissions import Role
from accounts.models import Membership
from core.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from core.tenancy import tenant_scope
from tests.factories import actor_for, make_instrument, make_member
from trading.alerts import services
from trading.alerts.models import Watchlist, WatchlistItem
from trading.alerts.selectors import instruments_of, watchlist_get, watchlists_by_ownership

pytestmark = pytest.mark.django_db

SYMBOLS = ["NSE:RELIANCE", "NSE:M&M", "NSE:BAJAJ-AUTO", "NSE:TCS"]


@pytest.fixture
def trader() -> Membership:
    return make_member(Role.TRADER)


@pytest.fixture(autouse=True)
def _inside_the_tenant(trader: Membership) -> object:
    for symbol in SYMBOLS:
        make_instrument(symbol)
    with tenant_scope(trader.organisation_id):
        yield


@pytest.fixture
def actor(trader: Membership) -> Actor:
    return actor_for(trader)


@pytest.fixture
def colleague(trader: Membership) -> Actor:
    return actor_for(make_member(Role.ANALYST, trader.organisation))


@pytest.fixture
def banks(actor: Actor) -> Watchlist:
    watchlist = services.watchlist_create(actor=actor, name="Banks")
    return services.watchlist_items_add(actor=actor, watchlist_id=watchlist.pk, keys=SYMBOLS)


def keys(actor: Actor, watchlist: Watchlist) -> list[str]:
    return [instrument.key for instrument in instruments_of(watchlist_get(actor, watchlist.pk))]


def test_instruments_are_added_at_the_end_once(actor: Actor, banks: Watchlist) -> None:
    services.watchlist_items_add(actor=actor, watchlist_id=banks.pk, keys=["NSE:TCS", "NSE:RELIANCE"])
    assert keys(actor, banks) == SYMBOLS


def test_an_unknown_symbol_adds_nothing_of_its_batch(actor: Actor, banks: Watchlist) -> None:
    make_instrument("NSE:INFY")
    with pytest.raises(NotFound) as caught:
        services.watchlist_items_add(actor=actor, watchlist_id=banks.pk, keys=["NSE:INFY", "NSE:NOSUCH"])
    assert caught.value.code == "unknown_symbol"
    assert keys(actor, banks) == SYMBOLS


def test_an_instrument_is_removed_and_the_order_stays(actor: Actor, banks: Watchlist) -> None:
    services.watchlist_item_remove(actor=actor, watchlist_id=banks.pk, key="NSE:M&M")
    assert keys(actor, banks) == ["NSE:RELIANCE", "NSE:BAJAJ-AUTO", "NSE:TCS"]
    with pytest.raises(NotFound):
        services.watchlist_item_remove(actor=actor, watchlist_id=banks.pk, key="NSE:M&M")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(SYMBOLS))
def test_any_order_of_the_instruments_is_kept(actor: Actor, banks: Watchlist, order: list[str]) -> None:
    services.watchlist_reorder(actor=actor, watchlist_id=banks.pk, keys=order)
    assert keys(actor, banks) == order


@pytest.mark.parametrize("order", [[], SYMBOLS[:3], [*SYMBOLS, "NSE:TCS"], [*SYMBOLS[:3], "NSE:NOSUCH"]])
def test_an_order_that_is_not_the_lists_own_is_refused(actor: Actor, banks: Watchlist, order: list[str]) -> None:
    with pytest.raises(InvalidInput):
        services.watchlist_reorder(actor=actor, watchlist_id=banks.pk, keys=order)
    assert keys(actor, banks) == SYMBOLS


@pytest.mark.parametrize(("steps", "place"), [(-1, 0), (1, 2), (-9, 0), (9, 3)])
def test_a_row_moves_at_most_to_the_end(actor: Actor, banks: Watchlist, steps: int, place: int) -> None:
    services.watchlist_item_move(actor=actor, watchlist_id=banks.pk, key="NSE:M&M", steps=steps)
    assert keys(actor, banks).index("NSE:M&M") == place


def test_a_list_holds_no_more_than_its_cap(actor: Actor, banks: Watchlist, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "LARGEST_LIST", 5)
    make_instrument("NSE:A1")
    make_instrument("NSE:A2")
    with pytest.raises(Conflict) as caught:
        services.watchlist_items_add(actor=actor, watchlist_id=banks.pk, keys=["NSE:A1", "NSE:A2"])
    assert caught.value.code == "watchlist_full"
    services.watchlist_items_add(actor=actor, watchlist_id=banks.pk, keys=["NSE:A1"])
    assert len(keys(actor, banks)) == 5


def test_a_user_keeps_no_more_lists_than_the_cap(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_LISTS", 2)
    services.watchlist_create(actor=actor, name="One")
    services.watchlist_create(actor=actor, name="Two")
    with pytest.raises(Conflict):
        services.watchlist_create(actor=actor, name="Three")


def test_a_name_is_used_once_by_each_user(actor: Actor, colleague: Actor, banks: Watchlist) -> None:
    with pytest.raises(Conflict) as caught:
        services.watchlist_create(actor=actor, name="  BANKS ")
    assert caught.value.code == "name_taken"
    assert services.watchlist_create(actor=colleague, name="Banks").pk != banks.pk


@pytest.mark.parametrize("name", ["", "   ", "x" * 41])
def test_a_name_is_neither_empty_nor_endless(actor: Actor, name: str) -> None:
    with pytest.raises(InvalidInput):
        services.watchlist_create(actor=actor, name=name)


def test_a_colleague_sees_a_list_only_once_it_is_shared(actor: Actor, colleague: Actor, banks: Watchlist) -> None:
    with pytest.raises(NotFound):
        watchlist_get(colleague, banks.pk)
    services.watchlist_update(actor=actor, watchlist_id=banks.pk, is_shared=True)
    assert keys(colleague, banks) == SYMBOLS


def test_a_shared_list_is_changed_by_its_owner_only(actor: Actor, colleague: Actor, banks: Watchlist) -> None:
    services.watchlist_update(actor=actor, watchlist_id=banks.pk, is_shared=True)
    with pytest.raises(PermissionDenied) as caught:
        services.watchlist_delete(actor=colleague, watchlist_id=banks.pk)
    assert caught.value.code == "not_the_owner"


def test_own_lists_come_before_shared_ones(actor: Actor, colleague: Actor, banks: Watchlist) -> None:
    services.watchlist_update(actor=actor, watchlist_id=banks.pk, is_shared=True)
    own = services.watchlist_create(actor=colleague, name="Mine")
    assert [one.pk for one in watchlists_by_ownership(colleague)] == [own.pk, banks.pk]


def test_an_outsider_finds_nothing_even_of_a_shared_list(actor: Actor, banks: Watchlist) -> None:
    services.watchlist_update(actor=actor, watchlist_id=banks.pk, is_shared=True)
    outsider = actor_for(make_member(Role.OWNER))
    with tenant_scope(outsider.organisation_id):
        assert watchlists_by_ownership(outsider) == []
        for attempt in (
            lambda: watchlist_get(outsider, banks.pk),
            lambda: services.watchlist_delete(actor=outsider, watchlist_id=banks.pk),
            lambda: services.watchlist_items_add(actor=outsider, watchlist_id=banks.pk, keys=["NSE:TCS"]),
        ):
            with pytest.raises(NotFound):
                attempt()
        assert Watchlist.objects.count() == WatchlistItem.objects.count() == 0


def test_a_viewer_keeps_no_lists(trader: Membership) -> None:
    viewer = actor_for(make_member(Role.VIEWER, trader.organisation))
    with pytest.raises(PermissionDenied):
        services.watchlist_create(actor=viewer, name="Mine")


def test_the_database_refuses_the_same_instrument_twice(banks: Watchlist) -> None:
    item = banks.items.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        WatchlistItem.objects.create(
            organisation_id=banks.organisation_id, watchlist=banks, instrument=item.instrument, position=99
        )


def test_an_unknown_list_is_not_found(actor: Actor) -> None:
    with pytest.raises(NotFound):
        services.watchlist_delete(actor=actor, watchlist_id=uuid4())
