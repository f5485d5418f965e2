"""Changing limits."""

from collections.abc import Iterable, Mapping
from datetime import time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.services import audit_record
from core.db import writes
from core.errors import InvalidInput
from riskmgmt.domain.limit_specs import ALL_SPECS, LIST_SPECS, TIME_SPECS
from riskmgmt.domain.limits import ALL_NAMES, Held
from riskmgmt.domain.scopes import Scope
from riskmgmt.domain.states import Level
from riskmgmt.models import RiskLimit
from riskmgmt.models.limits import limit_column
from riskmgmt.selectors.usage import shown
from trading.brokers.domain.terms import OrderType, Product

from .scopes import scope_for

_CEILING = Decimal(10) ** 13
_MOST_SYMBOLS = 500
_CHOICES = {"allowed_products": frozenset(Product), "allowed_order_types": frozenset(OrderType)}


def limits_set(
    *,
    actor: Actor,
    account_id: UUID | None = None,
    user_id: UUID | None = None,
    strategy: str = "",
    values: Mapping[str, Any],
) -> RiskLimit:
    """Set some limits of one level. Needs CHANGE_LIMITS. None leaves a limit to the other levels.

    Without account, user or strategy it is the organisation's; a strategy in all accounts or in one. Limits that
    `values` leaves out stay as they are. Working orders are not touched; the next order meets them.
    """
    actor.require(Permission.CHANGE_LIMITS)
    scope = scope_for(actor, account_id=account_id, user_id=user_id, strategy=strategy)
    values = _checked(values, scope)
    with transaction.atomic():
        limit: RiskLimit
        limit, _ = RiskLimit.objects.select_for_update(of=("self",)).get_or_create(
            organisation_id=scope.organisation_id,
            account_id=scope.account_id,
            user_id=scope.user_id,
            strategy=scope.strategy,
        )
        before = limit.values
        _check_pairs({**before, **values})
        for name, value in values.items():
            setattr(limit, name, limit_column(name, value))
        limit.updated_by_id = actor.user_id
        limit.save()
        audit_record(
            actor=actor,
            action="risk.limits_changed",
            object_type=_OBJECT_TYPES[scope.level],
            object_id=str(scope.user_id or scope.account_id or scope.strategy or scope.organisation_id),
            data={name: {"from": shown(before[name]), "to": _text(value)} for name, value in values.items()},
        )
    return limit


def limits_hold(wide: Iterable[Held]) -> None:
    """Lock the rows of limits that sum over accounts until the transaction ends, always in the same order.

    Each account's orders are in line behind its own lock already; these rows put those of different accounts in
    line too, so that each sees what the one before it has added. Taken behind the account's lock, before any other.
    No query where there are none.
    """
    ids = [each.row_id for each in wide if each.row_id is not None]
    if ids:
        rows = RiskLimit.objects.select_for_update(no_key=True).filter(id__in=ids)
        list(rows.order_by("id").values_list("id", flat=True))
        # Whoever had to wait here asks anew, above all whether trading has been stopped since.
        writes.forget_answers()


_OBJECT_TYPES = {
    Level.ORGANISATION: "organisation",
    Level.ACCOUNT: "account",
    Level.USER: "user",
    Level.STRATEGY: "strategy",
}


def _text(value: Any) -> Any:
    return f"{value:f}" if isinstance(value, Decimal) else shown(value)


def _checked(values: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    """The values as the model takes them; raises InvalidInput with every complaint."""
    checked: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name, value in values.items():
        if name not in ALL_NAMES:
            errors[name] = ["There is no such limit."]
        elif value is None:
            checked[name] = None
        elif name == "max_equity_drawdown_percent" and scope.level is Level.STRATEGY:
            errors[name] = ["Only an account has an equity; limit a strategy's drawdown of the day instead."]
        elif name in LIST_SPECS:
            checked[name], complaint = _names(name, value)
            if complaint:
                errors[name] = [complaint]
        elif name in TIME_SPECS:
            checked[name] = value
            if not isinstance(value, time) or value.tzinfo is not None:
                errors[name] = ["must be a time of day, HH:MM"]
        else:
            checked[name] = value
            if not (value.is_finite() and 0 <= value < _CEILING):
                errors[name] = [f"{ALL_SPECS[name].label} must be zero or more."]
    if errors:
        raise InvalidInput("Some limits are not valid.", code="invalid_limits", errors=errors)
    return checked


def _names(name: str, value: Iterable[str]) -> tuple[frozenset[str], str]:
    found = frozenset(str(part).strip().upper() for part in value)
    if name in _CHOICES:
        unknown = sorted(found - _CHOICES[name])
        return found, f"unknown: {', '.join(unknown)[:80]}" if unknown else ""
    if len(found) > _MOST_SYMBOLS:
        return found, f"at most {_MOST_SYMBOLS} symbols"
    odd = [part for part in found if not part or len(part) > 40 or "," in part or not part.isprintable()]
    return found, "a symbol has 1 to 40 printable characters" if odd else ""


def _check_pairs(values: Mapping[str, Any]) -> None:
    """What only makes sense together, over what the level will have."""
    errors: dict[str, list[str]] = {}
    if (values["daily_profit_lock"] is None) != (values["daily_profit_giveback"] is None):
        errors["daily_profit_giveback"] = ["Set the profit to lock and what it may give back together."]
    first, last = values["trading_from"], values["trading_until"]
    if first is not None and last is not None and first >= last:
        errors["trading_until"] = ["must be after trading_from"]
    if errors:
        raise InvalidInput("Some limits are not valid.", code="invalid_limits", errors=errors)
