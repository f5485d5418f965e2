"""`manage.py bench analytics`: an account's figures, beside one reading of the fills that they are made of."""

from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from statistics import quantiles
from time import process_time
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, OutputWrapper
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from accounts.domain.actor import system_actor
from accounts.models import User
from accounts.services import organisation_create, user_create
from analytics.selectors.history import trading_days
from analytics.selectors.memory import FOLDS
from core import clock
from core.ids import new_id
from core.tenancy import tenant_scope
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.instruments.models import Instrument
from trading.marketdata.models import DailyBar
from trading.orders.benches.orders import scratch_database
from trading.orders.domain.states import OrderStatus
from trading.orders.models import Fill, Order
from trading.portfolio.models import TradingAccount
from trading.portfolio.services import account_create, funds_deposit

CRORE_PAISE = 1_00_00_000_00
SHARES = 20
_SEED = 20_261_121
_STRATEGIES = ("", "orb-15", "vwap-fade")
_TAGS = ("", "breakout", "reversal")
_BATCH = 2_000
_READS = {
    "page": "/analytics/?account={account}",
    "trades": "/analytics/trades/?account={account}",
    "tax": "/analytics/tax/?account={account}",
    "API performance": "/api/v1/analytics/performance?account={account}",
    "API equity curve": "/api/v1/analytics/equity-curve?account={account}",
}


class AnalyticsBench:
    """Each round asks for all, one after the other, so that a slow moment of the machine meets all.

    `cold` is the first look of a process at the account, which reads every fill. Times are of the processor in
    this process: what the database spends besides is not in them.
    """

    help = "Performance, trades and tax of one account with a year of fills, against one reading of the fills."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--fills", type=int, nargs="+", default=[10_000, 50_000], help="fills of the account")
        parser.add_argument("--rounds", type=int, default=20, help="how often each is asked for (default 20)")

    def run(self, out: OutputWrapper, *, fills: Sequence[int], rounds: int, **options: Any) -> None:
        with scratch_database(), override_settings(ALLOWED_HOSTS=["*"]):
            desk = _Desk()
            for count in fills:
                desk.measure(out, count, rounds)


class _Desk:
    """An owner who looks at accounts of several sizes."""

    def __init__(self) -> None:
        self.owner: User = user_create(email="bench@example.test", password=new_id().hex)
        self.organisation = organisation_create(name="Bench", slug="bench", owner=self.owner)
        self.actor = system_actor(self.organisation.id, "bench")
        self.days = trading_days(clock.trading_date() - timedelta(days=365), clock.trading_date())
        with tenant_scope(self.organisation.id):
            self.shares = [_share(number) for number in range(SHARES)]
            DailyBar.objects.bulk_create(
                _bar(share, day, 100 + number) for number, share in enumerate(self.shares) for day in self.days
            )

    def measure(self, out: OutputWrapper, count: int, rounds: int) -> None:
        """Print one table."""
        with tenant_scope(self.organisation.id):
            account = account_create(actor=self.actor, owner_id=self.owner.id, name=f"Bench {count}")
            funds_deposit(actor=self.actor, account_id=account.id, paise=CRORE_PAISE)
            trade(account, self.shares, self.days, count)
        client = Client()
        client.force_login(self.owner)
        reads: dict[str, Callable[[], object]] = {
            "fills read once": lambda: self._read_once(account.id),
            **{name: _Page(client, path.format(account=account.id)).get for name, path in _READS.items()},
        }
        cold = {}
        for name, read in reads.items():
            read()
            FOLDS.forget()
            cold[name] = _timed(read)
        times: dict[str, list[float]] = {name: [] for name in reads}
        for _ in range(rounds):
            for name, read in reads.items():
                times[name].append(_timed(read))
        out.write(f"\n{connection.vendor}, {count:,} fills, {rounds} rounds, milliseconds of this process")
        out.write(f"{'':<20}{'p50':>9}{'p95':>9}{'cold':>9}{'queries':>9}{'p50/one reading':>17}")
        base = _percentile(times["fills read once"], 50)
        for name, read in reads.items():
            with CaptureQueriesContext(connection) as queries:
                read()
            middle, late = _percentile(times[name], 50), _percentile(times[name], 95)
            figures = f"{middle:>9.1f}{late:>9.1f}{cold[name]:>9.1f}{len(queries):>9}{middle / base:>17.2f}"
            out.write(f"{name:<20}{figures}")

    def _read_once(self, account_id: UUID) -> object:
        with tenant_scope(self.organisation.id):
            return list(Fill.objects.filter(account_id=account_id).values_list())


class _Page:
    """One address, asked for as a browser does."""

    def __init__(self, client: Client, path: str) -> None:
        self.client, self.path = client, path

    def get(self) -> None:
        answer = self.client.get(self.path)
        if answer.status_code != 200:
            raise CommandError(f"{self.path} answers {answer.status_code}")


def trade(account: TradingAccount, shares: Sequence[Instrument], days: Sequence[date], count: int) -> None:
    """Give an account so many fills, spread over the days: most opened and closed within one, some kept."""
    chance = Random(_SEED)
    per_day = -(-count // len(days))
    orders: list[Order] = []
    fills: list[Fill] = []
    for day in days:
        for number in range(0, min(per_day, count - len(fills)), 2):
            share, product = chance.choice(shares), Product.INTRADAY if number % 10 else Product.DELIVERY
            strategy, tag = chance.choice(_STRATEGIES), chance.choice(_TAGS)
            opened = datetime.combine(day, time(3, 50), UTC) + timedelta(seconds=number * 2)
            first = chance.choice((Side.BUY, Side.SELL)) if product is Product.INTRADAY else Side.BUY
            for at, side in ((opened, first), (opened + timedelta(minutes=45), _other(first))):
                price = Decimal(chance.randrange(9_500, 10_500)) / 100
                order = _order(account, share, side, product, strategy, tag, price, at)
                orders.append(order)
                fills.append(_fill(order, price, at))
    # The book goes by the order of recording.
    fills.sort(key=lambda fill: fill.traded_at)
    Order.objects.bulk_create(orders, batch_size=_BATCH)
    Fill.objects.bulk_create(fills, batch_size=_BATCH)


def _share(number: int) -> Instrument:
    symbol = f"BENCH{number}"
    made: Instrument = Instrument.objects.create(
        key=f"NSE:{symbol}",
        exchange="NSE",
        symbol=symbol,
        name=symbol,
        instrument_type="EQ",
        tick_size=Decimal("0.05"),
    )
    return made


def _bar(share: Instrument, day: date, price: int) -> DailyBar:
    level, source = Decimal(price), DailyBar.Source.BHAVCOPY
    return DailyBar(instrument=share, date=day, open=level, high=level, low=level, close=level, source=source)


def _other(side: Side) -> Side:
    return Side.SELL if side is Side.BUY else Side.BUY


def _order(
    account: TradingAccount,
    share: Instrument,
    side: Side,
    product: Product,
    strategy: str,
    tag: str,
    price: Decimal,
    at: datetime,
) -> Order:
    made = new_id()
    return Order(
        id=made,
        organisation_id=account.organisation_id,
        account=account,
        instrument=share,
        client_order_id=made.hex,
        request_hash="",
        side=side,
        quantity=100,
        filled_quantity=100,
        average_price=price,
        decision_price=price,
        order_type=OrderType.MARKET,
        product=product,
        strategy=strategy,
        tag=tag,
        status=OrderStatus.FILLED,
        placed_by="bench",
        created_at=at,
        updated_at=at,
    )


def _fill(order: Order, price: Decimal, at: datetime) -> Fill:
    return Fill(
        id=new_id(),
        organisation_id=order.organisation_id,
        order=order,
        account_id=order.account_id,
        instrument_id=order.instrument_id,
        broker_trade_id=order.id.hex,
        side=order.side,
        quantity=order.quantity,
        price=price,
        charges_paise=1_240,
        brokerage_paise=1_000,
        stt_paise=240,
        traded_at=at,
    )


def _timed(read: Callable[[], object]) -> float:
    began = process_time()
    read()
    return (process_time() - began) * 1_000


def _percentile(times: Sequence[float], percent: int) -> float:
    return quantiles(times, n=100, method="inclusive")[percent - 1]
