"""How a call is conducted, over HTTP: words, kinds of calls, priority, long talks, promises (A02, A08-A18, A22, A24, A119)."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from hotline_chassis.answers import Accepted, accepted
from hotline_chassis.commands import Submit, Submitting
from hotline_chassis.fields import AnyUtcDatetime, Body, Text
from hotline_chassis.runtime import RuntimeOf
from hotline_events.catalogue.intake import CallerTitle, CallPriority, Emotion, LateReason, ScriptSource, WaitingGround
from intake.adapters.api.bodies import ActorId, AnyId, Code, Flag, Happened
from intake.adapters.api.call_acting import Conducting, Recording, RulesOfCall, change, person
from intake.application import calls
from intake.domain import call, transcript
from intake.vault import Vault

router = APIRouter(prefix="/calls", tags=["calls"])


class Spoken(Happened):
    """A script that the call taker says was spoken (A08)."""

    script: Annotated[Code, Field(examples=["greeting"])]
    agent_number: Annotated[Flag, Field(description="Whether the agent's number was said.", examples=[True])] = False


class Speaker(StrEnum):
    """Who said a line."""

    AGENT = "agent"
    CALLER = "caller"


class Line(Body):
    speaker: Annotated[Speaker, Field(examples=["agent"])]
    text: Annotated[str, Text(500), Field(examples=["您好，12345，7号为您服务，请问有什么可以帮您？"])]


class Transcript(Happened):
    """What was said in the call. It is compared with the scripts and not kept."""

    lines: Annotated[list[Line], Field(min_length=1, max_length=1000)]
    agent_number: Annotated[str, Text(16, pattern="^[A-Za-z0-9-]{1,16}$"), Field(examples=["7"])]


class LateApology(Happened):
    reason: Annotated[LateReason, Field(examples=["all_agents_busy"])]


class Caller(Happened):
    """Who calls: a person of the vault, registered before; or somebody who withholds the name, with an id made here."""

    caller_id: AnyId
    withheld: Annotated[Flag, Field(examples=[False])] = False
    title: Annotated[CallerTitle | None, Field(examples=["mr"])] = None


class Addressed(BaseModel):
    """How the caller is addressed. The reading of the name is recorded at `position`."""

    call_id: AnyId
    zh: Annotated[str, Field(examples=["张女士"])]
    en: Annotated[str, Field(examples=["Ms 张"])]
    position: Annotated[int, Field(examples=[42])]


class Noted(Happened):
    """Nothing but when it happened."""


class Prioritise(Happened):
    priority: Annotated[CallPriority, Field(examples=["flagged"])]
    reason: Annotated[Code, Field(examples=["long_distance"])]


class Distress(Happened):
    emotion: Annotated[Emotion, Field(examples=["crying"])]


class WaitingNotice(Happened):
    ground: Annotated[WaitingGround, Field(examples=["long_distance"])]
    notified: Annotated[ActorId, Field(description="Who was told, in their conversation.")]


class PromiseReason(StrEnum):
    """Why the call is continued later (A18, A153)."""

    TALK_TOO_LONG = "talk_too_long"
    OTHER_DEPARTMENT = "other_department"
    CANNOT_ANSWER_NOW = "cannot_answer_now"
    NOBODY_ANSWERED = "nobody_answered"


class Promise(Happened):
    reason: Annotated[PromiseReason, Field(examples=["other_department"])]
    due_at: Annotated[AnyUtcDatetime, Field(examples=["2026-03-02T09:00:00Z"])]


class MenuOption(Happened):
    option: Annotated[Code, Field(examples=["water_and_gas"])]


@router.post("/{call_id}/scripts", response_model=Accepted)
async def speak(
    call_id: UUID, body: Spoken, principal: Conducting, submit: Submit, *, runtime: RuntimeOf, rules: RulesOfCall
) -> Response:
    """Say that a script was spoken, and the agent's number with it (A08, A09, A11)."""
    command = call.SpeakScript(
        call_id=call_id,
        script=body.script,
        agent_number=body.agent_number,
        source=ScriptSource.DECLARED,
        scripts=rules.texts.scripts,
        by=principal.actor_id,
        now=body.at(runtime.clock.now()),
    )
    return await change(command, principal, submit, runtime)


@router.post("/{call_id}/transcript", response_model=Accepted)
async def compare(
    call_id: UUID, body: Transcript, principal: Recording, submit: Submit, *, runtime: RuntimeOf, rules: RulesOfCall
) -> Response:
    """Find out from a transcript which scripts were spoken, in which order, and what nobody says (A08, A09, A11, A13, A14).

    Send the whole of it in one: a silent call's script is looked for in each by itself. Of a call whose record is complete, one
    is taken, and the call is judged again by it. The words are not kept.
    """
    said = [line.text for line in body.lines if line.speaker is Speaker.AGENT]
    scripts = rules.texts.scripts
    silent_script = {name: scripts[name] for name in call.SILENT_PATH if name in scripts}
    command = call.HearTranscript(
        call_id=call_id,
        found=transcript.scripts_in(said, scripts, body.agent_number),
        order=transcript.order_of(said, silent_script),
        rude=transcript.holds_any(said, rules.texts.misdial_banned),
        by=principal.actor_id,
        told_at=runtime.clock.now(),
        now=body.at(runtime.clock.now()),
    )
    return await change(command, principal, submit, runtime)


@router.post("/{call_id}/late-apology", response_model=Accepted)
async def apologise(call_id: UUID, body: LateApology, principal: Conducting, submit: Submit, runtime: RuntimeOf) -> Response:
    """Say that the late answer was apologised for, and why it was late (A02)."""
    now = body.at(runtime.clock.now())
    command = call.ApologiseLate(call_id=call_id, reason=body.reason, by=principal.actor_id, now=now)
    return await change(command, principal, submit, runtime)


@router.post("/{call_id}/caller", response_model=Accepted)
async def identify(call_id: UUID, body: Caller, principal: Conducting, submit: Submit, runtime: RuntimeOf) -> Response:
    """Say who calls, or that the name is withheld; how to address them comes with it (A10)."""
    command = call.IdentifyCaller(
        call_id=call_id,
        caller_id=body.caller_id,
        withheld=body.withheld,
        title=body.title,
        by=principal.actor_id,
        now=body.at(runtime.clock.now()),
    )
    submission = await submit.by(principal, correlation=call_id)
    vault = Vault(runtime.store, runtime.keyring)
    done = await calls.identify_caller(runtime.aggregates, vault, command, submission)
    return accepted(done, call_id)


@router.post("/{call_id}/address")
async def address(call_id: UUID, principal: Conducting, request: Request, runtime: RuntimeOf) -> Addressed:
    """Read, on record, how the caller is addressed: surname and title, for the call taker who has the call (A10)."""
    submission = await Submitting(request, None, None).by(principal, correlation=call_id)
    vault = Vault(runtime.store, runtime.keyring)
    now = runtime.clock.now()
    named = await calls.address(runtime.aggregates, vault, call_id, principal.actor_id, submission, now=now)
    return Addressed(call_id=call_id, zh=named.zh, en=named.en, position=named.position)


@router.post("/{call_id}/silent", response_model=Accepted)
async def silent(call_id: UUID, body: Noted, principal: Conducting, submit: Submit, runtime: RuntimeOf) -> Response:
    """Say that nobody spoke and the whole silent script was said: now the call taker may hang up (A13)."""
    command = call.HandleSilence(call_id=call_id, by=principal.actor_id, now=body.at(runtime.clock.now()))
    return await change(command, principal, submit, runtime)


@router.post("/{call_id}/misdial", response_model=Accepted)
async def misdial(
    call_id: UUID, body: Noted, principal: Conducting, submit: Submit, *, runtime: RuntimeOf, rules: RulesOfCall
) -> Response:
    """Say that the caller had dialled another number and was told so politely (A14)."""
    now = body.at(runtime.clock.now())
    command = call.HandleMisdial(call_id=call_id, rules=rules.calls, by=principal.actor_id, now=now)
    return await change(command, principal, submit, runtime)


@router.post("/{call_id}/harassment", response_model=Accepted)
async def harassment(call_id: UUID, body: Noted, principal: Conducting, submit: Submit, runtime: RuntimeOf) -> Response:
    """Say that the call is harassment and was declined politely; it counts against the caller's number (A15)."""
    command = call.FlagHarassment(call_id=call_id, by=principal.actor_id, now=body.at(runtime.clock.now()))
    return await change(command, principal, submit, runtime)


@router.post("/{call_id}/priority", response_model=Accepted)
async def prioritise(call_id: UUID, body: Prioritise, principal: Recording, submit: Submit, runtime: RuntimeOf) -> Response:
    """Raise the priority of a call; it is never lowered (A16)."""
    command = call.PrioritiseCall(
        call_id=call_id,
        priority=body.priority,
        reason=body.reason,
        by=principal.actor_id,
        now=body.at(runtime.clock.now()),
    )
    return await change(command, principal, submit, runtime)


@router.post("/{call_id}/distress", response_model=Accepted)
async def distress(call_id: UUID, body: Distress, principal: Conducting, submit: Submit, runtime: RuntimeOf) -> Response:
    """Say that the caller is upset: the call is served earlier for it, and never later (A119)."""
    now = body.at(runtime.clock.now())
    command = call.TagDistress(call_id=call_id, emotion=body.emotion, by=principal.actor_id, now=now)
    return await change(command, principal, submit, runtime)


@router.post("/{call_id}/waiting-notice", response_model=Accepted)
async def notify(call_id: UUID, body: WaitingNotice, principal: Conducting, submit: Submit, runtime: RuntimeOf) -> Response:
    """Say that somebody in a conversation was told of this caller of raised priority (A63)."""
    command = call.NotifyWaiting(
        call_id=call_id,
        ground=body.ground,
        notified=body.notified,
        by=principal.actor_id,
        now=body.at(runtime.clock.now()),
    )
    return await change(command, principal, submit, runtime)


@router.post("/{call_id}/line-open", response_model=Accepted)
async def keep_open(call_id: UUID, body: Noted, principal: Conducting, submit: Submit, runtime: RuntimeOf) -> Response:
    """Say that the caller was told the line is still open (A18, A48)."""
    command = call.KeepLineOpen(call_id=call_id, by=principal.actor_id, now=body.at(runtime.clock.now()))
    return await change(command, principal, submit, runtime)


@router.put("/{call_id}/promises/{promise_id}", response_model=Accepted)
async def promise(
    call_id: UUID, promise_id: UUID, body: Promise, principal: Conducting, submit: Submit, *, runtime: RuntimeOf
) -> Response:
    """Promise to call back at a time; followup keeps watch over it (A18, A153)."""
    command = call.PromiseCallback(
        call_id=call_id,
        promise_id=promise_id,
        reason=body.reason,
        due_at=body.due_at,
        by=principal.actor_id,
        now=body.at(runtime.clock.now()),
    )
    return await change(command, principal, submit, runtime, creates=f"promise-{promise_id}")


@router.post("/{call_id}/menu", response_model=Accepted)
async def choose(
    call_id: UUID, body: MenuOption, principal: Recording, submit: Submit, *, runtime: RuntimeOf, rules: RulesOfCall
) -> Response:
    """Say which option of a telephone menu the caller chose, where the rule pack keeps one (A22)."""
    now = body.at(runtime.clock.now())
    command = call.ChooseMenuOption(call_id=call_id, option=body.option, rules=rules.calls, now=now)
    return await change(command, principal, submit, runtime)


@router.post("/{call_id}/line-released", response_model=Accepted)
async def release_line(call_id: UUID, body: Noted, principal: Recording, submit: Submit, runtime: RuntimeOf) -> Response:
    """Say that the line is closed: what is said at the desk now, the caller does not hear (A24)."""
    command = call.ReleaseLine(call_id=call_id, by=person(principal), now=body.at(runtime.clock.now()))
    return await change(command, principal, submit, runtime)
