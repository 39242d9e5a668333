"""What every act on a call needs: the call's own rule pack, who acts, and the way to the decision."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response

from hotline_chassis.answers import accepted
from hotline_chassis.commands import Submitting
from hotline_chassis.rights import Right
from hotline_chassis.roles import Role
from hotline_chassis.runtime import Runtime
from hotline_chassis.signin import Principal, requires
from hotline_rules.pack import RulePack
from intake import application
from intake.application import calls
from intake.domain import call

Recording = Annotated[Principal, Depends(requires(Right.CALL_RECORD))]
Conducting = Annotated[Principal, Depends(requires(Right.CALL_CONDUCT))]
Reading = Annotated[Principal, Depends(requires(Right.CALL_READ))]


def person(principal: Principal) -> str | None:
    """Return who did it, None for a machine: what it tells of, nobody at the desk has said."""
    return None if principal.role is Role.SERVICE else principal.actor_id


async def change(
    command: call.CallCommand, principal: Principal, submit: Submitting, runtime: Runtime, *, creates: str | None = None
) -> Response:
    """Hand a command on a call in, and answer. `creates` names what has an id of the client's own."""
    submission = await submit.by(principal, creates=creates, correlation=command.call_id)
    return accepted(await application.change_call(runtime.aggregates, command, submission), command.call_id)


async def _rules_of_call(call_id: UUID, request: Request) -> RulePack:
    runtime: Runtime = request.app.state.runtime
    return await calls.rules_of_call(runtime.aggregates, runtime.book, call_id)


RulesOfCall = Annotated[RulePack, Depends(_rules_of_call)]
"""The rule pack that the call of the path keeps, in a route."""
