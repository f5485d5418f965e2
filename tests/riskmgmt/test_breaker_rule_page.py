"""The rule of a circuit breaker, set on the desk."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client

from accounts.domain.permissions import Role
from accounts.models import User
from core.tenancy import system_scope
from riskmgmt.models import BreakerRule, CircuitBreaker
from riskmgmt.services import accounts_watch
from tests.factories import make_member
from tests.orders.desk import Desk
from tests.orders.test_groups import leg, place
from trading.portfolio.models import TradingAccount

pytestmark = pytest.mark.django_db
RULE = {
    "is_enabled": "on",
    "max_loss": "40000",
    "max_drawdown": "",
    "reject_count": "20",
    "reject_seconds": "30",
    "broker_error_count": "",
    "broker_error_seconds": "60",
    "open_state": "HALTED",
    "cool_off_seconds": "900",
    "half_open_order_value": "50000.50",
    "probation_seconds": "600",
}


def client_of(user_id: object) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=user_id))
    return client


def test_the_page_sets_the_rule_of_an_account_and_shows_it_the_next_time(desk: Desk) -> None:
    client, page = client_of(desk.owner.user_id), f"/risk/breaker/?account={desk.account.id}"
    assert 'name="reject_count" id="id_reject_count" value="50"' in client.get(page).content.decode()
    answer = client.post(page, RULE)
    assert (answer.status_code, answer["Location"]) == (302, f"/risk/?account={desk.account.id}")
    rule = BreakerRule.objects.get()
    assert (rule.account_id, rule.max_loss, rule.max_drawdown) == (desk.account.id, Decimal(40_000), None)
    assert (rule.open_state, rule.reject_count, rule.broker_error_count) == ("HALTED", 20, None)
    assert 'value="20"' in client.get(page).content.decode()
    client.post(page, {**RULE, "is_enabled": "", "reject_count": "30"})
    rule.refresh_from_db()
    assert (rule.is_enabled, rule.reject_count, BreakerRule.objects.count()) == (False, 30, 1)
    assert "Switched off." in client.get(answer["Location"]).content.decode()


def test_the_organisations_rule_is_set_where_no_account_is_chosen(desk: Desk) -> None:
    client_of(desk.owner.user_id).post("/risk/breaker/?account=defaults", RULE)
    assert BreakerRule.objects.get().account_id is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("max_loss", "0"),
        ("max_loss", "NaN"),
        ("reject_seconds", ""),
        ("cool_off_seconds", "90000"),
        ("open_state", "x"),
    ],
)
def test_what_makes_no_sense_is_said_beside_its_field_and_nothing_is_kept(
    desk: Desk, field: str, value: str
) -> None:
    page = client_of(desk.owner.user_id).post("/risk/breaker/?account=defaults", {**RULE, field: value})
    assert page.status_code == 422
    assert page.content.decode().count('role="alert"') == 1
    assert not BreakerRule.objects.exists()


def test_only_who_changes_limits_may_and_an_outsider_finds_no_account(desk: Desk) -> None:
    assert client_of(desk.trader.user_id).post("/risk/breaker/?account=defaults", RULE).status_code == 403
    outsider = make_member(Role.OWNER)
    page = f"/risk/breaker/?account={desk.account.id}"
    assert client_of(outsider.user_id).post(page, RULE).status_code == 404
    assert client_of(desk.owner.user_id).get(f"/risk/breaker/?account={uuid4()}").status_code == 404
    with system_scope():
        assert not BreakerRule.objects.exists()


def test_groups_that_are_taken_back_whole_count_to_the_storm_of_refusals(desk: Desk) -> None:
    BreakerRule.objects.create(
        organisation=desk.organisation, valid_from="2026-01-01", reject_count=4, broker_error_count=None
    )
    for name in ("one", "two"):
        legs = (leg(desk), leg(desk, quantity=9_000_000), leg(desk, quantity=9_500_000))
        place(desk, *legs, all_or_nothing=True, client_order_id=name)
    with system_scope():
        accounts_watch()
    breaker = CircuitBreaker.objects.get(account=TradingAccount.objects.get())
    # Two legs of each were refused; the third was only held back by them.
    assert (breaker.state, breaker.cause, breaker.reason) == (
        "OPEN",
        "REJECT_STORM",
        "4 orders refused within 60 s.",
    )
