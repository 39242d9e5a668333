"""The rule pack in force in a route, and what a reader is told when its calendar does not know a year."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from hotline_chassis.runtime import RulesInForce
from hotline_events.decider import RefusalError
from hotline_rules.calendar import UnknownCalendarYearError


class CalendarUnknownError(RefusalError):
    """Working days of a year that nobody has published are not guessed."""

    code: ClassVar[str] = "calendar_year_unknown"
    rule: ClassVar[str | None] = "working_day_calendar"


PackOf = RulesInForce


@contextmanager
def calendar_known() -> Iterator[None]:
    """Refuse, naming the year, where the calendar does."""
    try:
        yield
    except UnknownCalendarYearError as unknown:
        raise CalendarUnknownError(str(unknown.year)) from unknown
