"""Tells an account's owner and those who answer for risk what stopped or resumed trading."""

from uuid import UUID

from accounts.domain.permissions import Role
from accounts.models import Membership
from notifications.models import NotificationKind
from notifications.services import notification_send
from riskmgmt.domain.scopes import Scope
from trading.portfolio.models import TradingAccount

RISK_PAGE = "/risk/"


def tell_risk(scope: Scope, *, title: str, body: str) -> None:
    """One notification each to the organisation's owners and risk managers, and to those whose trading it is."""
    for user_id in _concerned(scope):
        notification_send(
            organisation_id=scope.organisation_id,
            user_id=user_id,
            kind=NotificationKind.RISK,
            title=title,
            body=body,
            link=RISK_PAGE,
        )


def _concerned(scope: Scope) -> list[UUID]:
    managers = Membership.objects.filter(
        organisation_id=scope.organisation_id, role__in=(Role.RISK_MANAGER, Role.OWNER)
    ).values_list("user_id", flat=True)
    traders = TradingAccount.objects.filter(organisation_id=scope.organisation_id)
    if scope.account_id is not None:
        traders = traders.filter(id=scope.account_id)
    if scope.user_id is not None:
        traders = traders.filter(owner_id=scope.user_id)
    return sorted({*managers, *traders.values_list("owner_id", flat=True)})
