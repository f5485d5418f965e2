"""The long run: `python -m tests.faults.chaos --seeds 500 [--first 1] [--jobs 2]`, or `make chaos SEEDS=500`.

Each job has a PostgreSQL and a Redis of its own, both of which are stopped in the middle of things. A line a seed
goes to the log as it ends, so that a run that was interrupted goes on where it stopped (`--log`).
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parents[3]


def main() -> int:
    """Play what the log does not have yet, and sum up; the exit code is 1 when anything is broken."""
    options = arguments()
    log = Path(options.log)
    done = played(log)
    wanted = [seed for seed in range(options.first, options.first + options.seeds) if seed not in done]
    if options.job is None and options.jobs > 1:
        delegate(options, len(wanted))
    else:
        if options.job is not None:
            wanted = wanted[options.job :: options.jobs]
        play(wanted, log)
    if options.job is not None:
        return 0
    return summary(log, range(options.first, options.first + options.seeds))


def arguments() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.chaos", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="how many (%(default)s)")
    parser.add_argument("--first", type=int, default=1, help="the first seed (%(default)s)")
    parser.add_argument("--jobs", type=int, default=1, help="how many at a time (%(default)s)")
    parser.add_argument("--log", default=".chaos.jsonl", help="a line a seed; seeds in it are not played again")
    parser.add_argument("--job", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


def delegate(options: argparse.Namespace, count: int) -> None:
    """Share the seeds among processes."""
    if not count:
        return
    command = [sys.executable, "-m", "tests.faults.chaos", *sys.argv[1:]]
    jobs = [subprocess.Popen([*command, "--job", str(number)], cwd=ROOT) for number in range(options.jobs)]
    for job in jobs:
        job.wait()


def play(seeds: list[int], log: Path) -> None:
    """Play the seeds one after another on services of this process's own."""
    from tests.services import start_postgresql_server

    if not seeds:
        return
    server, database_url, stop_postgresql = start_postgresql_server(durable=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    os.environ |= {"DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "config.settings.test"}

    def postmaster() -> int:
        """Start the server where it is down, and wait until it answers; its process id."""
        until = time.monotonic() + 30
        while True:
            # While the old server still ends, or the new one still recovers, it is not to be had.
            with suppress(AssertionError, subprocess.SubprocessError, psycopg.Error):
                server.ensure_postgres_running()
                psycopg.connect(database_url, connect_timeout=2).close()
                pid: int = server.get_pid()
                return pid
            if time.monotonic() > until:
                raise TimeoutError("PostgreSQL does not come back")
            time.sleep(0.05)

    from tests.faults.chaos.services import RunServices

    services = RunServices(database_url, port=port, postmaster=postmaster)
    os.environ["REDIS_URL"] = services.environment["REDIS_URL"]
    try:
        stage(seeds, services, log)
    finally:
        services.close()
        stop_postgresql()


def stage(seeds: list[int], services: Any, log: Path) -> None:
    """Set up Django on the services, and play."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from tests.faults.chaos.run import Nursery, Run
    from tests.faults.order_server import KEYS
    from tests.orders.desk import make_desk

    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory(prefix="sauda-chaos-") as directory:
        warming = make_desk()
        make_desk(key=KEYS[1])
        nursery = Nursery(warming, services.environment, Path(directory) / "processes.log")
        try:
            for seed in seeds:
                place = Path(directory) / str(seed)
                place.mkdir()
                connection.close()
                outcome = Run(seed, nursery, services, place).play()
                note(log, outcome)
        finally:
            nursery.close()


def note(log: Path, outcome: Any) -> None:
    """One line for the log, one for whoever watches."""
    line = {
        "seed": outcome.seed,
        "broken": outcome.broken,
        "orders": len(outcome.history.orders),
        "fills": len(outcome.history.fills),
        "placements": sum(event["event"] == "order" for event in outcome.history.broker),
        "blows": outcome.blows,
        "answers": outcome.answers,
        "seconds": round(outcome.seconds, 1),
    }
    with log.open("a") as file:
        file.write(json.dumps(line) + "\n")
    shown = "ok" if not outcome.broken else "BROKEN " + "; ".join(outcome.broken[:5])
    say(f"seed {outcome.seed}: {line['orders']} orders, {line['fills']} fills, {line['seconds']} s: {shown}")


def played(log: Path) -> dict[int, dict[str, Any]]:
    """What the log has, by seed."""
    if not log.exists():
        return {}
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.endswith("}")]
    return {line["seed"]: line for line in lines}


def summary(log: Path, seeds: range) -> int:
    """What came of all of them."""
    lines = [line for seed, line in played(log).items() if seed in seeds]
    broken = [line for line in lines if line["broken"]]
    blows = sum((Counter(line["blows"]) for line in lines), Counter[str]())
    say(f"{len(lines)} of {len(seeds)} seeds played: {sum(line['orders'] for line in lines)} orders,")
    say(f"{sum(line['fills'] for line in lines)} fills, {sum(blows.values())} blows {dict(blows)}")
    for line in broken:
        say(f"seed {line['seed']}: {line['broken']}")
    say("every invariant held" if not broken else f"{len(broken)} seeds BROKEN")
    return 1 if broken or len(lines) < len(seeds) else 0


def say(text: str) -> None:
    """Straight to the terminal."""
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "platform")]
    sys.exit(main())
