"""Health: live means that the process still does something, ready that what it needs is there.

A worker is probed from a thread of its own, because a loop that spins or hangs would answer nothing, or would answer
while nothing moves. `live` there says that the event loop has ticked within the last seconds.
"""

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, Protocol, cast

from fastapi import APIRouter, Response
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline_chassis import metrics

Check = Callable[[], Awaitable[None]]
Checks = Mapping[str, Check]

CHECK_SECONDS: Final = 2.0
TICK: Final = 0.5


class NotReadyError(Exception):
    """A check found its subject away or too far behind."""


class HasChecks(Protocol):
    @property
    def checks(self) -> Checks: ...


def database(engine: AsyncEngine) -> Check:
    async def check() -> None:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    return check


def connected(is_connected: Callable[[], bool]) -> Check:
    """Check a client that knows whether it is connected: NATS."""

    async def check() -> None:
        if not is_connected():
            raise NotReadyError

    return check


def at_most(limit: float, measure: Callable[[], Awaitable[float]]) -> Check:
    """Check that something measured, the relay's lag for one, stays within its limit."""

    async def check() -> None:
        if await measure() > limit:
            raise NotReadyError

    return check


async def run_checks(checks: Checks, seconds: float = CHECK_SECONDS) -> tuple[bool, dict[str, str]]:
    """Run all checks at once, each with its time limit; a failed one is named with its error's class only."""

    async def one(check: Check) -> str:
        try:
            await asyncio.wait_for(check(), seconds)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the answer is: not ready
            return type(error).__name__
        return "ok"

    results = dict(zip(checks, await asyncio.gather(*map(one, checks.values())), strict=True))
    return all(result == "ok" for result in results.values()), results


def health_router(checks: Checks) -> APIRouter:
    """Answer for an api process, which is probed through its own loop: it serves people through that loop too."""
    router = APIRouter(include_in_schema=False)

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @router.get("/health/ready")
    async def ready(response: Response) -> dict[str, object]:
        is_ready, results = await run_checks(checks)
        response.status_code = 200 if is_ready else 503
        return {"status": "ready" if is_ready else "not_ready", "checks": results}

    @router.get("/metrics")
    async def metrics_page() -> Response:
        return Response(metrics.page(), media_type=metrics.CONTENT_TYPE)

    return router


class HealthThread:
    """A worker's health server. Start it within the running loop; stop it when the worker has ended."""

    def __init__(self, checks: Checks, *, host: str, port: int, max_silence: float = 5.0) -> None:
        self.checks = checks
        self.max_silence = max_silence
        self.loop = asyncio.get_running_loop()
        self.ticked_at = time.monotonic()
        self._ticking = asyncio.create_task(self._tick(), name="health-tick")
        self._server = _HealthServer((host, port), _HealthHandler)
        self._server.health = self
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, name="health", daemon=True)
        self._thread.start()

    @property
    def is_live(self) -> bool:
        return time.monotonic() - self.ticked_at <= self.max_silence

    def ready(self) -> tuple[bool, dict[str, str]]:
        """Run the checks on the worker's loop, asked from the health thread."""
        if not self.is_live:
            return False, {"loop": "silent"}
        future = asyncio.run_coroutine_threadsafe(run_checks(self.checks), self.loop)
        try:
            return future.result(CHECK_SECONDS * 2)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the answer is: not ready
            future.cancel()
            return False, {"loop": type(error).__name__}

    async def stop(self) -> None:
        self._ticking.cancel()
        await asyncio.to_thread(self._server.shutdown)
        self._server.server_close()

    async def _tick(self) -> None:
        while True:
            self.ticked_at = time.monotonic()
            await asyncio.sleep(TICK)


class _HealthServer(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    health: HealthThread


class _HealthHandler(BaseHTTPRequestHandler):
    timeout = 5

    def do_GET(self) -> None:
        health = cast("_HealthServer", self.server).health
        match self.path:
            case "/health/live":
                is_live = health.is_live
                self._json(200 if is_live else 503, {"status": "live" if is_live else "silent"})
            case "/health/ready":
                is_ready, results = health.ready()
                status = "ready" if is_ready else "not_ready"
                self._json(200 if is_ready else 503, {"status": status, "checks": results})
            case "/metrics":
                self._send(200, metrics.CONTENT_TYPE, metrics.page())
            case _:
                self._json(404, {"status": "not_found"})

    def _json(self, status: int, content: Mapping[str, object]) -> None:
        self._send(status, "application/json", json.dumps(content).encode())

    def _send(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Probes come every few seconds and are not worth a line."""
