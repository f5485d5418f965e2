"""Marks of every minute and the warnings that come with them: once, however often and in parallel they are made."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from core import clock
from core.tenancy import system_scope, tenant_scope
from notifications.models import Notification
from riskmgmt.domain.warnings import HYSTERESIS, LEVELS, level_after, use_percent
from riskmgmt.models import AccountMark, LimitWarning, RiskLimit
from riskmgmt.services import accounts_watch, marks, marks_prune, marks_write
from riskmgmt.services.warnings import warnings_step
from riskmgmt.services.watch import WatchedAccount
from tests.orders.desk import Desk, make_desk, show_book
from trading.orders.services import order_submit

pytest_db = pytest.mark.django_db


@pytest.fixture
def minutes(monkeypatch: pytest.MonkeyPatch) -> "Minutes":
    return Minutes(monkeypatch)


class Minutes:
    """A market clock that a test moves by whole minutes, from noon on: they are all of one day. It is asked for
    before the desk, which then trades by it too."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = clock.ist_day_start(clock.trading_date()) + timedelta(hours=12, seconds=5)
        monkeypatch.setattr("riskmgmt.services.marks.clock.now", lambda: self.at)

    def next(self) -> None:
        self.at += timedelta(minutes=1)


def write() -> int:
    with system_scope():
        return marks_write()


def show_price(price: str) -> None:
    mid = Decimal(price)
    show_book(bids=((str(mid - Decimal("0.05")), 1000),), asks=((price, 1000),), ltp=price)


def buy(desk: Desk, quantity: int = 100, **changes: object) -> None:
    assert order_submit(actor=desk.trader, intent=desk.intent(quantity=quantity, **changes)).status == "FILLED"


@pytest_db
def test_a_minute_is_marked_once_for_the_account_and_each_strategy(desk: Desk) -> None:
    buy(desk)
    buy(desk, 50, strategy="momentum")
    show_price("102.00")
    assert write() == 1
    whole, strategy = AccountMark.objects.order_by("strategy")
    assert (whole.strategy, strategy.strategy) == ("", "momentum")
    assert (whole.gross_exposure_paise, strategy.gross_exposure_paise) == (150 * 102_00, 50 * 102_00)
    assert (whole.unrealised_paise, strategy.unrealised_paise) == (150 * 2_00, 50 * 2_00)
    assert 0 < strategy.day_pnl_paise < whole.day_pnl_paise <= 300_00
    assert whole.profit_paise == whole.day_pnl_paise
    assert whole.equity_paise == 10_00_000_00 + whole.profit_paise
    assert (strategy.equity_paise, strategy.profit_paise, whole.is_stale) == (None, None, False)
    assert whole.minute.second == whole.minute.microsecond == 0
    # Later in the minute at another price: the minute is written already.
    show_price("90.00")
    assert write() == 0
    assert AccountMark.objects.count() == 2


@pytest_db
def test_the_drawdown_of_a_mark_is_measured_from_the_days_peak(minutes: Minutes, desk: Desk) -> None:
    buy(desk)
    for price in ("100.00", "105.00", "101.00"):
        minutes.next()
        show_price(price)
        with system_scope():
            accounts_watch()
        write()
    first, best, last = AccountMark.objects.order_by("minute")
    assert best.drawdown_paise == 0
    assert last.drawdown_paise == best.day_pnl_paise - last.day_pnl_paise == 400_00
    assert first.drawdown_paise == -first.day_pnl_paise


@pytest_db
def test_nothing_is_marked_without_positions_or_while_every_market_is_closed(
    desk: Desk, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (write(), AccountMark.objects.count()) == (0, 0)
    buy(desk)
    monkeypatch.setattr("riskmgmt.services.marks._is_open", lambda now: False)
    assert (write(), AccountMark.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_parallel_runs_write_one_mark_and_one_warning(open_market: None) -> None:
    desk = make_desk()
    show_book()
    with tenant_scope(desk.organisation.id):
        buy(desk)
        RiskLimit.objects.create(organisation=desk.organisation, max_daily_loss=Decimal(1000))
    show_price("94.00")

    def run(_: int) -> None:
        try:
            with system_scope():
                marks_write()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(run, range(8)))
    with tenant_scope(desk.organisation.id):
        marks = AccountMark.objects.values_list("minute", "strategy")
        assert len(set(marks)) == len(marks) <= 2
        assert told(desk) == ["Daily loss: 50 % of the limit reached"]


@pytest_db
def test_a_mark_is_never_changed_and_deleted_only_when_it_is_old(desk: Desk) -> None:
    buy(desk)
    write()
    for act in (lambda: AccountMark.objects.update(day_pnl_paise=0), lambda: AccountMark.objects.all().delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            act()
    mark = AccountMark.objects.get()
    mark.pk, mark.minute = None, mark.minute - timedelta(days=91)
    mark.save()
    with system_scope():
        assert (marks_prune(), marks_prune()) == (1, 0)
    assert AccountMark.objects.count() == 1


def told(desk: Desk, user_id: UUID | None = None) -> list[str]:
    rows = Notification.objects.filter(user_id=user_id or desk.trader.user_id, title__contains="limit")
    return list(rows.order_by("id").values_list("title", flat=True))


@pytest_db
def test_each_crossing_of_the_daily_loss_limit_is_told_once(minutes: Minutes, desk: Desk) -> None:
    buy(desk)
    RiskLimit.objects.create(organisation=desk.organisation, account=desk.account, max_daily_loss=Decimal(1000))
    # Charges of the purchase are a few rupees, so the loss is a little more than the price says.
    prices = ["96.00", "95.00", "95.40", "94.90", "91.90", "95.00", "91.00", "89.00", "89.90", "88.00"]
    for price in prices:
        minutes.next()
        show_price(price)
        write()
    assert told(desk) == [
        "Daily loss: 50 % of the limit reached",
        "Daily loss: 80 % of the limit reached",
        "Daily loss: 80 % of the limit reached",
        "Daily loss: the limit is reached",
    ]
    assert told(desk, desk.owner.user_id) == told(desk)
    row = LimitWarning.objects.get()
    assert (row.limit, row.percent, row.strategy) == ("max_daily_loss", 100, "")


@pytest_db
def test_a_drawdown_is_told_from_the_peak_and_a_strategys_by_its_own_limit(minutes: Minutes, desk: Desk) -> None:
    buy(desk, strategy="momentum")
    RiskLimit.objects.create(
        organisation=desk.organisation, strategy="momentum", max_day_drawdown=Decimal(1000), max_daily_loss=None
    )
    show_price("110.00")
    with system_scope():
        accounts_watch()
    for price in ("106.00", "101.90"):
        minutes.next()
        show_price(price)
        write()
    assert told(desk) == ["Drawdown of the day: 80 % of the limit reached"]
    body = Notification.objects.get(title__startswith="Drawdown", user_id=desk.trader.user_id).body
    assert body == "Strategy momentum in all accounts has used ₹810.00 of ₹1,000.00."


@pytest_db
def test_a_loss_limit_is_news_again_on_another_day(minutes: Minutes, desk: Desk) -> None:
    buy(desk)
    RiskLimit.objects.create(organisation=desk.organisation, account=desk.account, max_daily_loss=Decimal(1000))
    show_price("94.00")
    write()
    LimitWarning.objects.update(day=clock.trading_date() - timedelta(days=1))
    minutes.next()
    write()
    assert len(told(desk)) == 2


@pytest_db
def test_one_accounts_trouble_leaves_the_others_their_warning(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    other = make_desk()
    for each in (desk, other):
        with tenant_scope(each.organisation.id):
            buy(each)
            RiskLimit.objects.create(
                organisation=each.organisation, account=each.account, max_daily_loss=Decimal(1000)
            )
    show_price("94.00")
    first = min(desk.account.id, other.account.id)
    real, logged = warnings_step, []

    def step(account: WatchedAccount, *rest: object, **named: object) -> int:
        if account.account_id == first:
            raise ZeroDivisionError
        return real(account, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(marks, "warnings_step", step)
    monkeypatch.setattr(marks.logger, "exception", lambda *_, **extra: logged.append(extra))
    assert write() == 2
    healthy = desk if first == other.account.id else other
    with tenant_scope(healthy.organisation.id):
        assert len(told(healthy)) == 1
    assert len(logged) == 1


@given(st.lists(st.integers(0, 1300), min_size=1))
def test_a_use_that_trembles_around_a_level_is_told_once(permille: list[int]) -> None:
    level = 0
    for each in permille:
        before, percent = level, Decimal(each) / 10
        level = level_after(level, percent)
        assert level in (0, *LEVELS)
        # What stands is reached, or was and has not yet fallen clear of it.
        assert level <= percent + HYSTERESIS
        assert level >= max((one for one in LEVELS if one <= percent), default=0)
        if level > before:
            assert level <= percent


def test_a_limit_of_nothing_is_used_up_by_any_loss() -> None:
    assert (use_percent(Decimal(0), Decimal(0)), use_percent(Decimal(1), Decimal(0))) == (0, 100)
    assert use_percent(Decimal(-5), Decimal(100)) == 0
