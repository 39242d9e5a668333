"""What callers suggested, by the department that has to take note of it (A107). A department finds its own only."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from followup.adapters.views.tables import ask, known_rows, of_aggregate, where
from hotline_events.catalogue.followup import Revisited, SuggestionAcknowledged, SuggestionForwarded, SuggestionOverdue
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from hotline_events.rows import Row, put
from hotline_events.sealing import box_of


class SuggestionStatus(StrEnum):
    """Whether the department has taken note."""

    FORWARDED = "forwarded"
    ACKNOWLEDGED = "acknowledged"


_DDL = """
create table if not exists suggestions (
    suggestion_id uuid primary key, version integer not null, revisit_id uuid not null, work_order_id uuid not null,
    request_id uuid not null, department text not null, status text not null, forwarded_at timestamptz not null,
    acknowledge_by timestamptz not null, overdue_at timestamptz, acknowledged_at timestamptz, acknowledged_by text,
    reply text, rule_version text not null
);
create index if not exists suggestions_by_department on suggestions (department, acknowledge_by, suggestion_id);
create index if not exists suggestions_by_time on suggestions (acknowledge_by, suggestion_id);
create table if not exists suggested (revisit_id uuid primary key, words text not null)
"""


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    own = of_aggregate(envelopes, "suggestion")
    rows = await known_rows(connection, "suggestions", "suggestion_id", {envelope.event.suggestion_id for envelope in own})
    for envelope in own:
        suggestion_id = envelope.event.suggestion_id
        rows[suggestion_id] = {**rows.get(suggestion_id, {}), "version": envelope.version, **_change(envelope.event)}
    await put(connection, "suggestions", ("suggestion_id",), list(rows.values()))
    heard = [event for envelope in envelopes if isinstance(event := envelope.event, Revisited) and event.suggestion]
    words = {event.revisit_id: {"revisit_id": event.revisit_id, "words": box_of(event.suggestion)} for event in heard}
    await put(connection, "suggested", ("revisit_id",), list(words.values()))


suggestions = View(
    name="followup.suggestions@1",
    tables=("suggestions", "suggested"),
    ddl=_DDL,
    sources=("followup",),
    apply=_apply,
)


def _change(event: object) -> Row:
    match event:
        case SuggestionForwarded():
            return {
                "suggestion_id": event.suggestion_id,
                "revisit_id": event.revisit_id,
                "work_order_id": event.work_order_id,
                "request_id": event.request_id,
                "department": event.department,
                "status": SuggestionStatus.FORWARDED,
                "forwarded_at": event.occurred_at,
                "acknowledge_by": event.acknowledge_by,
                "rule_version": event.rule_version,
            }
        case SuggestionAcknowledged():
            return {
                "status": SuggestionStatus.ACKNOWLEDGED,
                "acknowledged_at": event.occurred_at,
                "acknowledged_by": event.acknowledged_by,
                "reply": box_of(event.reply),
            }
        case SuggestionOverdue():
            return {"overdue_at": event.occurred_at}
        case _:
            return {}


_QUESTION = """select s.*, s.reply as reply_box, w.words as words_box
                 from suggestions s left join suggested w on w.revisit_id = s.revisit_id"""


async def suggestions_listed(
    engine: AsyncEngine,
    *,
    bound_to: str | None,
    department: str | None,
    status: SuggestionStatus | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Row]:
    """Answer the suggestions in the order in which they are to be acknowledged."""
    conditions = where(
        {
            "s.department = :bound_to": bound_to,
            "s.department = :department": department,
            "s.status = :status": status,
            "(s.acknowledge_by, s.suggestion_id) > (:acknowledge_by, cast(:suggestion_id as uuid))": after,
        }
    )
    acknowledge_by, suggestion_id = after or (None, None)
    values: Row = {"bound_to": bound_to, "department": department, "status": status, "limit": limit}
    values |= {"acknowledge_by": acknowledge_by, "suggestion_id": suggestion_id}
    order = "order by s.acknowledge_by, s.suggestion_id limit :limit"
    return await ask(engine, f"{_QUESTION} where {conditions} {order}", values)


async def suggestion_detail(engine: AsyncEngine, suggestion_id: UUID, *, bound_to: str | None) -> Row | None:
    """Answer one suggestion; another department's is not there."""
    conditions = where({"s.suggestion_id = :suggestion_id": suggestion_id, "s.department = :bound_to": bound_to})
    rows = await ask(engine, f"{_QUESTION} where {conditions}", {"suggestion_id": suggestion_id, "bound_to": bound_to})
    return rows[0] if rows else None
