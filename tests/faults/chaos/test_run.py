"""A few seeds of chaos in every run of the suite; `make chaos SEEDS=500` plays more.

`SAUDA_CHAOS_SEED=… pytest tests/faults/chaos/test_run.py` begins at that seed: the same requests, faults and blows
are drawn. What the kernel interleaves in between is its own.
"""

import os
import random
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections

from tests.faults.chaos.run import Nursery, Run, run_database_url
from tests.faults.chaos.services import RunServices
from tests.faults.order_server import KEYS
from tests.orders.desk import make_desk

SEEDS = int(os.environ.get("SAUDA_CHAOS_SEEDS", "3"))


@pytest.fixture
def services(transactional_db: None) -> Iterator[RunServices]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # Our own connection survives when all others are cut.
    connections["default"].close()
    connections["default"].settings_dict["OPTIONS"]["application_name"] = "chaos"
    services = RunServices(run_database_url(), port=port)
    yield services
    services.close()
    connections["default"].close()
    del connections["default"].settings_dict["OPTIONS"]["application_name"]


@pytest.fixture
def nursery(services: RunServices, tmp_path: Path) -> Iterator[Nursery]:
    warming = make_desk()
    make_desk(key=KEYS[1])
    nursery = Nursery(warming, services.environment, tmp_path / "processes.log")
    yield nursery
    nursery.close()


def test_no_order_is_lost_or_doubled_whatever_dies(nursery: Nursery, services: RunServices, tmp_path: Path) -> None:
    first = int(os.environ.get("SAUDA_CHAOS_SEED", random.SystemRandom().randrange(10**6)))
    fills = 0
    for seed in range(first, first + SEEDS):
        print(f"SAUDA_CHAOS_SEED={seed}")  # noqa: T201 - the way to replay a failure
        directory = tmp_path / str(seed)
        directory.mkdir()
        outcome = Run(seed, nursery, services, directory).play()
        assert outcome.broken == [], (seed, outcome.blows, outcome.answers)
        assert outcome.history.answers, (seed, outcome.answers)
        fills += len(outcome.history.fills)
    assert fills
