"""An apology: owed for a bad attitude, made by the department with proof, confirmed by a second person (A110)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias, TypedDict, assert_never
from uuid import UUID, uuid5

from followup.domain.refusals import (
    ApologyNotReportedError,
    ApologyOverError,
    SecondPersonError,
    TooEarlyError,
    UnknownApologyError,
)
from hotline_events.catalogue.followup import (
    ApologyConfirmed,
    ApologyDone,
    ApologyEvent,
    ApologyOrdered,
    ApologyOverdue,
    ApologySentBack,
)
from hotline_events.decider import Decider, Timer
from hotline_events.reaction_batch import Reaction
from hotline_events.sealing import Sealed
from hotline_rules.pack import RulePack

AGGREGATE = "apology"
DUE = "apology.due"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderApology:
    """A caller was treated badly: the department owes them an apology."""

    apology_id: UUID
    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    department: str
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportApology:
    """The department has apologised, and shows how."""

    department: str
    proof: Sealed
    done_by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewApology:
    """A second person looks at the proof."""

    accept: bool
    reviewed_by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PassDue:
    """The time for the apology has run out."""

    now: datetime


ApologyCommand: TypeAlias = OrderApology | ReportApology | ReviewApology | PassDue


@dataclass(frozen=True, slots=True, kw_only=True)
class Apology:
    """What later decisions read; `done` stands while a report waits for the second person or was accepted."""

    ordered: ApologyOrdered | None = None
    done: ApologyDone | None = None
    reviewed: ApologyConfirmed | ApologySentBack | None = None
    overdue: bool = False


class _Ids(TypedDict):
    apology_id: UUID
    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    department: str


def decide(apology: Apology, command: ApologyCommand) -> list[ApologyEvent]:
    """Say what happens; `[]` when it is already so."""
    if isinstance(command, OrderApology):
        return [] if apology.ordered else [_order(command)]
    if apology.ordered is None:
        raise UnknownApologyError
    match command:
        case ReportApology():
            return _report(apology, apology.ordered, command)
        case ReviewApology():
            return _review(apology, apology.ordered, command)
        case PassDue():
            return _pass(apology, apology.ordered, command)
        case _:
            assert_never(command)


def evolve(apology: Apology, event: ApologyEvent) -> Apology:
    """Remember what later decisions read."""
    match event:
        case ApologyOrdered():
            return replace(apology, ordered=event)
        case ApologyDone():
            return replace(apology, done=event, reviewed=None)
        case ApologyConfirmed():
            return replace(apology, reviewed=event)
        case ApologySentBack():
            return replace(apology, reviewed=event, done=None)
        case ApologyOverdue():
            return replace(apology, overdue=True)
        case _:
            assert_never(event)


def timers(event: ApologyEvent) -> Sequence[Timer]:
    """Start the clock of an order."""
    if not isinstance(event, ApologyOrdered):
        return ()
    return (
        Timer(
            timer_id=uuid5(event.apology_id, "due"),
            kind=DUE,
            due_at=event.due_at,
            stream=f"{AGGREGATE}-{event.apology_id}",
            rule={"apology_id": str(event.apology_id), "since": event.occurred_at.isoformat()},
        ),
    )


def on_timer(timer: Timer) -> Reaction:
    """Turn the due clock into its command, at the time it was due."""
    return Reaction(decider=decider, aggregate_id=UUID(timer.rule["apology_id"]), command=PassDue(now=timer.due_at))


def _order(command: OrderApology) -> ApologyOrdered:
    return ApologyOrdered(
        apology_id=command.apology_id,
        revisit_id=command.revisit_id,
        work_order_id=command.work_order_id,
        request_id=command.request_id,
        requester_id=command.requester_id,
        department=command.department,
        due_at=command.rules.after(command.rules.redress.apology, command.now),
        rule_version=command.rules.number,
        occurred_at=command.now,
    )


def _report(apology: Apology, ordered: ApologyOrdered, command: ReportApology) -> list[ApologyEvent]:
    if command.department != ordered.department:
        raise UnknownApologyError
    if apology.done is not None:
        if (apology.done.done_by, apology.done.occurred_at) == (command.done_by, command.now):
            return []
        raise ApologyOverError
    if command.now < ordered.occurred_at:
        raise TooEarlyError
    return [
        ApologyDone(
            **_ids(ordered),
            requester_id=ordered.requester_id,
            proof=command.proof,
            done_by=command.done_by,
            occurred_at=command.now,
        )
    ]


def _review(apology: Apology, ordered: ApologyOrdered, command: ReviewApology) -> list[ApologyEvent]:
    if apology.reviewed is not None and isinstance(apology.reviewed, ApologyConfirmed) == command.accept:
        return []
    if isinstance(apology.reviewed, ApologyConfirmed):
        raise ApologyOverError
    if apology.done is None:
        raise ApologyNotReportedError
    if command.reviewed_by == apology.done.done_by:
        raise SecondPersonError
    if command.now < apology.done.occurred_at:
        raise TooEarlyError
    if command.accept:
        return [ApologyConfirmed(**_ids(ordered), confirmed_by=command.reviewed_by, occurred_at=command.now)]
    return [ApologySentBack(**_ids(ordered), sent_back_by=command.reviewed_by, occurred_at=command.now)]


def _pass(apology: Apology, ordered: ApologyOrdered, command: PassDue) -> list[ApologyEvent]:
    """Compare times, not the order of processing."""
    in_time = apology.done is not None and apology.done.occurred_at <= ordered.due_at
    if in_time or apology.overdue or command.now < ordered.due_at:
        return []
    return [ApologyOverdue(**_ids(ordered), occurred_at=ordered.due_at)]


def _ids(ordered: ApologyOrdered) -> _Ids:
    return _Ids(
        apology_id=ordered.apology_id,
        revisit_id=ordered.revisit_id,
        work_order_id=ordered.work_order_id,
        request_id=ordered.request_id,
        department=ordered.department,
    )


decider: Decider[ApologyCommand, Apology, ApologyEvent] = Decider(AGGREGATE, decide, evolve, Apology(), timers)
