"""One way to build an API, so that all four services refuse, sign in, measure and document alike."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.telemetry import TelemetryConfig
from fastapi_swagger import patch_fastapi

from hotline_chassis.access import AccessGate
from hotline_chassis.guard import MAX_BODY, Guard
from hotline_chassis.health import Checks, health_router
from hotline_chassis.problems import MEDIA_TYPE, Problem, install_problems
from hotline_chassis.settings import Settings
from hotline_chassis.signin import TokenVerifier, verifier_of
from hotline_chassis.texts import Texts

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

_REFUSALS: Final = {
    400: "The request cannot be read: broken JSON, header or cursor.",
    401: "No token, or one that is not believed.",
    403: "The role does not have this right.",
    404: "There is no such thing, or none that you may see.",
    405: "This path does not know the method.",
    409: "The state of the matter forbids it; the rule is named.",
    412: "The version in If-Match is not the current one.",
    413: "The body is larger than allowed.",
    415: "The body has a content type that is not supported.",
    422: "A field breaks a rule; both are named.",
    503: "A server behind this one is away: repeat with the same id after Retry-After seconds.",
}


# The framework's own spans and logs would carry paths, queries and the texts of errors; ours carry none of them.
_NO_TELEMETRY: Final[TelemetryConfig] = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def create_api(
    settings: Settings,
    *,
    title: str,
    routers: Sequence[APIRouter],
    checks: Checks | None = None,
    lifespan: Lifespan | None = None,
    clock: Callable[[], datetime] | None = None,
    verifier: TokenVerifier | None = None,
    locale: Path | None = None,
    max_body: int = MAX_BODY,
    content_types: tuple[str, ...] = ("application/json",),
) -> FastAPI:
    """Build the application of a service: its routers, and around them what every service shares."""
    app = FastAPI(
        title=title,
        version="1",
        lifespan=lifespan,
        responses=_responses(),
        docs_url=None,
        swagger_ui_oauth2_redirect_url=None,
        redoc_url=None,
        telemetry=_NO_TELEMETRY,
        # A redirect would answer before the guard of the route, and clients lose their body on the way.
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.clock = clock or _wall_clock
    app.state.verifier = verifier or verifier_of(settings)
    app.state.access = AccessGate(lambda: getattr(getattr(app.state, "runtime", None), "store", None))
    app.state.texts = Texts(*([locale] if locale else []))
    app.state.stopping = asyncio.Event()
    install_problems(app)
    if settings.development:
        # The framework's own page fetches its script from a public host, which an office's network does not reach.
        patch_fastapi(app, redirect_from_root_to_docs=False)
    for router in routers:
        app.include_router(router)
    app.include_router(health_router(checks or {}))
    app.add_middleware(Guard, max_body=max_body, content_types=content_types)
    _document(app)
    return app


def _wall_clock() -> datetime:
    return datetime.now(UTC)


def _responses() -> dict[int | str, dict[str, Any]]:
    return {
        status: {"description": description, "model": Problem, "content": {MEDIA_TYPE: {}}}
        for status, description in _REFUSALS.items()
    }


def _document(app: FastAPI) -> None:
    """Describe problems by their own media type only; the framework would name plain JSON beside it."""
    written: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not written:
            written.update(get_openapi(title=app.title, version=app.version, routes=app.routes))
            for path in written.get("paths", {}).values():
                for operation in path.values():
                    _problems_only(operation["responses"])
        return written

    app.openapi = openapi  # type: ignore[method-assign]


def _problems_only(responses: Mapping[str, Any]) -> None:
    for status, response in responses.items():
        content = response.get("content", {})
        if status.isdigit() and int(status) in _REFUSALS and "application/json" in content:
            content[MEDIA_TYPE] = content.pop("application/json")
