"""Limits: hours run through nights and holidays, days end when the calendar ends them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline_rules.calendar import SHANGHAI, NaiveMomentError, WorkingCalendar, china_calendar, weekend_calendar
from hotline_rules.deadlines import LimitUnit, Span, due_at, due_before

FRIDAY = datetime(2021, 3, 5, 16, tzinfo=SHANGHAI)
calendars = st.sampled_from([china_calendar(), weekend_calendar(ZoneInfo("America/Los_Angeles"))])
moments = st.datetimes(datetime(2006, 1, 1), datetime(2025, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001


def limit(amount: int, unit: LimitUnit) -> Span:
    return Span(amount=amount, unit=unit)


def test_an_hour_is_an_hour_of_the_clock_whatever_the_day() -> None:
    assert due_at(limit(24, LimitUnit.HOURS), FRIDAY, china_calendar()) == FRIDAY + timedelta(days=1)


def test_a_calendar_day_may_end_on_a_weekend() -> None:
    due = due_at(limit(1, LimitUnit.CALENDAR_DAYS), FRIDAY, china_calendar())
    assert due == datetime(2021, 3, 7, tzinfo=SHANGHAI)


def test_a_working_day_may_not_end_on_a_weekend() -> None:
    due = due_at(limit(1, LimitUnit.WORKING_DAYS), FRIDAY, china_calendar())
    assert due == datetime(2021, 3, 9, tzinfo=SHANGHAI)


def test_hours_keep_their_length_when_the_clock_is_put_forward() -> None:
    los_angeles = ZoneInfo("America/Los_Angeles")
    start = datetime(2017, 3, 11, 20, tzinfo=los_angeles)
    due = due_at(limit(24, LimitUnit.HOURS), start, weekend_calendar(los_angeles))
    assert due == datetime(2017, 3, 12, 21, tzinfo=los_angeles)


def test_the_hour_that_comes_twice_when_the_clock_is_put_back_is_two_hours() -> None:
    los_angeles = ZoneInfo("America/Los_Angeles")
    calendar, hour = weekend_calendar(los_angeles), limit(1, LimitUnit.HOURS)
    first, second = (datetime(2017, 11, 5, 1, 30, fold=fold, tzinfo=los_angeles) for fold in (0, 1))
    assert due_at(hour, first, calendar) == datetime(2017, 11, 5, 9, 30, tzinfo=UTC)
    assert due_at(hour, second, calendar) == datetime(2017, 11, 5, 10, 30, tzinfo=UTC)
    assert due_before(hour, first, calendar) == datetime(2017, 11, 5, 7, 30, tzinfo=UTC)
    assert due_before(hour, second, calendar) == datetime(2017, 11, 5, 8, 30, tzinfo=UTC)


def test_a_limit_that_is_over_before_it_begins_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="least is 1"):
        limit(0, LimitUnit.HOURS)


def test_a_clock_cannot_start_at_a_moment_without_a_time_zone() -> None:
    with pytest.raises(NaiveMomentError):
        due_at(limit(1, LimitUnit.HOURS), FRIDAY.replace(tzinfo=None), china_calendar())


@given(calendars, moments, st.integers(1, 30), st.sampled_from(LimitUnit))
def test_a_working_limit_is_never_due_before_the_same_calendar_limit(
    calendar: WorkingCalendar, start: datetime, amount: int, unit: LimitUnit
) -> None:
    due = due_at(limit(amount, unit), start, calendar)
    assert due > start
    assert due.tzinfo is UTC
    calendar_due = due_at(limit(amount, LimitUnit.CALENDAR_DAYS), start, calendar)
    assert due_at(limit(amount, LimitUnit.WORKING_DAYS), start, calendar) >= calendar_due
