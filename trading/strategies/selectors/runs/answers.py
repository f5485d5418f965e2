"""Runs and signals as the API shows them."""

from typing import Any

from core.clock import wall_now
from core.money import from_paise
from trading.orders.selectors.orders import price_text
from trading.strategies.domain.runs.schedule import days_of
from trading.strategies.models import RunNote, Signal, StrategyRun


def run_shape(run: StrategyRun) -> dict[str, Any]:
    """A run as the API shows it."""
    reason = {"code": run.state_code, "message": run.state_reason} if run.state_code else None
    return {
        "id": str(run.id),
        "name": run.name,
        "strategy": run.strategy,
        "account": str(run.account_id),
        "parameters": run.parameters,
        "symbols": run.symbols,
        "interval": run.interval,
        "product": run.product,
        "capital": str(from_paise(run.capital_paise)),
        "mode": run.mode,
        "signal_seconds": run.signal_seconds,
        "limits": {
            "max_loss": _money(run.max_loss_paise),
            "max_loss_day": _money(run.max_loss_day_paise),
            "max_orders_day": run.max_orders_day,
            "max_open_positions": run.max_open_positions,
            "approval_band": price_text(run.limits.approval_band),
        },
        "schedule": {
            "weekdays": [day.name for day in days_of(run.weekdays)],
            "start": None if run.start_time is None else f"{run.start_time:%H:%M}",
            "stop": None if run.stop_time is None else f"{run.stop_time:%H:%M}",
            "special_sessions": run.special_sessions,
            "flatten": run.flatten_at_stop,
        },
        "state": run.state,
        "state_reason": reason,
        "driven": run.is_driven(wall_now()),
        "heartbeat_at": None if run.heartbeat_at is None else run.heartbeat_at.isoformat(),
        "net_pnl": str(from_paise(run.net_paise)),
        "day_pnl": str(from_paise(run.net_day_paise)),
        "open_positions": run.open_positions,
        "signals": run.signal_seq,
        "created_by": run.created_by,
        "created_at": run.created_at.isoformat(),
        "started_at": None if run.started_at is None else run.started_at.isoformat(),
    }


def signal_shape(signal: Signal) -> dict[str, Any]:
    """A signal as the API shows it."""
    reason = {"code": signal.code, "message": signal.reason} if signal.code else None
    return {
        "id": str(signal.id),
        "run": str(signal.run_id),
        "strategy": signal.run.strategy,
        "run_name": signal.run.name,
        "seq": signal.seq,
        "batch": None if signal.batch is None else str(signal.batch),
        "account": str(signal.account_id),
        "symbol": signal.instrument.key,
        "side": signal.side,
        "quantity": signal.quantity,
        "order_type": signal.order_type,
        "product": signal.product,
        "validity": signal.validity,
        "price": price_text(signal.price),
        "trigger_price": price_text(signal.trigger_price),
        "stop": price_text(signal.stop),
        "target": price_text(signal.target),
        "trail": price_text(signal.trail),
        "tag": signal.tag,
        "decision_price": price_text(signal.decision_price),
        "approve_from": price_text(signal.approve_from),
        "approve_to": price_text(signal.approve_to),
        "state": signal.state,
        "state_reason": reason,
        "order": None if signal.order_id is None else str(signal.order_id),
        "answered_by": signal.answered_by,
        "decided_at": signal.decided_at.isoformat(),
        "expires_at": signal.expires_at.isoformat(),
        "answered_at": None if signal.answered_at is None else signal.answered_at.isoformat(),
    }


def note_shape(note: RunNote) -> dict[str, Any]:
    """A line of a run's journal."""
    return {"seq": note.seq, "kind": note.kind, "message": note.message, "at": note.at.isoformat()}


def _money(paise: int | None) -> str | None:
    return None if paise is None else str(from_paise(paise))
