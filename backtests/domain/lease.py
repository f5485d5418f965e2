"""How long a worker's claim on a run holds without a sign of life."""

from datetime import timedelta

LEASE = timedelta(seconds=60)
