"""The same day gives the same trades, whether the listener sees it, the sweep, or both; and the same twice."""

import random
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from core.store import get_store
from core.tenancy import system_scope, tenant_scope
from tests.orders.desk import Desk, make_desk, show_book
from trading.brokers.domain.terms import Side
from trading.marketdata.domain.quote import Quote
from trading.orders.domain.states import WORKING
from trading.orders.models import Fill, Order, PaperBook
from trading.orders.paper import matcher as matching
from trading.orders.paper import tape_watch
from trading.orders.paper.matcher import PaperMatcher, sweep
from trading.orders.paper.tape_watch import TapeWatch
from trading.orders.services import order_submit
from trading.portfolio.models import TradingAccount
from trading.portfolio.services import account_create, funds_deposit

TICK = Decimal("0.05")
WAYS = ("listener", "listener", "sweep", "both")
_numbers = count(1)


def a_day(seed: int, steps: int = 16) -> list[tuple[Any, ...]]:
    """Orders of two accounts among snapshots."""
    chance = random.Random(seed)
    day: list[tuple[Any, ...]] = []
    for _ in range(steps):
        if chance.random() < 0.45:
            side, quantity = chance.choice(list(Side)), chance.randint(1, 30)
            day.append(
                ("order", chance.randint(0, 1), side, quantity, chance.randint(-4, 4), chance.choice([0, 0, 5]))
            )
        else:
            sizes = [chance.randint(1, 40) for _ in range(6)]
            day.append(("quote", chance.randint(-4, 4), chance.randint(0, 60), sizes))
    return day


class Run:
    """Two fresh accounts of two organisations, and one way of matching."""

    def __init__(self, desks: tuple[Desk, Desk], way: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.desks, self.way = desks, way
        self.accounts = [self.account(desk) for desk in desks]
        self.matcher = PaperMatcher()
        self.volume = 0
        monkeypatch.setattr(matching, "_sweeps", TapeWatch(keep_seconds=3600))
        get_store().delete(tape_watch.ALIVE_KEY)
        PaperBook.objects.all().delete()
        self.show(0, 0, [10, 20, 30, 10, 20, 30])

    @staticmethod
    def account(desk: Desk) -> TradingAccount:
        assert desk.trader.user_id is not None
        with tenant_scope(desk.organisation.id):
            account = account_create(actor=desk.owner, owner_id=desk.trader.user_id, name=f"Run {next(_numbers)}")
            funds_deposit(actor=desk.owner, account_id=account.id, paise=10_00_000_00)
        return account

    def order(self, who: int, side: Side, quantity: int, offset: int, disclosed: int) -> None:
        desk = self.desks[who]
        intent = desk.intent(
            side,
            quantity,
            price=Decimal(100) + offset * TICK,
            account_id=self.accounts[who].id,
            disclosed_quantity=disclosed if disclosed * 10 >= quantity and disclosed <= quantity else 0,
        )
        with tenant_scope(desk.organisation.id):
            order_submit(actor=desk.trader, intent=intent)

    def show(self, ltp: int, traded: int, sizes: list[int]) -> Quote:
        self.volume += traded
        price = Decimal(100) + ltp * TICK
        quote = show_book(
            ltp=str(price),
            volume=self.volume,
            bids=[(str(price - (level + 1) * TICK), sizes[level]) for level in range(3)],
            asks=[(str(price + (level + 1) * TICK), sizes[3 + level]) for level in range(3)],
        )
        with system_scope():
            if self.way != "sweep":
                self.matcher._read_at = float("-inf")
                self.matcher.on_quotes({quote.key: quote})
            else:
                sweep()
            if self.way == "both":
                sweep()
        return quote

    def play(self, day: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        for name, *arguments in day:
            if name == "order":
                self.order(*arguments)
            else:
                self.show(*arguments)
        with system_scope():
            mine = Order.objects.filter(account__in=self.accounts).order_by("created_at", "id")
            place = {order.id: number for number, order in enumerate(mine)}
            fills = Fill.objects.filter(account__in=self.accounts)
            found = sorted((place[fill.order_id], str(fill.price), fill.quantity) for fill in fills)
            assert {order.status for order in mine} <= {"OPEN", "PARTIALLY_FILLED", "FILLED"}
            mine.filter(status__in=sorted(WORKING)).update(status="CANCELLED", hold_paise=0)
        return found


@pytest.mark.parametrize("seed", [3, 11, 29])
def test_listener_sweep_and_both_trade_alike(desk: Desk, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    other, day = make_desk(), a_day(seed)
    played = [Run((desk, other), way, monkeypatch).play(day) for way in WAYS]
    assert played[0]
    assert played[0] == played[1], "the same day, twice"
    assert played[0] == played[2], "listener and sweep"
    assert played[0] == played[3], "both at once"
