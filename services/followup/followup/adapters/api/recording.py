"""Making the revisits: attempts, planning, what the caller said, what a second person thinks of a claim."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from followup.adapters.api.bodies import Happened, MayPlan, MayRecord, MayReview, MaySurvey, RevisitId
from followup.adapters.views.queries import is_owed_by, revisit_detail
from followup.application import act, rules_of
from followup.domain.refusals import UnknownRevisitError
from followup.domain.revisit import (
    AttemptRevisit,
    Claim,
    PlanRevisit,
    RecordRevisit,
    ReviewException,
    RevisitCommand,
    decider,
)
from hotline_chassis.answers import Accepted, accepted
from hotline_chassis.commands import Submit, Submitting
from hotline_chassis.confidentiality import is_hidden
from hotline_chassis.fields import AnyUtcDatetime, Body, Text, YesNo
from hotline_chassis.problems import not_found
from hotline_chassis.roles import Role
from hotline_chassis.runtime import Runtime, RuntimeOf
from hotline_chassis.signin import Principal
from hotline_events.catalogue.followup import (
    AnswerChannel,
    AttemptOutcome,
    Attitude,
    Deferral,
    Dissatisfaction,
    ExceptionGround,
)
from hotline_events.sealing import Sealed
from hotline_rules.pack import RulePack

router = APIRouter(tags=["revisits"])
Answered = Annotated[YesNo | None, Field(examples=[True])]
Words = Annotated[str, Text(4000)]
ScriptName = Annotated[str, Text(64, pattern="^[a-z][a-z0-9_]{0,63}$")]


class Attempt(Happened):
    """An attempt that reached nobody."""

    outcome: Annotated[AttemptOutcome, Field(examples=["no_answer"])]


class Plan(Happened):
    """Another moment for the call, because the caller asked for it or the desk cannot make it."""

    at_time: Annotated[
        AnyUtcDatetime, Field(alias="at", description="When the call will be made.", examples=["2026-03-03T02:00:00Z"])
    ]
    because: Annotated[Deferral, Field(examples=["caller_asked"])]


class ExceptionBody(Body):
    """The demand is unreasonable or out of scope; a second person decides (A69)."""

    ground: Annotated[ExceptionGround, Field(examples=["out_of_scope"])]
    evidence: Annotated[Words, Field(examples=["诉求人要求超出政策范围的补偿，依据见附件。"])]


class Answer(Happened):
    """What the caller said; null where they gave no answer. Who is not satisfied is asked why (A102-A106)."""

    solved: Answered
    satisfied: Annotated[YesNo | None, Field(examples=[False])]
    timely: Answered = None
    attitude: Annotated[Attitude | None, Field(examples=["good"])] = None
    on_site: Annotated[YesNo | None, Field(description="Somebody came to the caller's place.", examples=[True])] = None
    appointment_kept: Answered = None
    fee_charged: Annotated[YesNo | None, Field(examples=[False])] = None
    fee_shown: Annotated[YesNo | None, Field(description="The tariff was shown.", examples=[None])] = None
    fee_to_standard: Annotated[YesNo | None, Field(examples=[None])] = None
    reason: Words | None = Field(default=None, examples=["等了两周才有人来。"])
    reason_code: Annotated[Dissatisfaction | None, Field(examples=["too_slow"])] = None
    suggestion: Words | None = Field(default=None, examples=["希望公布维修进度。"])
    exception: ExceptionBody | None = None

    def command(self, principal: Principal, runtime: Runtime, rules: RulePack, **more: object) -> RecordRevisit:
        """Return the command of this answer."""
        asked = self.exception
        same = ("solved", "satisfied", "timely", "attitude", "on_site", "appointment_kept")
        fees = ("fee_charged", "fee_shown", "fee_to_standard", "reason_code")
        return RecordRevisit(
            **{name: getattr(self, name) for name in (*same, *fees)},
            **more,  # type: ignore[arg-type]  # what the two kinds of answer add
            reason=Sealed.of(self.reason),
            suggestion=Sealed.of(self.suggestion),
            claim=None if asked is None else Claim(ground=asked.ground, evidence=Sealed(asked.evidence)),
            revisited_by=principal.actor_id,
            rules=rules,
            now=self.at(runtime.clock),
        )


class AnswerOnTelephone(Answer):
    """The answer that was given on the telephone, and the scripts that were spoken (A113)."""

    channel: Annotated[
        Literal[AnswerChannel.CALL, AnswerChannel.CALLER_CALLED],
        Field(description="Our call, or theirs; what they wrote comes by `survey`.", examples=["call"]),
    ] = AnswerChannel.CALL
    immediate_after_service: Annotated[
        YesNo, Field(description="Made at the very end of the service: exempt from quiet hours (A101).", examples=[False])
    ] = False
    opened_with: ScriptName | None = Field(default=None, examples=["revisit_opening"])
    closed_with: ScriptName | None = Field(default=None, examples=["revisit_closing"])


class AnswerToSurvey(Answer):
    """The answer that the caller sent themselves (A114)."""

    channel: Annotated[AnswerChannel, Field(examples=["sms"])]


class Review(Happened):
    """What the second person decides."""

    accept: Annotated[YesNo, Field(examples=[True])]
    caller_told: Annotated[YesNo, Field(description="The caller knows that and why.", examples=[True])] = False


@router.post("/revisits/{revisit_id}/attempt", response_model=Accepted)
async def attempt(agent: MayRecord, runtime: RuntimeOf, submit: Submit, revisit_id: RevisitId, body: Attempt) -> Response:
    """Count an attempt that reached nobody; after the last one a message is sent (A100)."""
    await _require_duty(runtime, agent, revisit_id)
    command = AttemptRevisit(
        outcome=body.outcome,
        attempted_by=agent.actor_id,
        rules=await _rules(runtime, revisit_id),
        now=body.at(runtime.clock),
    )
    return await _act(runtime, revisit_id, command, submit, agent)


@router.post("/revisits/{revisit_id}/plan", response_model=Accepted)
async def plan(agent: MayPlan, runtime: RuntimeOf, submit: Submit, revisit_id: RevisitId, body: Plan) -> Response:
    """Put the next call off: not into quiet hours, and not past the last day's hour (A100, A101)."""
    command = PlanRevisit(
        at=body.at_time,
        because=body.because,
        planned_by=agent.actor_id,
        rules=await _rules(runtime, revisit_id),
        now=body.at(runtime.clock),
    )
    return await _act(runtime, revisit_id, command, submit, agent)


@router.post("/revisits/{revisit_id}/revisit", response_model=Accepted)
async def revisit(
    agent: MayRecord, runtime: RuntimeOf, submit: Submit, revisit_id: RevisitId, body: AnswerOnTelephone
) -> Response:
    """Record what the caller said: it closes the matter, orders rework while rounds are left, or waits for a review."""
    await _require_duty(runtime, agent, revisit_id)
    command = body.command(
        agent,
        runtime,
        await _rules(runtime, revisit_id),
        channel=body.channel,
        immediate_after_service=body.immediate_after_service,
        opened_with=body.opened_with,
        closed_with=body.closed_with,
    )
    return await _act(runtime, revisit_id, command, submit, agent)


@router.post("/revisits/{revisit_id}/survey", response_model=Accepted)
async def survey(
    sender: MaySurvey, runtime: RuntimeOf, submit: Submit, revisit_id: RevisitId, body: AnswerToSurvey
) -> Response:
    """Record what the caller answered to the survey by themselves, at whatever hour (A114)."""
    command = body.command(sender, runtime, await _rules(runtime, revisit_id), channel=body.channel)
    return await _act(runtime, revisit_id, command, submit, sender)


@router.post("/revisits/{revisit_id}/review", response_model=Accepted)
async def review(reviewer: MayReview, runtime: RuntimeOf, submit: Submit, revisit_id: RevisitId, body: Review) -> Response:
    """Decide on a claim that the demand is unreasonable, as somebody else than its author (A69)."""
    command = ReviewException(
        accept=body.accept,
        caller_told=body.caller_told,
        reviewed_by=reviewer.actor_id,
        rules=await _rules(runtime, revisit_id),
        now=body.at(runtime.clock),
    )
    return await _act(runtime, revisit_id, command, submit, reviewer)


async def _require_duty(runtime: Runtime, agent: Principal, revisit_id: UUID) -> None:
    """The desk makes every revisit; who met a caller first makes theirs, and finds no other (A68)."""
    if agent.role is not Role.REVISIT_AGENT and not await is_owed_by(runtime.engine, revisit_id, agent.actor_id):
        raise not_found()


async def _rules(runtime: Runtime, revisit_id: UUID) -> RulePack:
    return await rules_of(runtime.aggregates, runtime.book, decider, revisit_id)


async def _act(
    runtime: Runtime, revisit_id: UUID, command: RevisitCommand, submit: Submitting, principal: Principal
) -> Response:
    row = None if principal.department is None else await revisit_detail(runtime.engine, revisit_id)
    if row is not None and await is_hidden(runtime.store, principal, row["request_id"]):
        raise UnknownRevisitError
    done = await act(runtime.aggregates, decider, revisit_id, command, await submit.by(principal))
    return accepted(done, revisit_id)
