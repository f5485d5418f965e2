"""Keeping strategies under a name. Whether they can be traded shows when they are."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from core.errors import Conflict, InvalidInput
from trading.instruments.selectors import instrument_get
from trading.orders.domain.intent import MAX_TEXT
from trading.orders.domain.strategy_leg import StrategyLeg, legs_check
from trading.orders.models import OptionStrategy, OptionStrategyLeg
from trading.orders.selectors.strategies.kept import option_strategies_for, option_strategy_get
from trading.orders.selectors.strategies.legs import underlying_of

MOST_STRATEGIES = 200


@transaction.atomic
def option_strategy_save(
    *, actor: Actor, name: str, legs: Sequence[StrategyLeg], strategy_id: UUID | None = None
) -> OptionStrategy:
    """Keep legs under a name, new or in the place of `strategy_id`'s. Needs VIEW_MARKET.

    Expired contracts may be kept: a strategy is looked at afterwards too. Raises InvalidInput for what is no
    strategy, Conflict (`strategy_name_taken`, `too_many_strategies`) and NotFound for one that is not the actor's.
    """
    actor.require(Permission.VIEW_MARKET)
    if actor.user_id is None:
        raise InvalidInput("Only a person keeps strategies.", code="no_owner")
    name = name.strip()
    if not name or len(name) > MAX_TEXT or not name.isprintable():
        message = f"must have 1 to {MAX_TEXT} printable characters"
        raise InvalidInput("Name the strategy.", code="invalid_name", errors={"name": [message]})
    if not legs:
        raise InvalidInput("A strategy needs a leg.", code="no_legs", errors={"legs": ["is empty"]})
    legs_check(legs)
    instruments = [instrument_get(leg.key) for leg in legs]
    underlyings = sorted({underlying_of(each) for each in instruments})
    if len(underlyings) > 1:
        message = f"The legs are of {' and '.join(underlyings)}: a strategy is of one."
        raise InvalidInput(message, code="different_underlyings", errors={"legs": [message]})
    others = option_strategies_for(actor).filter(name__iexact=name)
    if strategy_id is not None:
        others = others.exclude(id=strategy_id)
    if others.exists():
        raise Conflict("A strategy of this name exists already.", code="strategy_name_taken")
    strategy = _row(actor, actor.user_id, strategy_id)
    strategy.name, strategy.underlying = name, underlyings[0]
    strategy.save()
    OptionStrategyLeg.objects.bulk_create(
        OptionStrategyLeg(
            organisation_id=actor.organisation_id,
            strategy=strategy,
            position=position,
            instrument=instrument,
            side=leg.side,
            lots=leg.lots,
            price=leg.price,
            is_held=leg.is_held,
        )
        for position, (leg, instrument) in enumerate(zip(legs, instruments, strict=True), start=1)
    )
    return option_strategy_get(actor, strategy.id)


def option_strategy_delete(*, actor: Actor, strategy_id: UUID) -> None:
    """Forget a kept strategy. Needs VIEW_MARKET; orders and positions are not touched."""
    actor.require(Permission.VIEW_MARKET)
    option_strategy_get(actor, strategy_id).delete()


def _row(actor: Actor, owner_id: UUID, strategy_id: UUID | None) -> OptionStrategy:
    if strategy_id is not None:
        strategy = option_strategy_get(actor, strategy_id)
        strategy.legs.all().delete()
        return strategy
    if option_strategies_for(actor).count() >= MOST_STRATEGIES:
        raise Conflict(f"{MOST_STRATEGIES} strategies are kept already.", code="too_many_strategies")
    return OptionStrategy(organisation_id=actor.organisation_id, owner_id=owner_id)
