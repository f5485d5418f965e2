"""What the form of a run begins with: what was asked, an earlier run, or the usual."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from accounts.domain.actor import Actor
from core import clock
from core.errors import InvalidInput
from trading.instruments.models import Instrument
from trading.marketdata.domain.bars import Interval
from trading.marketdata.models import Candle
from trading.strategies.domain import Strategy

from ..forms import AXIS, SETTING, prefix_of
from ..models import Run, RunStrategy
from ..selectors.runs import run_get
from ..selectors.stored import stored_span
from ..selectors.strategies import strategy_class, version_of

_USUAL = ("NSE:RELIANCE", "NSE:NIFTY")
_USUAL_CAPITAL = "1000000"
_USUAL_STRATEGY = "ma_cross"


@dataclass(frozen=True, slots=True)
class StrategyBlock:
    """The boxes of one strategy: `prefix` stands before their names, `version` is what own code is held at."""

    number: int
    prefix: str
    key: str
    strategy: type[Strategy] | None
    version: int | None
    symbols: str
    interval: str
    intervals: tuple[str, ...]
    product: str
    settings: tuple[dict[str, Any], ...]


def strategy_block(actor: Actor, number: int, values: dict[str, str]) -> StrategyBlock:
    """The boxes of the strategy with a number, filled with what stands under its prefix."""
    prefix = prefixed(number)
    key = values.get(f"{prefix}strategy", _USUAL_STRATEGY)
    strategy = _strategy(actor, key)
    return StrategyBlock(
        number=number,
        prefix=prefix,
        key=key,
        strategy=strategy,
        version=version_of(key) if strategy else None,
        symbols=values.get(f"{prefix}symbols", ""),
        interval=values.get(f"{prefix}interval", ""),
        intervals=tuple(each.value for each in strategy.intervals) if strategy else (),
        product=values.get(f"{prefix}product", ""),
        settings=tuple(_settings(strategy, prefix, values)) if strategy else (),
    )


def prefixed(number: int) -> str:
    """What stands before the names of a strategy's boxes, with its hyphen."""
    prefix = prefix_of(number)
    return f"{prefix}-" if prefix else ""


def values_for(actor: Actor, asked: dict[str, str]) -> dict[str, str]:
    """What the form begins with. Raises InvalidInput (`unknown_run`) and NotFound for a `from` that is no run."""
    values = {
        "strategy": _USUAL_STRATEGY,
        "interval": "5m",
        "capital": _USUAL_CAPITAL,
        "square_off": "on",
        "benchmark": "NSE:NIFTY",
        "charging": "RATES",
        "funds": "REAL",
        "kind": Run.Kind.BACKTEST.value,
        "count": "100",
        "in_sample": "60",
        "out_of_sample": "20",
    }
    if "from" in asked:
        values |= _values_of(run_get(actor, _uuid(asked["from"])))
    elif "first" not in asked:
        values |= _usual_ground()
    return values | asked


def _values_of(run: Run) -> dict[str, str]:
    values = {
        "first": run.first.isoformat(),
        "last": run.last.isoformat(),
        "capital": f"{run.capital_paise / 100:.0f}",
        "plan": run.plan,
        "charging": run.charging,
        "funds": run.funds,
        "slippage_model": run.slippage_model,
        "slippage_value": str(run.slippage_value.normalize()),
        "square_off": "on" if run.square_off else "",
        "seed": str(run.seed),
        "benchmark": run.benchmark,
    }
    for number, each in enumerate(run.strategies.all(), start=1):
        values |= _strategy_values(prefixed(number), each)
    return values


def _strategy_values(prefix: str, row: RunStrategy) -> dict[str, str]:
    return {
        f"{prefix}strategy": row.key,
        f"{prefix}symbols": " ".join(row.symbols),
        f"{prefix}interval": row.interval,
        f"{prefix}product": row.product,
        **{f"{prefix}{SETTING}{name}": _text(value) for name, value in row.parameters.items()},
    }


def _usual_ground() -> dict[str, str]:
    """An instrument that has minutes, and the span that is stored of it."""
    instrument = next(
        (each for each in Instrument.objects.filter(key__in=_USUAL).order_by("-key") if _has_minutes(each)), None
    )
    span = stored_span(instrument, Interval.M1) if instrument else None
    if instrument is None or span is None:
        last = clock.trading_date() - timedelta(days=1)
        return {"symbols": _USUAL[0], "first": (last - timedelta(days=30)).isoformat(), "last": last.isoformat()}
    first, last = max(span[0], span[1] - timedelta(days=365)), span[1]
    return {"symbols": instrument.key, "first": first.isoformat(), "last": last.isoformat()}


def _has_minutes(instrument: Instrument) -> bool:
    return Candle.objects.filter(instrument=instrument).exists()


def _settings(strategy: type[Strategy], prefix: str, values: dict[str, str]) -> list[dict[str, Any]]:
    """A field for each setting, with the value that it has now."""
    return [
        {
            "parameter": each,
            "name": f"{prefix}{SETTING}{each.name}",
            "value": values.get(f"{prefix}{SETTING}{each.name}", _text(each.default)),
            "axis": f"{AXIS}{each.name}",
            "listed": values.get(f"{AXIS}{each.name}", ""),
            "bounds": [(part, values.get(f"{AXIS}{each.name}:{part}", "")) for part in ("from", "to", "step")],
        }
        for each in strategy.parameters()
    ]


def _strategy(actor: Actor, key: str) -> type[Strategy] | None:
    try:
        return strategy_class(actor.organisation_id, key)
    except InvalidInput:
        return None


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput("That names no run.", code="unknown_run") from error
