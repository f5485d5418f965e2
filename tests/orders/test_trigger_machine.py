"""Any life of a trigger: ticks, part fills, cancellations, refusals and restarts, against a small pure model."""

from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from core import clock
from core.errors import SaudaError
from core.tenancy import system_scope
from tests.orders.desk import Desk
from tests.orders.watch import leg, price
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.orders.domain.intent import OrderIntent
from trading.orders.domain.states import LIVE
from trading.orders.domain.triggers.crossing import crossed
from trading.orders.domain.triggers.intent import LegIntent, TriggerIntent
from trading.orders.domain.triggers.states import (
    FINAL_TRIGGERS,
    OPEN_LEGS,
    OPEN_TRIGGERS,
    WATCHED_TRIGGERS,
    Direction,
    LegRole,
    TriggerKind,
)
from trading.orders.models import Fill, Order, Trigger, TriggerEvent, TriggerLeg
from trading.orders.monitor.listener import TriggerMonitor
from trading.orders.monitor.sweep import sweep_orphans, sweep_triggers
from trading.orders.paper.matcher import sweep
from trading.orders.services import order_cancel, order_submit
from trading.orders.services.order.verification import orders_verify
from trading.orders.services.triggers import (
    LegTerms,
    TriggerModification,
    trigger_cancel,
    trigger_create,
    trigger_modify,
)
from trading.portfolio.models import Position, TradingAccount
from trading.portfolio.services import account_create, funds_deposit, ledger_verify

TICK = Decimal("0.05")
CRORE_PAISE = 1_00_00_000_00
gaps = st.integers(1, 60)
steps = st.one_of(
    st.tuples(st.just("tick"), st.integers(-80, 80), st.sampled_from([0, 3, 7, 1000, 1000]), st.booleans()),
    st.tuples(st.just("tick"), st.integers(-80, 80), st.sampled_from([0, 3, 7, 1000, 1000]), st.booleans()),
    st.tuples(st.just("guard"), st.sampled_from(["OCO", "SINGLE", "TRAILING"]), gaps, gaps, st.integers(1, 20)),
    st.tuples(
        st.just("enter"), st.sampled_from(["BRACKET", "COVER"]), gaps, gaps, st.integers(1, 20), st.booleans()
    ),
    st.tuples(st.just("buy"), st.integers(1, 20)),
    st.tuples(st.just("sell"), st.integers(1, 20)),
    st.tuples(st.just("cancel_trigger"), st.integers(0, 4)),
    st.tuples(st.just("cancel_order"), st.integers(0, 4)),
    st.tuples(st.just("modify"), st.integers(0, 4), gaps),
    st.tuples(st.just("gate"), st.booleans()),
    st.just(("restart",)),
)


class Model:
    """A long-only account, and beside it what a pure mind would expect of its triggers."""

    def __init__(self, desk: Desk, django: Settings) -> None:
        self.desk, self.django = desk, django
        assert desk.trader.user_id is not None
        name = f"Machine {TradingAccount.objects.count()}"
        self.account = account_create(actor=desk.owner, owner_id=desk.trader.user_id, name=name)
        funds_deposit(actor=desk.owner, account_id=self.account.id, paise=CRORE_PAISE)
        self.ltp = Decimal(100)
        self.best: dict[object, Decimal] = {}
        self.count = 0
        self.is_open = True
        self.gate(True)
        self.restart()
        price(self.ltp)

    def restart(self) -> None:
        """The process that listens is gone with all it knew."""
        self.monitor = TriggerMonitor()

    def gate(self, is_open: bool) -> None:
        self.is_open = is_open
        self.django.PRE_TRADE_GATES = [f"tests.orders.desk.{'Open' if is_open else 'Shut'}Gate"]

    def tick(self, move: int, depth: int, by_listener: bool) -> None:
        """The price moves; the listener or the sweep sees it first, and the sweep of orders after it."""
        # Within the exchange's band: beyond it nothing trades, and a stop rightly waits.
        self.ltp = min(max(self.ltp + move * TICK, Decimal(92)), Decimal(107))
        quote = price(self.ltp, depth=depth)
        armed = TriggerLeg.objects.filter(
            trigger__account=self.account, trigger__status__in=sorted(WATCHED_TRIGGERS), status="ARMED"
        ).exclude(peak_price=None)
        for trailing in armed:
            self.best[trailing.id] = max(self.best.get(trailing.id, trailing.peak_price), self.ltp)
        if by_listener:
            self.monitor.on_quotes({quote.key: quote})
        with system_scope():
            TriggerLeg.objects.filter(status="REFUSED").update(next_attempt_at=clock.now())
            sweep_triggers()
            sweep()
            # An entry that has just filled beyond its own stop leaves with the next look.
            sweep_triggers()
            sweep_orphans()
        self.assert_nothing_crossed_is_still_waiting(depth)

    def buy(self, quantity: int) -> None:
        self.order(Side.BUY, quantity)

    def sell(self, quantity: int) -> None:
        """What is not promised to exits already, as a careful trader would."""
        if self.held:
            self.order(Side.SELL, min(quantity, self.held))

    def order(self, side: Side, quantity: int) -> None:
        self.count += 1
        order_submit(
            actor=self.desk.trader,
            intent=OrderIntent(
                account_id=self.account.id,
                key=self.desk.instrument.key,
                side=side,
                quantity=quantity,
                order_type=OrderType.MARKET,
                product=Product.DELIVERY,
                client_order_id=f"hand-{self.count}",
            ),
        )
        for order in Order.objects.filter(account=self.account, client_order_id=f"hand-{self.count}"):
            if order.status in LIVE:
                order_cancel(actor=self.desk.trader, order_id=order.id)

    def guard(self, kind: str, below: int, above: int, quantity: int) -> None:
        stop, target = self.ltp - below * TICK, self.ltp + above * TICK
        legs = {
            "OCO": (leg("STOP", stop), leg("TARGET", target)),
            "SINGLE": (leg("SINGLE", stop),),
            "TRAILING": (leg("STOP", trail_points=below * TICK),),
        }[kind]
        if self.held:
            self.create(kind, Side.SELL, min(quantity, self.held), *legs)

    def enter(self, kind: str, below: int, above: int, quantity: int, trails: bool) -> None:
        stop = leg("STOP", trail_points=below * TICK) if trails else leg("STOP", self.ltp - below * TICK)
        legs = [leg("ENTRY", price=self.ltp), stop]
        if kind == "BRACKET":
            legs.append(leg("TARGET", self.ltp + above * TICK))
        self.create(kind, Side.BUY, quantity, *legs)

    def create(self, kind: str, side: Side, quantity: int, *legs: LegIntent) -> None:
        self.count += 1
        trigger_create(
            actor=self.desk.trader,
            intent=TriggerIntent(
                account_id=self.account.id,
                key=self.desk.instrument.key,
                kind=TriggerKind(kind),
                side=side,
                quantity=quantity,
                product=Product.DELIVERY,
                legs=legs,
                client_order_id=f"trigger-{self.count}",
            ),
        )

    def cancel_trigger(self, index: int) -> None:
        for trigger in self._pick(Trigger, index, OPEN_TRIGGERS):
            trigger_cancel(actor=self.desk.trader, trigger_id=trigger.id)

    def cancel_order(self, index: int) -> None:
        for order in self._pick(Order, index, LIVE):
            order_cancel(actor=self.desk.trader, order_id=order.id)

    def modify(self, index: int, below: int) -> None:
        legs = {LegRole.STOP: LegTerms(trigger_price=self.ltp - below * TICK)}
        for trigger in self._pick(Trigger, index, OPEN_TRIGGERS):
            with suppress(SaudaError):
                trigger_modify(
                    actor=self.desk.trader, trigger_id=trigger.id, modification=TriggerModification(legs=legs)
                )

    def _pick(self, model: Any, index: int, states: frozenset[str]) -> Iterator[Any]:
        found = model.objects.filter(account=self.account, status__in=sorted(states)).order_by("id")
        yield from found[index : index + 1]

    @property
    def held(self) -> int:
        return sum(Position.objects.filter(account=self.account).values_list("quantity", flat=True))

    # ---- what must hold

    def assert_nothing_crossed_is_still_waiting(self, depth: int) -> None:
        watched = TriggerLeg.objects.filter(
            trigger__account=self.account, trigger__status__in=sorted(WATCHED_TRIGGERS), status="ARMED"
        ).select_related("trigger")
        for row in watched:
            if row.id in self.best:
                assert row.peak_price == self.best[row.id], "the peak is not the best price seen"
            if row.role == "TARGET" or row.trigger.remaining_quantity == 0:
                continue
            assert not crossed(Direction(row.direction), row.trigger_price, self.ltp), f"{row} did not fire"

    def check(self) -> None:
        assert self.held >= 0, "more was sold than was held"
        live = Order.objects.filter(account=self.account, status__in=sorted(LIVE))
        exits = sum(order.pending_quantity for order in live if order.side == "SELL")
        assert exits <= self.held, "the exits in the market exceed the position"
        for trigger in Trigger.objects.filter(account=self.account).prefetch_related("legs", "orders"):
            self._check_one(trigger)

    def _check_one(self, trigger: Trigger) -> None:
        orders = list(trigger.orders.all())
        fills = Fill.objects.filter(order__trigger=trigger)
        came_in = sum(fill.quantity for fill in fills if fill.side != trigger.exit_side)
        went_out = sum(fill.quantity for fill in fills if fill.side == trigger.exit_side)
        entering = TriggerKind(trigger.kind).has_entry
        assert (trigger.entry_quantity, trigger.filled_quantity) == (came_in, went_out)
        assert went_out + trigger.released_quantity <= (came_in if entering else trigger.quantity)
        legs = list(trigger.legs.all())
        live = [order for order in orders if order.status in LIVE]
        if trigger.status in FINAL_TRIGGERS:
            assert live == [], f"{trigger} has ended and left {live}"
            assert not any(each.status in OPEN_LEGS for each in legs)
        pending = sum(order.pending_quantity for order in live if order.side == trigger.exit_side)
        assert pending <= trigger.remaining_quantity
        roles = {order.trigger_leg_id for order in live if order.side == trigger.exit_side}
        assert len(roles) <= 1, "two exits of one trigger are in the market at once"
        assert (trigger.status == "ALARM") == any(each.status == "REFUSED" for each in legs)
        named = [order.client_order_id for order in orders]
        assert len(named) == len(set(named))
        seqs = list(TriggerEvent.objects.filter(trigger=trigger).order_by("seq").values_list("seq", flat=True))
        assert seqs == list(range(1, trigger.event_seq + 1))


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(steps, min_size=6, max_size=30))
def test_whatever_happens_exits_never_exceed_what_they_guard(
    desk: Desk, django_settings: Settings, actions: list[tuple[object, ...]]
) -> None:
    model = Model(desk, django_settings)
    model.buy(20)
    for name, *arguments in actions:
        getattr(model, str(name))(*arguments)
        model.check()
    model.gate(True)
    model.tick(-1000, 1000, by_listener=True)
    model.tick(0, 1000, by_listener=True)
    model.check()
    with system_scope():
        assert ledger_verify() == []
        assert orders_verify() == []
    for trigger in Trigger.objects.filter(account=model.account):
        trigger_cancel_quietly(model, trigger)


def trigger_cancel_quietly(model: Model, trigger: Trigger) -> None:
    with suppress(SaudaError):
        trigger_cancel(actor=model.desk.trader, trigger_id=trigger.id)
    for order in Order.objects.filter(account=model.account, status__in=sorted(LIVE)):
        order_cancel(actor=model.desk.trader, order_id=order.id)


@pytest.fixture
def django_settings(settings: Settings) -> Settings:
    """pytest-django's, under a name that Hypothesis's does not shadow."""
    return settings
