"""Any sequence of orders, changes, cancellations, closes and prices leaves every promise about money intact."""

from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Conflict, SaudaError
from core.tenancy import system_scope
from tests.orders.desk import Desk, show_book
from trading.brokers.domain.terms import Product, Side, Validity
from trading.orders.domain.funding import opening_quantities
from trading.orders.domain.states import LIVE
from trading.orders.models import Fill, Order
from trading.orders.paper.matcher import sweep
from trading.orders.services import (
    OrderModification,
    order_cancel,
    order_modify,
    order_submit,
    orders_cancel_all,
    position_close,
)
from trading.orders.services.order.verification import orders_verify
from trading.portfolio.models import LedgerBalance, Position, TradingAccount
from trading.portfolio.selectors import order_cost
from trading.portfolio.services import account_create, funds_deposit, funds_withdraw, ledger_verify

TICK = Decimal("0.05")
quantities = st.integers(1, 60)
offsets = st.integers(-60, 60)
sides = st.sampled_from(list(Side))
steps = st.one_of(
    st.tuples(
        st.just("submit"),
        sides,
        quantities,
        st.none() | offsets,
        st.sampled_from([Product.INTRADAY, Product.INTRADAY, Product.DELIVERY]),
        st.sampled_from([Validity.DAY, Validity.DAY, Validity.IOC]),
    ),
    st.tuples(st.just("quote"), st.integers(-400, 400), st.integers(0, 40), st.integers(0, 40)),
    st.tuples(st.just("modify"), st.integers(0, 9), st.none() | quantities, st.none() | offsets),
    st.tuples(st.just("cancel"), st.integers(0, 9)),
    st.tuples(st.just("close"), st.integers(0, 3)),
    st.tuples(st.just("withdraw"), st.integers(0, 3)),
    st.just(("cancel_all",)),
)


class Book:
    """One account of the desk's and the market it trades in."""

    def __init__(self, desk: Desk, funds_paise: int) -> None:
        self.desk = desk
        self.count = TradingAccount.objects.count()
        assert desk.trader.user_id is not None
        self.account = account_create(actor=desk.owner, owner_id=desk.trader.user_id, name=f"Machine {self.count}")
        funds_deposit(actor=desk.owner, account_id=self.account.id, paise=funds_paise)
        self.ltp = Decimal(100)
        self.quote(0, 20, 20)

    def quote(self, move: int, bids: int, asks: int) -> None:
        self.ltp = max(self.ltp + move * TICK, Decimal(5))
        show_book(
            ltp=str(self.ltp),
            bids=[(str(self.ltp - TICK * level), bids) for level in (1, 2, 3) if bids],
            asks=[(str(self.ltp + TICK * level), asks) for level in (1, 2, 3) if asks],
        )
        with system_scope():
            sweep()

    def submit(self, side: Side, quantity: int, offset: int | None, product: Product, validity: Validity) -> None:
        price = None if offset is None else max(self.ltp + offset * TICK, TICK)
        intent = self.desk.intent(
            side, quantity, account_id=self.account.id, price=price, product=product, validity=validity
        )
        order = order_submit(actor=self.desk.trader, intent=intent)
        assert Order.objects.filter(id=order.id).exists()

    def modify(self, index: int, quantity: int | None, offset: int | None) -> None:
        price = None if offset is None else max(self.ltp + offset * TICK, TICK)
        modification = OrderModification(quantity=quantity, price=price)
        for order_id in self._pick(index):
            with suppress(SaudaError):
                order_modify(actor=self.desk.trader, order_id=order_id, modification=modification)

    def cancel(self, index: int) -> None:
        for order_id in self._pick(index):
            assert order_cancel(actor=self.desk.trader, order_id=order_id).status == "CANCELLED"

    def cancel_all(self) -> None:
        orders_cancel_all(actor=self.desk.trader, account_id=self.account.id)
        assert LedgerBalance.objects.get(account=self.account).blocked_paise == 0

    def close(self, index: int) -> None:
        positions = list(Position.objects.filter(account=self.account).exclude(quantity=0).order_by("id"))
        for position in positions[index : index + 1]:
            with suppress(Conflict):
                order = position_close(actor=self.desk.trader, position_id=position.id)
                assert order.status != "REJECTED", "an exit is always taken"

    def withdraw(self, leave: int) -> None:
        available = LedgerBalance.objects.get(account=self.account).available_paise
        with suppress(SaudaError):
            funds_withdraw(actor=self.desk.owner, account_id=self.account.id, paise=available - leave * 500_00)

    def _pick(self, index: int) -> Iterator[UUID]:
        live = Order.objects.filter(account=self.account, status__in=sorted(LIVE)).order_by("id")
        yield from live.values_list("id", flat=True)[index : index + 1]


def assert_every_opening_order_is_funded(account: TradingAccount) -> None:
    live = list(Order.objects.filter(account=account, status__in=sorted(LIVE)).select_related("instrument"))
    for order in live:
        of_position = [o for o in live if (o.side, o.product) == (order.side, order.product)]
        held = sum(
            Position.objects.filter(account=account, product=order.product).values_list("quantity", flat=True)
        )
        opening = opening_quantities(side=Side(order.side), position_quantity=held, claims=of_position)
        assert order.worst_price is not None
        cost = order_cost(
            instrument=order.instrument,
            product=Product(order.product),
            side=Side(order.side),
            quantity=opening[order.id],
            price=order.worst_price,
            day=order.created_at.date(),
        )
        assert order.hold_paise >= cost.margin_paise, (
            f"{order} opens {opening[order.id]} and holds {order.hold_paise}"
        )


def assert_cash_is_where_the_trades_put_it(account: TradingAccount) -> None:
    """By the fills themselves, without the fold: a flat position realised what came in less what went out."""
    for position in Position.objects.filter(account=account, quantity=0):
        fills = Fill.objects.filter(account=account, order__product=position.product)
        cash = sum(-Side(fill.side).sign * int(fill.value * 100) for fill in fills)
        assert position.realised_pnl_paise == cash


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.sampled_from([500_00, 5_000_00, 50_000_00]), st.lists(steps, min_size=4, max_size=25))
def test_whatever_is_done_money_adds_up_and_what_opens_is_funded(
    desk: Desk, funds_paise: int, actions: list[tuple[object, ...]]
) -> None:
    book = Book(desk, funds_paise)
    for name, *arguments in actions:
        getattr(book, str(name))(*arguments)
        assert_every_opening_order_is_funded(book.account)
    assert_cash_is_where_the_trades_put_it(book.account)
    with system_scope():
        assert ledger_verify() == []
        assert orders_verify() == []
    book.cancel_all()
