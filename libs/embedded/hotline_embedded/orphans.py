"""Servers that a killed run has left behind: found by their pid file and command, ended before the next start."""

import contextlib
from pathlib import Path

import psutil


def end_process(pid: int, *, command_contains: str, gently: float = 10) -> None:
    """End the process and its children, if that id still belongs to a command that names this text."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        if not any(command_contains in word for word in process.cmdline()):
            return
        family = [process, *process.children(recursive=True)]
        for member in family:
            # One that was frozen hears nothing until it is woken.
            _signal(member, "resume")
        _signal(process, "terminate")
        _, alive = psutil.wait_procs(family, timeout=gently)
        for member in alive:
            _signal(member, "kill")
        psutil.wait_procs(alive, timeout=5)


def pid_in(path: Path) -> int | None:
    """Read the process id that stands on the first line of a pid file."""
    with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
        return int(path.read_text().splitlines()[0])
    return None


def _signal(process: psutil.Process, what: str) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        getattr(process, what)()
