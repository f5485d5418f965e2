"""A row of a bhavcopy, whatever the file's format."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from trading.instruments.domain.keys import InstrumentKey, Right


class BhavcopyFault(StrEnum):
    """Why a row of a bhavcopy was refused."""

    BAD_COLUMNS = "bad_columns"
    BAD_ENCODING = "bad_encoding"
    BAD_SYMBOL = "bad_symbol"
    BAD_DATE = "bad_date"
    BAD_NUMBER = "bad_number"
    IMPOSSIBLE_PRICES = "impossible_prices"
    NEGATIVE_VOLUME = "negative_volume"
    CONFLICTING_ROW = "conflicting_row"


class CellRefused(Exception):
    """A cell that cannot be; its row is refused."""

    def __init__(self, fault: BhavcopyFault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class ContractTerms:
    """What a row says of the future or option itself."""

    underlying: str
    right: Right
    expiry: date
    strike: Decimal | None
    lot_size: int
    on_index: bool
    underlying_close: Decimal | None


@dataclass(frozen=True, slots=True)
class Quoted:
    """One instrument's day; rupees and units. `settlement` and `contract` are futures' and options'."""

    row: int
    key: InstrumentKey
    date: date
    series: str
    isin: str
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int
    oi: int = 0
    previous_close: Decimal | None = None
    turnover: Decimal | None = None
    trades: int | None = None
    delivered: int | None = None
    settlement: Decimal | None = None
    contract: ContractTerms | None = None

    def same_as(self, other: "Quoted") -> bool:
        """Whether two rows say the same, wherever in the file they stand."""
        return all(
            getattr(self, name) == getattr(other, name) for name in self.__slots__ if name not in ("row", "series")
        )

    @property
    def is_possible(self) -> bool:
        """Whether its prices agree with one another."""
        return (
            0 < self.low <= self.open <= self.high
            and self.low <= self.close <= self.high
            and (self.previous_close is None or self.previous_close > 0)
        )
