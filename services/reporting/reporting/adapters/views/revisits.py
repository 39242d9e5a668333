"""`reporting.revisits`: one row a revisit owed, with what was asked and answered (W3, W4, W13)."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_events.catalogue import followup
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from reporting.adapters.views.facts import Facts, FactTable

_REVISITS = FactTable(
    name="revisits",
    key={"revisit_id": "uuid"},
    columns={
        "work_order_id": "uuid",
        "request_id": "uuid",
        "department": "text",
        "round": "int",
        "scheduled_at": "timestamptz",
        "due_at": "timestamptz",
        "deadline_at": "timestamptz",
        "rule_version": "text",
        "came_due_at": "timestamptz",
        "attempts": "int",
        "revisited_at": "timestamptz",
        "solved": "boolean",
        "satisfied": "boolean",
        "immediate_after_service": "boolean",
        "rework_round": "int",
        "limit_passed_at": "timestamptz",
        "closed_at": "timestamptz",
        "closed_as": "text",
    },
    merges={
        "attempts": "greatest(revisits.attempts, excluded.attempts)",
        # what the draw left out ends twice where it became a complaint: the last end counts
        "closed_at": "coalesce(excluded.closed_at, revisits.closed_at)",
        "closed_as": "coalesce(excluded.closed_as, revisits.closed_as)",
    },
)


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    revisits = Facts()
    for envelope in envelopes:
        _note(revisits, envelope.event)
    await _REVISITS.write(connection, revisits)


def _note(revisits: Facts, event: object) -> None:
    match event:
        case followup.RevisitScheduled():
            revisits.first(
                event.revisit_id,
                work_order_id=event.work_order_id,
                request_id=event.request_id,
                department=event.department,
                round=event.round,
                scheduled_at=event.occurred_at,
                due_at=event.due_at,
                deadline_at=event.deadline_at,
                rule_version=event.rule_version,
            )
        case followup.RevisitCameDue():
            revisits.first(event.revisit_id, came_due_at=event.occurred_at)
        case followup.RevisitAttempted():
            revisits.latest(event.revisit_id, attempts=event.attempt)
        case followup.Revisited():
            revisits.first(
                event.revisit_id,
                revisited_at=event.occurred_at,
                solved=event.solved,
                satisfied=event.satisfied,
                immediate_after_service=event.immediate_after_service,
            )
        case followup.ReworkOrdered():
            revisits.first(event.revisit_id, rework_round=event.round)
        case followup.RevisitLimitPassed():
            revisits.first(event.revisit_id, limit_passed_at=event.occurred_at)
        case followup.RevisitClosed():
            revisits.latest(event.revisit_id, closed_at=event.occurred_at, closed_as=event.closed_as.value)
        case _:
            """Nothing else is said of a revisit."""


VIEW = View(
    name="reporting.revisits@1",
    tables=("revisits",),
    ddl=(
        f"{_REVISITS.ddl};"
        " create index if not exists revisits_scheduled on revisits (scheduled_at);"
        " create index if not exists revisits_revisited on revisits (revisited_at)"
    ),
    sources=("followup",),
    apply=_apply,
)
