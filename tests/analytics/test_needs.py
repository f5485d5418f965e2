"""What a page tells of histories that are too little: a dash with its reason, or a figure with what it is of."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from analytics.domain.conventions import Conventions
from analytics.domain.equity import constant_capital
from analytics.domain.figures import FIGURES, Group, Tile, tile, tiles
from analytics.domain.report import Activity, Index, PerformanceReport, performance_report
from analytics.domain.round_trips import RoundTrip
from analytics.domain.slippage import Slippage
from analytics.serializers.figures import risk_shape
from analytics.templatetags.performance import figure, figure_tone, tone_as_written
from core.templatetags.desk import DASH

CAPITAL = 10_00_000_00
NINE = datetime(2026, 1, 5, 3, 45, tzinfo=UTC)


def told(
    gains: list[int], nets: Sequence[int] = (), *, charges: int = 0, confidence: float = 0.95
) -> PerformanceReport:
    """A report of daily gains (paise) on ten lakh and of trades by their net results (paise)."""
    days = tuple(each.date() for each in pd.bdate_range(date(2026, 1, 5), periods=len(gains)))
    worth = CAPITAL + np.cumsum(np.array(gains, dtype=np.int64))
    trips = [
        RoundTrip(NINE, NINE + timedelta(minutes=5), 1, Decimal(100), 100 + Decimal(net) / 100, 0) for net in nets
    ]
    return performance_report(
        constant_capital(days, worth, CAPITAL),
        trips,
        activity=Activity(charges, 0, 0.5),
        conventions=Conventions(confidence=confidence),
        index=Index("NIFTY", np.full(len(days), 0.001) * np.arange(len(days))),
    )


def of(report: PerformanceReport) -> dict[str, Tile]:
    return {each.key: tile(each, report) for each in FIGURES}


def dashes(report: PerformanceReport) -> dict[str, str]:
    return {key: each.note for key, each in of(report).items() if each.value is None}


def test_idle_money_has_no_ratio_where_the_formula_has_one() -> None:
    report = told([0] * 250)
    # √252: every day falls short of the risk-free rate by the same.
    assert report.risk.sortino == pytest.approx(-(252**0.5))
    assert dashes(report) == {
        **dict.fromkeys(
            ("best_day", "worst_day", "positive_days", "sharpe", "sortino", "omega", "volatility",
             "downside_deviation", "value_at_risk", "conditional_value_at_risk", "beta", "alpha", "correlation"),
            "no day moved",
        ),
        **dict.fromkeys(
            ("win_rate", "profit_factor", "expectancy", "payoff", "best_trade", "worst_trade", "longest_wins",
             "longest_losses", "mean_held"),
            "no closed trade",
        ),
        "charges_share": "no gross profit",
        "calmar": "never below a peak",
    }  # fmt: skip


def test_one_day_is_told_as_money_and_not_as_a_year() -> None:
    found = of(told([-5_000_00], [-5_000_00]))
    assert (found["net_return"].value, found["net_return"].note) == (pytest.approx(-0.005), "")
    assert found["max_drawdown"].value == pytest.approx(-0.005)
    for key in ("cagr", "money_weighted", "calmar"):
        assert (found[key].value, found[key].note) == (None, "1 day, 63 needed")
    for key in ("sharpe", "sortino", "omega", "volatility", "value_at_risk", "beta", "correlation"):
        assert (found[key].value, found[key].note) == (None, "1 day moved, 20 needed")


def test_a_few_trades_are_told_with_how_many_they_are() -> None:
    lost = of(told([-100_00] * 40, [-100_00, -200_00]))
    assert (lost["win_rate"].value, lost["win_rate"].note) == (0, "of 2 trades")
    assert (lost["profit_factor"].value, lost["profit_factor"].note) == (0, "of 2 trades")
    assert (lost["payoff"].value, lost["payoff"].note) == (None, "no trade won")
    won = of(told([100_00] * 40, [100_00]))
    assert won["win_rate"].note == won["expectancy"].note == "of 1 trade"
    assert (won["profit_factor"].value, won["profit_factor"].note) == (None, "no trade lost")
    assert of(told([100_00] * 40, [100_00] * 30))["win_rate"].note == ""


def test_charges_eat_at_most_the_whole_gross_profit() -> None:
    assert of(told([-200_00], charges=300_00))["charges_share"].note == "more than the gross profit"
    whole = of(told([0], charges=300_00))["charges_share"]
    assert (whole.value, whole.note) == (1.0, "")
    assert of(told([-300_00], charges=300_00))["charges_share"].note == "no gross profit"


@pytest.mark.parametrize(("days", "note"), [(62, "62 days, 63 needed"), (63, "of 63 days"), (252, "")])
def test_a_yearly_rate_takes_a_quarter_and_says_of_what_it_is_until_there_is_a_year(days: int, note: str) -> None:
    found = of(told([100_00, -50_00] * (days // 2) + [100_00] * (days % 2)))
    assert found["cagr"].note == note
    assert (found["cagr"].value is None) == ("needed" in note)
    assert found["sharpe"].note == ("" if days == 252 else f"of {days} days")


def test_a_tail_takes_as_many_days_as_its_confidence_asks_for() -> None:
    gains = [100_00, -50_00] * 20
    assert of(told(gains))["value_at_risk"].value is not None
    assert of(told(gains[:20]))["value_at_risk"].value is not None
    assert of(told(gains, confidence=0.99))["value_at_risk"].note == "40 days, 100 needed"


def test_what_is_written_as_nothing_is_no_gain_and_no_loss() -> None:
    for gain in (-30, 30):
        found = of(told([gain], [gain]))
        for key in ("net_pnl", "net_return", "expectancy", "best_trade", "max_drawdown"):
            assert figure_tone(found[key]) == "", key
    assert [tone_as_written(text) for text in ("₹0", "0.0%", DASH, "+₹1", "−0.01%", "")] == [
        "", "", "", "gain", "loss", "",
    ]  # fmt: skip


def test_days_at_rest_are_no_gains_and_are_counted_apart() -> None:
    report = told([0] * 7 + [-100_00, 0, 200_00])
    assert [(each.is_gain, each.count) for each in report.return_bins if each.count] == [(False, 1), (True, 1)]
    assert "8 days at rest left out" in _rendered("{% performance_distribution report %}", report)
    for part, words in (("report", "Worth moved on no day."), ('report "trades"', "No trade was closed.")):
        assert words in _rendered(f"{{% performance_distribution {part} %}}", told([0] * 10))


def test_a_dash_stands_beside_its_reason() -> None:
    page = _rendered("{% performance_tiles report %}{% performance_figures report %}", told([0] * 5))
    assert page.count("no day moved") >= 13
    assert "−15.87" not in page
    assert 'class="num start gain"' not in page
    assert 'class="num start loss"' not in page


def test_the_api_gives_the_number_and_says_that_it_is_not_told() -> None:
    rows = {row["key"]: row for row in risk_shape(told([0] * 250), Slippage())["figures"]}
    assert rows["sortino"]["value"] == pytest.approx(-(252**0.5))
    assert (rows["sortino"]["told"], rows["sortino"]["note"]) == (False, "no day moved")
    assert (rows["net_return"]["told"], rows["net_return"]["note"]) == (True, "")


amounts = st.lists(st.integers(-50_000_00, 50_000_00), max_size=90)


@given(amounts, amounts, st.integers(0, 10_000_00))
def test_whatever_happened_each_figure_has_a_number_or_a_reason(
    gains: list[int], nets: list[int], charges: int
) -> None:
    report = told([gain // 100 for gain in gains], nets, charges=charges)
    for group in Group:
        for each in tiles(report, group):
            written = figure(each)
            assert (written == DASH) == (each.value is None)
            assert each.value is not None or each.note
            assert figure_tone(each) == "" or any(digit in written for digit in "123456789")


def _rendered(text: str, report: PerformanceReport) -> str:
    return Template("{% load performance %}" + text).render(Context({"report": report}))
