"""What is read often and changes rarely, remembered in three tiers: this process, Redis, the database.

A `Cache` answers from this process's memory (bounded, for an explicit time), else from Redis where the cache has a
`Shared` tier, else from what its caller's `load` returns, which one thread of one process does for all that wait.
A `CacheGroup` is what becomes wrong together: forgetting it on commit reaches every process over the bus. Nothing
about money or orders goes through here, and no right is decided by it.
"""

from .cache import Cache
from .group import CacheGroup
from .shared import Shared

__all__ = ["Cache", "CacheGroup", "Shared"]
