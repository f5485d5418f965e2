"""Beat: the schedule of the code is in the tables once, and of two beats one rings."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django_celery_beat.models import PeriodicTask

from config.celery import app
from core.beat import Leadership, SingleBeatScheduler
from core.clock import wall_now
from core.ids import new_id

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rivals() -> Iterator[tuple[Leadership, Leadership]]:
    name = str(new_id())
    both = Leadership(name), Leadership(name)
    yield both
    for one in both:
        one.release()


def test_one_of_two_leads_until_it_goes(rivals: tuple[Leadership, Leadership]) -> None:
    first, second = rivals
    assert (first.held(), second.held(), first.held()) == (True, False, True)
    first.release()
    assert second.held()
    assert not first.held()


def _start_beat() -> SingleBeatScheduler:
    return SingleBeatScheduler(app=app)


def test_the_schedule_is_seeded_once_and_what_left_the_code_leaves_the_tables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _start_beat()
    seeded = dict(PeriodicTask.objects.values_list("name", "interval__every"))
    assert seeded["orders.sweep_paper"] == 1
    PeriodicTask.objects.create(name="by hand", task="orders.expire", interval_id=_any_interval())
    PeriodicTask.objects.filter(name="orders.expire").update(enabled=False)

    shorter = {name: entry for name, entry in app.conf.beat_schedule.items() if name != "orders.sweep_paper"}
    monkeypatch.setitem(app.conf, "beat_schedule", shorter)
    _start_beat()
    again = dict(PeriodicTask.objects.values_list("name", "enabled"))
    assert again.keys() == (seeded.keys() | {"by hand"}) - {"orders.sweep_paper"}
    assert again["orders.expire"] is False


def _any_interval() -> int:
    return PeriodicTask.objects.exclude(interval=None).values_list("interval_id", flat=True)[0]


def _ran_since_yesterday() -> bool:
    yesterday = wall_now() - timedelta(days=1)
    ran = PeriodicTask.objects.filter(last_run_at__gt=yesterday).exists()
    PeriodicTask.objects.update(last_run_at=yesterday)
    return ran


def test_a_beat_that_does_not_lead_sends_nothing() -> None:
    _start_beat()
    _ran_since_yesterday()
    leader, follower = _start_beat(), _start_beat()
    try:
        leader.tick()
        assert _ran_since_yesterday()
        assert follower.tick() == pytest.approx(5)
        assert not _ran_since_yesterday()
        leader.close()
        follower.tick()
    finally:
        leader.close()
        follower.close()
    assert _ran_since_yesterday()
