"""How the option chain writes its figures; `static/js/options.js` writes live ones alike."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import template

from core.money import format_inr
from core.templatetags.desk import DASH, price, qty, signed

register = template.Library()

_LAKH = 100_000
_PLACES = {"delta": 2, "gamma": 5, "theta": 1, "vega": 2, "rho": 2}


@register.filter
def figure(value: Any, kind: str) -> str:
    """A figure of the chain's head: price, whole (no paise), percent, points (signed), ratio, units, strike."""
    if value is None:
        return DASH
    if kind == "units":
        return units(value)
    if kind == "strike":
        return str(price(value)).removesuffix(".00")
    if kind == "whole":
        return str(format_inr(Decimal(str(value)), places=0, symbol=""))
    if kind == "percent":
        return f"{value:.2f}%"
    if kind == "points":
        return str(signed(value, 2))
    return f"{value:.2f}" if kind == "ratio" else str(price(value))


@register.filter
def leg_figure(value: Any, column: str) -> str:
    """A figure of a leg by its column."""
    if value is None:
        return DASH
    if column == "volume" or column == "oi":
        return units(value)
    if column == "oi_change":
        return ("+" if value > 0 else "−" if value < 0 else "") + units(abs(value))
    if column == "change":
        return str(signed(value, 2))
    if column == "iv":
        return f"{value:.1f}"
    if column in _PLACES:
        return f"{value:.{_PLACES[column]}f}".replace("-", "−")
    return str(price(value)).replace("-", "−")


@register.filter
def named(names: Mapping[str, str], name: str) -> str:
    """The label of a column."""
    return names[name]


@register.filter
def percent(value: float) -> str:
    """A fraction in per cent, as it is entered."""
    return f"{value * 100:g} %".replace("-", "−")


def units(value: Any) -> str:
    """A large number as a trader reads it: lakhs from one lakh on."""
    return f"{value / _LAKH:,.1f}L" if abs(value) >= _LAKH else str(qty(value))
