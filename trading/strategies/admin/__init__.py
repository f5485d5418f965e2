"""Strategies in the admin."""

from . import code as _code  # noqa: F401
