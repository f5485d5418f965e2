"""Limits of four levels: the tightest wins, and every running gate can refuse."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from riskmgmt.domain.decide import GATES, decide
from riskmgmt.domain.exposure import at_worst, exposure_totals
from riskmgmt.domain.limit_specs import LIMIT_SPECS
from riskmgmt.domain.limits import ALL_NAMES, HOUSE, LIMIT_NAMES, RUNNING, Layer, Reach, limits_in_force
from riskmgmt.domain.reach import Track
from riskmgmt.domain.rules import Rules
from riskmgmt.domain.states import Level
from riskmgmt.models import UnderlyingSector
from tests.riskmgmt.test_gates import context
from trading.brokers.domain.terms import Product, Side
from trading.orders.domain.exposure import exposure_value
from trading.orders.domain.gate import Exposure, OrderAction

ORGANISATION, ACCOUNT, USER, STRATEGY = Level.ORGANISATION, Level.ACCOUNT, Level.USER, Level.STRATEGY
LAKH = 1_00_000_00


def rules(level: Level = ACCOUNT, **values: Any) -> Rules:
    return Rules(in_force=limits_in_force([Layer(level, values)]))


def row(quantity: int, price: int = 1500, **changes: Any) -> Exposure:
    base = Exposure(
        key="NSE:RELIANCE",
        underlying="RELIANCE",
        instrument_type="EQ",
        product=Product.INTRADAY,
        strategy="",
        quantity=quantity,
        value_paise=quantity * price * 100,
    )
    return replace(base, **changes)


def codes(order: Any, held: Rules) -> set[str]:
    return {decision.code for decision in decide(order, held) if not decision.allowed}


def test_the_smallest_cap_wins_whoever_set_it() -> None:
    found = limits_in_force(
        [
            Layer(ORGANISATION, {"max_order_value": Decimal(500), "max_open_orders": Decimal(3)}),
            Layer(ACCOUNT, {"max_order_value": Decimal(900), "max_daily_loss": None}),
            Layer(USER, {"max_order_value": Decimal(400)}),
            Layer(STRATEGY, {"max_order_value": Decimal(700), "max_open_orders": Decimal(1)}),
        ]
    )
    assert (found.limits.max_order_value, found.sources["max_order_value"]) == (400, "user")
    # A strategy's running limit is its own; the account's stays what the others make it.
    assert (found.limits.max_open_orders, found.sources["max_open_orders"]) == (3, "organisation")
    assert (found.strategy.max_open_orders, found.strategy_sources["max_open_orders"]) == (1, "strategy")
    assert (found.limits.max_daily_loss, found.sources["max_daily_loss"]) == (50_000, HOUSE)
    assert set(found.sources) == set(ALL_NAMES)


def test_a_level_may_allow_more_than_the_house_but_not_than_another_level() -> None:
    found = limits_in_force([Layer(ACCOUNT, {"max_order_value": Decimal(99_00_000)})])
    assert found.limits.max_order_value == 99_00_000
    both = limits_in_force(
        [Layer(ORGANISATION, {"max_order_value": Decimal(5)}), Layer(ACCOUNT, {"max_order_value": Decimal(6)})]
    )
    assert (both.limits.max_order_value, both.sources["max_order_value"]) == (5, "organisation")


def test_lists_are_what_all_levels_allow_and_hours_what_they_share() -> None:
    found = limits_in_force(
        [
            Layer(
                ORGANISATION,
                {
                    "allowed_products": {"INTRADAY", "DELIVERY"},
                    "trading_from": time(9, 20),
                    "trading_until": time(15),
                },
            ),
            Layer(
                STRATEGY,
                {
                    "allowed_products": {"INTRADAY", "NORMAL"},
                    "trading_from": time(10),
                    "trading_until": time(15, 20),
                },
            ),
        ]
    )
    assert found.limits.allowed_products == {"INTRADAY"}
    assert found.sources["allowed_products"] == "organisation and strategy"
    assert (found.limits.trading_from, found.limits.trading_until) == (time(10), time(15))


LEVELS = st.sampled_from([ORGANISATION, ACCOUNT, USER, STRATEGY])
CAPS = st.dictionaries(st.sampled_from(LIMIT_NAMES), st.none() | st.integers(0, 1000).map(Decimal))


@given(st.lists(st.tuples(LEVELS, CAPS), max_size=5))
def test_no_level_that_is_added_ever_loosens_a_limit_that_somebody_set(layers: list[tuple[Level, Any]]) -> None:
    for count in range(len(layers)):
        fewer = limits_in_force([Layer(level, values) for level, values in layers[:count]])
        more = limits_in_force([Layer(level, values) for level, values in layers[: count + 1]])
        for name in LIMIT_NAMES:
            if fewer.sources[name] != HOUSE:
                assert getattr(more.limits, name) <= getattr(fewer.limits, name)
            elif more.sources[name] == HOUSE:
                assert getattr(more.limits, name) == LIMIT_SPECS[name].default


SECTORS = {"RELIANCE": "Energy", "ONGC": "Energy", "INFY": "IT"}
REFUSED: list[tuple[str, dict[str, Any], dict[str, Any], Rules]] = [
    ("gross_exposure_limit", {"max_gross_exposure": Decimal(14_999)}, {}, Rules()),
    ("net_exposure_limit", {"max_net_exposure": Decimal(14_999)}, {}, Rules()),
    ("symbol_concentration_limit", {"max_symbol_percent": Decimal(14)}, {}, Rules()),
    (
        "underlying_concentration_limit",
        {"max_underlying_percent": Decimal(15)},
        {"exposures": (row(10, key="NFO:RELIANCE26NOVFUT", instrument_type="FUT"),)},
        Rules(),
    ),
    (
        "sector_concentration_limit",
        {"max_sector_percent": Decimal(15)},
        {"exposures": (row(10, key="NSE:ONGC", underlying="ONGC"),)},
        Rules(sectors=SECTORS),
    ),
    ("symbol_concentration_limit", {"max_symbol_percent": Decimal(900)}, {"equity_paise": 0}, Rules()),
    ("open_orders_limit", {"max_open_orders": Decimal(0)}, {}, Rules()),
    (
        "orders_per_minute_limit",
        {"max_orders_per_minute": Decimal(5)},
        {},
        Rules(tracks={Reach.ACCOUNT: Track(orders_minute=5)}),
    ),
    (
        "orders_per_day_limit",
        {"max_orders_per_day": Decimal(50)},
        {},
        Rules(tracks={Reach.ACCOUNT: Track(orders_day=50)}),
    ),
    ("daily_loss_limit", {"max_daily_loss": Decimal(100)}, {"day_pnl_paise": -100_00}, Rules()),
    (
        "day_drawdown_limit",
        {"max_day_drawdown": Decimal(500)},
        {"day_pnl_paise": 500_00},
        Rules(tracks={Reach.ACCOUNT: Track(day_peak_paise=1000_00)}),
    ),
    (
        "equity_drawdown_limit",
        {"max_equity_drawdown_percent": Decimal(10)},
        {"equity_paise": LAKH, "capital_paise": LAKH},
        Rules(tracks={Reach.ACCOUNT: Track(profit_peak_paise=12_000_00)}),
    ),
    (
        "profit_locked",
        {"daily_profit_lock": Decimal(1000), "daily_profit_giveback": Decimal(200)},
        {"day_pnl_paise": 900_00},
        Rules(tracks={Reach.ACCOUNT: Track(day_peak_paise=1100_00)}),
    ),
    (
        "profit_locked",
        {"daily_profit_lock": Decimal(1000), "daily_profit_giveback": Decimal(200)},
        {"day_pnl_paise": 1500_00},
        Rules(tracks={Reach.ACCOUNT: Track(is_locked=True)}),
    ),
    ("symbol_not_allowed", {"allowed_symbols": {"INFY"}}, {}, Rules()),
    ("product_not_allowed", {"allowed_products": {"DELIVERY"}}, {}, Rules()),
    ("order_type_not_allowed", {"allowed_order_types": {"MARKET"}}, {}, Rules()),
    ("outside_hours", {"trading_from": time(10, 31)}, {}, Rules()),
    ("outside_hours", {"trading_until": time(10, 30)}, {}, Rules()),
]


@pytest.mark.parametrize(("code", "limits", "changes", "base"), REFUSED)
def test_each_limit_refuses_an_entry_and_lets_an_exit_pass(
    code: str, limits: dict[str, Any], changes: dict[str, Any], base: Rules
) -> None:
    held = replace(base, in_force=limits_in_force([Layer(ACCOUNT, limits)]))
    entry = context(**{"equity_paise": LAKH, "now": datetime(2026, 11, 20, 5, tzinfo=UTC), **changes})
    assert code in codes(entry, held)
    leaving = {"side": Side.SELL, "position_quantity": 10, "position_after": 0, "hold_needed_paise": 0}
    exposures = (row(10), *changes.get("exposures", ()))
    assert codes(context(**{**leaving, "equity_paise": LAKH, **changes, "exposures": exposures}), held) == set()


@pytest.mark.parametrize(
    ("limits", "changes"),
    [
        ({"max_gross_exposure": Decimal(15_000)}, {}),
        ({"max_net_exposure": Decimal(0)}, {"exposures": (row(-10, key="NSE:INFY", underlying="INFY"),)}),
        ({"max_symbol_percent": Decimal(15)}, {}),
        ({"max_orders_per_minute": Decimal(1)}, {"action": OrderAction.MODIFY}),
        ({"allowed_symbols": {"RELIANCE"}}, {}),
        ({"allowed_symbols": {"NSE:RELIANCE"}}, {}),
        ({"allowed_order_types": {"LIMIT"}}, {}),
        ({"trading_from": time(10, 30), "trading_until": time(10, 31)}, {}),
        ({"daily_profit_lock": Decimal(1000), "daily_profit_giveback": Decimal(200)}, {"day_pnl_paise": 999_00}),
    ],
)
def test_a_limit_itself_is_still_allowed(limits: dict[str, Any], changes: dict[str, Any]) -> None:
    assert codes(context(**{"equity_paise": LAKH, **changes}), rules(**limits)) == set()


def test_all_levels_lists_have_to_admit_a_symbol() -> None:
    layers = [Layer(ORGANISATION, {"allowed_symbols": {"RELIANCE"}}), Layer(USER, {"allowed_symbols": {"INFY"}})]
    assert codes(context(), Rules(in_force=limits_in_force(layers))) == {"symbol_not_allowed"}
    narrowed = [
        Layer(ORGANISATION, {"allowed_symbols": {"RELIANCE"}}),
        Layer(USER, {"allowed_symbols": {"NSE:RELIANCE"}}),
    ]
    assert codes(context(), Rules(in_force=limits_in_force(narrowed))) == set()


def test_a_strategys_limit_is_held_against_its_own_part_of_the_account() -> None:
    order = context()
    of_momentum = structs.replace(order, intent=replace(order.intent, strategy="momentum"), day_pnl_paise=-900_00)
    theirs = row(10, strategy="value", day_pnl_paise=-900_00)
    held = rules(STRATEGY, max_daily_loss=Decimal(500), max_gross_exposure=Decimal(15_000))
    assert codes(structs.replace(of_momentum, exposures=(theirs,)), held) == set()
    ours = row(1, strategy="momentum", day_pnl_paise=-500_00)
    assert codes(structs.replace(of_momentum, exposures=(theirs, ours)), held) == {
        "daily_loss_limit",
        "gross_exposure_limit",
    }


def test_a_strategys_limit_does_not_bind_an_order_without_strategy() -> None:
    assert codes(context(), Rules(in_force=limits_in_force([Layer(ACCOUNT, {})]))) == set()


def test_every_running_limit_has_a_gate_that_reads_it() -> None:
    read = {getattr(gate, "limit", "") for gate in GATES} | {"daily_profit_lock", "daily_profit_giveback"}
    assert read >= RUNNING


@pytest.mark.parametrize(
    ("held", "working", "quantity", "gross"),
    [
        ([row(10)], [], 10, 15_000),
        ([row(10)], [row(5)], 15, 22_500),
        # Stop and target of the same units: the worst that can happen is that nothing fills.
        ([row(10)], [row(-10)], 10, 15_000),
        ([row(10)], [row(-10), row(-10)], -10, 15_000),
        ([row(-10)], [row(4)], -10, 15_000),
        ([], [row(-3), row(2)], -3, 4_500),
    ],
)
def test_working_orders_count_with_the_side_that_makes_a_position_larger(
    held: list[Exposure], working: list[Exposure], quantity: int, gross: int
) -> None:
    rows = at_worst(held, working)
    assert [abs(each.quantity) for each in rows] == [abs(quantity)]
    assert exposure_totals(rows, {}).gross_paise == gross * 100


@pytest.mark.parametrize(
    ("kind", "quantity", "expected"),
    [
        ("EQ", -10, -1000),
        ("FUT", 10, 1000),
        ("CE", 10, 1000),
        ("CE", -10, -20_000),
        ("PE", 10, -1000),
        ("PE", -10, 20_000),
    ],
)
def test_a_bought_option_exposes_to_its_premium_and_a_sold_one_to_its_strike(
    kind: str, quantity: int, expected: int
) -> None:
    strike = Decimal(2000) if kind in ("CE", "PE") else None
    value = exposure_value(instrument_type=kind, quantity=quantity, price=Decimal(100), strike=strike)
    assert value == expected


@pytest.mark.django_db
def test_the_fifty_of_the_index_have_a_sector() -> None:
    assert UnderlyingSector.objects.exclude(sector="Index").count() >= 50
    assert UnderlyingSector.objects.get(symbol="RELIANCE").sector.startswith("Oil")
    assert not UnderlyingSector.objects.filter(valid_from__gt=date(2026, 11, 20)).exists()
