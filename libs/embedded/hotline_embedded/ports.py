"""Ports on the loopback interface: chosen once, kept in a file, chosen again only when somebody else has taken them.

They lie below the range the kernel hands out for outgoing connections, so a server that is down for a moment
finds its port free when it comes back.
"""

import fcntl
import json
import random
import socket
from pathlib import Path

_LOWEST, _HIGHEST = 15_000, 32_000


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # Connections that linger after a server was killed do not occupy its port; a listening server does.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(*, besides: frozenset[int] = frozenset()) -> int:
    for _ in range(1000):
        port = random.randint(_LOWEST, _HIGHEST)  # noqa: S311  (any free port will do)
        if port not in besides and is_free(port):
            return port
    raise RuntimeError(f"No free port between {_LOWEST} and {_HIGHEST} in a thousand attempts")


class PortBook:
    """Names and their ports, in one file. Asking twice for a name answers the same port while nobody else holds it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def port(self, name: str, *, held_by_us: bool = False) -> int:
        """Answer the port of this name; `held_by_us` says that our own server may be listening there already."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            ports: dict[str, int] = json.loads(file.read() or "{}")
            known = ports.get(name)
            if known is not None and (held_by_us or is_free(known)):
                return known
            ports[name] = free_port(besides=frozenset(ports.values()))
            file.seek(0)
            file.truncate()
            json.dump(ports, file, indent=2, sort_keys=True)
            return ports[name]
