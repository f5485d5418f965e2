"""The feeds' reports for Prometheus, from the shared store: whichever process is asked, the answer is the same."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from core.clock import wall_now
from core.errors import Unavailable

from .domain.feed_status import FeedState, FeedStatus
from .selectors import feed_state, feed_statuses

_GAUGES = (
    ("sauda_feed_instruments", "Instruments that the feed has told of.", "instruments"),
    ("sauda_feed_leads", "Instruments whose quotes are this feed's ticks.", "leads"),
    ("sauda_feed_lag_seconds", "Median age of the feed's latest ticks on arrival.", "lag_seconds"),
    ("sauda_feed_attempts", "Attempts to wake the feed since it last spoke.", "attempts"),
)
_COUNTERS = (
    ("sauda_feed_ticks", "Ticks received.", "ticks"),
    ("sauda_feed_takeovers", "Instruments taken over from another feed.", "takeovers"),
    ("sauda_feed_resubscriptions", "Times a mute feed was asked again.", "resubscriptions"),
    ("sauda_feed_reconnections", "Times a feed was connected anew.", "reconnections"),
    ("sauda_feed_recorded", "Ticks written by the recorder.", "recorded"),
)


class FeedCollector(Collector):
    """Named in `settings.METRICS_COLLECTORS`. Without the store there are no figures, rather than old ones."""

    def describe(self) -> list[Metric]:
        """Nothing to say before anybody asks: reading the store at import would be too early."""
        return []

    def collect(self) -> Iterator[Metric]:
        """One sample a feed, for counters of refused ticks one a reason."""
        try:
            reports = list(feed_statuses().values())
        except Unavailable:
            return
        for name, text, field in _GAUGES:
            yield _filled(GaugeMetricFamily(name, text, labels=["source"]), reports, field)
        for name, text, field in _COUNTERS:
            yield _filled(CounterMetricFamily(name, text, labels=["source"]), reports, field)
        yield _states(reports)
        yield _ages(reports)
        yield _rejected(reports)


def _filled(family: GaugeMetricFamily | CounterMetricFamily, reports: list[FeedStatus], field: str) -> Metric:
    for report in reports:
        value = getattr(report, field)
        if value is not None:
            family.add_metric([report.source], value)
    return family


def _states(reports: list[FeedStatus]) -> Metric:
    family = GaugeMetricFamily("sauda_feed_state", "1 for the state the feed is in.", labels=["source", "state"])
    for report in reports:
        now = feed_state(report)
        for state in FeedState:
            family.add_metric([report.source, state.value], float(state is now))
    return family


def _ages(reports: list[FeedStatus]) -> Metric:
    family = GaugeMetricFamily(
        "sauda_feed_last_tick_age_seconds", "Since the feed's last usable tick.", labels=["source"]
    )
    for report in reports:
        if report.last_tick_at is not None:
            family.add_metric([report.source], (wall_now() - report.last_tick_at).total_seconds())
    return family


def _rejected(reports: list[FeedStatus]) -> Metric:
    family = CounterMetricFamily(
        "sauda_feed_rejected", "Ticks refused or used in part, by reason.", labels=["source", "reason"]
    )
    for report in reports:
        for reason, count in report.rejected.items():
            family.add_metric([report.source, reason], count)
    return family
