"""`manage.py bench fanout`: quotes to many sockets, against a bare broadcast and against Channels groups."""

from .bench import FanoutBench

__all__ = ["FanoutBench"]
