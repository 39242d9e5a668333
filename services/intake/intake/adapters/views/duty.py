"""`intake.duty@1`: who is on the roster, who is at their post, every fault and every handover (A06, A134-A143).

Rows are kept by when things happened, not by when they were entered, so that who was on duty at a moment can be asked for ever.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_events.catalogue.followup import PromiseKept
from hotline_events.catalogue.intake import (
    AbsenceDetected,
    AbsenceWithdrawn,
    BreakBegan,
    BreakEnded,
    DutyChiefNotified,
    DutyPost,
    GapDetected,
    HandoverAccepted,
    HandoverOffered,
    HandoverRefused,
    LateArrivalRecorded,
    OpenItem,
    PostsChanged,
    ShiftCheckedIn,
    ShiftEnded,
    ShiftOpened,
    SubstitutionDetected,
    SwapApproved,
    SwapAsked,
    SwapDenied,
)
from hotline_events.catalogue.intake.call import CallbackPromised
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from hotline_events.rows import put
from intake.adapters.views.rows import Row, change, columns

NAME = "intake.duty@1"
FROM_THE_ROSTER = datetime(1970, 1, 1, tzinfo=UTC)  # a post of the published roster holds from before the shift
_DDL = """
create table if not exists shifts (
    shift_id uuid primary key, line text not null, day date not null, name text not null, starts_at timestamptz not null,
    ends_at timestamptz not null, round_the_clock boolean not null, answering_tier text not null, follows uuid,
    rule_version text not null, opened_by text not null);
create index if not exists shifts_of_line on shifts (line, starts_at, ends_at);
create table if not exists shift_posts (
    shift_id uuid not null, staff_id text not null, since timestamptz not null, tier text not null, until timestamptz,
    put_on_by text not null, reason text, primary key (shift_id, staff_id, since));
create index if not exists shift_posts_of_staff on shift_posts (staff_id);
create table if not exists shift_presences (
    shift_id uuid not null, staff_id text not null, since timestamptz not null, tier text not null, stands_in_for text,
    left_at timestamptz, primary key (shift_id, staff_id, since));
create table if not exists shift_breaks (
    shift_id uuid not null, staff_id text not null, began_at timestamptz not null, reason text not null, ended_at timestamptz,
    primary key (shift_id, staff_id, began_at));
create table if not exists shift_swaps (
    swap_id uuid primary key, shift_id uuid not null, from_staff text not null, to_staff text not null, reason text not null,
    asked_by text not null, asked_at timestamptz not null, status text, decided_by text, decided_at timestamptz);
create table if not exists handovers (
    shift_id uuid not null, from_staff text not null, offered_at timestamptz not null, to_staff text not null,
    relief_shift_id uuid not null, items json not null, note text, status text, answered_at timestamptz, refusal text,
    primary key (shift_id, from_staff, offered_at));
create table if not exists duty_faults (
    fault_id uuid primary key, shift_id uuid not null, line text not null, kind text not null, staff_id text,
    stands_in_for text, late_ms bigint, found_by text, began_at timestamptz not null, detected_at timestamptz not null,
    withdrawn_at timestamptz);
create index if not exists duty_faults_detected on duty_faults (detected_at desc, fault_id desc);
create table if not exists chief_notices (
    shift_id uuid not null, staff_id text not null, line text not null, starts_at timestamptz not null,
    notified_at timestamptz not null, primary key (shift_id, staff_id));
create table if not exists desk_promises (
    promise_id uuid primary key, promised_by text not null, due_at timestamptz not null, promised_at timestamptz not null);
create table if not exists kept_promises (promise_id uuid primary key)
"""
_PERSON = "t.shift_id = c.shift_id and t.staff_id = c.staff_id"
_OPEN_POST = f"{_PERSON} and t.since < c.until and (t.until is null or t.until > c.until)"
_OPEN_PRESENCE = f"{_PERSON} and t.since <= c.left_at and t.left_at is null"
_OPEN_BREAK = f"{_PERSON} and t.began_at <= c.ended_at and t.ended_at is null"
_OPEN_HANDOVER = (
    "t.shift_id = c.shift_id and t.from_staff = c.from_staff and t.offered_at <= c.answered_at and t.status is null"
)
_ADD_ITEMS = text(
    "update handovers set items = cast(cast(items as jsonb) || cast(:added as jsonb) as json) where shift_id = :shift_id "
    "and from_staff = :from_staff and status = 'accepted' and not cast(items as jsonb) @> cast(:added as jsonb)"
)
_ABSENCE = (  # who never came has one absence, so a later one is another matter
    f"{_PERSON} and t.kind = 'absence' and t.began_at = (select min(x.began_at) from duty_faults x "
    "where x.shift_id = c.shift_id and x.staff_id = c.staff_id and x.kind = 'absence')"
)


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    events = [envelope.event for envelope in envelopes]
    shifts = [_shift(event) for event in events if isinstance(event, ShiftOpened)]
    await put(connection, "shifts", ["shift_id"], shifts)
    await _apply_posts(connection, events)
    await _apply_presences(connection, events)
    await _apply_swaps(connection, events)
    await _apply_handovers(connection, events)
    await put(connection, "duty_faults", ["fault_id"], [row for one in envelopes for row in _fault(one)])
    withdrawn = [
        {"shift_id": event.shift_id, "staff_id": event.staff_id, "withdrawn_at": event.occurred_at}
        for event in events
        if isinstance(event, AbsenceWithdrawn)
    ]
    await change(connection, "duty_faults", _ABSENCE, withdrawn, "withdrawn_at")
    told = [columns(event, "shift_id", "staff_id", "line", "starts_at", notified_at=event.occurred_at)
            for event in events if isinstance(event, DutyChiefNotified)]  # fmt: skip
    await put(connection, "chief_notices", ["shift_id", "staff_id"], told)
    promised = [columns(event, "promise_id", "promised_by", "due_at", promised_at=event.occurred_at)
                for event in events if isinstance(event, CallbackPromised)]  # fmt: skip
    await put(connection, "desk_promises", ["promise_id"], promised)
    kept = [columns(event, "promise_id") for event in events if isinstance(event, PromiseKept)]
    await put(connection, "kept_promises", ["promise_id"], kept)


async def _apply_posts(connection: AsyncConnection, events: Sequence[object]) -> None:
    added: list[Row] = []
    ended: list[Row] = []
    for event in events:
        match event:
            case ShiftOpened():
                added += [_post(event.shift_id, post, FROM_THE_ROSTER, event.opened_by) for post in event.posts]
            case PostsChanged():
                at = event.effective_at
                if event.added is not None:
                    added.append(
                        _post(
                            event.shift_id, DutyPost(staff_id=event.added, tier=event.tier), at, event.changed_by, event.reason
                        )
                    )
                if event.removed is not None:
                    ended.append({"shift_id": event.shift_id, "staff_id": event.removed, "until": at})
            case SwapApproved():
                at = event.occurred_at
                added.append(
                    _post(event.shift_id, DutyPost(staff_id=event.to_staff, tier=event.tier), at, event.approved_by, "swap")
                )
                ended.append({"shift_id": event.shift_id, "staff_id": event.from_staff, "until": at})
            case _:
                pass
    await put(connection, "shift_posts", ["shift_id", "staff_id", "since"], added)
    await change(connection, "shift_posts", _OPEN_POST, ended, "until")


async def _apply_presences(connection: AsyncConnection, events: Sequence[object]) -> None:
    came = [columns(event, "shift_id", "staff_id", "tier", "stands_in_for", since=event.occurred_at)
            for event in events if isinstance(event, ShiftCheckedIn)]  # fmt: skip
    await put(connection, "shift_presences", ["shift_id", "staff_id", "since"], came)
    for event in events:  # somebody may leave and come again within a batch: one leaving after the other
        if isinstance(event, ShiftEnded) or (isinstance(event, AbsenceDetected) and event.found_by is not None):
            left = {"shift_id": event.shift_id, "staff_id": event.staff_id, "left_at": event.occurred_at}
            await change(connection, "shift_presences", _OPEN_PRESENCE, [left], "left_at")
    began = [columns(event, "shift_id", "staff_id", "reason", began_at=event.occurred_at)
             for event in events if isinstance(event, BreakBegan)]  # fmt: skip
    await put(connection, "shift_breaks", ["shift_id", "staff_id", "began_at"], began)
    for event in events:
        if isinstance(event, BreakEnded):
            ended = {"shift_id": event.shift_id, "staff_id": event.staff_id, "ended_at": event.occurred_at}
            await change(connection, "shift_breaks", _OPEN_BREAK, [ended], "ended_at")


async def _apply_swaps(connection: AsyncConnection, events: Sequence[object]) -> None:
    asked = [columns(event, "swap_id", "shift_id", "from_staff", "to_staff", "reason", "asked_by", asked_at=event.occurred_at)
             for event in events if isinstance(event, SwapAsked)]  # fmt: skip
    await put(connection, "shift_swaps", ["swap_id"], asked)
    decided: list[Row] = []
    for event in events:
        match event:
            case SwapApproved(swap_id=swap_id, approved_by=by, occurred_at=at):
                decided.append({"swap_id": swap_id, "status": "approved", "decided_by": by, "decided_at": at})
            case SwapDenied(swap_id=swap_id, denied_by=by, occurred_at=at):
                decided.append({"swap_id": swap_id, "status": "denied", "decided_by": by, "decided_at": at})
            case _:
                pass
    await change(connection, "shift_swaps", "t.swap_id = c.swap_id", decided, "status", "decided_by", "decided_at")


async def _apply_handovers(connection: AsyncConnection, events: Sequence[object]) -> None:
    for event in events:
        match event:
            case HandoverOffered():
                names = ("shift_id", "from_staff", "to_staff", "relief_shift_id")
                items = [_item(item) for item in event.items]
                note = None if event.note is None else event.note.box
                row = columns(event, *names, offered_at=event.occurred_at, items=items, note=note)
                await put(connection, "handovers", ["shift_id", "from_staff", "offered_at"], [row])
            case HandoverAccepted() | HandoverRefused():
                refusal = event.reason.box if isinstance(event, HandoverRefused) else None
                status = "accepted" if isinstance(event, HandoverAccepted) else "refused"
                row = columns(event, "shift_id", "from_staff", answered_at=event.occurred_at, status=status, refusal=refusal)
                await change(connection, "handovers", _OPEN_HANDOVER, [row], "status", "answered_at", "refusal")
                if isinstance(event, HandoverAccepted) and event.added:
                    added = json.dumps([_item(item) for item in event.added])
                    await connection.execute(_ADD_ITEMS, {**columns(event, "shift_id", "from_staff"), "added": added})
            case _:
                pass


def _item(item: OpenItem) -> dict[str, str]:
    return {"kind": item.kind.value, "item_id": str(item.item_id)}


def _shift(event: ShiftOpened) -> dict[str, Any]:
    return columns(
        event, "shift_id", "line", "day", "name", "starts_at", "ends_at", "round_the_clock", "answering_tier", "follows",
        "rule_version", "opened_by",
    )  # fmt: skip


def _post(shift_id: object, post: DutyPost, since: datetime, by: str, reason: str | None = None) -> dict[str, Any]:
    return columns(post, "staff_id", "tier", shift_id=shift_id, since=since, put_on_by=by, reason=reason)


def _fault(envelope: Envelope) -> list[dict[str, Any]]:
    """Return the fault that an event is; late arrival, absence, gap and substitution are kinds of their own (A137, A138)."""
    event = envelope.event
    kinds = {
        LateArrivalRecorded: "late",
        AbsenceDetected: "absence",
        GapDetected: "gap",
        SubstitutionDetected: "substitution",
    }
    kind = kinds.get(type(event))
    if kind is None:
        return []
    optional = ("staff_id", "stands_in_for", "late_ms", "found_by")
    return [
        {
            "fault_id": envelope.id,
            "shift_id": event.shift_id,
            "line": event.line,
            "kind": kind,
            "began_at": getattr(event, "began_at", event.occurred_at),
            "detected_at": event.occurred_at,
        }
        | {name: getattr(event, name, None) for name in optional}
    ]


VIEW = View(
    name=NAME,
    tables=(
        "shifts", "shift_posts", "shift_presences", "shift_breaks", "shift_swaps", "handovers", "duty_faults",
        "chief_notices", "desk_promises", "kept_promises",
    ),
    ddl=_DDL,
    sources=("intake", "followup"),
    apply=_apply,
)  # fmt: skip
