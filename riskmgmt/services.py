"""Changing limits."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from accounts.domain.actor import Actor
from accounts.domain.permissions import Permission
from accounts.services import audit_record
from core.errors import InvalidInput
from trading.portfolio.selectors import account_get

from .domain.limits import LIMIT_NAMES, LIMIT_SPECS
from .models import RiskLimit

_CEILING = Decimal(10) ** 13


def limits_set(*, actor: Actor, account_id: UUID | None, values: Mapping[str, Decimal | None]) -> RiskLimit:
    """Set some limits of an account, or the organisation's defaults (`account_id` None). None means inherit.

    Limits that `values` leaves out stay as they are. Working orders are not touched; the next order meets them.
    """
    actor.require(Permission.CHANGE_LIMITS)
    _check(values)
    account = account_get(actor, account_id) if account_id is not None else None
    with transaction.atomic():
        limit: RiskLimit
        limit, _ = RiskLimit.objects.select_for_update().get_or_create(
            organisation_id=actor.organisation_id, account=account
        )
        before = {name: getattr(limit, name) for name in values}
        for name, value in values.items():
            setattr(limit, name, value)
        limit.updated_by_id = actor.user_id
        limit.save()
        audit_record(
            actor=actor,
            action="risk.limits_changed",
            object_type="account" if account else "organisation",
            object_id=str(account_id or actor.organisation_id),
            data={name: {"from": _text(before[name]), "to": _text(value)} for name, value in values.items()},
        )
    return limit


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _check(values: Mapping[str, Decimal | None]) -> None:
    errors: dict[str, list[str]] = {}
    for name, value in values.items():
        if name not in LIMIT_NAMES:
            errors[name] = ["There is no such limit."]
        elif value is not None and not (value.is_finite() and 0 <= value < _CEILING):
            errors[name] = [f"{LIMIT_SPECS[name].label} must be zero or more."]
    if errors:
        raise InvalidInput("Some limits are not valid.", code="invalid_limits", errors=errors)
