"""Watchlists: a member's own choice of instruments, in their own order."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from core.ids import new_id
from core.tenancy import OrganisationOwned, TenantQuerySet
from trading.instruments.models import Instrument


class WatchlistQuerySet(TenantQuerySet):
    """Watchlists are personal; a shared one can be read by the owner's colleagues."""

    def for_actor(self, actor: Any) -> Self:
        """The actor's own lists and those their organisation's members share."""
        return super().for_actor(actor).filter(Q(owner_id=actor.user_id) | Q(is_shared=True))


class Watchlist(OrganisationOwned):
    """A named list of instruments. `position` orders its owner's tabs."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="watchlists")
    name = models.CharField(max_length=40)
    is_shared = models.BooleanField(default=False, help_text="Other members may read it.")
    position = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = WatchlistQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["position", "created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint("organisation", "owner", Lower("name"), name="watchlist_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="watchlist_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class WatchlistItem(OrganisationOwned):
    """An instrument on a list; `position` orders the rows, with gaps."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    watchlist = models.ForeignKey(Watchlist, on_delete=models.CASCADE, related_name="items")
    instrument = models.ForeignKey(Instrument, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["watchlist", "instrument"], name="watchlist_item_once"),
        ]

    def __str__(self) -> str:
        return str(self.instrument_id)
