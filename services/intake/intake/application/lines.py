"""The use cases of lines that need more than one aggregate (A21)."""

from hotline_events.aggregates import Aggregates, Done, Submission
from intake.domain import line, person
from intake.domain.line.outages import ActivateFallback
from intake.domain.line_refusals import UnknownHolderError


async def activate_fallback(aggregates: Aggregates, command: ActivateFallback, submission: Submission) -> Done:
    """Let a person's own telephone stand in for a line; its number is in the vault and nowhere else (A21)."""
    stream = person.decider.stream(command.holder_id)
    aggregates.forget(stream)
    _, holder = await aggregates.load(person.decider, stream)
    if not holder.registered or holder.erased:
        raise UnknownHolderError
    return await aggregates.execute(line.decider, command.line, command, submission)
