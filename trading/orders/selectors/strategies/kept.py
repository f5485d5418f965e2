"""Strategies that a user has kept."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from accounts.domain.actor import Actor
from core.errors import NotFound
from trading.brokers.domain.terms import Side
from trading.orders.domain.strategy_leg import StrategyLeg, legs_text
from trading.orders.models import OptionStrategy, OptionStrategyLeg
from trading.orders.selectors.orders import price_text


def option_strategies_for(actor: Actor) -> QuerySet[OptionStrategy]:
    """The actor's own kept strategies by name, with their legs."""
    legs = OptionStrategyLeg.objects.select_related("instrument").order_by("position")
    found: QuerySet[OptionStrategy] = (
        OptionStrategy.objects.for_actor(actor)
        .filter(owner_id=actor.user_id)
        .prefetch_related(Prefetch("legs", legs))
    )
    return found


def option_strategy_get(actor: Actor, strategy_id: UUID) -> OptionStrategy:
    """One kept strategy of the actor's; any other is NotFound."""
    strategy = option_strategies_for(actor).filter(id=strategy_id).first()
    if strategy is None:
        raise NotFound("There is no such strategy.", code="unknown_option_strategy")
    return strategy


def kept_legs(strategy: OptionStrategy) -> list[StrategyLeg]:
    """The legs as the builder takes them."""
    return [
        StrategyLeg(leg.instrument.key, Side(leg.side), leg.lots, leg.price, leg.is_held)
        for leg in strategy.legs.all()
    ]


def option_strategy_shape(strategy: OptionStrategy) -> dict[str, Any]:
    """A kept strategy as the API shows it; `link` is what follows `?legs=` in the builder's address."""
    legs = kept_legs(strategy)
    return {
        "id": str(strategy.id),
        "name": strategy.name,
        "underlying": strategy.underlying,
        "legs": [
            {
                "symbol": leg.key,
                "side": str(leg.side),
                "lots": leg.lots,
                "price": price_text(leg.price),
                "held": leg.is_held,
            }
            for leg in legs
        ],
        "link": legs_text(legs),
        "updated_at": strategy.updated_at.isoformat(),
    }
