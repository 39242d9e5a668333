"""A service's history over HTTP, as NDJSON: what a rebuild in another service reads."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from hotline_chassis.rights import Right
from hotline_chassis.runtime import Runtime, RuntimeOf
from hotline_chassis.signin import requires
from hotline_events.envelope import to_cloudevent

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
