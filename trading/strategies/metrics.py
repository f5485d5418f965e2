"""Runs of strategies for Prometheus, of the whole installation: no figure names an organisation, account or run."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import DatabaseError, InterfaceError
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from core.errors import Unavailable

from .sandbox.tally import stops_counted
from .selectors.fleet import Fleet, fleet

_REFUSED_WITHIN = timedelta(hours=1)


class FleetCollector(Collector):
    """Named in `settings.METRICS_COLLECTORS`. Without database or store there are no figures, not old ones."""

    def describe(self) -> list[Metric]:
        """Nothing to say before anybody asks: reading the database at import would be too early."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Three statements and one look into the shared store, however many runs there are."""
        try:
            yield from _figures(fleet(refused_within=_REFUSED_WITHIN))
        except (DatabaseError, InterfaceError):
            return
        try:
            yield _stops()
        except Unavailable:
            return


def _figures(found: Fleet) -> Iterator[Metric]:
    runs = GaugeMetricFamily("sauda_strategy_runs", "Runs of strategies.", labels=["state", "mode", "account"])
    for each in found.runs:
        runs.add_metric([each.state.value, each.mode.value, each.account], each.runs)
    yield runs
    yield GaugeMetricFamily(
        "sauda_strategy_runs_silent", "Runs that are to be driven and gave no sign for 30 seconds.", found.silent
    )
    yield _seconds(
        "sauda_strategy_run_beat_age_seconds", "Since the sign of the run heard least lately.", found.beat_age
    )
    yield GaugeMetricFamily("sauda_signals_waiting", "Signals that wait for a person.", found.waiting)
    yield _seconds("sauda_signals_waiting_oldest_seconds", "How long the oldest has waited.", found.longest_wait)
    refused = GaugeMetricFamily(
        "sauda_signals_refused_last_hour", "Signals refused within an hour of the market.", labels=["reason"]
    )
    for code, signals in found.refused:
        refused.add_metric([code], signals)
    yield refused


def _seconds(name: str, text: str, age: timedelta | None) -> Metric:
    """Zero where nothing waits or is driven: an alert on a maximum needs no second condition then."""
    return GaugeMetricFamily(name, text, 0.0 if age is None else max(age.total_seconds(), 0.0))


def _stops() -> Metric:
    family = CounterMetricFamily(
        "sauda_strategy_stops", "Members' own code that was stopped, by reason.", labels=["reason"]
    )
    for stop, count in stops_counted().items():
        family.add_metric([stop.value], count)
    return family
