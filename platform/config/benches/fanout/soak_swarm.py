"""Sockets that stay: prints `open` once all are, then a line of JSON for each window of the soak."""

import asyncio
import json
import os
import resource
import statistics
from argparse import ArgumentParser, Namespace

from config.benches.processes import cpu_seconds, memory_megabytes

from .swarm import Client, open_swarm


async def hold(options: Namespace) -> None:
    """Open the sockets, and tell of each window how they fared."""
    headers = f"Cookie: {os.environ['SOAK_COOKIE']}\r\n"
    keys = options.keys.split(",")
    swarm = await open_swarm(port=options.port, clients=options.clients, keys=keys, headers=headers)
    await asyncio.sleep(1)
    print("open", flush=True)  # noqa: T201 (read by the bench)
    window = options.seconds / options.windows
    for _ in range(options.windows):
        for client in swarm:
            client.forget()
        before = cpu_seconds(options.server_pid)
        await asyncio.sleep(window)
        used = cpu_seconds(options.server_pid) - before
        told = json.dumps(
            {**_fared(swarm, window), "cpu": used / window, "megabytes": memory_megabytes(options.server_pid)}
        )
        print(told, flush=True)  # noqa: T201 (read by the bench)


def _fared(swarm: list[Client], window: float) -> dict[str, float]:
    rates = [client.frames / window for client in swarm]
    ages = sorted(age for client in swarm for age in client.ages) or [float("nan")]
    return {
        "open": sum(client.is_open for client in swarm),
        "worst_frames": min(rates),
        "median_frames": statistics.median(rates),
        "age_p50": ages[len(ages) // 2],
        "age_p99": ages[len(ages) * 99 // 100],
    }


def main() -> None:
    parser = ArgumentParser()
    for name in ("port", "server-pid", "clients", "windows"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--keys", required=True)
    options = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    import uvloop

    uvloop.run(hold(options))


if __name__ == "__main__":
    main()
