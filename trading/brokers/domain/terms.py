"""The words of an order that every broker knows, in this house's spelling.

They hash as the text that they are, in C: an enumeration's own hash is a Python function, and orders and positions
are looked up by these all the time.
"""

from enum import StrEnum


class Side(StrEnum):
    """Which way an order goes."""

    __hash__ = str.__hash__
    BUY = "BUY"
    SELL = "SELL"

    @property
    def sign(self) -> int:
        """+1 for BUY, -1 for SELL: the direction in which a fill moves a signed position."""
        return 1 if self is Side.BUY else -1


class OrderType(StrEnum):
    """How an order is priced. SL and SL_M wait for a trigger price, then become LIMIT and MARKET."""

    __hash__ = str.__hash__
    MARKET = "MARKET"
    LIMIT = "LIMIT"
    SL = "SL"
    SL_M = "SL_M"

    @property
    def is_stop(self) -> bool:
        """Whether an order of this type waits for its trigger price."""
        return self in (OrderType.SL, OrderType.SL_M)

    @property
    def has_limit(self) -> bool:
        """Whether an order of this type names the worst price at which it trades."""
        return self in (OrderType.LIMIT, OrderType.SL)


class Product(StrEnum):
    """How a position is carried.

    INTRADAY is for the day on margin; DELIVERY is paid in full and kept; NORMAL carries a derivative to its expiry;
    MTF is delivery bought on borrowed money.
    """

    __hash__ = str.__hash__
    INTRADAY = "INTRADAY"
    DELIVERY = "DELIVERY"
    NORMAL = "NORMAL"
    MTF = "MTF"

    @property
    def takes_delivery(self) -> bool:
        """Whether the shares go to the demat account, so that none can be sold that are not held."""
        return self in (Product.DELIVERY, Product.MTF)


class Validity(StrEnum):
    """How long an order stands: DAY until the session ends, IOC for a moment (immediate or cancel)."""

    __hash__ = str.__hash__
    DAY = "DAY"
    IOC = "IOC"
