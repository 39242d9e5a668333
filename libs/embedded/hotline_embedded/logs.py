"""The processes' log files as one stream of lines, each with the name and the colour of who wrote it."""

import threading
from collections.abc import Callable
from pathlib import Path

_COLOURS = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)
_NAME_WIDTH = 16


class LogFollower:
    """Follows files from where they end now. It reads files, not pipes: a slow terminal never stops a service."""

    def __init__(self, say: Callable[[str], None], *, colour: bool = True, every: float = 0.1) -> None:
        self._say = say
        self._colour = colour
        self._every = every
        self._files: dict[Path, tuple[str, int]] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="log-follower", daemon=True)
        self._thread.start()

    def follow(self, name: str, path: Path, *, from_start: bool = False) -> None:
        with self._lock:
            start = 0 if from_start or not path.exists() else path.stat().st_size
            self._files.setdefault(path, (self._prefix(name), start))

    def close(self) -> None:
        """Say what is still unread and end."""
        self._closing.set()
        self._thread.join(timeout=5)

    def _prefix(self, name: str) -> str:
        padded = f"{name:<{_NAME_WIDTH}}|"
        return f"\x1b[{_COLOURS[len(self._files) % len(_COLOURS)]}m{padded}\x1b[0m" if self._colour else padded

    def _run(self) -> None:
        while not self._closing.wait(self._every):
            self._say_new_lines()
        self._say_new_lines()

    def _say_new_lines(self) -> None:
        with self._lock:
            for path, (prefix, position) in self._files.items():
                lines, end = _complete_lines(path, position)
                for line in lines:
                    self._say(f"{prefix} {line}")
                self._files[path] = (prefix, end)


def _complete_lines(path: Path, position: int) -> tuple[list[str], int]:
    """Read the lines that are finished; the beginning of a line waits for its end."""
    if not path.exists():
        return [], position
    with path.open("rb") as file:
        file.seek(position)
        text = file.read()
    finished = text[: text.rfind(b"\n") + 1]
    return finished.decode(errors="replace").splitlines(), position + len(finished)
