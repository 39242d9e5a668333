"""Wait until everything that was entered has reached reporting, by the public API alone.

Each service's history tells how far its log goes; reporting answers only when it has applied those positions. Reactions of
one service to another may still be under way, so the logs must have stood still for a moment.
"""

import asyncio
from collections.abc import Mapping

from hotline_cli.replay.clients import AwayError, Clients

SOURCES = ("intake", "routing", "followup")
_READER = "service@replay"
_OVERSIGHT = "oversight_officer"
_PAUSE = 0.5
_STILL = 3
_LOOKS = 1200
_APPLIED = "/indicators?from=1970-01-01T00:00:00Z&to=1970-01-02T00:00:00Z"


async def settle(clients: Clients) -> Mapping[str, int]:
    """Return the positions that all services have reached and reporting has applied."""
    heads: dict[str, int] = {}
    still = 0
    for _ in range(_LOOKS):
        found = {source: await _head(clients, source, heads.get(source, 0)) for source in SOURCES}
        still = still + 1 if found == heads else 0
        heads = found
        if still >= _STILL and await _applied(clients, heads):
            return heads
        await asyncio.sleep(_PAUSE)
    raise AwayError("the services do not come to rest")


async def _applied(clients: Clients, heads: Mapping[str, int]) -> bool:
    asked = "".join(f"&after_{source}={position}" for source, position in heads.items())
    answer = await clients.call("reporting", "GET", f"{_APPLIED}{asked}", user=_OVERSIGHT)
    return answer.ok


async def _head(clients: Clients, source: str, known: int) -> int:
    """Find the last position of a log that has at least `known` events: in growing steps, then by halves."""
    step = 1
    while await _exists(clients, source, known + step):
        known += step
        step *= 2
    while step > 1:
        step //= 2
        if await _exists(clients, source, known + step):
            known += step
    return known


async def _exists(clients: Clients, source: str, position: int) -> bool:
    answer = await clients.call(source, "GET", f"/events?after={position - 1}&limit=1", user=_READER)
    return answer.ok and bool(answer.body.strip())
