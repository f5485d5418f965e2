"""`manage.py bench margin`: a basket's margin and a chain's Greeks, against a plain loop over `math`.

The loop is what a book on the subject prints: one option, one scenario at a time. Both must agree before either is
timed. The basket is also measured as an order asks for it, with the positions from the database and the prices from
the quote store.
"""

from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import erf, exp, log, pi, sqrt
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID

import numpy as np
from django.core.management.base import CommandError, OutputWrapper
from django.db import connection

from accounts.domain.actor import system_actor
from accounts.services import organisation_create, user_create
from core import clock
from core.ids import new_id
from core.tenancy import tenant_scope
from trading.brokers.domain.terms import Product, Side
from trading.instruments.models import Instrument
from trading.marketdata.domain.options import kernel
from trading.marketdata.domain.options.kernel import FloatArray
from trading.marketdata.domain.quote import Quote
from trading.marketdata.services import quote_publish
from trading.orders.benches.orders import scratch_database
from trading.portfolio.domain.span import Contract, SpanParameters, Underlying, requirement, risk_arrays
from trading.portfolio.selectors import MarginLeg, basket_margin
from trading.portfolio.services import account_create

SPOT = 24_000.0
LOT = 65
RATE = 0.065
VOLATILITY = 0.14
ROUNDS = 5
BASKET = "10-leg basket, 16 scenarios"
CHAIN = "70-leg chain, IV and five Greeks"
PARAMETERS = SpanParameters(
    price_scan_range=0.093,
    volatility_scan_range=0.04,
    extreme_move=2.0,
    extreme_cover=0.35,
    exposure_rate=0.02,
    short_option_minimum=0.0,
    calendar_spread_rate=0.0175,
    expiry_day_rate=0.02,
    spreads_on_expiry_day=False,
    default_volatility=VOLATILITY,
    risk_free_rate=RATE,
)
MOVES = (0.0, 1 / 3, -1 / 3, 2 / 3, -2 / 3, 1.0, -1.0)


class MarginBench:
    """Each round measures ours and the loop one after the other, so that a slow moment meets both."""

    help = "Margin of a 10-leg basket and the Greeks of a 70-leg chain, against scalar loops."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--times", type=int, default=200, help="evaluations a round (default 200)")

    def run(self, out: OutputWrapper, *, times: int, **options: Any) -> None:
        legs, chain = _basket(), _chain()
        ours, theirs = _margin_arrays(legs), _margin_loop(legs)
        if abs(ours - theirs) > 1:
            raise CommandError(f"the basket needs {ours} by arrays and {theirs} by the loop")
        prices = _prices(chain)
        difference = float(np.max(np.abs(_chain_arrays(chain, prices) - _chain_loop(chain, prices))))
        if difference > 1e-5:
            raise CommandError(f"the chain's Greeks differ by {difference}")
        out.write(f"{ROUNDS} rounds of {times}, milliseconds (median)\n")
        out.write("                                     ours      loop  loop/ours")
        _compare(out, BASKET, times, lambda: _margin_arrays(legs), lambda: _margin_loop(legs))
        _compare(out, CHAIN, times, lambda: _chain_arrays(chain, prices), lambda: _chain_loop(chain, prices))
        with scratch_database():
            _whole(out, times)


def _compare(
    out: OutputWrapper, name: str, times: int, ours: Callable[[], object], loop: Callable[[], object]
) -> None:
    pairs = [(_timed(ours, times), _timed(loop, max(times // 10, 1))) for _ in range(ROUNDS)]
    mine, theirs = (median(column) for column in zip(*pairs, strict=True))
    out.write(f"{name:<34} {mine:>8.3f} {theirs:>9.3f} {theirs / mine:>10.1f}")


def _timed(work: Callable[[], object], times: int) -> float:
    spent = []
    for _ in range(times):
        start = perf_counter()
        work()
        spent.append(perf_counter() - start)
    return median(spent) * 1000


def _basket() -> list[tuple[Contract, int]]:
    """Two condors over two expiries and a futures spread: ten legs."""
    today = date(2026, 11, 17)
    near, far = today + timedelta(days=7), today + timedelta(days=42)
    legs: list[tuple[Contract, int]] = []
    for expiry in (near, far):
        life = (expiry - today).days / 365
        for sign, strike, lots in ((1, 24_500, -1), (1, 24_700, 1), (-1, 23_500, -1), (-1, 23_300, 1)):
            price = _black(SPOT * exp(RATE * life), strike, life, VOLATILITY, sign)
            legs.append((Contract(sign, expiry, life, strike, price), lots * LOT))
        legs.append((Contract(0, expiry, life), LOT if expiry == near else -LOT))
    return legs


def _margin_arrays(legs: Sequence[tuple[Contract, int]]) -> int:
    arrays = risk_arrays([leg for leg, _ in legs], Underlying(SPOT), PARAMETERS, today=date(2026, 11, 17))
    return requirement(arrays, np.array([float(quantity) for _, quantity in legs])).scan_paise


def _margin_loop(legs: Sequence[tuple[Contract, int]]) -> int:
    scenarios = [(move, step, 1.0) for move in MOVES for step in (1, -1)]
    scenarios += [(PARAMETERS.extreme_move * side, 0, PARAMETERS.extreme_cover) for side in (1, -1)]
    worst = 0.0
    for move, step, cover in scenarios:
        loss = 0.0
        for leg, quantity in legs:
            shift = move * PARAMETERS.price_scan_range * SPOT
            if leg.sign == 0:
                loss -= quantity * shift * cover
                continue
            forward = SPOT * exp(RATE * leg.years)
            volatility = _implied(leg.price or 0.0, forward, leg.strike, leg.years, leg.sign)
            scanned = volatility + step * PARAMETERS.volatility_scan_range
            moved = _black(forward + shift, leg.strike, leg.years, scanned, leg.sign)
            loss += quantity * ((leg.price or 0.0) - moved) * cover
        worst = max(worst, loss)
    return round(worst * 100)


def _chain() -> FloatArray:
    """Forward, strike, years and sign of 35 strikes, calls and puts."""
    strikes = SPOT + 50.0 * (np.arange(35) - 17)
    life = 7 / 365
    return np.array([(SPOT * exp(RATE * life), strike, life, sign) for sign in (1.0, -1.0) for strike in strikes])


def _prices(chain: FloatArray) -> FloatArray:
    forward, strike, years, sign = chain.T
    return kernel.price(sign > 0, forward, strike, years, VOLATILITY, rate=RATE)


def _chain_arrays(chain: FloatArray, prices: FloatArray) -> FloatArray:
    forward, strike, years, sign = chain.T
    volatility = kernel.implied_volatility(prices, sign > 0, forward, strike, years, rate=RATE)
    spot = forward * np.exp(-RATE * years)
    found = kernel.greeks(sign > 0, spot, strike, years, volatility, rate=RATE, carry=RATE)
    return np.column_stack((volatility, found.delta, found.gamma, found.vega, found.theta, found.rho))


def _chain_loop(chain: FloatArray, prices: FloatArray) -> FloatArray:
    rows = []
    for (forward, strike, years, sign), price in zip(chain.tolist(), prices.tolist(), strict=True):
        volatility = _implied(price, forward, strike, years, int(sign))
        deviation, discount = volatility * sqrt(years), exp(-RATE * years)
        d1 = log(forward / strike) / deviation + deviation / 2
        d2, spot, bell = d1 - deviation, forward * discount, exp(-d1 * d1 / 2) / sqrt(2 * pi)
        exercised = _normal(sign * d2)
        theta = -spot * bell * volatility / (2 * sqrt(years)) - sign * RATE * strike * discount * exercised
        rows.append(
            (
                volatility,
                sign * _normal(sign * d1),
                bell / (spot * deviation),
                spot * bell * sqrt(years) / 100,
                theta / 365,
                sign * strike * years * discount * exercised / 100,
            )
        )
    return np.array(rows)


def _normal(x: float) -> float:
    return 0.5 * (1 + erf(x / sqrt(2)))


def _black(forward: float, strike: float, years: float, volatility: float, sign: int) -> float:
    deviation = max(volatility, 1e-9) * sqrt(years)
    d1 = log(forward / strike) / deviation + deviation / 2
    undiscounted = sign * (forward * _normal(sign * d1) - strike * _normal(sign * (d1 - deviation)))
    return exp(-RATE * years) * undiscounted


def _implied(price: float, forward: float, strike: float, years: float, sign: int) -> float:
    """Newton's rule on vega, as textbooks have it."""
    volatility = 0.2
    for _ in range(50):
        deviation = volatility * sqrt(years)
        d1 = log(forward / strike) / deviation + deviation / 2
        vega = forward * exp(-RATE * years) * exp(-d1 * d1 / 2) / sqrt(2 * pi) * sqrt(years)
        step = (_black(forward, strike, years, volatility, sign) - price) / max(vega, 1e-9)
        volatility = max(volatility - step, 0.01)
        if abs(step) < 1e-10:
            break
    return volatility


def _whole(out: OutputWrapper, times: int) -> None:
    """`basket_margin` for ten legs in an account without positions, database and quote store included."""
    owner = user_create(email="bench@example.test", password=new_id().hex)
    organisation = organisation_create(name="Bench", slug="bench", owner=owner)
    with tenant_scope(organisation.id):
        actor = system_actor(organisation.id, "bench")
        account = account_create(actor=actor, owner_id=owner.id, name="Bench")
        legs, at = _listed_legs(), clock.now()
        spent = median(_timed(lambda: _asked(account.id, legs, at), times) for _ in range(ROUNDS))
    out.write(f"\n10-leg basket as an order asks, on {connection.vendor}: {spent:.3f} ms")


def _asked(account_id: UUID, legs: Sequence[MarginLeg], at: datetime) -> int:
    return basket_margin(account_id=account_id, legs=legs, at=at).need_paise


def _listed_legs() -> list[MarginLeg]:
    today = clock.trading_date()
    legs = []
    _show("NSE:NIFTY", Decimal("24000.00"))
    for number, (contract, quantity) in enumerate(_basket()):
        expiry = today + timedelta(days=7 if number < 5 else 42)
        kind = {0: "FUT", 1: "CE", -1: "PE"}[contract.sign]
        price = Decimal(f"{contract.price or SPOT:.2f}")
        instrument = Instrument.objects.create(
            key=f"NFO:BENCH{number}",
            exchange="NFO",
            symbol=f"BENCH{number}",
            name=f"Bench {number}",
            instrument_type=kind,
            underlying="NIFTY",
            expiry=expiry,
            strike=Decimal(str(contract.strike)) if contract.sign else None,
            lot_size=LOT,
            tick_size=Decimal("0.05"),
        )
        _show(instrument.key, price)
        side = Side.BUY if quantity > 0 else Side.SELL
        legs.append(
            MarginLeg(instrument=instrument, product=Product.NORMAL, side=side, quantity=abs(quantity), price=price)
        )
    return sorted(legs, key=lambda leg: leg.side)


def _show(key: str, price: Decimal) -> None:
    now = clock.wall_now()
    quote_publish(
        [
            Quote(
                key=key,
                ltp=price,
                open=price,
                high=price,
                low=price,
                close=price,
                timestamp=datetime.combine(clock.trading_date(), time(12), tzinfo=clock.IST),
                received_at=now,
                source="bench",
            )
        ]
    )
