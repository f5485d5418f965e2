"""What a strategy holds: a fold of its own fills, by instrument, whatever else the account holds."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal
from typing import Any

from core.money import from_paise, to_paise
from trading.portfolio.domain.margin import MarginRates, MarginTerms
from trading.portfolio.domain.position import FLAT, PositionFill, PositionState, apply_fill
from trading.portfolio.domain.trade import Segment

from ..market import Fill, Holding

_ZERO = Decimal(0)
# A strategy's own book knows no margin: that is its account's.
_UNMARGINED = MarginTerms(Segment.EQ_DELIVERY, MarginRates(Decimal(0), Decimal(0)))


class Holdings:
    """Positions by symbol, in whole paise."""

    def __init__(self) -> None:
        self.states: dict[str, PositionState] = {}
        self._last: dict[str, Decimal] = {}

    def fill(self, fill: Fill, day: date) -> None:
        """Fold a trade in; its price is the last one known until a better one comes."""
        before = self.states.get(fill.symbol, FLAT)
        taken = PositionFill(fill.side, fill.quantity, fill.price, day, to_paise(fill.charges))
        self.states[fill.symbol] = apply_fill(before, taken, _UNMARGINED).after
        self._last[fill.symbol] = fill.price

    def move(
        self, symbol: str, *, quantity: int, value_paise: int, realised_paise: int, charges_paise: int
    ) -> None:
        """Add to a position what another event than a trade did to it; all are changes."""
        before = self.states.get(symbol, FLAT)
        self.states[symbol] = replace(
            before,
            quantity=before.quantity + quantity,
            open_value_paise=before.open_value_paise + value_paise,
            realised_pnl_paise=before.realised_pnl_paise + realised_paise,
            charges_paise=before.charges_paise + charges_paise,
        )

    def quantity(self, symbol: str) -> int:
        """Signed units."""
        state = self.states.get(symbol)
        return 0 if state is None else state.quantity

    def holding(self, symbol: str, ltp: Decimal | None) -> Holding:
        """As the strategy sees it; without a last price the one of the last trade stands in."""
        last = ltp if ltp is not None else self._last.get(symbol, _ZERO)
        state = self.states.get(symbol, FLAT)
        return Holding(
            symbol, state.quantity, state.open_value_paise, state.realised_pnl_paise, state.charges_paise, last
        )

    def earned(self, prices: Mapping[str, Decimal | None]) -> Decimal:
        """Rupees since the beginning, after charges, with what is open at the given prices."""
        realised = sum(state.realised_pnl_paise - state.charges_paise for state in self.states.values())
        worth = Decimal(0)
        for symbol, state in self.states.items():
            if state.quantity:
                last = prices.get(symbol) or self._last.get(symbol, Decimal(0))
                cost = state.open_value_paise if state.quantity > 0 else -state.open_value_paise
                worth += last * state.quantity - from_paise(cost)
        return from_paise(realised) + worth

    def open_symbols(self) -> list[str]:
        """Those that are not flat; what was sold comes first, because buying it back frees margin."""
        held = [symbol for symbol, state in self.states.items() if state.quantity]
        return sorted(held, key=lambda symbol: self.states[symbol].quantity > 0)

    def to_json(self) -> dict[str, Any]:
        """All states as JSON values."""
        return {
            symbol: {name: value for name, value in asdict(state).items() if not name.startswith("day")}
            | {"last": str(self._last.get(symbol, ""))}
            for symbol, state in self.states.items()
        }

    def from_json(self, rows: Mapping[str, Any]) -> None:
        """What `to_json` gave."""
        for symbol, row in rows.items():
            fields = dict(row)
            last = fields.pop("last", "")
            self.states[symbol] = PositionState(**fields)
            if last:
                self._last[symbol] = Decimal(last)
