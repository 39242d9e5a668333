"""Limits and the moments at which they run out."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import assert_never

from hotline_rules.calendar import NaiveMomentError, WorkingCalendar


class LimitKind(StrEnum):
    """The clocks of one matter. All but the revisit's start at dispatch, never at sign-off."""

    SIGN = "sign"
    RETURN = "return"
    CONTACT = "contact"
    RESOLVE = "resolve"
    REVISIT = "revisit"


class LimitUnit(StrEnum):
    """What an amount counts."""

    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """How long something may take or must be away: an amount of a unit."""

    amount: int
    unit: LimitUnit

    def __post_init__(self) -> None:
        """A limit that has run out before it began is a mistake of the pack."""
        if self.amount < 1:
            message = f"A span is {self.amount} {self.unit}; the least is 1."
            raise ValueError(message)


def due_at(limit: Span, start: datetime, calendar: WorkingCalendar) -> datetime:
    """Tell the instant (UTC) from which the step is late.

    Hours are hours of the clock, nights and holidays included; days end when the calendar says that a day ends.
    """
    if start.tzinfo is None:
        raise NaiveMomentError(start)
    return _after(limit, start.astimezone(UTC), calendar)


def due_before(span: Span, due: datetime, calendar: WorkingCalendar) -> datetime:
    """Tell the instant (UTC) that lies a span before a due time.

    Days are whole: one working day before a due time at the end of a working day is the end of the working day before it.
    """
    if due.tzinfo is None:
        raise NaiveMomentError(due)
    return _before(span, due.astimezone(UTC), calendar)


# What is due at the same end of a day asks the same again and again, so answers are kept, by the instant in UTC: two times of
# one zone are equal though the clocks were put back between them. A refusal is not kept.
@lru_cache(maxsize=4_096)
def _after(limit: Span, start: datetime, calendar: WorkingCalendar) -> datetime:
    match limit.unit:
        case LimitUnit.SECONDS | LimitUnit.MINUTES | LimitUnit.HOURS:
            return start + timedelta(**{limit.unit.value: limit.amount})
        case LimitUnit.CALENDAR_DAYS:
            return calendar.add_calendar_days(start, limit.amount)
        case LimitUnit.WORKING_DAYS:
            return calendar.add_working_days(start, limit.amount)
        case _:
            assert_never(limit.unit)


@lru_cache(maxsize=4_096)
def _before(span: Span, due: datetime, calendar: WorkingCalendar) -> datetime:
    match span.unit:
        case LimitUnit.SECONDS | LimitUnit.MINUTES | LimitUnit.HOURS:
            return due - timedelta(**{span.unit.value: span.amount})
        case LimitUnit.CALENDAR_DAYS:
            return calendar.back_calendar_days(due, span.amount)
        case LimitUnit.WORKING_DAYS:
            return calendar.back_working_days(due, span.amount)
        case _:
            assert_never(span.unit)
