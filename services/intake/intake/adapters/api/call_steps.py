"""Holding and passing on a live call over HTTP: progress, transfer in three steps, leaders, advice (A07, A40, A45-A59)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field, model_validator

from hotline_chassis.answers import Accepted, accepted
from hotline_chassis.commands import Submit, Submitting
from hotline_chassis.fields import Text
from hotline_chassis.runtime import Runtime, RuntimeOf
from hotline_chassis.signin import Principal
from hotline_events.catalogue.intake import Alternative, Consulted, LegResult
from hotline_events.sealing import Sealed
from hotline_rules.sections.calls import HuntPlace
from intake.adapters.api.bodies import NOT_A_NUMBER, ActorId, Code, Flag, Happened, Milliseconds, NoNumber
from intake.adapters.api.call_acting import Conducting, Recording, RulesOfCall, change, person
from intake.adapters.api.call_conduct import Noted
from intake.application import calls
from intake.domain import call

router = APIRouter(prefix="/calls", tags=["calls"])

Extension = Annotated[
    str,
    Text(64, pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"),
    NoNumber,
    Field(
        description="A telephone of the house or a code of the directory; a number of somebody's is refused.",
        examples=["8012"],
        json_schema_extra=NOT_A_NUMBER,
    ),
]
Words = Annotated[str, Text(2000), Field(examples=["来电人反映解放路路灯三天不亮，想知道何时修复。"])]


class Ring(Happened):
    extension: Extension


class ReleaseResult(Happened):
    extension: Extension
    result: Annotated[LegResult, Field(examples=["no_answer"])]


class Prepare(Happened):
    """To whom, or by which skill; and what was settled with the caller before."""

    target: Extension | None = None
    skill: Annotated[Code, Field(examples=["english"])] | None = None
    unit: Annotated[Code, Field(examples=["water_company"])] | None = None
    leader: Annotated[Code, Field(description="Which leader the target is, if any.", examples=["deputy_mayor"])] | None = None
    consent: Annotated[Flag, Field(examples=[True])] = False
    estimated_ms: Milliseconds | None = None
    target_checked: Annotated[Flag, Field(examples=[True])] = False
    identity_checked: Annotated[Flag, Field(examples=[True])] = False

    @model_validator(mode="after")
    def _one_target(self) -> "Prepare":
        if (self.target is None) == (self.skill is None):
            message = "a target or a skill, one of the two"
            raise ValueError(message)
        return self


class Brief(Happened):
    brief: Words


class Connect(Happened):
    target: Extension | None = None


class Decline(Happened):
    reason: Annotated[Code, Field(examples=["not_my_matter"])]


class Choose(Happened):
    choice: Annotated[Alternative, Field(examples=["message"])]


class Screen(Happened):
    """Who asks for a leader: unit, position and name."""

    leader: Annotated[Code, Field(examples=["deputy_mayor"])]
    unit: Annotated[str, Text(200), Field(examples=["市政府办公室"])]
    position: Annotated[str, Text(100), Field(examples=["科长"])]
    name: Annotated[str, Text(100), Field(examples=["李四"])]


class Hunt(Happened):
    leader: Annotated[Code, Field(examples=["deputy_mayor"])]
    urgent: Annotated[Flag, Field(examples=[False])] = False


class Try(Happened):
    place: Annotated[HuntPlace, Field(examples=["office"])]
    result: Annotated[LegResult, Field(examples=["no_answer"])]
    caller_asked: Annotated[Flag, Field(description="Whether the caller wants the mobile tried.", examples=[True])] = False


class Consult(Happened):
    kind: Annotated[Consulted, Field(examples=["superior"])]
    consulted: Annotated[ActorId, Field(description="Who was asked.")]
    answer: Words


@router.post("/{call_id}/hold-progress", response_model=Accepted)
async def progress(
    call_id: UUID, body: Noted, principal: Conducting, submit: Submit, *, runtime: RuntimeOf, rules: RulesOfCall
) -> Response:
    """Say that the waiting caller heard how far it is (A47)."""
    now = body.at(runtime.clock.now())
    command = call.GiveProgress(call_id=call_id, rules=rules.calls, by=principal.actor_id, now=now)
    return await change(command, principal, submit, runtime)


@router.post("/{call_id}/extensions/ring", response_model=Accepted)
async def ring(
    call_id: UUID, body: Ring, principal: Recording, submit: Submit, *, runtime: RuntimeOf, rules: RulesOfCall
) -> Response:
    """Say that a telephone rings for the call; unanswered for the pack's rings, it is released (A07)."""
    now = body.at(runtime.clock.now())
    command = call.RingExtension(
        call_id=call_id,
        extension=body.extension,
        rules=rules.calls,
        hunt_rings=rules.transfers.hunt_rings,
        now=now,
    )
    return await change(command, principal, submit, runtime)


@router.post("/{call_id}/extensions/release", response_model=Accepted)
async def release(call_id: UUID, body: ReleaseResult, principal: Recording, submit: Submit, runtime: RuntimeOf) -> Response:
    """Say that the telephone was busy or did not answer; the caller is offered something else (A07, A40)."""
    now = body.at(runtime.clock.now())
    command = call.ReleaseExtension(call_id=call_id, extension=body.extension, result=body.result, now=now)
    return await change(command, principal, submit, runtime)


@router.post("/{call_id}/transfer", response_model=Accepted)
async def prepare(
    call_id: UUID, body: Prepare, principal: Conducting, submit: Submit, *, runtime: RuntimeOf, rules: RulesOfCall
) -> Response:
    """Prepare a transfer: the caller agreed and heard the phrase, target and identity are checked (A45, A52–A56)."""
    command = call.PrepareTransfer(
        call_id=call_id,
        target=body.target,
        unit=body.unit,
        skill=body.skill,
        leader=body.leader,
        consent=body.consent,
        estimated_ms=body.estimated_ms,
        target_checked=body.target_checked,
        identity_checked=body.identity_checked,
        skills=rules.transfers.skills,
        by=principal.actor_id,
        now=body.at(runtime.clock.now()),
    )
    done = await calls.prepare_transfer(runtime.aggregates, command, rules, await submit.by(principal, correlation=call_id))
    return accepted(done, call_id)


@router.post("/{call_id}/transfer/brief", response_model=Accepted)
async def brief(call_id: UUID, body: Brief, principal: Conducting, submit: Submit, runtime: RuntimeOf) -> Response:
    """First step: tell the callee what the call is about; the words go with the transfer (A49)."""
    now = body.at(runtime.clock.now())
    command = call.BriefTransfer(call_id=call_id, brief=Sealed(text=body.brief), by=principal.actor_id, now=now)
    return await _with_words(command, principal, submit, runtime)


@router.post("/{call_id}/transfer/connect", response_model=Accepted)
async def connect(call_id: UUID, body: Connect, principal: Recording, submit: Submit, runtime: RuntimeOf) -> Response:
    """Second step: the callee took the call (A50, A51)."""
    now = body.at(runtime.clock.now())
    command = call.ConnectTransfer(call_id=call_id, target=body.target, by=person(principal), now=now)
    return await change(command, principal, submit, runtime)


@router.post("/{call_id}/transfer/confirm", response_model=Accepted)
async def confirm(call_id: UUID, body: Noted, principal: Conducting, submit: Submit, runtime: RuntimeOf) -> Response:
    """Third step: both hear each other (A50)."""
    command = call.ConfirmTransfer(call_id=call_id, by=principal.actor_id, now=body.at(runtime.clock.now()))
    return await change(command, principal, submit, runtime)


@router.post("/{call_id}/transfer/decline", response_model=Accepted)
async def decline(call_id: UUID, body: Decline, principal: Conducting, submit: Submit, runtime: RuntimeOf) -> Response:
    """Say that the callee does not take the call, and that the caller was told (A51)."""
    now = body.at(runtime.clock.now())
    command = call.DeclineTransfer(call_id=call_id, reason=body.reason, by=principal.actor_id, now=now)
    return await change(command, principal, submit, runtime)


@router.post("/{call_id}/alternative", response_model=Accepted)
async def choose(call_id: UUID, body: Choose, principal: Conducting, submit: Submit, runtime: RuntimeOf) -> Response:
    """Say what the caller chose when nobody took the call: wait, leave a message, be called back (A40)."""
    now = body.at(runtime.clock.now())
    command = call.ChooseAlternative(call_id=call_id, choice=body.choice, by=principal.actor_id, now=now)
    return await change(command, principal, submit, runtime)


@router.post("/{call_id}/screening", response_model=Accepted)
async def screen(call_id: UUID, body: Screen, principal: Conducting, submit: Submit, runtime: RuntimeOf) -> Response:
    """Say who asks for a leader, before anything else is done for it (A59)."""
    command = call.ScreenForLeader(
        call_id=call_id,
        leader=body.leader,
        unit=Sealed(text=body.unit),
        position=Sealed(text=body.position),
        name=Sealed(text=body.name),
        by=principal.actor_id,
        now=body.at(runtime.clock.now()),
    )
    return await _with_words(command, principal, submit, runtime)


@router.post("/{call_id}/hunt", response_model=Accepted)
async def hunt(
    call_id: UUID, body: Hunt, principal: Conducting, submit: Submit, *, runtime: RuntimeOf, rules: RulesOfCall
) -> Response:
    """Look for a leader at the pack's places, one after the other; all at once when it is urgent (A58)."""
    command = call.BeginHunt(
        call_id=call_id,
        leader=body.leader,
        urgent=body.urgent,
        places=rules.transfers.hunt,
        by=principal.actor_id,
        now=body.at(runtime.clock.now()),
    )
    return await change(command, principal, submit, runtime)


@router.post("/{call_id}/hunt/tries", response_model=Accepted)
async def try_place(call_id: UUID, body: Try, principal: Conducting, submit: Submit, runtime: RuntimeOf) -> Response:
    """Say what came of looking at one place (A58)."""
    command = call.TryPlace(
        call_id=call_id,
        place=body.place,
        result=body.result,
        caller_asked=body.caller_asked,
        by=principal.actor_id,
        now=body.at(runtime.clock.now()),
    )
    return await change(command, principal, submit, runtime)


@router.post("/{call_id}/consultations", response_model=Accepted)
async def consult(call_id: UUID, body: Consult, principal: Conducting, submit: Submit, runtime: RuntimeOf) -> Response:
    """Say whom the call taker asked instead of guessing, and what the answer was (A57)."""
    command = call.ConsultColleague(
        call_id=call_id,
        kind=body.kind,
        consulted=body.consulted,
        answer=Sealed(text=body.answer),
        by=principal.actor_id,
        now=body.at(runtime.clock.now()),
    )
    return await _with_words(command, principal, submit, runtime)


async def _with_words(command: call.CallCommand, principal: Principal, submit: Submitting, runtime: Runtime) -> Response:
    submission = await submit.by(principal, correlation=command.call_id)
    return accepted(await calls.change_with_words(runtime.aggregates, command, submission), command.call_id)
