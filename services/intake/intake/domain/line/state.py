"""What a decision about a line reads."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from hotline_events.catalogue.intake import (
    FallbackLineActivated,
    FaultNoticePublished,
    ForwardingCleared,
    ForwardingSet,
    HandsetShared,
    LineEvent,
    LineFaultReported,
    LineKind,
    LineLeftUnattended,
    LinePublished,
    LineRestored,
    RouteScheduled,
    RouteSpan,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a line is, as it was published last."""

    kind: LineKind
    name_zh: str
    name_en: str
    round_the_clock: bool
    greeting: str
    handset: str | None
    unit: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """An outage: open while `restored_at` is None."""

    fault_id: UUID
    began_at: datetime
    notice: tuple[str, str] | None = None
    fallback: tuple[str, UUID] | None = None
    restored_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line as it stands. `outage` is the present or the last one."""

    facts: Facts | None = None
    forwarding: tuple[str, datetime, datetime] | None = None
    route: tuple[datetime, tuple[RouteSpan, ...], int] | None = None
    outage: Outage | None = None
    unattended_by: UUID | None = None


def evolve(line: Line, event: LineEvent) -> Line:
    match event:
        case LinePublished():
            return replace(line, facts=facts_of(event))
        case ForwardingSet():
            return replace(line, forwarding=(event.to_line, event.starts_at, event.ends_at))
        case ForwardingCleared():
            return replace(line, forwarding=None)
        case RouteScheduled():
            return replace(line, route=(event.effective_at, event.spans, event.overflow_seconds))
        case LineLeftUnattended():
            return replace(line, unattended_by=event.call_id)
        case HandsetShared():
            return line
        case LineFaultReported():
            return replace(line, outage=Outage(fault_id=event.fault_id, began_at=event.occurred_at))
        case FaultNoticePublished() | FallbackLineActivated() | LineRestored():
            return replace(line, outage=_later(line.outage, event))
        case _:
            assert_never(event)


def facts_of(event: LinePublished) -> Facts:
    return Facts(
        kind=event.kind,
        name_zh=event.name_zh,
        name_en=event.name_en,
        round_the_clock=event.round_the_clock,
        greeting=event.greeting,
        handset=event.handset,
        unit=event.unit,
    )


def _later(outage: Outage | None, event: FaultNoticePublished | FallbackLineActivated | LineRestored) -> Outage | None:
    if outage is None:
        return None
    match event:
        case FaultNoticePublished():
            return replace(outage, notice=(event.notice_zh, event.notice_en))
        case FallbackLineActivated():
            return replace(outage, fallback=(event.agent_id, event.holder_id))
        case LineRestored():
            return replace(outage, restored_at=event.occurred_at)
        case _:
            assert_never(event)
