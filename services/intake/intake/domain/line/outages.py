"""A line out of order: reported, told to the public, bridged by a fallback telephone, restored (A20, A21).

The outage is the time between its events, so nobody takes it out of a figure by hand. All of it may be entered afterwards.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.intake import (
    FallbackLineActivated,
    FaultNoticePublished,
    LineEvent,
    LineFaultReported,
    LineRestored,
)
from intake.domain.line.state import Line, Outage
from intake.domain.line_refusals import (
    FaultNotReportedError,
    LineAlreadyFaultyError,
    LineAlreadyRestoredError,
    LineNotPublishedError,
)
from intake.domain.refusals import TimeRunsBackwardsError


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFault:
    line: str
    fault_id: UUID
    fault: str
    told: str
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishFaultNotice:
    line: str
    fault_id: UUID
    notice_zh: str
    notice_en: str
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivateFallback:
    line: str
    fault_id: UUID
    agent_id: str
    holder_id: UUID
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreLine:
    line: str
    fault_id: UUID
    by: str
    now: datetime


OutageCommand: TypeAlias = ReportFault | PublishFaultNotice | ActivateFallback | RestoreLine


def decide(line: Line, command: OutageCommand) -> list[LineEvent]:
    match command:
        case ReportFault():
            return _report(line, command)
        case PublishFaultNotice():
            return _publish_notice(_outage(line, command), command)
        case ActivateFallback():
            return _activate(_outage(line, command), command)
        case RestoreLine():
            return _restore(_outage(line, command), command)
        case _:
            assert_never(command)


def _report(line: Line, command: ReportFault) -> list[LineEvent]:
    outage = line.outage
    if line.facts is None:
        raise LineNotPublishedError
    if outage is not None and outage.fault_id == command.fault_id:
        return []
    if outage is not None and outage.restored_at is None:
        raise LineAlreadyFaultyError
    if outage is not None and outage.restored_at is not None and command.now < outage.restored_at:
        raise TimeRunsBackwardsError
    return [
        LineFaultReported(
            line=command.line,
            fault_id=command.fault_id,
            fault=command.fault,
            told=command.told,
            reported_by=command.by,
            occurred_at=command.now,
        )
    ]


def _outage(line: Line, command: PublishFaultNotice | ActivateFallback | RestoreLine) -> Outage:
    """Return the outage that a command is about; what comes after a report cannot have happened before it."""
    if line.facts is None:
        raise LineNotPublishedError
    if line.outage is None or line.outage.fault_id != command.fault_id:
        raise FaultNotReportedError
    if command.now < line.outage.began_at:
        raise TimeRunsBackwardsError
    return line.outage


def _publish_notice(outage: Outage, command: PublishFaultNotice) -> list[LineEvent]:
    if outage.notice == (command.notice_zh, command.notice_en):
        return []
    if outage.restored_at is not None and command.now > outage.restored_at:
        raise LineAlreadyRestoredError
    return [
        FaultNoticePublished(
            line=command.line,
            fault_id=command.fault_id,
            notice_zh=command.notice_zh,
            notice_en=command.notice_en,
            published_by=command.by,
            occurred_at=command.now,
        )
    ]


def _activate(outage: Outage, command: ActivateFallback) -> list[LineEvent]:
    if outage.fallback == (command.agent_id, command.holder_id):
        return []
    if outage.restored_at is not None and command.now > outage.restored_at:
        raise LineAlreadyRestoredError
    return [
        FallbackLineActivated(
            line=command.line,
            fault_id=command.fault_id,
            agent_id=command.agent_id,
            holder_id=command.holder_id,
            activated_by=command.by,
            occurred_at=command.now,
        )
    ]


def _restore(outage: Outage, command: RestoreLine) -> list[LineEvent]:
    if outage.restored_at is not None:
        return []
    return [
        LineRestored(
            line=command.line,
            fault_id=command.fault_id,
            outage_ms=(command.now - outage.began_at) // timedelta(milliseconds=1),
            restored_by=command.by,
            occurred_at=command.now,
        )
    ]
