"""Reading watchlists, always on behalf of an actor."""

from uuid import UUID

from django.db.models import QuerySet

from accounts.domain.actor import Actor
from core.errors import NotFound
from trading.instruments.models import Instrument

from .models import Watchlist


def watchlists(actor: Actor) -> QuerySet[Watchlist]:
    """The lists the actor may read: their own first, then those colleagues share."""
    lists = Watchlist.objects.for_actor(actor).prefetch_related("items__instrument").select_related("owner")
    return lists.order_by("position", "created_at")


def watchlists_by_ownership(actor: Actor) -> list[Watchlist]:
    """The same as a list, the actor's own in front."""
    return sorted(watchlists(actor), key=lambda watchlist: watchlist.owner_id != actor.user_id)


def watchlist_get(actor: Actor, watchlist_id: UUID) -> Watchlist:
    """One list; raises NotFound for one the actor may not read."""
    found: Watchlist | None = watchlists(actor).filter(pk=watchlist_id).first()
    if found is None:
        raise NotFound("There is no such watchlist.")
    return found


def instruments_of(watchlist: Watchlist) -> list[Instrument]:
    """The instruments of a list in its order; no query for a list that the selectors above returned."""
    return [item.instrument for item in watchlist.items.all()]
