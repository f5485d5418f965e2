"""Values that were worked out elsewhere, and plain Python written from the published formulas."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from math import isnan, nan, sqrt
from typing import Any

import numpy as np
import pytest

from tests.marketdata.indicators.series import same, sessions, wandering
from trading.marketdata.domain.indicators import Bars, registry
from trading.marketdata.domain.indicators.bars import FloatArray

BARS = wandering(600, 5)
INDIA = timedelta(hours=5, minutes=30)


def of_closes(closes: list[float]) -> Bars:
    line = np.array(closes)
    return Bars(line, line, line, line, np.ones(len(line)), sessions(len(line)), line)


def compute(name: str, bars: Bars = BARS, **parameters: object) -> dict[str, FloatArray]:
    return registry.get(name).compute(bars, **parameters)


# --- worked examples ---------------------------------------------------------------------------------------------


def test_the_rsi_of_the_school_example() -> None:
    """StockCharts' ChartSchool, "Relative Strength Index": 14 days of QQQQ, December 2009 to February 2010."""
    closes = [
        44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826, 45.8931, 46.0328,
        45.6140, 46.2820, 46.2820, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439, 46.2122, 46.2521, 45.7137, 46.4515,
        45.7835, 45.3548, 44.0288, 44.1783, 44.2181, 44.5672, 43.4205, 42.6628, 43.1314,
    ]  # fmt: skip
    published = [
        70.53, 66.32, 66.55, 69.41, 66.36, 57.97, 62.93, 63.26, 56.06, 62.38, 54.71, 50.42, 39.99, 41.46, 41.87,
        45.46, 37.30, 33.08, 37.77,
    ]  # fmt: skip
    assert compute("rsi", of_closes(closes), period=14)["rsi"][14:] == pytest.approx(published, abs=0.006)


def test_the_ema_of_the_school_example() -> None:
    """StockCharts' ChartSchool, "Moving Averages": 10 days of Intel, March and April 2010."""
    closes = [
        22.27, 22.19, 22.08, 22.17, 22.18, 22.13, 22.23, 22.43, 22.24, 22.29, 22.15, 22.39, 22.38, 22.61, 23.36,
        24.05, 23.75, 23.83, 23.95, 23.63, 23.82, 23.87, 23.65, 23.19, 23.10, 23.33, 22.68, 23.10, 22.40, 22.17,
    ]  # fmt: skip
    published = [
        22.22, 22.21, 22.24, 22.27, 22.33, 22.52, 22.80, 22.97, 23.13, 23.28, 23.34, 23.43, 23.51, 23.53, 23.47,
        23.40, 23.39, 23.26, 23.23, 23.08, 22.92,
    ]  # fmt: skip
    assert compute("ema", of_closes(closes), period=10)["ema"][9:] == pytest.approx(published, abs=0.006)


def test_pivots_of_a_round_day() -> None:
    """High 110, low 100, close 107 by hand."""
    count = 76
    line = np.full(count, 107.0)
    high, low = line.copy(), line.copy()
    high[3], low[5] = 110.0, 100.0
    bars = Bars(line, high, low, line, np.ones(count), sessions(count), line)
    day = {name: {key: line[-1] for key, line in compute(name, bars).items()} for name in (
        "cpr", "pivots_classic", "pivots_fibonacci", "pivots_camarilla")}  # fmt: skip
    pivot = 317.0 / 3
    assert day["cpr"] == pytest.approx({"pivot": pivot, "bc": 105.0, "tc": 2 * pivot - 105.0})
    assert day["pivots_classic"] == pytest.approx(
        {"pivot": pivot, "r1": 111.333333333, "s1": 101.333333333, "r2": 115.666666667, "s2": 95.666666667,
         "r3": 121.333333333, "s3": 91.333333333}
    )  # fmt: skip
    assert day["pivots_fibonacci"] == pytest.approx(
        {"pivot": pivot, "r1": 109.486666667, "s1": 101.846666667, "r2": 111.846666667, "s2": 99.486666667,
         "r3": 115.666666667, "s3": 95.666666667}
    )  # fmt: skip
    assert day["pivots_camarilla"] == pytest.approx(
        {"pivot": pivot, "r1": 107.916666667, "r2": 108.833333333, "r3": 109.75, "r4": 112.5,
         "s1": 106.083333333, "s2": 105.166666667, "s3": 104.25, "s4": 101.5}
    )  # fmt: skip


# --- plain Python ------------------------------------------------------------------------------------------------


def plain_ema(values: list[float], period: int) -> list[float]:
    known = [each for each in values if not isnan(each)]
    line = [nan] * (len(values) - len(known) + min(period - 1, len(known)))
    if len(known) >= period:
        line.append(sum(known[:period]) / period)
        for value in known[period:]:
            line.append(line[-1] + 2 / (period + 1) * (value - line[-1]))
    return line


def plain_wilder(values: list[float], period: int) -> list[float]:
    line = [nan] * (period - 1) + [sum(values[:period]) / period]
    for value in values[period:]:
        line.append((line[-1] * (period - 1) + value) / period)
    return line


def plain_wma(values: list[float], period: int) -> list[float]:
    weights = range(1, period + 1)
    return [
        nan
        if at + 1 < period or isnan(values[at - period + 1])
        else sum(w * v for w, v in zip(weights, values[at - period + 1 : at + 1], strict=True)) / sum(weights)
        for at in range(len(values))
    ]


def true_ranges(bars: Bars) -> list[float]:
    return [
        max(high - low, abs(high - before), abs(low - before))
        for high, low, before in zip(bars.high[1:], bars.low[1:], bars.close, strict=False)
    ]


def windows(line: FloatArray, period: int) -> Iterator[FloatArray]:
    return (line[max(0, at + 1 - period) : at + 1] for at in range(len(line)))


def test_macd_from_its_first_value() -> None:
    closes = BARS.close.tolist()
    line = [fast - slow for fast, slow in zip(plain_ema(closes, 12), plain_ema(closes, 26), strict=True)]
    signal = plain_ema(line, 9)
    ours = compute("macd")
    assert same(ours["macd"], np.array(line))
    assert same(ours["signal"], np.array(signal))
    assert same(ours["histogram"], np.array(line) - np.array(signal))


def test_hull_average() -> None:
    closes = BARS.close.tolist()
    inner = [2 * half - whole for half, whole in zip(plain_wma(closes, 8), plain_wma(closes, 16), strict=True)]
    assert same(compute("hma", period=16)["hma"], np.array(plain_wma(inner, 4)))


def test_kaufman_average() -> None:
    closes = BARS.close.tolist()
    expected, before = [nan] * 10, closes[9]
    for at in range(10, len(closes)):
        path = sum(abs(closes[each] - closes[each - 1]) for each in range(at - 9, at + 1))
        efficiency = abs(closes[at] - closes[at - 10]) / path if path else 1.0
        weight = (efficiency * (2 / 3 - 2 / 31) + 2 / 31) ** 2
        before += weight * (closes[at] - before)
        expected.append(before)
    assert same(compute("kama")["kama"], np.array(expected))


def test_supertrend() -> None:
    """As O. Seban's rules are usually told: bands that only tighten, a close beyond the band turns the trend."""
    average = [nan, *plain_wilder(true_ranges(BARS), 10)]
    line, direction = [], []
    upper = lower = trend = nan
    for at, width in enumerate(average):
        if isnan(width):
            line.append(nan)
            direction.append(nan)
            continue
        middle, close = (BARS.high[at] + BARS.low[at]) / 2, BARS.close[at]
        basic_upper, basic_lower = middle + 3 * width, middle - 3 * width
        if isnan(trend):
            upper, lower, trend = basic_upper, basic_lower, 1.0 if close > basic_upper else -1.0
        else:
            before = BARS.close[at - 1]
            upper = basic_upper if basic_upper < upper or before > upper else upper
            lower = basic_lower if basic_lower > lower or before < lower else lower
            if trend < 0 and close > upper:
                trend = 1.0
            elif trend > 0 and close < lower:
                trend = -1.0
        line.append(lower if trend > 0 else upper)
        direction.append(trend)
    ours = compute("supertrend")
    assert same(ours["supertrend"], np.array(line))
    assert same(ours["direction"], np.array(direction))
    assert {1.0, -1.0} <= set(direction)


def test_keltner() -> None:
    middle = np.array(plain_ema(BARS.close.tolist(), 20))
    width = 2 * np.array([nan, *plain_wilder(true_ranges(BARS), 10)])
    ours = compute("keltner")
    assert same(ours["upper"], middle + width)
    assert same(ours["middle"], middle)
    assert same(ours["lower"], middle - width)


def middles(period: int) -> FloatArray:
    """(highest high + lowest low)/2."""
    return np.array(
        [
            (high.max() + low.min()) / 2 if len(high) == period else nan
            for high, low in zip(windows(BARS.high, period), windows(BARS.low, period), strict=True)
        ]
    )


def test_donchian() -> None:
    full = [len(each) == 20 for each in windows(BARS.high, 20)]
    ours = compute("donchian")
    assert same(ours["upper"], np.where(full, [each.max() for each in windows(BARS.high, 20)], nan))
    assert same(ours["lower"], np.where(full, [each.min() for each in windows(BARS.low, 20)], nan))
    assert same(ours["middle"], middles(20))


def test_ichimoku() -> None:
    conversion, base, span_b = middles(9), middles(26), middles(52)
    span_a = (conversion + base) / 2
    ours = compute("ichimoku")
    expected = {
        "conversion": conversion,
        "base": base,
        "span_a": span_a,
        "span_b": span_b,
        "lagging": BARS.close,
        "cloud_a": np.r_[np.full(26, nan), span_a[:-26]],
        "cloud_b": np.r_[np.full(26, nan), span_b[:-26]],
    }
    for name, line in expected.items():
        assert same(ours[name], line), name
    indicator = registry.get("ichimoku")
    shifts = {each.name: indicator.shift_of(each, indicator.read({})) for each in indicator.outputs}
    assert (shifts["span_a"], shifts["lagging"], shifts["base"]) == (26, -26, 0)


@pytest.mark.parametrize("anchor", ["session", "week", "month"])
def test_vwap_and_its_bands(anchor: str) -> None:
    """Both sums taken anew for every bar, by the calendar of India."""
    bars = wandering(4_000, 9)

    def period(at: int) -> object:
        day = (datetime.fromtimestamp(bars.session[at], UTC) + INDIA).date()
        return {"session": day, "week": day.isocalendar()[:2], "month": (day.year, day.month)}[anchor]

    middle, upper = [], []
    for _, group in groupby(range(len(bars)), key=period):
        first, *rest = group
        for last in [first, *rest]:
            price = (bars.high + bars.low + bars.close)[first : last + 1] / 3
            volume = bars.volume[first : last + 1]
            if not volume.sum():
                middle.append(nan)
                upper.append(nan)
                continue
            mean = (price * volume).sum() / volume.sum()
            middle.append(mean)
            upper.append(mean + 2 * sqrt(((price - mean) ** 2 * volume).sum() / volume.sum()))
    ours = compute("vwap", bars, multiplier=2.0, anchor=anchor)
    assert same(ours["vwap"], np.array(middle))
    assert same(ours["upper"], np.array(upper), 1e-8)
    assert same(ours["lower"], 2 * np.array(middle) - np.array(upper), 1e-8)


@pytest.mark.parametrize("anchor", ["session", "week", "month"])
def test_pivots_are_those_of_the_whole_period_before(anchor: str) -> None:
    bars = wandering(4_000, 10)
    days = [(datetime.fromtimestamp(each, UTC) + INDIA).date() for each in bars.session]
    by_anchor: dict[str, list[Any]] = {
        "session": days,
        "week": [day.isocalendar()[:2] for day in days],
        "month": [(day.year, day.month) for day in days],
    }
    key = by_anchor[anchor]
    expected: list[float] = []
    before = nan
    for _, group in groupby(range(len(bars)), key=lambda at: key[at]):
        places = list(group)
        expected += [before] * len(places)
        span = slice(places[0], places[-1] + 1)
        before = (bars.high[span].max() + bars.low[span].min() + bars.close[places[-1]]) / 3
    for name in ("cpr", "pivots_classic", "pivots_fibonacci", "pivots_camarilla"):
        assert same(compute(name, bars, anchor=anchor)["pivot"], np.array(expected)), name


def test_chaikin_money_flow() -> None:
    flows = [
        ((close - low) - (high - close)) / (high - low) * volume if high > low else 0.0
        for high, low, close, volume in zip(BARS.high, BARS.low, BARS.close, BARS.volume, strict=True)
    ]
    expected = [nan] * 19 + [
        sum(flows[at - 19 : at + 1]) / BARS.volume[at - 19 : at + 1].sum() for at in range(19, len(BARS))
    ]
    assert same(compute("cmf")["cmf"], np.array(expected))


def test_beta_and_correlation_of_returns() -> None:
    ours, theirs = (line[1:] / line[:-1] - 1 for line in (BARS.close, BARS.against))
    slopes, coefficients = [nan] * 30, [nan] * 30
    for at in range(29, len(ours)):
        one, other = ours[at - 29 : at + 1], theirs[at - 29 : at + 1]
        covariance = np.cov(one, other, ddof=0)
        slopes.append(covariance[0, 1] / covariance[1, 1])
        coefficients.append(np.corrcoef(one, other)[0, 1])
    assert same(compute("beta", period=30)["beta"], np.array(slopes))
    assert same(compute("correlation", period=30, of="returns")["correlation"], np.array(coefficients))


def test_regression_line_band_and_fit() -> None:
    expected: dict[str, list[float]] = {"linreg": [nan] * 13, "upper": [nan] * 13, "r_squared": [nan] * 13}
    places = np.arange(14)
    for window in list(windows(BARS.close, 14))[13:]:
        slope, start = np.polyfit(places, window, 1)
        fitted = start + slope * places
        expected["linreg"].append(fitted[-1])
        expected["upper"].append(fitted[-1] + 2 * np.std(window - fitted))
        expected["r_squared"].append(np.corrcoef(places, window)[0, 1] ** 2 if window.std() else nan)
    ours = compute("linreg")
    for name, line in expected.items():
        assert same(ours[name], np.array(line), 1e-7), name


def test_heikin_ashi() -> None:
    candles: list[tuple[float, float, float, float]] = []
    for opening, high, low, close in zip(BARS.open, BARS.high, BARS.low, BARS.close, strict=True):
        start = (candles[-1][0] + candles[-1][3]) / 2 if candles else (opening + close) / 2
        end = (opening + high + low + close) / 4
        candles.append((start, max(high, start, end), min(low, start, end), end))
    ours = compute("heikin_ashi")
    for name, line in zip(("open", "high", "low", "close"), np.array(candles).T, strict=True):
        assert same(ours[name], line), name


def test_zigzag_pivots_alternate_and_lie_on_the_extremes() -> None:
    ours = compute("zigzag", wandering(3_000, 12), deviation=3.0)
    bars = wandering(3_000, 12)
    found = [
        (at, at - int(ours["bars_back"][at]), ours["pivot"][at]) for at in np.flatnonzero(~np.isnan(ours["pivot"]))
    ]
    assert len(found) > 10
    kinds = [
        "high" if price == bars.high[place] and ours["direction"][at] < 0 else "low" for at, place, price in found
    ]
    assert all(one != other for one, other in pairwise(kinds))
    for (_, place, price), (known, later, after), kind in zip(found, found[1:], kinds, strict=False):
        span = slice(place, later + 1)
        assert known > later > place
        if kind == "low":
            assert price == bars.low[place] == bars.low[span].min()
            assert after == bars.high[span].max() >= price * 1.03
        else:
            assert price == bars.high[place] == bars.high[span].max()
            assert after == bars.low[span].min() <= price * 0.97


def test_zigzag_by_hand() -> None:
    bars = of_closes([100.0, 104.0, 108.0, 110.0, 107.0, 104.4, 103.0, 101.0, 112.0])
    ours = compute("zigzag", bars, deviation=5.0)
    known = {
        int(at): (ours["pivot"][at], ours["bars_back"][at], ours["direction"][at])
        for at in np.flatnonzero(~np.isnan(ours["pivot"]))
    }
    assert known == {2: (100.0, 2.0, 1.0), 5: (110.0, 2.0, -1.0), 8: (101.0, 1.0, 1.0)}
