"""Strategies in the admin."""

from . import code as _code  # noqa: F401
from . import runs as _runs  # noqa: F401
