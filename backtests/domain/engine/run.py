"""One run from its first session to its last."""

from collections.abc import Callable

from .data import MarketData
from .loop import Course
from .result import BacktestResult
from .spec import BacktestSpec


def run(
    spec: BacktestSpec,
    data: MarketData,
    *,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> BacktestResult:
    """Run it. `progress` is told the share that is done (0 to 1) after each session, `cancelled` asked before each
    and whenever bars are told.

    Raises NotFound (`unknown_symbol`) and InvalidInput (`no_sessions`, `symbols_unfit`, a strategy's settings) for
    what cannot be begun. What goes wrong afterwards ends the run with its reason, and with what it came to so far.
    """
    return Course(spec, data).run(progress, cancelled)
