"""What a line is, whether it is forwarded, and who takes its calls at which time of day (A04, A05, A08, A60, A61)."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.intake import (
    ForwardingCleared,
    ForwardingSet,
    HandsetShared,
    LineEvent,
    LineKind,
    LineLeftUnattended,
    LinePublished,
    RouteScheduled,
    RouteSpan,
)
from hotline_rules.pack import RulePack
from intake.domain.line.state import Facts, Line
from intake.domain.line_refusals import (
    DutyLineForwardedError,
    EndsBeforeItStartsError,
    ForwardedToItselfError,
    ForwardedTooLongError,
    LineNotPublishedError,
    OfficeLineForwardedError,
    RouteInThePastError,
    RouteSpansError,
    UnknownGreetingError,
)
from intake.domain.opening import is_office_hours, meets_office_hours


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishLine:
    """`at_handset` are the other lines that ring at the same telephone."""

    line: str
    facts: Facts
    at_handset: tuple[str, ...]
    by: str
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SetForwarding:
    line: str
    to_line: str
    starts_at: datetime
    ends_at: datetime
    by: str
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearForwarding:
    line: str
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRoute:
    line: str
    spans: tuple[RouteSpan, ...]
    effective_at: datetime
    notice_zh: str
    notice_en: str
    by: str
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveUnattended:
    """A caller left an office's line after `waited_ms` without an answer."""

    line: str
    call_id: UUID
    waited_ms: int
    rules: RulePack
    now: datetime


PublishingCommand: TypeAlias = PublishLine | SetForwarding | ClearForwarding | ScheduleRoute | LeaveUnattended


def decide(line: Line, command: PublishingCommand) -> list[LineEvent]:
    match command:
        case PublishLine():
            return _publish(line, command)
        case SetForwarding():
            return _set_forwarding(line, command)
        case ClearForwarding():
            _known(line)
            cleared = ForwardingCleared(line=command.line, cleared_by=command.by, occurred_at=command.now)
            return [] if line.forwarding is None else [cleared]
        case ScheduleRoute():
            return _schedule_route(line, command)
        case LeaveUnattended():
            return _leave_unattended(line, command)
        case _:
            assert_never(command)


def _known(line: Line) -> Facts:
    if line.facts is None:
        raise LineNotPublishedError
    return line.facts


def _publish(line: Line, command: PublishLine) -> list[LineEvent]:
    facts = command.facts
    if facts.greeting not in command.rules.texts.scripts:
        raise UnknownGreetingError
    if line.facts == facts:
        return []
    published = LinePublished(
        line=command.line,
        kind=facts.kind,
        name_zh=facts.name_zh,
        name_en=facts.name_en,
        round_the_clock=facts.round_the_clock,
        greeting=facts.greeting,
        handset=facts.handset,
        unit=facts.unit,
        published_by=command.by,
        rule_version=command.rules.number,
        occurred_at=command.now,
    )
    events: list[LineEvent] = [published]
    if line.forwarding is not None and not _may_be_forwarded(facts):
        events.append(ForwardingCleared(line=command.line, cleared_by=command.by, occurred_at=command.now))
    if facts.handset is not None and command.at_handset and not (line.facts and line.facts.handset == facts.handset):
        events.append(
            HandsetShared(line=command.line, handset=facts.handset, other_lines=command.at_handset, occurred_at=command.now)
        )
    return events


def _may_be_forwarded(facts: Facts) -> bool:
    """A duty line, and one that is answered around the clock, never is (A05)."""
    return facts.kind is LineKind.OFFICE and not facts.round_the_clock


def _set_forwarding(line: Line, command: SetForwarding) -> list[LineEvent]:
    facts = _known(line)
    if not _may_be_forwarded(facts):
        raise DutyLineForwardedError
    if command.to_line == command.line:
        raise ForwardedToItselfError
    if command.ends_at <= command.starts_at:
        raise EndsBeforeItStartsError
    if command.ends_at > command.rules.after(command.rules.lines.forwarding_longest, command.starts_at):
        raise ForwardedTooLongError
    if meets_office_hours(command.starts_at, command.ends_at, command.rules):
        raise OfficeLineForwardedError
    if line.forwarding == (command.to_line, command.starts_at, command.ends_at):
        return []
    return [
        ForwardingSet(
            line=command.line,
            to_line=command.to_line,
            starts_at=command.starts_at,
            ends_at=command.ends_at,
            set_by=command.by,
            rule_version=command.rules.number,
            occurred_at=command.now,
        )
    ]


def _schedule_route(line: Line, command: ScheduleRoute) -> list[LineEvent]:
    _known(line)
    if not tile_the_day(command.spans):
        raise RouteSpansError
    overflow = command.rules.lines.overflow_seconds
    if line.route == (command.effective_at, command.spans, overflow):
        return []
    if command.effective_at < command.now or (line.route and command.effective_at < line.route[0]):
        raise RouteInThePastError
    return [
        RouteScheduled(
            line=command.line,
            spans=command.spans,
            overflow_seconds=overflow,
            effective_at=command.effective_at,
            notice_zh=command.notice_zh,
            notice_en=command.notice_en,
            scheduled_by=command.by,
            rule_version=command.rules.number,
            occurred_at=command.now,
        )
    ]


def tile_the_day(spans: tuple[RouteSpan, ...]) -> bool:
    """Say whether the spans, one after the other around the clock, leave no minute out and have none twice."""
    if len(spans) == 1:
        return spans[0].start == spans[0].end
    ordered = sorted(spans, key=lambda span: span.start)
    following = [*ordered[1:], *ordered[:1]]
    return bool(spans) and all(one.end == after.start != one.start for one, after in zip(ordered, following, strict=True))


def _leave_unattended(line: Line, command: LeaveUnattended) -> list[LineEvent]:
    """Raise the alarm for an office in working time; twice for the same call is once."""
    if line.facts is None or line.facts.kind is not LineKind.OFFICE or line.unattended_by == command.call_id:
        return []
    if command.waited_ms < command.rules.lines.unattended_seconds * 1000 or not is_office_hours(command.now, command.rules):
        return []
    return [
        LineLeftUnattended(
            line=command.line,
            call_id=command.call_id,
            waited_ms=command.waited_ms,
            rule_version=command.rules.number,
            occurred_at=command.now,
        )
    ]
