"""How the desk writes numbers, times and icons. A missing value is a dash, never a zero."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import money
from core.clock import IST
from core.money import format_inr, group_indian

register = template.Library()

DASH = "–"
MINUS = "−"


def _decimal(value: Any) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def tick_places(tick: Any) -> int:
    """Decimals that a price with this tick (rupees) is written with: two, or more for a finer tick."""
    number = _decimal(tick)
    if number is None:
        return 2
    exponent = number.normalize().as_tuple().exponent
    return max(2, -exponent) if isinstance(exponent, int) else 2


def _plain(number: Decimal, places: int) -> str:
    return format_inr(number, places=places, symbol="")


def _with_sign(number: Decimal, text: str) -> str:
    return f"+{text}" if number > 0 and text.strip("₹0.,%") else text


@register.filter
def inr(value: Any, places: int = 2) -> str:
    """Rupees: `₹12,34,567.80`."""
    number = _decimal(value)
    return DASH if number is None else format_inr(number, places=places)


@register.filter
def inr_signed(value: Any, places: int = 2) -> str:
    """Rupees gained or lost: `+₹8,412.60`, `−₹70.00`."""
    number = _decimal(value)
    return DASH if number is None else _with_sign(number, format_inr(number, places=places))


@register.filter
def qty(value: Any) -> str:
    """A quantity with Indian grouping; short positions carry a minus: `−1,200`."""
    number = _decimal(value)
    if number is None:
        return DASH
    return (MINUS if number < 0 else "") + group_indian(str(abs(int(number))))


@register.filter
def grouped(value: Any) -> str:
    """A figure with Indian grouping and no more decimals than it has; text that is no number stays as it is."""
    number = _decimal(value)
    if number is None:
        return str(value or "")
    exponent = number.normalize().as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return _plain(number, max(2, decimals) if decimals else 0)


@register.filter
def price(value: Any, tick: Any = None) -> str:
    """A price in rupees without the sign of the currency, to the decimals of its tick."""
    number = _decimal(value)
    return DASH if number is None else _plain(number, tick_places(tick))


@register.filter
def plain_price(value: Any, tick: Any = None) -> str:
    """A price as a field takes it, without grouping; what is no number stays as it was typed."""
    number = _decimal(value)
    if number is None:
        return str(value or "")
    return f"{number:.{tick_places(tick)}f}"


@register.filter
def places(tick: Any) -> int:
    """Decimals that prices with this tick are written with, for scripts to do the same."""
    return tick_places(tick)


@register.filter
def magnitude(value: Any) -> Decimal | None:
    """A number without its sign, for words that carry the direction themselves."""
    number = _decimal(value)
    return None if number is None else abs(number)


@register.filter
def from_paise(value: Any) -> Decimal | None:
    """Rupees of an amount in paise."""
    return None if value in (None, "") else money.from_paise(int(value))


@register.filter
def signed(value: Any, places: int = 2) -> str:
    """A change: `+7.25`, `−0.40`, `0.00`."""
    number = _decimal(value)
    return DASH if number is None else _with_sign(number, _plain(number, places))


@register.filter
def pct(value: Any, places: int = 2) -> str:
    """A percentage change, given in per cent: `+0.48%`."""
    number = _decimal(value)
    return DASH if number is None else _with_sign(number, _plain(number, places) + "%")


@register.filter
def tone(value: Any) -> str:
    """The CSS class of a gain or a loss; nothing for zero or unknown."""
    number = _decimal(value)
    if not number:
        return ""
    return "gain" if number > 0 else "loss"


@register.filter
def ist(value: datetime | None) -> str:
    """A moment in India: `21 Nov 2026, 14:05:03`."""
    return DASH if value is None else f"{value.astimezone(IST):%-d %b %Y, %H:%M:%S}"


@register.filter
def ist_time(value: datetime | None) -> str:
    """The time of day in India: `14:05:03`."""
    return DASH if value is None else f"{value.astimezone(IST):%H:%M:%S}"


@register.filter
def ist_date(value: date | datetime | None) -> str:
    """A date in India: `21 Nov 2026`."""
    if value is None:
        return DASH
    day = value.astimezone(IST) if isinstance(value, datetime) else value
    return f"{day:%-d %b %Y}"


@register.filter
def ist_iso(value: datetime | None) -> str:
    """The machine-readable twin of `ist`, for `<time datetime>` and data attributes."""
    return "" if value is None else value.astimezone(IST).isoformat()


# What people write as it is.
_ABBREVIATIONS = {"SL": "SL", "SL_M": "SL-M", "IOC": "IOC", "MTF": "MTF", "OCO": "OCO", "MULTI_LEG": "Multi-leg"}


@register.filter
def words(value: Any) -> str:
    """An upper-case code as a reader says it: `PARTIALLY_FILLED` is `Partially filled`."""
    if value in _ABBREVIATIONS:
        return _ABBREVIATIONS[value]
    text = str(value or "").replace("_", " ").strip()
    return text[:1].upper() + text[1:].lower()


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """A symbol of the sprite; decorative, so the control around it carries the name."""
    return format_html(
        '<svg class="i {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        size,
        static("img/sprite.svg"),
        name,
    )


@register.simple_tag
def bar(value: Any, maximum: Any) -> SafeString:
    """A horizontal bar as SVG, `value` of `maximum` wide (the CSP allows no style attribute)."""
    return format_html(
        '<svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{}" height="1"></rect></svg>',
        _share(value, maximum),
    )


@register.simple_tag
def meter(used: Any, limit: Any, label: str = "") -> SafeString:
    """How much of a limit is used; turns to a warning from 80 % and to loss from 100 %."""
    share = _share(used, limit)
    level = "bad" if share >= 100 else "warn" if share >= 80 else ""
    return format_html(
        '<svg class="meter {}" viewBox="0 0 100 4" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect width="{}" height="4"></rect></svg>',
        level,
        label or f"{share:.0f}% used",
        share,
    )


def _share(value: Any, maximum: Any) -> Decimal:
    part, whole = _decimal(value), _decimal(maximum)
    if part is None or not whole:
        return Decimal(0)
    return min(Decimal(100), max(Decimal(0), part / whole * 100)).quantize(Decimal("0.1"))
