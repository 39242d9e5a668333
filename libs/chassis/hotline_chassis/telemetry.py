"""Traces: W3C trace context in and out of every process, spans only where an exporter is configured.

Without OTEL_EXPORTER_OTLP_ENDPOINT nothing is recorded, but the trace id still travels: from the request through the
events table and the relay to the read model. Span names are route templates; no query, body or header is an attribute.
"""

import random
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, TraceFlags, set_span_in_context

from hotline_chassis.settings import Settings

_TRACEPARENT: Final = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_ids: Final = random.Random(secrets.randbits(128))  # noqa: S311 - trace ids are unique, not secret


def start_telemetry(settings: Settings, role: str) -> TracerProvider | None:
    """Start exporting spans when an endpoint is configured; answer the provider to shut down at the end."""
    if not settings.otlp_endpoint:
        return None
    resource = Resource.create({"service.name": f"hotline-{settings.service}-{role}", "service.namespace": "hotline"})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return provider


def current_traceparent() -> str | None:
    """Return the traceparent to store with an event or to send with a request."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def current_trace_id() -> str | None:
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else None


def parse_traceparent(text: str | None) -> SpanContext | None:
    """Read a traceparent; rubbish counts as none, as W3C Trace Context asks."""
    match = _TRACEPARENT.fullmatch(text) if text else None
    if match is None:
        return None
    trace_id, span_id = int(match[1], 16), int(match[2], 16)
    if not trace_id or not span_id:
        return None
    return SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(int(match[3], 16) & 1))


@contextmanager
def span(
    name: str,
    *,
    parent: str | None = None,
    kind: SpanKind = SpanKind.INTERNAL,
    attributes: Mapping[str, str | int] | None = None,
) -> Iterator[Span]:
    """Do something within a span: a child of `parent` (a traceparent) where given, else of the current one."""
    started = start_span(name, parent=parse_traceparent(parent), kind=kind, attributes=attributes)
    token = otel_context.attach(set_span_in_context(started))
    try:
        yield started
    finally:
        otel_context.detach(token)
        started.end()


def start_span(
    name: str,
    *,
    parent: SpanContext | None,
    kind: SpanKind = SpanKind.INTERNAL,
    attributes: Mapping[str, str | int] | None = None,
) -> Span:
    """Start a span. The caller makes it current, ends it, and may rename it when the route is known."""
    if isinstance(trace.get_tracer_provider(), TracerProvider):
        within = set_span_in_context(NonRecordingSpan(parent)) if parent else None
        return trace.get_tracer("hotline").start_span(
            name, context=within, kind=kind, attributes=dict(attributes or {}), record_exception=False
        )
    above = parent or trace.get_current_span().get_span_context()
    if above.is_valid:
        return NonRecordingSpan(SpanContext(above.trace_id, _span_id(), is_remote=False, trace_flags=above.trace_flags))
    return NonRecordingSpan(SpanContext(_trace_id(), _span_id(), is_remote=False))


def _trace_id() -> int:
    return _ids.getrandbits(128) or 1


def _span_id() -> int:
    return _ids.getrandbits(64) or 1
