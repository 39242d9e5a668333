"""The two processes of intake: `api()` serves people, `worker()` publishes, projects and heals. Everything is built here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from hotline_chassis.api import Lifespan, create_api
from hotline_chassis.devclock import clock_router
from hotline_chassis.history import history_router
from hotline_chassis.rules_router import rules_router
from hotline_chassis.runtime import Runtime, api_checks, lifespan_of
from hotline_chassis.settings import Settings, settings_from_environment
from hotline_chassis.signin import TokenVerifier
from hotline_chassis.worker import Work, Worker
from hotline_events.projection import Projector
from intake.adapters.api import ROUTERS
from intake.adapters.desk_reactions import TIMERS as DESK_TIMERS
from intake.adapters.desk_reactions import desk_reactions
from intake.adapters.harassment import harassment_reactions
from intake.adapters.subscriber import erasures
from intake.adapters.views import VIEWS
from intake.domain import break_glass, call, directory, number, relay
from intake.vault import Vault


def api() -> FastAPI:
    """Return the application of the api process."""
    return build_api(settings_from_environment())


def worker() -> Worker:
    """Return the worker process."""
    return Worker(settings_from_environment(), build_work)


def build_api(settings: Settings, *, lifespan: Lifespan | None = None, verifier: TokenVerifier | None = None) -> FastAPI:
    """Build the application; tests bring a verifier and a runtime of their own."""
    opened = lifespan or lifespan_of(settings)

    @asynccontextmanager
    async def serving(app: FastAPI) -> AsyncIterator[None]:
        """Serve on tables that exist, even before the worker's first start."""
        async with opened(app):
            for view in VIEWS:
                await Projector(app.state.runtime.engine, view).prepare()
            yield

    development = [clock_router()] if settings.development else []
    app = create_api(
        settings,
        title="Hotline intake",
        routers=[*ROUTERS, history_router(), rules_router(), *development],
        checks=api_checks(lambda: _runtime_of(app)),
        lifespan=serving,
        verifier=verifier,
        locale=Path(__file__).parent / "locale",
    )
    return app


def build_work(runtime: Runtime) -> Work:
    """Say what the worker does: its read models, its reactions, its clocks, and the completion of erasures."""
    return Work(
        views=(*VIEWS, erasures(Vault(runtime.store, runtime.keyring))),
        reactions=(desk_reactions(runtime), harassment_reactions(runtime)),
        on_timer={
            **DESK_TIMERS,
            "call": call.on_timer,
            "number": number.on_timer,
            "directory": directory.on_timer,
            "break_glass": break_glass.on_timer,
            "relay": relay.on_timer,
        },
    )


def _runtime_of(app: FastAPI) -> Runtime:
    runtime: Runtime = app.state.runtime
    return runtime
