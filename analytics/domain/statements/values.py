"""Dates, times and numbers as they stand in statements, read strictly: what is not understood is refused."""

import re
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation

from core.clock import IST
from trading.brokers.domain.terms import Side

_DAY_FIRST = ("%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%y", "%d/%m/%y")
_MONTH_FIRST = ("%m-%d-%Y", "%m/%d/%Y")
_ANY = ("%Y-%m-%d", "%Y/%m/%d", "%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%d-%b-%y", "%b %d, %Y", "%d%b%Y")
_TIMES = ("%H:%M:%S", "%H:%M:%S.%f", "%H:%M", "%I:%M:%S %p", "%I:%M %p")
_SIDES = {
    "b": Side.BUY,
    "buy": Side.BUY,
    "bought": Side.BUY,
    "s": Side.SELL,
    "sell": Side.SELL,
    "sold": Side.SELL,
}
_LARGEST = Decimal(10) ** 12
_PLACES = 6
"""Decimals that are kept of a number; so large and so fine is what a row of a statement can hold."""
_GROUPED = re.compile(r"^[+-]?(\d{1,3}(,\d{2,3})*|\d+)(\.\d+)?$", re.ASCII)


class Unreadable(ValueError):
    """A cell that is not what its column holds. `code` is stable."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def read_date(text: str, *, day_first: bool = True) -> date:
    """A calendar day; a time behind it is left out. Raises Unreadable, `bad_date`."""
    word = text.strip()
    head = re.split(r"[T ](?=\d{1,2}:)", word, maxsplit=1)[0]
    for pattern in (*_ANY, *(_DAY_FIRST if day_first else _MONTH_FIRST)):
        try:
            found = datetime.strptime(head, pattern).replace(tzinfo=IST).date()
        except ValueError:
            continue
        if not 1990 <= found.year <= 2100:
            break
        return found
    raise Unreadable("bad_date", f"{text[:40]!r} is not a date")


def read_time(text: str) -> time | None:
    """A time of the day, None for nothing; a date before it is left out. Raises Unreadable, `bad_time`."""
    word = text.strip()
    if not word:
        return None
    found = re.search(r"\d{1,2}:\d{2}(:\d{2}(\.\d{1,6})?)?(\s*[AaPp][Mm])?", word)
    if found is not None:
        for pattern in _TIMES:
            try:
                return datetime.strptime(found[0].upper(), pattern).replace(tzinfo=IST).time()
            except ValueError:
                continue
    raise Unreadable("bad_time", f"{text[:40]!r} is not a time")


def read_number(text: str, *, empty: Decimal | None = None) -> Decimal:
    """A number with or without grouping, in brackets or with a minus for less than nothing, with a rupee sign or
    "Cr"/"Dr" behind it. Raises Unreadable, `bad_number`; so does an empty cell unless `empty` stands for it."""
    word = re.sub(r"(?i)^(₹|rs\.?|inr)\s*", "", text.strip()).strip()
    if word in ("", "-", "–"):
        if empty is not None:
            return empty
        raise Unreadable("bad_number", "the cell is empty")
    negative = word.startswith("(") and word.endswith(")")
    word = word.strip("()").strip()
    ending = re.fullmatch(r"(?i)(.*?)\s*(cr|dr)\.?", word)
    if ending is not None:
        word, negative = ending[1], negative != (ending[2].lower() == "dr")
    if not _GROUPED.fullmatch(word):
        raise Unreadable("bad_number", f"{text[:40]!r} is not a number")
    try:
        value = Decimal(word.replace(",", ""))
    except InvalidOperation as error:
        raise Unreadable("bad_number", f"{text[:40]!r} is not a number") from error
    # First the size: of a number of a hundred digits decimals cannot be cut off.
    if abs(value) >= _LARGEST or abs(value := round(value, _PLACES)) >= _LARGEST:
        raise Unreadable("bad_number", f"{text[:40]!r} is too large")
    return -value if negative else value


def read_units(text: str) -> int:
    """Whole units, not negative. Raises Unreadable, `bad_quantity`."""
    value = read_number(text)
    if value != value.to_integral_value() or value < 0:
        raise Unreadable("bad_quantity", f"{text[:40]!r} is not a number of units")
    return int(value)


def read_side(text: str) -> Side:
    """Raises Unreadable, `bad_side`."""
    found = _SIDES.get(text.strip().lower())
    if found is None:
        raise Unreadable("bad_side", f"{text[:40]!r} is neither buy nor sell")
    return found


def read_right(text: str) -> str:
    """CE or PE, of a kind such as "European Call" too; what is neither, such as "EQ" or "FUT", is ''."""
    word = text.strip().upper().rpartition(" ")[2]
    return {"CE": "CE", "PE": "PE", "CALL": "CE", "PUT": "PE", "C": "CE", "P": "PE"}.get(word, "")
