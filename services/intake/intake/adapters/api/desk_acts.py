"""What the acts about lines and duty have in common: one command, one aggregate, one answer."""

from typing import Any
from uuid import UUID

from fastapi import Response

from hotline_chassis.answers import accepted
from hotline_chassis.commands import Submitting
from hotline_chassis.runtime import Runtime
from hotline_chassis.signin import Principal
from hotline_events.aggregates import Done
from hotline_events.decider import Decider


async def act(  # noqa: PLR0917 - all of it is needed, and always in this order
    runtime: Runtime,
    decider: Decider[Any, Any, Any],
    aggregate_id: UUID | str,
    command: object,
    submit: Submitting,
    principal: Principal,
    *,
    creates: str | None = None,
) -> Response:
    """Decide and store one command, in the correlation that its aggregate has; 201 when a PUT made it come to be.

    `creates` names what has an id of the client's own, so that a repetition is known for ever.
    """
    correlation = aggregate_id if isinstance(aggregate_id, UUID) else None
    submission = await submit.by(principal, creates=creates, correlation=correlation)
    done = await runtime.aggregates.execute_in_story(decider, aggregate_id, command, submission)
    return answer(done, aggregate_id, put=submit.request.method == "PUT")


def answer(done: Done, aggregate_id: UUID | str, *, put: bool = True) -> Response:
    return accepted(done, aggregate_id, created=put and bool(done.events) and done.version == len(done.events))
