"""A combination of a sweep, run alone, comes to the same: compiled kernel and engine on the same settings."""

from datetime import date
from typing import Any

import pytest

from accounts.domain.permissions import Role
from backtests.domain.kernel import prepare
from backtests.domain.search_terms import SearchTerms
from backtests.domain.terms import RunTerms, StrategyTerms
from backtests.models import Cell, Figures, Run
from backtests.services.runs import backtest_start
from backtests.services.searches import sweep_start
from backtests.services.work import run_work
from core.tenancy import tenant_scope
from tests.factories import actor_for, make_member
from trading.brokers.domain.terms import Product
from trading.instruments.models import Instrument
from trading.instruments.process_cache import forget_reference_data
from trading.marketdata.domain.bars import Interval

from .market import make_minutes

pytestmark = pytest.mark.django_db

DEEP = 120_000_000
"""A minute's volume whose displayed depth no order of these tests walks through."""

CASES: list[tuple[str, Interval, Product, dict[str, Any]]] = [
    ("ma_cross", Interval.M5, Product.INTRADAY, {"fast": [5], "slow": [20, 40]}),
    ("ma_cross", Interval.M15, Product.INTRADAY, {"fast": [2, 3], "slow": [6]}),
    ("ma_cross", Interval.H1, Product.INTRADAY, {"fast": [2], "slow": [3]}),
    ("rsi_reversion", Interval.M5, Product.INTRADAY, {"period": [3, 5]}),
    ("macd_cross", Interval.M5, Product.INTRADAY, {"fast": [6], "slow": [13, 26]}),
    ("supertrend", Interval.M5, Product.INTRADAY, {"period": [7, 10]}),
    ("vwap_reversion", Interval.M1, Product.INTRADAY, {}),
    ("vwap_reversion", Interval.M3, Product.INTRADAY, {}),
    ("ma_cross", Interval.M15, Product.DELIVERY, {"fast": [5], "slow": [20]}),
    ("ma_cross", Interval.D1, Product.DELIVERY, {"fast": [2], "slow": [3]}),
]


def _figures(cell: Cell) -> dict[str, Any]:
    """All that is kept of a cell."""
    names = [field.name for field in Figures._meta.get_fields()]
    return {name: value for name in names if (value := getattr(cell, name)) is not None}


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    """Before a test's transaction is open, which may not idle as long as a busy machine compiles."""
    prepare()


@pytest.mark.parametrize(
    ("key", "interval", "product", "axes"),
    CASES,
    ids=[f"{key} {interval} {product}" for key, interval, product, _ in CASES],
)
def test_a_cell_comes_to_the_paisa_to_the_backtest_with_its_settings(
    key: str, interval: Interval, product: Product, axes: dict[str, Any]
) -> None:
    make_minutes(first=date(2026, 10, 26), volume=DEEP)
    assert_cells_are_runs(key, interval, product, axes)


@pytest.mark.parametrize(
    ("interval", "product"), [(Interval.M5, Product.INTRADAY), (Interval.M15, Product.DELIVERY)]
)
def test_what_is_stored_of_closing_auctions_is_no_bar_of_a_cell(interval: Interval, product: Product) -> None:
    share = make_minutes(first=date(2026, 10, 26), volume=DEEP)
    # Shares with derivatives close by auction since 3 August 2026: their last quarter of an hour is no more traded.
    Instrument.objects.filter(pk=share.pk).update(has_derivatives=True)
    forget_reference_data()
    assert_cells_are_runs("ma_cross", interval, product, {"fast": [3], "slow": [8]})


def test_a_span_that_begins_with_a_weekend_pays_for_square_offs_too() -> None:
    make_minutes(first=date(2026, 10, 26), volume=DEEP)
    saturday = date(2026, 11, 7)
    assert_cells_are_runs("ma_cross", Interval.M5, Product.INTRADAY, {"fast": [3], "slow": [8]}, first=saturday)


@pytest.mark.parametrize("lakhs", [40, 100])
@pytest.mark.parametrize(
    ("interval", "product"), [(Interval.M5, Product.INTRADAY), (Interval.M15, Product.DELIVERY)]
)
def test_orders_larger_than_the_best_price_walk_the_book_as_they_do_alone(
    lakhs: int, interval: Interval, product: Product
) -> None:
    # A minute of 50,000 displays some two or three thousand units at the best price: about ₹25 lakh.
    make_minutes(first=date(2026, 10, 26), volume=50_000)
    assert_cells_are_runs("ma_cross", interval, product, {"fast": [3], "slow": [8]}, lakhs=lakhs)


def assert_cells_are_runs(
    key: str,
    interval: Interval,
    product: Product,
    axes: dict[str, Any],
    *,
    first: date = date(2026, 11, 4),
    lakhs: int = 10,
) -> None:
    """Sweep, run each combination alone, compare all that is kept of both."""
    trader = actor_for(make_member(Role.TRADER))

    def terms(parameters: dict[str, Any]) -> RunTerms:
        only = StrategyTerms(
            key=key, symbols=("NSE:RELIANCE",), interval=interval, product=product, parameters=parameters
        )
        return RunTerms(strategies=(only,), first=first, last=date(2026, 11, 13), capital_paise=lakhs * 1_00_000_00)

    def worked(run: Run) -> Run:
        for _ in range(20):
            run_work(run.pk)
            run.refresh_from_db()
            if not run.is_live:
                break
        assert run.status == Run.Status.DONE, run.message
        return run

    with tenant_scope(trader.organisation_id):
        sweep = worked(
            sweep_start(actor=trader, terms=terms({}), search=SearchTerms(axes=axes or {"sides": ["both"]}))
        )
        for cell in sweep.cells.all():
            alone = worked(backtest_start(actor=trader, terms=terms(cell.parameters)))
            assert cell.trades, cell.detail
            assert not cell.outsized_orders
            assert _figures(cell) == pytest.approx(
                {name: getattr(alone, name) for name in _figures(cell)}, rel=1e-9
            )
