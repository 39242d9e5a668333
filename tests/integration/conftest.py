"""One whole city for all integration tests: real servers, every process, started once."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from hotline_embedded.city import MOMENT, City
from hotline_embedded.collector import TraceCollector


@pytest.fixture(scope="session")
def traces() -> Iterator[TraceCollector]:
    """Return where the city's processes export their traces to."""
    collector = TraceCollector()
    yield collector
    collector.stop()


@pytest.fixture(scope="session")
async def stack(traces: TraceCollector) -> AsyncIterator[City]:
    """Return the running city, its business time at MOMENT.

    Its folder is not pytest's own: pytest closes those to other users, and as root Postgres runs as another one.
    """
    folder = Path(tempfile.mkdtemp(prefix="hotline-city-"))
    city = City(folder, extra_env={"OTEL_EXPORTER_OTLP_ENDPOINT": traces.url, "OTEL_BSP_SCHEDULE_DELAY": "1000"})
    try:
        city.start()
        await city.drive(MOMENT)
        yield city
    finally:
        await city.close()
        city.stop()
        shutil.rmtree(folder, ignore_errors=True)
