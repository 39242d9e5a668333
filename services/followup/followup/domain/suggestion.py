"""A suggestion: heard during a revisit, forwarded to the department, acknowledged by it (A107)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID, uuid5

from followup.domain.refusals import TooEarlyError, UnknownSuggestionError
from hotline_events.catalogue.followup import (
    SuggestionAcknowledged,
    SuggestionEvent,
    SuggestionForwarded,
    SuggestionOverdue,
)
from hotline_events.decider import Decider, Timer
from hotline_events.reaction_batch import Reaction
from hotline_events.sealing import Sealed
from hotline_rules.pack import RulePack

AGGREGATE = "suggestion"
ACKNOWLEDGE_BY = "suggestion.acknowledge_by"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardSuggestion:
    """A caller suggested something: the department hears of it."""

    suggestion_id: UUID
    revisit_id: UUID
    work_order_id: UUID
    request_id: UUID
    requester_id: UUID
    department: str
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeSuggestion:
    """The department has taken note."""

    department: str
    reply: Sealed | None = None
    acknowledged_by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PassAcknowledgement:
    """The time to acknowledge has run out."""

    now: datetime


SuggestionCommand: TypeAlias = ForwardSuggestion | AcknowledgeSuggestion | PassAcknowledgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What later decisions read."""

    forwarded: SuggestionForwarded | None = None
    acknowledged_at: datetime | None = None
    overdue: bool = False


def decide(suggestion: Suggestion, command: SuggestionCommand) -> list[SuggestionEvent]:
    """Say what happens; `[]` when it is already so."""
    if isinstance(command, ForwardSuggestion):
        return [] if suggestion.forwarded else [_forward(command)]
    if suggestion.forwarded is None:
        raise UnknownSuggestionError
    match command:
        case AcknowledgeSuggestion():
            return _acknowledge(suggestion, suggestion.forwarded, command)
        case PassAcknowledgement():
            return _pass(suggestion, suggestion.forwarded, command)
        case _:
            assert_never(command)


def evolve(suggestion: Suggestion, event: SuggestionEvent) -> Suggestion:
    """Remember what later decisions read."""
    match event:
        case SuggestionForwarded():
            return replace(suggestion, forwarded=event)
        case SuggestionAcknowledged():
            return replace(suggestion, acknowledged_at=event.occurred_at)
        case SuggestionOverdue():
            return replace(suggestion, overdue=True)
        case _:
            assert_never(event)


def timers(event: SuggestionEvent) -> Sequence[Timer]:
    """Start the department's clock."""
    if not isinstance(event, SuggestionForwarded):
        return ()
    return (
        Timer(
            timer_id=uuid5(event.suggestion_id, "acknowledge"),
            kind=ACKNOWLEDGE_BY,
            due_at=event.acknowledge_by,
            stream=f"{AGGREGATE}-{event.suggestion_id}",
            rule={"suggestion_id": str(event.suggestion_id), "since": event.occurred_at.isoformat()},
        ),
    )


def on_timer(timer: Timer) -> Reaction:
    """Turn the due clock into its command, at the time it was due."""
    command = PassAcknowledgement(now=timer.due_at)
    return Reaction(decider=decider, aggregate_id=UUID(timer.rule["suggestion_id"]), command=command)


def _forward(command: ForwardSuggestion) -> SuggestionForwarded:
    return SuggestionForwarded(
        suggestion_id=command.suggestion_id,
        revisit_id=command.revisit_id,
        work_order_id=command.work_order_id,
        request_id=command.request_id,
        requester_id=command.requester_id,
        department=command.department,
        acknowledge_by=command.rules.after(command.rules.redress.suggestion_acknowledge, command.now),
        rule_version=command.rules.number,
        occurred_at=command.now,
    )


def _acknowledge(
    suggestion: Suggestion, forwarded: SuggestionForwarded, command: AcknowledgeSuggestion
) -> list[SuggestionEvent]:
    if command.department != forwarded.department:
        raise UnknownSuggestionError
    if suggestion.acknowledged_at is not None:
        return []
    if command.now < forwarded.occurred_at:
        raise TooEarlyError
    return [
        SuggestionAcknowledged(
            suggestion_id=forwarded.suggestion_id,
            revisit_id=forwarded.revisit_id,
            work_order_id=forwarded.work_order_id,
            request_id=forwarded.request_id,
            requester_id=forwarded.requester_id,
            department=forwarded.department,
            reply=command.reply,
            acknowledged_by=command.acknowledged_by,
            occurred_at=command.now,
        )
    ]


def _pass(suggestion: Suggestion, forwarded: SuggestionForwarded, command: PassAcknowledgement) -> list[SuggestionEvent]:
    """Compare times, not the order of processing."""
    in_time = suggestion.acknowledged_at is not None and suggestion.acknowledged_at <= forwarded.acknowledge_by
    if in_time or suggestion.overdue or command.now < forwarded.acknowledge_by:
        return []
    return [
        SuggestionOverdue(
            suggestion_id=forwarded.suggestion_id,
            revisit_id=forwarded.revisit_id,
            work_order_id=forwarded.work_order_id,
            request_id=forwarded.request_id,
            department=forwarded.department,
            occurred_at=forwarded.acknowledge_by,
        )
    ]


decider: Decider[SuggestionCommand, Suggestion, SuggestionEvent] = Decider(AGGREGATE, decide, evolve, Suggestion(), timers)
