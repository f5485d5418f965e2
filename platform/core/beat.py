"""The scheduler of production: the schedule stands in the database, and of several beats one at a time rings."""

from contextlib import suppress
from typing import Any

from django.db import DatabaseError, connections
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler

_LOCK = "sauda.beat"
_FOLLOWER_SECONDS = 5.0
_SEEDED = "From the code; CELERY_BEAT_SCHEDULE."


class Leadership:
    """A PostgreSQL advisory lock on a connection of its own: it ends with the process, however that ends."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._held = False
        self._connection = connections["default"].copy()
        # A pooled connection would carry the lock to whoever gets it next.
        self._connection.settings_dict["OPTIONS"].pop("pool", None)

    def held(self) -> bool:
        """Whether this process leads, after trying to where nobody does. A database that is gone is no leader's."""
        query = "SELECT true" if self._held else "SELECT pg_try_advisory_lock(hashtext(%s))"
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(query, None if self._held else [self._name])
                self._held = cursor.fetchone()[0]
        except DatabaseError:
            self._held = False
            self._connection.close()
        return self._held

    def release(self) -> None:
        """Let another lead, at once: the server notices a closed connection a moment later only."""
        if self._held:
            # Where the database is gone, so is the lock.
            with suppress(DatabaseError), self._connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [self._name])
        self._held = False
        self._connection.close()


class SingleBeatScheduler(DatabaseScheduler):  # type: ignore[misc]
    """django-celery-beat's scheduler, behind a lock; what code no longer names is taken out when it starts."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._leadership = Leadership(_LOCK)
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        """Write the code's schedule into the tables. Idempotent; what an operator switched off stays off."""
        super().setup_schedule()
        names = list(self.app.conf.beat_schedule)
        PeriodicTask.objects.filter(name__in=names).update(description=_SEEDED)
        PeriodicTask.objects.filter(description=_SEEDED).exclude(name__in=names).delete()

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due, where this beat leads; returns the seconds until the next tick."""
        if not self._leadership.held():
            return _FOLLOWER_SECONDS
        return float(super().tick(*args, **kwargs))

    def close(self) -> None:
        """Write what ran last, and let another beat lead."""
        super().close()
        self._leadership.release()
