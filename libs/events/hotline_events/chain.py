"""Anchors: the head of the hash chain, signed and written hourly to a place outside the service.

An edit, a deletion or a reordering of stored events breaks the chain. Whoever rewrites all of it from some position on still
cannot match an anchor that lies elsewhere. The offline verifier reads anchors; it shares no code with this module.
"""

import asyncio
import base64
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hotline_events.errors import StoreUnavailableError
from hotline_events.store import Head, Store

_log = logging.getLogger(__name__)

Publish = Callable[[str], Awaitable[None]]


def anchor_of(service: str, head: Head, at: datetime, key: Ed25519PrivateKey) -> str:
    """Return one anchor: a JSON line whose `signature` (Ed25519, base64) covers the line without it."""
    statement = {
        "service": service,
        "epoch": head.epoch,
        "position": head.position,
        "hash": head.hash.hex(),
        "anchored_at": at.isoformat(),
    }
    signed = json.dumps(statement, sort_keys=True, separators=(",", ":"))
    signature = base64.b64encode(key.sign(signed.encode())).decode()
    return json.dumps({**statement, "signature": signature}, sort_keys=True, separators=(",", ":"))


def to_file(path: Path) -> Publish:
    """Return a publisher that appends to a file, which should lie on other storage than the database."""

    async def publish(line: str) -> None:
        await asyncio.to_thread(_append_line, path, line)

    return publish


def _append_line(path: Path, line: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")


async def anchor_hourly(
    store: Store, service: str, key: Ed25519PrivateKey, publish: Publish, *, every: timedelta = timedelta(hours=1)
) -> None:
    """Anchor for ever, once when started and then every hour."""
    while True:
        try:
            head = await store.head()
            await publish(anchor_of(service, head, datetime.now(UTC), key))
            _log.info("chain.anchored", extra={"service": service, "position": head.position, "epoch": head.epoch})
        except (StoreUnavailableError, OSError) as error:
            _log.warning("the chain of %s was not anchored: %s", service, type(error).__name__)
        await asyncio.sleep(every.total_seconds())
