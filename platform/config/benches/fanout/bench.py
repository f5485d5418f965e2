"""Runs each design in turn, with the clients in a second process, and prints them side by side."""

import json
import os
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, OutputWrapper

from config.benches.http.stage import scratch_redis

from . import ticks as market
from .soak import soak

GROUPS_CLIENTS = 100
TARGET_FRAMES = 9.5

_COLUMNS = (
    ("clients", "clients", "{:.0f}"),
    ("worst_frames", "worst fr/s", "{:.2f}"),
    ("median_frames", "median fr/s", "{:.2f}"),
    ("frames", "frames/s", "{:,.0f}"),
    ("values", "values/s", "{:,.0f}"),
    ("megabytes", "MB/s", "{:.1f}"),
    ("age_p50", "age p50 s", "{:.3f}"),
    ("age_p99", "age p99 s", "{:.3f}"),
    ("age_worst", "age worst s", "{:.3f}"),
    ("drift", "age drift s", "{:+.3f}"),
    ("cpu", "server cores", "{:.2f}"),
)


class FanoutBench:
    """Quotes to many sockets."""

    help = "Quotes to many sockets: our hub, a bare broadcast of the same frames, and Channels groups."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--clients", type=int, default=1000)
        parser.add_argument("--symbols", type=int, default=50)
        parser.add_argument("--ticks", type=int, default=1000, help="Ticks a second, over all symbols.")
        parser.add_argument("--seconds", type=float, default=10.0)
        parser.add_argument(
            "--processes",
            type=int,
            default=0,
            help="also so many hubs on one Redis, --clients sockets each",
        )
        parser.add_argument(
            "--soak", type=float, default=0.0, metavar="SECONDS", help="hold the sockets that long instead"
        )
        parser.add_argument("--orders", action="store_true", help="with --soak: place orders all the while")
        parser.add_argument("--order-rate", type=float, default=10.0, help="orders a second (default 10)")
        parser.add_argument("--rounds", type=int, default=1, help="Interleaved rounds; the worst of each counts.")

    def run(self, out: OutputWrapper, **options: Any) -> None:
        if options["soak"]:
            soak(out, **options)
            return
        clients, symbols, ticks = options["clients"], options["symbols"], options["ticks"]
        out.write(f"{clients} sockets × {symbols} symbols × {ticks} ticks/s, {options['seconds']:g} s a design\n")
        worst: dict[str, dict[str, float]] = {}
        for _ in range(options["rounds"]):
            for design, count in (
                ("broadcast", clients),
                ("groups", min(clients, GROUPS_CLIENTS)),
                ("hub", clients),
            ):
                found = _measure(design, count, options)
                kept = worst.setdefault(design, found)
                if found["worst_frames"] < kept["worst_frames"]:
                    worst[design] = found
        several = _measure_several(options) if options["processes"] else {}
        _print_table(out, worst | several)
        _print_ratios(out, worst)
        if several:
            one, all_of_them = several.values()
            out.write(
                f"{options['processes']} processes behind one Redis carry "
                f"{all_of_them['values'] / one['values']:.2f}× the values of one, worst client "
                f"{all_of_them['worst_frames']:.2f} against {one['worst_frames']:.2f} frames/s"
            )


@contextmanager
def _server(design: str, options: dict[str, Any], redis_url: str = "") -> Iterator[tuple[int, int]]:
    command = [sys.executable, "-m", "config.benches.fanout.servers", design, "--redis", redis_url]
    command += ["--symbols", str(options["symbols"]), "--ticks", str(options["ticks"])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=_environment(), text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.strip().isdigit():
            raise CommandError(f"The {design} server did not start; see its output above.")
        yield int(line), process.pid
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _measure(design: str, clients: int, options: dict[str, Any]) -> dict[str, float]:
    with _server(design, options) as (port, pid):
        return _found(_swarm(port, pid, clients, options))


def _measure_several(options: dict[str, Any]) -> dict[str, dict[str, float]]:
    """One hub behind Redis, then several, each with as many sockets and a swarm of its own."""
    found: dict[str, dict[str, float]] = {}
    with scratch_redis() as redis_url, _server("publisher", options, redis_url):
        for count in (1, options["processes"]):
            with ExitStack() as stack:
                servers = [stack.enter_context(_server("hub", options, redis_url)) for _ in range(count)]
                swarms = [_swarm(port, pid, options["clients"], options) for port, pid in servers]
                found[f"redis × {count}"] = _joined([_found(swarm) for swarm in swarms])
    return found


def _joined(parts: list[dict[str, float]]) -> dict[str, float]:
    """Sums of what was carried, the worst of what was suffered."""
    sums = {"clients", "frames", "values", "megabytes", "cpu"}
    joined = {key: sum(part[key] for part in parts) for key in sums}
    joined |= {key: min(part[key] for part in parts) for key in ("worst_frames", "median_frames")}
    return joined | {key: max(part[key] for part in parts) for key in ("age_p50", "age_p99", "age_worst", "drift")}


def _swarm(port: int, pid: int, clients: int, options: dict[str, Any]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "config.benches.fanout.swarm"]
    command += ["--port", str(port), "--server-pid", str(pid), "--clients", str(clients)]
    command += ["--seconds", str(options["seconds"]), "--keys", ",".join(market.symbols(options["symbols"]))]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env=_environment(), text=True)


def _found(swarm: "subprocess.Popen[str]") -> dict[str, float]:
    told, _ = swarm.communicate()
    if swarm.returncode:
        raise CommandError("The clients failed; see their output above.")
    found: dict[str, float] = json.loads(told)
    return found


def _environment() -> dict[str, str]:
    """For `python -m`: the two roots on the path, and a bus inside the process as in the demo."""
    root = str(settings.BASE_DIR)
    path = os.pathsep.join([root, os.path.join(root, "platform")])
    return {**os.environ, "PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": "config.settings.demo"}


def _print_table(out: OutputWrapper, worst: dict[str, dict[str, float]]) -> None:
    out.write("".join(f"{title:>13}" for title in ["design", *(title for _, title, _ in _COLUMNS)]))
    for design, found in worst.items():
        out.write(
            "".join(f"{text:>13}" for text in [design, *(form.format(found[key]) for key, _, form in _COLUMNS)])
        )


def _print_ratios(out: OutputWrapper, worst: dict[str, dict[str, float]]) -> None:
    hub, groups, broadcast = worst["hub"], worst["groups"], worst["broadcast"]
    verdict = "met" if hub["worst_frames"] >= TARGET_FRAMES else "missed"
    out.write(
        f"\nworst client {hub['worst_frames']:.2f} frames/s (goal {TARGET_FRAMES}: {verdict}) · "
        f"values/s against Channels groups {hub['values'] / groups['values']:.1f}× "
        f"(per core {_per_core(hub) / _per_core(groups):.1f}×) · "
        f"server time per frame against the bare broadcast {_per_frame(hub) / _per_frame(broadcast):.2f}×"
    )


def _per_core(found: dict[str, float]) -> float:
    return found["values"] / max(found["cpu"], 0.01)


def _per_frame(found: dict[str, float]) -> float:
    return found["cpu"] / max(found["frames"], 1.0)
