"""Promised calls over HTTP: the list that somebody works from, attempts, and keeping (A18, A85, A153)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from followup.adapters.api.bodies import Happened, Instant, MayKeepPromise, MayReadPromises
from followup.adapters.views.call_matters import matters_of_calls
from followup.adapters.views.promises import PromiseStatus, attempts_of, promise_detail, promises, promises_listed
from followup.application import act, rules_of
from followup.domain.promise import AttemptPromise, KeepPromise, decider
from hotline_chassis.answers import Accepted, accepted, applied
from hotline_chassis.commands import Submit
from hotline_chassis.confidentiality import Reading, matters
from hotline_chassis.http import AfterPosition, set_etag
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.problems import not_found
from hotline_chassis.runtime import Runtime, RuntimeOf
from hotline_chassis.signin import Principal
from hotline_events.catalogue.followup import AttemptOutcome

router = APIRouter(tags=["promises"])


class Attempt(Happened):
    """A call back that reached nobody."""

    outcome: Annotated[AttemptOutcome, Field(examples=["busy"])]


class AttemptShown(BaseModel):
    """One call back in vain."""

    attempt: int = Field(examples=[1])
    outcome: AttemptOutcome = Field(examples=["busy"])
    attempted_by: str = Field(examples=["taker-1"])
    attempted_at: datetime = Field(examples=["2026-03-02T06:00:00Z"])


class PromiseShown(BaseModel):
    """A promised call, and what became of it."""

    id: UUID = Field(examples=["0e0f5a67-2c55-5d8a-9b5c-6c1a5f7f6b01"])
    version: int = Field(examples=[1])
    status: PromiseStatus = Field(examples=["near"])
    call_id: UUID | None = Field(examples=["0197f3a2-7c11-7d2e-b6b0-3f1f0c8a9e13"])
    work_order_id: UUID | None = Field(examples=[None])
    request_id: UUID | None = Field(examples=[None])
    caller_id: UUID | None = Field(examples=["0197f3a2-7c11-7d2e-b6b0-3f1f0c8a9e12"])
    reason: str = Field(examples=["needs_other_department"])
    immediate: bool = Field(description="Relayed and answered at once, by day and by night (A85).", examples=[False])
    promised_by: str = Field(examples=["taker-1"])
    promised_at: datetime = Field(examples=["2026-03-02T04:00:00Z"])
    warn_at: datetime = Field(examples=["2026-03-02T05:45:00Z"])
    due_at: datetime = Field(examples=["2026-03-02T06:00:00Z"])
    attempts: int = Field(examples=[0])
    last_outcome: AttemptOutcome | None = Field(examples=[None])
    last_attempt_at: Instant
    kept_by: str | None = Field(examples=[None])
    kept_at: Instant
    late: bool | None = Field(examples=[None])
    broken_at: Instant
    rule_version: str = Field(examples=["default/1"])
    withheld: bool = Field(default=False, description="Whether the matter is not for who asks.", examples=[False])


P = TypeVar("P", bound=PromiseShown)
_EMPTY = {**dict.fromkeys(("call_id", "work_order_id", "caller_id")), "withheld": True}


class PromiseWithAttempts(PromiseShown):
    """A promised call with every attempt."""

    history: list[AttemptShown]


@router.get("/promises")
async def list_promises(
    reader: MayReadPromises,
    runtime: RuntimeOf,
    page: Page,
    after: AfterPosition = None,
    status: Annotated[PromiseStatus | None, Query(examples=["near"])] = None,
) -> PageOf[PromiseShown]:
    """List promised calls in the order in which they are due."""
    start = page.after(datetime, UUID)
    await applied(runtime, promises.name, after)
    rows = await promises_listed(runtime.engine, status=status, after=start, limit=page.fetch)
    listed = page.page(
        rows,
        lambda row: (row["due_at"], row["promise_id"]),
        lambda row: PromiseShown.model_validate({**row, "id": row["promise_id"]}),
    )
    listed.items = await _seen(runtime, reader, listed.items)
    return listed


@router.get("/promises/{promise_id}")
async def show_promise(
    promise_id: UUID, reader: MayReadPromises, runtime: RuntimeOf, response: Response, after: AfterPosition = None
) -> PromiseWithAttempts:
    """Show one promised call with every attempt."""
    await applied(runtime, promises.name, after)
    row = await promise_detail(runtime.engine, promise_id)
    if row is None:
        raise not_found()
    set_etag(response, row["version"])
    history = await attempts_of(runtime.engine, promise_id)
    shown = PromiseWithAttempts.model_validate({**row, "id": promise_id, "history": history})
    for seen in await _seen(runtime, reader, [shown]):
        return seen
    raise not_found()


async def _seen(runtime: Runtime, reader: Principal, shown: Sequence[P]) -> list[P]:
    """Return promises as somebody may see them: not whom to call for a matter that they may not read (A144, A145).

    A promise is of the matter that it was given for, and of those that came by the call in which it was given.
    """
    by_call = await matters_of_calls(runtime.engine, [one.call_id for one in shown if one.call_id])
    of_what = {
        one.id: {*([one.request_id] if one.request_id else []), *by_call.get(one.call_id or one.id, ())} for one in shown
    }
    known = await matters(runtime.store, reader, {matter for several in of_what.values() for matter in several})
    seen = []
    for one in shown:
        readings = {known[matter].for_(reader) if matter in known else Reading.WITHHELD for matter in of_what[one.id]}
        if Reading.HIDDEN not in readings:
            seen.append(one.model_copy(update=_EMPTY) if Reading.WITHHELD in readings else one)
    return seen


@router.post("/promises/{promise_id}/attempt", response_model=Accepted)
async def attempt(promise_id: UUID, body: Attempt, caller: MayKeepPromise, submit: Submit, runtime: RuntimeOf) -> Response:
    """Count a call back that reached nobody."""
    command = AttemptPromise(
        outcome=body.outcome,
        attempted_by=caller.actor_id,
        rules=await rules_of(runtime.aggregates, runtime.book, decider, promise_id),
        now=body.at(runtime.clock),
    )
    done = await act(runtime.aggregates, decider, promise_id, command, await submit.by(caller))
    return accepted(done, promise_id)


@router.post("/promises/{promise_id}/keep", response_model=Accepted)
async def keep(promise_id: UUID, body: Happened, caller: MayKeepPromise, submit: Submit, runtime: RuntimeOf) -> Response:
    """Say that the caller was called back and reached."""
    command = KeepPromise(
        kept_by=caller.actor_id,
        rules=await rules_of(runtime.aggregates, runtime.book, decider, promise_id),
        now=body.at(runtime.clock),
    )
    done = await act(runtime.aggregates, decider, promise_id, command, await submit.by(caller))
    return accepted(done, promise_id)
