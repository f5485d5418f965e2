"""The limits in force, and what was set at each level."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import Q

from core.db.prepared import Prepared
from riskmgmt.domain.limits import ALL_NAMES, OF_ACCOUNTS, SUMMED, Layer, Limits, LimitsInForce, limits_in_force
from riskmgmt.domain.scopes import Scope
from riskmgmt.domain.states import Level
from riskmgmt.models import RiskLimit
from riskmgmt.models.limits import EMPTY
from riskmgmt.models.limits_cache import remembered

# The id of no row.
_NOBODY = UUID(int=0)
_applying = Prepared(
    lambda organisation_id, account_id, user_id, owner_id, strategy: RiskLimit.objects.filter(
        Q(account=None) | Q(account_id=account_id),
        Q(user=None) | Q(user_id=user_id) | Q(user_id=owner_id),
        Q(strategy="") | Q(strategy=strategy),
        organisation_id=organisation_id,
    ).order_by("id"),
    organisation_id=UUID,
    account_id=UUID,
    user_id=UUID,
    owner_id=UUID,
    strategy=str,
)

_BREADTH = (Level.ORGANISATION, Level.ACCOUNT, Level.USER, Level.STRATEGY)


def order_limits(
    *,
    organisation_id: UUID,
    account_id: UUID | None,
    user_id: UUID | None = None,
    owner_id: UUID | None = None,
    strategy: str = "",
) -> LimitsInForce:
    """The limits of an order, remembered for a moment. `account_id` None: the organisation's own.

    `user_id` places the order, `owner_id` owns the account (the same, if None).
    """
    key = ("limits", organisation_id, account_id, user_id, owner_id, strategy)

    def load() -> LimitsInForce:
        return limits_in_force(
            limit_layers(
                organisation_id=organisation_id,
                account_id=account_id,
                user_id=user_id,
                owner_id=owner_id,
                strategy=strategy,
            )
        )

    found: LimitsInForce = remembered(key, load)
    return found


def limit_layers(
    *,
    organisation_id: UUID,
    account_id: UUID | None,
    user_id: UUID | None = None,
    owner_id: UUID | None = None,
    strategy: str = "",
) -> Sequence[Layer]:
    """What each level that applies has set, the broadest first."""
    owner_id = owner_id or user_id
    rows = _applying(
        organisation_id=organisation_id,
        account_id=account_id or _NOBODY,
        user_id=user_id or _NOBODY,
        owner_id=owner_id or _NOBODY,
        strategy=strategy,
    )
    layers = [_as_of(row, user_id, owner_id) for row in rows]
    return sorted(layers, key=lambda layer: _BREADTH.index(layer.level))


def _as_of(row: RiskLimit, user_id: UUID | None, owner_id: UUID | None) -> Layer:
    """A user's row holds the accounts that they own and the orders that they place, each only where it is so."""
    if row.user_id is None or row.user_id == user_id == owner_id:
        return row.layer
    drop = OF_ACCOUNTS if row.user_id == user_id else frozenset(ALL_NAMES) - OF_ACCOUNTS
    return replace(row.layer, values={name: None if name in drop else row.values[name] for name in row.values})


def own_limits(scope: Scope) -> dict[str, Any]:
    """Only what was set at this level; None where it leaves the limit to the others."""
    rows = RiskLimit.objects.filter(
        organisation_id=scope.organisation_id, account_id=scope.account_id, strategy=scope.strategy
    )
    rows = rows.filter(user=None) if scope.user_id is None else rows.filter(user_id=scope.user_id)
    row = rows.first()
    return row.values if row else dict(EMPTY)


def own_summed(scope: Scope) -> Limits:
    """The summed limits that a level has set itself."""
    values = own_limits(scope)
    return Limits(**{name: values[name] for name in SUMMED})
