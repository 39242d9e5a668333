"""One process of the stack: started, watched, killed, frozen and woken by its id."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_MOST_LOG = 20_000_000
_LAUNCH = Path(__file__).with_name("launch.py")

# A child dies with the thread that started it, not with the process:
# so one thread that lives as long as we do starts them all.
_spawner = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spawner")


class ProcessEndedError(Exception):
    """A process has ended although it was meant to run; the message carries the end of its log."""


class Process:
    """A command whose output goes to a log file and who dies when we do, even if we are killed."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        user: str = "",
        stop_signal: signal.Signals = signal.SIGTERM,
        death_signal: signal.Signals = signal.SIGKILL,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.log = log
        self.env = env
        self._user = user
        self._stop_signal = stop_signal
        self._death_signal = death_signal
        self._popen: subprocess.Popen[bytes] | None = None
        self._expected_to_run = False

    @property
    def pid(self) -> int:
        return self._require().pid

    @property
    def alive(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    @property
    def status(self) -> int | None:
        """Tell how the process ended: None while it runs, negative for a signal."""
        return None if self._popen is None else self._popen.poll()

    @property
    def has_failed(self) -> bool:
        """Tell whether it ended by itself; who is stopped, killed or crashed by us has not failed."""
        return self._expected_to_run and not self.alive

    def start(self) -> None:
        if self.alive:
            raise RuntimeError(f"{self.name} is already running")
        self._make_room()
        self._popen = _spawner.submit(self._spawn).result()
        self._expected_to_run = True

    def stop(self, *, timeout: float = 15, with_signal: signal.Signals | None = None) -> None:
        """End the process, gently at first. Stopping what does not run is nothing."""
        self._expected_to_run = False
        if not self.alive:
            return
        popen = self._require()
        popen.send_signal(with_signal or self._stop_signal)
        self.thaw()
        try:
            popen.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the process as a power cut would."""
        self._expected_to_run = False
        self._require().kill()
        self._require().wait()

    def restart(self) -> None:
        self.stop()
        self.start()

    def freeze(self) -> None:
        self.send(signal.SIGSTOP)

    def thaw(self) -> None:
        self.send(signal.SIGCONT)

    def send(self, what: signal.Signals) -> None:
        self._require().send_signal(what)

    def wait(self, timeout: float | None = None) -> int:
        """Wait until a process that is meant to end has ended, and tell how."""
        self._expected_to_run = False
        return self._require().wait(timeout)

    def raise_if_ended(self) -> None:
        if not self.alive:
            raise ProcessEndedError(f"{self.name} ended with status {self.status}; the end of {self.log}:\n{self.tail()}")

    def tail(self, lines: int = 30) -> str:
        with contextlib.suppress(FileNotFoundError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        return ""

    def _make_room(self) -> None:
        """Keep at most two logs of a process, the present one and the one before it."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _MOST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))

    def _spawn(self) -> subprocess.Popen[bytes]:
        launch = [sys.executable, "-I", "-S", str(_LAUNCH), str(os.getpid()), str(int(self._death_signal)), self._user]
        with self.log.open("ab") as log:
            # Its own session, so that Ctrl-C reaches us alone and we choose the order in which all end.
            return subprocess.Popen(
                [*launch, *self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=None if self.env is None else dict(self.env),
                start_new_session=True,
            )

    def _require(self) -> subprocess.Popen[bytes]:
        if self._popen is None:
            raise RuntimeError(f"{self.name} was never started")
        return self._popen


def wait_until_port_answers(process: Process, port: int, *, timeout: float = 30) -> None:
    """Wait until somebody listens on the loopback port; end early, with the log, when the process has ended."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        process.raise_if_ended()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise TimeoutError(f"{process.name} did not listen on port {port} within {timeout:g} s:\n{process.tail()}")
