"""The calendar of sensitive periods: one stream, so that whoever raises a matter knows what is in force (A83)."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar, TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.routing.sensitive_period import (
    SensitivePeriodClosed,
    SensitivePeriodEvent,
    SensitivePeriodOpened,
)
from hotline_events.decider import Decider, RefusalError

MAIN = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPeriod:
    period_id: UUID
    names: tuple[str, str]
    starts_at: datetime
    ends_at: datetime
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePeriod:
    period_id: UUID
    by: str
    now: datetime


SensitivePeriodCommand: TypeAlias = OpenPeriod | ClosePeriod
Span: TypeAlias = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class SensitivePeriods:
    """The periods by id, each with its start and its end."""

    spans: dict[UUID, Span] = field(default_factory=dict)

    def until(self, moment: datetime) -> datetime | None:
        """Tell when the last of the periods in force at this moment ends; None when none is."""
        return max((end for start, end in self.spans.values() if start <= moment < end), default=None)


class PeriodUnknownError(RefusalError):
    """There is no such period."""

    code: ClassVar[str] = "not_found"
    status: ClassVar[int] = 404


class PeriodTakenError(RefusalError):
    """The id stands for another period already."""

    code: ClassVar[str] = "period_taken"
    rule: ClassVar[str | None] = "A83"


class PeriodEmptyError(RefusalError):
    """A period ends after it starts (A83)."""

    code: ClassVar[str] = "period_empty"
    rule: ClassVar[str | None] = "A83"
    field: ClassVar[str | None] = "body.ends_at"
    status: ClassVar[int] = 422


def decide(periods: SensitivePeriods, command: SensitivePeriodCommand) -> list[SensitivePeriodEvent]:
    match command:
        case OpenPeriod():
            return _open(periods, command)
        case ClosePeriod():
            return _close(periods, command)
        case _:
            assert_never(command)


def evolve(periods: SensitivePeriods, event: SensitivePeriodEvent) -> SensitivePeriods:
    match event:
        case SensitivePeriodOpened():
            return replace(periods, spans={**periods.spans, event.period_id: (event.starts_at, event.ends_at)})
        case SensitivePeriodClosed():
            start, end = periods.spans[event.period_id]
            return replace(periods, spans={**periods.spans, event.period_id: (start, min(end, event.occurred_at))})
        case _:
            assert_never(event)


def _open(periods: SensitivePeriods, command: OpenPeriod) -> list[SensitivePeriodEvent]:
    if command.ends_at <= command.starts_at:
        raise PeriodEmptyError
    known = periods.spans.get(command.period_id)
    if known is not None:
        if known == (command.starts_at, command.ends_at):
            return []
        raise PeriodTakenError
    return [
        SensitivePeriodOpened(
            period_id=command.period_id,
            name_zh=command.names[0],
            name_en=command.names[1],
            starts_at=command.starts_at,
            ends_at=command.ends_at,
            opened_by=command.by,
            occurred_at=command.now,
        )
    ]


def _close(periods: SensitivePeriods, command: ClosePeriod) -> list[SensitivePeriodEvent]:
    known = periods.spans.get(command.period_id)
    if known is None:
        raise PeriodUnknownError
    if known[1] <= command.now:
        return []
    return [SensitivePeriodClosed(period_id=command.period_id, closed_by=command.by, occurred_at=command.now)]


decider: Decider[SensitivePeriodCommand, SensitivePeriods, SensitivePeriodEvent] = Decider(
    "sensitive_period", decide, evolve, SensitivePeriods()
)
