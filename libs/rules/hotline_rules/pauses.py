"""A clock that stood still: the span of a pause is taken out of a limit, whatever the limit counts.

Hours move by the length of the pause. Days move by the part of it that counts: a pause over a holiday moves a limit in working
days by nothing. So pauses add up: one after the other, in pieces or all at once, they give the same due time.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from hotline_rules.calendar import DAY, NaiveMomentError, WorkingCalendar
from hotline_rules.deadlines import LimitUnit, Span, due_at


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Pause:
    """The span [start, end) in which a clock stood still."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Time does not run backwards, and a moment without a zone belongs to no day."""
        for moment in (self.start, self.end):
            if moment.tzinfo is None:
                raise NaiveMomentError(moment)
        if self.end < self.start:
            message = f"A pause cannot end at {self.end.isoformat()}, before it starts at {self.start.isoformat()}."
            raise ValueError(message)


def due_after_pauses(limit: Span, start: datetime, calendar: WorkingCalendar, pauses: Iterable[Pause]) -> datetime:
    """Tell the instant (UTC) from which the step is late, when its clock stood still during the pauses since its start."""
    due = due_at(limit, start, calendar)
    for pause in _merged(pauses):
        if pause.end > start:
            due = postponed(due, replace(pause, start=max(pause.start, start)), limit.unit, calendar)
    return due


def postponed(due: datetime, pause: Pause, unit: LimitUnit, calendar: WorkingCalendar) -> datetime:
    """Tell the due time (UTC) of a limit after a pause that is over: what had been left when it began is left when it ends."""
    if pause.start >= due:
        return due.astimezone(UTC)
    if unit in {LimitUnit.SECONDS, LimitUnit.MINUTES, LimitUnit.HOURS}:
        return (due + (pause.end - pause.start)).astimezone(UTC)
    left = sum(
        (min(end, due) - begin for begin, end in _counted(pause.start, unit, calendar, until=due) if begin < due), timedelta()
    )
    for begin, end in _counted(pause.end, unit, calendar):
        if end - begin >= left:
            return begin + left
        left -= end - begin
    raise AssertionError


def _merged(pauses: Iterable[Pause]) -> Iterator[Pause]:
    """Return the pauses in order, those that overlap as one: time cannot stand still twice."""
    open_one: Pause | None = None
    for pause in sorted(pauses):
        if open_one is not None and pause.start <= open_one.end:
            open_one = replace(open_one, end=max(open_one.end, pause.end))
            continue
        if open_one is not None:
            yield open_one
        open_one = pause
    if open_one is not None:
        yield open_one


def _counted(
    start: datetime, unit: LimitUnit, calendar: WorkingCalendar, *, until: datetime | None = None
) -> Iterator[tuple[datetime, datetime]]:
    """Return the spans from here on that a limit in days counts: each counting date, up to the end of that day."""
    day: date = calendar.local_date(start)
    while until is None or calendar.start_of_day(day) < until:
        begin, end = max(calendar.start_of_day(day), start.astimezone(UTC)), calendar.end_of_day(day)
        if begin < end and (unit is LimitUnit.CALENDAR_DAYS or calendar.is_working_day(day)):
            yield begin, end
        day += DAY
