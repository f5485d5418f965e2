"""Watches triggers and is made to be killed: `python -m tests.faults.trigger_watcher listener|sweep`."""

import sys
import time


def main(kind: str) -> None:
    """Watch until killed, by the listener's way or by the sweep's; prints a line once it looks."""
    import django

    django.setup()
    from django.conf import settings

    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    settings.PRE_TRADE_GATES = ["tests.orders.desk.OpenGate"]
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
            sys.stdout.write("looking\n")
            sys.stdout.flush()
            told = True
        time.sleep(0.01)


if __name__ == "__main__":
    main(sys.argv[1])
