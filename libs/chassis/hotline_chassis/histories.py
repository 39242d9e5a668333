"""Reading any service's history: the own one from the store, the others' over HTTP."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import httpx

from hotline_chassis.settings import Settings
from hotline_chassis.tokens import BearerAuth, service_tokens
from hotline_events.cursor import History
from hotline_events.envelope import Envelope, from_cloudevent
from hotline_events.rebuild import own_history
from hotline_events.store import Store

_PAGE = 1000


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
