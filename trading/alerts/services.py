"""Changing watchlists. Only the owner changes a list, shared or not."""

from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from core.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from trading.instruments.selectors import instrument_get

from .models import Watchlist, WatchlistItem

LARGEST_LIST = 250
MOST_LISTS = 50


@transaction.atomic
def watchlist_create(*, actor: Actor, name: str, is_shared: bool = False) -> Watchlist:
    """A new, empty list behind the actor's others; raises Conflict for a name they use already."""
    actor.require(Permission.MANAGE_WATCHLISTS)
    if actor.user_id is None:
        raise PermissionDenied("Only a person keeps watchlists.")
    own = Watchlist.objects.for_actor(actor).filter(owner_id=actor.user_id)
    if own.count() >= MOST_LISTS:
        raise Conflict(f"Nobody keeps more than {MOST_LISTS} watchlists.", code="too_many_watchlists")
    position = own.aggregate(last=Max("position"))["last"]
    return _saved(
        Watchlist(
            organisation_id=actor.organisation_id,
            owner_id=actor.user_id,
            name=_name(name),
            is_shared=is_shared,
            position=0 if position is None else position + 1,
        )
    )


@transaction.atomic
def watchlist_update(
    *, actor: Actor, watchlist_id: UUID, name: str | None = None, is_shared: bool | None = None
) -> Watchlist:
    """Rename a list or share it; None leaves as it is."""
    watchlist = _own_locked(actor, watchlist_id)
    if name is not None:
        watchlist.name = _name(name)
    if is_shared is not None:
        watchlist.is_shared = is_shared
    return _saved(watchlist)


@transaction.atomic
def watchlist_delete(*, actor: Actor, watchlist_id: UUID) -> None:
    """Delete a list with its items."""
    _own_locked(actor, watchlist_id).delete()


@transaction.atomic
def watchlist_items_add(*, actor: Actor, watchlist_id: UUID, keys: Sequence[str]) -> Watchlist:
    """Put instruments at the end of a list; those already on it stay where they are.

    Raises NotFound (``unknown_symbol``), and Conflict when the list would outgrow `LARGEST_LIST`.
    """
    watchlist = _own_locked(actor, watchlist_id)
    instruments = {instrument.pk: instrument for instrument in (instrument_get(key) for key in keys)}
    present = set(watchlist.items.values_list("instrument_id", flat=True))
    added = [pk for pk in instruments if pk not in present]
    if len(present) + len(added) > LARGEST_LIST:
        raise Conflict(f"A watchlist holds at most {LARGEST_LIST} instruments.", code="watchlist_full")
    last = watchlist.items.aggregate(last=Max("position"))["last"] or 0
    WatchlistItem.objects.bulk_create(
        WatchlistItem(
            organisation_id=watchlist.organisation_id,
            watchlist=watchlist,
            instrument_id=pk,
            position=last + offset,
        )
        for offset, pk in enumerate(added, start=1)
    )
    return watchlist


@transaction.atomic
def watchlist_item_remove(*, actor: Actor, watchlist_id: UUID, key: str) -> Watchlist:
    """Take an instrument off a list; raises NotFound when it is not on it."""
    watchlist = _own_locked(actor, watchlist_id)
    deleted, _ = watchlist.items.filter(instrument__key=instrument_get(key).key).delete()
    if not deleted:
        raise NotFound(f"{key} is not on this watchlist.", code="not_on_watchlist")
    return watchlist


@transaction.atomic
def watchlist_reorder(*, actor: Actor, watchlist_id: UUID, keys: Sequence[str]) -> Watchlist:
    """Put a list's instruments into the order of `keys`, which must name each of them once."""
    watchlist = _own_locked(actor, watchlist_id)
    items = {item.instrument.key: item for item in watchlist.items.select_related("instrument")}
    if len(keys) != len(items) or set(keys) != set(items):
        raise InvalidInput("The order must name each instrument of the list once.", code="incomplete_order")
    for position, key in enumerate(keys, start=1):
        items[key].position = position
    WatchlistItem.objects.bulk_update(items.values(), ["position"])
    return watchlist


@transaction.atomic
def watchlist_item_move(*, actor: Actor, watchlist_id: UUID, key: str, steps: int) -> Watchlist:
    """Move an instrument `steps` rows down its list (negative: up), at most to its end."""
    watchlist = _own_locked(actor, watchlist_id)
    keys = list(watchlist.items.order_by("position", "id").values_list("instrument__key", flat=True))
    if key not in keys:
        raise NotFound(f"{key} is not on this watchlist.", code="not_on_watchlist")
    place = min(max(keys.index(key) + steps, 0), len(keys) - 1)
    keys.remove(key)
    keys.insert(place, key)
    return watchlist_reorder(actor=actor, watchlist_id=watchlist_id, keys=keys)


def _own_locked(actor: Actor, watchlist_id: UUID) -> Watchlist:
    actor.require(Permission.MANAGE_WATCHLISTS)
    watchlist: Watchlist | None = (
        Watchlist.objects.for_actor(actor).select_for_update().filter(pk=watchlist_id).first()
    )
    if watchlist is None:
        raise NotFound("There is no such watchlist.")
    if watchlist.owner_id != actor.user_id:
        raise PermissionDenied("Only its owner changes a shared watchlist.", code="not_the_owner")
    return watchlist


def _name(name: str) -> str:
    tidy = " ".join(name.split())
    if not 1 <= len(tidy) <= 40:
        raise InvalidInput(errors={"name": ["A name has 1 to 40 characters."]})
    return tidy


def _saved(watchlist: Watchlist) -> Watchlist:
    try:
        with transaction.atomic():
            watchlist.save()
    except IntegrityError as error:
        raise Conflict(f"You have a watchlist “{watchlist.name}” already.", code="name_taken") from error
    return watchlist
