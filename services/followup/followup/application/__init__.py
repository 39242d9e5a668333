"""Followup's use cases: each is one command on one revisit, in the matter's own correlation."""

from uuid import UUID

from followup.domain.refusals import PersonErasedError
from followup.domain.revisit import AttemptRevisit, RecordRevisit, RevisitCommand, decider
from hotline_events.aggregates import Aggregates, Done, Submission
from hotline_events.sealing import KeyGoneError


async def attempt_revisit(aggregates: Aggregates, revisit_id: UUID, command: AttemptRevisit, submission: Submission) -> Done:
    """Count an attempt that reached nobody."""
    return await _execute(aggregates, revisit_id, command, submission)


async def record_revisit(aggregates: Aggregates, revisit_id: UUID, command: RecordRevisit, submission: Submission) -> Done:
    """Record what the caller said; refused when the caller was erased and their words cannot be kept."""
    try:
        return await _execute(aggregates, revisit_id, command, submission)
    except KeyGoneError as error:
        raise PersonErasedError from error


async def _execute(aggregates: Aggregates, revisit_id: UUID, command: RevisitCommand, submission: Submission) -> Done:
    """Decide on a revisit, with the correlation that its matter has had since the call that began it."""
    return await aggregates.execute_in_story(decider, revisit_id, command, submission)
