"""What every command answers, and how a read waits until it can see its own write."""

import asyncio
import json
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, Field

from hotline_chassis.problems import unavailable
from hotline_chassis.runtime import Runtime
from hotline_events.aggregates import Done

_PATIENCE = 5.0


class Accepted(BaseModel):
    """An accepted command: what it was about, its version now, and the position to hand to reads as `?after=`."""

    id: UUID | str = Field(examples=["0197f3a2-7c11-7d2e-b6b0-3f1f0c8a9e10"])
    version: int = Field(examples=[1])
    position: int = Field(examples=[42])


def accepted(done: Done, aggregate_id: UUID | str, *, created: bool = False) -> Response:
    """Answer a command: 201 for a creation, 200 for its repetition and for every other command. The body is ready to send."""
    return Response(
        f'{{"id":{json.dumps(str(aggregate_id))},"version":{done.version},"position":{done.position}}}',
        201 if created and not done.repeated else 200,
        {"etag": f'"{done.version}"'},
        "application/json",
    )


async def applied(runtime: Runtime, view: str, after: int | None) -> None:
    """Wait until a view has applied this position of its own service, or answer that it is not available yet."""
    if not after:
        return
    pause, loop = 0.002, asyncio.get_running_loop()
    until = loop.time() + _PATIENCE
    while True:
        rows = await runtime.store.execute(
            "select 1 from public.checkpoints where consumer = :view and source = :source and position >= :after",
            view=view,
            source=runtime.settings.service,
            after=after,
        )
        if rows:
            return
        if loop.time() > until:
            raise unavailable()
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 0.05)
