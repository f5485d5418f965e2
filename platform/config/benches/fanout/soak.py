"""`manage.py bench fanout --soak 600 --orders`: many sockets held level while orders are placed.

Production's settings on a scratch PostgreSQL and Redis: gunicorn takes the orders, a uvicorn carries the sockets,
and a process of its own publishes ticks all the while. Orders are timed before, while and after the sockets are
there; the sockets are judged window by window, so that what creeps is seen.
"""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from threading import local
from typing import Any
from uuid import uuid4

from django.core.management.base import CommandError, OutputWrapper

from config.benches.http.servers import bench_environment, free_port, python_output, started_servers
from config.benches.http.stage import scratch_services

WINDOWS = 10
SHARE_WITHOUT_SOCKETS = 0.25
_LONGEST_WITHOUT = 60.0
_ORDER_THREADS = 4


def soak(out: OutputWrapper, **options: Any) -> None:
    """Run it and print windows and orders."""
    seconds, clients = options["soak"], options["clients"]
    out.write(f"{clients} sockets for {seconds:g} s, load average at the start {os.getloadavg()[0]:.1f}")
    with scratch_services() as services:
        environment = bench_environment(services, workers=2)
        environment |= {"SOCKETS_PER_USER": str(clients * 2), "SOCKETS_PER_ADDRESS": str(clients * 2)}
        world = json.loads(python_output("config.benches.http.world", environment))
        with (
            started_servers(["web"], environment) as servers,
            _stream(environment) as (port, pid),
            _ticks(environment, options["ticks"]),
        ):
            orders = _Orders(servers["web"].port, world, options["order_rate"] if options["orders"] else 0.0)
            without = min(_LONGEST_WITHOUT, seconds * SHARE_WITHOUT_SOCKETS)
            before = orders.place(without)
            swarm = _swarm(environment, world, port=port, pid=pid, clients=clients, seconds=seconds)
            assert swarm.stdout is not None
            if swarm.stdout.readline() != "open\n":
                raise CommandError("The sockets did not open; see the output above.")
            during = orders.place(seconds)
            windows = [json.loads(line) for line in swarm.stdout]
            swarm.wait()
            after = orders.place(without)
    _print_windows(out, windows)
    out.write(f"\nsockets that stayed: {windows[-1]['open']:.0f} of {clients}")
    if options["orders"]:
        _print_orders(out, {"before": before, "with sockets": during, "after": after})
    out.write(f"load average at the end {os.getloadavg()[0]:.1f}")


class _Orders:
    """Places orders at a steady rate over HTTP, whether or not earlier ones are done."""

    def __init__(self, port: int, world: dict[str, str], rate: float) -> None:
        self._port = port
        self._world = world
        self._rate = rate
        self._symbols = world["symbols"].split(",")
        self._numbers = count()
        self._kept = local()

    def place(self, seconds: float) -> list[float]:
        """Milliseconds of each answer; raises CommandError for one that is not an order."""
        if not self._rate:
            time.sleep(seconds)
            return []
        started = time.monotonic()
        with ThreadPoolExecutor(_ORDER_THREADS) as pool:
            pending = []
            for number in range(int(seconds * self._rate)):
                time.sleep(max(0.0, started + number / self._rate - time.monotonic()))
                pending.append(pool.submit(self._place_one))
            return [each.result() for each in pending]

    def _place_one(self) -> float:
        number = next(self._numbers)
        body = {
            "account": self._world["account"],
            "symbol": self._symbols[number % len(self._symbols)],
            "side": "BUY" if number // len(self._symbols) % 2 else "SELL",
            "quantity": 1,
            "order_type": "MARKET",
            "product": "INTRADAY",
            "validity": "DAY",
            "client_order_id": uuid4().hex,
        }
        headers = {"Authorization": f"Bearer {self._world['token']}", "Content-Type": "application/json"}
        started = time.perf_counter()
        connection = self._connection()
        connection.request("POST", "/api/v1/orders", json.dumps(body), headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 201:
            raise CommandError(f"An order was answered by {answer.status}: {content[:300]!r}")
        return (time.perf_counter() - started) * 1000

    def _connection(self) -> http.client.HTTPConnection:
        if not hasattr(self._kept, "connection"):
            self._kept.connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        found: http.client.HTTPConnection = self._kept.connection
        return found


@contextmanager
def _stream(environment: dict[str, str]) -> Iterator[tuple[int, int]]:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--port", str(port), "--lifespan", "off"]
    command += ["--ws", "core.realtime.server:BoundedSocketProtocol", "--ws-per-message-deflate", "false"]
    command += ["--no-access-log", "--log-level", "warning"]
    with _running(command, environment) as process:
        deadline = time.monotonic() + 60
        while True:
            try:
                http.client.HTTPConnection("127.0.0.1", port, timeout=5).connect()
                break
            except OSError:
                if time.monotonic() > deadline or process.poll() is not None:
                    raise CommandError("The stream server did not start; see its output above.") from None
                time.sleep(0.1)
        yield port, process.pid


@contextmanager
def _ticks(environment: dict[str, str], ticks: int) -> Iterator[None]:
    command = [sys.executable, "-m", "config.benches.fanout.soak_ticks", "--ticks", str(ticks)]
    with _running(command, environment):
        yield


def _swarm(
    environment: dict[str, str], world: dict[str, str], *, port: int, pid: int, clients: int, seconds: float
) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "config.benches.fanout.soak_swarm", "--port", str(port)]
    command += ["--server-pid", str(pid), "--clients", str(clients), "--seconds", str(seconds)]
    command += ["--windows", str(WINDOWS), "--keys", world["symbols"]]
    return subprocess.Popen(
        command, env={**environment, "SOAK_COOKIE": world["cookie"]}, stdout=subprocess.PIPE, text=True
    )


@contextmanager
def _running(command: list[str], environment: dict[str, str]) -> "Iterator[subprocess.Popen[bytes]]":
    process = subprocess.Popen(command, env=environment)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _print_windows(out: OutputWrapper, windows: list[dict[str, float]]) -> None:
    titles = ("sockets", "worst fr/s", "median fr/s", "age p50 s", "age p99 s", "cores", "memory MB")
    out.write("".join(f"{title:>13}" for title in ("window", *titles)))
    for number, found in enumerate(windows, start=1):
        cells = [f"{found['open']:.0f}", f"{found['worst_frames']:.2f}", f"{found['median_frames']:.2f}"]
        cells += [f"{found['age_p50']:.3f}", f"{found['age_p99']:.3f}", f"{found['cpu']:.2f}"]
        cells.append(f"{found['megabytes']:.1f}")
        out.write("".join(f"{cell:>13}" for cell in (str(number), *cells)))


def _print_orders(out: OutputWrapper, phases: dict[str, list[float]]) -> None:
    out.write("".join(f"{title:>13}" for title in ("orders", "count", "p50 ms", "p95 ms", "p99 ms")))
    for phase, took in phases.items():
        ordered = sorted(took)
        cells = [f"{ordered[min(len(ordered) - 1, int(len(ordered) * share))]:.1f}" for share in (0.5, 0.95, 0.99)]
        out.write("".join(f"{cell:>13}" for cell in (phase, str(len(ordered)), *cells)))
    quiet = sorted(phases["before"] + phases["after"])
    busy = sorted(phases["with sockets"])
    ratio = busy[int(len(busy) * 0.99)] / quiet[int(len(quiet) * 0.99)]
    out.write(f"\np99 with sockets against without: {ratio:.2f}×")
