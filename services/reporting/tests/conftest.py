"""What follows a history, for the tests of reporting."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline_embedded.fixtures import Databases
from hotline_events.cursor import Checkpoint
from hotline_events.projection import Projector
from hotline_events.testing_history import History
from reporting.adapters.views import VIEWS

Follow = Callable[[History], Awaitable[AsyncEngine]]


@pytest.fixture
def follow(engine_for: Callable[[str], AsyncEngine], databases: Databases) -> Follow:
    """Return what makes a database with every view applied to a history, and answers its engine."""

    async def follow(history: History) -> AsyncEngine:
        engine = engine_for((await databases.fresh("reporting")).app_url)
        for view in VIEWS:
            projector = Projector(engine, view)
            await projector.prepare()
            for source in view.sources:
                if events := history.sources[source]:
                    await projector.apply(source, events, Checkpoint(0, 1))
        return engine

    return follow
