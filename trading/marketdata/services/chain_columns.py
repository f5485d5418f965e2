"""Keeping which columns a member wants to see of option chains."""

from collections.abc import Iterable

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission

from ..domain.options.columns import known_columns
from ..models import ChainColumns


def chain_columns_save(*, actor: Actor, columns: Iterable[str]) -> tuple[str, ...]:
    """Keep the actor's choice; names that are no columns are left out. None at all is a choice too."""
    actor.require(Permission.VIEW_MARKET)
    chosen = known_columns(columns)
    ChainColumns.objects.update_or_create(
        organisation_id=actor.organisation_id, owner_id=actor.user_id, defaults={"columns": ",".join(chosen)}
    )
    return chosen
