"""The two processes of a service, started as in production: ready, watched, told to stop, stuck, failing."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from hotline_chassis.health import HealthThread, NotReadyError, at_most, connected, run_checks
from hotline_chassis.serve import GRACE

PATIENCE = 60.0  # seconds; generous, so that a loaded machine fails nothing

SERVICE = """
import asyncio, time
from collections.abc import AsyncIterator
from fastapi import APIRouter, Request
from hotline_chassis.api import create_api
from hotline_chassis.http import LastEventId
from hotline_chassis.settings import settings_from_environment
from hotline_chassis.sse import ServerEvent, event_stream

router = APIRouter()
closed = []

async def events(after: int) -> AsyncIterator[ServerEvent]:
    try:
        for position in range(after + 1, after + 3):
            yield ServerEvent(position=position, name="routing.work_order.transferred", data={"order": "路灯"})
        await asyncio.sleep(3600)
    finally:
        closed.append(after)

@router.get("/queue")
async def queue(request: Request, last: LastEventId):
    return event_stream(request, events(last or 0), right=None, heartbeat=0.1)

@router.get("/closed")
async def shown():
    return closed

def api():
    return create_api(settings_from_environment(), title="Town", routers=[router])

class Worker:
    checks = {}
    async def run(self) -> None:
        %s

def worker():
    return Worker()
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Town:
    """A small service in a folder of its own, with its ports and environment."""

    def __init__(self, folder: Path, body: str = "await asyncio.sleep(3600)") -> None:
        package = folder / "town"
        package.mkdir()
        (package / "__init__.py").write_text("")
        (package / "main.py").write_text(SERVICE % body)
        self.port, self.health_port = free_port(), free_port()
        self.environment: Mapping[str, str] = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "PYTHONPATH": str(folder),
            "HOTLINE_SERVICE": "town",
            "HOTLINE_MODE": "development",
            "HOTLINE_DATABASE_URL": "postgresql+asyncpg://localhost/none",
            "HOTLINE_NATS_URL": "nats://localhost",
            "HOTLINE_ISSUER": "http://127.0.0.1:1",
            "HOTLINE_JWKS_URL": "http://127.0.0.1:1/jwks.json",
            "HOTLINE_PORT": str(self.port),
            "HOTLINE_HEALTH_PORT": str(self.health_port),
        }

    @asynccontextmanager
    async def run(self, process: str) -> AsyncIterator[asyncio.subprocess.Process]:
        started = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "hotline_chassis.serve",
            "town",
            process,
            env=dict(self.environment),
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            yield started
        finally:
            if started.returncode is None:
                started.kill()
            await started.communicate()


async def answers(url: str, status: int = 200, seconds: float = PATIENCE) -> httpx.Response:
    deadline = time.monotonic() + seconds
    async with httpx.AsyncClient(timeout=5) as client:
        while True:
            try:
                response = await client.get(url)
                if response.status_code == status:
                    return response
            except httpx.HTTPError:
                pass
            assert time.monotonic() < deadline, f"{url} did not answer {status}"
            await asyncio.sleep(0.05)


async def test_an_api_streams_goes_on_where_it_broke_off_and_stops_at_once_when_told(tmp_path: Path) -> None:
    town = Town(tmp_path)
    async with town.run("api") as process, httpx.AsyncClient(base_url=f"http://127.0.0.1:{town.port}") as client:
        await answers(f"http://127.0.0.1:{town.port}/health/ready")
        async with client.stream("GET", "/queue", headers={"last-event-id": "7"}) as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            lines = response.aiter_lines()
            seen = [line async for line in _until(lines, ": heartbeat")]
            assert [line for line in seen if line.startswith("id:")] == ["id: 8", "id: 9"]
            assert 'data: {"order":"路灯"}' in seen
        assert (await client.get("/queue", headers={"last-event-id": "x"})).status_code == 400
        await _closed(client, [7])
        async with client.stream("GET", "/queue") as response:
            lines = response.aiter_lines()
            await anext(lines)
            process.send_signal(signal.SIGTERM)
            told_at = time.monotonic()
            assert [line async for line in lines]
            assert time.monotonic() - told_at < GRACE, "it was not cut off, it ended"
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0


async def test_a_worker_is_live_while_it_works_and_ends_when_told(tmp_path: Path) -> None:
    town = Town(tmp_path)
    async with town.run("worker") as process:
        url = f"http://127.0.0.1:{town.health_port}"
        assert (await answers(f"{url}/health/live")).json() == {"status": "live"}
        assert (await answers(f"{url}/health/ready")).json() == {"status": "ready", "checks": {}}
        assert "hotline_http_request_seconds" in (await answers(f"{url}/metrics")).text
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0


async def test_a_worker_whose_loop_hangs_is_not_live(tmp_path: Path) -> None:
    town = Town(tmp_path, "await asyncio.sleep(1); time.sleep(3600)")
    async with town.run("worker"):
        url = f"http://127.0.0.1:{town.health_port}/health"
        await answers(f"{url}/live")
        assert (await answers(f"{url}/live", 503)).json() == {"status": "silent"}
        assert (await answers(f"{url}/ready", 503)).json()["checks"] == {"loop": "silent"}


@pytest.mark.parametrize(("body", "logged"), [("pass", "worker ended"), ("raise ValueError('13800138000')", "ValueError")])
async def test_a_worker_that_ends_by_itself_has_failed_and_its_log_names_no_value(
    tmp_path: Path, body: str, logged: str
) -> None:
    async with Town(tmp_path, body).run("worker") as process:
        _, log = await asyncio.wait_for(process.communicate(), PATIENCE)
        assert process.returncode == 1
        assert logged in log.decode()
        assert "13800138000" not in log.decode()


async def test_a_missing_setting_is_named_before_anything_starts(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.environment = {name: value for name, value in town.environment.items() if name != "HOTLINE_NATS_URL"}
    async with town.run("api") as process:
        _, log = await asyncio.wait_for(process.communicate(), PATIENCE)
        assert process.returncode == 1
        assert log.decode().strip() == "HOTLINE_NATS_URL is not set"


async def test_readiness_names_what_is_missing_and_waits_for_nothing_long() -> None:
    async def lag() -> float:
        return 7.0

    async def hangs() -> None:
        await asyncio.sleep(3600)

    checks = {"broker": connected(lambda: True), "relay": at_most(5, lag), "database": hangs}
    is_ready, results = await run_checks(checks, seconds=0.1)
    assert not is_ready
    assert results == {"broker": "ok", "relay": NotReadyError.__name__, "database": "TimeoutError"}


async def test_the_health_thread_answers_for_a_loop_that_does_not() -> None:
    thread = HealthThread({}, host="127.0.0.1", port=0, max_silence=0.2)
    try:
        assert thread.is_live
        time.sleep(0.4)
        assert not thread.is_live
    finally:
        await thread.stop()


async def _until(lines: AsyncIterator[str], last: str) -> AsyncIterator[str]:
    async for line in lines:
        if line == last:
            return
        yield line


async def _closed(client: httpx.AsyncClient, expected: list[int]) -> None:
    for _ in range(100):
        if (await client.get("/closed")).json() == expected:
            return
        await asyncio.sleep(0.05)
    pytest.fail("the source of a stream whose reader left is still open")


async def test_the_development_issuer_serves_in_development_and_refuses_to_start_elsewhere(tmp_path: Path) -> None:
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOTLINE_MODE": "development",
        "HOTLINE_PORT": str(port),
        "HOTLINE_DEVISSUER_KEY_FILE": str(tmp_path / "issuer.pem"),
    }
    command = (sys.executable, "-m", "hotline_chassis.devissuer")
    refused = await asyncio.create_subprocess_exec(*command, env={**environment, "HOTLINE_MODE": "production"})
    assert await asyncio.wait_for(refused.wait(), PATIENCE) == 1
    started = await asyncio.create_subprocess_exec(*command, env=environment)
    try:
        await answers(f"http://127.0.0.1:{port}/jwks.json")
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            answer = await client.post("/token", data={"username": "handler@roads"})
            assert answer.json()["expires_in"] == 900
    finally:
        started.terminate()
        await asyncio.wait_for(started.wait(), PATIENCE)
