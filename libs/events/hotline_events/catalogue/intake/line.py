"""A telephone line: what it is, where its calls go, and when it was out of order (A04-A06, A08, A20, A21, A60, A61).

A line is named by its code, never by a number that belongs to a person.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event


class LineKind(StrEnum):
    """The hotline itself, a duty line that is never unattended, or an office's line (A04, A05)."""

    HOTLINE = "hotline"
    DUTY = "duty"
    OFFICE = "office"


class RouteTarget(StrEnum):
    """Who takes the calls of a span of the day (A60)."""

    DUTY_ROOM = "duty_room"
    DUTY_CHIEF = "duty_chief"
    OFFICE = "office"


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteSpan:
    """Local times of day, HH:MM; one that ends before it starts runs over midnight."""

    start: str
    end: str
    target: RouteTarget


@event("intake.line.published")
class LinePublished:
    """A line was published, or published anew with other facts; the whole of it each time (A08).

    `greeting` is the script it is answered with, `unit` whose opening hours it keeps. `handset` is the telephone it rings at.
    """

    line: str
    kind: LineKind
    name_zh: str
    name_en: str
    round_the_clock: bool
    greeting: str
    handset: str | None = None
    unit: str | None = None
    published_by: str
    rule_version: str
    occurred_at: datetime


@event("intake.line.handset_shared")
class HandsetShared:
    """Alarm: another line rings at the same telephone, so that one call makes both engaged (A61)."""

    line: str
    handset: str
    other_lines: tuple[str, ...]
    occurred_at: datetime


@event("intake.line.forwarding_set")
class ForwardingSet:
    """An office's line is forwarded to another line outside its working time (A04)."""

    line: str
    to_line: str
    starts_at: datetime
    ends_at: datetime
    set_by: str
    rule_version: str
    occurred_at: datetime


@event("intake.line.forwarding_cleared")
class ForwardingCleared:
    """The line rings where it stands again (A04)."""

    line: str
    cleared_by: str
    occurred_at: datetime


@event("intake.line.left_unattended")
class LineLeftUnattended:
    """Alarm: in working time a caller waited `waited_ms` on an office's line and nobody answered (A04)."""

    line: str
    call_id: UUID
    waited_ms: int
    rule_version: str
    occurred_at: datetime


@event("intake.line.route_scheduled")
class RouteScheduled:
    """Who takes the line's calls at which time of day, from `effective_at` on, with the notice to the public (A60).

    Where the duty room does not answer within `overflow_seconds`, the duty chief is called.
    """

    line: str
    spans: tuple[RouteSpan, ...]
    overflow_seconds: int
    effective_at: datetime
    notice_zh: str
    notice_en: str
    scheduled_by: str
    rule_version: str
    occurred_at: datetime


@event("intake.line.fault_reported")
class LineFaultReported:
    """The line is out of order, and `told` was called to mend it; the outage begins here (A20)."""

    line: str
    fault_id: UUID
    fault: str
    told: str
    reported_by: str
    occurred_at: datetime


@event("intake.line.fault_notice_published")
class FaultNoticePublished:
    """The public was told of the outage (A20)."""

    line: str
    fault_id: UUID
    notice_zh: str
    notice_en: str
    published_by: str
    occurred_at: datetime


@event("intake.line.fallback_activated")
class FallbackLineActivated:
    """During an outage `agent_id` takes the important calls on the telephone of `holder_id`, a person of the vault (A21)."""

    line: str
    fault_id: UUID
    agent_id: str
    holder_id: UUID
    activated_by: str
    occurred_at: datetime


@event("intake.line.restored")
class LineRestored:
    """The line works again: the outage, and the fallback with it, is over (A20, A21)."""

    line: str
    fault_id: UUID
    outage_ms: int
    restored_by: str
    occurred_at: datetime


LineEvent: TypeAlias = (
    LinePublished
    | HandsetShared
    | ForwardingSet
    | ForwardingCleared
    | LineLeftUnattended
    | RouteScheduled
    | LineFaultReported
    | FaultNoticePublished
    | FallbackLineActivated
    | LineRestored
)
