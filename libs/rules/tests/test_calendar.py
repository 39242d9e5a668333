"""Working days: what counts, when a limit runs out, and how spans are measured."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline_rules.calendar import (
    SHANGHAI,
    CalendarTable,
    Counting,
    DayKind,
    NaiveMomentError,
    UnknownCalendarYearError,
    WorkingCalendar,
    china_calendar,
    weekend_calendar,
)

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
INSTANT = timedelta(microseconds=1)
CALENDARS = [
    china_calendar(),
    china_calendar(counting=Counting.FROM_START_DAY),
    china_calendar(day_end=time(17, 30)),
    weekend_calendar(LOS_ANGELES),
    weekend_calendar(LOS_ANGELES, [date(2016, 7, 4), date(2016, 12, 26)], counting=Counting.FROM_START_DAY),
]
calendars = st.sampled_from(CALENDARS)
moments = st.datetimes(datetime(2006, 1, 1), datetime(2025, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001
amounts = st.integers(1, 40)


def shanghai(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[misc,arg-type]


def test_a_make_up_sunday_is_a_working_day() -> None:
    assert china_calendar().is_working_day(date(2020, 1, 19))
    assert not china_calendar().is_working_day(date(2020, 1, 24))
    assert not china_calendar().is_working_day(date(2020, 1, 18))


def test_a_limit_over_the_spring_festival_counts_the_make_up_sunday() -> None:
    due = china_calendar().add_working_days(shanghai(2020, 1, 17, 11), 5)
    assert due == shanghai(2020, 1, 24)


def test_the_day_of_dispatch_never_counts_even_just_after_midnight() -> None:
    calendar = china_calendar()
    assert calendar.add_working_days(shanghai(2021, 3, 3), 1) == shanghai(2021, 3, 5)
    assert calendar.add_working_days(shanghai(2021, 3, 2, 23, 59, 59), 1) == shanghai(2021, 3, 4)


def test_a_pack_may_count_the_start_day_until_it_is_over() -> None:
    calendar = china_calendar(counting=Counting.FROM_START_DAY, day_end=time(17, 30))
    assert calendar.add_working_days(shanghai(2021, 3, 3, 17, 29), 1) == shanghai(2021, 3, 3, 17, 30)
    assert calendar.add_working_days(shanghai(2021, 3, 3, 17, 30), 1) == shanghai(2021, 3, 4, 17, 30)


def test_a_year_without_an_official_calendar_is_refused_by_its_number() -> None:
    with pytest.raises(UnknownCalendarYearError, match="2027") as refused:
        china_calendar().add_working_days(shanghai(2026, 12, 30), 5)
    assert refused.value.year == 2027


def test_the_office_opens_a_year_by_loading_its_table() -> None:
    table = CalendarTable(
        days={date(2027, 1, 1): DayKind.HOLIDAY, date(2027, 1, 3): DayKind.WORKING}, complete_years=frozenset({2027})
    )
    calendar = china_calendar(table)
    assert [calendar.is_working_day(date(2027, 1, day)) for day in (1, 2, 3, 4)] == [False, False, True, True]
    assert calendar.add_working_days(shanghai(2026, 12, 31, 9), 1) == shanghai(2027, 1, 4)


def test_the_office_overrides_single_days_of_a_known_year() -> None:
    calendar = china_calendar(CalendarTable(days={date(2021, 3, 3): DayKind.HOLIDAY}))
    assert not calendar.is_working_day(date(2021, 3, 3))
    assert calendar.is_working_day(date(2021, 3, 4))


def test_a_loaded_table_cannot_be_changed_afterwards() -> None:
    days = {date(2021, 3, 3): DayKind.HOLIDAY}
    calendar = china_calendar(CalendarTable(days=days))
    days.clear()
    assert not calendar.is_working_day(date(2021, 3, 3))


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(NaiveMomentError):
        china_calendar().add_working_days(datetime(2021, 3, 3), 1)  # noqa: DTZ001 - the naive moment is the point


def test_a_limit_of_no_days_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one day"):
        china_calendar().add_working_days(shanghai(2021, 3, 3), 0)


def test_a_span_over_a_weekend_counts_only_its_working_parts() -> None:
    friday_noon, monday_noon = shanghai(2021, 3, 5, 12), shanghai(2021, 3, 8, 12)
    assert china_calendar().working_days_between(friday_noon, monday_noon) == Decimal(1)
    assert china_calendar().working_days_between(monday_noon, friday_noon) == Decimal(-1)
    assert china_calendar().working_days_between(shanghai(2021, 3, 6), shanghai(2021, 3, 7, 23)) == 0


def test_a_day_of_twenty_three_hours_is_one_day() -> None:
    calendar = weekend_calendar(LOS_ANGELES)
    working_sunday = WorkingCalendar(timezone=LOS_ANGELES, official=lambda _day: True)
    start, end = datetime(2017, 3, 12, tzinfo=LOS_ANGELES), datetime(2017, 3, 13, tzinfo=LOS_ANGELES)
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=23)
    assert working_sunday.exact_working_days_between(start, end) == 1
    assert calendar.exact_working_days_between(start, end) == 0


@given(calendars, moments, amounts)
def test_a_deadline_ends_a_working_day_after_the_start(calendar: WorkingCalendar, start: datetime, days: int) -> None:
    due = calendar.add_working_days(start, days)
    assert due > start
    assert calendar.is_working_day(calendar.local_date(due - INSTANT))
    assert calendar.end_of_day(calendar.local_date(due - INSTANT)) == due


@given(calendars, moments, moments, amounts, amounts)
def test_a_later_start_or_a_longer_limit_is_never_due_earlier(
    calendar: WorkingCalendar, one: datetime, other: datetime, few: int, many: int
) -> None:
    (first, second), (short, long) = sorted((one, other)), sorted((few, many))
    assert calendar.add_working_days(first, short) <= calendar.add_working_days(second, short)
    assert calendar.add_working_days(first, short) <= calendar.add_working_days(first, long)


@given(calendars, moments, amounts, st.integers(1, 40))
def test_days_added_one_after_the_other_are_the_days_added_at_once(
    calendar: WorkingCalendar, start: datetime, few: int, more: int
) -> None:
    stepwise = calendar.add_working_days(start, few) - INSTANT
    counted_already = calendar.counting is Counting.FROM_START_DAY
    assert calendar.add_working_days(stepwise, more + counted_already) == calendar.add_working_days(start, few + more)


@given(calendars, moments, amounts)
def test_the_dates_between_start_and_deadline_hold_exactly_the_days_of_the_limit(
    calendar: WorkingCalendar, start: datetime, days: int
) -> None:
    """A slow walk over every date is the oracle."""
    due = calendar.add_working_days(start, days)
    first, last = calendar.local_date(start), calendar.local_date(due - INSTANT)
    walked = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    first_may_count = calendar.counting is Counting.FROM_START_DAY and start < calendar.end_of_day(first)
    assert sum(calendar.is_working_day(day) for day in walked if day != first or first_may_count) == days


@given(calendars, moments, moments, moments)
def test_spans_that_touch_add_up_exactly(calendar: WorkingCalendar, a: datetime, b: datetime, c: datetime) -> None:
    between = calendar.exact_working_days_between
    assert between(a, b) + between(b, c) == between(a, c)
    assert between(min(a, b), max(a, b)) >= 0


@given(calendars, moments, st.integers(0, 900))
def test_a_span_equals_the_slow_count_of_its_days(calendar: WorkingCalendar, start: datetime, hours: int) -> None:
    """Split at every local midnight; each piece counts its share of that date."""
    end, slow, at = start + timedelta(hours=hours), Fraction(0), start
    while at < end:
        day = calendar.local_date(at)
        midnight = datetime.combine(day, time(), calendar.timezone).astimezone(UTC)
        next_midnight = datetime.combine(day + timedelta(days=1), time(), calendar.timezone).astimezone(UTC)
        until = min(end, next_midnight)
        if calendar.is_working_day(day):
            slow += Fraction((until - at) // INSTANT, (next_midnight - midnight) // INSTANT)
        at = until
    assert calendar.exact_working_days_between(start, end) == slow
