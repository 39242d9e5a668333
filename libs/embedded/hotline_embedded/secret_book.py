"""Passwords and keys of the embedded stack: made once, kept in a file that only its owner reads."""

import base64
import fcntl
import json
import os
import secrets
from pathlib import Path

_OWNER_ONLY = 0o600


def _open_private(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, _OWNER_ONLY)
    os.fchmod(descriptor, _OWNER_ONLY)
    return descriptor


class SecretBook:
    """Names and their passwords. A password is never changed once it has been handed out."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def password(self, name: str) -> str:
        with os.fdopen(_open_private(self._path), "r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            known: dict[str, str] = json.loads(file.read() or "{}")
            if name not in known:
                known[name] = secrets.token_urlsafe(24)
                file.seek(0)
                file.truncate()
                json.dump(known, file, indent=2, sort_keys=True)
            return known[name]


def key_file(path: Path) -> Path:
    """Make sure that the file holds 32 random bytes in base64 (the key that encrypts the persons' keys)."""
    with os.fdopen(_open_private(path), "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not file.read():
            file.write(base64.b64encode(secrets.token_bytes(32)).decode())
    return path
