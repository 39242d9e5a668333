"""A unit and its opening hours: a caller who comes too early is told when it opens (A62)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event


class OpenDays(StrEnum):
    """Days by the official calendar: make-up workdays are working days, festivals are days off."""

    EVERY_DAY = "every_day"
    WORKING_DAYS = "working_days"
    DAYS_OFF = "days_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningSpan:
    """Open from `start` to `end`, local HH:MM of one day; the end may be 24:00."""

    days: OpenDays
    start: str
    end: str


@event("intake.unit.hours_published")
class UnitHoursPublished:
    """A unit's opening hours; the whole table each time (A62)."""

    unit: str
    name_zh: str
    name_en: str
    hours: tuple[OpeningSpan, ...]
    published_by: str
    rule_version: str
    occurred_at: datetime


@event("intake.unit.out_of_hours_told")
class OutOfHoursTold:
    """The caller was told that the unit is closed and when it opens (A62)."""

    unit: str
    call_id: UUID
    opens_at: datetime
    told_by: str
    occurred_at: datetime


UnitEvent: TypeAlias = UnitHoursPublished | OutOfHoursTold
