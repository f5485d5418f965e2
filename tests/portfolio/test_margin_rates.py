"""Dated margin parameters: whose row holds, what a share's own row does, and how open contracts came over."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps

from core import clock
from core.errors import InvalidInput
from core.ids import new_id
from core.tenancy import system_scope
from tests.access.world import client_of
from tests.factories import make_instrument, make_user
from tests.portfolio.conftest import Desk
from trading.brokers.domain.terms import Product, Side
from trading.instruments.process_cache import forget_reference_data
from trading.portfolio.models import (
    EquityMargin,
    LedgerBalance,
    LedgerEntry,
    LedgerTransaction,
    MarginBlock,
    Position,
    SpanParameter,
)
from trading.portfolio.selectors import order_cost
from trading.portfolio.selectors.span import margin_parameters_forget, span_parameters
from trading.portfolio.services import ledger_verify

TODAY = date(2026, 11, 17)


@pytest.fixture(autouse=True)
def _fresh(db: None) -> None:
    margin_parameters_forget()
    forget_reference_data()


@pytest.mark.parametrize(
    ("underlying", "day", "scan_range", "last_day", "spreads"),
    [
        ("NIFTY", TODAY, 0.093, 0.02, False),
        ("NIFTY", date(2025, 1, 31), 0.093, 0.02, True),
        ("NIFTY", date(2024, 11, 19), 0.093, 0.0, True),
        ("BANKNIFTY", date(2019, 1, 1), 0.071, 0.0, True),
        ("MIDCPNIFTY", TODAY, 0.11, 0.02, False),
        ("SENSEX", TODAY, 0.093, 0.02, False),
        ("RELIANCE", TODAY, 0.142, 0.0, True),
    ],
)
def test_parameters_follow_the_underlying_and_the_day(
    underlying: str, day: date, scan_range: float, last_day: float, spreads: bool
) -> None:
    found = span_parameters(exchange="NFO", underlying=underlying, day=day)
    assert (found.price_scan_range, found.expiry_day_rate) == (scan_range, last_day)
    assert found.spreads_on_expiry_day is spreads


def test_an_index_without_a_row_of_its_own_is_an_index_all_the_same() -> None:
    make_instrument("NSE:NIFTYNXT50", instrument_type="INDEX")
    found = span_parameters(exchange="NFO", underlying="NIFTYNXT50", day=TODAY)
    assert found.price_scan_range == 0.093


def test_before_the_first_row_nothing_is_made_up() -> None:
    with pytest.raises(InvalidInput) as refused:
        span_parameters(exchange="NFO", underlying="NIFTY", day=date(2009, 12, 31))
    assert refused.value.code == "rates_unknown"


def test_a_row_saved_in_the_admin_holds_from_its_day() -> None:
    root = client_of(make_user(is_superuser=True))
    known = SpanParameter.objects.get(underlying="NIFTY", valid_from=date(2025, 2, 1))
    form = {field.name: getattr(known, field.name) for field in SpanParameter._meta.fields if field.name != "id"}
    form |= {"valid_from": "2026-11-10", "price_scan_range": "0.12", "spreads_on_expiry_day": ""}
    answer = root.post("/admin/portfolio/spanparameter/add/", form)
    assert answer.status_code == 302, answer.context["errors"]
    assert span_parameters(exchange="NFO", underlying="NIFTY", day=TODAY).price_scan_range == 0.12
    earlier = span_parameters(exchange="NFO", underlying="NIFTY", day=date(2026, 11, 9))
    assert earlier.price_scan_range == 0.093


def test_a_share_with_a_row_of_its_own_gets_less_leverage_but_never_more() -> None:
    share = make_instrument("NSE:WILD")
    facts = {"instrument": share, "side": Side.BUY, "quantity": 10, "price": Decimal(100)}
    EquityMargin.objects.create(
        instrument=share,
        valid_from=date(2026, 11, 10),
        var_rate=Decimal("0.30"),
        extreme_loss_rate=Decimal("0.15"),
    )
    EquityMargin.objects.create(
        instrument=share,
        valid_from=date(2026, 11, 16),
        var_rate=Decimal("0.05"),
        extreme_loss_rate=Decimal("0.02"),
    )
    margins = {
        day: order_cost(product=Product.INTRADAY, day=day, **facts).margin_paise
        for day in (date(2026, 11, 9), date(2026, 11, 10), date(2026, 11, 16))
    }
    assert list(margins.values()) == [200_00, 450_00, 200_00]
    assert order_cost(product=Product.MTF, day=date(2026, 11, 10), **facts).margin_paise == 250_00
    assert order_cost(product=Product.DELIVERY, day=date(2026, 11, 10), **facts).margin_paise == 1000_00


def test_contracts_that_were_open_move_to_the_portfolio_with_the_books_in_balance(
    desk: Desk, trade: Callable[..., None]
) -> None:
    """As the old books had it: a bought option's premium and a written one's fraction in MARGIN, no block."""
    expiry = clock.trading_date() + timedelta(days=7)
    for side, key, price in ((Side.BUY, "NFO:NIFTY26NOV24700CE", "21"), (Side.SELL, "NFO:NIFTY26NOVFUT", "24030")):
        trade(side, 65, price, product=Product.NORMAL, instrument=make_instrument(key, expiry=expiry))
    _turn_back(desk, bought=1365_00, written=3_90_000_00)
    module = import_module("trading.portfolio.migrations.0014_contracts_by_portfolio")
    module.move(apps, None)
    with system_scope():
        assert ledger_verify() == []
    balance = LedgerBalance.objects.get()
    assert (balance.inventory_paise, balance.margin_paise) == (1365_00, 3_90_000_00)
    assert MarginBlock.objects.get().amount_paise == 3_90_000_00
    assert set(Position.objects.values_list("margin_paise", flat=True)) == {0}


def _turn_back(desk: Desk, *, bought: int, written: int) -> None:
    balance = LedgerBalance.objects.get()
    MarginBlock.objects.all().delete()
    Position.objects.filter(quantity__gt=0).update(margin_paise=bought)
    Position.objects.filter(quantity__lt=0).update(margin_paise=written)
    moved = {
        "INVENTORY": -balance.inventory_paise,
        "MARGIN": bought + written - balance.margin_paise,
        "AVAILABLE": balance.inventory_paise + balance.margin_paise - bought - written,
    }
    entry = LedgerTransaction.objects.create(
        organisation=desk.account.organisation,
        account=desk.account,
        source_type="FILL",
        source_id=new_id(),
        at=clock.now(),
    )
    for kind, paise in moved.items():
        LedgerEntry.objects.create(
            organisation=desk.account.organisation,
            transaction=entry,
            account=desk.account,
            kind=kind,
            amount_paise=paise,
        )
        setattr(balance, f"{kind.lower()}_paise", getattr(balance, f"{kind.lower()}_paise") + paise)
    balance.save()
