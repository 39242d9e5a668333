"""Where a replay stands, on disk, so that an interrupted one goes on there. Losing it costs time and never doubles anything."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from hotline_cli.replay.matters import Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Everything before `until` is entered; `refused` are the rows that a service would not take."""

    until: datetime | None = None
    complete: bool = False
    refused: tuple[Rejected, ...] = ()


class Journal:
    """One small file for one file, mapping, limit and system; replaced whole, never edited."""

    def __init__(self, folder: Path, name: str, identity: str) -> None:
        self._path = folder / f"{name}-{identity[:16]}.json"

    def read(self) -> Standing:
        try:
            content = json.loads(self._path.read_text())
            until = content["until"]
            return Standing(
                until=datetime.fromisoformat(until) if until else None,
                complete=content["complete"],
                refused=tuple(Rejected(**row) for row in content["refused"]),
            )
        except (OSError, ValueError, KeyError, TypeError):
            return Standing()

    def write(self, until: datetime | None, refused: Sequence[Rejected], *, complete: bool) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        content = {
            "until": until.isoformat() if until else None,
            "complete": complete,
            "refused": [asdict(row) for row in refused],
        }
        draft = self._path.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(content))
        draft.replace(self._path)


def identity_of(file: Path, document: str, limit: int | None, urls: Mapping[str, str]) -> str:
    """Return a digest of all that makes a replay the same replay."""
    digest = hashlib.sha256(json.dumps([document, limit, sorted(urls.items())]).encode())
    with file.open("rb") as content:
        while part := content.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()
