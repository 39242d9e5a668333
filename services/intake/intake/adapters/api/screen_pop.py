"""What the call taker sees when somebody rings: masked history, open promises, a restriction, notes (A23)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from hotline_chassis.answers import Accepted, accepted, applied
from hotline_chassis.commands import Submit
from hotline_chassis.confidentiality import Reading, matters_of
from hotline_chassis.fields import Text
from hotline_chassis.http import AfterPosition
from hotline_chassis.problems import not_found
from hotline_chassis.rights import Right
from hotline_chassis.runtime import RulesInForce, Runtime, RuntimeOf
from hotline_chassis.signin import Principal, requires
from hotline_events.catalogue.intake import Channel, RequestType
from hotline_events.sealing import Sealed
from hotline_rules.pack import RulePack
from intake.adapters.api.bodies import CREATED, AnyId, Happened
from intake.adapters.views import callers as view
from intake.application import privacy
from intake.domain import note

router = APIRouter(tags=["screen pop"])
Answering = Annotated[Principal, Depends(requires(Right.SCREEN_POP))]
Noting = Annotated[Principal, Depends(requires(Right.NOTE_TAKE))]


class Shown(BaseModel):
    """Read from a row."""

    model_config = ConfigDict(from_attributes=True)


class PastMatter(Shown):
    """A matter of the caller without its words: those need a right of their own."""

    request_id: AnyId
    request_type: Annotated[RequestType, Field(examples=["complaint"])]
    channel: Annotated[Channel, Field(examples=["phone"])]
    category: Annotated[str | None, Field(examples=["street_lighting"])]
    status: Annotated[str, Field(examples=["transferred"])]
    registered_at: Annotated[datetime, Field(examples=["2026-03-02T04:02:00Z"])]
    answered_at: Annotated[datetime | None, Field(examples=[None])]


class OpenPromise(Shown):
    """A call back that the caller still waits for."""

    promise_id: AnyId
    reason: Annotated[str, Field(examples=["looking_up"])]
    due_at: Annotated[datetime, Field(examples=["2026-03-02T05:00:00Z"])]
    made_at: Annotated[datetime, Field(examples=["2026-03-02T04:02:00Z"])]


class Restricted(Shown):
    """Why and until when calls of this caller are marked."""

    reason: Annotated[str, Field(examples=["repeated_harassment"])]
    until: Annotated[datetime, Field(examples=["2026-03-09T04:02:00Z"])]


class NoteShown(Shown):
    """What somebody noted at an earlier moment."""

    note_id: AnyId
    call_id: AnyId | None
    note: Annotated[str | None, Field(examples=["听力不好,请慢些说。"])]
    taken_by: Annotated[str, Field(examples=["agent-7"])]
    taken_at: Annotated[datetime, Field(examples=["2026-03-02T04:02:00Z"])]


class ScreenPop(BaseModel):
    """What is known of a caller; nothing but nulls and empty lists when the number is withheld. Never who they are."""

    person_id: AnyId | None
    matters: Annotated[int, Field(description="How many matters there are that you may know of.", examples=[1])] = 0
    history: list[PastMatter] = []
    promises: list[OpenPromise] = []
    restriction: Restricted | None = None
    notes: list[NoteShown] = []


class TakeNote(Happened):
    """What is worth knowing at the caller's next call."""

    note: Annotated[str, Text(2000), Field(examples=["听力不好,请慢些说。"])]
    call_id: AnyId | None = None


@router.get("/persons/{person_id}/screen-pop")
async def of_person(
    person_id: UUID, principal: Answering, runtime: RuntimeOf, rules: RulesInForce, after: AfterPosition = None
) -> ScreenPop:
    """Show what is known of a person, without a word of their matters and without who they are."""
    await applied(runtime, view.NAME, after)
    await privacy.require_registered(runtime.aggregates, person_id)
    return await _pop(runtime, rules, principal, [person_id])


@router.get("/calls/{call_id}/screen-pop")
async def of_call(
    call_id: UUID, principal: Answering, runtime: RuntimeOf, rules: RulesInForce, after: AfterPosition = None
) -> ScreenPop:
    """Show what is known of who rings; of a withheld number nothing is.

    Who gave a name from this number before is met again, together with what was kept of the number itself.
    """
    await applied(runtime, view.NAME, after)
    callers = await view.callers_of(runtime.engine, call_id)
    if callers is None:
        raise not_found()
    return await _pop(runtime, rules, principal, callers) if callers else ScreenPop(person_id=None)


@router.put("/persons/{person_id}/notes/{note_id}", status_code=201, response_model=Accepted, responses=CREATED)
async def take_note(
    person_id: UUID, note_id: UUID, body: TakeNote, principal: Noting, submit: Submit, *, runtime: RuntimeOf
) -> Response:
    """Note something about a caller while they speak. It is sealed with their own key and goes with them."""
    command = note.TakeNote(
        note_id=note_id,
        person_id=person_id,
        call_id=body.call_id,
        note=Sealed(body.note),
        by=principal.actor_id,
        now=body.at(runtime.clock.now()),
    )
    submission = await submit.by(principal, creates=f"note-{note_id}", correlation=body.call_id or note_id)
    return accepted(await privacy.take_note(runtime.aggregates, command, submission), note_id, created=True)


async def _pop(runtime: Runtime, rules: RulePack, principal: Principal, people: Sequence[UUID]) -> ScreenPop:
    """Put together what is known of somebody; a matter that is not for this reader is not even counted (A145)."""
    known = [matter for person_id in people for matter in await matters_of(runtime.store, principal, person_id)]
    readable = [matter.request_id for matter in known if matter.for_(principal) is Reading.OPEN]
    unread = [matter.request_id for matter in known if matter.for_(principal) is not Reading.OPEN]
    most, now = rules.privacy.screen_pop_rows, runtime.clock.now()
    restriction = await view.restriction(runtime.engine, people, now)
    promises = await view.open_promises(runtime.engine, people, most, unread=unread)
    notes = await view.notes(runtime.engine, people, runtime.keys, most, unread=unread)
    return ScreenPop(
        person_id=people[0],
        matters=len(readable),
        history=[PastMatter.model_validate(row) for row in await view.matters(runtime.engine, readable, most)],
        promises=[OpenPromise.model_validate(row) for row in promises],
        restriction=None if restriction is None else Restricted.model_validate(restriction),
        notes=[NoteShown.model_validate(row) for row in notes],
    )
