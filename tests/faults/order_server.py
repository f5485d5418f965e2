"""A server that is made to be killed: `python -m tests.faults.order_server ACTOR SEED`.

The process that starts does no work itself. It imports everything once, then forks a worker for each line
it reads, so that a worker is up again within milliseconds of its death. The line names the worker's socket;
the worker prints its process id once it listens there.
A worker answers requests (one JSON object a line) by calling the real services on the real database, while
quotes move and the paper matcher runs on a thread beside it.
"""

import json
import os
import random
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

KEYS = ("NSE:RELIANCE", "NSE:TCS")
QUOTE_SECONDS = 0.015
WARMING = {
    "side": "BUY",
    "quantity": 1,
    "product": "INTRADAY",
    "validity": "DAY",
    "price": "100.00",
    "client_order_id": "warm-up",
}


def main(actor_json: str, seed: int) -> None:
    """Fork a worker a line of standard input, until it ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    trader = json.loads(actor_json)
    warm_up(trader)
    say("ready")
    for number, line in enumerate(sys.stdin):
        if os.fork() == 0:
            work(line.strip(), trader, random.Random(seed * 1000 + number))


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def warm_up(actor: dict[str, str]) -> None:
    """Import what a worker needs and fill its caches with a preview; connections are each worker's own."""
    import django

    django.setup()
    from django.conf import settings

    settings.SIMULATED_MARKET_ALWAYS_OPEN = True
    from django.db import connections

    from core.tenancy import tenant_scope
    from trading.orders.paper import matcher
    from trading.orders.services import order_preview

    trader = trader_of(actor)
    with tenant_scope(trader.organisation_id):
        for key in KEYS:
            order_preview(actor=trader, intent=intent_of({**WARMING, "account": actor["account"], "key": key}))
    connections.close_all()
    assert matcher


def work(address: str, actor: dict[str, str], chance: random.Random, *, with_quotes: bool = True) -> None:
    """Serve until killed."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(16)
    say(str(os.getpid()))
    if with_quotes:
        threading.Thread(target=move_quotes, args=[chance], daemon=True).start()
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=[connection, actor], daemon=True).start()


def serve(connection: socket.socket, actor: dict[str, str]) -> None:
    """Answer one client's requests in turn."""
    from core.errors import SaudaError
    from core.tenancy import tenant_scope

    trader = trader_of(actor)
    with connection, connection.makefile("rw") as stream, tenant_scope(trader.organisation_id), suppress(OSError):
        for line in stream:
            try:
                answer = perform(trader, json.loads(line))
            except SaudaError as error:
                answer = {"error": error.code}
            stream.write(json.dumps(answer) + "\n")
            stream.flush()


def trader_of(actor: dict[str, str]) -> Any:
    """Who asks."""
    from accounts.domain.actor import user_actor
    from accounts.domain.permissions import Role

    return user_actor(
        user_id=UUID(actor["user"]),
        organisation_id=UUID(actor["organisation"]),
        role=Role.TRADER,
        label="killed trader",
    )


def intent_of(request: dict[str, Any]) -> Any:
    """What is asked for."""
    from trading.brokers.domain.terms import OrderType, Product, Side, Validity
    from trading.orders.domain.intent import OrderIntent

    price = _price(request)
    return OrderIntent(
        account_id=UUID(request["account"]),
        key=request["key"],
        side=Side(request["side"]),
        quantity=request["quantity"],
        order_type=OrderType.MARKET if price is None else OrderType.LIMIT,
        product=Product(request["product"]),
        validity=Validity(request["validity"]),
        price=price,
        client_order_id=request["client_order_id"],
    )


def perform(trader: Any, request: dict[str, Any]) -> dict[str, Any]:
    """One request through the real services."""
    from trading.orders.services import OrderModification, order_cancel, order_modify, order_submit

    match request["do"]:
        case "submit":
            order = order_submit(actor=trader, intent=intent_of(request))
        case "modify":
            modification = OrderModification(quantity=request["quantity"], price=_price(request))
            order = order_modify(actor=trader, order_id=UUID(request["order"]), modification=modification)
        case "cancel":
            order = order_cancel(actor=trader, order_id=UUID(request["order"]))
        case other:
            raise ValueError(other)
    return {
        "id": str(order.id),
        "status": order.status,
        "code": order.status_code,
        "filled": order.filled_quantity,
    }


def _price(request: dict[str, Any]) -> Decimal | None:
    return None if request["price"] is None else Decimal(request["price"])


def move_quotes(chance: random.Random) -> None:
    """Walk the prices and let the paper matcher follow, as the feed process would."""
    from core.clock import wall_now
    from trading.marketdata.domain.quote import DepthLevel, Quote
    from trading.marketdata.services import quote_publish
    from trading.orders.paper.matcher import PaperMatcher

    matcher = PaperMatcher()
    tick = Decimal("0.05")
    sequence = 0
    while True:
        sequence += 1
        quotes = {}
        for key in KEYS:
            ltp = Decimal(100) + tick * chance.randint(-20, 20)
            levels = range(1, 6)
            quotes[key] = Quote(
                key=key,
                ltp=ltp,
                open=ltp,
                high=ltp,
                low=ltp,
                close=Decimal(100),
                bids=tuple(DepthLevel(ltp - tick * level, chance.randint(1, 30)) for level in levels),
                asks=tuple(DepthLevel(ltp + tick * level, chance.randint(1, 30)) for level in levels),
                timestamp=datetime.now(UTC),
                received_at=wall_now(),
                source="simulated",
                sequence=sequence,
            )
        quote_publish(quotes.values())
        matcher.on_quotes(quotes)
        time.sleep(QUOTE_SECONDS)


if __name__ == "__main__":
    sys.path[:0] = [str(Path.cwd()), str(Path.cwd() / "platform")]
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    main(sys.argv[1], int(sys.argv[2]))
