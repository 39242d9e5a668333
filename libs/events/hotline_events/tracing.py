"""The trace goes on behind the events table: an event carries the `traceparent` of the decision that made it.

A reaction is a child of its event's span, so one trace runs from the HTTP request through every decision that followed; a
batch that is published or applied is one span with a link to each event's. Without a configured exporter this costs nothing
and the traceparent is passed on as it is.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_NAME = "hotline.events"
_MOST_LINKS = 64
_propagator = TraceContextTextMapPropagator()


def _recording() -> bool:
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider | trace.NoOpTracerProvider)


def _context_of(traceparent: str) -> Context:
    return _propagator.extract({"traceparent": traceparent}, context=Context())


@contextmanager
def decision(name: str, caused_by: str | None) -> Iterator[str | None]:
    """Give the traceparent to store with what is decided because of an event."""
    if caused_by is None or not _recording():
        yield caused_by
        return
    tracer = trace.get_tracer(_NAME)
    with tracer.start_as_current_span(name, context=_context_of(caused_by), kind=SpanKind.CONSUMER):
        carrier: dict[str, str] = {}
        _propagator.inject(carrier)
        yield carrier.get("traceparent", caused_by)


@contextmanager
def batch(name: str, traceparents: Sequence[str | None], *, kind: SpanKind = SpanKind.CONSUMER) -> Iterator[None]:
    """Span the work on a batch of events, linked to the decisions that made them."""
    if not _recording():
        yield
        return
    known = list(dict.fromkeys(one for one in traceparents if one))[:_MOST_LINKS]
    links = [Link(trace.get_current_span(_context_of(one)).get_span_context()) for one in known]
    attributes = {"messaging.batch.message_count": len(traceparents)}
    with trace.get_tracer(_NAME).start_as_current_span(name, links=links, kind=kind, attributes=attributes):
        yield
