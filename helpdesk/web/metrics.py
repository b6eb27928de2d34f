"""/metrics in Prometheus text form, with the names of INTERFACE section 5 and no others.

What must survive a restart is counted in the store when somebody asks; only the two histograms live in the
process. Labels are roads, statuses, canned names and names of alarms: never an address, never a subject.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from helpdesk.model.alarms import AlarmName
from helpdesk.model.mail import Road
from helpdesk.store.session import Database, StoreError
from helpdesk.store.views import Figures, figures

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_INTAKE_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_MAIL_ROADS = (Road.SMTP, Road.LMTP, Road.IMAP)
_DELIVERY_BUCKETS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)


class Counting(Protocol):
    """Counts in the store. Blocking; called in a thread."""

    def take(self) -> Figures:
        """Return the figures of this moment. Raises StoreError."""
        ...


class StoredFigures:
    """Counts in the desk's own two databases."""

    def __init__(self, desk: Database, spool: Database, clock: Callable[[], datetime]) -> None:
        self._desk = desk
        self._spool = spool
        self._clock = clock

    def take(self) -> Figures:
        """Return the figures of this moment. Raises StoreError."""
        try:
            with self._desk.read() as desk, self._spool.read() as spool:
                return figures(desk, spool, self._clock())
        except SQLAlchemyError as error:
            raise StoreError(f"{self._desk.name}: the figures cannot be read now") from error


class Metrics:
    """The figures of one daemon, in a registry of its own. Safe to observe from any thread."""

    def __init__(self, counting: Counting) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(_StoreCollector(counting))
        self._intake = _histogram("intake", "From the spool to the finished decision", _INTAKE_BUCKETS)
        self._delivery = _histogram("delivery", "One attempt to hand a letter over", _DELIVERY_BUCKETS)
        self._registry.register(_Undated(self._intake))
        self._registry.register(_Undated(self._delivery))

    def observe_intake(self, seconds: float) -> None:
        """One inbox row was handled, so long after the desk worker took it up."""
        self._intake.observe(seconds)

    def observe_delivery(self, seconds: float) -> None:
        """One attempt to deliver a letter took so long, whatever its end."""
        self._delivery.observe(seconds)

    def text(self) -> bytes:
        """Return the exposition. Blocking (it asks the store); raises StoreError."""
        return generate_latest(self._registry)


class _StoreCollector(Collector):
    def __init__(self, counting: Counting) -> None:
        self._counting = counting

    def collect(self) -> Iterator[Metric]:
        f = self._counting.take()
        received = {road.value: f.mails_received.get(road, 0) for road in _MAIL_ROADS}
        yield _counter("mails_received", "Mails stored, by the road they came", received, "road")
        yield _gauge("inbox_waiting", "Arrivals that nobody has handled yet", f.inbox_waiting)
        yield _gauge("inbox_parked", "Arrivals that could not be handled", f.inbox_parked)
        yield _counter("tickets_created", "Tickets opened", f.tickets_created)
        yield _gauge("tickets_open", "Tickets that are not closed, by status", f.tickets_open, "status")
        yield _counter("letters_queued", "Letters written, by canned name", f.letters_queued, "letter")
        yield _counter("letters_sent", "Letters handed over to all their recipients", f.letters_sent)
        yield _counter("letters_failed", "Letters refused or given up", f.letters_failed)
        yield _gauge("outbox_waiting", "Letters waiting to be sent", f.outbox_waiting)
        yield _gauge(
            "deadlines_waiting", "Deadlines that stand, the overdue ones included", f.deadlines_waiting
        )
        yield _gauge(
            "deadlines_overdue",
            "Deadlines whose time has passed and that nobody has handled",
            f.deadlines_overdue,
        )
        standing = {name.value: int(name in f.alarms) for name in AlarmName}
        yield _gauge("alarm", "1 while an alarm of this name stands", standing, "name")


class _Undated(Collector):
    """A histogram without its `_created` line, which is not among the names we promise."""

    def __init__(self, histogram: Histogram) -> None:
        self._histogram = histogram

    def collect(self) -> Iterable[Metric]:
        for metric in self._histogram.collect():
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            yield metric


def _histogram(name: str, what: str, buckets: tuple[float, ...]) -> Histogram:
    return Histogram(f"helpdesk_{name}_seconds", f"{what}, in seconds", buckets=buckets, registry=None)


def _counter(name: str, what: str, values: int | Mapping[str, int], label: str = "") -> Metric:
    labels = [label] if label else []
    return _filled(CounterMetricFamily(f"helpdesk_{name}", what, labels=labels), values)


def _gauge(name: str, what: str, values: int | Mapping[str, int], label: str = "") -> Metric:
    labels = [label] if label else []
    return _filled(GaugeMetricFamily(f"helpdesk_{name}", what, labels=labels), values)


def _filled(family: CounterMetricFamily | GaugeMetricFamily, values: int | Mapping[str, int]) -> Metric:
    if isinstance(values, int):
        family.add_metric([], values)
    else:
        for key, number in sorted(values.items()):
            family.add_metric([key], number)
    return family
