"""`intake.playbooks@1`: the check-lists for emergencies and faults, and how far each use of one is (A161)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_events.catalogue.intake import PlaybookClosed, PlaybookOpened, PlaybookPublished, PlaybookStepDone
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from hotline_events.rows import put
from hotline_events.store import Store
from intake.adapters.views.rows import change, columns

NAME = "intake.playbooks@1"
_DDL = """
create table if not exists playbooks (
    playbook text primary key, version integer not null, title_zh text not null, title_en text not null, steps json not null);
create table if not exists playbook_runs (
    run_id uuid primary key, playbook text not null, playbook_version integer not null, steps json not null, call_id uuid,
    opened_by text not null, opened_at timestamptz not null, closed_at timestamptz);
create table if not exists playbook_steps (
    run_id uuid not null, step text not null, skipped boolean not null, done_by text not null, done_at timestamptz not null,
    primary key (run_id, step))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookRow:
    """A playbook in its present version."""

    playbook: str
    version: int
    title_zh: str
    title_en: str
    steps: list[dict[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One use of a playbook; `done` are its steps so far, in order."""

    run_id: UUID
    playbook: str
    playbook_version: int
    steps: list[str]
    call_id: UUID | None
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None
    done: list[dict[str, Any]]


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    published, opened, done, closed = [], [], [], []
    for envelope in envelopes:
        match envelope.event:
            case PlaybookPublished() as event:
                row = {name: getattr(event, name) for name in ("playbook", "title_zh", "title_en")}
                steps = [asdict(step) for step in event.steps]
                published.append(row | {"version": event.playbook_version, "steps": steps})
            case PlaybookOpened() as event:
                opened.append(
                    columns(
                        event,
                        "run_id",
                        "playbook",
                        "playbook_version",
                        "steps",
                        "call_id",
                        "opened_by",
                        opened_at=event.occurred_at,
                    )
                )
            case PlaybookStepDone() as event:
                done.append(columns(event, "run_id", "step", "skipped", "done_by", done_at=event.occurred_at))
            case PlaybookClosed(run_id=run_id, occurred_at=at):
                closed.append({"run_id": run_id, "closed_at": at})
            case _:
                pass
    await put(connection, "playbooks", ["playbook"], published)
    await put(connection, "playbook_runs", ["run_id"], opened)
    await put(connection, "playbook_steps", ["run_id", "step"], done)
    await change(connection, "playbook_runs", "t.run_id = c.run_id", closed, "closed_at")


VIEW = View(
    name=NAME,
    tables=("playbooks", "playbook_runs", "playbook_steps"),
    ddl=_DDL,
    sources=("intake",),
    apply=_apply,
)


async def playbooks(store: Store, *, after: str | None, limit: int) -> list[PlaybookRow]:
    """Return the playbooks by code."""
    rows = await store.rows(
        "select playbook, version, title_zh, title_en, steps from playbooks "
        "where cast(:after as text) is null or playbook > :after order by playbook limit :most",
        after=after,
        most=limit,
    )
    return [PlaybookRow(**row) for row in rows]


async def run(store: Store, run_id: UUID) -> RunRow | None:
    """Return one use of a playbook with what was done."""
    rows = await store.rows(
        """select run_id, playbook, playbook_version, steps, call_id, opened_by, opened_at, closed_at,
                  (select coalesce(json_agg(json_build_object('step', s.step, 'skipped', s.skipped, 'done_by', s.done_by,
                                                              'done_at', s.done_at) order by s.done_at), cast('[]' as json))
                     from playbook_steps s where s.run_id = r.run_id) as done
             from playbook_runs r where run_id = :run_id""",
        run_id=run_id,
    )
    return RunRow(**rows[0]) if rows else None
