"""Relays over HTTP: take something for somebody, pass it on, see that they have it and answer (A36, A38-A41, A155)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from hotline_chassis.answers import Accepted, accepted, applied
from hotline_chassis.commands import Submit
from hotline_chassis.confidentiality import Reading, matters
from hotline_chassis.fields import AnyUtcDatetime, Text
from hotline_chassis.http import AfterPosition, set_etag
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.problems import not_found
from hotline_chassis.rights import Right
from hotline_chassis.roles import Role
from hotline_chassis.runtime import Runtime, RuntimeOf
from hotline_chassis.signin import Principal, requires
from hotline_events.catalogue.intake import AddresseeKind, Channel, RelayKind, RelayStep
from hotline_events.sealing import Sealed
from intake.adapters.api.bodies import CREATED, ActorId, AnyId, Code, DepartmentCode, Flag, Happened
from intake.adapters.views import relays as view
from intake.application import privacy
from intake.application import relays as application
from intake.domain import relay
from intake.domain.relay import Whose
from intake.vault import Vault

router = APIRouter(prefix="/relays", tags=["relays"])

Taking = Annotated[Principal, Depends(requires(Right.RELAY_TAKE))]
Passing = Annotated[Principal, Depends(requires(Right.RELAY_HAND_ON))]
Minding = Annotated[Principal, Depends(requires(Right.RELAY_MIND))]
_WITHHELD = ("sender_id", "content", "place", "attendees", "answer", "call_id")
_DESK = frozenset({Role.CALL_TAKER, Role.SHIFT_LEADER})


class Take(Happened):
    """What is for somebody, and for whom. A meeting notice without an addressee goes to the post of the rules (A38)."""

    sender_id: AnyId
    anonymous: Annotated[Flag, Field(description="The sender gives no name.", examples=[True])] = False
    kind: Annotated[RelayKind, Field(examples=["absent_message"])]
    channel: Annotated[Channel, Field(examples=["phone"])]
    content: Annotated[str, Text(20_000), Field(examples=["请李主任回电,关于路灯维修。"])]
    addressee_kind: Annotated[AddresseeKind | None, Field(examples=["staff"])] = None
    addressee: ActorId | None = None
    department: DepartmentCode | None = None
    because: Annotated[Code, Field(description="Why it was not put through (A40).", examples=["no_answer"])] | None = None
    call_id: AnyId | None = None
    request_id: AnyId | None = None
    meets_at: Annotated[AnyUtcDatetime | None, Field(examples=["2026-03-03T01:00:00Z"])] = None
    place: Annotated[str, Text(500), Field(examples=["市政府三楼会议室"])] | None = None
    attendees: Annotated[str, Text(2000), Field(examples=["各单位负责人"])] | None = None
    document_reference: Annotated[str, Text(64, pattern="^[A-Za-z0-9][A-Za-z0-9._:/#-]{0,63}$"), Field(examples=["FAX-17"])] | (
        None
    ) = None
    pages: Annotated[int | None, Field(strict=True, ge=1, le=10_000, examples=[3])] = None
    answer_wanted: Annotated[Flag, Field(examples=[False])] = False


class PassOn(Happened):
    relayed_to: ActorId
    means: Annotated[Code, Field(examples=["telephone"])]


class Acknowledge(Happened):
    """The desk names who said that they have it; the addressee says so without a name."""

    acknowledged_by: ActorId | None = None


class Answer(Happened):
    """What the addressee answers: to a work report, their guidance (A155)."""

    answer: Annotated[str, Text(20_000), Field(examples=["明天上午回电。"])]
    answered_by: ActorId | None = None


class CheckReceipt(Happened):
    """Who was asked whether it arrived, and whether it did (A41)."""

    asked: Annotated[Code, Field(examples=["addressee"])]
    arrived: Annotated[Flag, Field(examples=[True])]


class RelayShown(BaseModel):
    """Something on its way to somebody. `withheld` says that the matter it is about is not for whoever asks (A145)."""

    model_config = ConfigDict(from_attributes=True)

    relay_id: AnyId
    version: Annotated[int, Field(examples=[3])]
    withheld: bool = False
    sender_id: AnyId | None
    kind: RelayKind
    channel: Channel
    content: Annotated[str | None, Field(examples=["请李主任回电,关于路灯维修。"])]
    place: Annotated[str | None, Field(examples=["市政府三楼会议室"])]
    attendees: Annotated[str | None, Field(examples=["各单位负责人"])]
    answer: Annotated[str | None, Field(examples=["明天上午回电。"])]
    addressee_kind: AddresseeKind
    addressee: Annotated[str, Field(examples=["agent-7"])]
    department: Annotated[str | None, Field(examples=["roads"])]
    because: Annotated[str | None, Field(examples=["no_answer"])]
    call_id: AnyId | None
    request_id: AnyId | None
    meets_at: Annotated[datetime | None, Field(examples=["2026-03-03T01:00:00Z"])]
    document_reference: Annotated[str | None, Field(examples=["FAX-17"])]
    pages: Annotated[int | None, Field(examples=[3])]
    acknowledge_by: Annotated[datetime, Field(examples=["2026-03-02T06:00:00Z"])]
    answer_by: Annotated[datetime | None, Field(examples=["2026-03-03T16:00:00Z"])]
    taken_by: Annotated[str, Field(examples=["agent-7"])]
    taken_at: Annotated[datetime, Field(examples=["2026-03-02T04:00:00Z"])]
    relayed_to: Annotated[str | None, Field(examples=["agent-9"])]
    relayed_at: Annotated[datetime | None, Field(examples=["2026-03-02T04:05:00Z"])]
    acknowledged_by: Annotated[str | None, Field(examples=["agent-9"])]
    acknowledged_at: Annotated[datetime | None, Field(examples=["2026-03-02T04:06:00Z"])]
    answered_by: Annotated[str | None, Field(examples=["agent-9"])]
    answered_at: Annotated[datetime | None, Field(examples=["2026-03-02T05:00:00Z"])]
    arrived: Annotated[bool | None, Field(examples=[True])]
    delayed: list[RelayStep]


@router.put("/{relay_id}", status_code=201, response_model=Accepted, responses=CREATED)
async def take(relay_id: UUID, body: Take, principal: Taking, submit: Submit, runtime: RuntimeOf) -> Response:
    """Take a message, a document, a meeting notice or a work report for somebody. It opens no work order.

    What is about a matter is not taken for the department that the matter accuses.
    """
    department = body.addressee if body.addressee_kind is AddresseeKind.DEPARTMENT else body.department
    if body.request_id is not None and department is not None:
        await privacy.require_relayable(runtime.aggregates, principal, body.request_id, department)
    now = body.at(runtime.clock.now())
    command = relay.TakeRelay(
        relay_id=relay_id,
        sender_id=body.sender_id,
        kind=body.kind,
        channel=body.channel,
        content=Sealed(body.content),
        addressee_kind=body.addressee_kind,
        addressee=body.addressee,
        department=body.department,
        because=body.because,
        call_id=body.call_id,
        request_id=body.request_id,
        meets_at=body.meets_at,
        place=Sealed.of(body.place),
        attendees=Sealed.of(body.attendees),
        document_reference=body.document_reference,
        pages=body.pages,
        answer_wanted=body.answer_wanted,
        rules=runtime.book.in_force(now),
        taken_by=principal.actor_id,
        now=now,
    )
    submission = await submit.by(principal, creates=f"relay-{relay_id}", correlation=body.call_id or relay_id)
    vault = Vault(runtime.store, runtime.keyring)
    done = await application.take_relay(runtime.aggregates, vault, command, submission, anonymous=body.anonymous)
    return accepted(done, relay_id, created=True)


@router.post("/{relay_id}/pass-on", response_model=Accepted)
async def pass_on(relay_id: UUID, body: PassOn, principal: Passing, submit: Submit, runtime: RuntimeOf) -> Response:
    """Pass it on to somebody."""
    command = relay.PassOn(
        relay_id=relay_id,
        relayed_to=body.relayed_to,
        means=body.means,
        relayed_by=principal.actor_id,
        now=body.at(runtime.clock.now()),
    )
    submission = await submit.by(principal, correlation=relay_id)
    done = await application.change_relay(runtime.aggregates, relay_id, command, submission, by=principal)
    return accepted(done, relay_id)


@router.post("/{relay_id}/acknowledge", response_model=Accepted)
async def acknowledge(relay_id: UUID, body: Acknowledge, principal: Minding, submit: Submit, runtime: RuntimeOf) -> Response:
    """Say that one has it, or write down who said so."""
    command = relay.AcknowledgeRelay(
        relay_id=relay_id,
        acknowledged_by=body.acknowledged_by,
        whose=whose(principal),
        now=body.at(runtime.clock.now()),
    )
    submission = await submit.by(principal, correlation=relay_id)
    done = await application.change_relay(runtime.aggregates, relay_id, command, submission, by=principal)
    return accepted(done, relay_id)


@router.post("/{relay_id}/answer", response_model=Accepted)
async def answer(relay_id: UUID, body: Answer, principal: Minding, submit: Submit, runtime: RuntimeOf) -> Response:
    """Answer what was relayed, or write down what was answered (A39, A155)."""
    command = relay.AnswerRelay(
        relay_id=relay_id,
        answer=Sealed(body.answer),
        answered_by=body.answered_by,
        whose=whose(principal),
        now=body.at(runtime.clock.now()),
    )
    submission = await submit.by(principal, correlation=relay_id)
    done = await application.change_relay(runtime.aggregates, relay_id, command, submission, by=principal)
    return accepted(done, relay_id)


@router.post("/{relay_id}/receipt", response_model=Accepted)
async def check_receipt(relay_id: UUID, body: CheckReceipt, principal: Passing, submit: Submit, runtime: RuntimeOf) -> Response:
    """Record whether it arrived; what did not is to be passed on again, by a new time (A41)."""
    command = relay.CheckReceipt(
        relay_id=relay_id,
        asked=body.asked,
        arrived=body.arrived,
        rules=await application.rules_of(runtime.aggregates, runtime.book, relay_id),
        checked_by=principal.actor_id,
        now=body.at(runtime.clock.now()),
    )
    submission = await submit.by(principal, correlation=relay_id)
    done = await application.change_relay(runtime.aggregates, relay_id, command, submission, by=principal)
    return accepted(done, relay_id)


@router.get("")
async def list_relays(
    principal: Minding,
    runtime: RuntimeOf,
    page: Page,
    *,
    kind: Annotated[RelayKind | None, Query(description="Only of this kind.", examples=["meeting_notice"])] = None,
    after: AfterPosition = None,
) -> PageOf[RelayShown]:
    """List what was taken for the reader, newest first; the desk sees all."""
    await applied(runtime, view.NAME, after)
    rows = await view.relays(runtime.engine, whose(principal), kind=kind, after=page.after(datetime, UUID), limit=page.fetch)
    opened = await view.unsealed(rows, runtime.keys)
    shown = page.page(opened, lambda row: (row.taken_at, row.relay_id), RelayShown.model_validate)
    shown.items = await _screened(runtime, principal, shown.items)
    return shown


@router.get("/open")
async def list_open(
    principal: Minding,
    runtime: RuntimeOf,
    page: Page,
    *,
    late: Annotated[bool, Query(description="Only what is late now.")] = False,
    after: AfterPosition = None,
) -> PageOf[RelayShown]:
    """List what still waits to be acknowledged or answered, the most urgent first: nothing that was taken is lost."""
    await applied(runtime, view.NAME, after)
    late_at = runtime.clock.now() if late else None
    rows = await view.open_relays(
        runtime.engine, whose(principal), late_at=late_at, after=page.after(datetime, UUID), limit=page.fetch
    )
    opened = await view.unsealed(rows, runtime.keys)
    shown = page.page(opened, lambda row: (row.acknowledge_by, row.relay_id), RelayShown.model_validate)
    shown.items = await _screened(runtime, principal, shown.items)
    return shown


@router.get("/{relay_id}")
async def show(
    relay_id: UUID, principal: Minding, runtime: RuntimeOf, response: Response, after: AfterPosition = None
) -> RelayShown:
    """Show what was taken; what is for somebody else is answered like what is not there."""
    await applied(runtime, view.NAME, after)
    row = await view.relay(runtime.engine, relay_id, whose(principal))
    if row is None:
        raise not_found()
    set_etag(response, row.version)
    (opened,) = await view.unsealed([row], runtime.keys)
    for shown in await _screened(runtime, principal, [RelayShown.model_validate(opened)]):
        return shown
    raise not_found()


async def _screened(runtime: Runtime, reader: Principal, shown: Sequence[RelayShown]) -> list[RelayShown]:
    """Show what is about a matter as the matter itself: not there for whom it accuses, without words where withheld."""
    known = await matters(runtime.store, reader, [one.request_id for one in shown if one.request_id is not None])
    empty = {**dict.fromkeys(_WITHHELD), "withheld": True}
    readings = {request_id: matter.for_(reader) for request_id, matter in known.items()}
    told = [(one, readings.get(one.request_id, Reading.WITHHELD) if one.request_id else Reading.OPEN) for one in shown]
    return [
        one if reading is Reading.OPEN else one.model_copy(update=empty)
        for one, reading in told
        if reading is not Reading.HIDDEN
    ]


def whose(principal: Principal) -> Whose:
    """Return who asks, as a relay sees them."""
    return Whose(
        actor_id=principal.actor_id,
        role=principal.role.value,
        department=principal.bound_to,
        desk=principal.role in _DESK,
    )
