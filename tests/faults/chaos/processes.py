"""The processes of a run, made to be killed: `python -m tests.faults.chaos.processes WARMING-ACTOR`.

The process that starts does no work itself. It imports everything once and forks one of these for each line of its
input (JSON: role, address, actor, seed, settings), whose process id it prints:
*web* answers clients on a socket by the real services, *router* does what the Celery worker's rounds do, *feed*
moves quotes. All speak to the real PostgreSQL and Redis.
"""

import json
import os
import random
import signal
import sys
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.faults.order_server import move_quotes, say, warm_up, work

# Everything is quicker than in life, in proportion.
PACE: dict[str, Any] = {
    "BROKER_CALL_TIMEOUT": timedelta(milliseconds=250),
    "ROUTE_SEND_WITHIN": timedelta(milliseconds=300),
    "ROUTE_MAX_AGE": timedelta(seconds=4),
    "ROUTE_PRESUME_AFTER": timedelta(milliseconds=1200),
    "ROUTE_STALE_AFTER": timedelta(seconds=2),
    "ROUTE_IDLE_READ": timedelta(milliseconds=100),
    "ROUTE_POSITIONS_EVERY": timedelta(milliseconds=500),
    "ROUTE_LEASE": timedelta(milliseconds=500),
    "SIMULATED_MARKET_ALWAYS_OPEN": True,
    "PRE_TRADE_GATES": ["tests.orders.desk.OpenGate"],
}
ROUND_SECONDS = 0.02


def main(warming_actor: str) -> None:
    """Fork a process a line of standard input, until it ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    warm_up(json.loads(warming_actor))
    import trading.orders.tasks
    from trading.brokers.adapters import generic

    generic.BACKOFF_SECONDS = 0.005
    assert trading
    say("ready")
    for line in sys.stdin:
        if os.fork() == 0:
            begin(json.loads(line))


def begin(order: dict[str, Any]) -> None:
    """Be what the line says, until killed."""
    from django.conf import settings

    for name, value in PACE.items():
        setattr(settings, name, value)
    settings.BROKER_SIMULATOR_URL = order["simulator"]
    chance = random.Random(order["seed"])
    match order["role"]:
        case "web":
            work(order["address"], order["actor"], chance, with_quotes=False)
        case "router":
            say(str(os.getpid()))
            # A router's start closes the way until a reconciliation; not each, or little else would happen.
            route(UUID(order["actor"]["account"]), closes=chance.random() < 0.3)
        case "feed":
            say(str(os.getpid()))
            while True:
                # Without Redis there are no quotes; with it there are again.
                with suppress(Exception):
                    move_quotes(chance)
                time.sleep(0.05)


def route(account_id: UUID, *, closes: bool) -> None:
    """Round after round; what fails is tried again, as the beat would."""
    from django.db import connections

    from core.tenancy import system_scope
    from trading.orders.services.live.epochs import epoch_ensure
    from trading.orders.services.live.routes import routes_close
    from trading.orders.services.live.routing_round import account_round

    while True:
        try:
            with system_scope():
                if closes:
                    routes_close()
                    closes = False
                epoch_ensure()
                account_round(account_id)
        except Exception as error:  # noqa: BLE001 - whatever it was, the next round begins anew
            sys.stderr.write(f"round failed: {type(error).__name__}: {error}\n")
            connections.close_all()
        time.sleep(ROUND_SECONDS)


if __name__ == "__main__":
    sys.path[:0] = [str(Path.cwd()), str(Path.cwd() / "platform")]
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    main(sys.argv[1])
