"""Two desks with a member in every role and one of everything that has an address, for the access matrix.

An app's owner adds the kind of object their addresses name to `OBJECTS`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import count

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from django.test import Client

from accounts.domain.actor import system_actor
from accounts.domain.permissions import Role
from accounts.models import ApiKey, Membership, Organisation, User
from accounts.services import invitation_create
from analytics.models import JournalEntry, JournalPicture, JournalTag, Statement
from core import clock
from core.clock import wall_now
from core.tenancy import tenant_scope
from notifications.models import NotificationKind
from notifications.services import notification_send
from riskmgmt.domain.scopes import Scope
from riskmgmt.services import kill_switch_press
from tests.backtests.made import make_run, make_search
from tests.factories import actor_for, make_account, make_instrument, make_member, make_organisation, make_user
from tests.orders.desk import show_book
from tests.strategies.made import make_code
from trading.alerts.models import Watchlist
from trading.instruments.models import Instrument
from trading.marketdata.models import Backfill, ChartDrawing, ChartLayout, DatafeedToken
from trading.marketdata.services import backfill_plan, datafeed_token_create
from trading.orders.models import Basket, OptionStrategy, Order, OrderGroup, Trigger, TriggerLeg
from trading.portfolio.models import Position, TradingAccount
from trading.strategies.models import RunNote, Signal, StrategyRun

_numbers = count(1)


@dataclass
class Desk:
    """One organisation with its members by role."""

    organisation: Organisation
    members: dict[Role, Membership]
    account: TradingAccount
    instrument: Instrument
    kept: dict[tuple[str, Role], str] = field(default_factory=dict)

    def object_id(self, kind: str, role: Role) -> str:
        """What stands in an address for an object of this kind that concerns the member with this role."""
        if (kind, role) not in self.kept:
            with tenant_scope(self.organisation.id):
                self.kept[kind, role] = str(OBJECTS[kind](self, self.members[role]))
        return self.kept[kind, role]


def make_desks() -> tuple[Desk, Desk]:
    """Ours and theirs, in one market."""
    instrument = make_instrument("NSE:RELIANCE")
    show_book()
    return _make_desk(instrument), _make_desk(instrument)


def client_of(user: User) -> Client:
    """A browser in which the user logged in just now; errors come back as answers."""
    client = Client(raise_request_exception=False)
    client.force_login(user)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time()}]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
    session.save()
    return client


def _make_desk(instrument: Instrument) -> Desk:
    owner = make_user()
    organisation = make_organisation(owner=owner)
    with tenant_scope(organisation.id):
        members = {Role.OWNER: Membership.objects.get(user=owner)}
    members |= {role: make_member(role, organisation) for role in Role if role is not Role.OWNER}
    return Desk(organisation, members, make_account(members[Role.TRADER]), instrument)


def _spare_member(desk: Desk, member: Membership) -> object:
    return make_member(Role.VIEWER, desk.organisation).id


def _invitation(desk: Desk, member: Membership) -> object:
    clerk = system_actor(desk.organisation.id, "tests")
    return invitation_create(actor=clerk, email=f"i{next(_numbers)}@example.test", role=Role.VIEWER)[0].id


def _invitation_token(desk: Desk, member: Membership) -> object:
    clerk = system_actor(desk.organisation.id, "tests")
    return invitation_create(actor=clerk, email=f"i{next(_numbers)}@example.test", role=Role.VIEWER)[1]


def _api_key(desk: Desk, member: Membership) -> object:
    return ApiKey.objects.create(
        organisation=desk.organisation,
        user=member.user,
        name="Key",
        prefix="sauda_",
        digest=f"digest {next(_numbers)}",
        scopes=["view_market"],
    ).id


def _order(desk: Desk, member: Membership) -> object:
    return Order.objects.create(
        organisation=desk.organisation,
        account=desk.account,
        instrument=desk.instrument,
        client_order_id=f"order-{next(_numbers)}",
        request_hash="x",
        side="BUY",
        quantity=1,
        order_type="LIMIT",
        product="INTRADAY",
        price=Decimal("100.00"),
        worst_price=Decimal("100.00"),
        status="OPEN",
        placed_by="tests",
        created_at=wall_now(),
        updated_at=wall_now(),
    ).id


def _order_group(desk: Desk, member: Membership) -> object:
    group = OrderGroup.objects.create(
        organisation=desk.organisation,
        account=desk.account,
        kind="BASKET",
        client_order_id=f"group-{next(_numbers)}",
        request_hash="x",
        created_by="tests",
        created_at=wall_now(),
    )
    Order.objects.filter(id=_order(desk, member)).update(group=group, leg=1)
    group.refused_legs.create(
        organisation=desk.organisation,
        leg=2,
        symbol="NSE:TCS",
        side="BUY",
        quantity=1,
        code="unknown_symbol",
        message="There is no instrument NSE:TCS.",
    )
    return group.id


def _basket(desk: Desk, member: Membership) -> object:
    basket = Basket.objects.create(
        organisation=desk.organisation, owner=member.user, name=f"Basket {next(_numbers)}"
    )
    basket.rows.create(
        organisation=desk.organisation,
        position=1,
        instrument=desk.instrument,
        side="BUY",
        quantity=1,
        order_type="MARKET",
        product="INTRADAY",
    )
    return basket.id


def _option_strategy(desk: Desk, member: Membership) -> object:
    strategy = OptionStrategy.objects.create(
        organisation=desk.organisation,
        owner=member.user,
        name=f"Strategy {next(_numbers)}",
        underlying="RELIANCE",
    )
    strategy.legs.create(organisation=desk.organisation, position=1, instrument=desk.instrument, side="BUY", lots=1)
    return strategy.id


def _trigger(desk: Desk, member: Membership) -> object:
    trigger = Trigger.objects.create(
        organisation=desk.organisation,
        account=desk.account,
        instrument=desk.instrument,
        client_order_id=f"trigger-{next(_numbers)}",
        request_hash="x",
        kind="SINGLE",
        side="BUY",
        quantity=1,
        product="INTRADAY",
        protects=False,
        expires_on=wall_now().date() + timedelta(days=30),
        placed_by="tests",
        created_at=wall_now(),
        updated_at=wall_now(),
    )
    TriggerLeg.objects.create(
        organisation=desk.organisation,
        trigger=trigger,
        role="SINGLE",
        direction="ABOVE",
        trigger_price=Decimal("110.00"),
        order_type="MARKET",
    )
    return trigger.id


def _strategy_run(desk: Desk, member: Membership) -> object:
    return _new_run(desk).id


def _new_run(desk: Desk) -> StrategyRun:
    run: StrategyRun = StrategyRun.objects.create(
        organisation=desk.organisation,
        account=desk.account,
        name=f"Run {next(_numbers)}",
        strategy="ma_cross",
        symbols=[desk.instrument.key],
        interval="5m",
        product="INTRADAY",
        capital_paise=1_00_000_00,
        state_at=wall_now(),
        created_by="tests",
        created_at=wall_now(),
    )
    RunNote.objects.create(
        organisation=desk.organisation, run=run, seq=1, kind="STATE", message="Created.", at=wall_now()
    )
    return run


def _signal(desk: Desk, member: Membership) -> object:
    return Signal.objects.create(
        organisation=desk.organisation,
        account=desk.account,
        run=_new_run(desk),
        seq=1,
        key="made",
        instrument=desk.instrument,
        side="BUY",
        quantity=1,
        order_type="MARKET",
        product="INTRADAY",
        decided_at=wall_now(),
        expires_at=wall_now() + timedelta(minutes=2),
        state="WAITING",
    ).id


def _position(desk: Desk, member: Membership) -> object:
    return Position.objects.create(
        organisation=desk.organisation,
        account=desk.account,
        instrument=desk.instrument,
        product="INTRADAY",
        strategy=f"s{next(_numbers)}",
        quantity=1,
        average_price=Decimal("100.00"),
        opened_at=wall_now(),
        updated_at=wall_now(),
    ).id


def _notification(desk: Desk, member: Membership) -> object:
    return notification_send(
        organisation_id=desk.organisation.id,
        user_id=member.user_id,
        kind=next(iter(NotificationKind)),
        title="Filled",
    ).id


def _chart_drawing(desk: Desk, member: Membership) -> object:
    return ChartDrawing.objects.create(
        organisation=desk.organisation,
        owner=member.user,
        instrument=desk.instrument,
        kind="HORIZONTAL",
        first_price=Decimal("100.00"),
        colour="ACCENT",
    ).id


def _chart_layout(desk: Desk, member: Membership) -> object:
    return ChartLayout.objects.create(
        organisation=desk.organisation, owner=member.user, interval="5m", style="CANDLES", scale="LINEAR"
    ).id


def _datafeed_token(desk: Desk, member: Membership) -> object:
    return DatafeedToken.objects.create(
        organisation=desk.organisation,
        user=member.user,
        name="Screen",
        prefix="udf_",
        digest=f"digest {next(_numbers)}",
    ).id


def _journal_entry(desk: Desk, member: Membership) -> object:
    now = wall_now()
    entry = JournalEntry.objects.create(
        organisation=desk.organisation, account=desk.account, author=member.user, instrument=desk.instrument,
        day=now.date() - timedelta(days=1), title=f"Note {next(_numbers)}", created_at=now, updated_at=now,
    )  # fmt: skip
    JournalTag.objects.create(organisation=desk.organisation, entry=entry, name=f"tag-{next(_numbers)}")
    return entry.id


def _journal_picture(desk: Desk, member: Membership) -> object:
    return JournalPicture.objects.create(
        organisation=desk.organisation, entry_id=_journal_entry(desk, member), content_type="image/png",
        content=b"x", size=1, width=1, height=1, created_at=wall_now(),
    ).id  # fmt: skip


def _datafeed_token_text(desk: Desk, member: Membership) -> object:
    return datafeed_token_create(actor=actor_for(member), name=f"Token {next(_numbers)}")[1]


def _watchlist(desk: Desk, member: Membership) -> object:
    watchlist = Watchlist.objects.create(
        organisation=desk.organisation, owner=member.user, name=f"List {next(_numbers)}"
    )
    watchlist.items.create(organisation=desk.organisation, instrument=desk.instrument, position=1)
    return watchlist.id


def _kill_switch(desk: Desk, member: Membership) -> object:
    scope = Scope(desk.organisation.id, strategy=f"k{next(_numbers)}")
    return kill_switch_press(actor=system_actor(desk.organisation.id, "tests"), scope=scope, reason="tests").id


def _option_underlying(desk: Desk, member: Membership) -> object:
    for contract in ("NIFTY32DEC24000CE", "NIFTY32DECFUT"):
        if not Instrument.objects.filter(key=f"NFO:{contract}").exists():
            make_instrument(f"NFO:{contract}", expiry=date(2032, 12, 30))
    return "NIFTY"


def _option(desk: Desk, member: Membership) -> object:
    _option_underlying(desk, member)
    return "NFO:NIFTY32DEC24000CE"


def _shape(desk: Desk, member: Membership) -> object:
    _option_underlying(desk, member)
    return "long-call"


def _backfill(desk: Desk, member: Membership) -> object:
    gap = (desk.instrument.pk, date(2026, 11, 19))
    return backfill_plan(gaps=[gap], source="folder", interval=Backfill.Interval.MINUTE).pk


def _sweep(desk: Desk, member: Membership) -> object:
    return make_search(desk.organisation, instrument=desk.instrument, kind="SWEEP").pk


def _walk_forward(desk: Desk, member: Membership) -> object:
    return make_search(desk.organisation, instrument=desk.instrument, kind="WALK_FORWARD").pk


def _backtest(desk: Desk, member: Membership) -> object:
    return make_run(desk.organisation, instrument=desk.instrument).pk


def _statement(desk: Desk, member: Membership) -> object:
    """Of the account of whoever is asking for it, with a row that names an instrument."""
    number = next(_numbers)
    day = clock.trading_date()
    statement = Statement.objects.create(
        organisation=desk.organisation,
        account=desk.account,
        kind="TRADES",
        format="generic",
        file_name=f"file {number}.csv",
        digest=f"{number:064}",
        first_day=day,
        last_day=day,
        rows=1,
        imported_by=member.user,
        imported_at=clock.wall_now(),
    )
    statement.statementtrades.create(
        organisation=desk.organisation,
        account=desk.account,
        row=2,
        day=day,
        identity=f"{number:064}",
        instrument=desk.instrument,
        symbol=desk.instrument.symbol,
        side="BUY",
        quantity=1,
        price=1,
    )
    return statement.id


def _strategy_code(desk: Desk, member: Membership) -> object:
    return make_code(member, f"mine_{next(_numbers)}").pk


def _own_strategy(desk: Desk, member: Membership) -> object:
    return f"own.{make_code(member, f'mine_{next(_numbers)}').key}"


OBJECTS: dict[str, Callable[[Desk, Membership], object]] = {
    "journal_entry": _journal_entry,
    "journal_picture": _journal_picture,
    "organisation": lambda desk, member: desk.organisation.id,
    "member": _spare_member,
    "invitation": _invitation,
    "invitation_token": _invitation_token,
    "api_key": _api_key,
    "account": lambda desk, member: desk.account.id,
    "order": _order,
    "order_group": _order_group,
    "kill_switch": _kill_switch,
    "basket": _basket,
    "option_strategy": _option_strategy,
    "shape": _shape,
    "trigger": _trigger,
    "position": _position,
    "notification": _notification,
    "watchlist": _watchlist,
    "chart_drawing": _chart_drawing,
    "chart_layout": _chart_layout,
    "datafeed_token": _datafeed_token,
    "datafeed_token_text": _datafeed_token_text,
    "instrument": lambda desk, member: desk.instrument.key,
    "backfill": _backfill,
    "backtest": _backtest,
    "statement": _statement,
    "strategy_run": _strategy_run,
    "signal": _signal,
    "sweep": _sweep,
    "walk_forward": _walk_forward,
    "strategy_code": _strategy_code,
    "own_strategy": _own_strategy,
    "export_rows": lambda desk, member: "trades",
    "export_form": lambda desk, member: "csv",
    "cell_number": lambda desk, member: 0,
    "indicator": lambda desk, member: "rsi",
    "option": _option,
    "option_underlying": _option_underlying,
}

SHARED = {
    "backfill",
    "cell_number",
    "export_form",
    "export_rows",
    "indicator",
    "instrument",
    "option",
    "option_underlying",
    "shape",
}
"""Kinds that belong to no tenant: everybody's are the same."""
