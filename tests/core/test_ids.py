import time
from uuid import RFC_4122

import pytest

from core import ids
from core.ids import new_id


def test_ids_are_version_7_and_unique() -> None:
    made = [new_id() for _ in range(1000)]
    assert {(one.version, one.variant) for one in made} == {(7, RFC_4122)}
    assert len(set(made)) == len(made)


def test_later_ids_sort_after_earlier_ones_also_within_a_millisecond() -> None:
    made = [new_id() for _ in range(10_000)]
    assert made == sorted(made)


def test_a_clock_that_is_set_back_makes_no_earlier_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    before = new_id()
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now - 3_600_000_000_000)
    assert new_id() > before


def test_an_id_tells_when_it_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    # Another test may have put the clock ahead, which ids then wait out.
    monkeypatch.setattr(ids, "_last", 0)
    assert abs((new_id().int >> 80) - time.time() * 1000) < 5_000
