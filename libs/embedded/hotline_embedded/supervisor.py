"""A small supervisor: ordered start, readiness, shared output, one ends all, everything stops in reverse order.

Two runs in one folder refuse each other by a lock that the kernel releases when its holder dies: a killed run blocks
nothing.
"""

import fcntl
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from hotline_embedded.logs import LogFollower
from hotline_embedded.process import Process

Say = Callable[[str], None]

_INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class AlreadyRunningError(Exception):
    """Another run holds this folder."""


class ChildFailedError(Exception):
    """A process ended by itself; the message carries the end of its log."""


class Managed(Protocol):
    """What the supervisor can run: a server or a service."""

    @property
    def name(self) -> str: ...

    @property
    def process(self) -> Process: ...

    def spawn(self) -> None: ...

    def wait_ready(self) -> None: ...

    def stop(self) -> None: ...


class Supervisor:
    """Runs processes over one folder; use it as a context manager, so that whatever happens all of them end."""

    def __init__(self, folder: Path, *, say: Say | None = None) -> None:
        self.folder = folder.resolve()
        self.logs = self.folder / "logs"
        self._started: list[list[Managed]] = []
        self._follower = LogFollower(say) if say else None
        self._lock = -1

    def __enter__(self) -> Self:
        self.take_folder()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def start(self, *together: Managed) -> None:
        """Start all of these, then wait until each is ready."""
        group: list[Managed] = []
        self._started.append(group)
        for unit in together:
            # Known before it runs: an interruption in between must not leave it behind.
            group.append(unit)
            unit.spawn()
            if self._follower:
                self._follower.follow(unit.name, unit.process.log)
        for unit in together:
            unit.wait_ready()

    def watch(self, until: threading.Event, *, every: float = 0.2) -> None:
        """Return when the event is set; raise as soon as a process has ended by itself."""
        while not until.wait(every):
            for unit in chain.from_iterable(self._started):
                if unit.process.has_failed:
                    process = unit.process
                    raise ChildFailedError(
                        f"{unit.name} ended with status {process.status}; the end of {process.log}:\n{process.tail()}"
                    )

    def stop(self) -> None:
        """Stop everything in the reverse order of its start, what started together together, and let the folder go."""
        with _deaf_to_interruptions():
            self._stop_all()

    def _stop_all(self) -> None:
        for group in reversed(self._started):
            with ThreadPoolExecutor(max_workers=len(group) or 1) as pool:
                list(pool.map(_stop, group))
        self._started.clear()
        if self._follower:
            self._follower.close()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def take_folder(self) -> None:
        """Claim the folder for this run, or say who has it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "run.pid"
        self._lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            self._lock = -1
            holder = path.read_text().strip() or "unknown"
            raise AlreadyRunningError(
                f"Another run (process {holder}) uses {self.folder}. Stop it first, or use another folder."
            ) from None
        os.truncate(self._lock, 0)
        os.pwrite(self._lock, f"{os.getpid()}\n".encode(), 0)


def _stop(unit: Managed) -> None:
    unit.stop()


@contextmanager
def interruptions_raise() -> Iterator[None]:
    """Let SIGTERM and the closing of the terminal raise KeyboardInterrupt in the block, as Ctrl-C does."""
    previous = {number: signal.signal(number, signal.default_int_handler) for number in _INTERRUPTIONS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


@contextmanager
def _deaf_to_interruptions() -> Iterator[None]:
    """Finish the block whatever is pressed: an impatient second Ctrl-C must not leave half of the processes behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = {number: signal.signal(number, signal.SIG_IGN) for number in _INTERRUPTIONS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
