"""Prometheus metrics: the same names in every service, in a registry of the app's own."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_DURATION_BUCKETS_SECONDS = (0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class Metrics:
    """The counters and histograms of one service.

    Labels hold routes, methods and statuses only: never a caller, a text or a name that a user chose.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests_in_progress = Gauge(
            "timbre_requests_in_progress", "Requests being answered.", registry=self.registry
        )
        self.requests = Counter(
            "timbre_requests", "Requests answered.", ("route", "method", "status"), registry=self.registry
        )
        self.request_seconds = Histogram(
            "timbre_request_duration_seconds",
            "Time from request to the end of the answer.",
            ("route", "method"),
            buckets=_DURATION_BUCKETS_SECONDS,
            registry=self.registry,
        )
        self.engine_seconds = Histogram(
            "timbre_engine_duration_seconds",
            "Time an engine worked on one piece.",
            ("engine",),
            buckets=_DURATION_BUCKETS_SECONDS,
            registry=self.registry,
        )
        self.queue = Gauge(
            "timbre_engine_queue", "Pieces of work that wait for an engine slot.", registry=self.registry
        )
        self.refused = Counter("timbre_engine_refused", "Pieces of work answered with 429.", registry=self.registry)

    @contextmanager
    def engine_time(self, engine: str) -> Iterator[None]:
        """Measure one piece of an engine's work."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.engine_seconds.labels(engine).observe(time.perf_counter() - started)

    def exposition(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self.registry)
