"""What a client asks for: an indicator with its settings, of an instrument, in an interval."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.realtime.protocol import ProtocolError, text_field
from core.realtime.topics import Message
from trading.instruments.models import Instrument
from trading.instruments.selectors import instrument_get

from ...domain.bars import Interval
from ...domain.indicators import Indicator, registry
from ...domain.indicators.parameters import Kind, Value


@dataclass(frozen=True, slots=True)
class IndicatorRequest:
    """A computation, the same for all who ask for it: `key` says it whole."""

    key: str
    indicator: Indicator
    parameters: dict[str, Value]
    instrument: Instrument
    interval: Interval

    @property
    def against(self) -> str | None:
        """The instrument that is compared with."""
        return self.indicator.compared_with(self.parameters)

    @property
    def series(self) -> tuple[str, Interval, str | None]:
        """The bars it is computed of; computations of the same bars share them."""
        return self.instrument.key, self.interval, self.against

    @property
    def labels(self) -> dict[str, object]:
        """What a frame says of it."""
        return {
            "key": self.key,
            "symbol": self.instrument.key,
            "indicator": self.indicator.name,
            "interval": self.interval.value,
            "params": self.parameters,
        }


def read_request(message: Message) -> IndicatorRequest:
    """The computation that a frame names. Reads the instrument: for a database thread.

    Raises:
        ProtocolError: `bad_field` for `symbol`, `indicator`, `interval` or `params` of another shape.
        NotFound: `unknown_indicator`, `unknown_symbol`.
        InvalidInput: as `Indicator.read`.
    """
    symbol, name = text_field(message, "symbol"), text_field(message, "indicator")
    interval = text_field(message, "interval")
    if interval not in set(Interval):
        raise ProtocolError("bad_field", f"interval must be one of {', '.join(Interval)}.")
    params = message.get("params", {})
    if not isinstance(params, dict):
        raise ProtocolError("bad_field", "params must be an object of the indicator's parameters.")
    indicator = registry.get(name)
    instrument = instrument_get(symbol)
    parameters = _with_canonical_symbols(indicator, indicator.read(params))
    return IndicatorRequest(
        _key_of(instrument.key, name, interval, parameters), indicator, parameters, instrument, Interval(interval)
    )


def _with_canonical_symbols(indicator: Indicator, parameters: dict[str, Value]) -> dict[str, Value]:
    spelt = {each.name for each in indicator.parameters if each.kind is Kind.SYMBOL}
    return {name: instrument_get(str(value)).key if name in spelt else value for name, value in parameters.items()}


def _key_of(symbol: str, name: str, interval: str, parameters: Mapping[str, Value]) -> str:
    settings = ",".join(f"{each}={value}" for each, value in parameters.items())
    return f"{symbol}|{interval}|{name}|{settings}"
