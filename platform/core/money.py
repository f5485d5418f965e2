"""Rupees and paise. Money is Decimal rupees at the edges and integer paise in the ledger; never float."""

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

PAISE_PER_RUPEE = 100
PAISA = Decimal("0.01")


def to_paise(rupees: Decimal, *, rounding: str = ROUND_HALF_UP) -> int:
    """Whole paise for an amount in rupees; a fraction of a paisa is rounded half up, as contract notes do."""
    if not rupees.is_finite():
        raise ValueError(f"not an amount of money: {rupees}")
    return int((rupees * PAISE_PER_RUPEE).to_integral_value(rounding))


def from_paise(paise: int) -> Decimal:
    """Rupees with two decimals for an integer number of paise."""
    return Decimal(paise).scaleb(-2)


def rupee_text(paise: int) -> str:
    """Paise as an interface tells them: a decimal string of rupees with two places, `-12.05`."""
    whole, part = divmod(abs(paise), PAISE_PER_RUPEE)
    return f"{'-' if paise < 0 else ''}{whole}.{part:02d}"


def is_on_tick(price: Decimal, tick: Decimal) -> bool:
    """Whether a price (rupees) is a whole multiple of the tick (rupees)."""
    return price % tick == 0


def round_to_tick(price: Decimal, tick: Decimal, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """The multiple of `tick` nearest to `price`; `rounding` is one of decimal's modes."""
    return (price / tick).quantize(Decimal(1), rounding=rounding) * tick


def group_indian(digits: str) -> str:
    """Commas the Indian way: the last three digits, then pairs. `"1234567"` gives `"12,34,567"`."""
    head, tail = digits[:-3], digits[-3:]
    pairs: list[str] = []
    while len(head) > 2:
        pairs.insert(0, head[-2:])
        head = head[:-2]
    return ",".join([part for part in [head, *pairs] if part] + [tail])


def format_inr(rupees: Decimal, *, places: int = 2, symbol: str = "₹") -> str:
    """An amount as Indian readers write it: `₹12,34,567.80`, negatives as `−₹8,412.60` (U+2212)."""
    rounded = rupees.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    whole, _, fraction = f"{abs(rounded):f}".partition(".")
    sign = "−" if rounded < 0 else ""
    return f"{sign}{symbol}{group_indian(whole)}" + (f".{fraction}" if fraction else "")
