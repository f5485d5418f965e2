"""Any sequence of orders in futures and options, prices and closes leaves all promises about money intact."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import clock
from core.errors import Conflict, SaudaError
from core.tenancy import system_scope
from tests.factories import make_instrument
from tests.orders.desk import Desk, show_book
from trading.brokers.domain.terms import Product, Side, Validity
from trading.instruments.models import Instrument
from trading.orders.domain.states import LIVE
from trading.orders.models import Fill, Order
from trading.orders.paper.matcher import sweep
from trading.orders.services import order_cancel, order_submit, orders_cancel_all, position_close
from trading.orders.services.order.verification import orders_verify
from trading.portfolio.models import LedgerBalance, MarginBlock, Position, TradingAccount
from trading.portfolio.services import (
    account_create,
    account_lock,
    funds_deposit,
    funds_withdraw,
    ledger_verify,
    margin_reblock,
)

LOT = 65
TICK = Decimal("0.05")
# Name, delta and price at 24000: enough of a market for prices that move together.
CHAIN = (
    ("24000CE", Decimal("0.5"), Decimal(190)),
    ("24500CE", Decimal("0.15"), Decimal(45)),
    ("23500PE", Decimal("-0.15"), Decimal(40)),
    ("FUT", Decimal(1), Decimal(24030)),
)
contracts = st.integers(0, len(CHAIN) - 1)
sides = st.sampled_from(list(Side))
lots = st.integers(1, 4)
steps = st.one_of(
    st.tuples(
        st.just("submit"),
        contracts,
        sides,
        lots,
        st.none() | st.integers(-40, 40),
        st.sampled_from([Validity.DAY, Validity.DAY, Validity.IOC]),
    ),
    st.tuples(st.just("quote"), st.integers(-300, 300), st.integers(0, 5), st.integers(0, 5)),
    st.tuples(st.just("cancel"), st.integers(0, 9)),
    st.tuples(st.just("close"), st.integers(0, 3)),
    st.tuples(st.just("withdraw"), st.integers(0, 3)),
    st.just(("mark",)),
)


class Pit:
    """One account of the desk's, and a chain that follows its index."""

    def __init__(self, desk: Desk, funds_paise: int) -> None:
        self.desk = desk
        count = TradingAccount.objects.count()
        assert desk.trader.user_id is not None
        self.account = account_create(actor=desk.owner, owner_id=desk.trader.user_id, name=f"Pit {count}")
        funds_deposit(actor=desk.owner, account_id=self.account.id, paise=funds_paise)
        self.keys = [f"NFO:NIFTY26NOV{name}" for name, _, _ in CHAIN]
        for key in self.keys:
            if not Instrument.objects.filter(key=key).exists():
                make_instrument(key, expiry=clock.trading_date() + timedelta(days=7), lot_size=LOT)
        self.prices: list[Decimal] = []
        self.quote(0, 3, 3)

    def quote(self, move: int, bids: int, asks: int) -> None:
        """The index `move` points from 24000, and so many lots on either side of each contract."""
        show_book(key="NSE:NIFTY", ltp=str(24_000 + move), close="24000.00", bids=(), asks=())
        self.prices = [max(price + delta * move, Decimal(1)).quantize(TICK) for _, delta, price in CHAIN]
        for key, price in zip(self.keys, self.prices, strict=True):
            show_book(
                key=key,
                ltp=str(price),
                bids=[(str(price - TICK), bids * LOT)] if bids else [],
                asks=[(str(price + TICK), asks * LOT)] if asks else [],
            )
        with system_scope():
            sweep()

    def submit(self, number: int, side: Side, count: int, offset: int | None, validity: Validity) -> None:
        price = None if offset is None else max(self.prices[number] + offset * TICK, TICK)
        intent = self.desk.intent(
            side,
            count * LOT,
            account_id=self.account.id,
            key=self.keys[number],
            product=Product.NORMAL,
            price=price,
            validity=validity,
        )
        order = order_submit(actor=self.desk.trader, intent=intent)
        assert order.status_code != "gate_failed", order.status_message

    def cancel(self, index: int) -> None:
        for order_id in self._pick(index):
            assert order_cancel(actor=self.desk.trader, order_id=order_id).status == "CANCELLED"

    def close(self, index: int) -> None:
        positions = list(Position.objects.filter(account=self.account).exclude(quantity=0).order_by("id"))
        for position in positions[index : index + 1]:
            with suppress(Conflict):
                position_close(actor=self.desk.trader, position_id=position.id)

    def withdraw(self, leave: int) -> None:
        available = LedgerBalance.objects.get(account=self.account).available_paise
        with suppress(SaudaError):
            funds_withdraw(actor=self.desk.owner, account_id=self.account.id, paise=available - leave * 20_000_00)

    def mark(self) -> None:
        with transaction.atomic():
            margin_reblock(account=account_lock(self.account.id), underlying="NIFTY", at=clock.now())

    def leave(self) -> None:
        """Get out of everything: written options first, then what hedged them; money is never in the way."""
        orders_cancel_all(actor=self.desk.trader, account_id=self.account.id)
        funds_deposit(actor=self.desk.owner, account_id=self.account.id, paise=10_00_00_000_00)
        for _ in range(20):
            self.quote(0, 50, 50)
            still_open = Position.objects.filter(account=self.account).exclude(quantity=0).order_by("quantity")
            if not still_open.exists():
                return
            for position in still_open:
                position_close(actor=self.desk.trader, position_id=position.id)
        raise AssertionError("positions that cannot be left")

    def _pick(self, index: int) -> Iterator[UUID]:
        live = Order.objects.filter(account=self.account, status__in=sorted(LIVE)).order_by("id")
        yield from live.values_list("id", flat=True)[index : index + 1]


def assert_books_add_up(account: TradingAccount) -> None:
    """From the fills alone: cash that came and went, and where the ledger says it is."""
    balance = LedgerBalance.objects.get(account=account)
    cash, withheld, carried = 0, 0, 0
    fills = Fill.objects.filter(account=account).select_related("instrument")
    for fill in fills:
        cash -= Side(fill.side).sign * round(fill.value * 100) + fill.charges_paise
    for position in Position.objects.filter(account=account).select_related("instrument"):
        signed = position.open_value_paise * (1 if position.quantity > 0 else -1)
        if position.instrument.instrument_type == "FUT":
            carried += signed
        elif position.quantity < 0:
            withheld += position.open_value_paise
    # Bought options are in inventory at cost, so what was paid for them is still in the book.
    in_book = balance.available_paise + balance.blocked_paise + balance.margin_paise
    assert in_book == -balance.capital_paise + cash + carried - withheld
    blocks = MarginBlock.objects.filter(account=account)
    assert balance.margin_paise == sum(block.amount_paise for block in blocks)
    bought_only = not Position.objects.filter(account=account, quantity__lt=0).exists() and not carried
    if bought_only:
        assert balance.margin_paise == 0
    assert balance.blocked_paise == sum(
        Order.objects.filter(account=account, status__in=sorted(LIVE)).values_list("hold_paise", flat=True)
    )


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.sampled_from([20_000_00, 3_00_000_00, 50_00_000_00]), st.lists(steps, min_size=4, max_size=22))
def test_whatever_is_done_with_contracts_money_adds_up_and_everything_can_be_left(
    desk: Desk, funds_paise: int, actions: list[tuple[object, ...]]
) -> None:
    pit = Pit(desk, funds_paise)
    for name, *arguments in actions:
        getattr(pit, str(name))(*arguments)
        assert_books_add_up(pit.account)
    with system_scope():
        assert ledger_verify() == []
        assert orders_verify() == []
    pit.leave()
    balance = LedgerBalance.objects.get(account=pit.account)
    assert (balance.margin_paise, balance.inventory_paise, balance.blocked_paise) == (0, 0, 0)
    assert not MarginBlock.objects.filter(account=pit.account).exists()
    assert_books_add_up(pit.account)


still = st.lists(st.tuples(contracts, sides, lots, st.none() | st.integers(-3, 3)), min_size=3, max_size=12)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.sampled_from([1_00_000_00, 4_00_000_00]), still)
def test_while_prices_stand_still_no_trade_takes_more_than_there_is(
    desk: Desk, funds_paise: int, orders: list[tuple[int, Side, int, int | None]]
) -> None:
    pit = Pit(desk, funds_paise)
    for number, side, count, offset in orders:
        pit.submit(number, side, count, offset, Validity.DAY)
        pit.quote(0, 3, 3)
        available = LedgerBalance.objects.get(account=pit.account).available_paise
        charges = LedgerBalance.objects.get(account=pit.account).charges_paise
        # Only charges of closing orders, and the spread that leaving costs, may be owed.
        assert available >= -charges - 2 * 10 * 4 * LOT * len(orders)
