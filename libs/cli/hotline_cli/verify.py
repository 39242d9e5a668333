"""The offline chain verifier: reads rows or an export and names the first bad position.

It shares no code with the store on purpose: a defect there must not hide itself here. What it checks is written down in
`docs/architecture.md`: positions without a hole from 1, versions without a hole in each stream, each hash from the one
before, the head row, and signed anchors.
"""

import base64
import hashlib
import json
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_GENESIS = hashlib.sha256(b"").digest()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PAGE = 5000


@dataclass(frozen=True, slots=True)
class Row:
    """One stored event, its two JSON texts as the bytes that were stored."""

    position: int
    stream: str
    version: int
    id: str
    name: str
    schema_version: int
    payload: str
    metadata: str
    recorded_at: datetime
    hash: bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome: how many events hold, and what is wrong first, if anything."""

    verified: int
    head: bytes
    bad_position: int | None = None
    reason: str | None = None

    @property
    def whole(self) -> bool:
        """Say whether nothing is wrong."""
        return self.bad_position is None


class Chain:
    """Takes rows in the order they are read and finds the first that does not follow."""

    def __init__(self) -> None:
        self.hashes: dict[int, bytes] = {}
        self._position = 0
        self._hash = _GENESIS
        self._versions: dict[str, int] = {}
        self._bad: tuple[int, str] | None = None

    def add(self, rows: Iterable[Row], *, keep: Sequence[int] = ()) -> bool:
        """Check the next rows; False from the first bad one on. Hashes at the positions `keep` are remembered."""
        for row in rows:
            if self._bad is None:
                self._bad = self._fault(row)
            if self._bad is not None:
                return False
            if row.position in keep:
                self.hashes[row.position] = self._hash
        return True

    def _fault(self, row: Row) -> tuple[int, str] | None:
        expected = self._position + 1
        if row.position != expected:
            return expected, f"position {expected} is missing, {row.position} follows {self._position}"
        version = self._versions.get(row.stream, 0) + 1
        if row.version != version:
            return expected, f"stream {row.stream} goes from version {version - 1} to {row.version}"
        digest = hashlib.sha256(self._hash + hashlib.sha256(covered_bytes(row)).digest()).digest()
        if digest != row.hash:
            return expected, "the stored bytes and the hash do not agree"
        self._position, self._hash = row.position, digest
        self._versions[row.stream] = version
        return None

    def verdict(self, head: tuple[int, bytes] | None = None) -> Verdict:
        """Say what was found; with the head row also whether the end was cut off."""
        if self._bad is None and head is not None and head != (self._position, self._hash):
            self._bad = (min(head[0], self._position) + 1, f"the head is at {head[0]}, the events end at {self._position}")
        if self._bad is None:
            return Verdict(self._position, self._hash)
        return Verdict(self._position, self._hash, *self._bad)


def covered_bytes(row: Row) -> bytes:
    """Return the bytes that the digest of an event covers."""
    since = row.recorded_at - _EPOCH
    microseconds = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    payload, metadata = row.payload.encode(), row.metadata.encode()
    words = [
        row.position,
        row.stream,
        row.version,
        row.id,
        row.name,
        row.schema_version,
        microseconds,
        len(payload),
        len(metadata),
    ]
    return "\n".join(map(str, words)).encode() + b"\n" + payload + b"\n" + metadata


async def rows_of_database(url: str) -> AsyncIterator[list[Row]]:
    """Read the events table page by page, over a connection of its own."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        after = 0
        while rows := await connection.fetch(
            """select position, stream, version, id::text, name, schema_version, payload::text, metadata::text, recorded_at,
                      hash from events where position > $1 order by position limit $2""",
            after,
            _PAGE,
        ):
            yield [Row(*row) for row in rows]
            after = rows[-1][0]
    finally:
        await connection.close()


async def head_of_database(url: str) -> tuple[int, bytes]:
    """Read the head row."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        row = await connection.fetchrow("select position, hash from head")
        return row[0], row[1]
    finally:
        await connection.close()


def rows_of_export(path: Path) -> Iterator[Row]:
    """Read an export: the NDJSON of `GET /events`, whose lines carry the stored bytes unchanged."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield _exported(line.rstrip("\n"))


def _exported(line: str) -> Row:
    event: dict[str, Any] = json.loads(line)
    start = line.index('"chainhash":"') + len('"chainhash":"') + 64 + len('",')
    data = line.index(',"data":', start)
    return Row(
        position=event["position"],
        stream=event["subject"],
        version=event["streamversion"],
        id=event["id"],
        name=event["type"],
        schema_version=event["schemaversion"],
        payload=line[data + len(',"data":') : -1],
        metadata="{" + line[start:data] + "}",
        recorded_at=datetime.fromisoformat(event["recordedat"]),
        hash=bytes.fromhex(event["chainhash"]),
    )


@dataclass(frozen=True, slots=True)
class Anchor:
    """A signed statement of where the head was."""

    position: int
    hash: bytes


def read_anchors(path: Path, public_key: bytes) -> list[Anchor]:
    """Read anchors whose signatures hold; one that does not is an error naming its line."""
    key = Ed25519PublicKey.from_public_bytes(public_key)
    anchors = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        statement = json.loads(line)
        signature = base64.b64decode(statement.pop("signature"))
        try:
            key.verify(signature, json.dumps(statement, sort_keys=True, separators=(",", ":")).encode())
        except InvalidSignature as error:
            message = f"{path.name} line {number}: the signature does not hold"
            raise ValueError(message) from error
        anchors.append(Anchor(statement["position"], bytes.fromhex(statement["hash"])))
    return anchors


async def verify_database(url: str, anchors: Sequence[Anchor] = ()) -> Verdict:
    """Verify the whole table against its own head row and the anchors."""
    chain = Chain()
    keep = {anchor.position for anchor in anchors}
    async for rows in rows_of_database(url):
        if not chain.add(rows, keep=list(keep)):
            break
    return against(chain, chain.verdict(await head_of_database(url)), anchors)


def verify_export(path: Path, anchors: Sequence[Anchor] = ()) -> Verdict:
    """Verify an export against the anchors; an export has no head row, so a cut newer than the last anchor does not show."""
    chain = Chain()
    chain.add(rows_of_export(path), keep=[anchor.position for anchor in anchors])
    return against(chain, chain.verdict(), anchors)


def against(chain: Chain, verdict: Verdict, anchors: Sequence[Anchor]) -> Verdict:
    """Compare a whole chain with what was anchored elsewhere."""
    if not verdict.whole:
        return verdict
    for anchor in sorted(anchors, key=lambda one: one.position):
        if anchor.position > verdict.verified:
            return Verdict(verdict.verified, verdict.head, verdict.verified + 1, f"the anchor of {anchor.position} is gone")
        if anchor.position and chain.hashes.get(anchor.position) != anchor.hash:
            return Verdict(verdict.verified, verdict.head, anchor.position, "the history is not the one that was anchored")
    return verdict
