"""Reporting's two processes: the api that answers figures, and the worker that keeps the read models."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from hotline_chassis.api import create_api
from hotline_chassis.devclock import clock_router
from hotline_chassis.history import history_router
from hotline_chassis.rules_router import rules_router
from hotline_chassis.runtime import Runtime, api_checks, lifespan_of
from hotline_chassis.settings import settings_from_environment
from hotline_chassis.worker import Work, Worker
from hotline_events.projection import Projector
from reporting.adapters.api import ROUTERS
from reporting.adapters.views import VIEWS

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
        title="Hotline reporting",
        routers=[*ROUTERS, history_router(), rules_router(), *([clock_router()] if settings.development else [])],
        checks=api_checks(lambda: app.state.runtime),
        lifespan=lifespan,
        locale=LOCALE,
    )
    return app


def worker() -> Worker:
    """Build the worker: it follows every service; what reporting decides, its api decides."""

    def build(_runtime: Runtime) -> Work:
        return Work(views=VIEWS)

    return Worker(settings_from_environment(), build)
