"""A call's life over HTTP: what the exchange and the call taker report. How calls stand is read in `call_reads`."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import Field

from hotline_chassis.answers import Accepted, accepted
from hotline_chassis.commands import Submit, Submitting
from hotline_chassis.fields import Text
from hotline_chassis.http import version_in
from hotline_chassis.runtime import Runtime, RuntimeOf
from hotline_events.catalogue.intake import AbandonStage, EndedBy, HangUpException
from intake import application
from intake.adapters.api.bodies import (
    CREATED,
    IF_MATCH,
    ActorId,
    AnyId,
    Code,
    Flag,
    Happened,
    Milliseconds,
    documented,
    parsed,
)
from intake.adapters.api.call_acting import Recording, RulesOfCall, change, person
from intake.domain import call

router = APIRouter(prefix="/calls", tags=["calls"])


class Receive(Happened):
    line: Annotated[str, Text(32, pattern="^[A-Za-z0-9_-]{1,32}$"), Field(examples=["12345"])]
    caller_id: AnyId | None = None
    emergency: Annotated[Flag, Field(examples=[False])] = False


class Answer(Happened):
    agent_id: ActorId | None = None
    wait_ms: Milliseconds | None = None
    ring_count: Annotated[int | None, Field(strict=True, ge=0, le=1000, examples=[2])] = None


class Abandon(Happened):
    stage: Annotated[AbandonStage, Field(examples=["queue"])]
    wait_ms: Milliseconds | None = None


class Hold(Happened):
    reason: Annotated[Code, Field(examples=["looking_up"])]
    estimated_ms: Milliseconds | None = None
    consent: Annotated[Flag | None, Field(description="Whether the caller agreed; none when nobody knows.")] = None


class Resume(Happened):
    held_ms: Milliseconds | None = None
    apologised: Annotated[Flag | None, Field(description="Whether the caller was thanked for waiting.")] = None


class End(Happened):
    ended_by: Annotated[EndedBy, Field(examples=["caller"])]
    talk_ms: Milliseconds | None = None
    hold_ms: Milliseconds | None = None
    exception: Annotated[HangUpException | None, Field(description="Why the call taker hung up first.")] = None


class WrapUp(Happened):
    outcome: Annotated[Code, Field(examples=["request_registered"])]
    wrap_up_ms: Milliseconds | None = None


@router.put(
    "/{call_id}", status_code=201, response_model=Accepted, responses=CREATED, openapi_extra=documented(Receive, IF_MATCH)
)
async def receive(call_id: UUID, principal: Recording, request: Request) -> Response:
    """Report that a call reached the line. The id is the exchange's, so a repetition is safe.

    The busiest route: the body is read once and straight into its model, which saves a third of the framework's work.
    """
    body = parsed(Receive, await request.body())
    runtime: Runtime = request.app.state.runtime
    submit = Submitting(request, None, version_in(request.headers.get("if-match")))
    submission = await submit.by(principal, creates=f"call-{call_id}", correlation=call_id)
    at = body.at(runtime.clock.now())
    command = call.ReceiveCall(
        call_id=call_id,
        line=body.line,
        caller_id=body.caller_id,
        emergency=body.emergency,
        rule_version=runtime.book.in_force(at).number,
        now=at,
    )
    return accepted(await application.receive_call(runtime.aggregates, command, submission), call_id, created=True)


@router.post("/{call_id}/answer", response_model=Accepted)
async def answer(
    call_id: UUID, body: Answer, principal: Recording, submit: Submit, *, runtime: RuntimeOf, rules: RulesOfCall
) -> Response:
    """Say that a call taker joined the call: who asks, unless another one is named (A01)."""
    command = call.AnswerCall(
        call_id=call_id,
        agent_id=body.agent_id or principal.actor_id,
        wait_ms=body.wait_ms,
        ring_count=body.ring_count,
        told_by=person(principal),
        rules=rules.calls,
        now=body.at(runtime.clock.now()),
    )
    return await change(command, principal, submit, runtime)


@router.post("/{call_id}/abandon", response_model=Accepted)
async def abandon(call_id: UUID, body: Abandon, principal: Recording, submit: Submit, runtime: RuntimeOf) -> Response:
    """Say that the caller left before anyone answered (A03)."""
    at = body.at(runtime.clock.now())
    command = call.AbandonCall(call_id=call_id, stage=body.stage, wait_ms=body.wait_ms, now=at)
    return await change(command, principal, submit, runtime)


@router.post("/{call_id}/hold", response_model=Accepted)
async def hold(
    call_id: UUID, body: Hold, principal: Recording, submit: Submit, *, runtime: RuntimeOf, rules: RulesOfCall
) -> Response:
    """Say that the caller waits, and agreed to it and to how long (A45). Without consent it is kept, as left out."""
    command = call.HoldCall(
        call_id=call_id,
        reason=body.reason,
        estimated_ms=body.estimated_ms,
        consent=body.consent,
        held_by=person(principal),
        rules=rules.calls,
        now=body.at(runtime.clock.now()),
    )
    return await change(command, principal, submit, runtime)


@router.post("/{call_id}/resume", response_model=Accepted)
async def resume(call_id: UUID, body: Resume, principal: Recording, submit: Submit, runtime: RuntimeOf) -> Response:
    """Say that the call taker came back to the caller, and apologised for the wait (A46)."""
    command = call.ResumeCall(
        call_id=call_id,
        held_ms=body.held_ms,
        apologised=body.apologised,
        resumed_by=person(principal),
        now=body.at(runtime.clock.now()),
    )
    return await change(command, principal, submit, runtime)


@router.post("/{call_id}/end", response_model=Accepted)
async def end(
    call_id: UUID, body: End, principal: Recording, submit: Submit, *, runtime: RuntimeOf, rules: RulesOfCall
) -> Response:
    """Say that the call is over, who ended it, and why the call taker did if so (A12)."""
    command = call.EndCall(
        call_id=call_id,
        ended_by=body.ended_by,
        talk_ms=body.talk_ms,
        hold_ms=body.hold_ms,
        exception=body.exception,
        told_by=person(principal),
        told_at=runtime.clock.now(),
        rules=rules.calls,
        now=body.at(runtime.clock.now()),
    )
    return await change(command, principal, submit, runtime)


@router.post("/{call_id}/wrap-up", response_model=Accepted)
async def wrap_up(
    call_id: UUID, body: WrapUp, principal: Recording, submit: Submit, *, runtime: RuntimeOf, rules: RulesOfCall
) -> Response:
    """Say that the record of the call is complete (A35). What a rule asked for and nobody told of is recorded with it."""
    command = call.WrapUpCall(
        call_id=call_id,
        outcome=body.outcome,
        wrap_up_ms=body.wrap_up_ms,
        wrapped_by=person(principal),
        rules=rules.calls,
        now=body.at(runtime.clock.now()),
    )
    return await change(command, principal, submit, runtime)
