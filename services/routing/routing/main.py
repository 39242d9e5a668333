"""The two processes of routing: `api()` serves dispatchers and departments, `worker()` reacts, projects and watches clocks.

Everything is built here and passed on.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from hotline_chassis.api import create_api
from hotline_chassis.devclock import clock_router
from hotline_chassis.history import history_router
from hotline_chassis.rules_router import rules_router
from hotline_chassis.runtime import Runtime, api_checks, lifespan_of
from hotline_chassis.settings import Settings, settings_from_environment
from hotline_chassis.signin import TokenVerifier
from hotline_chassis.worker import Work, Worker
from hotline_events.broker_auth import DepartmentSigner
from hotline_events.projection import Projector
from routing.adapters.api import ROUTERS
from routing.adapters.following import Following
from routing.adapters.reconciling import keep_queues
from routing.adapters.subscriber import TableReactions
from routing.adapters.views import VIEWS
from routing.config import department_signer
from routing.domain import emergency, escalation, instruction, work_order

LOCALE = Path(__file__).parent / "locale"


def api() -> FastAPI:
    """Return the application of the api process."""
    return build_api(settings_from_environment(), signer=department_signer())


def worker() -> Worker:
    """Return the worker process."""
    return Worker(settings_from_environment(), build_work)


def build_api(settings: Settings, *, signer: DepartmentSigner | None = None, verifier: TokenVerifier | None = None) -> FastAPI:
    """Build the application; a test brings a verifier of its own."""
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
        title="Hotline routing",
        routers=[*ROUTERS, history_router(), rules_router(), *([clock_router()] if settings.development else [])],
        checks=api_checks(lambda: _runtime_of(app)),
        lifespan=lifespan,
        verifier=verifier,
        locale=LOCALE,
    )
    app.state.signer = signer
    return app


def build_work(runtime: Runtime) -> Work:
    """Say what the worker does: its read models, its reactions, its clocks, and the departments' queues."""
    return Work(
        views=VIEWS,
        reactions=(
            TableReactions(runtime.store, runtime.aggregates, runtime.book, runtime.wake),
            Following(runtime.store, runtime.aggregates, runtime.keys, runtime.book, runtime.wake),
        ),
        on_timer={
            "work_order": partial(work_order.on_timer, runtime.book),
            "emergency": emergency.on_timer,
            "escalation": partial(escalation.on_timer, runtime.book),
            "instruction": instruction.on_timer,
        },
        tasks=(partial(keep_queues, runtime),),
    )


def _runtime_of(app: FastAPI) -> Runtime:
    runtime: Runtime = app.state.runtime
    return runtime
