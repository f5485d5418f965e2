"""The report of a history: its parts beside independent references, and what must hold whatever the history."""

import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import empyrical
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq  # type: ignore[import-untyped]

from analytics.domain.activity import exposure_time, merged, turnover_ratio
from analytics.domain.calendar import by_hour, by_weekday, monthly_table
from analytics.domain.conventions import Conventions
from analytics.domain.distribution import histogram
from analytics.domain.equity import EquitySeries, constant_capital
from analytics.domain.excursions import excursion, in_paise
from analytics.domain.figures import FIGURES, Group, tiles
from analytics.domain.report import Activity, Index, performance_report
from analytics.domain.round_trips import RoundTrip
from analytics.domain.slippage import Execution, slippage
from analytics.templatetags.performance import chart_data, held

NINE = datetime(2026, 11, 20, 3, 45, tzinfo=UTC)
seeds = st.integers(0, 2**32 - 1)


def weekdays(count: int, first: date = date(2024, 1, 1)) -> tuple[date, ...]:
    return tuple(each.date() for each in pd.bdate_range(first, periods=count))


def history(seed: int, count: int) -> EquitySeries:
    """Worth that moves at random, with a deposit or withdrawal now and then."""
    rng = np.random.default_rng(seed)
    flows = np.where(rng.random(count) < 0.05, rng.integers(-50_000_00, 200_000_00, count), 0)
    worth, rows = 10_00_000_00, []
    for at in range(count):
        worth = max(int((worth + flows[at]) * (1 + rng.normal(0.0004, 0.012))), 1)
        rows.append(worth)
    return EquitySeries(weekdays(count), np.array(rows, dtype=np.int64), flows.astype(np.int64), 10_00_000_00)


def trip(minutes: int = 10, *, opened: datetime = NINE, quantity: int = 10, entry: str = "100", out: str = "110",
         charges: int = 0) -> RoundTrip:  # fmt: skip
    return RoundTrip(opened, opened + timedelta(minutes=minutes), quantity, Decimal(entry), Decimal(out), charges)


@given(seeds, st.integers(40, 500))
def test_the_reports_figures_are_empyricals_on_its_own_returns(seed: int, count: int) -> None:
    series, conventions = history(seed, count), Conventions(risk_free=0.06)
    report = performance_report(series, conventions=conventions)
    returns, free = series.returns, conventions.risk_free_per_period
    ours = (
        report.returns.total, report.returns.annual, report.risk.volatility, report.risk.sharpe,
        report.risk.sortino, report.risk.calmar, report.risk.omega, report.risk.max_drawdown,
        report.risk.value_at_risk, report.risk.conditional_value_at_risk,
    )  # fmt: skip
    theirs = (
        empyrical.cum_returns_final(returns), empyrical.annual_return(returns),
        empyrical.annual_volatility(returns),
        empyrical.sharpe_ratio(returns, risk_free=free), empyrical.sortino_ratio(returns, required_return=free),
        empyrical.calmar_ratio(returns), empyrical.omega_ratio(returns, risk_free=free),
        empyrical.max_drawdown(returns), empyrical.value_at_risk(returns),
        empyrical.conditional_value_at_risk(returns),
    )  # fmt: skip
    assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-12, nan_ok=True)


@given(seeds, st.integers(2, 500))
def test_months_and_years_are_empyricals(seed: int, count: int) -> None:
    days = weekdays(count)
    returns = np.random.default_rng(seed).normal(0.0004, 0.012, count)
    dated = pd.Series(returns, index=pd.DatetimeIndex(days))
    table = monthly_table(days, returns)
    months = {
        (row.year, at + 1): value for row in table for at, value in enumerate(row.months) if value is not None
    }
    assert months == pytest.approx(dict(empyrical.aggregate_returns(dated, "monthly").items()), rel=1e-9, abs=1e-12)
    years = {row.year: row.total for row in table}
    assert years == pytest.approx(dict(empyrical.aggregate_returns(dated, "yearly").items()), rel=1e-9, abs=1e-12)


@given(seeds, st.integers(2, 300))
def test_no_paisa_of_a_history_is_lost(seed: int, count: int) -> None:
    series = history(seed, count)
    money = performance_report(series).money
    assert money.opening_paise + money.paid_in_paise - money.paid_out_paise + money.net_paise == money.closing_paise
    assert int(series.gains_paise.sum()) == money.net_paise


@given(seeds, st.integers(30, 300))
def test_the_money_weighted_rate_balances_the_cash_flows(seed: int, count: int) -> None:
    series = history(seed, count)
    dates, amounts = series.cash_flows()
    years = np.array([(day - dates[0]).days / 365 for day in dates])

    def worth(rate: float) -> float:
        return float(np.sum(np.array(amounts) * (1 + rate) ** -years))

    ours = performance_report(series).returns.money_weighted
    low, high = ours - 0.05, ours + 0.05
    if worth(low) * worth(high) < 0:
        assert ours == pytest.approx(brentq(worth, low, high, xtol=1e-13), abs=1e-8)
    else:
        assert abs(worth(ours)) < 1e-4 * max(abs(each) for each in amounts)


@given(seeds)
def test_a_deposit_changes_the_money_weighted_rate_alone(seed: int) -> None:
    returns = np.random.default_rng(seed).normal(0, 0.01, 60)

    def worth(flows: np.ndarray) -> EquitySeries:
        held_, rows = 100_00_000_00, []
        for at, value in enumerate(returns):
            held_ = round((held_ + int(flows[at])) * (1 + value))
            rows.append(held_)
        return EquitySeries(weekdays(60), np.array(rows, dtype=np.int64), flows, 100_00_000_00)

    plain, paid = np.zeros(60, dtype=np.int64), np.zeros(60, dtype=np.int64)
    paid[30] = 50_00_000_00
    one, other = performance_report(worth(plain)), performance_report(worth(paid))
    assert one.returns.total == pytest.approx(other.returns.total, abs=1e-7)
    assert one.risk.max_drawdown == pytest.approx(other.risk.max_drawdown, abs=1e-7)


def test_drawdowns_carry_their_dates_and_what_is_not_recovered_says_so() -> None:
    days = tuple(date(2026, 1, day) for day in range(1, 8))
    worth = np.array([110, 99, 104, 110, 121, 115, 109], dtype=np.int64) * 100
    first, second = performance_report(constant_capital(days, worth, 10_000)).drawdowns
    assert (first.peak, first.trough, first.recovered, first.days) == (days[0], days[1], days[3], 3)
    assert (second.peak, second.trough, second.recovered, second.days) == (days[4], days[6], None, 2)
    assert (first.depth, second.depth) == pytest.approx((-0.1, -12 / 121))


def test_a_fall_on_the_first_day_is_one_from_the_capital() -> None:
    days = (date(2026, 1, 1), date(2026, 1, 2))
    report = performance_report(constant_capital(days, np.array([9_000, 9_500], dtype=np.int64), 10_000))
    assert report.risk.max_drawdown == pytest.approx(-0.1)
    assert report.curve.drawdown == pytest.approx((-0.1, -0.05))


def test_an_index_on_other_days_is_refused() -> None:
    series = history(1, 5)
    with pytest.raises(ValueError, match="other days"):
        performance_report(series, index=Index("NIFTY", np.zeros(4)))


def test_an_index_that_is_the_account_itself_has_beta_one_and_explains_all() -> None:
    series = history(7, 250)
    against = performance_report(series, index=Index("NIFTY", series.returns)).index
    assert (against.beta, against.correlation, against.alpha) == pytest.approx((1.0, 1.0, 0.0), abs=1e-12)


def test_a_history_of_no_days_is_a_report_without_meaning_not_an_error() -> None:
    nothing = np.array([], dtype=np.int64)
    report = performance_report(EquitySeries((), nothing, nothing))
    assert report.is_empty
    assert report.months == ()
    assert report.drawdowns == ()
    assert np.isnan(report.risk.sharpe)
    assert report.money.net_paise == 0
    assert chart_data(report)["rows"] == []


def test_every_figure_reads_from_every_report_and_explains_itself() -> None:
    report = performance_report(history(3, 60), [trip(), trip(out="90")], index=Index("NIFTY", np.zeros(60)))
    assert len({each.key for each in FIGURES}) == len(FIGURES)
    shown = [tile for group in Group for tile in tiles(report, group)]
    assert len(shown) == len(FIGURES)
    assert all(tile.figure.explanation.endswith(".") for tile in shown)


def test_days_must_ascend_and_lengths_agree() -> None:
    one = np.array([1], dtype=np.int64)
    with pytest.raises(ValueError, match="length"):
        EquitySeries((), one, one)
    two = np.array([1, 2], dtype=np.int64)
    with pytest.raises(ValueError, match="ascend"):
        EquitySeries((date(2026, 1, 2), date(2026, 1, 1)), two, two)


def test_trades_are_counted_in_the_hour_of_entry_and_on_the_day_of_exit_in_india() -> None:
    friday_late = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)  # 23:30 in India
    trips = [trip(), trip(60, opened=friday_late, out="90")]
    assert [(each.name, each.figures.net_paise) for each in by_hour(trips)] == [
        ("09:00", 10_000),
        ("23:00", -10_000),
    ]
    assert [(each.name, each.figures.trades) for each in by_weekday(trips)] == [("Friday", 1), ("Saturday", 1)]


def test_time_in_the_market_counts_overlaps_once_and_nights_never() -> None:
    hour = timedelta(hours=1)
    sessions = [(NINE, NINE + 6 * hour), (NINE + 24 * hour, NINE + 30 * hour)]
    spans = [
        (NINE + hour, NINE + 3 * hour),
        (NINE + 2 * hour, NINE + 4 * hour),
        (NINE + 5 * hour, NINE + 25 * hour),
    ]
    assert exposure_time(spans, sessions) == pytest.approx((3 + 1 + 1) / 12)
    assert exposure_time([], sessions) == 0.0
    assert np.isnan(exposure_time(spans, []))


minutes = st.integers(0, 400)
spans_of = st.lists(st.tuples(minutes, minutes).map(sorted), max_size=12)


@given(spans_of, spans_of)
def test_time_in_the_market_is_what_counting_each_minute_gives(
    open_: list[list[int]], market: list[list[int]]
) -> None:
    def spans(rows: list[list[int]]) -> list[tuple[datetime, datetime]]:
        return [(NINE + timedelta(minutes=a), NINE + timedelta(minutes=b)) for a, b in rows]

    inside = {minute for a, b in market for minute in range(a, b)}
    held_ = {minute for a, b in open_ for minute in range(a, b)}
    expected = len(inside & held_) / len(inside) if inside else float("nan")
    assert exposure_time(spans(open_), spans(market)) == pytest.approx(expected, nan_ok=True)
    tidy = merged(spans(open_))
    assert all(earlier[1] < later[0] for earlier, later in itertools.pairwise(tidy))


def test_turnover_is_in_mean_worths() -> None:
    assert turnover_ratio(600, np.array([100, 200], dtype=np.int64)) == 4.0
    assert np.isnan(turnover_ratio(1, np.array([], dtype=np.int64)))


def bars(*rows: tuple[int, str, str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    start = int(NINE.timestamp())
    return (
        np.array([start + 60 * at for at, _, _ in rows], dtype=np.int64),
        np.array([int(Decimal(high) * 10_000) for _, high, _ in rows], dtype=np.int64),
        np.array([int(Decimal(low) * 10_000) for _, _, low in rows], dtype=np.int64),
    )


def test_excursions_of_a_long_and_of_a_short_trade() -> None:
    stored = bars((-1, "500", "1"), (0, "104", "97"), (5, "112", "95"), (10, "111", "108"), (11, "900", "1"))
    bought = excursion(trip(), *stored, 60)
    assert bought is not None
    assert (bought.adverse, bought.favourable) == pytest.approx((-0.05, 0.12))
    sold = excursion(trip(quantity=-10), *stored, 60)
    assert sold is not None
    assert (sold.adverse, sold.favourable) == pytest.approx((-0.12, 0.05))
    assert in_paise(bought.adverse, trip()) == -5_000


def test_without_a_bar_an_excursion_is_unknown_and_never_contradicts_the_result() -> None:
    assert excursion(trip(), *bars((-5, "104", "97")), 60) is None
    found = excursion(trip(out="120"), *bars((0, "104", "101")), 60)
    assert found is not None
    assert (found.adverse, found.favourable) == (0.0, 0.2)


def test_slippage_is_a_cost_when_bought_above_and_sold_below_the_decision() -> None:
    found = slippage([
        Execution(100, Decimal("100.50"), Decimal(100)),
        Execution(-100, Decimal("99.90"), Decimal(100)),
        Execution(100, Decimal("99.70"), Decimal(100)),
    ])  # fmt: skip
    assert (found.fills, found.cost_paise) == (3, 5_000 + 1_000 - 3_000)
    assert found.basis_points == pytest.approx(10.0)
    assert np.isnan(slippage([]).basis_points)


@given(st.lists(st.floats(-1e6, 1e6, allow_nan=False), max_size=200))
def test_every_value_falls_into_one_bin_and_none_straddles_zero(values: list[float]) -> None:
    bins = histogram(np.array(values))
    assert sum(each.count for each in bins) == len(values)
    assert all(each.low >= 0 or each.high <= 1e-9 * abs(each.low) for each in bins)


def test_given_activity_counts_before_the_trips() -> None:
    series = constant_capital((date(2026, 1, 1),), np.array([11_000], dtype=np.int64), 10_000)
    report = performance_report(series, [trip(charges=7)], activity=Activity(200, 22_000, 0.5))
    assert (report.money.charges_paise, report.turnover, report.exposure) == (200, 2.0, 0.5)
    assert report.money.charges_share == pytest.approx(200 / 1_200)
    assert performance_report(series, [trip(charges=7)]).money.charges_paise == 7


def test_holding_times_are_written_by_their_two_largest_units() -> None:
    assert [held(timedelta(seconds=each)) for each in (45, 600, 9_600, 360_000)] == [
        "45 s",
        "10 m",
        "2 h 40 m",
        "4 d 4 h",
    ]
