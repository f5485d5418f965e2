"""What goes wrong while a run is driven: the house's trouble is waited out, the strategy's own ends the run."""

from uuid import uuid4

import pytest
from django.db import DataError, OperationalError

from trading.strategies.runner.thread import RunThread
from trading.strategies.services.runs.lease import Lease


@pytest.mark.parametrize(
    ("error", "fails"), [(DataError("NUL"), True), (OperationalError("gone"), False), (OSError("gone"), False)]
)
def test_what_the_database_will_never_take_ends_the_run_instead_of_being_tried_for_ever(
    monkeypatch: pytest.MonkeyPatch, error: Exception, fails: bool
) -> None:
    told: list[str] = []

    def turns(thread: RunThread) -> None:
        raise error

    monkeypatch.setattr(RunThread, "_turns", turns)
    monkeypatch.setattr(RunThread, "_fail", lambda thread, code, reason: told.append(code))
    monkeypatch.setattr(RunThread, "_release", lambda thread: None)
    RunThread(Lease(uuid4(), uuid4(), uuid4(), 1))._drive()
    assert told == (["run_broken"] if fails else [])
    assert RunThread._is_outage(error) is not fails
