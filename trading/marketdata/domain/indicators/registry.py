"""All indicators, by name."""

from core.errors import NotFound

from . import (
    averages,
    bands,
    heikin_ashi,
    ichimoku,
    levels,
    momentum,
    oscillators,
    pivots,
    statistics,
    trend,
    volume,
)
from .definition import Group, Indicator

_ALL: tuple[Indicator, ...] = (
    *averages.INDICATORS,
    *trend.INDICATORS,
    *ichimoku.INDICATORS,
    *momentum.INDICATORS,
    *oscillators.INDICATORS,
    *bands.INDICATORS,
    *volume.INDICATORS,
    *levels.INDICATORS,
    *pivots.INDICATORS,
    *statistics.INDICATORS,
    *heikin_ashi.INDICATORS,
)
_ORDER = list(Group)
_BY_NAME = {indicator.name: indicator for indicator in sorted(_ALL, key=lambda each: _ORDER.index(each.group))}


def all() -> tuple[Indicator, ...]:
    """Every indicator, by group as menus show them."""
    return tuple(_BY_NAME.values())


def get(name: str) -> Indicator:
    """The indicator of that name. Raises NotFound, `unknown_indicator`."""
    indicator = _BY_NAME.get(name)
    if indicator is None:
        raise NotFound("No such indicator.", code="unknown_indicator")
    return indicator
