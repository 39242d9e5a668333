"""Server-sent events: a queue that is watched live. A stream ends when its reader leaves or the server stops.

It ends too once the reader may not watch any more: their token ran out, or the hotline took their access (A150). A reader
that lost the connection comes back with Last-Event-ID and misses nothing; heartbeats tell both sides that the other is still
there.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request
from fastapi.responses import StreamingResponse

from hotline_chassis.rights import Right
from hotline_chassis.signin import may_still

HEARTBEAT: Final = 15.0
LOOK: Final = 1.0
"""How often, in seconds, it is looked whether the reader may still watch; before each event it is looked at anyway."""
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerEvent:
    """One event: its position as id, its name, and its data as JSON."""

    position: int
    name: str
    data: Mapping[str, Any]

    def encode(self) -> bytes:
        data = json.dumps(self.data, ensure_ascii=False, separators=(",", ":"), default=str)
        return f"id: {self.position}\nevent: {self.name}\ndata: {data}\n\n".encode("utf-8", "backslashreplace")


def event_stream(
    request: Request,
    source: AsyncIterator[ServerEvent],
    *,
    right: Right | None,
    heartbeat: float = HEARTBEAT,
    look: float = LOOK,
) -> StreamingResponse:
    """Send what `source` yields for as long as the reader has the right; None is for what everybody may watch.

    The source is closed however the stream ends.
    """
    chunks = _chunks(request, source, right, heartbeat, look)
    return StreamingResponse(chunks, media_type="text/event-stream", headers=_HEADERS)


async def _chunks(
    request: Request, source: AsyncIterator[ServerEvent], right: Right | None, heartbeat: float, look: float
) -> AsyncIterator[bytes]:
    stopping: asyncio.Event = request.app.state.stopping
    stopped = asyncio.ensure_future(stopping.wait())
    upcoming: asyncio.Future[ServerEvent] | None = None
    beat = time.monotonic() + heartbeat
    try:
        yield b"retry: 2000\n\n"
        while not stopping.is_set():
            upcoming = upcoming or asyncio.ensure_future(anext(source))
            waiting: set[asyncio.Future[Any]] = {upcoming, stopped}
            await asyncio.wait(waiting, timeout=min(look, heartbeat), return_when=asyncio.FIRST_COMPLETED)
            if right is not None and not await may_still(request, right):
                return
            if upcoming.done():
                try:
                    event = upcoming.result()
                except StopAsyncIteration:
                    return
                upcoming = None
                yield event.encode()
            elif await request.is_disconnected():
                return
            elif not stopping.is_set() and time.monotonic() >= beat:
                beat = time.monotonic() + heartbeat
                yield b": heartbeat\n\n"
    finally:
        await _end(stopped, upcoming, source)


async def _end(
    stopped: asyncio.Future[Any], upcoming: asyncio.Future[ServerEvent] | None, source: AsyncIterator[ServerEvent]
) -> None:
    pending = [task for task in (stopped, upcoming) if task is not None]
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    close = getattr(source, "aclose", None)
    if close is not None:
        with contextlib.suppress(RuntimeError):
            await close()
