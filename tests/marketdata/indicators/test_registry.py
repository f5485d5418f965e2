"""What the registry promises: names that are stable, parameters that hold, and a document that says so."""

import re

import pytest

from core.errors import InvalidInput, NotFound
from tests.marketdata.indicators.catalogue import DOCUMENT, written
from trading.marketdata.domain.indicators import Indicator, registry
from trading.marketdata.domain.indicators.definition import numbers_of
from trading.marketdata.domain.indicators.parameters import Kind

ALL = pytest.mark.parametrize("indicator", registry.all(), ids=lambda each: each.name)
ASKED_FOR = """
sma ema wma dema tema kama hma vwma vwap supertrend bollinger keltner donchian atr adx aroon psar ichimoku macd rsi
stochastic stochrsi cci williams_r roc momentum trix ultimate mfi obv ad cmf chaikin force cpr pivots_classic
pivots_fibonacci pivots_camarilla heikin_ashi zigzag linreg stddev correlation beta
"""


def test_all_that_traders_asked_for_is_there_once() -> None:
    names = [each.name for each in registry.all()]
    assert len(names) == len(set(names)) >= 40
    assert set(names) >= set(ASKED_FOR.split())
    with pytest.raises(NotFound):
        registry.get("nonsense")


def test_the_document_is_the_registrys() -> None:
    text = DOCUMENT.read_text()
    assert text == written(text), "run python -m tests.marketdata.indicators.catalogue"


@ALL
def test_an_entry_is_whole(indicator: Indicator) -> None:
    assert re.fullmatch(r"[a-z_]+", indicator.name)
    assert 40 <= len(indicator.doc) <= 420
    assert indicator.origin.endswith(".")
    names = [each.name for each in indicator.parameters]
    # A chart's address carries them beside these.
    assert not {"symbol", "interval", "from", "to", "limit", "adjusted"} & set(names)
    assert len({each.name for each in indicator.outputs}) == len(indicator.outputs)
    for output in indicator.outputs:
        assert isinstance(output.shift, int) or output.shift.removeprefix("-") in names
    assert ("source" in indicator.inputs) == ("source" in names)
    assert ("against" in indicator.inputs) == ("against" in names)
    assert (indicator.anchored is not None) == ("anchor" in names)


@ALL
def test_defaults_are_within_bounds_and_what_lies_outside_is_refused(indicator: Indicator) -> None:
    defaults = indicator.read({})
    assert indicator.read(defaults) == defaults
    assert indicator.memory(numbers_of(indicator.parameters, defaults)) > 0
    for parameter in indicator.parameters:
        if parameter.kind in (Kind.INTEGER, Kind.NUMBER):
            for outside in (float(parameter.minimum or 0) - 1e-9, float(parameter.maximum or 0) + 1, -1, 10**9):
                with pytest.raises(InvalidInput) as refused:
                    indicator.read({parameter.name: outside})
                assert refused.value.code in ("parameter_out_of_bounds", "parameter_invalid")
                assert list(refused.value.errors) == [parameter.name]
            assert indicator.read({parameter.name: str(parameter.default)}) == defaults
    with pytest.raises(InvalidInput) as unknown:
        indicator.read({"nonsense" * 100: 1})
    assert unknown.value.code == "parameter_unknown"
    assert len(unknown.value.detail) < 300
