"""Metrics in Prometheus' text format. No label ever carries a person, a telephone number or an id."""

from collections.abc import Iterable
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from prometheus_client.registry import REGISTRY

__all__ = ["CONTENT_TYPE", "Counter", "Gauge", "Histogram", "page", "requests_seconds"]

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
_BUCKETS: Final[Iterable[float]] = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

requests_seconds: Final = Histogram(
    "hotline_http_request_seconds",
    "Time from request to the end of its answer.",
    ("method", "route", "status"),
    buckets=tuple(_BUCKETS),
)


def page() -> bytes:
    return generate_latest(REGISTRY)
