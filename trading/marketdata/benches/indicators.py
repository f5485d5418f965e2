"""`manage.py bench indicators`: each indicator over many bars beside TA-Lib, and bar by bar."""

import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

import numpy as np
import talib
from django.core.management.base import OutputWrapper

from ..domain.indicators import Bars, Indicator, registry

_SESSION = 375
_PUSHES = 5_000
_SMA: Any = talib.MA_Type.SMA  # type: ignore[attr-defined]  # its stubs hide it
_TALIB: dict[str, Callable[[Bars], object]] = {
    "sma": lambda b: talib.SMA(b.close, 20),
    "ema": lambda b: talib.EMA(b.close, 20),
    "wma": lambda b: talib.WMA(b.close, 20),
    "dema": lambda b: talib.DEMA(b.close, 20),
    "tema": lambda b: talib.TEMA(b.close, 20),
    "kama": lambda b: talib.KAMA(b.close, 10),
    "hma": lambda b: talib.HMA(b.close, 20),
    "vwma": lambda b: talib.VWMA(b.close, b.volume, 20),
    "supertrend": lambda b: talib.SUPERTREND(b.high, b.low, b.close, 10, 3.0),
    "adx": lambda b: (
        talib.ADX(b.high, b.low, b.close, 14),
        talib.PLUS_DI(b.high, b.low, b.close, 14),
        talib.MINUS_DI(b.high, b.low, b.close, 14),
    ),
    "aroon": lambda b: (talib.AROON(b.high, b.low, 14), talib.AROONOSC(b.high, b.low, 14)),
    "psar": lambda b: talib.SAR(b.high, b.low, 0.02, 0.2),
    "rsi": lambda b: talib.RSI(b.close, 14),
    "macd": lambda b: talib.MACD(b.close, 12, 26, 9),
    "trix": lambda b: talib.EMA(talib.TRIX(b.close, 15), 9),
    "roc": lambda b: talib.ROC(b.close, 10),
    "momentum": lambda b: talib.MOM(b.close, 10),
    "stochastic": lambda b: talib.STOCH(b.high, b.low, b.close, 14, 3, _SMA, 3, _SMA),
    "stochrsi": lambda b: talib.STOCHRSI(b.close, 14, 14, 3, _SMA),
    "williams_r": lambda b: talib.WILLR(b.high, b.low, b.close, 14),
    "cci": lambda b: talib.CCI(b.high, b.low, b.close, 20),
    "ultimate": lambda b: talib.ULTOSC(b.high, b.low, b.close, 7, 14, 28),
    "bollinger": lambda b: talib.BBANDS(b.close, 20, 2, 2),
    "keltner": lambda b: talib.KC(b.high, b.low, b.close, 20, 10, 2.0),
    "donchian": lambda b: talib.DONCHIAN(b.high, b.low, 20),
    "atr": lambda b: (talib.ATR(b.high, b.low, b.close, 14), talib.NATR(b.high, b.low, b.close, 14)),
    "mfi": lambda b: talib.MFI(b.high, b.low, b.close, b.volume, 14),
    "obv": lambda b: talib.OBV(b.close, b.volume),
    "ad": lambda b: talib.AD(b.high, b.low, b.close, b.volume),
    "cmf": lambda b: talib.CMF(b.high, b.low, b.close, b.volume, 20),
    "chaikin": lambda b: talib.ADOSC(b.high, b.low, b.close, b.volume, 3, 10),
    "force": lambda b: talib.EFI(b.close, b.volume, 13),
    "stddev": lambda b: talib.STDDEV(b.close, 20),
    "linreg": lambda b: (talib.LINEARREG(b.close, 14), talib.LINEARREG_SLOPE(b.close, 14)),
    "correlation": lambda b: talib.CORREL(b.close, b.against, 20),
    "beta": lambda b: talib.BETA(b.against, b.close, 60),
    "heikin_ashi": lambda b: talib.HA(b.open, b.high, b.low, b.close),
}


class IndicatorsBench:
    """Bars a second beside TA-Lib's of the same outputs, and pushes a second."""

    help = "Every indicator over 500,000 bars beside TA-Lib on the same arrays, and bar by bar."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--bars", type=int, default=500_000)
        parser.add_argument("--rounds", type=int, default=3)
        parser.add_argument("--only", default="", help="names, separated by commas")

    def run(self, out: OutputWrapper, *, bars: int, rounds: int, only: str, **options: Any) -> None:
        """Ours and TA-Lib's in turn; of each round's ratios the worst counts."""
        series = _bars(bars)
        chosen = [registry.get(name) for name in only.split(",")] if only else registry.all()
        out.write(f"{bars:,} bars          first ms   ours ms   TA-Lib ms   worst ratio   pushes/s   peeks/s")
        ratios = [ratio for each in chosen if (ratio := _line(out, each, series, rounds)) is not None]
        if ratios:
            out.write(f"time against TA-Lib's: median {np.median(ratios):.2f}, worst {max(ratios):.2f}")


def _line(out: OutputWrapper, indicator: Indicator, series: Bars, rounds: int) -> float | None:
    first = _seconds(lambda: indicator.compute(series[:100]))
    reference = _TALIB.get(indicator.name)
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(_seconds(lambda: indicator.compute(series)))
        if reference is not None:
            theirs.append(_seconds(lambda: reference(series)))
    worst = max(one / other for one, other in zip(ours, theirs, strict=True)) if theirs else None
    beside = f"{min(theirs) * 1e3:12.1f}{worst:14.2f}" if worst is not None else f"{'–':>12}{'–':>14}"
    out.write(
        f"{indicator.name:20}{first * 1e3:10.0f}{min(ours) * 1e3:10.1f}{beside}"
        f"{_pushes(indicator, series, peek=False):11,.0f}{_pushes(indicator, series, peek=True):10,.0f}"
    )
    return worst


def _pushes(indicator: Indicator, series: Bars, *, peek: bool) -> float:
    rows = [series.row(number) for number in range(min(_PUSHES, len(series)))]
    running = indicator.incremental()
    take = running.peek if peek else running.push
    return len(rows) / _seconds(lambda: [take(row) for row in rows])


def _seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def _bars(count: int) -> Bars:
    """A random walk in minutes of sessions."""
    rng = np.random.default_rng(1)
    close = 1000 * np.exp(np.cumsum(rng.normal(0, 0.0005, count)))
    opening = np.r_[close[:1], close[:-1]]
    reach = rng.random((2, count))
    return Bars(
        open=opening,
        high=np.maximum(opening, close) + reach[0],
        low=np.minimum(opening, close) - reach[1],
        close=close,
        volume=np.floor(rng.exponential(10_000, count)),
        session=(1.4e9 + (np.arange(count) // _SESSION) * 86_400.0).astype(np.float64),
        against=2000 * np.exp(np.cumsum(rng.normal(0, 0.0005, count))),
    )
