"""The number that a caller rings from: how often it harassed, and its restriction (A15).

It is told by the caller's id in the vault, so no number is known here. A restriction needs a supervisor, a reason and an end;
it marks the calls and never drops one. One that comes to its end is lifted by its timer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, TypeAlias, assert_never
from uuid import UUID, uuid5

from hotline_events.catalogue.intake import (
    CallHarassmentFlagged,
    LiftReason,
    NumberEvent,
    NumberHarassmentCounted,
    NumberRestricted,
    NumberRestrictionLifted,
    RestrictionReason,
)
from hotline_events.decider import Decider, RefusalError, Timer
from hotline_events.envelope import Envelope
from hotline_events.reaction_batch import Reaction
from hotline_rules.book import RuleBook
from hotline_rules.pack import RulePack
from hotline_rules.schema import MOST_FEW


@dataclass(frozen=True, slots=True, kw_only=True)
class CountHarassment:
    number_id: UUID
    call_id: UUID
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictNumber:
    number_id: UUID
    reason: RestrictionReason
    until: datetime
    rules: RulePack
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftRestriction:
    """`until` is given by the timer: it ends that restriction and no later one."""

    number_id: UUID
    reason: LiftReason
    until: datetime | None
    by: str | None
    now: datetime


NumberCommand: TypeAlias = CountHarassment | RestrictNumber | LiftRestriction


class NumberUnknownError(RefusalError):
    """No call of this number was ever flagged."""

    code: ClassVar[str] = "number_unknown"
    status: ClassVar[int] = 404


class NotFrequentError(RefusalError):
    """A number is restricted for repeated harassment, not for one bad call."""

    code: ClassVar[str] = "harassment_not_frequent"
    rule: ClassVar[str | None] = "A15"


class RestrictionTooLongError(RefusalError):
    """A restriction has an end, ahead and no later than the rule pack allows."""

    code: ClassVar[str] = "restriction_too_long"
    rule: ClassVar[str | None] = "A15"
    field: ClassVar[str | None] = "body.until"
    status: ClassVar[int] = 422


class NotRestrictedError(RefusalError):
    """There is nothing to lift."""

    code: ClassVar[str] = "number_not_restricted"
    rule: ClassVar[str | None] = "A15"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """What a decision reads: the latest harassing calls, as many as a pack may ask for, and the restriction.

    `frequent` says that they were so many at the last of them, and that no restriction for it was lifted since.
    """

    flagged: tuple[tuple[UUID, datetime], ...] = ()
    frequent: bool = False
    until: datetime | None = None
    ever: bool = False


def decide(number: Number, command: NumberCommand) -> list[NumberEvent]:
    match command:
        case CountHarassment():
            return _count(number, command)
        case RestrictNumber():
            return _restrict(number, command)
        case LiftRestriction():
            return _lift(number, command)
        case _:
            assert_never(command)


def evolve(number: Number, event: NumberEvent) -> Number:
    match event:
        case NumberHarassmentCounted():
            kept = (*number.flagged, (event.call_id, event.occurred_at))[-min(event.count, MOST_FEW) :]
            return replace(number, flagged=kept, ever=True, frequent=event.frequent)
        case NumberRestricted():
            return replace(number, until=event.until)
        case NumberRestrictionLifted():
            return replace(number, until=None, frequent=False)
        case _:
            assert_never(event)


def timers(event: NumberEvent) -> Sequence[Timer]:
    """Lift a restriction when it comes to its end."""
    if not isinstance(event, NumberRestricted):
        return ()
    until = event.until.isoformat()
    timer_id = uuid5(event.number_id, f"restricted:{until}")
    stream = f"number-{event.number_id}"
    return [Timer(timer_id=timer_id, kind="lift", due_at=event.until, stream=stream, rule={"until": until})]


def _count(number: Number, command: CountHarassment) -> list[NumberEvent]:
    """Count one more harassing call within the pack's window; at the pack's count it is frequent."""
    if any(call_id == command.call_id for call_id, _ in number.flagged):
        return []
    count = _recent(number, command.rules, command.now) + 1
    return [
        NumberHarassmentCounted(
            number_id=command.number_id,
            call_id=command.call_id,
            count=count,
            frequent=count >= command.rules.calls.harassment_calls,
            rule_version=command.rules.number,
            occurred_at=command.now,
        )
    ]


def _recent(number: Number, rules: RulePack, now: datetime) -> int:
    """Count the harassing calls within the pack's window: what is older is over."""
    return sum(rules.after(rules.calls.harassment_window, at) > now for _, at in number.flagged)


def _restrict(number: Number, command: RestrictNumber) -> list[NumberEvent]:
    if not number.ever:
        raise NumberUnknownError
    if number.until == command.until:
        return []
    enough = _recent(number, command.rules, command.now) >= command.rules.calls.harassment_calls
    if not (number.frequent and enough) and number.until is None:
        raise NotFrequentError
    longest = command.rules.after(command.rules.calls.restriction_longest, command.now)
    if not command.now < command.until <= longest:
        raise RestrictionTooLongError
    return [
        NumberRestricted(
            number_id=command.number_id,
            reason=command.reason,
            until=command.until,
            restricted_by=command.by,
            occurred_at=command.now,
        )
    ]


def _lift(number: Number, command: LiftRestriction) -> list[NumberEvent]:
    if number.until is None or (command.until is not None and command.until != number.until):
        if command.until is not None:
            return []
        raise NotRestrictedError if number.ever else NumberUnknownError
    return [
        NumberRestrictionLifted(
            number_id=command.number_id, reason=command.reason, lifted_by=command.by, occurred_at=command.now
        )
    ]


decider: Decider[NumberCommand, Number, NumberEvent] = Decider("number", decide, evolve, Number(), timers)


def on_timer(timer: Timer) -> Reaction:
    """Say what a due timer of a number asks of it."""
    number_id = UUID(timer.stream.partition("-")[2])
    until = datetime.fromisoformat(timer.rule["until"])
    command = LiftRestriction(number_id=number_id, reason=LiftReason.EXPIRED, until=until, by=None, now=timer.due_at)
    return Reaction(decider=decider, aggregate_id=number_id, command=command)


def on_harassment_flagged(envelope: Envelope, book: RuleBook) -> Sequence[Reaction]:
    """A flagged call counts against its number, whoever the caller said to be; against the caller where no number is known."""
    event = envelope.event
    if not isinstance(event, CallHarassmentFlagged):
        return ()
    number_id = event.number_id or event.caller_id
    if number_id is None:
        return ()
    command = CountHarassment(
        number_id=number_id, call_id=event.call_id, rules=book.in_force(event.occurred_at), now=event.occurred_at
    )
    return (Reaction(decider=decider, aggregate_id=number_id, command=command),)
