"""`manage.py bench http`: hot reads and pages against what a tutorial would serve, on PostgreSQL and Redis."""

from .bench import HttpBench

__all__ = ["HttpBench"]
