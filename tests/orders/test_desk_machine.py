"""Everything at once: orders, groups, triggers, conversions, closes, halts and kills against a model of quantity.

The model knows nothing of the services: it adds up fills and conversions, and holds orders, triggers, holds and
cash against what they sum to.
"""

from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from core import clock
from core.errors import SaudaError
from core.tenancy import system_scope
from riskmgmt.domain.scopes import Scope
from riskmgmt.domain.states import State
from riskmgmt.services import kill_switch_press
from riskmgmt.services.release import kill_switch_release_ask, kill_switch_release_confirm
from riskmgmt.services.states import trading_state_set
from tests.orders.desk import Desk, show_book
from tests.orders.watch import leg
from trading.brokers.domain.terms import OrderType, Product, Side, Validity
from trading.instruments.process_cache import forget_reference_data
from trading.orders.domain.group import GroupIntent, GroupKind
from trading.orders.domain.group import LegIntent as GroupLeg
from trading.orders.domain.intent import OrderIntent
from trading.orders.domain.states import LIVE
from trading.orders.domain.target import TargetIntent
from trading.orders.domain.triggers.intent import LegIntent, TriggerIntent
from trading.orders.domain.triggers.states import FINAL_TRIGGERS, OPEN_LEGS, OPEN_TRIGGERS, LegRole, TriggerKind
from trading.orders.models import Fill, Order, Trigger, TriggerLeg
from trading.orders.monitor.sweep import sweep_orphans, sweep_triggers
from trading.orders.paper.matcher import sweep
from trading.orders.services import (
    OrderModification,
    conversion_submit,
    group_cancel,
    group_submit,
    order_cancel,
    order_modify,
    order_submit,
    orders_cancel_all,
    position_close,
    target_submit,
)
from trading.orders.services.order.verification import orders_verify
from trading.orders.services.positions.close import CloseTerms
from trading.orders.services.triggers import (
    LegTerms,
    TriggerModification,
    trigger_create,
    trigger_modify,
    triggers_cancel_all,
)
from trading.portfolio.models import LedgerBalance, Position, PositionEvent, TradingAccount
from trading.portfolio.services import account_create, funds_deposit, ledger_verify

TICK = Decimal("0.05")
FUNDS_PAISE = 5_00_000_00
quantities = st.integers(1, 30)
offsets = st.integers(-40, 40)
gaps = st.integers(1, 60)
sides = st.sampled_from(list(Side))
products = st.sampled_from([Product.INTRADAY, Product.INTRADAY, Product.DELIVERY])
index = st.integers(0, 5)
steps = st.one_of(
    st.tuples(st.just("tick"), st.integers(-80, 80), st.sampled_from([0, 3, 7, 1000])),
    st.tuples(st.just("tick"), st.integers(-80, 80), st.sampled_from([3, 7, 1000])),
    st.tuples(st.just("tick"), st.integers(-80, 80), st.sampled_from([3, 1000])),
    st.tuples(
        st.just("submit"),
        sides,
        quantities,
        st.none() | offsets,
        products,
        st.sampled_from(list(OrderType)),
        st.sampled_from([Validity.DAY, Validity.DAY, Validity.IOC]),
        st.integers(0, 5),
    ),
    st.tuples(
        st.just("modify"),
        index,
        st.none() | quantities,
        st.none() | offsets,
        st.none() | st.sampled_from(list(OrderType)),
    ),
    st.tuples(st.just("cancel"), index),
    st.tuples(st.just("close"), index, st.none() | quantities, st.none() | offsets),
    st.tuples(st.just("convert"), index, st.none() | quantities, products),
    st.tuples(
        st.just("basket"), sides, quantities, sides, quantities, products, st.booleans(), st.none() | offsets
    ),
    st.tuples(st.just("cancel_group"), index),
    st.tuples(st.just("target"), st.integers(-30, 30), products, st.booleans(), st.none() | offsets),
    st.tuples(st.just("guard"), st.sampled_from(["OCO", "SINGLE", "TRAILING"]), index, gaps, gaps, quantities),
    st.tuples(
        st.just("enter"),
        st.sampled_from(["BRACKET", "COVER"]),
        sides,
        gaps,
        gaps,
        quantities,
        st.booleans(),
        products,
    ),
    st.tuples(st.just("retarget"), index, gaps, gaps),
    st.tuples(st.just("state"), st.sampled_from([State.ACTIVE, State.ACTIVE, State.REDUCING, State.HALTED])),
    st.tuples(st.just("kill"), st.booleans()),
    st.just(("cancel_all",)),
)


class Model:
    """One account, one instrument, and what its trades and conversions add up to."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        assert desk.trader.user_id is not None
        name = f"Machine {TradingAccount.objects.count()}"
        self.account = account_create(actor=desk.owner, owner_id=desk.trader.user_id, name=name)
        funds_deposit(actor=desk.owner, account_id=self.account.id, paise=FUNDS_PAISE)
        self.ltp = Decimal(100)
        self.show(1000)

    def show(self, depth: int) -> None:
        show_book(
            ltp=str(self.ltp),
            bids=[(str(self.ltp - TICK), depth)] if depth else [],
            asks=[(str(self.ltp), depth)] if depth else [],
        )

    def tick(self, move: int, depth: int) -> None:
        self.ltp = min(max(self.ltp + move * TICK, Decimal(92)), Decimal(107))
        self.show(depth)
        with system_scope():
            TriggerLeg.objects.filter(status="REFUSED").update(next_attempt_at=clock.now())
            sweep_triggers()
            sweep()
            sweep_orphans()

    def price(self, offset: int | None) -> Decimal | None:
        return None if offset is None else self.ltp + offset * TICK

    def intent(
        self, side: Side, quantity: int, price: Decimal | None, product: Product, **changes: Any
    ) -> OrderIntent:
        values = {"order_type": OrderType.MARKET if price is None else OrderType.LIMIT, "price": price} | changes
        return OrderIntent(
            account_id=self.account.id,
            key=self.desk.instrument.key,
            side=side,
            quantity=quantity,
            product=product,
            client_order_id=uuid4().hex,
            **values,
        )

    def submit(
        self,
        side: Side,
        quantity: int,
        offset: int | None,
        product: Product,
        order_type: OrderType,
        validity: Validity,
        disclosed: int,
    ) -> None:
        at = self.ltp + (offset or 0) * TICK
        shows = validity is Validity.DAY and order_type.has_limit
        changes: dict[str, Any] = {
            "order_type": order_type,
            "trigger_price": at - 2 * TICK * side.sign if order_type.is_stop else None,
            "validity": validity,
            "disclosed_quantity": min(disclosed, quantity) if shows else 0,
        }
        limit = at if order_type.has_limit else None
        order_submit(actor=self.desk.trader, intent=self.intent(side, quantity, limit, product, **changes))

    def modify(self, at: int, quantity: int | None, offset: int | None, order_type: OrderType | None) -> None:
        for order in self.pick(Order, at, status__in=sorted(LIVE)):
            trigger = None if offset is None or order_type is None or not order_type.is_stop else self.price(offset)
            order_modify(
                actor=self.desk.trader,
                order_id=order.id,
                modification=OrderModification(
                    quantity=quantity, price=self.price(offset), order_type=order_type, trigger_price=trigger
                ),
            )

    def cancel(self, at: int) -> None:
        for order in self.pick(Order, at, status__in=sorted(LIVE)):
            order_cancel(actor=self.desk.trader, order_id=order.id)

    def cancel_all(self) -> None:
        orders_cancel_all(actor=self.desk.trader, account_id=self.account.id)
        assert LedgerBalance.objects.get(account=self.account).blocked_paise == 0

    def close(self, at: int, quantity: int | None, offset: int | None) -> None:
        for position in self.positions(at):
            terms = CloseTerms(quantity=quantity, price=self.price(offset))
            position_close(actor=self.desk.trader, position_id=position.id, terms=terms)

    def convert(self, at: int, quantity: int | None, product: Product) -> None:
        for position in self.positions(at):
            conversion_submit(actor=self.desk.trader, position_id=position.id, product=product, quantity=quantity)

    def basket(
        self,
        one: Side,
        first: int,
        two: Side,
        second: int,
        product: Product,
        together: bool,
        offset: int | None,
    ) -> None:
        legs = tuple(
            GroupLeg(order=self.intent(side, quantity, self.price(offset), product))
            for side, quantity in ((one, first), (two, second))
        )
        group_submit(
            actor=self.desk.trader,
            intent=GroupIntent(
                account_id=self.account.id,
                kind=GroupKind.BASKET,
                legs=legs,
                client_order_id=uuid4().hex,
                all_or_nothing=together,
                autoslice=True,
            ),
        )

    def cancel_group(self, at: int) -> None:
        for order in self.pick(Order, at, status__in=sorted(LIVE), group__isnull=False):
            group_cancel(actor=self.desk.trader, group_id=order.group_id)

    def target(self, quantity: int, product: Product, cancels: bool, offset: int | None) -> None:
        order = self.intent(Side.BUY, 1, self.price(offset), product)
        intent = TargetIntent(order=order, target_quantity=quantity, cancel_opposite=cancels, autoslice=True)
        target_submit(actor=self.desk.trader, intent=intent)

    def guard(self, kind: str, at: int, stop: int, target: int, quantity: int) -> None:
        for position in self.positions(at):
            side = Side.SELL if position.quantity > 0 else Side.BUY
            below, above = self.ltp + side.sign * stop * TICK, self.ltp - side.sign * target * TICK
            legs = {
                "OCO": (leg("STOP", below), leg("TARGET", above)),
                "SINGLE": (leg("SINGLE", below),),
                "TRAILING": (leg("STOP", trail_points=stop * TICK),),
            }[kind]
            self.trigger(kind, side, quantity, Product(position.product), *legs)

    def enter(
        self, kind: str, side: Side, stop: int, target: int, quantity: int, trails: bool, product: Product
    ) -> None:
        away = self.ltp - side.sign * stop * TICK
        legs = [
            leg("ENTRY", price=self.ltp),
            leg("STOP", trail_points=stop * TICK) if trails else leg("STOP", away),
        ]
        if kind == "BRACKET":
            legs.append(leg("TARGET", self.ltp + side.sign * target * TICK))
        self.trigger(kind, side, quantity, product, *legs)

    def trigger(self, kind: str, side: Side, quantity: int, product: Product, *legs: LegIntent) -> None:
        trigger_create(
            actor=self.desk.trader,
            intent=TriggerIntent(
                account_id=self.account.id,
                key=self.desk.instrument.key,
                kind=TriggerKind(kind),
                side=side,
                quantity=quantity,
                product=product,
                legs=legs,
                client_order_id=uuid4().hex,
            ),
        )

    def retarget(self, at: int, stop: int, target: int) -> None:
        for trigger in self.pick(Trigger, at, status__in=sorted(OPEN_TRIGGERS)):
            sign = trigger.exit_side.sign
            legs = {
                LegRole.STOP: LegTerms(trigger_price=self.ltp + sign * stop * TICK),
                LegRole.TARGET: LegTerms(trigger_price=self.ltp - sign * target * TICK),
            }
            known = set(trigger.legs.values_list("role", flat=True))
            wanted = {role: terms for role, terms in legs.items() if role in known}
            trigger_modify(
                actor=self.desk.trader, trigger_id=trigger.id, modification=TriggerModification(legs=wanted)
            )

    def state(self, state: State) -> None:
        scope = Scope(self.desk.organisation.id, self.account.id)
        trading_state_set(actor=self.desk.owner, scope=scope, state=state, reason="machine")

    def kill(self, flatten: bool) -> None:
        scope = Scope(self.desk.organisation.id, self.account.id)
        switch = kill_switch_press(actor=self.desk.owner, scope=scope, reason="machine", flatten=flatten)
        left = self.live().exclude(placed_by="kill switch")
        assert not left.exists(), "an order survived the kill switch"
        asked = kill_switch_release_ask(actor=self.desk.owner, kill_switch_id=switch.id)
        kill_switch_release_confirm(actor=self.desk.owner, kill_switch_id=switch.id, token=asked.token)

    def pick(self, model: Any, at: int, **those: Any) -> Iterator[Any]:
        yield from model.objects.filter(account=self.account, **those).order_by("id")[at : at + 1]

    def positions(self, at: int) -> Iterator[Position]:
        open_ones = Position.objects.filter(account=self.account).exclude(quantity=0).order_by("id")
        yield from open_ones[at % 2 : at % 2 + 1]

    def live(self) -> Any:
        return Order.objects.filter(account=self.account, status__in=sorted(LIVE))

    # ---- what must hold

    def check(self) -> None:
        for position in Position.objects.filter(account=self.account):
            self.check_position(position)
        for trigger in Trigger.objects.filter(account=self.account).prefetch_related("legs", "orders"):
            self.check_trigger(trigger)
        balance = LedgerBalance.objects.get(account=self.account)
        assert balance.blocked_paise == sum(self.live().values_list("hold_paise", flat=True))

    def check_position(self, position: Position) -> None:
        fills = Fill.objects.filter(account=self.account, order__product=position.product)
        events = PositionEvent.objects.filter(position=position)
        added_up = sum(Side(fill.side).sign * fill.quantity for fill in fills)
        added_up += sum(event.quantity_change for event in events)
        assert position.quantity == added_up
        if position.product == Product.DELIVERY:
            assert position.quantity >= 0, "shares were sold that were not there"
        exits = self.live().filter(product=position.product, trigger_leg__isnull=False)
        exits = exits.exclude(trigger_leg__role="ENTRY")
        for side in Side:
            pending = sum(order.pending_quantity for order in exits.filter(side=side))
            assert pending <= max(-side.sign * position.quantity, 0), "exits exceed the position"

    def check_trigger(self, trigger: Trigger) -> None:
        orders = list(trigger.orders.all())
        live = [order for order in orders if order.status in LIVE]
        legs = list(trigger.legs.all())
        came_in = sum(order.filled_quantity for order in orders if order.side != trigger.exit_side)
        went_out = sum(order.filled_quantity for order in orders if order.side == trigger.exit_side)
        assert (trigger.entry_quantity, trigger.filled_quantity) == (came_in, went_out)
        if trigger.status in FINAL_TRIGGERS:
            assert live == []
            assert not any(each.status in OPEN_LEGS for each in legs)
        assert (trigger.status == "ALARM") == any(each.status == "REFUSED" for each in legs)
        for each in legs:
            if each.status == "FIRED":
                assert any(order.trigger_leg_id == each.id for order in live), "a leg has fired and stands nowhere"


@settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(steps, min_size=10, max_size=30))
def test_whatever_a_desk_does_orders_money_and_truth_agree(
    machine_desk: Desk, actions: list[tuple[Any, ...]]
) -> None:
    model = Model(machine_desk)
    model.submit(Side.BUY, 12, None, Product.INTRADAY, OrderType.MARKET, Validity.DAY, 0)
    for name, *arguments in actions:
        with suppress(SaudaError):
            getattr(model, name)(*arguments)
        model.check()
    model.state(State.ACTIVE)
    with system_scope():
        assert ledger_verify() == []
        assert orders_verify() == []
    retire(model)


def retire(model: Model) -> None:
    """Leave nothing behind that the next example's sweeps would look at."""
    triggers_cancel_all(actor=model.desk.trader, account_id=model.account.id)
    orders_cancel_all(actor=model.desk.trader, account_id=model.account.id)


@pytest.fixture
def machine_desk(desk: Desk, django_settings: Settings) -> Desk:
    """With the house's own gate, and an exchange that freezes more than twelve."""
    django_settings.PRE_TRADE_GATES = ["riskmgmt.gates.LimitGate"]
    desk.instrument.freeze_quantity = 12
    desk.instrument.save()
    forget_reference_data()
    return desk


@pytest.fixture
def django_settings(settings: Settings) -> Settings:
    """pytest-django's, under a name that Hypothesis's does not shadow."""
    return settings
