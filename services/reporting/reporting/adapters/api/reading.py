"""What every read shares: the window asked for, whose figures may be seen, one snapshot, and how far it must have read."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final

from fastapi import Depends, Query
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_chassis.fields import AnyUtcDatetime
from hotline_chassis.problems import ProblemError, not_found, unavailable
from hotline_chassis.runtime import Runtime
from hotline_chassis.signin import Principal
from hotline_events.projection import View
from reporting.adapters.counts import Window
from reporting.adapters.views.orders import department_known

_PATIENCE: Final = 5.0
_PAUSE: Final = 0.01
_MOST_POSITION: Final = 2**63 - 1
LONGEST_DAYS: Final = 366

_Applied = Annotated[
    int | None, Query(ge=0, le=_MOST_POSITION, description="Answer only when this position of the service has been applied.")
]
Department = Annotated[
    str | None,
    Query(min_length=1, max_length=64, pattern=r"^[^\x00]*$", description="Only this department's.", examples=["roads"]),
]


async def _window(
    start: Annotated[
        AnyUtcDatetime, Query(alias="from", description="From this time on.", examples=["2026-03-02T00:00:00+08:00"])
    ],
    end: Annotated[
        AnyUtcDatetime, Query(alias="to", description="Up to, and without, this time.", examples=["2026-03-03T00:00:00+08:00"])
    ],
) -> Window:
    if end <= start:
        raise ProblemError(422, "invalid_input", field="query.to", rule="after_from")
    return Window(start=start, end=end)


WindowAsked = Annotated[Window, Depends(_window)]


@dataclass(frozen=True, slots=True)
class Applied:
    """Positions that the answer must have seen, by service: reporting decides nothing, so it has no position of its own."""

    positions: dict[str, int]


async def _applied(after_intake: _Applied = None, after_routing: _Applied = None, after_followup: _Applied = None) -> Applied:
    asked = {"intake": after_intake, "routing": after_routing, "followup": after_followup}
    return Applied({source: position for source, position in asked.items() if position is not None})


AppliedAsked = Annotated[Applied, Depends(_applied)]


@asynccontextmanager
async def snapshot(runtime: Runtime, applied: Applied, *views: View) -> AsyncIterator[AsyncConnection]:
    """Open one view of all tables: every figure of an answer stands on the same state of the log."""
    await _wait(runtime, applied, views)
    engine = runtime.engine.execution_options(isolation_level="REPEATABLE READ")
    async with engine.begin() as connection:
        yield connection


async def whose(connection: AsyncConnection, principal: Principal, department: str | None) -> str | None:
    """Return the department whose rows may be read, None for all. Another's is the same 404 as one that does not exist."""
    if principal.bound_to is not None:
        if department not in {None, principal.bound_to}:
            raise not_found()
        return principal.bound_to
    if department is not None and not await department_known(connection, department):
        raise not_found()
    return department


def check_days(window: Window) -> None:
    """Refuse a table of more days than anyone reads."""
    if window.end - window.start > timedelta(days=LONGEST_DAYS):
        raise ProblemError(422, "invalid_input", field="query.to", rule=f"at_most_{LONGEST_DAYS}_days")


async def _wait(runtime: Runtime, applied: Applied, views: tuple[View, ...]) -> None:
    deadline = asyncio.get_running_loop().time() + _PATIENCE
    for source, position in applied.positions.items():
        hearing = [view.name for view in views if source in view.sources]
        while hearing and await _least(runtime, hearing, source) < position:
            if asyncio.get_running_loop().time() > deadline:
                raise unavailable()
            await asyncio.sleep(_PAUSE)


async def _least(runtime: Runtime, views: list[str], source: str) -> int:
    query = text("select coalesce(min(position), 0) from checkpoints where consumer = any(:views) and source = :source")
    async with runtime.engine.connect() as connection:
        return int((await connection.execute(query, {"views": views, "source": source})).scalar_one())
