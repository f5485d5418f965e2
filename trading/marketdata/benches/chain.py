"""`manage.py bench chain`: a chain's volatilities and Greeks beside numpy and QuantLib, and chains of a stream.

All three must agree before any is timed; each round measures them one after the other, so that a slow moment meets
all.
"""

from argparse import ArgumentParser
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import cycle, islice
from math import exp, sqrt
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np
from django.core.management.base import CommandError, OutputWrapper

from ..domain.options import kernel
from ..domain.options.analytics import summarise
from ..domain.options.build import ChainTerms, build_chain
from ..domain.options.chain import LegQuote, UnderlyingQuote
from ..domain.options.kernel import FloatArray
from ..domain.options.life import years_to
from ..domain.quote import DepthLevel, Quote
from ..domain.wire import decode_quote, encode_quote
from .black_numpy import numpy_greeks, numpy_volatility

SPOT, RATE, ROUNDS = 24_000.0, 0.065, 5
EXPIRY = date(2026, 11, 24)
AT = datetime(2026, 11, 17, 10, tzinfo=UTC)
YEARS = years_to(EXPIRY, AT)
FLUSHES_A_SECOND = 10
TICKS_A_FLUSH = 500


class ChainBench:
    """Ours is the whole call as callers make it, with broadcasting and array building."""

    help = "IV and five Greeks of 70 legs beside numpy and QuantLib; chains made anew while 5,000 ticks/s arrive."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--times", type=int, default=200, help="evaluations a round (default 200)")

    def run(self, out: OutputWrapper, *, times: int, **options: Any) -> None:
        """Interleaved rounds; the worst ratio of a round is told."""
        out.write(f"kernel ready in {kernel.warm_up():.2f} s")
        is_call, strike, premium = _chain()
        libraries: dict[str, Callable[[], FloatArray]] = {
            "ours": lambda: _ours(is_call, strike, premium),
            "numpy": lambda: _numpy(is_call, strike, premium),
        }
        oracle = _quantlib(is_call, strike, premium)
        if oracle is not None:
            libraries["QuantLib"] = oracle
        answers = {name: work() for name, work in libraries.items()}
        for name, answer in answers.items():
            worst = float(np.max(np.abs(answer - answers["ours"])))
            if worst > 1e-5:
                raise CommandError(f"{name} and ours differ by {worst}")
        _compare(out, libraries, times)
        _stream(out)


def _compare(out: OutputWrapper, libraries: dict[str, Callable[[], FloatArray]], times: int) -> None:
    runs = {"ours": times, "numpy": times, "QuantLib": max(times // 20, 3)}
    rounds = [{name: _timed(work, runs[name]) for name, work in libraries.items()} for _ in range(ROUNDS)]
    out.write(f"\n70 legs, IV and five Greeks: {ROUNDS} rounds, milliseconds")
    out.write(f"{'':12}{'median':>10}{'legs/s':>14}{'worst ratio to ours':>22}")
    for name in libraries:
        spent = median(each[name] for each in rounds)
        ratio = min(each[name] / each["ours"] for each in rounds)
        out.write(f"{name:12}{spent:>10.4f}{70 / spent * 1000:>14,.0f}{ratio:>22.1f}")


def _timed(work: Callable[[], object], times: int) -> float:
    spent = []
    for _ in range(times):
        started = perf_counter()
        work()
        spent.append(perf_counter() - started)
    return median(spent) * 1000


def _chain() -> tuple[np.ndarray, FloatArray, FloatArray]:
    """35 strikes, calls and puts, with a smile."""
    strikes = SPOT + 50.0 * (np.arange(35) - 17)
    strike, is_call = np.r_[strikes, strikes], np.arange(70) < 35
    smile = 0.13 + 1.5 * np.log(strike / SPOT) ** 2
    return is_call, strike, kernel.price(is_call, SPOT, strike, YEARS, smile, rate=RATE, carry=RATE)


def _ours(is_call: np.ndarray, strike: FloatArray, premium: FloatArray) -> FloatArray:
    iv = kernel.implied_volatility(premium, is_call, SPOT, strike, YEARS, rate=RATE, carry=RATE)
    found = kernel.greeks(is_call, SPOT, strike, YEARS, iv, rate=RATE, carry=RATE)
    return np.column_stack((iv, found.delta, found.gamma, found.vega, found.theta, found.rho))


def _numpy(is_call: np.ndarray, strike: FloatArray, premium: FloatArray) -> FloatArray:
    sign = np.where(is_call, 1.0, -1.0)
    forward = np.full(len(strike), SPOT * exp(RATE * YEARS))
    iv = numpy_volatility(premium, forward, strike, YEARS, sign, RATE)
    return numpy_greeks(forward, strike, YEARS, iv, sign, RATE)


def _quantlib(is_call: np.ndarray, strike: FloatArray, premium: FloatArray) -> Callable[[], FloatArray] | None:
    """None where QuantLib is not installed: it is a dependency of the tests only."""
    try:
        import QuantLib as ql  # noqa: N813
    except ImportError:
        return None
    discount, forward = exp(-RATE * YEARS), SPOT * exp(RATE * YEARS)
    legs = list(zip(is_call.tolist(), strike.tolist(), premium.tolist(), strict=True))

    def work() -> FloatArray:
        rows = []
        for call, k, paid in legs:
            kind = ql.Option.Call if call else ql.Option.Put
            deviation = ql.blackFormulaImpliedStdDev(kind, k, forward, paid, discount, 0.0, 0.02, 1e-12, 200)
            found = ql.BlackCalculator(ql.PlainVanillaPayoff(kind, k), forward, deviation, discount)
            rows.append(
                (
                    deviation / sqrt(YEARS),
                    found.delta(SPOT),
                    found.gamma(SPOT),
                    found.vega(YEARS) / 100,
                    found.thetaPerDay(SPOT, YEARS),
                    found.rho(YEARS) / 100,
                )
            )
        return np.array(rows)

    return work


def _stream(out: OutputWrapper, seconds: int = 3) -> None:
    """What ticks of one chain cost: the recorder takes them all in, a followed chain is made twice a second.

    Processor time, so that a busy machine does not count.
    """
    is_call, strike, premium = _chain()
    keys = [f"NFO:BENCH{place}" for place in range(len(strike))]
    quotes = {key: _quote(key, price) for key, price in zip(keys, premium.tolist(), strict=True)}
    stored = {key: encode_quote(quote) for key, quote in quotes.items()}
    flush = [list(islice(cycle(quotes.items()), each, each + TICKS_A_FLUSH)) for each in range(FLUSHES_A_SECOND)]
    latest: dict[str, Quote] = {}
    taking = making = 0.0
    for turn in range(seconds * 2):
        started = process_time()
        for number in range(FLUSHES_A_SECOND // 2):
            latest.update(flush[number])
        taking += process_time() - started
        started = process_time()
        read = [decode_quote(stored[key]) for key in keys]
        legs = [_leg(quote, k, c) for quote, k, c in zip(read, strike.tolist(), is_call.tolist(), strict=True)]
        at = AT + timedelta(seconds=turn)
        terms = ChainTerms(underlying="NIFTY", exchange="NFO", expiry=EXPIRY, lot_size=65, at=at, rate=RATE)
        summarise(build_chain(terms, legs, UnderlyingQuote(spot=Decimal(24_000))))
        making += process_time() - started
    out.write(
        f"\n{TICKS_A_FLUSH * FLUSHES_A_SECOND:,} ticks/s of one chain for {seconds} s, processor time: taking"
        f" them in {taking / seconds * 100:.2f} % of a core, a followed chain twice a second"
        f" {making / seconds * 100:.2f} % ({making / seconds / 2 * 1000:.2f} ms each)"
    )


def _quote(key: str, premium: float) -> Quote:
    price = Decimal(f"{premium:.2f}")
    level = DepthLevel(price, 65)
    return Quote(
        key=key,
        ltp=price,
        open=price,
        high=price,
        low=price,
        close=price,
        oi=65_000,
        bids=(level,) * 5,
        asks=(level,) * 5,
        timestamp=AT,
        received_at=AT,
        source="bench",
    )


def _leg(quote: Quote, strike: float, is_call: bool) -> LegQuote:
    return LegQuote(
        key=quote.key,
        strike=Decimal(int(strike)),
        is_call=is_call,
        ltp=quote.ltp,
        bid=quote.bid,
        ask=quote.ask,
        volume=quote.volume,
        oi=quote.oi,
        timestamp=quote.timestamp,
    )
