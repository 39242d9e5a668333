"""A service's history over HTTP, as NDJSON: what a rebuild in another service reads, and the client that reads it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Annotated

import httpx
from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from hotline_chassis.rights import Right
from hotline_chassis.runtime import Runtime, RuntimeOf
from hotline_chassis.settings import Settings
from hotline_chassis.signin import requires
from hotline_chassis.tokens import BearerAuth, service_tokens
from hotline_events.cursor import History
from hotline_events.envelope import Envelope, from_cloudevent, to_cloudevent
from hotline_events.rebuild import own_history
from hotline_events.store import Store

_PAGE = 1000
_LIMIT = 100_000


def history_router() -> APIRouter:
    """Return `GET /events`: the stored events after a position, one CloudEvent a line, at most `limit` of them."""
    router = APIRouter(tags=["history"])

    @router.get(
        "/events",
        dependencies=[Depends(requires(Right.HISTORY_READ))],
        response_class=StreamingResponse,
        responses={200: {"content": {"application/x-ndjson": {}}, "description": "CloudEvents, one a line."}},
    )
    async def events(
        runtime: RuntimeOf,
        after: Annotated[int, Query(ge=0, le=2**63 - 1, description="Events after this position.")] = 0,
        limit: Annotated[int, Query(ge=1, le=_LIMIT)] = _LIMIT,
    ) -> StreamingResponse:
        """Read this service's events in commit order."""
        return StreamingResponse(_lines(runtime, after, limit), media_type="application/x-ndjson")

    return router


async def _lines(runtime: Runtime, after: int, limit: int) -> AsyncIterator[bytes]:
    head = await runtime.store.head()
    left = limit
    while left > 0:
        rows = await runtime.store.read_all(after, min(_PAGE, left))
        if not rows:
            return
        yield b"".join(to_cloudevent(row, epoch=head.epoch, epoch_start=head.epoch_start) + b"\n" for row in rows)
        after = rows[-1].position
        left -= len(rows)


def history_of(settings: Settings, store: Store) -> History:
    """Return a reader of any service's history: the own one from the store, the others' over HTTP."""
    own = own_history(store)

    async def read(source: str, after: int) -> AsyncIterator[Sequence[Envelope]]:
        if source == settings.service:
            async for page in own(source, after):
                yield page
            return
        auth = BearerAuth(service_tokens(settings))
        async with httpx.AsyncClient(base_url=settings.peers[source], auth=auth, timeout=30) as client:
            while page := await _page(client, after):
                yield page
                after = page[-1].position

    return read


async def _page(client: httpx.AsyncClient, after: int) -> list[Envelope]:
    answer = await client.get("/events", params={"after": after, "limit": _PAGE})
    answer.raise_for_status()
    return await asyncio.to_thread(_decode, answer.content)


def _decode(body: bytes) -> list[Envelope]:
    return [from_cloudevent(line) for line in body.splitlines() if line]
