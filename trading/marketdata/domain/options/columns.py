"""What a chain can show beside premium and strike, from the outside in."""

from collections.abc import Iterable

COLUMNS = {
    "gamma": "Gamma",
    "vega": "Vega",
    "theta": "Theta",
    "rho": "Rho",
    "delta": "Delta",
    "iv": "IV",
    "volume": "Volume",
    "oi_change": "OI change",
    "oi": "OI",
    "time_value": "Time value",
    "bid": "Bid",
    "ask": "Ask",
    "change": "Change",
}
DEFAULT = ("delta", "iv", "oi_change", "oi", "change")


def known_columns(names: Iterable[str]) -> tuple[str, ...]:
    """The known ones of these names, in the order of `COLUMNS`."""
    wanted = set(names)
    return tuple(name for name in COLUMNS if name in wanted)
