"""Telephone events over HTTP: what an exchange reports, in batches, and what waits for a predecessor (A01, A07, A12, A21).

A batch answers for each event what became of it. A broken one is named by its index, field and rule and changes nothing; the
rest lands. An event that comes again is nothing. One whose predecessor is missing is kept, and counts when that comes.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from hotline_chassis.commands import Submit
from hotline_chassis.fields import Body, Text, UtcDatetime
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.rights import Right
from hotline_chassis.runtime import Runtime, RuntimeOf
from hotline_chassis.signin import Principal, requires
from hotline_rules.book import RuleBook
from intake.adapters import exchange
from intake.adapters.api.bodies import ActorId, AnyId
from intake.adapters.exchange import BadReportError, ExchangeFormat, Report
from intake.application import telephony
from intake.application.telephony import Incoming
from intake.domain import call
from intake.telephony_store import TelephonyStore
from intake.vault import Vault

router = APIRouter(prefix="/telephony", tags=["telephony"])
Reporting = Annotated[Principal, Depends(requires(Right.TELEPHONY_REPORT))]
Reading = Annotated[Principal, Depends(requires(Right.TELEPHONY_READ))]

MOST = 500
Name = Annotated[str, Text(64, pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Label = Annotated[str, Text(200)]
_MOMENT: TypeAdapter[datetime] = TypeAdapter(UtcDatetime)
_RAW = {"call": "c-1", "kind": "ring", "line": "12345", "number": "0552-3115678"}


class Happening(Body):
    """One event as the exchange tells it, under `raw`. Id and time may be left out where the event has its own."""

    event_id: Annotated[Label | None, Field(description="The exchange's own id of the event.", examples=["e-1"])] = None
    occurred_at: Annotated[
        str | None, Field(max_length=40, description="When it happened.", examples=["2026-03-02T04:00:00Z"])
    ] = None
    raw: Annotated[dict[str, Any], Field(examples=[_RAW])]


class Reported(Body):
    """A batch of one exchange. `agents` and `lines` name its telephones and its numbers as the hotline does."""

    exchange: Annotated[Name, Field(examples=["hall-1"])]
    format: Annotated[ExchangeFormat, Field(examples=["hotline"])]
    agents: Annotated[dict[Label, ActorId], Field(max_length=2000, default_factory=dict, examples=[{"8012": "agent-7"}])]
    lines: Annotated[
        dict[Label, Annotated[str, Text(32, pattern="^[A-Za-z0-9_-]{1,32}$")]], Field(max_length=200, default_factory=dict)
    ]
    events: Annotated[list[Happening], Field(min_length=1, max_length=MOST)]


class Became(StrEnum):
    """What became of an event: it counts, it waits for a predecessor, it had come before, it says nothing, it is broken."""

    APPLIED = "applied"
    WAITING = "waiting"
    REPEATED = "repeated"
    IGNORED = "ignored"
    REFUSED = "refused"


class Result(BaseModel):
    """What became of one event of the batch."""

    index: Annotated[int, Field(examples=[0])]
    outcome: Annotated[Became, Field(examples=["applied"])]
    event_id: Annotated[str | None, Field(examples=["e-1"])] = None
    call_id: AnyId | None = None
    field: Annotated[str | None, Field(description="The field at fault.", examples=["events.0.raw.call"])] = None
    rule: Annotated[str | None, Field(description="What is wrong with it.", examples=["missing"])] = None


class Taken(BaseModel):
    """What became of each event, in the order of the batch."""

    results: list[Result]


class Waiting(BaseModel):
    """An event that waits for its predecessor."""

    model_config = ConfigDict(from_attributes=True)

    exchange: Annotated[str, Field(examples=["hall-1"])]
    event_id: Annotated[str, Field(examples=["e-2"])]
    call_id: AnyId
    happened_at: Annotated[datetime, Field(examples=["2026-03-02T04:00:00Z"])]
    kinds: Annotated[list[str], Field(examples=[["answered"]])]
    received_at: Annotated[datetime, Field(examples=["2026-03-02T04:00:01Z"])]


@router.post("/events")
async def report(body: Reported, principal: Reporting, submit: Submit, runtime: RuntimeOf) -> Taken:
    """Report what an exchange saw. Repeat a batch as often as you like; send it late and in any order."""
    desk = _desk(runtime)
    results, incoming = _read(body, runtime.book)
    known = await telephony.repeated(desk.events, list(incoming.values()))
    submission = await submit.by(principal)
    fresh = [event for event in incoming.values() if known.get(event.event_id, True)]
    waiting = await telephony.take_in(desk, fresh, submission, runtime.clock.now())
    overtaken = {event_id: False for event_id, same in (await telephony.repeated(desk.events, fresh)).items() if not same}
    for index, event in incoming.items():
        results[index] = _became(index, event, overtaken.get(event.event_id, known.get(event.event_id)), waiting)
    return Taken(results=[results[index] for index in sorted(results)])


@router.get("/waiting")
async def list_waiting(_principal: Reading, runtime: RuntimeOf, page: Page) -> PageOf[Waiting]:
    """List the events whose predecessor has not come, the longest first: nothing that was reported is lost."""
    rows = await _desk(runtime).events.waiting(page.after(datetime, str, str), page.fetch)
    return page.page(rows, lambda row: (row.received_at, row.exchange, row.event_id), Waiting.model_validate)


def _desk(runtime: Runtime) -> telephony.Desk:
    vault = Vault(runtime.store, runtime.keyring)
    return telephony.Desk(runtime.aggregates, vault, TelephonyStore(runtime.store, runtime.keyring), runtime.book)


def _became(index: int, event: Incoming, repeats: bool | None, waiting: frozenset[str]) -> Result:  # noqa: FBT001 - None: new
    result = Result(index=index, outcome=Became.APPLIED, event_id=event.event_id, call_id=event.call_id)
    if repeats is False:
        broken = {"field": f"events.{index}.event_id", "rule": "event_reused"}
        return result.model_copy(update={"outcome": Became.REFUSED, "call_id": None, **broken})
    if any(fact.event_id in waiting for fact in event.facts):
        return result.model_copy(update={"outcome": Became.WAITING})
    return result.model_copy(update={"outcome": Became.REPEATED}) if repeats else result


def _read(body: Reported, book: RuleBook) -> tuple[dict[int, Result], dict[int, Incoming]]:
    """Read each event by itself: those that tell nothing or are broken have their result, the rest goes on."""
    results: dict[int, Result] = {}
    incoming: dict[int, Incoming] = {}
    taken: dict[str, tuple[str, datetime]] = {}
    for index, happening in enumerate(body.events):
        try:
            event = _incoming(body, happening, book)
            _refuse_reused(event, taken)
        except BadReportError as error:
            field = f"events.{index}.{error.field}"
            results[index] = Result(index=index, outcome=Became.REFUSED, field=field, rule=error.rule)
        else:
            if event is None:
                results[index] = Result(index=index, outcome=Became.IGNORED)
            else:
                incoming[index] = event
    return results, incoming


def _refuse_reused(event: Incoming | None, taken: dict[str, tuple[str, datetime]]) -> None:
    """Refuse a second event of the batch under the id of another one."""
    if event is not None and taken.setdefault(event.event_id, said := (event.raw, event.happened_at)) != said:
        raise BadReportError("event_id", "event_reused")


def _incoming(body: Reported, happening: Happening, book: RuleBook) -> Incoming | None:
    reports = exchange.normalised(body.format, happening.raw)
    if not reports:
        return None
    at = _moment(body.format, happening)
    menu = any(report.kind is call.FactKind.MENU for report in reports)
    if menu and not book.in_force(at).calls.keep_telephone_menu:
        raise BadReportError("raw.kind", "A22")
    raw = json.dumps(happening.raw, ensure_ascii=False, sort_keys=True)
    event_id = happening.event_id or exchange.id_of(body.format, happening.raw)
    event_id = event_id or hashlib.sha256(f"{at.isoformat()}{raw}".encode()).hexdigest()
    named = [report.through(body.agents, body.lines) for report in reports]
    return Incoming(
        exchange=body.exchange,
        event_id=event_id,
        call=named[0].call,
        happened_at=at,
        facts=_facts(named, event_id, at),
        number=next((report.number for report in named if report.number), None),
        raw=raw,
    )


def _facts(reports: Sequence[Report], event_id: str, at: datetime) -> tuple[call.Fact, ...]:
    names = [event_id, *(f"{event_id}#{place}" for place in range(2, len(reports) + 1))]
    return tuple(
        call.Fact(
            event_id=name,
            kind=report.kind,
            at=at,
            sequence=report.sequence,
            line=report.line,
            party=report.party,
            extension=report.extension,
            by=report.by,
            answered=report.answered,
            result=report.result,
            ring_count=report.ring_count,
            emergency=report.emergency,
            rings=report.rings,
        )
        for name, report in zip(names, reports, strict=True)
    )


def _moment(form: ExchangeFormat, happening: Happening) -> datetime:
    """Return when it happened: as said beside the event, else as the exchange says in it."""
    told: object = happening.occurred_at
    if told is None:
        told = exchange.time_of(form, happening.raw)
        if isinstance(told, int | float):
            try:
                told = datetime.fromtimestamp(told, UTC)
            except (OverflowError, ValueError, OSError):
                raise BadReportError("occurred_at", "timestamp") from None
    if told is None:
        raise BadReportError("occurred_at", "missing")
    try:
        return _MOMENT.validate_python(told)
    except ValidationError as error:
        raise BadReportError("occurred_at", error.errors(include_url=False, include_input=False)[0]["type"]) from None
