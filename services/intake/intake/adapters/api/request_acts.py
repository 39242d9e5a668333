"""What the desk does about a registered matter, over HTTP (A28, A34, A43, A44, A65, A66, A70, A71, A154, A157)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from fastapi.exceptions import RequestValidationError
from pydantic import Field, TypeAdapter, ValidationError

from hotline_chassis.answers import Accepted, accepted
from hotline_chassis.commands import Submit
from hotline_chassis.fields import AnyUtcDatetime, Text, UtcDatetime
from hotline_chassis.rights import Right
from hotline_chassis.runtime import RuntimeOf
from hotline_chassis.signin import Principal, requires
from hotline_events.catalogue.intake import CorrectionReason, RequestType
from hotline_events.sealing import Sealed
from hotline_rules.sections.orders import NonAcceptance
from intake.adapters.api.bodies import ActorId, Code, DepartmentCode, Flag, Happened
from intake.application import recording
from intake.domain import request
from intake.domain.request import CorrectableField

router = APIRouter(prefix="/requests/{request_id}", tags=["requests"])

Recording = Annotated[Principal, Depends(requires(Right.REQUEST_RECORD))]
Correcting = Annotated[Principal, Depends(requires(Right.REQUEST_CORRECT))]
Note = Annotated[str, Text(2000), Field(examples=["经回听录音核对。"])]

# How what is written into a field must look; everything else is a text of this greatest length.
_LONGEST = {"title": 200, "matter": 20_000, "place": 500, "accused": 500, "reply": 20_000, "category": 120, "area": 120}
_SHAPES: dict[CorrectableField, TypeAdapter[object]] = {
    CorrectableField.HAPPENED_AT: TypeAdapter(UtcDatetime),
    CorrectableField.INQUIRY_TYPE: TypeAdapter(Code),
    CorrectableField.ACCUSED_DEPARTMENT: TypeAdapter(DepartmentCode),
}


class Correct(Happened):
    """A field written anew, why, and signed by who sends it (A43). A wrong reply was apologised for (A44)."""

    field: Annotated[CorrectableField, Field(examples=["place"])]
    value: Annotated[str, Text(20_000), Field(examples=["解放路口东侧"])]
    reason: Annotated[CorrectionReason, Field(examples=["misheard"])]
    note: Note | None = None
    apologised: Annotated[Flag, Field(examples=[False])] = False


class ChangeType(Happened):
    request_type: Annotated[RequestType, Field(examples=["complaint"])]
    reason: Annotated[CorrectionReason, Field(examples=["wrong_kind"])]
    note: Note | None = None


class AddCoOwner(Happened):
    co_owner: ActorId
    reason: Annotated[Code, Field(examples=["shift_ended"])]


class Decline(Happened):
    """The ground, and that the caller was told its basis (A66)."""

    ground: Annotated[NonAcceptance, Field(examples=["in_litigation"])]
    basis_told: Annotated[Flag, Field(examples=[True])]


class Search(Happened):
    source: Annotated[Code, Field(examples=["knowledge_base"])]
    found: Annotated[Flag, Field(examples=[False])]
    sought: Annotated[str, Text(500), Field(examples=["停水通知"])] | None = None


class Defer(Happened):
    reason: Annotated[Code, Field(examples=["department_closed"])]
    explanation: Annotated[str, Text(2000), Field(examples=["主管部门已下班,明天上午答复。"])]
    understood: Annotated[Flag, Field(description="The caller understood (A70).", examples=[True])]


class Explain(Happened):
    """The deadline that was told, when it was not read out from here: it has to be the one of the rules (A71)."""

    deadline: Annotated[AnyUtcDatetime | None, Field(examples=["2026-03-09T16:00:00Z"])] = None


class Contact(Happened):
    department: DepartmentCode
    contact: Annotated[str, Text(200), Field(description="Whom (A28).", examples=["值班室李主任"])]
    result: Annotated[str, Text(2000), Field(examples=["今天下午到场查看。"])] | None = None


class Complete(Happened):
    """Nothing to say: what is missing is told."""


@router.post("/correct", response_model=Accepted)
async def correct(request_id: UUID, body: Correct, principal: Correcting, submit: Submit, runtime: RuntimeOf) -> Response:
    """Write a field anew; what stood there stays in sight (A43)."""
    command = request.CorrectRequest(
        request_id=request_id,
        field=body.field,
        was=None,
        became=_shaped(body.field, body.value),
        reason=body.reason,
        note=Sealed.of(body.note),
        apologised=body.apologised,
        signed_by=principal.actor_id,
        now=body.at(runtime.clock.now()),
    )
    submission = await submit.by(principal, correlation=request_id)
    done = await recording.correct_request(runtime.aggregates, runtime.keys, command, submission)
    return accepted(done, request_id)


@router.post("/type", response_model=Accepted)
async def change_type(
    request_id: UUID, body: ChangeType, principal: Correcting, submit: Submit, runtime: RuntimeOf
) -> Response:
    """Give the matter another kind, for a reason; both kinds stay in sight (A30)."""
    command = request.ChangeType(
        request_id=request_id,
        to_type=body.request_type,
        reason=body.reason,
        note=Sealed.of(body.note),
        changed_by=principal.actor_id,
        now=body.at(runtime.clock.now()),
    )
    submission = await submit.by(principal, correlation=request_id)
    return accepted(await recording.change_request(runtime.aggregates, request_id, command, submission), request_id)


@router.post("/co-owners", response_model=Accepted)
async def add_co_owner(
    request_id: UUID, body: AddCoOwner, principal: Recording, submit: Submit, runtime: RuntimeOf
) -> Response:
    """Put somebody beside the first contact, who stays responsible (A65)."""
    command = request.AddCoOwner(
        request_id=request_id,
        co_owner=body.co_owner,
        reason=body.reason,
        added_by=principal.actor_id,
        now=body.at(runtime.clock.now()),
    )
    submission = await submit.by(principal, correlation=request_id)
    return accepted(await recording.change_request(runtime.aggregates, request_id, command, submission), request_id)


@router.post("/searches", response_model=Accepted)
async def search(request_id: UUID, body: Search, principal: Recording, submit: Submit, runtime: RuntimeOf) -> Response:
    """Record that the matter was looked up, and whether anything was found (A154)."""
    command = request.RecordSearch(
        request_id=request_id,
        source=body.source,
        found=body.found,
        sought=Sealed.of(body.sought),
        searched_by=principal.actor_id,
        now=body.at(runtime.clock.now()),
    )
    submission = await submit.by(principal, correlation=request_id)
    return accepted(await recording.change_request(runtime.aggregates, request_id, command, submission), request_id)


@router.post("/decline", response_model=Accepted)
async def decline(request_id: UUID, body: Decline, principal: Recording, submit: Submit, runtime: RuntimeOf) -> Response:
    """Say that a matter is not accepted: on a ground of the rules, after a look-up, its basis told (A66, A154)."""
    submission = await submit.by(principal, correlation=request_id)
    done = await recording.under_its_rules(
        runtime.aggregates,
        runtime.book,
        request_id,
        lambda rules: request.DeclineRequest(
            request_id=request_id,
            ground=body.ground,
            basis_told=body.basis_told,
            rules=rules,
            decided_by=principal.actor_id,
            now=body.at(runtime.clock.now()),
        ),
        submission,
    )
    return accepted(done, request_id)


@router.post("/deferral", response_model=Accepted)
async def defer(request_id: UUID, body: Defer, principal: Recording, submit: Submit, runtime: RuntimeOf) -> Response:
    """Record that the caller was told why the matter has to wait (A70)."""
    command = request.ExplainDeferral(
        request_id=request_id,
        reason=body.reason,
        explanation=Sealed(body.explanation),
        understood=body.understood,
        explained_by=principal.actor_id,
        now=body.at(runtime.clock.now()),
    )
    submission = await submit.by(principal, correlation=request_id)
    return accepted(await recording.change_request(runtime.aggregates, request_id, command, submission), request_id)


@router.post("/process", response_model=Accepted)
async def explain(request_id: UUID, body: Explain, principal: Recording, submit: Submit, runtime: RuntimeOf) -> Response:
    """Record that the caller was told the number, the process and the deadline of the rules (A71, A157)."""
    submission = await submit.by(principal, correlation=request_id)
    done = await recording.under_its_rules(
        runtime.aggregates,
        runtime.book,
        request_id,
        lambda rules: request.ExplainProcess(
            request_id=request_id,
            deadline=body.deadline,
            rules=rules,
            explained_by=principal.actor_id,
            now=body.at(runtime.clock.now()),
        ),
        submission,
    )
    return accepted(done, request_id)


@router.post("/contacts", response_model=Accepted)
async def contact(request_id: UUID, body: Contact, principal: Recording, submit: Submit, runtime: RuntimeOf) -> Response:
    """Record when and with whom of a department the matter was talked over (A28)."""
    command = request.ContactDepartment(
        request_id=request_id,
        department=body.department,
        contact=Sealed(body.contact),
        result=Sealed.of(body.result),
        contacted_by=principal.actor_id,
        now=body.at(runtime.clock.now()),
    )
    submission = await submit.by(principal, correlation=request_id)
    return accepted(await recording.change_request(runtime.aggregates, request_id, command, submission), request_id)


@router.post("/complete", response_model=Accepted)
async def complete(request_id: UUID, body: Complete, principal: Recording, submit: Submit, runtime: RuntimeOf) -> Response:
    """Say that the record holds every element of its kind; what it lacks is named in `missing` (A25-A29, A34)."""
    submission = await submit.by(principal, correlation=request_id)
    done = await recording.complete_record(
        runtime.aggregates,
        runtime.book,
        request_id,
        lambda facts, rules: request.CompleteRecord(
            request_id=request_id,
            facts=facts,
            rules=rules,
            completed_by=principal.actor_id,
            now=body.at(runtime.clock.now()),
        ),
        submission,
    )
    return accepted(done, request_id)


def _shaped(field: CorrectableField, value: str) -> str:
    """Return what is written into a field, or refuse what can never stand there."""
    shape = _SHAPES.get(field) or TypeAdapter(Annotated[str, Text(_LONGEST[field.value])])
    try:
        shaped = shape.validate_python(value)
    except ValidationError as error:
        wrong = [{**found, "loc": ("body", "value")} for found in error.errors(include_url=False, include_input=False)]
        raise RequestValidationError(wrong) from None
    return shaped.isoformat() if field is CorrectableField.HAPPENED_AT else value  # type: ignore[attr-defined]  # a datetime
