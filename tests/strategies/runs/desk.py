"""Runs to test with, and the things a strategy may want."""

from decimal import Decimal
from typing import Any

from core.tenancy import system_scope
from tests.orders.desk import Desk
from trading.brokers.domain.terms import OrderType, Product, Side
from trading.marketdata.domain.bars import Interval
from trading.strategies.domain.runs.limits import RunLimits
from trading.strategies.domain.runs.schedule import Schedule
from trading.strategies.domain.runs.states import Mode
from trading.strategies.domain.runs.wanted import Wanted
from trading.strategies.domain.wish import OrderWish
from trading.strategies.models import Signal, StrategyRun
from trading.strategies.services.runs import RunDraft, run_create, run_start
from trading.strategies.services.runs.judging import Profit
from trading.strategies.services.runs.sending import signals_send
from trading.strategies.services.runs.signals import signals_record


def draft_for(desk: Desk, **changes: Any) -> RunDraft:
    """A moving-average cross on the desk's instrument."""
    values: dict[str, Any] = {
        "account_id": desk.account.id,
        "name": "First",
        "strategy": "ma_cross",
        "symbols": (desk.instrument.key,),
        "interval": Interval.M5,
        "product": Product.INTRADAY,
        "capital": Decimal(100_000),
    }
    return RunDraft(**{**values, **changes})


def make_run(desk: Desk, **changes: Any) -> StrategyRun:
    """A run in DRAFT, of the desk's trader."""
    return run_create(actor=desk.trader, draft=draft_for(desk, **changes))


def started_run(desk: Desk, **changes: Any) -> StrategyRun:
    """A run that the desk's trader has started; nothing drives it."""
    return run_start(actor=desk.trader, run_id=make_run(desk, **changes).id)


def wanted(key: str, side: Side = Side.BUY, quantity: int = 10, **changes: Any) -> Wanted:
    """A MARKET order of the desk's instrument, or a LIMIT one when a `price` is given."""
    price = changes.pop("price", None)
    wish = OrderWish(
        symbol=changes.pop("symbol", "NSE:RELIANCE"),
        side=side,
        quantity=quantity,
        order_type=OrderType.MARKET if price is None else OrderType.LIMIT,
        product=Product.INTRADAY,
        price=None if price is None else Decimal(str(price)),
    )
    return Wanted(key=key, wish=wish, **changes)


def decide(run: StrategyRun, *things: Wanted, profit: Profit | None = None) -> list[Signal]:
    """What the process that drives the run does with what its strategy wants: write it down, send what is ready."""
    with system_scope():
        signals = signals_record(run_id=run.id, epoch=run.lease_epoch, wanted=things, profit=profit)
        return signals_send(run_id=run.id, batch=signals, epoch=run.lease_epoch)


__all__ = ["Mode", "RunLimits", "Schedule", "decide", "draft_for", "make_run", "started_run", "wanted"]
