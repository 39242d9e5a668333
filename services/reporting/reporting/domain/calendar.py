"""The office's table of a year: a year that nobody has published is known once it is loaded, and never guessed."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from hotline_events.catalogue.reporting import CalendarEvent, CalendarLoaded
from hotline_events.decider import Decider, RefusalError


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadCalendar:
    year: int
    holidays: frozenset[date]
    workdays: frozenset[date]
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """What was loaded last of this year."""

    holidays: tuple[date, ...] | None = None
    workdays: tuple[date, ...] | None = None


class DayOfOtherYearError(RefusalError):
    """A date of the table lies in another year."""

    code: ClassVar[str] = "day_of_other_year"
    rule: ClassVar[str | None] = "working_day_calendar"
    field: ClassVar[str | None] = "body.holidays"
    status: ClassVar[int] = 422


class DayTwiceError(RefusalError):
    """A date cannot be a holiday and a workday."""

    code: ClassVar[str] = "day_twice"
    rule: ClassVar[str | None] = "working_day_calendar"
    field: ClassVar[str | None] = "body.workdays"
    status: ClassVar[int] = 422


def decide(calendar: Calendar, command: LoadCalendar) -> list[CalendarEvent]:
    if any(day.year != command.year for day in command.holidays | command.workdays):
        raise DayOfOtherYearError
    if command.holidays & command.workdays:
        raise DayTwiceError
    holidays, workdays = tuple(sorted(command.holidays)), tuple(sorted(command.workdays))
    if (calendar.holidays, calendar.workdays) == (holidays, workdays):
        return []
    return [
        CalendarLoaded(year=command.year, holidays=holidays, workdays=workdays, loaded_by=command.by, occurred_at=command.now)
    ]


def evolve(_calendar: Calendar, event: CalendarEvent) -> Calendar:
    return Calendar(holidays=event.holidays, workdays=event.workdays)


decider: Decider[LoadCalendar, Calendar, CalendarEvent] = Decider("calendar", decide, evolve, Calendar())
