"""`python -m config.benches NAME …`, which is `make bench`: each on a PostgreSQL and a Redis of its own."""

import os
import subprocess
import sys

from config.benches.http.servers import bench_environment
from config.settings.environment import ROOT
from tests.services import provide_services

WORKERS = 2


def main(names: list[str]) -> int:
    """Run the benches one after the other under production's settings; returns the first exit code that is not 0.

    Servers that DATABASE_URL and REDIS_URL name are used instead.
    """
    named = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if name in os.environ}
    for name in names:
        stops = provide_services()
        services = {name: os.environ.pop(name) for name in ("DATABASE_URL", "REDIS_URL")}
        os.environ.update(named)
        command = [sys.executable, "manage.py", "bench", name]
        try:
            done = subprocess.run(command, cwd=ROOT, env=bench_environment(services, workers=WORKERS), check=False)
        finally:
            for stop in stops:
                stop()
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
