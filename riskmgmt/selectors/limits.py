"""The limits in force, and what was set at each level."""

from decimal import Decimal
from uuid import UUID

from django.db.models import Q

from riskmgmt.domain.limits import LIMIT_NAMES, Limits, limits_in_force
from riskmgmt.models import RiskLimit


def account_limits(*, organisation_id: UUID, account_id: UUID | None) -> tuple[Limits, dict[str, str]]:
    """The limits in force for an account (None: the organisation's defaults) and who set each."""
    rows = RiskLimit.objects.filter(organisation_id=organisation_id).filter(
        Q(account=None) | Q(account_id=account_id)
    )
    organisation: dict[str, Decimal | None] = {}
    account: dict[str, Decimal | None] = {}
    for row in rows.values("account_id", *LIMIT_NAMES):
        layer = organisation if row.pop("account_id") is None else account
        layer.update(row)
    return limits_in_force(organisation=organisation, account=account)


def own_limits(*, organisation_id: UUID, account_id: UUID | None) -> dict[str, Decimal | None]:
    """Only what was set at this level; None where the limit is inherited."""
    row = (
        RiskLimit.objects.filter(organisation_id=organisation_id, account_id=account_id)
        .values(*LIMIT_NAMES)
        .first()
    )
    return dict(row) if row else dict.fromkeys(LIMIT_NAMES)
