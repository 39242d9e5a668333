"""An export: asked for with a purpose, approved by a second person, fetched for a while, every fetching on record (A146)."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.intake.export import (
    ExportApproved,
    ExportAskedFor,
    ExportEvent,
    ExportFetched,
    ExportRejected,
)
from hotline_events.decider import Decider, RefusalError
from hotline_rules.pack import RulePack


class Purpose(StrEnum):
    """What records may leave the system for."""

    STATISTICS = "statistics"
    INSPECTION = "inspection"
    RESEARCH = "research"
    COURT_ORDER = "court_order"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForExport:
    export_id: UUID
    start: datetime
    end: datetime
    purpose: Purpose
    by: str
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveExport:
    by: str
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectExport:
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchExport:
    """Someone takes the file: so many rows, each with this mark."""

    rows: int
    most: int
    watermark: str
    by: str
    now: datetime


ExportCommand: TypeAlias = AskForExport | ApproveExport | RejectExport | FetchExport


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What a decision about an export reads."""

    asked: ExportAskedFor | None = None
    rejected: bool = False
    valid_until: datetime | None = None


class ExportUnknownError(RefusalError):
    """Nobody asked for it."""

    code: ClassVar[str] = "not_found"
    status: ClassVar[int] = 404


class EmptySpanError(RefusalError):
    """The span ends before it starts."""

    code: ClassVar[str] = "empty_span"
    rule: ClassVar[str | None] = "start_before_end"
    field: ClassVar[str | None] = "body.end"
    status: ClassVar[int] = 422


class SecondPersonError(RefusalError):
    """Nobody approves their own export (A146)."""

    code: ClassVar[str] = "second_person"
    rule: ClassVar[str | None] = "A146"


class ExportNotApprovedError(RefusalError):
    """Nothing leaves before a second person has agreed (A146)."""

    code: ClassVar[str] = "export_not_approved"
    rule: ClassVar[str | None] = "A146"
    missing: str | None = "export.approved"


class ExportRejectedError(RefusalError):
    """A second person has refused."""

    code: ClassVar[str] = "export_rejected"
    rule: ClassVar[str | None] = "A146"


class ExportOverError(RefusalError):
    """The time in which the file may be fetched is over; ask again."""

    code: ClassVar[str] = "export_over"
    rule: ClassVar[str | None] = "A146"


class ExportTooLargeError(RefusalError):
    """More rows than the rule pack lets out at once; ask for a shorter span. Nothing is left out silently."""

    code: ClassVar[str] = "export_too_large"
    rule: ClassVar[str | None] = "A146"


class NotYourExportError(RefusalError):
    """Only who asked for it fetches it. Answered like one that is not there."""

    code: ClassVar[str] = "not_found"
    status: ClassVar[int] = 404


def decide(export: Export, command: ExportCommand) -> list[ExportEvent]:
    if isinstance(command, AskForExport):
        return _ask(export, command)
    if export.asked is None:
        raise ExportUnknownError
    match command:
        case ApproveExport():
            return _approve(export, export.asked, command)
        case RejectExport():
            return _reject(export, export.asked, command)
        case FetchExport():
            return _fetch(export, export.asked, command)
        case _:
            assert_never(command)


def evolve(export: Export, event: ExportEvent) -> Export:
    match event:
        case ExportAskedFor():
            return Export(asked=event)
        case ExportApproved():
            return replace(export, valid_until=event.valid_until)
        case ExportRejected():
            return replace(export, rejected=True)
        case ExportFetched():
            return export
        case _:
            assert_never(event)


def _ask(export: Export, command: AskForExport) -> list[ExportEvent]:
    if export.asked is not None:
        return []
    if command.end <= command.start:
        raise EmptySpanError
    return [
        ExportAskedFor(
            export_id=command.export_id,
            start=command.start,
            end=command.end,
            purpose=command.purpose,
            asked_by=command.by,
            rule_version=command.rules.number,
            occurred_at=command.now,
        )
    ]


def _approve(export: Export, asked: ExportAskedFor, command: ApproveExport) -> list[ExportEvent]:
    if asked.asked_by == command.by:
        raise SecondPersonError
    if export.rejected:
        raise ExportRejectedError
    if export.valid_until is not None:
        return []
    valid_until = command.rules.after(command.rules.privacy.export_valid, command.now)
    return [ExportApproved(export_id=asked.export_id, valid_until=valid_until, approved_by=command.by, occurred_at=command.now)]


def _reject(export: Export, asked: ExportAskedFor, command: RejectExport) -> list[ExportEvent]:
    if asked.asked_by == command.by:
        raise SecondPersonError
    if export.rejected:
        return []
    if export.valid_until is not None and command.now >= export.valid_until:
        raise ExportOverError
    return [ExportRejected(export_id=asked.export_id, rejected_by=command.by, occurred_at=command.now)]


def span_to_fetch(export: Export, by: str, now: datetime) -> ExportAskedFor:
    """Return what was asked for, if this person may take it now: checked before anything is read, a repeated fetch again."""
    if export.asked is None:
        raise ExportUnknownError
    if export.asked.asked_by != by:
        raise NotYourExportError
    if export.rejected:
        raise ExportRejectedError
    if export.valid_until is None:
        raise ExportNotApprovedError
    if now >= export.valid_until:
        raise ExportOverError
    return export.asked


def _fetch(export: Export, asked: ExportAskedFor, command: FetchExport) -> list[ExportEvent]:
    span_to_fetch(export, command.by, command.now)
    if command.rows > command.most:
        raise ExportTooLargeError
    return [
        ExportFetched(
            export_id=asked.export_id,
            rows=command.rows,
            watermark=command.watermark,
            fetched_by=command.by,
            occurred_at=command.now,
        )
    ]


decider: Decider[ExportCommand, Export, ExportEvent] = Decider("export", decide, evolve, Export())
