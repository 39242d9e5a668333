"""Followup's two processes: the api of the revisit desk, and the worker that schedules revisits and watches limits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from followup.adapters.api import ROUTERS
from followup.adapters.subscriber import reactions_of
from followup.adapters.views import VIEWS
from followup.domain import apology, promise, revisit, suggestion
from hotline_chassis.api import create_api
from hotline_chassis.devclock import clock_router
from hotline_chassis.history import history_router
from hotline_chassis.rules_router import rules_router
from hotline_chassis.runtime import Runtime, api_checks, lifespan_of
from hotline_chassis.settings import settings_from_environment
from hotline_chassis.worker import Work, Worker
from hotline_events.projection import Projector
from hotline_events.timers import OnTimer
from hotline_rules.book import RuleBook

LOCALE = Path(__file__).parent / "locale"


def api() -> FastAPI:
    """Build the application."""
    settings = settings_from_environment()
    opened = lifespan_of(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        """Serve on tables that exist, even before the worker's first start."""
        async with opened(app):
            for view in VIEWS:
                await Projector(app.state.runtime.engine, view).prepare()
            yield

    app = create_api(
        settings,
        title="Hotline followup",
        routers=[*ROUTERS, history_router(), rules_router(), *([clock_router()] if settings.development else [])],
        checks=api_checks(lambda: app.state.runtime),
        lifespan=lifespan,
        locale=LOCALE,
    )
    return app


def on_timers(book: RuleBook) -> dict[str, OnTimer]:
    """Say what each aggregate's due clocks become."""
    others = {aggregate.AGGREGATE: aggregate.on_timer for aggregate in (suggestion, apology, promise)}
    return {revisit.AGGREGATE: partial(revisit.on_timer, book), **others}


def worker() -> Worker:
    """Build the worker."""
    settings = settings_from_environment()

    def build(runtime: Runtime) -> Work:
        return Work(views=VIEWS, reactions=[reactions_of(runtime)], on_timer=on_timers(runtime.book))

    return Worker(settings, build)
