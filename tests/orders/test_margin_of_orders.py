"""Orders in futures and options, funded by what they do to the portfolio of their underlying."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from core import clock
from core.store import get_store
from core.tenancy import system_scope, tenant_scope
from tests.factories import make_instrument
from tests.orders.desk import Desk, make_desk, show_book
from trading.brokers.domain.terms import Product, Side
from trading.instruments.models import Instrument
from trading.marketdata.domain.wire import QUOTES_HASH
from trading.orders.models import Order
from trading.orders.paper.matcher import sweep
from trading.orders.services import order_cancel, order_submit, position_close
from trading.orders.services.order.verification import orders_verify
from trading.portfolio.models import LedgerBalance, MarginBlock, Position
from trading.portfolio.selectors import MarginLeg, basket_margin
from trading.portfolio.services import account_lock, funds_withdraw, ledger_verify, margin_reblock

LOT = 65
SPOT = "24000.00"
PRICES = {
    "24500CE": "45.00",
    "24700CE": "21.00",
    "23500PE": "40.00",
    "23300PE": "19.00",
    "24000CE": "190.00",
    "FUT": "24030.00",
}


@dataclass(frozen=True)
class Pit:
    """A desk with a chain of NIFTY contracts, each with a book around its price."""

    desk: Desk
    chain: dict[str, Instrument]

    def order(self, side: Side, name: str, lots: int = 1, price: str | None = None) -> Order:
        intent = self.desk.intent(side, lots * LOT, key=self.chain[name].key, product=Product.NORMAL, price=price)
        order: Order = order_submit(actor=self.desk.trader, intent=intent)
        return order

    def buy(self, name: str, lots: int = 1, price: str | None = None) -> Order:
        return self.order(Side.BUY, name, lots, price)

    def sell(self, name: str, lots: int = 1, price: str | None = None) -> Order:
        return self.order(Side.SELL, name, lots, price)

    def leave(self, paise: int) -> None:
        """Take out all but so much of what is available."""
        funds_withdraw(
            actor=self.desk.owner, account_id=self.desk.account.id, paise=balance().available_paise - paise
        )

    def forget_prices(self, *names: str) -> None:
        """As after a loss of the quote store, before the index and these contracts have traded again."""
        get_store().delete(QUOTES_HASH)
        for name, price in PRICES.items():
            if name not in names:
                show(name, self.chain[name], price)

    def leg(self, side: Side, name: str, lots: int = 1) -> MarginLeg:
        return MarginLeg(
            instrument=self.chain[name],
            product=Product.NORMAL,
            side=side,
            quantity=lots * LOT,
            price=Decimal(PRICES[name]),
        )


def balance() -> LedgerBalance:
    found: LedgerBalance = LedgerBalance.objects.get()
    return found


def show(name: str, instrument: Instrument, price: str) -> None:
    middle = Decimal(price)
    show_book(
        key=instrument.key,
        ltp=price,
        bids=((str(middle - Decimal("0.05")), 100_000),),
        asks=((str(middle + Decimal("0.05")), 100_000),),
    )


@pytest.fixture
def pit(db: None) -> Iterator[Pit]:
    expiry = clock.trading_date() + timedelta(days=7)
    chain = {
        name: make_instrument(f"NFO:NIFTY26NOV{name}", expiry=expiry, lot_size=LOT, freeze_quantity=50 * LOT)
        for name in PRICES
    }
    show_book(key="NSE:NIFTY", bids=(), asks=(), ltp=SPOT, close="24000.00")
    for name, price in PRICES.items():
        show(name, chain[name], price)
    pit = Pit(make_desk(paise=50_00_000_00), chain)
    with tenant_scope(pit.desk.organisation.id):
        yield pit
    with system_scope():
        assert ledger_verify() == []
        assert orders_verify() == []


def test_iron_condor_blocks_far_less_than_its_written_legs_alone(pit: Pit) -> None:
    for name in ("24500CE", "23500PE"):
        assert pit.sell(name).status == "FILLED"
    naked = balance().margin_paise
    for name in ("24700CE", "23300PE"):
        assert pit.buy(name).status == "FILLED"
    block = MarginBlock.objects.get()
    assert balance().margin_paise == block.amount_paise < naked * 0.6
    assert block.benefit_paise > naked * 0.4
    # A wing of 200 points is all that can be lost; the rest is exposure.
    assert block.span_paise <= 200 * LOT * 100
    for position in Position.objects.order_by("quantity"):
        assert position_close(actor=pit.desk.trader, position_id=position.id).status == "FILLED"
    assert balance().margin_paise == 0
    assert not MarginBlock.objects.exists()


def test_hedge_bought_first_lets_little_money_write_the_other_leg(pit: Pit) -> None:
    pit.leave(75_000_00)
    refused = pit.sell("24500CE")
    assert (refused.status, refused.status_code) == ("REJECTED", "insufficient_funds")
    assert pit.buy("24700CE").status == "FILLED"
    assert pit.sell("24500CE").status == "FILLED"
    assert balance().available_paise >= 0


def test_selling_the_hedge_needs_the_difference(pit: Pit) -> None:
    pit.leave(75_000_00)
    pit.buy("24700CE")
    pit.sell("24500CE")
    unhedged = pit.sell("24700CE")
    assert (unhedged.status, unhedged.status_code) == ("REJECTED", "insufficient_funds")
    assert pit.buy("24500CE").status == "FILLED"
    assert pit.sell("24700CE").status == "FILLED"
    assert balance().margin_paise == 0


def test_buying_a_written_option_back_needs_nothing_and_gives_margin_back(pit: Pit) -> None:
    pit.sell("24500CE")
    pit.leave(0)
    blocked = balance().margin_paise
    closing = pit.buy("24500CE", price="44.00")
    assert (closing.status, closing.hold_paise) == ("OPEN", 0)
    show("24500CE", pit.chain["24500CE"], "43.90")
    with system_scope():
        assert sweep() == LOT
    after = balance()
    assert after.margin_paise == 0
    # The margin, the withheld premium's profit, less charges.
    assert after.available_paise > blocked


def test_written_premium_is_not_spendable_and_comes_with_the_close(pit: Pit) -> None:
    before = balance()
    sold = pit.sell("24500CE")
    after = balance()
    assert after.inventory_paise == 0
    assert before.available_paise - after.available_paise == after.margin_paise + sold.charges_paise
    closed = pit.buy("24500CE")
    final = balance()
    profit = round((Decimal("44.95") - Decimal("45.05")) * 100) * LOT
    assert final.available_paise == before.available_paise + profit - sold.charges_paise - closed.charges_paise


def test_bought_option_holds_its_premium_and_gives_exactly_it_back(pit: Pit) -> None:
    resting = pit.buy("24000CE", price="180.00")
    assert resting.hold_paise >= 180_00 * LOT
    assert resting.hold_paise - 180_00 * LOT < 100_00
    assert balance().blocked_paise == resting.hold_paise
    order_cancel(actor=pit.desk.trader, order_id=resting.id)
    assert (balance().blocked_paise, balance().available_paise) == (0, 50_00_000_00)


def test_resting_order_is_funded_anew_when_its_hedge_goes_and_cancelled_when_it_cannot_be(pit: Pit) -> None:
    pit.buy("24700CE")
    pit.leave(80_000_00)
    writing = pit.sell("24500CE", price="60.00")
    assert writing.status == "OPEN", writing.status_message
    hedged = writing.hold_paise
    assert pit.sell("24700CE").status == "FILLED"
    writing.refresh_from_db()
    assert (writing.status, writing.status_code, writing.hold_paise) == ("CANCELLED", "insufficient_funds", 0)
    assert hedged < 80_000_00


def test_hedge_that_fills_gives_the_waiting_orders_margin_back(pit: Pit) -> None:
    writing = pit.sell("24500CE", price="60.00")
    naked = writing.hold_paise
    pit.buy("24700CE")
    writing.refresh_from_db()
    assert writing.status == "OPEN"
    assert 0 < writing.hold_paise < naked / 2


def test_two_exits_of_one_bought_option_are_not_both_free(pit: Pit) -> None:
    pit.buy("24500CE")
    first = pit.sell("24500CE", price="50.00")
    second = pit.sell("24500CE", price="51.00")
    assert first.hold_paise == 0
    assert second.hold_paise > 24_000_00 * LOT * 0.05


def test_part_fills_hold_for_the_rest_and_block_for_what_filled(pit: Pit) -> None:
    resting = pit.sell("24500CE", lots=4, price="46.00")
    whole = resting.hold_paise
    show_book(key=pit.chain["24500CE"].key, ltp="46.00", bids=(("46.00", LOT),), asks=(("46.10", LOT),))
    with system_scope():
        assert sweep() == LOT
    resting.refresh_from_db()
    assert resting.status == "PARTIALLY_FILLED"
    assert resting.hold_paise == pytest.approx(whole * 0.75, rel=0.02)
    assert balance().margin_paise == pytest.approx(whole * 0.25, rel=0.05)


def test_future_hedged_by_a_put_needs_less(pit: Pit) -> None:
    pit.buy("FUT")
    outright = balance().margin_paise
    pit.buy("23500PE")
    assert balance().margin_paise < outright * 0.7


def test_without_a_price_of_the_underlying_nothing_is_written_but_everything_can_be_left(pit: Pit) -> None:
    pit.buy("24700CE")
    pit.sell("24500CE")
    blocked = balance().margin_paise
    pit.forget_prices("FUT")
    for refused in (pit.sell("23500PE"), pit.sell("24700CE")):
        assert (refused.status, refused.status_code) == ("REJECTED", "no_underlying_price")
    assert pit.buy("23300PE").status == "FILLED"
    # What was known last stands in for the block.
    block = MarginBlock.objects.get()
    assert block.is_estimate
    assert block.amount_paise == pytest.approx(blocked, rel=0.05)
    assert pit.buy("24500CE").status == "FILLED"
    assert pit.sell("24700CE").status == "FILLED"
    assert balance().margin_paise == 0


def test_a_future_tells_where_the_underlying_stands_when_its_own_price_is_missing(pit: Pit) -> None:
    pit.forget_prices()
    assert pit.sell("24500CE").status == "FILLED"
    assert not MarginBlock.objects.get().is_estimate


def test_contract_on_its_last_day_is_margined_with_the_surcharge(pit: Pit) -> None:
    pit.sell("24500CE")
    before = MarginBlock.objects.get()
    Instrument.objects.filter(underlying="NIFTY").update(expiry=clock.trading_date())
    with transaction.atomic():
        margin_reblock(account=account_lock(pit.desk.account.id), underlying="NIFTY", at=clock.now())
    after = MarginBlock.objects.get()
    assert after.exposure_paise == pytest.approx(before.exposure_paise * 2, rel=0.001)


def test_basket_is_taken_together_in_its_order(pit: Pit) -> None:
    hedge, write = pit.leg(Side.BUY, "24700CE"), pit.leg(Side.SELL, "24500CE")
    hedged = basket_margin(account_id=pit.desk.account.id, legs=[hedge, write], at=clock.now())
    bare = basket_margin(account_id=pit.desk.account.id, legs=[write, hedge], at=clock.now())
    assert hedged.need_paise < bare.need_paise
    assert hedged.alone_paise == bare.alone_paise
    assert hedged.benefit_paise > hedged.need_paise / 2
    assert hedged.legs[0].premium_paise == 21_00 * LOT
    # What it says is what filling the legs one after the other blocks.
    pit.buy("24700CE")
    pit.sell("24500CE")
    assert balance().margin_paise == pytest.approx(hedged.legs[1].margin_paise, rel=0.01)


def test_reblock_follows_the_price_and_is_posted_once_an_occasion(pit: Pit) -> None:
    pit.sell("24500CE")
    before = balance().margin_paise
    show_book(key="NSE:NIFTY", bids=(), asks=(), ltp="24600.00", close="24000.00")
    show("FUT", pit.chain["FUT"], "24630.00")
    show("24500CE", pit.chain["24500CE"], "260.00")
    occasion = MarginBlock.objects.get().account_id
    changes = []
    for _ in range(2):
        with transaction.atomic():
            account = account_lock(pit.desk.account.id)
            changes.append(margin_reblock(account=account, underlying="NIFTY", at=clock.now(), source_id=occasion))
    assert changes[0] > 215_00 * LOT * 0.9
    assert changes[1] == 0
    assert balance().margin_paise == before + changes[0]
