"""Which columns a member sees of a chain."""

from accounts.domain.actor import Actor

from ...domain.options.columns import DEFAULT, known_columns
from ...models import ChainColumns


def chain_columns_for(actor: Actor) -> tuple[str, ...]:
    """The actor's own choice, else the usual ones."""
    kept = ChainColumns.objects.for_actor(actor).values_list("columns", flat=True).first()
    return DEFAULT if kept is None else known_columns(kept.split(","))
