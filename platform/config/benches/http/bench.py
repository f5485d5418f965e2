"""Starts the servers, lets each target be read in turn, round after round, and prints them side by side."""

import json
import subprocess
import sys
from argparse import ArgumentParser
from dataclasses import asdict, dataclass
from typing import Any

from django.core.management.base import CommandError, OutputWrapper

from .job import Job, Result
from .servers import Server, bench_environment, python_output, started_servers
from .stage import scratch_services


@dataclass(frozen=True, slots=True)
class Target:
    """One address to read; `reference` names the target of the same rows that it is held against."""

    name: str
    server: str
    path: str
    reference: str = ""
    is_page: bool = False


def targets(world: dict[str, str]) -> tuple[Target, ...]:
    """In the order in which a round reads them: each beside what it is compared with."""
    return (
        Target("plain DRF, 20 orders", "plain", "/orders/"),
        Target("orders, 20", "web", "/api/v1/orders?limit=20", "plain DRF, 20 orders"),
        Target("quotes, 20", "web", f"/api/v1/quotes?symbols={world['symbols']}", "plain DRF, 20 orders"),
        Target("plain DRF, 20 positions", "plain", "/positions/"),
        Target("positions, 20", "web", "/api/v1/positions", "plain DRF, 20 positions"),
        Target("plain DRF, 1 balance", "plain", f"/balances/{world['account']}/"),
        Target("funds", "web", f"/api/v1/accounts/{world['account']}/funds", "plain DRF, 1 balance"),
        Target("page: dashboard", "web", "/", is_page=True),
        Target("page: orders", "web", "/orders/", is_page=True),
        Target("bare ASGI hello", "hello", "/"),
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """One target in one round; `cpu` is the server's processor time an answer, in milliseconds."""

    result: Result
    cpu: float


class HttpBench:
    """Every round reads every target, so that a slow moment of the machine meets neighbours alike.

    The reference has settings, middlewares and addresses of its own (`plain_settings` says what it carries).
    """

    help = "Hot reads and pages under gunicorn, against plain DRF on the same rows and a bare ASGI hello."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rounds", type=int, default=3)
        parser.add_argument("--seconds", type=float, default=2.0, help="for each target in each round (default 2)")
        parser.add_argument("--connections", type=int, default=32)
        parser.add_argument("--workers", type=int, default=2, help="gunicorn's, for us and the reference each")
        parser.add_argument("--only", default="", help="only targets (and their references) with this in the name")

    def run(self, out: OutputWrapper, **options: Any) -> None:
        with scratch_services() as services:
            environment = bench_environment(services, workers=options["workers"])
            world = json.loads(python_output("config.benches.http.world", environment))
            chosen = _chosen(targets(world), options["only"])
            with started_servers({target.server for target in chosen}, environment) as servers:
                rounds = [
                    {target.name: _read(target, servers[target.server], world, options) for target in chosen}
                    for _ in range(options["rounds"])
                ]
        out.write(f"{options['rounds']} rounds, {options['connections']} connections, {options['workers']} workers")
        _print_readings(out, chosen, rounds)


def _chosen(all_targets: tuple[Target, ...], only: str) -> list[Target]:
    wanted = {target.name for target in all_targets if only in target.name}
    wanted |= {target.reference for target in all_targets if target.name in wanted}
    chosen = [target for target in all_targets if target.name in wanted]
    if not chosen:
        raise CommandError(f"No target has {only!r} in its name.")
    return chosen


def _read(target: Target, server: Server, world: dict[str, str], options: dict[str, Any]) -> Reading:
    headers = {"Cookie": world["cookie"]} if target.is_page else {"Authorization": f"Bearer {world['token']}"}
    job = Job(server.port, target.path, headers, options["connections"], options["seconds"])
    before = server.cpu_seconds()
    done = subprocess.run(
        [sys.executable, "-m", "config.benches.http.client"],
        input=json.dumps(asdict(job)),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        env=server.environment,
    )
    if done.returncode:
        raise CommandError(f"The client of {target.name} failed; see its output above.")
    result = Result(**json.loads(done.stdout))
    return Reading(result, (server.cpu_seconds() - before) * 1000 / max(result.answered, 1))


def _print_readings(out: OutputWrapper, chosen: list[Target], rounds: list[dict[str, Reading]]) -> None:
    columns = "".join(f"{title:>9}" for title in ("req/s", "p50 ms", "p95 ms", "p99 ms", "cpu ms", "errors"))
    out.write(f"{'worst round':<26}{columns}  ratios")
    for target in chosen:
        readings = [one[target.name] for one in rounds]
        worst = min(readings, key=lambda reading: reading.result.rate)
        result = worst.result
        errors = sum(reading.result.errors for reading in readings)
        out.write(
            f"{target.name:<26}{result.rate:>9.0f}{result.p50:>9.1f}{result.p95:>9.1f}{result.p99:>9.1f}"
            f"{worst.cpu:>9.2f}{errors:>9}  {_ratios(target, rounds)}"
        )


def _ratios(target: Target, rounds: list[dict[str, Reading]]) -> str:
    """Against the reference of the same round; the worst round counts."""
    if not target.reference:
        return ""
    pairs = [(one[target.name], one[target.reference]) for one in rounds]
    rate = min(ours.result.rate / theirs.result.rate for ours, theirs in pairs)
    cpu = min(theirs.cpu / ours.cpu for ours, theirs in pairs)
    return f"{rate:.1f}× req/s, {cpu:.1f}× per cpu second of {target.reference}"
