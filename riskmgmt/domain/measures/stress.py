"""What-if: the book revalued with every driver moved by so much and every volatility by so much."""

from dataclasses import dataclass

import numpy as np

from .book import Book

PRICE_MOVES = (-0.20, -0.10, -0.05, -0.02, 0.0, 0.02, 0.05, 0.10, 0.20)
VOLATILITY_MOVES = (-0.10, 0.0, 0.10, 0.25)


@dataclass(frozen=True, slots=True)
class NamedScenario:
    """A day that happened, or could: the return of every driver, and what is added to every volatility."""

    name: str
    price_move: float
    volatility_move: float


# Moves of the NIFTY 50 from close to close. What volatility does beside them is rounded, and before 2020 a guess.
HISTORY = (
    NamedScenario("Election result, 4 June 2024", -0.0593, 0.06),
    NamedScenario("Covid crash, 23 March 2020", -0.1298, 0.05),
    NamedScenario("Global crisis, 24 October 2008", -0.1220, 0.10),
    NamedScenario("Election result, 18 May 2009", 0.1774, 0.00),
)


@dataclass(frozen=True, slots=True)
class StressGrid:
    """P&L in rupees by price move (columns) and volatility move (rows)."""

    price_moves: tuple[float, ...]
    volatility_moves: tuple[float, ...]
    pnl: tuple[tuple[float, ...], ...]

    @property
    def worst(self) -> float:
        """The lowest P&L of the grid."""
        return min((each for row in self.pnl for each in row), default=0.0)


def stress_grid(
    book: Book,
    *,
    price_moves: tuple[float, ...] = PRICE_MOVES,
    volatility_moves: tuple[float, ...] = VOLATILITY_MOVES,
) -> StressGrid:
    """The book under every pair of moves, all drivers together."""
    moves = np.repeat(np.array(price_moves)[:, np.newaxis], len(book.drivers), axis=1)
    rows = tuple(
        tuple(float(each) for each in book.pnl(moves, volatility_shift=shift)) for shift in volatility_moves
    )
    return StressGrid(price_moves, volatility_moves, rows)


def scenario_pnl(book: Book, scenario: NamedScenario) -> float:
    """P&L in rupees if it happened now."""
    moves = np.full((1, len(book.drivers)), scenario.price_move)
    return float(book.pnl(moves, volatility_shift=scenario.volatility_move)[0])
