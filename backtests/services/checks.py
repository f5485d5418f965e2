"""Whether a run can be begun: strategies, settings, instruments, span, data, money, and the organisation's quota.

Each refusal is an InvalidInput with a code of its own and the field that it is about."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from backtests.domain.terms import RunTerms, StrategyTerms
from backtests.models import Quota
from backtests.selectors.stored import has_bars, stored_span, windows_of
from backtests.selectors.strategies import strategy_pinned
from core import clock
from core.errors import InvalidInput, NotFound
from trading.brokers.domain.terms import Product
from trading.instruments.domain.calendar import CalendarUnknown
from trading.instruments.models import DERIVATIVE_TYPES, Instrument
from trading.instruments.selectors import instrument_get
from trading.marketdata.domain.bars import Interval
from trading.orders.domain.slippage import SlippageModel
from trading.portfolio.selectors.rates import brokerage_plans
from trading.strategies.domain import Kind, Strategy

MOST_STRATEGIES = 8
MOST_SYMBOLS = 200
LEAST_CAPITAL_PAISE, MOST_CAPITAL_PAISE = 1_000 * 100, 1_000 * 10_000_000 * 100
LONGEST_SPAN = timedelta(days=366 * 25)
MOST_SLIPPAGE = 1_000
_SESSION_MINUTES = 375
_WEEKDAYS = 5
_DAILY = (Interval.D1, Interval.W1)


@dataclass(frozen=True, slots=True)
class CheckedStrategy:
    """A strategy that can run as asked; `values` are all its settings."""

    strategy: type[Strategy]
    label: str
    values: Mapping[str, Any]
    instruments: tuple[Instrument, ...]
    interval: Interval
    product: Product


@dataclass(frozen=True, slots=True)
class Checked:
    """What a run will be; `bars` is an upper bound of what it reads."""

    terms: RunTerms
    strategies: tuple[CheckedStrategy, ...]
    base: Interval
    benchmark: Instrument | None
    bars: int


def terms_check(organisation_id: UUID, terms: RunTerms, quota: Quota) -> Checked:
    """Raises InvalidInput: `no_strategies`, `too_many_strategies`, `unknown_strategy`, `parameter_…`,
    `parameters_conflict`, `unknown_symbol`, `symbols_unfit`, `interval_unfit`, `product_not_allowed`,
    `span_inverted`, `span_too_long`, `span_in_future`, `no_sessions`, `calendar_unknown`, `no_data`,
    `capital_out_of_bounds`, `unknown_plan`, `slippage_out_of_bounds`, `unknown_benchmark`, `too_many_bars`."""
    if not terms.strategies:
        raise refusal("no_strategies", "strategies", "Name at least one strategy.")
    if len(terms.strategies) > MOST_STRATEGIES:
        raise refusal("too_many_strategies", "strategies", f"At most {MOST_STRATEGIES} strategies share a run.")
    _check_money(terms)
    strategies = tuple(_labelled(organisation_id, terms.strategies))
    base = Interval.D1 if all(each.interval in _DAILY for each in strategies) else Interval.M1
    instruments = tuple({each.pk: each for one in strategies for each in one.instruments}.values())
    if len(instruments) > MOST_SYMBOLS:
        raise refusal("symbols_unfit", "symbols", f"At most {MOST_SYMBOLS} instruments in one run.")
    _check_span(terms, instruments)
    for position, each in enumerate(strategies):
        with told_of(position):
            for instrument in each.instruments:
                _check_data(instrument, base, terms)
    bars = _most_bars(terms, base) * len(instruments)
    if bars > quota.bars:
        raise refusal(
            "too_many_bars",
            "to",
            f"Up to {bars:,} bars would be read; your organisation may ask for {quota.bars:,} in one run.",
        )
    return Checked(terms, strategies, base, _benchmark(terms.benchmark), bars)


def refusal(code: str, field: str, detail: str) -> InvalidInput:
    """An InvalidInput that is about one field."""
    return InvalidInput(detail, code=code, errors={field: [detail]})


def _labelled(organisation_id: UUID, asked: Sequence[StrategyTerms]) -> Iterator[CheckedStrategy]:
    for position, each in enumerate(asked):
        label = "" if len(asked) == 1 else f"{position + 1}. {each.key}"[:60]
        with told_of(position):
            yield _strategy(organisation_id, each, label)


@contextmanager
def told_of(position: int) -> Iterator[None]:
    """A refusal that is about the strategy at a position: the fields of those after the first are `also.0.…`, as in
    the API's body."""
    try:
        yield
    except InvalidInput as error:
        if not position:
            raise
        errors = {f"also.{position - 1}.{name}": lines for name, lines in error.errors.items()}
        raise InvalidInput(error.detail, code=error.code, errors=errors) from error


def _strategy(organisation_id: UUID, asked: StrategyTerms, label: str) -> CheckedStrategy:
    strategy = strategy_pinned(organisation_id, asked.key)
    try:
        values = strategy(**{str(name): value for name, value in asked.parameters.items()}).values
    except InvalidInput as error:
        errors = {
            name if name == "parameters" else f"parameters.{name}": lines for name, lines in error.errors.items()
        }
        raise InvalidInput(error.detail, code=error.code, errors=errors) from error
    if asked.interval not in strategy.intervals:
        meant = ", ".join(strategy.intervals)
        raise refusal("interval_unfit", "interval", f"{strategy.title} runs on {meant}.")
    least, most = strategy.symbols_wanted
    if not least <= len(asked.symbols) <= most or len(set(asked.symbols)) < len(asked.symbols):
        wanted = str(least) if least == most else f"{least} to {most}"
        raise refusal("symbols_unfit", "symbols", f"{strategy.title} takes {wanted} different instruments.")
    instruments = tuple(_instrument(symbol, "symbols") for symbol in asked.symbols)
    return CheckedStrategy(
        strategy, label, dict(values), instruments, asked.interval, _product(strategy, asked, instruments)
    )


def _instrument(symbol: str, field: str) -> Instrument:
    try:
        return instrument_get(symbol)
    except NotFound as error:
        raise refusal(error.code, field, error.detail) from error


def _product(strategy: type[Strategy], asked: StrategyTerms, instruments: Sequence[Instrument]) -> Product:
    are_contracts = {each.instrument_type in DERIVATIVE_TYPES for each in instruments}
    if asked.product is None:
        if strategy.kind is Kind.OPTIONS or True in are_contracts:
            return Product.NORMAL
        return Product.DELIVERY if asked.interval in _DAILY else Product.INTRADAY
    delivers = asked.product.takes_delivery
    if (True in are_contracts and delivers) or (
        asked.product is Product.NORMAL and are_contracts == {False} and strategy.kind is not Kind.OPTIONS
    ):
        detail = f"{asked.product} is no product of {instruments[0].key}."
        raise refusal("product_not_allowed", "product", detail)
    return asked.product


def _check_money(terms: RunTerms) -> None:
    if not LEAST_CAPITAL_PAISE <= terms.capital_paise <= MOST_CAPITAL_PAISE:
        raise refusal(
            "capital_out_of_bounds",
            "capital",
            f"Must be from ₹{LEAST_CAPITAL_PAISE // 100:,} to ₹{MOST_CAPITAL_PAISE // 100:,}.",
        )
    if terms.plan and terms.plan not in brokerage_plans():
        raise refusal("unknown_plan", "plan", f"Known plans: {', '.join(brokerage_plans())}.")
    if terms.slippage_model not in (None, SlippageModel.NONE) and not 0 <= terms.slippage_value <= MOST_SLIPPAGE:
        raise refusal("slippage_out_of_bounds", "slippage", f"Must be from 0 to {MOST_SLIPPAGE}.")


def _check_span(terms: RunTerms, instruments: Sequence[Instrument]) -> None:
    if terms.last < terms.first:
        raise refusal("span_inverted", "to", "The span ends before it begins.")
    if terms.last - terms.first > LONGEST_SPAN:
        raise refusal("span_too_long", "from", f"At most {LONGEST_SPAN.days // 366} years.")
    if terms.first > clock.trading_date():
        raise refusal("span_in_future", "from", "Nothing is known of the future.")
    days = (terms.first + timedelta(days=each) for each in range((terms.last - terms.first).days + 1))
    try:
        if not any(windows_of(instruments[0], day) for day in days):
            detail = f"The market was closed from {terms.first} to {terms.last}."
            raise refusal("no_sessions", "from", detail)
    except CalendarUnknown as error:
        raise refusal(error.code, "from", error.detail) from error


def _check_data(instrument: Instrument, base: Interval, terms: RunTerms) -> None:
    if has_bars(instrument, base, terms.first, terms.last):
        return
    known = stored_span(instrument, base)
    stored = f"stored are {known[0]} to {known[1]}" if known else "none are stored"
    raise refusal(
        "no_data", "symbols", f"There are no bars of {instrument.key} from {terms.first} to {terms.last}: {stored}."
    )


def _most_bars(terms: RunTerms, base: Interval) -> int:
    days = trading_days_at_most(terms.first, terms.last)
    return days if base is Interval.D1 else days * _SESSION_MINUTES


def trading_days_at_most(first: date, last: date) -> int:
    """Weekdays of a span, and a special Saturday or Sunday each year."""
    days = (last - first).days + 1
    return days * _WEEKDAYS // 7 + 5


def _benchmark(key: str) -> Instrument | None:
    if not key:
        return None
    try:
        return instrument_get(key)
    except NotFound as error:
        raise refusal("unknown_benchmark", "benchmark", error.detail) from error
