"""The vault over HTTP: register a person, add what they say later, read facts for a stated purpose, erase."""

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field, model_validator

from hotline_chassis.answers import Accepted, accepted
from hotline_chassis.commands import Submit, Submitting
from hotline_chassis.fields import Body, Text
from hotline_chassis.http import set_etag
from hotline_chassis.rights import Right
from hotline_chassis.runtime import Runtime, RuntimeOf
from hotline_chassis.signin import Principal, requires
from intake import application
from intake.adapters.api.bodies import CREATED, AnyId, Flag
from intake.application import privacy
from intake.domain import person
from intake.domain.person import Fact, Purpose
from intake.vault import Vault

router = APIRouter(prefix="/persons", tags=["persons"])

Registering = Annotated[Principal, Depends(requires(Right.PERSON_REGISTER))]
Reading = Annotated[Principal, Depends(requires(Right.PERSON_READ))]
Erasing = Annotated[Principal, Depends(requires(Right.PERSON_ERASE))]


AnyPurpose = Literal[
    Purpose.CALL_BACK,
    Purpose.VISIT,
    Purpose.REVISIT,
    Purpose.EMERGENCY,
    Purpose.VERIFY_CALLER,
    Purpose.CORRECT_RECORD,
    Purpose.QUALITY_INSPECTION,
]
"""Every purpose but break-glass, which has its own way in."""


class Gender(StrEnum):
    """As the person says."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"


class Facts(Body):
    """Who a person is (A25, A26). Facts go into the vault and nowhere else."""

    name: Annotated[str, Text(100), Field(examples=["张三"])] | None = None
    gender: Annotated[Gender | None, Field(examples=["female"])] = None
    phone: Annotated[str, Text(40), Field(examples=["0552-3115678"])] | None = None
    address: Annotated[str, Text(300), Field(examples=["解放路 1 号"])] | None = None
    organisation: Annotated[str, Text(200), Field(examples=["第一小学"])] | None = None

    @property
    def facts(self) -> dict[str, str]:
        """Return what was told."""
        told = {fact.value: getattr(self, fact.value) for fact in Fact}
        return {name: str(value) for name, value in told.items() if value is not None}


class Register(Facts):
    """Who a person is, or that they give no name."""

    anonymous: Annotated[Flag, Field(examples=[False])] = False


class AddFacts(Facts):
    """What a person said after they were registered; a fact that is kept already is corrected."""

    @model_validator(mode="after")
    def _something(self) -> "AddFacts":
        if not self.facts:
            message = "at least one fact"
            raise ValueError(message)
        return self


class ReadIdentity(Body):
    """Which facts are needed, and what for (A144)."""

    fields: Annotated[list[Fact], Field(min_length=1, max_length=len(Fact), examples=[["name", "phone"]])]
    purpose: Annotated[AnyPurpose, Field(examples=["call_back"])]
    request_id: AnyId | None = None


class Identity(BaseModel):
    """The facts that were asked for and are kept. The reading is recorded at `position`."""

    person_id: AnyId
    facts: Annotated[dict[str, str], Field(examples=[{"name": "张三", "phone": "0552-3115678"}])]
    position: Annotated[int, Field(examples=[42])]


class Reason(StrEnum):
    """Why a person may be erased."""

    REQUESTED_BY_PERSON = "requested_by_person"
    RETENTION_ENDED = "retention_ended"
    COURT_ORDER = "court_order"
    REGISTERED_IN_ERROR = "registered_in_error"


class Erase(Body):
    reason: Annotated[Reason, Field(examples=["requested_by_person"])]


@router.put("/{person_id}", status_code=201, response_model=Accepted, responses=CREATED)
async def register(person_id: UUID, body: Register, principal: Registering, submit: Submit, runtime: RuntimeOf) -> Response:
    """Keep who a person is, or that somebody stays anonymous."""
    facts = body.facts
    command = person.RegisterPerson(
        person_id=person_id,
        anonymous=body.anonymous,
        fields=[Fact(name) for name in facts],
        now=runtime.clock.now(),
    )
    submission = await submit.by(principal, creates=f"person-{person_id}")
    done = await application.register_person(runtime.aggregates, _vault(runtime), command, submission, facts=facts)
    return accepted(done, person_id, created=True)


@router.post("/{person_id}/facts", response_model=Accepted)
async def add_facts(person_id: UUID, body: AddFacts, principal: Registering, submit: Submit, runtime: RuntimeOf) -> Response:
    """Keep what else a person said, as of a caller whom the exchange knew by the number alone (A25, A34).

    Facts that are kept already are corrected, on record by their names.
    """
    facts = body.facts
    command = person.AddFacts(
        person_id=person_id, fields=[Fact(name) for name in facts], by=principal.actor_id, now=runtime.clock.now()
    )
    submission = await submit.by(principal)
    done = await application.add_facts(runtime.aggregates, _vault(runtime), command, submission, facts=facts)
    return accepted(done, person_id)


@router.post("/{person_id}/identity")
async def read_identity(
    person_id: UUID, *, body: ReadIdentity, principal: Reading, request: Request, response: Response, runtime: RuntimeOf
) -> Identity:
    """Read facts of a person for a purpose. Every reading is recorded before it is answered, a repeated one again.

    The matter that it is for must be one that the reader may read, or all of the person's when none is named (A144, A145).
    """
    await privacy.require_readable(runtime.aggregates, principal, person_id, body.request_id)
    command = person.ReadIdentity(
        person_id=person_id,
        fields=body.fields,
        purpose=body.purpose,
        request_id=body.request_id,
        read_by=principal.actor_id,
        now=runtime.clock.now(),
    )
    submission = await Submitting(request, None, None).by(principal, correlation=body.request_id)
    done, facts = await application.read_identity(runtime.aggregates, _vault(runtime), command, submission)
    set_etag(response, done.version)
    return Identity(person_id=person_id, facts=dict(facts), position=done.position)


@router.post("/{person_id}/erase", response_model=Accepted)
async def erase(person_id: UUID, body: Erase, principal: Erasing, submit: Submit, runtime: RuntimeOf) -> Response:
    """Make every copy of a person's facts and words unreadable, for ever. Repeating it changes nothing."""
    command = person.ErasePerson(person_id=person_id, reason=body.reason, now=runtime.clock.now())
    submission = await submit.by(principal)
    return accepted(await application.erase_person(runtime.aggregates, _vault(runtime), command, submission), person_id)


def _vault(runtime: Runtime) -> Vault:
    return Vault(runtime.store, runtime.keyring)
