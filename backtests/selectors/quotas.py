"""How much one organisation may ask for."""

from uuid import UUID

from django.conf import settings

from backtests.models import Quota


def quota_of(organisation_id: UUID) -> Quota:
    """The organisation's own row, or the installation's bounds (`BACKTEST_QUOTA`) as an unsaved one."""
    own: Quota | None = Quota.objects.filter(organisation_id=organisation_id).first()
    return own or Quota(organisation_id=organisation_id, **settings.BACKTEST_QUOTA)
