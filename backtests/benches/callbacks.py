"""Our engine at the bench's cross, written with hooks: what calling a strategy bar by bar costs."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal

from backtests.domain.engine import (
    BacktestSpec,
    Ending,
    Funds,
    MemoryMarket,
    SessionDay,
    StrategySpec,
    plain_listing,
    run,
)
from backtests.domain.kernel import Market
from core.clock import IST
from trading.brokers.domain.terms import Product
from trading.instruments.domain.sessions import Phase, PhaseWindow
from trading.marketdata.domain.bars import Interval, ist_days
from trading.strategies.domain import Bar, Context, Setup, Strategy

from .workload import CAPITAL, UNITS

_SYMBOL = "NSE:BENCH"
_EPOCH = date(1970, 1, 1).toordinal()


def engine_cross(market: Market, fast: int, slow: int) -> Callable[[], float]:
    """A run over the market's minutes, through the paper exchange's matching; its final equity in rupees."""

    class Cross(Strategy):
        key = "bench_callbacks"

        def setup(self, setup: Setup) -> None:
            self.fast = setup.indicator("sma", period=fast)
            self.slow = setup.indicator("sma", period=slow)

        def on_bar(self, ctx: Context, bar: Bar) -> None:
            held, gap = ctx.position().quantity, self.fast.now - self.slow.now
            if gap > 0 and held <= 0:
                ctx.target(UNITS)
            elif gap < 0 and held >= 0:
                ctx.target(-UNITS)

    days = [date.fromordinal(_EPOCH + day) for day in dict.fromkeys(ist_days(market.bars.start).tolist())]
    data = MemoryMarket(
        listings={_SYMBOL: plain_listing(_SYMBOL, tick="1")},
        bars_by={(_SYMBOL, Interval.M1): market.bars},
        days=[_session(day) for day in days],
    )
    spec = BacktestSpec(
        strategies=(
            StrategySpec(
                strategy=Cross, name="bench", symbols=(_SYMBOL,), interval=Interval.M1, product=Product.INTRADAY
            ),
        ),
        first=days[0],
        last=days[-1],
        capital=CAPITAL,
        funds=Funds.ENDLESS,
        # The other ones know of no session's end either: all make the same trades.
        square_off=False,
    )

    def work() -> float:
        result = run(spec, data)
        if result.ending is not Ending.FINISHED or not result.fills:
            raise RuntimeError(f"the engine ended as {result.ending}: {result.reason}")
        return float(Decimal(result.final_paise) / 100)

    return work


def _session(day: date) -> SessionDay:
    """Every day trades here, Sundays too: the market is made up."""
    opens, closes = (datetime.combine(day, at, IST).astimezone(UTC) for at in (time(9, 15), time(15, 30)))
    return SessionDay(day, (PhaseWindow(Phase.CONTINUOUS, opens, closes),))
