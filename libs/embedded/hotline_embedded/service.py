"""A process that serves HTTP, and the programs that run once before it."""

import contextlib
import http.client
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from hotline_embedded.process import Process

_OK = 200


class StepError(Exception):
    """A program that had to succeed before the rest could start has failed; the message carries the end of its log."""


class Service:
    """A process that is ready when its readiness address answers 200."""

    def __init__(self, process: Process, *, port: int, ready_path: str = "/health/ready") -> None:
        self.process = process
        self.port = port
        self._ready_path = ready_path

    @property
    def name(self) -> str:
        return self.process.name

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.spawn()
        self.wait_ready()

    def spawn(self) -> None:
        self.process.start()

    def stop(self) -> None:
        self.process.stop()

    def is_ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", self._ready_path)
            return connection.getresponse().status == _OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def wait_ready(self, *, timeout: float = 60) -> None:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            self.process.raise_if_ended()
            if self.is_ready():
                return
            time.sleep(0.05)
        raise TimeoutError(f"{self.name} was not ready within {timeout:g} s; the end of its log:\n{self.process.tail()}")


def run_steps(steps: Mapping[str, tuple[Sequence[str], Mapping[str, str]]], *, logs: Path, timeout: float = 120) -> None:
    """Run programs side by side, each with its environment and log, and wait for all; the first failure is raised."""
    processes = [Process(name, command, log=logs / f"{name}.log", env=env) for name, (command, env) in steps.items()]
    try:
        for process in processes:
            process.start()
        for process in processes:
            if status := process.wait(timeout):
                raise StepError(f"{process.name} ended with status {status}:\n{process.tail()}")
    finally:
        for process in processes:
            with contextlib.suppress(RuntimeError):
                process.stop()
