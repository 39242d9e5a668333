"""What was taken from whom, for the administrators' list; the table is the one that every service keeps (A150)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionRow:
    """One thing that was taken from a user."""

    actor_id: str
    kind: str
    what: str
    of_department: str
    reason: str
    taken_by: str
    taken_at: datetime


async def restrictions(
    engine: AsyncEngine, *, actor_id: str | None, after: tuple[str, str, str, str] | None, limit: int
) -> Sequence[RestrictionRow]:
    """Return what was taken, by user."""
    key = "(actor_id, kind, what, of_department)"
    statement = text(
        f"""select * from access_restrictions
             where (cast(:actor_id as text) is null or actor_id = :actor_id)
               {f"and {key} > (:a, :k, :w, :d)" if after else ""} order by {key[1:-1]} limit :limit"""
    )
    start = dict(zip("akwd", after, strict=True)) if after else {}
    async with engine.connect() as connection:
        rows = await connection.execute(statement, {"actor_id": actor_id, "limit": limit, **start})
        return [RestrictionRow(**row._asdict()) for row in rows]
