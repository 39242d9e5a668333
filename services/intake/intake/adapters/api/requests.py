"""Requests over HTTP: register a matter from any channel, answer it at first contact, read it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import ConfigDict, Field

from hotline_chassis.answers import Accepted, accepted, applied
from hotline_chassis.commands import Submit
from hotline_chassis.confidentiality import OfMatter, screened, screened_one
from hotline_chassis.fields import Text, UtcDatetime
from hotline_chassis.http import AfterPosition, set_etag
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.problems import not_found
from hotline_chassis.rights import Right
from hotline_chassis.roles import Role
from hotline_chassis.runtime import RuntimeOf
from hotline_chassis.signin import Principal, requires
from hotline_events.catalogue.intake import Channel, Confidentiality, RequesterClass, RequestType
from hotline_events.sealing import Sealed
from intake import application
from intake.adapters.api.bodies import CREATED, AnyId, Cited, Code, DepartmentCode, Flag, Happened
from intake.adapters.views import requests as view
from intake.domain import request
from intake.vault import Vault

router = APIRouter(prefix="/requests", tags=["requests"])

Registering = Annotated[Principal, Depends(requires(Right.REQUEST_REGISTER))]
Answering = Annotated[Principal, Depends(requires(Right.REQUEST_ANSWER))]
Reading = Annotated[Principal, Depends(requires(Right.REQUEST_READ))]
WITHHELD = ("requester_id", "title", "matter", "place", "call_id", "source_reference", "accused", "happened_at", "reply")


class Register(Happened):
    """The record elements of a matter (A25-A30, A37). Who the requester is stands in the vault.

    A person who writes down what they are being told reads it back and says so (A33): on the telephone, at the counter, and
    whatever belongs to a call. `source_reference` is under which name the record is known elsewhere.
    """

    requester_id: AnyId
    anonymous: Annotated[
        Flag, Field(description="The requester gives no name; an unknown id is registered here.", examples=[True])
    ] = False
    channel: Annotated[Channel, Field(examples=["phone"])]
    request_type: Annotated[RequestType, Field(examples=["complaint"])]
    title: Annotated[str, Text(200), Field(examples=["路灯不亮"])]
    matter: Annotated[str, Text(20_000), Field(examples=["解放路口的路灯三天不亮。"])]
    place: Annotated[str, Text(500), Field(examples=["解放路口"])] | None = None
    category: Annotated[str, Text(120), Field(examples=["street_lighting"])] | None = None
    area: Annotated[str, Text(120), Field(examples=["longzihu"])] | None = None
    call_id: AnyId | None = None
    source_reference: (
        Annotated[str, Text(64, pattern="^[A-Za-z0-9][A-Za-z0-9._:/#-]{0,63}$"), Field(examples=["6115873"])] | None
    ) = None
    requester_class: Annotated[RequesterClass, Field(examples=["natural_person"])] = RequesterClass.NATURAL_PERSON
    confidentiality: Annotated[Confidentiality, Field(examples=["ordinary"])] = Confidentiality.ORDINARY
    emergency: Annotated[Flag, Field(examples=[False])] = False
    accused: Annotated[str, Text(500), Field(description="Of a complaint or report.", examples=["某施工队"])] | None = None
    accused_department: DepartmentCode | None = None
    happened_at: Annotated[UtcDatetime | None, Field(examples=["2026-03-01T12:00:00Z"])] = None
    inquiry_type: Annotated[Code, Field(description="Of an inquiry (A27).", examples=["opening_hours"])] | None = None
    read_back: Annotated[
        Flag, Field(description="It was read back to who spoke, and they confirmed it (A33).", examples=[True])
    ] = False
    article: Cited | None = None
    reply: (
        Annotated[
            str,
            Text(20_000),
            Field(description="What was answered at once: no department is needed (A67).", examples=["今晚恢复供水。"]),
        ]
        | None
    ) = None


class Answer(Happened):
    """What the requester was told at once (A67)."""

    reply: Annotated[str, Text(20_000), Field(examples=["已为您查询,今晚恢复供水。"])]
    article: Cited | None = None


class RequestListed(OfMatter):
    """A request in a list. An erased person's texts are gone for ever."""

    model_config = ConfigDict(from_attributes=True)

    version: Annotated[int, Field(examples=[2])]
    requester_id: AnyId | None
    channel: Annotated[Channel, Field(examples=["phone"])]
    request_type: Annotated[RequestType, Field(examples=["complaint"])]
    title: Annotated[str | None, Field(examples=["路灯不亮"])]
    category: Annotated[str | None, Field(examples=["street_lighting"])]
    area: Annotated[str | None, Field(examples=["longzihu"])]
    first_contact: Annotated[str, Field(examples=["agent-7"])]
    registered_at: Annotated[datetime, Field(examples=["2026-03-02T04:02:00Z"])]
    answered_at: Annotated[datetime | None, Field(examples=["2026-03-02T04:03:00Z"])]
    erased: Annotated[bool, Field(examples=[False])]


class RequestShown(RequestListed):
    """A request with its texts."""

    matter: Annotated[str | None, Field(examples=["解放路口的路灯三天不亮。"])]
    place: Annotated[str | None, Field(examples=["解放路口"])]
    call_id: AnyId | None
    source_reference: Annotated[str | None, Field(examples=["6115873"])]
    requester_class: Annotated[RequesterClass, Field(examples=["natural_person"])]
    confidentiality: Annotated[Confidentiality, Field(examples=["ordinary"])]
    emergency: Annotated[bool, Field(examples=[False])]
    accused: Annotated[str | None, Field(examples=["某施工队"])]
    accused_department: Annotated[str | None, Field(examples=["roads"])]
    happened_at: Annotated[datetime | None, Field(examples=["2026-03-01T12:00:00Z"])]
    inquiry_type: Annotated[str | None, Field(examples=["opening_hours"])]
    article_code: Annotated[str | None, Field(examples=["water-outage"])]
    article_version: Annotated[int | None, Field(examples=[3])]
    reply: Annotated[str | None, Field(examples=["已为您查询,今晚恢复供水。"])]
    answered_by: Annotated[str | None, Field(examples=["agent-7"])]


@router.put("/{request_id}", status_code=201, response_model=Accepted, responses=CREATED)
async def register(request_id: UUID, body: Register, principal: Registering, submit: Submit, runtime: RuntimeOf) -> Response:
    """Register a matter. There is no way to refuse one here (A66)."""
    now = runtime.clock.now()
    command = request.RegisterRequest(
        request_id=request_id,
        requester_id=body.requester_id,
        channel=body.channel,
        request_type=body.request_type,
        title=Sealed(body.title),
        matter=Sealed(body.matter),
        place=Sealed.of(body.place),
        category=body.category,
        area=body.area,
        call_id=body.call_id,
        source_reference=body.source_reference,
        first_contact=principal.actor_id,
        requester_class=body.requester_class,
        confidentiality=body.confidentiality,
        emergency=body.emergency,
        accused=Sealed.of(body.accused),
        accused_department=body.accused_department,
        happened_at=body.happened_at,
        inquiry_type=body.inquiry_type,
        by_hand=principal.role is not Role.SERVICE,
        read_back=body.read_back,
        # A replay enters what happened before it drives the clock over it.
        entered_at=max(now, body.at(now)),
        rules=runtime.book.in_force(body.at(now)),
        reply=Sealed.of(body.reply),
        answered_by=principal.actor_id,
        article_code=None if body.article is None else body.article.code,
        article_version=None if body.article is None else body.article.version,
        now=body.at(now),
    )
    submission = await submit.by(principal, creates=f"request-{request_id}", correlation=body.call_id or request_id)
    vault = Vault(runtime.store, runtime.keyring)
    done = await application.register_request(runtime.aggregates, vault, command, submission, anonymous=body.anonymous)
    return accepted(done, request_id, created=True)


@router.post("/{request_id}/answer", response_model=Accepted)
async def answer(request_id: UUID, body: Answer, principal: Answering, submit: Submit, runtime: RuntimeOf) -> Response:
    """Say what the requester was told at first contact; no department is needed (A67)."""
    command = request.AnswerRequest(
        request_id=request_id,
        reply=Sealed(body.reply),
        answered_by=principal.actor_id,
        article_code=None if body.article is None else body.article.code,
        article_version=None if body.article is None else body.article.version,
        now=body.at(runtime.clock.now()),
    )
    submission = await submit.by(principal, correlation=request_id)
    return accepted(await application.answer_request(runtime.aggregates, command, submission), request_id)


@router.get("/{request_id}")
async def show(
    request_id: UUID, principal: Reading, runtime: RuntimeOf, response: Response, after: AfterPosition = None
) -> RequestShown:
    """Show a request with its texts; who the requester is needs a recorded reading."""
    await applied(runtime, view.NAME, after)
    row = await view.request(runtime.engine, request_id)
    if row is None:
        raise not_found()
    (opened,) = await view.unsealed([row], runtime.keys)
    shown = await screened_one(runtime.store, principal, RequestShown.model_validate(opened), withheld=WITHHELD)
    set_etag(response, row.version)
    return shown


@router.get("")
async def list_requests(
    principal: Reading, runtime: RuntimeOf, page: Page, after: AfterPosition = None
) -> PageOf[RequestListed]:
    """List requests, newest first."""
    await applied(runtime, view.NAME, after)
    rows = await view.requests(runtime.engine, page.after(datetime, UUID), page.fetch)
    opened = await view.unsealed(rows, runtime.keys)
    listed = page.page(opened, lambda row: (row.registered_at, row.request_id), RequestListed.model_validate)
    listed.items = await screened(runtime.store, principal, listed.items, withheld=WITHHELD)
    return listed
