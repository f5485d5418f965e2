"""Limits of an organisation, a user or a strategy are held against the sum over all that they reach."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.domain.permissions import Role
from accounts.models import User
from core.tenancy import system_scope, tenant_scope
from riskmgmt.domain.decide import decide
from riskmgmt.domain.limits import Layer, Reach, limits_in_force
from riskmgmt.domain.reach import Elsewhere, Measured, Track
from riskmgmt.domain.rules import Rules
from riskmgmt.domain.states import Level
from riskmgmt.models import RiskDecision, RiskLimit, RiskPeak
from riskmgmt.services.watch import accounts_watch
from tests.factories import actor_for, make_member
from tests.orders.desk import LAKH_PAISE, Desk, make_desk, show_book
from tests.orders.test_groups import leg, place
from tests.riskmgmt.test_gates import context
from tests.riskmgmt.test_limit_levels import codes, row
from trading.brokers.domain.terms import Side
from trading.orders.models import Order
from trading.orders.selectors.groups import group_state
from trading.orders.services import order_cancel, order_submit
from trading.orders.services.order.verification import orders_verify
from trading.portfolio.models import LedgerBalance
from trading.portfolio.services import account_create, funds_deposit, ledger_verify

pytest_db = pytest.mark.django_db


def colleague(desk: Desk, *, owner_id: Any = None, name: str = "Second", paise: int = 10 * LAKH_PAISE) -> Desk:
    """Another account of the desk's organisation, of a trader of its own unless an owner is named."""
    trader = desk.trader if owner_id else actor_for(make_member(Role.TRADER, desk.organisation))
    assert trader.user_id is not None
    with tenant_scope(desk.organisation.id):
        account = account_create(actor=desk.owner, owner_id=trader.user_id, name=name)
        funds_deposit(actor=desk.owner, account_id=account.id, paise=paise)
    return replace(desk, trader=trader, account=account)


def submit(desk: Desk, side: Side = Side.BUY, quantity: int = 10, **changes: object) -> Order:
    return order_submit(actor=desk.trader, intent=desk.intent(side, quantity, **changes))


def limit(desk: Desk, **values: Any) -> RiskLimit:
    row = RiskLimit(organisation=desk.organisation, **values)
    row.save()
    return row


def refusal(order: Order) -> RiskDecision:
    return RiskDecision.objects.get(order=order, allowed=False)


SUMS: list[tuple[str, dict[str, Any], str]] = [
    ("gross_exposure_limit", {"max_gross_exposure": 2_499}, "2500"),
    ("net_exposure_limit", {"max_net_exposure": 2_499}, "2500"),
    ("position_quantity_limit", {"max_position_quantity": 24}, "25"),
    ("position_value_limit", {"max_position_value": 2_499}, "2500"),
    ("symbol_concentration_limit", {"max_symbol_percent": Decimal("0.11")}, "0.125"),
    ("underlying_concentration_limit", {"max_underlying_percent": Decimal("0.11")}, "0.125"),
    ("sector_concentration_limit", {"max_sector_percent": Decimal("0.11")}, "0.125"),
    ("orders_per_minute_limit", {"max_orders_per_minute": 1}, "2"),
    ("orders_per_day_limit", {"max_orders_per_day": 1}, "2"),
]


@pytest_db
@pytest.mark.parametrize(("code", "values", "used"), SUMS)
@pytest.mark.parametrize("level", ["organisation", "owner", "strategy"])
def test_what_another_account_holds_counts_at_every_level_that_reaches_both(
    desk: Desk, level: str, code: str, values: dict[str, Any], used: str
) -> None:
    """15 units at about 100 in one account, 10 more wanted in the other: each alone is within every limit."""
    other = colleague(desk, owner_id=desk.trader.user_id if level == "owner" else None)
    who: dict[str, Any] = {"owner": {"user_id": desk.trader.user_id}, "strategy": {"strategy": "momentum"}}
    limit(desk, **who.get(level, {}), **values)
    terms = {"strategy": "momentum"} if level == "strategy" else {}
    assert submit(desk, quantity=15, **terms).status == "FILLED"
    refused = submit(other, quantity=10, price="100.00", **terms)
    assert (refused.status, refused.status_code) == ("REJECTED", code)
    decision = refusal(refused)
    assert (decision.code, decision.used) == (code, used)
    words = {
        "organisation": "the organisation",
        "owner": "the user",
        "strategy": "strategy momentum (all accounts)",
    }
    assert words[level].lower() in decision.message.lower()


@pytest_db
def test_another_strategys_and_another_organisations_part_does_not_count(desk: Desk) -> None:
    other, stranger = colleague(desk), make_desk()
    limit(desk, strategy="momentum", max_gross_exposure=1_500, max_orders_per_day=1)
    limit(desk, max_gross_exposure=10_000)
    with tenant_scope(stranger.organisation.id):
        submit(stranger, quantity=500)
    submit(desk, quantity=50, strategy="value")
    assert submit(other, quantity=10, strategy="momentum").status == "FILLED"
    assert submit(desk, quantity=50).status_code == "gross_exposure_limit"


@pytest_db
def test_working_orders_of_all_accounts_count_and_a_cancelled_one_does_not(desk: Desk) -> None:
    other = colleague(desk)
    limit(desk, max_open_orders=1, max_gross_exposure=2_000)
    resting = submit(desk, quantity=10, price="95.00")
    refused = submit(other, quantity=1, price="95.00")
    assert (refused.status_code, refusal(refused).used, refusal(refused).limit) == (
        "open_orders_limit",
        "2",
        "1",
    )
    order_cancel(actor=desk.trader, order_id=resting.id)
    assert submit(other, quantity=10, price="95.00").status == "OPEN"


@pytest_db
def test_a_long_here_does_not_pay_for_a_short_there_but_the_net_is_their_sum(desk: Desk) -> None:
    other = colleague(desk)
    limit(desk, max_position_quantity=25, max_net_exposure=1_600)
    submit(desk, quantity=15)
    assert submit(other, Side.SELL, quantity=15).status_code == "position_quantity_limit"
    assert submit(other, Side.SELL, quantity=10).status == "FILLED"
    assert submit(desk, quantity=11).status_code == "position_quantity_limit"


@pytest_db
def test_losses_of_all_accounts_make_an_organisations_daily_loss(desk: Desk) -> None:
    other = colleague(desk)
    for each in (desk, other):
        submit(each, quantity=200)
    limit(desk, max_daily_loss=1_500)
    show_book(bids=(("95.95", 1000),), asks=(("96.00", 1000),), ltp="96.00")
    refused = submit(other, quantity=1, price="96.00")
    assert refused.status_code == "daily_loss_limit"
    assert Decimal(refusal(refused).used) >= 1_600
    assert "the organisation (all accounts)" in refusal(refused).message
    # Leaving is never held back, by whichever account.
    assert submit(other, Side.SELL, quantity=200).status == "FILLED"


@pytest_db
def test_a_profit_of_all_accounts_is_locked_and_a_fall_from_its_peak_is_a_drawdown(desk: Desk) -> None:
    other = colleague(desk)
    for each in (desk, other):
        submit(each, quantity=200)
    limit(desk, daily_profit_lock=3_000, daily_profit_giveback=500, max_day_drawdown=900)
    for ltp in ("110.00", "107.00"):
        show_book(bids=((ltp, 1000),), asks=((ltp, 1000),), ltp=ltp)
        with system_scope():
            accounts_watch()
    peak = RiskPeak.objects.get(account=None)
    assert (peak.user_id, peak.strategy, peak.locked_on) == (None, "", peak.day)
    # Each has gained some 2,000 at best and 1,400 now.
    assert 3_800_00 < peak.day_peak_paise < 4_000_00
    refused = submit(other, quantity=1)
    assert set(RiskDecision.objects.filter(order=refused, allowed=False).values_list("code", flat=True)) == {
        "profit_locked",
        "day_drawdown_limit",
    }


@pytest_db
def test_a_users_pace_follows_the_user_and_their_exposure_the_accounts_they_own(desk: Desk) -> None:
    """The owner of the house trades in a trader's account: the pace is hers, the exposure is his."""
    chief = colleague(desk, name="Chief's")
    limit(desk, user_id=desk.owner.user_id, max_orders_per_day=1, max_gross_exposure=1)
    limit(desk, user_id=desk.trader.user_id, max_gross_exposure=1_500, max_orders_per_day=1)
    by_owner = replace(desk, trader=desk.owner)
    assert submit(by_owner, quantity=10).status == "FILLED"
    assert submit(replace(chief, trader=desk.owner)).status_code == "orders_per_day_limit"
    assert submit(desk, quantity=10).status_code == "gross_exposure_limit"
    assert submit(desk, quantity=1).status == "FILLED"
    assert submit(desk, quantity=1).status_code == "orders_per_day_limit"


@pytest_db
def test_an_exit_and_an_accounts_own_limits_cost_no_look_at_other_accounts(desk: Desk) -> None:
    other = colleague(desk)
    submit(desk, quantity=10)
    submit(other, quantity=10)

    def statements(work: Callable[[], Order]) -> list[str]:
        with CaptureQueriesContext(connection) as seen:
            assert work().status == "FILLED"
        return [query["sql"] for query in seen if "SAVEPOINT" not in query["sql"]]

    plain = statements(lambda: submit(desk, Side.SELL, quantity=1))
    wide = limit(desk, max_gross_exposure=1_00_000, max_open_orders=50)
    submit(desk, Side.SELL, quantity=1)
    assert len(statements(lambda: submit(desk, Side.SELL, quantity=1))) == len(plain)
    entering = statements(lambda: submit(desk, quantity=1))
    assert any("riskmgmt_risklimit" in sql and "FOR NO KEY UPDATE" in sql for sql in entering)
    RiskLimit.objects.filter(pk=wide.pk).delete()
    RiskLimit(organisation=desk.organisation, account=desk.account, max_gross_exposure=1_00_000).save()
    submit(desk, quantity=1)
    assert not any("FOR NO KEY UPDATE" in sql for sql in statements(lambda: submit(desk, quantity=1)))


@pytest.mark.parametrize("values", [{"max_open_orders": 3}, {"max_gross_exposure": 3_000}])
@pytest.mark.django_db(transaction=True)
def test_accounts_that_order_at_once_do_not_slip_under_a_limit_together(
    open_market: None, values: dict[str, Any]
) -> None:
    desk = make_desk()
    show_book()
    desks = [desk, *(colleague(desk, name=f"Account {number}") for number in range(7))]
    with tenant_scope(desk.organisation.id):
        limit(desk, **values)
    start = Barrier(len(desks))

    def run(each: Desk) -> str:
        try:
            with tenant_scope(desk.organisation.id):
                start.wait(timeout=30)
                return submit(
                    each, quantity=10, price="100.00" if "max_gross_exposure" in values else "95.00"
                ).status
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(desks)) as pool:
        statuses = list(pool.map(run, desks))
    accepted = [status for status in statuses if status != "REJECTED"]
    assert len(accepted) == 3
    with system_scope():
        assert Order.objects.count() == 8
        assert LedgerBalance.objects.filter(available_paise__lt=0).count() == 0
        assert ledger_verify() == []
        assert orders_verify() == []


@pytest_db
def test_the_use_of_a_limit_is_shown_summed_and_level_by_level(desk: Desk) -> None:
    other = colleague(desk)
    limit(desk, max_gross_exposure=4_000)
    limit(desk, account=desk.account, max_gross_exposure=3_000)
    limit(desk, user_id=other.trader.user_id, max_orders_per_day=9)
    submit(desk, quantity=10)
    submit(other, quantity=20)
    client = APIClient()
    client.force_login(User.objects.get(pk=desk.owner.user_id))
    risk = "/api/v1/risk/limits"
    of_house = client.get(risk).json()["limits"]["max_gross_exposure"]
    assert (of_house["limit"], of_house["used"], of_house["set_by"]) == ("4000.00", "3000.00", "organisation")
    # The house's own default holds each account by itself, so of all of them together nothing is told.
    assert client.get(risk).json()["limits"]["max_daily_loss"]["used"] is None
    mine = client.get(f"{risk}?account={desk.account.id}").json()["limits"]["max_gross_exposure"]
    # The nearer one is shown: 3,000 of 4,000, not the account's 1,000 of 3,000.
    assert (mine["limit"], mine["set_by"], mine["used"]) == ("4000.00", "organisation", "3000.00")
    assert mine["level_uses"] == {"organisation": "3000.00", "account": "1000.00"}
    user = client.get(f"{risk}?user={other.trader.user_id}").json()["limits"]["max_orders_per_day"]
    assert (user["limit"], user["used"]) == ("9.00", "1.00")


def test_the_sum_is_of_accounts_and_each_of_them_nets_its_own_orders() -> None:
    order = context(exposures=(row(-10, key="NSE:INFY", underlying="INFY"),))
    there = Elsewhere(exposures=(row(-10), row(4, key="NSE:INFY", underlying="INFY")), equity_paise=5)
    measured = Measured(order, Reach.ORGANISATION, elsewhere=there)
    # 10 wanted here and 10 sold there of RELIANCE, 10 sold here and 4 held there of INFY.
    assert measured.exposure({}).gross_paise == (10 + 10 + 10 + 4) * 1500_00
    assert measured.exposure({}).net_paise == (10 - 10 - 10 + 4) * 1500_00
    assert measured.position_quantity == 20


@pytest.mark.parametrize(
    ("level", "reach"),
    [(Level.ORGANISATION, Reach.ORGANISATION), (Level.USER, Reach.PLACER), (Level.ACCOUNT, Reach.ACCOUNT)],
)
def test_each_levels_cap_is_held_against_its_own_sum(level: Level, reach: Reach) -> None:
    layers = [Layer(each, {"max_orders_per_day": Decimal(5)}) for each in (Level.ORGANISATION, Level.USER)]
    layers.append(Layer(Level.ACCOUNT, {"max_orders_per_day": Decimal(5)}))
    held = Rules(in_force=limits_in_force(layers), tracks={reach: Track(orders_day=5)})
    assert codes(context(), held) == {"orders_per_day_limit"}
    decision = next(each for each in decide(context(), held) if not each.allowed)
    assert level.value.lower() in decision.message.lower()
    assert codes(context(), replace(held, tracks={reach: Track(orders_day=4)})) == set()


@pytest.mark.django_db(transaction=True)
def test_groups_and_single_orders_under_one_limit_do_not_wait_for_each_other(open_market: None) -> None:
    """A group locks its markets before its first leg is judged, a single order is judged before it takes."""
    desk = make_desk()
    show_book(asks=(("100.00", 100_000),))
    other = colleague(desk)
    with tenant_scope(desk.organisation.id):
        limit(desk, max_open_orders=500)
        limit(desk, strategy="momentum", max_open_orders=500)
    start = Barrier(2)

    def run(work: Callable[[], Any]) -> list[Any]:
        try:
            with tenant_scope(desk.organisation.id):
                start.wait(timeout=30)
                return [work() for _ in range(25)]
        finally:
            connections.close_all()

    def group() -> str:
        made = place(desk, leg(desk), leg(desk, strategy="momentum"), leg(desk, Side.SELL))
        return str(group_state(made))

    with ThreadPoolExecutor(2) as pool:
        groups, singles = (
            pool.submit(run, group),
            pool.submit(run, lambda: submit(other, strategy="momentum").status),
        )
        assert set(groups.result()) == {"FILLED"}
        assert set(singles.result()) == {"FILLED"}
