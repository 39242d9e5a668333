"""Units and extensions over HTTP: opening hours, and who may be put through to whom (A54, A55, A62)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid5

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from hotline_chassis.answers import Accepted, applied
from hotline_chassis.commands import Submit
from hotline_chassis.fields import Body, Text, YesNo
from hotline_chassis.http import AfterPosition
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.problems import not_found
from hotline_chassis.runtime import RulesInForce, RuntimeOf
from hotline_events.catalogue.intake import MessageReason, OpenDays, OpeningSpan
from hotline_events.sealing import Sealed
from intake.adapters.api.bodies import CREATED, AnyId, Code, Happened
from intake.adapters.api.desk_acts import act
from intake.adapters.api.desk_bodies import At, CodeOf, Connecting, ExtensionOf, Foreseen, Name, PublishingLines, Reading
from intake.adapters.views import notices, takers
from intake.adapters.views import places as view
from intake.domain import extension as extensions
from intake.domain import unit as units
from intake.vault import Vault

router = APIRouter(tags=["lines"])
_CLOCK = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
Clock = Annotated[str, Text(5, pattern=_CLOCK)]


class Hours(Body):
    """Open from `start` to `end`, local times of one day; the end may be 24:00."""

    days: Annotated[OpenDays, Field(examples=["working_days"])]
    start: Annotated[Clock, Field(examples=["09:00"])]
    end: Annotated[Clock, Field(examples=["17:00"])]


class PublishHours(Body):
    """A unit's opening hours, whole."""

    name_zh: Annotated[Name, Field(examples=["税务局"])]
    name_en: Annotated[Name, Field(examples=["Tax Office"])]
    hours: Annotated[list[Hours], Field(min_length=1, max_length=50)]


class About(Happened):
    """The call that it is about."""

    call_id: AnyId


class LeaveAlone(Happened):
    """Until when nobody is put through."""

    ends_at: Foreseen


class PutThrough(About):
    """Whether the caller's particulars match, and why the call is important enough to disturb somebody."""

    matches: Annotated[YesNo, Field(examples=[True])]
    importance: Annotated[Code, Field(examples=["life_in_danger"])] | None = None


class Leave(About):
    """A message that a caller leaves; it is sealed, with the caller's own key where the caller is known."""

    because: Annotated[MessageReason, Field(examples=["do_not_disturb"])]
    message: Annotated[str, Text(2000), Field(examples=["请明早回电。"])]
    caller_id: AnyId | None = None


class Opening(BaseModel):
    """Whether a unit is open, when that changes, and what a caller out of hours is told."""

    unit: Annotated[str, Field(examples=["tax"])]
    name_zh: Annotated[str, Field(examples=["税务局"])]
    name_en: Annotated[str, Field(examples=["Tax Office"])]
    hours: list[Hours]
    is_open: Annotated[bool, Field(examples=[False])]
    closes_at: Annotated[datetime | None, Field(examples=["2026-03-02T09:00:00Z"])]
    opens_at: Annotated[datetime | None, Field(examples=["2026-03-03T01:00:00Z"])]
    script_zh: Annotated[str | None, Field(examples=["现在不是税务局的办公时间,将于2026-03-03 09:00开始办公。"])]
    script_en: Annotated[str | None, Field(examples=["Tax Office is closed now and opens at 2026-03-03 09:00."])]


class MessageShown(BaseModel):
    """A message for an extension; its text is null when the caller was erased."""

    model_config = ConfigDict(from_attributes=True)

    message_id: AnyId
    extension: Annotated[str, Field(examples=["2001"])]
    call_id: AnyId
    because: Annotated[MessageReason, Field(examples=["do_not_disturb"])]
    message: Annotated[str | None, Field(examples=["请明早回电。"])]
    taken_by: Annotated[str, Field(examples=["agent-7"])]
    taken_at: Annotated[datetime, Field(examples=["2026-03-02T15:30:00Z"])]
    passed_on_at: Annotated[datetime | None, Field(examples=["2026-03-03T00:30:00Z"])]
    passed_on_by: Annotated[str | None, Field(examples=["agent-7"])]


@router.put("/units/{code}", status_code=201, response_model=Accepted, responses=CREATED)
async def publish_hours(
    code: CodeOf, body: PublishHours, principal: PublishingLines, submit: Submit, *, runtime: RuntimeOf, rules: RulesInForce
) -> Response:
    """Publish a unit's opening hours, the whole table (A62)."""
    command = units.PublishHours(
        unit=code,
        name_zh=body.name_zh,
        name_en=body.name_en,
        hours=tuple(OpeningSpan(**span.model_dump()) for span in body.hours),
        by=principal.actor_id,
        rules=rules,
        now=runtime.clock.now(),
    )
    return await act(runtime, units.decider, code, command, submit, principal)


@router.post("/units/{code}/out-of-hours", response_model=Accepted)
async def out_of_hours(
    code: CodeOf, body: About, principal: Connecting, submit: Submit, *, runtime: RuntimeOf, rules: RulesInForce
) -> Response:
    """Record that a caller was told that the unit is closed and when it opens (A62)."""
    now = body.at(runtime.clock.now())
    command = units.TellOutOfHours(unit=code, call_id=body.call_id, by=principal.actor_id, rules=rules, now=now)
    return await act(runtime, units.decider, code, command, submit, principal)


@router.get("/units/{code}/hours")
async def hours(
    code: CodeOf, _principal: Reading, runtime: RuntimeOf, rules: RulesInForce, *, at: At = None, after: AfterPosition = None
) -> Opening:
    """Tell whether a unit is open at a moment, and the next opening, which the caller is told (A62)."""
    await applied(runtime, view.NAME, after)
    found = await takers.unit_opening(runtime.store, code, at or runtime.clock.now(), rules)
    if found is None:
        raise not_found()
    row, opening = found
    said = {language: takers.closed_script(row, opening, rules, language) for language in ("zh", "en")}
    return Opening(
        unit=row.unit,
        name_zh=row.name_zh,
        name_en=row.name_en,
        hours=[Hours.model_validate(span) for span in row.hours],
        is_open=opening.is_open,
        closes_at=opening.closes_at,
        opens_at=opening.opens_at,
        script_zh=said["zh"],
        script_en=said["en"],
    )


@router.put("/extensions/{extension}/do-not-disturb", status_code=201, response_model=Accepted, responses=CREATED)
async def leave_alone(
    extension: ExtensionOf, body: LeaveAlone, principal: Connecting, submit: Submit, runtime: RuntimeOf
) -> Response:
    """Put nobody through to an extension for a while (A55)."""
    now = body.at(runtime.clock.now())
    command = extensions.SetDoNotDisturb(extension=extension, ends_at=body.ends_at, by=principal.actor_id, now=now)
    return await act(runtime, extensions.decider, extension, command, submit, principal)


@router.post("/extensions/{extension}/do-not-disturb/clear", response_model=Accepted)
async def disturb_again(
    extension: ExtensionOf, body: Happened, principal: Connecting, submit: Submit, runtime: RuntimeOf
) -> Response:
    """Put callers through to an extension again (A55)."""
    command = extensions.ClearDoNotDisturb(extension=extension, by=principal.actor_id, now=body.at(runtime.clock.now()))
    return await act(runtime, extensions.decider, extension, command, submit, principal)


@router.post("/extensions/{extension}/put-through", response_model=Accepted)
async def put_through(
    extension: ExtensionOf, body: PutThrough, principal: Connecting, submit: Submit, *, runtime: RuntimeOf, rules: RulesInForce
) -> Response:
    """Put a caller through; at night only one whose particulars match, when left alone only for a reason (A54, A55)."""
    command = extensions.PutCallThrough(
        extension=extension,
        call_id=body.call_id,
        matches=body.matches,
        importance=body.importance,
        by=principal.actor_id,
        rules=rules,
        now=body.at(runtime.clock.now()),
    )
    return await act(runtime, extensions.decider, extension, command, submit, principal)


@router.put("/extensions/{extension}/messages/{message_id}", status_code=201, response_model=Accepted, responses=CREATED)
async def leave_message(
    extension: ExtensionOf,
    message_id: UUID,
    body: Leave,
    principal: Connecting,
    submit: Submit,
    *,
    runtime: RuntimeOf,
    rules: RulesInForce,
) -> Response:
    """Take a message for an extension (A54, A55)."""
    sealed_for = body.caller_id or uuid5(message_id, "caller")
    await Vault(runtime.store, runtime.keyring).give_key(sealed_for)
    command = extensions.TakeMessage(
        extension=extension,
        message_id=message_id,
        call_id=body.call_id,
        because=body.because,
        message=Sealed(body.message),
        sealed_for=sealed_for,
        by=principal.actor_id,
        rules=rules,
        now=body.at(runtime.clock.now()),
    )
    creates = f"message-{message_id}"
    return await act(runtime, extensions.decider, extension, command, submit, principal, creates=creates)


@router.post("/extensions/{extension}/messages/{message_id}/pass-on", response_model=Accepted)
async def pass_on(
    extension: ExtensionOf, message_id: UUID, body: Happened, principal: Connecting, submit: Submit, *, runtime: RuntimeOf
) -> Response:
    """Say that a message reached whom it was for (A55)."""
    now = body.at(runtime.clock.now())
    command = extensions.PassMessageOn(extension=extension, message_id=message_id, by=principal.actor_id, now=now)
    return await act(runtime, extensions.decider, extension, command, submit, principal)


@router.get("/extensions/{extension}/messages")
async def messages(
    extension: ExtensionOf,
    _principal: Connecting,
    runtime: RuntimeOf,
    page: Page,
    *,
    waiting: Annotated[bool, Query(description="Only those not passed on yet.")] = False,
    after: AfterPosition = None,
) -> PageOf[MessageShown]:
    """List the messages for an extension, newest first (A54, A55)."""
    await applied(runtime, view.NAME, after)
    start = page.after(datetime, UUID)
    rows = await view.messages(runtime.store, extension, waiting=waiting, after=start, limit=page.fetch)
    opened = await notices.open_texts([(row.sealed_for, row.message) for row in rows], runtime.keys)
    texts = {row.message_id: text for row, text in zip(rows, opened, strict=True)}

    def shown(row: view.MessageRow) -> MessageShown:
        return MessageShown.model_validate(row).model_copy(update={"message": texts[row.message_id]})

    return page.page(rows, lambda row: (row.taken_at, row.message_id), shown)
