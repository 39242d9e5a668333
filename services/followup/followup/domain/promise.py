"""A promised call back (A18, A85, A153): watched, warned of, attempted, kept or broken.

Quiet hours bind service-quality revisits. A matter that is relayed at once is answered at once, at any hour, and so is a call
for which the caller was promised an hour of the night; every other call back waits for the morning.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID, uuid5

from followup.domain.refusals import PromiseOverError, QuietHoursError, TooEarlyError, UnknownPromiseError
from hotline_events.catalogue.followup import (
    AttemptOutcome,
    PromiseAttempted,
    PromiseBroken,
    PromiseEvent,
    PromiseKept,
    PromiseMade,
    PromiseReleased,
    PromiseWarned,
)
from hotline_events.decider import Decider, Timer
from hotline_events.reaction_batch import Reaction
from hotline_rules.pack import RulePack

AGGREGATE = "promise"
WARN = "promise.warn"
DUE = "promise.due"


@dataclass(frozen=True, slots=True, kw_only=True)
class MakePromise:
    """Somebody is to be called back at `due_at`."""

    promise_id: UUID
    call_id: UUID | None = None
    work_order_id: UUID | None = None
    request_id: UUID | None = None
    caller_id: UUID | None = None
    reason: str
    immediate: bool = False
    due_at: datetime
    promised_by: str
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WarnOfPromise:
    """The promised time is near."""

    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptPromise:
    """Somebody called back and reached nobody."""

    outcome: AttemptOutcome
    attempted_by: str
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepPromise:
    """Somebody called back and reached the caller."""

    kept_by: str
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteCallerReached:
    """A department reached the caller of a matter, or the hotline told them the result: a call back owed for it is made."""

    reached_by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PassDue:
    """The promised time has come."""

    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePromise:
    """The matter for which the call was promised was withdrawn: nobody waits for it any more."""

    now: datetime


PromiseCommand: TypeAlias = (
    MakePromise | WarnOfPromise | AttemptPromise | KeepPromise | NoteCallerReached | PassDue | ReleasePromise
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What later decisions read."""

    made: PromiseMade | None = None
    warned: bool = False
    attempts: int = 0
    last_attempt: tuple[AttemptOutcome, datetime] | None = None
    kept_at: datetime | None = None
    released_at: datetime | None = None
    broken: bool = False

    @property
    def rule_version(self) -> str | None:
        """Return the number of the pack under which the promise was made."""
        return self.made.rule_version if self.made else None

    def is_over_by(self, moment: datetime) -> bool:
        """Whether the call was made, or nobody waited for it any more, no later than this."""
        return any(at is not None and at <= moment for at in (self.kept_at, self.released_at))


def decide(promise: Promise, command: PromiseCommand) -> list[PromiseEvent]:
    """Say what happens; `[]` when it is already so."""
    if isinstance(command, MakePromise):
        return [] if promise.made else [_make(command)]
    made = promise.made
    if made is None:
        if isinstance(command, NoteCallerReached | ReleasePromise):
            return []
        raise UnknownPromiseError
    match command:
        case WarnOfPromise():
            return _warn(promise, made, command)
        case AttemptPromise():
            return _attempt(promise, made, command)
        case KeepPromise():
            return _keep(promise, made, command)
        case NoteCallerReached():
            return _note(promise, made, command)
        case PassDue():
            return _pass(promise, made, command)
        case ReleasePromise():
            return _release(promise, made, command)
        case _:
            assert_never(command)


def evolve(promise: Promise, event: PromiseEvent) -> Promise:
    """Remember what later decisions read."""
    match event:
        case PromiseMade():
            return replace(promise, made=event)
        case PromiseWarned():
            return replace(promise, warned=True)
        case PromiseAttempted():
            return replace(promise, attempts=event.attempt, last_attempt=(event.outcome, event.occurred_at))
        case PromiseKept():
            return replace(promise, kept_at=event.occurred_at)
        case PromiseBroken():
            return replace(promise, broken=True)
        case PromiseReleased():
            return replace(promise, released_at=event.occurred_at)
        case _:
            assert_never(event)


def timers(event: PromiseEvent) -> Sequence[Timer]:
    """Start the clocks of a promise: the warning and the promised time itself."""
    if not isinstance(event, PromiseMade):
        return ()
    return (_timer(event, WARN, event.warn_at), _timer(event, DUE, event.due_at))


def on_timer(timer: Timer) -> Reaction:
    """Turn a due clock into its command, at the time it was due."""
    commands: dict[str, PromiseCommand] = {WARN: WarnOfPromise(now=timer.due_at), DUE: PassDue(now=timer.due_at)}
    return Reaction(decider=decider, aggregate_id=UUID(timer.rule["promise_id"]), command=commands[timer.kind])


def _make(command: MakePromise) -> PromiseMade:
    return PromiseMade(
        promise_id=command.promise_id,
        call_id=command.call_id,
        work_order_id=command.work_order_id,
        request_id=command.request_id,
        caller_id=command.caller_id,
        reason=command.reason,
        immediate=command.immediate,
        warn_at=max(command.rules.before(command.rules.redress.promise_warning, command.due_at), command.now),
        due_at=command.due_at,
        promised_by=command.promised_by,
        rule_version=command.rules.number,
        occurred_at=command.now,
    )


def _warn(promise: Promise, made: PromiseMade, command: WarnOfPromise) -> list[PromiseEvent]:
    if promise.warned or command.now < made.warn_at or promise.is_over_by(made.warn_at):
        return []
    return [PromiseWarned(promise_id=made.promise_id, due_at=made.due_at, occurred_at=made.warn_at)]


def _attempt(promise: Promise, made: PromiseMade, command: AttemptPromise) -> list[PromiseEvent]:
    if promise.last_attempt == (command.outcome, command.now):
        return []
    if promise.kept_at is not None or promise.released_at is not None:
        raise PromiseOverError
    _may_call(made, command)
    return [
        PromiseAttempted(
            promise_id=made.promise_id,
            attempt=promise.attempts + 1,
            outcome=command.outcome,
            attempted_by=command.attempted_by,
            occurred_at=command.now,
        )
    ]


def _keep(promise: Promise, made: PromiseMade, command: KeepPromise) -> list[PromiseEvent]:
    if promise.kept_at is not None:
        return []
    if promise.released_at is not None:
        raise PromiseOverError
    _may_call(made, command)
    return [_kept(made, command.kept_by, command.now)]


def _note(promise: Promise, made: PromiseMade, command: NoteCallerReached) -> list[PromiseEvent]:
    """Whoever reached the caller first has kept the promise; what was said before it was made has not."""
    if promise.kept_at is not None or promise.released_at is not None or command.now < made.occurred_at:
        return []
    return [_kept(made, command.reached_by, command.now)]


def _release(promise: Promise, made: PromiseMade, command: ReleasePromise) -> list[PromiseEvent]:
    if promise.kept_at is not None or promise.released_at is not None:
        return []
    return [PromiseReleased(promise_id=made.promise_id, occurred_at=command.now)]


def _kept(made: PromiseMade, by: str, now: datetime) -> PromiseKept:
    return PromiseKept(promise_id=made.promise_id, late=now > made.due_at, kept_by=by, occurred_at=now)


def _may_call(made: PromiseMade, command: AttemptPromise | KeepPromise) -> None:
    if command.now < made.occurred_at:
        raise TooEarlyError
    quiet = command.rules.quiet_hours
    if quiet.contains(command.now) and not (made.immediate or quiet.contains(made.due_at)):
        raise QuietHoursError


def _pass(promise: Promise, made: PromiseMade, command: PassDue) -> list[PromiseEvent]:
    """Compare times, not the order of processing: a call recorded first but made too late broke the promise too."""
    if promise.is_over_by(made.due_at) or promise.broken or command.now < made.due_at:
        return []
    return [PromiseBroken(promise_id=made.promise_id, attempts=promise.attempts, occurred_at=made.due_at)]


def _timer(event: PromiseMade, kind: str, due_at: datetime) -> Timer:
    return Timer(
        timer_id=uuid5(event.promise_id, kind),
        kind=kind,
        due_at=due_at,
        stream=f"{AGGREGATE}-{event.promise_id}",
        rule={"promise_id": str(event.promise_id), "since": event.occurred_at.isoformat()},
    )


decider: Decider[PromiseCommand, Promise, PromiseEvent] = Decider(AGGREGATE, decide, evolve, Promise(), timers)
