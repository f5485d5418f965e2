"""How much of a sweep's best is luck: what is kept of each combination for it, and what comes out at the end."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backtests.domain.figures import known
from backtests.domain.overfitting import (
    Blocks,
    Deflated,
    Together,
    blocked,
    cross_validated,
    deflated_sharpe,
    most_blocks,
)
from backtests.models import Cell, Run, Search

from .evaluating import Tried

_YEAR = 252


def parts_of(returns: NDArray[np.float64] | None) -> bytes | None:
    """A combination's daily returns as its column `parts`; None where there are too few to be cut into blocks."""
    blocks = most_blocks(len(returns)) if returns is not None else 0
    if returns is None or not blocks:
        return None
    found = blocked(returns[:, None], blocks)
    return np.concatenate((found.sums[:, 0], found.squares[:, 0])).tobytes()


def together_write(run: Run, tried: Sequence[Tried]) -> None:
    """Add the daily returns of combinations to those that were stored before; the caller stores the combinations in
    the same transaction, under the run's lease."""
    returns = [found.returns for found in tried if found.returns is not None]
    if run.kind != Run.Kind.SWEEP or not returns:
        return
    search = run.search
    before = Together.from_bytes(search.together) if search.together is not None else None
    days = len(before.sums) if before is not None else max(map(len, returns))
    # A combination that ended early has fewer days than the others: it has no correlation with them.
    found = Together.of(np.column_stack([each for each in returns if len(each) == days] or [np.zeros(days)]))
    if before is not None:
        found = before + found
    search.together = found.to_bytes()
    Search.objects.filter(run=run).update(together=search.together)


def luck_of(cells: Sequence[Cell], together: bytes | memoryview | None) -> dict[str, Any]:
    """The columns of `Search` that say so; None where it cannot be told. `together` is the search's own."""
    over = [cell for cell in cells if cell.status != Cell.Status.WAITING]
    effective = Together.from_bytes(together).effective() if together is not None else None
    cautious, fair = _deflated(over, None), _deflated(over, effective)
    return {
        "trials": len(over),
        "effective_trials": effective,
        "deflated_sharpe": known(cautious.probability) if cautious else None,
        "expected_best_sharpe": known(cautious.expected_best * _YEAR**0.5) if cautious else None,
        "deflated_effective": known(fair.probability) if fair and effective is not None else None,
        **_overfitting(over),
    }


def _deflated(cells: Sequence[Cell], trials: float | None) -> Deflated | None:
    """The deflated Sharpe ratio of the best of all that were tried; None where no ratio is known."""
    rated = [cell for cell in cells if cell.sharpe is not None]
    if not rated:
        return None
    top = max(rated, key=lambda cell: cell.sharpe or 0.0)
    sharpes = np.array([np.nan if cell.sharpe is None else cell.sharpe for cell in cells]) / _YEAR**0.5
    return deflated_sharpe(
        sharpes,
        periods=top.days or 0,
        skew=top.skew if top.skew is not None else 0.0,
        kurtosis=top.kurtosis if top.kurtosis is not None else 3.0,
        trials=trials,
    )


def _overfitting(cells: Sequence[Cell]) -> dict[str, Any]:
    rows = [(cell.days or 0, np.frombuffer(cell.parts, dtype=np.float64)) for cell in cells if cell.parts]
    days = max((each for each, _ in rows), default=0)
    blocks = most_blocks(days)
    parts = [row for each, row in rows if each == days and len(row) == 2 * blocks]
    if len(parts) < 2 or not np.any(parts):
        # Of combinations that never traded none is better than another.
        return {"overfit_probability": None, "overfit_loss": None, "overfit_splits": None}
    columns = np.column_stack(parts)
    found = cross_validated(Blocks(columns[:blocks], columns[blocks:], days // blocks))
    return {
        "overfit_probability": found.probability,
        "overfit_loss": found.chance_of_loss,
        "overfit_splits": found.splits,
    }
