"""The rule pack of this process in a route, and what a reader is told when its calendar does not know a year."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, ClassVar

from fastapi import Depends, Request

from hotline_events.decider import RefusalError
from hotline_rules.calendar import UnknownCalendarYearError
from hotline_rules.pack import RulePack


class CalendarUnknownError(RefusalError):
    """Working days of a year that nobody has published are not guessed."""

    code: ClassVar[str] = "calendar_year_unknown"
    rule: ClassVar[str | None] = "working_day_calendar"


async def _pack(request: Request) -> RulePack:
    pack: RulePack = request.app.state.pack
    return pack


PackOf = Annotated[RulePack, Depends(_pack)]


@contextmanager
def calendar_known() -> Iterator[None]:
    """Refuse, naming the year, where the calendar does."""
    try:
        yield
    except UnknownCalendarYearError as unknown:
        raise CalendarUnknownError(str(unknown)) from unknown
