"""`intake.lines@1`: the lines, where their calls go from when on, their outages and their alarms (A04, A20, A21, A60, A61)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_events.catalogue.intake import (
    FallbackLineActivated,
    FaultNoticePublished,
    ForwardingCleared,
    ForwardingSet,
    HandsetShared,
    LineFaultReported,
    LineLeftUnattended,
    LinePublished,
    LineRestored,
    RouteScheduled,
)
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from hotline_events.rows import put
from hotline_events.store import Store
from intake.adapters.views.rows import change, columns

NAME = "intake.lines@1"
_DDL = """
create table if not exists lines (
    line text primary key, kind text not null, name_zh text not null, name_en text not null, round_the_clock boolean not null,
    greeting text not null, handset text, unit text, version integer not null,
    forwarded_to text, forwarded_from timestamptz, forwarded_until timestamptz);
create table if not exists line_routes (
    line text not null, effective_at timestamptz not null, spans json not null, overflow_seconds integer not null,
    notice_zh text not null, notice_en text not null, scheduled_by text not null, scheduled_at timestamptz not null,
    primary key (line, effective_at));
create table if not exists line_outages (
    fault_id uuid primary key, line text not null, fault text not null, told text not null, reported_by text not null,
    began_at timestamptz not null, restored_at timestamptz, notice_zh text, notice_en text, notice_at timestamptz,
    agent_id text, holder_id uuid, fallback_at timestamptz);
create index if not exists line_outages_began on line_outages (line, began_at desc);
create table if not exists line_alarms (
    alarm_id uuid primary key, line text not null, kind text not null, call_id uuid, handset text, other_lines json,
    waited_ms bigint, raised_at timestamptz not null)
"""
_FORWARDING = ("forwarded_to", "forwarded_from", "forwarded_until")
_ROUTE = "effective_at, spans, overflow_seconds, notice_zh, notice_en, scheduled_by, scheduled_at"
_OUTAGE = (
    "fault_id, line, fault, told, reported_by, began_at, restored_at, notice_zh, notice_en, notice_at, agent_id, holder_id, "
    "fallback_at"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """A line as it stands."""

    line: str
    kind: str
    name_zh: str
    name_en: str
    round_the_clock: bool
    greeting: str
    handset: str | None
    unit: str | None
    version: int
    forwarded_to: str | None
    forwarded_from: datetime | None
    forwarded_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteRow:
    """Who takes the calls from a moment on."""

    effective_at: datetime
    spans: list[dict[str, str]]
    overflow_seconds: int
    notice_zh: str
    notice_en: str
    scheduled_by: str
    scheduled_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageRow:
    """An outage; open while it has no `restored_at`."""

    fault_id: UUID
    line: str
    fault: str
    told: str
    reported_by: str
    began_at: datetime
    restored_at: datetime | None
    notice_zh: str | None
    notice_en: str | None
    notice_at: datetime | None
    agent_id: str | None
    holder_id: UUID | None
    fallback_at: datetime | None


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    await put(connection, "lines", ["line"], [_line(one) for one in envelopes if isinstance(one.event, LinePublished)])
    forwarded = [_forwarding(one.event) for one in envelopes if isinstance(one.event, ForwardingSet | ForwardingCleared)]
    latest = list({row["line"]: row for row in forwarded}.values())
    await change(connection, "lines", "t.line = c.line", latest, *_FORWARDING)
    routes = [_route(one.event) for one in envelopes if isinstance(one.event, RouteScheduled)]
    await put(connection, "line_routes", ["line", "effective_at"], routes)
    await _apply_outages(connection, [one.event for one in envelopes])
    alarms = [_alarm(one) for one in envelopes if isinstance(one.event, HandsetShared | LineLeftUnattended)]
    await put(connection, "line_alarms", ["alarm_id"], alarms)


async def _apply_outages(connection: AsyncConnection, events: Sequence[object]) -> None:
    faults, notices, fallbacks, restored = [], [], [], []
    for event in events:
        match event:
            case LineFaultReported():
                faults.append(columns(event, "fault_id", "line", "fault", "told", "reported_by", began_at=event.occurred_at))
            case FaultNoticePublished():
                notices.append(columns(event, "fault_id", "notice_zh", "notice_en", notice_at=event.occurred_at))
            case FallbackLineActivated():
                fallbacks.append(columns(event, "fault_id", "agent_id", "holder_id", fallback_at=event.occurred_at))
            case LineRestored():
                restored.append({"fault_id": event.fault_id, "restored_at": event.occurred_at})
            case _:
                pass
    await put(connection, "line_outages", ["fault_id"], faults)
    same = "t.fault_id = c.fault_id"
    for notice in notices:
        await change(connection, "line_outages", same, [notice], "notice_zh", "notice_en", "notice_at")
    for fallback in fallbacks:
        await change(connection, "line_outages", same, [fallback], "agent_id", "holder_id", "fallback_at")
    await change(connection, "line_outages", same, restored, "restored_at")


def _line(envelope: Envelope) -> dict[str, Any]:
    event: LinePublished = envelope.event
    names = ("line", "name_zh", "name_en", "round_the_clock", "greeting", "handset", "unit")
    return {name: getattr(event, name) for name in names} | {"kind": event.kind.value, "version": envelope.version}


def _forwarding(event: ForwardingSet | ForwardingCleared) -> dict[str, Any]:
    if isinstance(event, ForwardingCleared):
        return {"line": event.line, "forwarded_to": None, "forwarded_from": None, "forwarded_until": None}
    return {
        "line": event.line,
        "forwarded_to": event.to_line,
        "forwarded_from": event.starts_at,
        "forwarded_until": event.ends_at,
    }


def _route(event: RouteScheduled) -> dict[str, Any]:
    names = ("line", "effective_at", "overflow_seconds", "notice_zh", "notice_en", "scheduled_by")
    spans = [asdict(span) for span in event.spans]
    return {name: getattr(event, name) for name in names} | {"spans": spans, "scheduled_at": event.occurred_at}


def _alarm(envelope: Envelope) -> dict[str, Any]:
    event: HandsetShared | LineLeftUnattended = envelope.event
    shared = isinstance(event, HandsetShared)
    return {
        "alarm_id": envelope.id,
        "line": event.line,
        "kind": "handset_shared" if shared else "left_unattended",
        "call_id": getattr(event, "call_id", None),
        "handset": getattr(event, "handset", None),
        "other_lines": getattr(event, "other_lines", None),
        "waited_ms": getattr(event, "waited_ms", None),
        "raised_at": event.occurred_at,
    }


VIEW = View(
    name=NAME,
    tables=("lines", "line_routes", "line_outages", "line_alarms"),
    ddl=_DDL,
    sources=("intake",),
    apply=_apply,
)


async def line_named(store: Store, line: str) -> LineRow | None:
    """Return a line by its code."""
    rows = await store.rows(f"select {', '.join(LineRow.__slots__)} from lines where line = :line", line=line)
    return LineRow(**rows[0]) if rows else None


async def all_lines(store: Store, *, after: str | None = None, limit: int | None = None) -> list[LineRow]:
    """Return the lines by code."""
    rows = await store.rows(
        f"select {', '.join(LineRow.__slots__)} from lines where cast(:after as text) is null or line > :after "
        "order by line limit :most",
        after=after,
        most=limit,
    )
    return [LineRow(**row) for row in rows]


async def lines_at_handset(store: Store, handset: str, besides: str) -> list[str]:
    """Return the other lines that ring at a telephone (A61)."""
    rows = await store.execute(
        "select line from lines where handset = :handset and line <> :besides order by line", handset=handset, besides=besides
    )
    return [line for (line,) in rows]


async def route_of(store: Store, line: str, at: datetime) -> RouteRow | None:
    """Return the schedule that is in effect at a moment (A60)."""
    rows = await store.rows(
        f"select {_ROUTE} from line_routes where line = :line and effective_at <= :at order by effective_at desc limit 1",
        line=line,
        at=at,
    )
    return RouteRow(**rows[0]) if rows else None


async def outage_at(store: Store, line: str, at: datetime) -> OutageRow | None:
    """Return the outage that a moment lies in: known by its events, whenever they were entered (A20)."""
    rows = await store.rows(
        f"select {_OUTAGE} from line_outages where line = :line and began_at <= :at "
        "and (restored_at is null or restored_at > :at) order by began_at desc limit 1",
        line=line,
        at=at,
    )
    return OutageRow(**rows[0]) if rows else None


async def outages(store: Store, line: str, after: tuple[datetime, UUID] | None, limit: int) -> list[OutageRow]:
    """Return a line's outages, newest first."""
    rows = await store.rows(
        f"select {_OUTAGE} from line_outages where line = :line and (cast(:began as timestamptz) is null "
        "or (began_at, fault_id) < (:began, cast(:fault_id as uuid))) order by began_at desc, fault_id desc limit :most",
        line=line,
        began=after[0] if after else None,
        fault_id=after[1] if after else None,
        most=limit,
    )
    return [OutageRow(**row) for row in rows]
