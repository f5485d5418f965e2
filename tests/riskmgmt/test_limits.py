from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from accounts.domain.permissions import Role
from accounts.models import AuditEntry, Membership
from core.errors import InvalidInput, NotFound, PermissionDenied
from core.tenancy import tenant_scope
from riskmgmt.domain.scopes import Scope
from riskmgmt.models import RiskLimit
from riskmgmt.selectors import limits_and_use, order_limits
from riskmgmt.services import limits_set
from tests.factories import actor_for, make_account, make_member, make_organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> Membership:
    return make_member(Role.RISK_MANAGER)


def _set(member: Membership, **arguments: Any) -> RiskLimit:
    with tenant_scope(member.organisation_id):
        return limits_set(actor=actor_for(member), **arguments)


def test_an_account_follows_its_organisation_until_it_has_its_own(manager: Membership) -> None:
    account = make_account(make_member(Role.TRADER, manager.organisation))
    _set(manager, account_id=None, values={"max_order_value": Decimal(5000), "max_open_orders": Decimal(3)})
    _set(manager, account_id=account.pk, values={"max_order_value": Decimal(100)})
    with tenant_scope(manager.organisation_id):
        found = order_limits(organisation_id=manager.organisation_id, account_id=account.pk)
    limits, sources = found.limits, found.sources
    assert (limits.max_order_value, limits.max_open_orders) == (Decimal(100), Decimal(3))
    assert (sources["max_order_value"], sources["max_open_orders"]) == ("account", "organisation")


def test_none_inherits_again_and_the_rest_stays(manager: Membership) -> None:
    _set(manager, account_id=None, values={"max_order_value": Decimal(1), "max_daily_loss": Decimal(2)})
    _set(manager, account_id=None, values={"max_order_value": None})
    with tenant_scope(manager.organisation_id):
        found = order_limits(organisation_id=manager.organisation_id, account_id=None)
    limits, sources = found.limits, found.sources
    assert sources["max_order_value"] == "house"
    assert limits.max_daily_loss == 2


def test_a_change_is_in_the_audit_trail_with_both_values(manager: Membership) -> None:
    _set(manager, account_id=None, values={"max_order_value": Decimal(1)})
    _set(manager, account_id=None, values={"max_order_value": Decimal(2)})
    with tenant_scope(manager.organisation_id):
        entry = AuditEntry.objects.filter(action="risk.limits_changed").order_by("-seq").first()
    assert entry is not None
    assert entry.data == {"max_order_value": {"from": "1.00", "to": "2"}}


@pytest.mark.parametrize("role", [Role.TRADER, Role.ADMIN, Role.ANALYST, Role.VIEWER])
def test_only_risk_managers_and_owners_change_limits(role: Role) -> None:
    with pytest.raises(PermissionDenied):
        _set(make_member(role), account_id=None, values={"max_order_value": Decimal(1)})
    assert RiskLimit.objects.count() == 0


def test_an_outsider_finds_no_account_to_limit(manager: Membership) -> None:
    account = make_account(make_member(Role.TRADER, make_organisation()))
    with pytest.raises(NotFound):
        _set(manager, account_id=account.pk, values={"max_order_value": Decimal(1)})
    with pytest.raises(NotFound):
        _set(manager, account_id=uuid4(), values={"max_order_value": Decimal(1)})


@pytest.mark.parametrize(
    "values",
    [
        {"max_order_value": Decimal(-1)},
        {"max_order_value": Decimal("NaN")},
        {"max_order_value": Decimal("Infinity")},
        {"max_order_value": Decimal(10) ** 13},
        {"max_luck": Decimal(1)},
    ],
)
def test_a_limit_that_makes_no_sense_is_refused_whole(manager: Membership, values: dict[str, Decimal]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        _set(manager, account_id=None, values={"max_daily_loss": Decimal(5), **values})
    assert set(refusal.value.errors) == set(values)
    with tenant_scope(manager.organisation_id):
        assert RiskLimit.objects.count() == 0


def test_use_is_counted_only_for_running_totals(manager: Membership) -> None:
    account = make_account(make_member(Role.TRADER, manager.organisation))
    with tenant_scope(manager.organisation_id):
        uses = limits_and_use(Scope(manager.organisation_id, account.pk))
    used = {use.name: use.used for use in uses}
    assert used["max_open_orders"] == 0
    assert used["max_daily_loss"] == 0
    assert used["max_order_value"] is None
