"""The queue of backtests for Prometheus, of the whole installation: no figure names an organisation."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import DatabaseError, InterfaceError
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from .selectors.queue import queues


class QueueCollector(Collector):
    """Named in `settings.METRICS_COLLECTORS`. Without the database there are no figures, rather than old ones."""

    def describe(self) -> list[Metric]:
        """Nothing to say before anybody asks: reading the database at import would be too early."""
        return []

    def collect(self) -> Iterator[Metric]:
        """One statement, however many backtests wait."""
        try:
            found = queues()
        except (DatabaseError, InterfaceError):
            return
        longest = max((each.longest_wait or timedelta() for each in found), default=timedelta())
        yield GaugeMetricFamily("sauda_backtests_waiting", "Backtests in the queue.", sum(e.waiting for e in found))
        yield GaugeMetricFamily("sauda_backtests_running", "Backtests at work.", sum(e.running for e in found))
        yield GaugeMetricFamily(
            "sauda_backtests_silent", "Of these, with a worker that gives no sign.", sum(e.silent for e in found)
        )
        yield GaugeMetricFamily(
            "sauda_backtests_organisations_waiting",
            "Organisations with a backtest in the queue.",
            sum(each.waiting > 0 for each in found),
        )
        yield GaugeMetricFamily(
            "sauda_backtests_oldest_wait_seconds", "How long the oldest has waited.", longest.total_seconds()
        )
