"""A runner of strategies that is made to be killed: `python -m tests.faults.strategy_runner`.

The process that starts does no work itself. It imports everything once and forks a runner for each line of its
input, whose process id it prints; quotes move in the runner's own process, on a thread, because prices are not what
is tested.
"""

import os
import random
import signal
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

KEY = "NSE:RELIANCE"
QUOTE_SECONDS = 0.02


def main() -> None:
    """Fork a runner a line of standard input, until it ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    import django

    django.setup()
    from django.conf import settings

    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    settings.PRE_TRADE_GATES = ["tests.orders.desk.OpenGate"]
    from tests.strategies.runs.strategies import install

    install()
    from trading.strategies.runner import runner
    from trading.strategies.services.runs import lease

    # Everything is quicker than in life, in proportion.
    lease.LEASE = timedelta(seconds=1)
    runner._RENEW_SECONDS, runner._CLAIM_SECONDS, runner._ROUND_SECONDS = 0.2, 0.2, 0.1
    say("ready")
    for line in sys.stdin:
        if os.fork() == 0:
            work(random.Random(int(line)))


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def work(chance: random.Random) -> None:
    """Drive runs until killed."""
    from trading.strategies.runner.runner import Runner

    threading.Thread(target=move_quotes, args=[chance], daemon=True).start()
    runner = Runner()
    runner.start()
    say(str(os.getpid()))
    while True:
        time.sleep(1)


def move_quotes(chance: random.Random) -> None:
    """A price that walks, with a deep book around it."""
    from core.clock import wall_now
    from trading.marketdata.domain.quote import DepthLevel, Quote
    from trading.marketdata.services import quote_publish

    sequence = int(time.time() * 1000)
    ltp = Decimal("100.00")
    while True:
        sequence += 1
        ltp = max(ltp + Decimal(chance.choice((-1, 0, 1))) / 20, Decimal("50.00"))
        around: Any = DepthLevel
        quote = Quote(
            key=KEY, ltp=ltp, open=ltp, high=ltp, low=ltp, close=ltp,
            bids=(around(ltp - Decimal("0.05"), 10**6),), asks=(around(ltp, 10**6),),
            timestamp=datetime.now(UTC), received_at=wall_now(), source="simulated", sequence=sequence,
        )  # fmt: skip
        quote_publish([quote])
        time.sleep(QUOTE_SECONDS)


if __name__ == "__main__":
    main()
