"""Hits and misses by cache and tier, for Prometheus, counted so that a hit costs no more than an addition."""

from prometheus_client import Counter, Gauge

READS = Counter("sauda_cache_reads", "Reads by the tier that answered: memory, shared, source.", ["cache", "tier"])
WAITS = Counter("sauda_cache_waits", "Reads that waited for another's load instead of loading.", ["cache"])
EVICTIONS = Counter("sauda_cache_evictions", "Values put out to make room.", ["cache"])
FORGOTTEN = Counter("sauda_cache_forgotten", "Times that a group was forgotten in this process.", ["group"])
SHARED_FAILURES = Counter("sauda_cache_shared_failures", "Reads or writes of Redis that failed.")
WEIGHT = Gauge(
    "sauda_cache_weight", "What the values in memory weigh, in the cache's own unit.", ["cache"],
    multiprocess_mode="livesum",
)  # fmt: skip

_HITS_TOLD_AT_ONCE = 256


class Tally:
    """Counts hits in a plain integer and tells Prometheus of many at a time; a lost race loses one hit."""

    def __init__(self, name: str) -> None:
        self._memory = READS.labels(name, "memory")
        self._hits = 0

    def hit(self) -> None:
        """One read was answered from memory."""
        self._hits += 1
        if self._hits >= _HITS_TOLD_AT_ONCE:
            self.tell()

    def tell(self) -> None:
        """Hand over what was counted so far."""
        hits, self._hits = self._hits, 0
        if hits:
            self._memory.inc(hits)
