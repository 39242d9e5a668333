"""One whole city for all integration tests: real servers, every process, started once."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hotline_embedded.city import MOMENT, City


@pytest.fixture(scope="session")
async def stack() -> AsyncIterator[City]:
    """Return the running city, its business time at MOMENT.

    Its folder is not pytest's own: pytest closes those to other users, and as root Postgres runs as another one.
    """
    folder = Path(tempfile.mkdtemp(prefix="hotline-city-"))
    city = City(folder)
    try:
        city.start()
        await city.drive(MOMENT)
        yield city
    finally:
        await city.close()
        city.stop()
        shutil.rmtree(folder, ignore_errors=True)
