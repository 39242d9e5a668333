"""Working days of many spans at once: exact, and as cheap as the number of different pairs of dates.

Between two moments there are the working dates from the first date to the last, plus the last date's share, less the first
date's. Shares of a date add up, so spans with the same two dates may be summed before the calendar is asked.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

from hotline_rules.calendar import WorkingCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """Some spans that begin on one local date and end on another: how many, and their seconds since those dates' midnights."""

    first: date
    last: date
    number: int
    began_after: Decimal
    ended_after: Decimal


def working_days(spans: Spans, calendar: WorkingCalendar) -> Fraction:
    """Return the sum of the spans' working days; the same as asking the calendar for each span alone."""
    whole = calendar.exact_working_days_between(_midnight(spans.first, calendar), _midnight(spans.last, calendar))
    return (
        spans.number * whole
        + _share(spans.last, spans.ended_after, calendar)
        - _share(spans.first, spans.began_after, calendar)
    )


def _share(day: date, seconds: Decimal, calendar: WorkingCalendar) -> Fraction:
    if not calendar.is_working_day(day):
        return Fraction(0)
    length = _midnight(day + timedelta(days=1), calendar) - _midnight(day, calendar)
    return Fraction(seconds) / (length // timedelta(seconds=1))


def _midnight(day: date, calendar: WorkingCalendar) -> datetime:
    return datetime.combine(day, time(), calendar.timezone).astimezone(UTC)
