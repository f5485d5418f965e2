"""Starting processes from a thread that lives as long as the house.

The kernel ends a strategy's process with the *thread* that started it (`confinement.end_with`), and threads of runs
and requests come and go.
"""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

T = TypeVar("T")

_guard = threading.Lock()


def started_by_the_house(start: Callable[[], T]) -> T:
    """What `start` returns or raises, called on the thread that starts all processes of this one."""
    with _guard:
        nursery = _nursery(os.getpid())
    return nursery.submit(start).result()


@cache
def _nursery(pid: int) -> ThreadPoolExecutor:
    """Of one process: a fork has none of its parent's threads."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="strategy-nursery")


def _with_a_lock_of_its_own() -> None:
    """A fork may have come while another thread held it."""
    global _guard
    _guard = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_with_a_lock_of_its_own)
