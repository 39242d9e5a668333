"""Followup's use cases: each is one command on one revisit, in the matter's own correlation."""

from dataclasses import replace
from uuid import UUID

from followup.domain.refusals import PersonErasedError, UnknownRevisitError
from followup.domain.revisit import (
    COME_DUE,
    LIMIT,
    AttemptRevisit,
    ComeDue,
    PassLimit,
    RecordRevisit,
    RevisitCommand,
    decider,
)
from hotline_events.aggregates import Aggregates, Done, Submission
from hotline_events.decider import Timer
from hotline_events.envelope import Actor, Cause, from_row
from hotline_events.sealing import KeyGoneError
from hotline_events.timers import Fire

_ACTOR = Actor("service:followup", "service")


async def attempt_revisit(aggregates: Aggregates, revisit_id: UUID, command: AttemptRevisit, submission: Submission) -> Done:
    """Count an attempt that reached nobody."""
    return await _execute(aggregates, revisit_id, command, submission)


async def record_revisit(aggregates: Aggregates, revisit_id: UUID, command: RecordRevisit, submission: Submission) -> Done:
    """Record what the caller said; refused when the caller was erased and their words cannot be kept."""
    try:
        return await _execute(aggregates, revisit_id, command, submission)
    except KeyGoneError as error:
        raise PersonErasedError from error


def fire_on(aggregates: Aggregates) -> Fire:
    """Return how a due timer becomes a command: at the time it was due, under its own id, so that twice is once."""

    async def fire(timer: Timer) -> Done:
        commands: dict[str, RevisitCommand] = {COME_DUE: ComeDue(now=timer.due_at), LIMIT: PassLimit(now=timer.due_at)}
        cause = Cause(correlation_id=timer.timer_id, causation_id=timer.timer_id, actor=_ACTOR)
        submission = Submission(command_id=timer.timer_id, fingerprint=timer.timer_id.bytes, cause=cause)
        return await _execute(aggregates, UUID(timer.rule["revisit_id"]), commands[timer.kind], submission)

    return fire


async def _execute(aggregates: Aggregates, revisit_id: UUID, command: RevisitCommand, submission: Submission) -> Done:
    """Decide on a revisit that exists, with the correlation that its matter has had since the call that began it."""
    rows = await aggregates.store.read_stream(decider.stream(revisit_id))
    if not rows:
        raise UnknownRevisitError
    cause = replace(submission.cause, correlation_id=from_row(rows[0]).correlation_id)
    return await aggregates.execute(decider, revisit_id, command, replace(submission, cause=cause))
