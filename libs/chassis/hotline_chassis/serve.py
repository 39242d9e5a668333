"""Starts one process of one service: `python -m hotline_chassis.serve intake api` (or `worker`).

`<service>.main.api()` answers the application, `<service>.main.worker()` an object with `async run()` and, when it has
something to be ready for, `checks`. Both end cleanly on SIGTERM: an api lets its requests end, a worker is cancelled
between two batches; whatever a killed one leaves, the next start takes up.
"""

import argparse
import asyncio
import contextlib
import gc
import importlib
import logging
import re
import signal
import sys
from types import FrameType, ModuleType
from typing import Any, Final, Protocol

import uvicorn
import uvloop
from fastapi import FastAPI

from hotline_chassis.health import HealthThread
from hotline_chassis.logs import configure_logging, describe
from hotline_chassis.settings import Settings, SettingsError, settings_from_environment
from hotline_chassis.telemetry import start_telemetry
from hotline_rules.pack import UnknownRulePackError, load_pack
from hotline_rules.yaml_source import RulePackError

GRACE: Final = 5
_log = logging.getLogger(__name__)


class Worker(Protocol):
    async def run(self) -> None: ...


class ApiServer(uvicorn.Server):
    """Tells open streams to end when the server is asked to stop; they would hold it up otherwise."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app
        self._loop: asyncio.AbstractEventLoop | None = None

    async def serve(self, sockets: Any = None) -> None:  # noqa: ANN401 - the library's own signature
        self._loop = asyncio.get_running_loop()
        await super().serve(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._app.state.stopping.set)
        super().handle_exit(sig, frame)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m hotline_chassis.serve", description=__doc__)
    parser.add_argument("service", help="the package of the service")
    parser.add_argument("process", choices=("api", "worker"))
    arguments = parser.parse_args()
    if not re.fullmatch(r"[a-z][a-z0-9_]*", arguments.service):
        parser.error("the service is the name of a package")
    try:
        settings = settings_from_environment()
        configure_logging(f"{settings.service}-{arguments.process}", settings.log_level)
        load_pack(settings.rule_pack)  # a wrong pack is refused in one line, before anything is opened
        module = importlib.import_module(f"{arguments.service}.main")
        run = _run_api if arguments.process == "api" else _run_worker
        sys.exit(run(module, settings))
    except (SettingsError, RulePackError, UnknownRulePackError) as error:
        sys.exit(str(error))


def settle_collector() -> None:
    """Let the cyclic collector pass over what the program is made of, and look at new objects more rarely.

    Decoding makes many short-lived objects and hardly a cycle: with the interpreter's own thresholds, looking through them
    again and again costs as much as decoding does (docs/performance.md).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _run_api(module: ModuleType, settings: Settings) -> int:
    provider = start_telemetry(settings, "api")
    app: FastAPI = module.api()
    settle_collector()
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=30,
        backlog=1024,
    )
    server = ApiServer(config, app)
    # The server raises the signal again once it has ended well; that must not cut off what is still to be flushed.
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, _ended_by)
    server.run()
    if provider is not None:
        provider.shutdown()
    return 0 if server.started else 3


def _ended_by(_sign: int, _frame: FrameType | None) -> None:
    """Ending is what the signal asked for, and it has happened."""


def _run_worker(module: ModuleType, settings: Settings) -> int:
    provider = start_telemetry(settings, "worker")
    try:
        return uvloop.run(_work(module, settings))
    finally:
        if provider is not None:
            provider.shutdown()


async def _work(module: ModuleType, settings: Settings) -> int:
    """Run the worker until it ends or is told to; ending by itself is an error, for a worker never finishes."""
    worker: Worker = module.worker()
    settle_collector()
    health = HealthThread(getattr(worker, "checks", {}), host=settings.host, port=settings.health_port)
    running = asyncio.ensure_future(worker.run())
    told: list[signal.Signals] = []

    def stop(sign: signal.Signals) -> None:
        told.append(sign)
        running.cancel()

    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop, sign)
    _log.info("worker started", extra={"health_port": health.port})
    try:
        await asyncio.wait({running})
    finally:
        with contextlib.suppress(asyncio.CancelledError):
            await health.stop()
    return _outcome(running, stopped=bool(told))


def _outcome(running: "asyncio.Future[None]", *, stopped: bool) -> int:
    if running.cancelled():
        return 0 if stopped else 1
    error = running.exception()
    if error is None:
        _log.info("worker ended", extra={"told_to": stopped})
        return 0 if stopped else 1
    _log.error("worker failed", extra=describe(error))
    return 1


if __name__ == "__main__":
    main()
