"""TA-Lib as an independent source for all that it knows, over five thousand bars."""

from collections.abc import Callable

import numpy as np
import pytest
import talib

from tests.marketdata.indicators.series import same, wandering
from trading.marketdata.domain.indicators import Bars, registry
from trading.marketdata.domain.indicators.bars import FloatArray

BARS = wandering(5_000, 11)
SETTLED = 1_500
"""Where TA-Lib begins otherwise, values are compared from this bar on."""

Reference = Callable[[Bars], FloatArray | tuple[FloatArray, ...]]

EXACT: dict[str, tuple[dict[str, object], tuple[str, ...], Reference]] = {
    "sma": ({"period": 20}, ("sma",), lambda b: talib.SMA(b.close, 20)),
    "ema": ({"period": 20}, ("ema",), lambda b: talib.EMA(b.close, 20)),
    "wma": ({"period": 20}, ("wma",), lambda b: talib.WMA(b.close, 20)),
    "dema": ({"period": 20}, ("dema",), lambda b: talib.DEMA(b.close, 20)),
    "tema": ({"period": 20}, ("tema",), lambda b: talib.TEMA(b.close, 20)),
    "kama": ({"period": 10}, ("kama",), lambda b: talib.KAMA(b.close, 10)),
    "hma": ({"period": 20}, ("hma",), lambda b: talib.HMA(b.close, 20)),
    "vwma": ({"period": 20}, ("vwma",), lambda b: talib.VWMA(b.close, b.volume, 20)),
    "bollinger": (
        {"period": 20, "multiplier": 2},
        ("upper", "middle", "lower"),
        lambda b: talib.BBANDS(b.close, 20, 2, 2),
    ),
    "donchian": ({"period": 20}, ("upper", "middle", "lower"), lambda b: talib.DONCHIAN(b.high, b.low, 20)),
    "atr": ({"period": 14}, ("atr", "percent"), lambda b: (_atr(b), talib.NATR(b.high, b.low, b.close, 14))),
    "adx": (
        {"period": 14},
        ("adx", "plus_di", "minus_di"),
        lambda b: tuple(each(b.high, b.low, b.close, 14) for each in (talib.ADX, talib.PLUS_DI, talib.MINUS_DI)),
    ),
    "aroon": (
        {"period": 14},
        ("down", "up", "oscillator"),
        lambda b: (*talib.AROON(b.high, b.low, 14), talib.AROONOSC(b.high, b.low, 14)),
    ),
    "psar": ({"acceleration": 0.02, "maximum": 0.2}, ("psar",), lambda b: talib.SAR(b.high, b.low, 0.02, 0.2)),
    "rsi": ({"period": 14}, ("rsi",), lambda b: talib.RSI(b.close, 14)),
    "trix": ({"period": 15}, ("trix",), lambda b: talib.TRIX(b.close, 15)),
    "roc": ({"period": 10}, ("roc",), lambda b: talib.ROC(b.close, 10)),
    "momentum": ({"period": 10}, ("momentum",), lambda b: talib.MOM(b.close, 10)),
    "williams_r": ({"period": 14}, ("williams_r",), lambda b: talib.WILLR(b.high, b.low, b.close, 14)),
    "cci": ({"period": 20}, ("cci",), lambda b: talib.CCI(b.high, b.low, b.close, 20)),
    "ultimate": (
        {"short": 7, "middle": 14, "long": 28},
        ("ultimate",),
        lambda b: talib.ULTOSC(b.high, b.low, b.close, 7, 14, 28),
    ),
    "mfi": ({"period": 14}, ("mfi",), lambda b: talib.MFI(b.high, b.low, b.close, b.volume, 14)),
    "obv": ({}, ("obv",), lambda b: talib.OBV(b.close, b.volume)),
    "ad": ({}, ("ad",), lambda b: talib.AD(b.high, b.low, b.close, b.volume)),
    "cmf": ({"period": 20}, ("cmf",), lambda b: talib.CMF(b.high, b.low, b.close, b.volume, 20)),
    "chaikin": (
        {"fast": 3, "slow": 10},
        ("chaikin",),
        lambda b: talib.ADOSC(b.high, b.low, b.close, b.volume, 3, 10),
    ),
    "force": ({"period": 13}, ("force",), lambda b: talib.EFI(b.close, b.volume, 13)),
    "stddev": ({"period": 20}, ("stddev",), lambda b: talib.STDDEV(b.close, 20)),
    "linreg": (
        {"period": 14},
        ("linreg", "slope"),
        lambda b: (talib.LINEARREG(b.close, 14), talib.LINEARREG_SLOPE(b.close, 14)),
    ),
    "correlation": ({"period": 20}, ("correlation",), lambda b: talib.CORREL(b.close, b.against, 20)),
    "beta": ({"period": 60}, ("beta",), lambda b: talib.BETA(b.against, b.close, 60)),
    "heikin_ashi": (
        {},
        ("open", "high", "low", "close"),
        lambda b: talib.HA(b.open, b.high, b.low, b.close),
    ),
}

LATER: dict[str, tuple[dict[str, object], tuple[str, ...], Reference]] = {
    # TA-Lib begins the fast EMA with the slow one.
    "macd": (
        {"fast": 12, "slow": 26, "signal": 9},
        ("macd", "signal", "histogram"),
        lambda b: talib.MACD(b.close, 12, 26, 9),
    ),
    # TA-Lib takes the EMA of the typical price, and gives nothing before the slowest line is there.
    "keltner": (
        {"period": 20, "atr_period": 10, "multiplier": 2, "source": "hlc3"},
        ("upper", "middle", "lower"),
        lambda b: talib.KC(b.high, b.low, b.close, 20, 10, 2.0),
    ),
    "stochastic": (
        {"period": 14, "smooth": 3, "signal": 3},
        ("k", "d"),
        lambda b: talib.STOCH(b.high, b.low, b.close, 14, 3, 0, 3, 0),
    ),
    "stochrsi": (
        {"rsi_period": 14, "period": 14, "smooth": 1, "signal": 3},
        ("k", "d"),
        lambda b: talib.STOCHRSI(b.close, 14, 14, 3, 0),
    ),
    # TA-Lib begins on the other side.
    "supertrend": (
        {"period": 10, "multiplier": 3},
        ("supertrend",),
        lambda b: talib.SUPERTREND(b.high, b.low, b.close, 10, 3.0)[0],
    ),
}


def _atr(b: Bars) -> FloatArray:
    line: FloatArray = talib.ATR(b.high, b.low, b.close, 14)
    return line


def _lines(reference: Reference) -> tuple[FloatArray, ...]:
    found = reference(BARS)
    return found if isinstance(found, tuple) else (found,)


@pytest.mark.parametrize("name", EXACT)
def test_every_value_is_talibs(name: str) -> None:
    parameters, outputs, reference = EXACT[name]
    ours = registry.get(name).compute(BARS, **parameters)
    for output, theirs in zip(outputs, _lines(reference), strict=True):
        assert same(ours[output], theirs), output


@pytest.mark.parametrize("name", LATER)
def test_values_are_talibs_once_the_beginning_is_forgotten(name: str) -> None:
    parameters, outputs, reference = LATER[name]
    ours = registry.get(name).compute(BARS, **parameters)
    for output, theirs in zip(outputs, _lines(reference), strict=True):
        assert same(ours[output][SETTLED:], theirs[SETTLED:]), output


@pytest.mark.parametrize("source", ["open", "high", "low", "hl2", "hlc3", "ohlc4"])
def test_the_source_chooses_the_price(source: str) -> None:
    price = {
        "open": BARS.open,
        "high": BARS.high,
        "low": BARS.low,
        "hl2": talib.MEDPRICE(BARS.high, BARS.low),
        "hlc3": talib.TYPPRICE(BARS.high, BARS.low, BARS.close),
        "ohlc4": talib.AVGPRICE(BARS.open, BARS.high, BARS.low, BARS.close),
    }[source]
    ours = registry.get("ema").compute(BARS, period=9, source=source)["ema"]
    assert same(ours, np.asarray(talib.EMA(price, 9)))
