"""`manage.py bench triggers`: the monitor at work against a scan of every trigger of the symbol."""

import random
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from django.core.management.base import OutputWrapper
from django.db import connection

from accounts.domain.actor import system_actor
from accounts.services import organisation_create, user_create
from core import clock
from core.ids import new_id
from core.tenancy import system_scope, tenant_scope
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.instruments.models import Instrument
from trading.marketdata.domain.quote import Quote
from trading.marketdata.services import quote_publish
from trading.orders.benches.orders import scratch_database
from trading.orders.domain.triggers.crossing import Trail, crossed, peak_after, trailed_price
from trading.orders.domain.triggers.states import Direction, LegRole, TriggerKind, TriggerStatus
from trading.orders.models import Trigger, TriggerLeg
from trading.orders.monitor.listener import TriggerMonitor
from trading.orders.monitor.sweep import sweep_triggers
from trading.orders.selectors.triggers import WatchedLeg, watched_legs
from trading.portfolio.services import account_create

TICK = Decimal("0.05")
START = Decimal(1000)
FLUSHES_PER_SECOND = 10
SEED = 20261121
SWEEPS = 10


class TriggerBench:
    """Both see the same prices, in flushes as the feed sends them, in real time; the figure is processor time."""

    help = "Resting triggers checked on the tick path, with rereads and kept peaks, as a share of one core."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--triggers", type=int, default=10_000, help="default 10000")
        parser.add_argument("--symbols", type=int, default=500, help="default 500")
        parser.add_argument("--ticks", type=int, default=5_000, help="a second (default 5000)")
        parser.add_argument("--seconds", type=int, default=10, help="default 10")

    def run(
        self, out: OutputWrapper, *, triggers: int, symbols: int, ticks: int, seconds: int, **options: Any
    ) -> None:
        with scratch_database():
            keys = _rest(triggers, symbols)
            monitor = TriggerMonitor()
            with system_scope():
                legs = watched_legs()
            scan = _Scan(legs)
            trailing = sum(leg.trail is not None for leg in legs)
            bare = TriggerMonitor()
            with system_scope():
                bare.on_quotes({})
                bare_share = _share(bare.look, _flushes(keys, ticks, seconds), seconds)
            monitor_share = _share(monitor.on_quotes, _flushes(keys, ticks, seconds), seconds)
            sweep_share = _sweep_share(keys)
            scan_share = _share(scan.on_quotes, _flushes(keys, ticks, seconds), seconds)
        out.write(f"{connection.vendor}, {triggers} triggers ({trailing} trailing) on {symbols} symbols")
        out.write(f"{ticks} ticks a second for {seconds} s in {FLUSHES_PER_SECOND} flushes a second, seed {SEED}")
        out.write(f"{'monitor, with rereads and kept peaks':<42} {monitor_share:>7.2%} of one core")
        out.write(f"{'monitor, prices only':<42} {bare_share:>7.2%} of one core")
        out.write(f"{'sweep each second, nothing missed':<42} {sweep_share:>7.2%} of one core")
        out.write(f"{'reference: scan of the symbol, no database':<42} {scan_share:>7.2%} of one core")
        out.write(f"{'prices only / reference':<42} {bare_share / scan_share:>7.2f}")


def _share(look: Callable[[Mapping[str, Quote]], None], flushes: Iterator[dict[str, Quote]], seconds: int) -> float:
    """Processor time of `look` alone over the time that passed, flush by flush as the clock says."""
    spent = 0.0
    started = time.monotonic()
    for number, quotes in enumerate(flushes):
        wait = started + number / FLUSHES_PER_SECOND - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        before = time.process_time()
        look(quotes)
        spent += time.process_time() - before
    return spent / seconds


def _sweep_share(keys: list[str]) -> float:
    """Time that the net underneath takes of each second, the database's and the store's with it."""
    took = []
    for _ in range(SWEEPS):
        quote_publish([_quote(key, START) for key in keys])
        with system_scope():
            before = time.perf_counter()
            if sweep_triggers():
                raise RuntimeError("something fired")
            took.append(time.perf_counter() - before)
    return median(took)


def _flushes(keys: list[str], ticks: int, seconds: int) -> Iterator[dict[str, Quote]]:
    """Prices that walk within two per cent: trailing stops move, nothing fires."""
    chance = random.Random(SEED)
    steps = dict.fromkeys(keys, 0)
    for _ in range(seconds * FLUSHES_PER_SECOND):
        quotes = {}
        for _ in range(ticks // FLUSHES_PER_SECOND):
            key = chance.choice(keys)
            steps[key] = max(-400, min(400, steps[key] + chance.randint(-4, 4)))
            quotes[key] = _quote(key, START + steps[key] * TICK)
        yield quotes


def _quote(key: str, price: Decimal) -> Quote:
    now = clock.wall_now()
    return Quote(
        key=key,
        ltp=price,
        open=START,
        high=price,
        low=price,
        close=START,
        timestamp=now,
        received_at=now,
        source="simulated",
    )


class _Scan:
    """What a simple monitor does: look at every trigger of the symbol with every price. It reads and writes
    nothing.
    """

    def __init__(self, legs: list[WatchedLeg]) -> None:
        self._legs: dict[str, list[WatchedLeg]] = {}
        self._peaks = {leg.leg_id: leg.peak_price for leg in legs if leg.peak_price is not None}
        for leg in legs:
            self._legs.setdefault(leg.key, []).append(leg)

    def on_quotes(self, quotes: Mapping[str, Quote]) -> None:
        for key, quote in quotes.items():
            for leg in self._legs.get(key, ()):
                price = leg.trigger_price
                if leg.trail is not None:
                    peak = peak_after(leg.direction, self._peaks[leg.leg_id], quote.ltp)
                    self._peaks[leg.leg_id] = peak
                    price = trailed_price(leg.direction, peak, leg.trail, leg.tick_size)
                if crossed(leg.direction, price, quote.ltp):
                    raise RuntimeError(f"{leg} would fire")


def _rest(triggers: int, symbols: int) -> list[str]:
    """So many open triggers, one in five of them trailing, evenly over new symbols; returns their keys."""
    owner = user_create(email="bench@example.test", password=new_id().hex)
    organisation = organisation_create(name="Bench", slug="bench", owner=owner)
    clerk = system_actor(organisation.id, "bench")
    chance = random.Random(SEED)
    with tenant_scope(organisation.id):
        account = account_create(actor=clerk, owner_id=owner.id, name="Bench")
        listed = Instrument.objects.bulk_create(
            Instrument(
                key=f"NSE:BENCH{number}",
                exchange="NSE",
                symbol=f"BENCH{number}",
                name="Bench",
                instrument_type="EQ",
                tick_size=TICK,
            )
            for number in range(symbols)
        )
        at = clock.now()
        rows = Trigger.objects.bulk_create(
            Trigger(
                organisation=organisation,
                account=account,
                instrument=listed[number % symbols],
                client_order_id=f"bench-{number}",
                request_hash="",
                kind=TriggerKind.SINGLE if number % 5 else TriggerKind.TRAILING,
                side=Side.SELL,
                quantity=1,
                product=Product.DELIVERY,
                expires_on=clock.trading_date(at) + timedelta(days=30),
                status=TriggerStatus.ACTIVE,
                placed_by="bench",
                created_at=at,
                updated_at=at,
            )
            for number in range(triggers)
        )
        TriggerLeg.objects.bulk_create(_leg(row, number, chance) for number, row in enumerate(rows))
    return [instrument.key for instrument in listed]


def _leg(trigger: Trigger, number: int, chance: random.Random) -> TriggerLeg:
    leg = TriggerLeg(organisation_id=trigger.organisation_id, trigger=trigger, order_type=OrderType.MARKET)
    if number % 5 == 0:
        leg.role, leg.direction = LegRole.STOP, Direction.BELOW
        leg.trail_points, leg.peak_price = Decimal(chance.randint(60, 90)), START
        leg.trigger_price = trailed_price(Direction.BELOW, START, Trail(leg.trail_points), TICK)
        return leg
    leg.role = LegRole.SINGLE
    leg.direction = Direction.BELOW if number % 2 else Direction.ABOVE
    away = Decimal(chance.randint(30, 90)) * (-1 if number % 2 else 1)
    leg.trigger_price = START + away
    return leg
