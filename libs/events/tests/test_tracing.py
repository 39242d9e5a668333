"""One trace from the HTTP request through every decision that followed from it."""

import subprocess
import sys

_SCRIPT = """
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from hotline_events import tracing

request = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
with tracing.decision("nothing configured", request) as passed_on:
    assert passed_on == request

spans = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(spans))
trace.set_tracer_provider(provider)
with tracing.decision("routing.reactions OpenWorkOrder", request) as second:
    pass
with tracing.batch("reporting apply", [request, second, None]):
    pass
decided, applied = spans.get_finished_spans()
assert decided.parent.span_id == 0xB7AD6B7169203331
assert second.split("-")[1] == "0af7651916cd43dd8448eb211c80319c"
assert int(second.split("-")[2], 16) == decided.context.span_id
assert [link.context.span_id for link in applied.links] == [0xB7AD6B7169203331, decided.context.span_id]
"""


def test_a_reaction_is_a_child_of_the_decision_it_follows_and_a_batch_links_to_all_of_them():
    """The provider can be set once a process, so the proof runs in a process of its own."""
    subprocess.run([sys.executable, "-c", _SCRIPT], check=True)
