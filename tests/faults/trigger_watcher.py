"""Watches triggers and is made to be killed: `python -m tests.faults.trigger_watcher`.

The process that starts does no work itself. It imports everything once, then forks a watcher for each line it
reads: `listener` or `sweep`. The watcher prints its process id once it looks.
"""

import os
import signal
import sys
import time


def main() -> None:
    """Fork a watcher a line of standard input, until it ends."""
    import django

    django.setup()
    from django.conf import settings

    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    settings.PRE_TRADE_GATES = ["tests.orders.desk.OpenGate"]
    import trading.orders.monitor.listener
    import trading.orders.monitor.sweep  # noqa: F401 - what a watcher needs is loaded before the first fork

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        if os.fork() == 0:
            watch(line.strip())


def watch(kind: str) -> None:
    """Watch until killed, by the listener's way or by the sweep's."""
    from core.tenancy import system_scope
    from trading.marketdata.selectors import quotes_latest
    from trading.orders.monitor.listener import TriggerMonitor
    from trading.orders.monitor.sweep import sweep_triggers

    monitor = TriggerMonitor() if kind == "listener" else None
    told = False
    while True:
        if monitor is not None:
            monitor.on_quotes(quotes_latest(["NSE:RELIANCE"]))
        else:
            with system_scope():
                sweep_triggers()
        if not told:
            sys.stdout.write(f"{os.getpid()}\n")
            sys.stdout.flush()
            told = True
        time.sleep(0.01)


if __name__ == "__main__":
    main()
