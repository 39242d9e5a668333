"""The revisit desk's read model: which revisits are owed, what was put off, what the caller asked for, was told and said."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from followup.adapters.views.tables import known_rows, of_aggregate
from hotline_events.catalogue.followup import (
    ExceptionAccepted,
    ExceptionClaimed,
    ExceptionRejected,
    FreeServiceCharged,
    RevisitAnswerAwaited,
    RevisitAttempted,
    RevisitCameDue,
    RevisitClosed,
    RevisitDeferred,
    Revisited,
    RevisitLimitPassed,
    RevisitMessageSent,
    RevisitNotSampled,
    RevisitScheduled,
    ReworkOrdered,
)
from hotline_events.catalogue.intake import PersonErased, RequestCorrected, RequestRegistered, RequestTypeChanged
from hotline_events.catalogue.routing import WorkOrderResolved
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from hotline_events.rows import Row, put
from hotline_events.sealing import box_of


class RevisitStatus(StrEnum):
    """Where a revisit stands on the desk's list.

    Waiting for its moment, to be made now, for the caller's answer to the message, for a second person, or over.
    """

    SCHEDULED = "scheduled"
    DUE = "due"
    MESSAGED = "messaged"
    IN_REVIEW = "in_review"
    CLOSED = "closed"


# The columns that the second edition added stand apart: a table of the first one gains them and is filled from history.
_DDL = """
create table if not exists revisits (
    revisit_id uuid primary key, version integer not null, work_order_id uuid not null, request_id uuid not null,
    requester_id uuid not null, department text not null, round integer not null, status text not null,
    scheduled_at timestamptz not null, due_at timestamptz not null, deadline_at timestamptz not null,
    rule_version text not null,
    limit_passed_at timestamptz, attempts integer not null, last_outcome text, solved boolean, satisfied boolean, reason text,
    immediate_after_service boolean, revisited_by text, revisited_at timestamptz,
    closed_as text, rework_round integer, closed_at timestamptz
);
alter table revisits
    add column if not exists call_by timestamptz, add column if not exists first_contact text,
    add column if not exists message_sent_at timestamptz, add column if not exists answer_by timestamptz,
    add column if not exists channel text, add column if not exists timely boolean, add column if not exists attitude text,
    add column if not exists on_site boolean, add column if not exists appointment_kept boolean,
    add column if not exists fee_charged boolean, add column if not exists fee_shown boolean,
    add column if not exists fee_to_standard boolean, add column if not exists reason_code text,
    add column if not exists suggestion text, add column if not exists opened_with text,
    add column if not exists closed_with text, add column if not exists free_service_charged boolean,
    add column if not exists fee_free boolean, add column if not exists exception_ground text,
    add column if not exists evidence text, add column if not exists claimed_by text,
    add column if not exists exception_accepted boolean, add column if not exists reviewed_by text;
create index if not exists revisits_by_status on revisits (status, due_at, revisit_id);
create index if not exists revisits_by_department on revisits (department, due_at, revisit_id);
create index if not exists revisits_by_work_order on revisits (work_order_id, round);
create table if not exists deferrals (
    revisit_id uuid, version integer, from_at timestamptz not null, to_at timestamptz not null, because text not null,
    deferred_by text, deferred_at timestamptz not null, department text not null, work_order_id uuid not null,
    primary key (revisit_id, version)
);
create index if not exists deferrals_by_time on deferrals (deferred_at, revisit_id, version);
create table if not exists matters (
    request_id uuid primary key, requester_id uuid not null, request_type text not null, channel text not null, title text,
    registered_at timestamptz not null
);
alter table matters add column if not exists met_by text;
create index if not exists matters_by_requester on matters (requester_id);
create table if not exists erased_persons (person_id uuid primary key, erased_at timestamptz not null);
create table if not exists replies (
    work_order_id uuid, round integer, reply text not null, resolved_by text not null, resolved_at timestamptz not null,
    primary key (work_order_id, round)
)
"""


async def apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    """Apply events of one service, in order."""
    await _APPLY[envelopes[0].name.partition(".")[0]](connection, envelopes)


async def _apply_followup(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    own = of_aggregate(envelopes, "revisit")
    rows = await known_rows(connection, "revisits", "revisit_id", {envelope.event.revisit_id for envelope in own})
    for envelope in own:
        revisit_id = envelope.event.revisit_id
        rows[revisit_id] = {**rows.get(revisit_id, {}), "version": envelope.version, **_change(envelope.event)}
    await put(connection, "revisits", ("revisit_id",), list(rows.values()))
    put_off = [_deferral(envelope) for envelope in own if isinstance(envelope.event, RevisitDeferred)]
    await put(connection, "deferrals", ("revisit_id", "version"), put_off)


async def _apply_intake(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    events = [envelope.event for envelope in envelopes]
    matters = {event.request_id: _matter(event) for event in events if isinstance(event, RequestRegistered)}
    erased = {
        event.person_id: {"person_id": event.person_id, "erased_at": event.occurred_at}
        for event in events
        if isinstance(event, PersonErased)
    }
    await put(connection, "matters", ("request_id",), list(matters.values()))
    for event in events:
        if isinstance(event, RequestTypeChanged):
            await connection.execute(_CHANGE_TYPE, {"request_id": event.request_id, "request_type": event.to_type})
        elif isinstance(event, RequestCorrected) and event.field == "title":
            await connection.execute(_CORRECT_TITLE, {"request_id": event.request_id, "title": box_of(event.became)})
            matters.setdefault(event.request_id, {})
    await put(connection, "erased_persons", ("person_id",), list(erased.values()))
    await connection.execute(_DROP_TITLES, {"matters": list(matters), "erased": list(erased)})


async def _apply_routing(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    events = [envelope.event for envelope in envelopes if isinstance(envelope.event, WorkOrderResolved)]
    replies = {(event.work_order_id, event.round): _reply(event) for event in events}
    await put(connection, "replies", ("work_order_id", "round"), list(replies.values()))


_APPLY: Final[Mapping[str, Callable[[AsyncConnection, Sequence[Envelope]], Any]]] = {
    "followup": _apply_followup,
    "intake": _apply_intake,
    "routing": _apply_routing,
}

revisits = View(
    name="followup.revisits@2",
    tables=("revisits", "deferrals", "matters", "erased_persons", "replies"),
    ddl=_DDL,
    sources=("followup", "routing", "intake"),
    apply=apply,
)


def _change(event: object) -> Row:  # noqa: C901, PLR0912 - one case an event
    """Say which columns of its revisit an event sets."""
    match event:
        case RevisitScheduled():
            return _owed(event)
        case RevisitNotSampled():
            return _left_out(event)
        case RevisitDeferred():
            return {"status": RevisitStatus.SCHEDULED, "due_at": event.to_at}
        case RevisitCameDue():
            return {"status": RevisitStatus.DUE}
        case RevisitAttempted():
            put_off = {"due_at": event.next_at} if event.next_at else {}
            return {"status": RevisitStatus.SCHEDULED, "attempts": event.attempt, "last_outcome": event.outcome, **put_off}
        case RevisitMessageSent():
            sent = {"message_sent_at": event.occurred_at, "answer_by": event.answer_by}
            return {"status": RevisitStatus.MESSAGED, **sent}
        case RevisitAnswerAwaited():
            return {"answer_by": event.answer_by}
        case Revisited():
            return _answer(event)
        case FreeServiceCharged():
            return {"free_service_charged": True}
        case ExceptionClaimed():
            claim = {"exception_ground": event.ground, "evidence": box_of(event.evidence), "claimed_by": event.claimed_by}
            return {"status": RevisitStatus.IN_REVIEW, **claim}
        case ExceptionAccepted() | ExceptionRejected():
            return {"exception_accepted": isinstance(event, ExceptionAccepted), "reviewed_by": event.reviewed_by}
        case ReworkOrdered():
            ordered = {"rework_round": event.round, "fee_free": event.fee_free, "closed_at": event.occurred_at}
            return {"status": RevisitStatus.CLOSED, **ordered}
        case RevisitClosed():
            return {"status": RevisitStatus.CLOSED, "closed_as": event.closed_as, "closed_at": event.occurred_at}
        case RevisitLimitPassed():
            return {"limit_passed_at": event.occurred_at}
        case _:
            return {}


def _ids(event: RevisitScheduled | RevisitNotSampled) -> Row:
    return {
        "revisit_id": event.revisit_id,
        "work_order_id": event.work_order_id,
        "request_id": event.request_id,
        "requester_id": event.requester_id,
        "department": event.department,
        "round": event.round,
        "status": RevisitStatus.SCHEDULED,
        "scheduled_at": event.occurred_at,
        "rule_version": event.rule_version,
        "attempts": 0,
    }


def _owed(event: RevisitScheduled) -> Row:
    """Open the row, or open it again: the draw had left the matter out, and it became a complaint."""
    times = {"due_at": event.due_at, "deadline_at": event.deadline_at, "call_by": event.call_by}
    return {**_ids(event), **times, "first_contact": event.first_contact, "closed_as": None, "closed_at": None}


def _left_out(event: RevisitNotSampled) -> Row:
    return {**_ids(event), "due_at": event.occurred_at, "deadline_at": event.occurred_at}


def _answer(event: Revisited) -> Row:
    said = (
        "solved", "satisfied", "timely", "attitude", "on_site", "appointment_kept", "fee_charged", "fee_shown",
        "fee_to_standard", "reason_code", "channel", "immediate_after_service", "opened_with", "closed_with", "revisited_by",
    )  # fmt: skip
    return {
        **{name: getattr(event, name) for name in said},
        "status": RevisitStatus.CLOSED,
        "reason": box_of(event.reason),
        "suggestion": box_of(event.suggestion),
        "revisited_at": event.occurred_at,
    }


def _deferral(envelope: Envelope) -> Row:
    event: RevisitDeferred = envelope.event
    return {
        "revisit_id": event.revisit_id,
        "version": envelope.version,
        "from_at": event.from_at,
        "to_at": event.to_at,
        "because": event.because,
        "deferred_by": event.deferred_by,
        "deferred_at": event.occurred_at,
        "department": event.department,
        "work_order_id": event.work_order_id,
    }


def _matter(event: RequestRegistered) -> Row:
    return {
        "request_id": event.request_id,
        "requester_id": event.requester_id,
        "request_type": event.request_type,
        "channel": event.channel,
        "title": box_of(event.title),
        "registered_at": event.occurred_at,
        "met_by": event.first_contact,
    }


def _reply(event: WorkOrderResolved) -> Row:
    return {
        "work_order_id": event.work_order_id,
        "round": event.round,
        "reply": box_of(event.reply),
        "resolved_by": event.resolved_by,
        "resolved_at": event.occurred_at,
    }


_CHANGE_TYPE = text("update matters set request_type = :request_type where request_id = :request_id")
_CORRECT_TITLE = text("update matters set title = :title where request_id = :request_id")
_DROP_TITLES = text(
    """update matters set title = null
        where (request_id = any(:matters) or requester_id = any(:erased))
          and requester_id in (select person_id from erased_persons)"""
)
