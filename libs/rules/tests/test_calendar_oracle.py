"""The fast functions against slow ones that look at every minute, over random rosters of holidays and make-up workdays.

The slow ones know three things only: the local date and clock time of a minute, whether that date works, when a day is over.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from hotline_rules.calendar import (
    SHANGHAI,
    CalendarTable,
    Counting,
    DayKind,
    UnknownCalendarYearError,
    WorkingCalendar,
    is_chinese_workday,
    is_weekday,
    joined,
)
from hotline_rules.deadlines import LimitUnit, Span, due_at, due_before
from hotline_rules.pauses import Pause, due_after_pauses, postponed
from hotline_rules.quiet_hours import QuietHours

MINUTE = timedelta(minutes=1)
FIRST = date(2024, 2, 20)
LAST = date(2024, 3, 26)  # the clocks of Los Angeles change on 10 March
ZONES = [SHANGHAI, ZoneInfo("America/Los_Angeles"), ZoneInfo("Asia/Kathmandu")]
DAYS = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days)]
IN_DAYS = (LimitUnit.WORKING_DAYS, LimitUnit.CALENDAR_DAYS)
few = settings(max_examples=40)


@st.composite
def rosters(draw: st.DrawFn, *, zones: tuple[ZoneInfo, ...] = tuple(ZONES)) -> WorkingCalendar:
    """A month with holidays and make-up workdays wherever they fall, under both ways of counting and any end of day."""
    days = draw(st.dictionaries(st.sampled_from(DAYS), st.sampled_from(DayKind), max_size=14))
    ends = st.none() | st.sampled_from([time(17, 30), time(12), time(23, 59), time(0, 1)])
    return WorkingCalendar(
        timezone=draw(st.sampled_from(zones)),
        official=is_weekday,
        table=CalendarTable(days=days),
        counting=draw(st.sampled_from(Counting)),
        day_end=draw(ends),
    )


seconds = st.integers(0, 86_400 * 12)
midnights = st.integers(0, 12).flatmap(lambda day: st.sampled_from([-1, 0, 1]).map(lambda off: max(day * 86_400 + off, 0)))
moments = (seconds | midnights).map(lambda offset: datetime(2024, 3, 1, 8, tzinfo=UTC) + timedelta(seconds=offset))
local_midnights = st.sampled_from(DAYS[8:22]).map(lambda day: datetime.combine(day, time(), SHANGHAI).astimezone(UTC))
spans = st.builds(Span, amount=st.integers(1, 5), unit=st.sampled_from(LimitUnit))
day_spans = st.builds(Span, amount=st.integers(1, 5), unit=st.sampled_from(IN_DAYS))


@dataclass(frozen=True)
class Oracle:
    """Asks one minute after the other."""

    calendar: WorkingCalendar

    def works(self, day: date) -> bool:
        said = self.calendar.table.days.get(day)
        return day.weekday() < 5 if said is None else said is DayKind.WORKING

    def is_over(self, day: date, moment: datetime) -> bool:
        local = moment.astimezone(self.calendar.timezone)
        end = self.calendar.day_end
        return local.date() > day or (local.date() == day and end is not None and local.time() >= end)

    def counts(self, unit: LimitUnit, moment: datetime) -> bool:
        """Whether the minute that begins here is one that a limit of this unit counts."""
        day = moment.astimezone(self.calendar.timezone).date()
        if unit not in IN_DAYS:
            return True
        return not self.is_over(day, moment) and (unit is LimitUnit.CALENDAR_DAYS or self.works(day))

    def due_at(self, limit: Span, start: datetime) -> datetime:
        """Walk until as many days as the limit has are over."""
        if limit.unit not in IN_DAYS:
            return start + timedelta(seconds=limit.amount * {"seconds": 1, "minutes": 60, "hours": 3600}[limit.unit.value])
        first = start.astimezone(self.calendar.timezone).date()
        open_days: set[date] = set()
        left = limit.amount
        for minute in minutes_from(start):
            if over := {day for day in open_days if self.is_over(day, minute)}:
                left, open_days = left - len(over), open_days - over
                if not left:
                    return minute
            day = minute.astimezone(self.calendar.timezone).date()
            may = day > first or (self.calendar.counting is Counting.FROM_START_DAY and not self.is_over(day, start))
            if may and not self.is_over(day, minute) and (limit.unit is LimitUnit.CALENDAR_DAYS or self.works(day)):
                open_days.add(day)
        raise AssertionError

    def due_after_pauses(self, limit: Span, start: datetime, pauses: list[Pause]) -> datetime:
        """Count the minutes that the limit has, and walk until as many have passed with the clock running."""
        due, left = self.due_at(limit, start), 0
        for minute in minutes_from(start):
            if minute >= due:
                break
            left += self.counts(limit.unit, minute)
        for minute in minutes_from(start):
            if not left:
                return minute
            left -= self.counts(limit.unit, minute) and not any(one.start <= minute < one.end for one in pauses)
        raise AssertionError


def minutes_from(start: datetime, step: timedelta = MINUTE) -> Iterator[datetime]:
    """Every whole minute from the one that this moment lies in; the first one is the moment itself."""
    yield start
    minute = start.replace(second=0, microsecond=0)
    while True:
        minute += step
        yield minute


@few
@given(rosters(), moments | local_midnights, spans)
def test_a_limit_is_due_when_the_last_of_its_minutes_has_passed(roster: WorkingCalendar, start: datetime, limit: Span) -> None:
    assert due_at(limit, start, roster) == Oracle(roster).due_at(limit, start)


@few
@given(rosters(zones=(SHANGHAI, ZONES[2])), moments, st.integers(1, 5), st.sampled_from(IN_DAYS), st.integers(1, 4))
def test_a_span_before_a_due_time_is_found_by_walking_back(
    roster: WorkingCalendar, start: datetime, days: int, unit: LimitUnit, limit: int
) -> None:
    due = due_at(Span(amount=limit, unit=LimitUnit.WORKING_DAYS), start, roster)
    oracle, zone = Oracle(roster), roster.timezone
    clock, last = (due - MINUTE).astimezone(zone).time(), (due - MINUTE).astimezone(zone).date()
    passed: set[date] = set()
    for minute in minutes_from(due - MINUTE, -MINUTE):
        local = minute.astimezone(zone)
        if local.date() < last and (unit is LimitUnit.CALENDAR_DAYS or oracle.works(local.date())):
            passed.add(local.date())
            if len(passed) == days and local.time() == clock:
                assert due_before(Span(amount=days, unit=unit), due, roster) == minute + MINUTE
                return


clocks = st.integers(0, 23 * 60 + 59) | st.integers(60, 4 * 60)  # the second are those around which clocks change


def quiet_of(begins: int, ends: int, zone: ZoneInfo) -> tuple[QuietHours, Callable[[datetime], bool]]:
    """Return quiet hours, and the slow way to ask whether a minute is quiet."""
    assume(begins != ends)
    quiet_minutes = {(begins + number) % 1440 for number in range((ends - begins) % 1440)}

    def is_quiet(moment: datetime) -> bool:
        local = moment.astimezone(zone)
        return local.hour * 60 + local.minute in quiet_minutes

    return QuietHours(start=time(begins // 60, begins % 60), end=time(ends // 60, ends % 60), timezone=zone), is_quiet


autumn = st.integers(0, 3 * 1440).map(lambda offset: datetime(2024, 11, 2, tzinfo=UTC) + offset * MINUTE)  # clocks go back


@given(moments | autumn, clocks, clocks, st.sampled_from(ZONES))
@example(datetime(2024, 3, 9, 11, 1, tzinfo=UTC), 181, 121, ZONES[1])
def test_the_next_allowed_minute_is_the_first_that_is_not_quiet(
    start: datetime, begins: int, ends: int, zone: ZoneInfo
) -> None:
    """A101: also where the clock never shows the end of the quiet hours, or shows it twice."""
    quiet, is_quiet = quiet_of(begins, ends, zone)
    expected = next(minute for minute in minutes_from(start) if not is_quiet(minute))
    assert quiet.next_allowed(start) == expected
    assert quiet.contains(start) is is_quiet(start)


@given(moments | autumn, clocks, clocks, st.sampled_from(ZONES))
def test_the_window_of_a_revisit_closes_after_the_last_minute_that_is_not_quiet(
    deadline: datetime, begins: int, ends: int, zone: ZoneInfo
) -> None:
    """A100, A101."""
    quiet, is_quiet = quiet_of(begins, ends, zone)
    deadline = deadline.replace(second=0)
    expected = next(minute for minute in minutes_from(deadline - MINUTE, -MINUTE) if not is_quiet(minute))
    assert quiet.window_closes(deadline) == expected + MINUTE


@given(rosters(), moments, seconds)
def test_the_working_time_of_a_span_is_that_of_its_minutes(roster: WorkingCalendar, start: datetime, length: int) -> None:
    start = start.replace(second=0)
    end = start + timedelta(minutes=length // 240)
    oracle, total = Oracle(roster), Fraction(0)
    for minute in minutes_from(start):
        if minute >= end:
            break
        day = minute.astimezone(roster.timezone).date()
        whole = (roster.start_of_day(day + timedelta(days=1)) - roster.start_of_day(day)) // MINUTE
        total += Fraction(oracle.works(day), whole)
    assert roster.exact_working_days_between(start, end) == total


pauses_of = st.lists(st.tuples(st.integers(-600, 12_000), st.integers(0, 3_000)), max_size=4)


def pauses_at(start: datetime, offsets: list[tuple[int, int]]) -> list[Pause]:
    begun = [(start + timedelta(minutes=offset), timedelta(minutes=length)) for offset, length in offsets]
    return [Pause(start=begin, end=begin + length) for begin, length in begun]


@few
@given(rosters(), moments, spans, pauses_of)
def test_a_stopped_clock_leaves_out_the_minutes_of_its_pauses(
    roster: WorkingCalendar, start: datetime, limit: Span, offsets: list[tuple[int, int]]
) -> None:
    start = start.replace(second=0)
    assume(limit.unit is not LimitUnit.SECONDS)
    pauses = pauses_at(start, offsets)
    assert due_after_pauses(limit, start, roster, pauses) == Oracle(roster).due_after_pauses(limit, start, pauses)


@given(rosters(), moments, spans, st.integers(0, 5_000), st.integers(0, 3_000), st.integers(0, 3_000))
def test_pauses_add_up(roster: WorkingCalendar, start: datetime, limit: Span, offset: int, one: int, other: int) -> None:  # noqa: PLR0917
    """In two pieces, at once, or each on the due time that the one before it left: the same."""
    begin = start + timedelta(minutes=offset)
    middle = begin + timedelta(minutes=one)
    end = middle + timedelta(minutes=other)
    first, second, both = Pause(start=begin, end=middle), Pause(start=middle, end=end), Pause(start=begin, end=end)
    at_once = due_after_pauses(limit, start, roster, [both])
    assert due_after_pauses(limit, start, roster, [second, first]) == at_once
    assert due_after_pauses(limit, start, roster, [both, first, second]) == at_once
    assert at_once == postponed(due_at(limit, start, roster), both, limit.unit, roster)


@given(rosters(), moments, spans, pauses_of, st.integers(0, 3_000), st.integers(0, 5_000))
def test_a_longer_pause_a_larger_limit_or_one_pause_more_is_never_due_earlier(  # noqa: PLR0917
    roster: WorkingCalendar, start: datetime, limit: Span, offsets: list[tuple[int, int]], more: int, at: int
) -> None:
    pauses = pauses_at(start, offsets)
    due = due_after_pauses(limit, start, roster, pauses)
    begin = start + timedelta(minutes=at)
    assert due_after_pauses(limit, start, roster, [*pauses, Pause(start=begin, end=begin + timedelta(minutes=more))]) >= due
    assert due_after_pauses(Span(amount=limit.amount + 1, unit=limit.unit), start, roster, pauses) > due
    assert due >= due_at(limit, start, roster)


@given(rosters(), moments, moments, spans)
def test_a_clock_that_starts_later_is_never_due_earlier(
    roster: WorkingCalendar, one: datetime, other: datetime, limit: Span
) -> None:
    early, late = sorted([one, other])
    assert due_at(limit, early, roster) <= due_at(limit, late, roster)


@given(rosters(), moments, st.integers(1, 4), st.integers(1, 4), st.sampled_from(IN_DAYS))
def test_days_add_up(roster: WorkingCalendar, start: datetime, one: int, other: int, unit: LimitUnit) -> None:
    """From the end of a day on, counting the next days gives the day that counting all of them at once gives."""
    middle = due_at(Span(amount=one, unit=unit), start, roster) - timedelta(microseconds=1)
    assume(roster.counting is Counting.FROM_NEXT_WORKING_DAY)
    whole = due_at(Span(amount=one + other, unit=unit), start, roster)
    assert due_at(Span(amount=other, unit=unit), middle, roster) == whole


@given(rosters(), moments, moments, moments)
def test_working_time_adds_up(roster: WorkingCalendar, one: datetime, two: datetime, three: datetime) -> None:
    between = roster.exact_working_days_between
    assert between(one, two) + between(two, three) == between(one, three)


def test_a_year_nobody_has_published_is_loud_until_the_office_loads_its_table() -> None:
    """A limit that would end in it is refused by the year's number; once the table is joined, it is due."""
    before = WorkingCalendar(timezone=SHANGHAI, official=is_chinese_workday)
    start, limit = datetime(2030, 12, 30, 9, tzinfo=SHANGHAI), Span(amount=3, unit=LimitUnit.WORKING_DAYS)
    with pytest.raises(UnknownCalendarYearError, match="2030"):
        due_at(limit, start, before)
    loaded = CalendarTable(complete_years=frozenset({2030}))
    year = CalendarTable(days={date(2031, 1, 1): DayKind.HOLIDAY}, complete_years=frozenset({2031}))
    half = WorkingCalendar(timezone=SHANGHAI, official=is_chinese_workday, table=loaded)
    with pytest.raises(UnknownCalendarYearError, match="2031"):
        due_at(limit, start, half)
    whole = WorkingCalendar(timezone=SHANGHAI, official=is_chinese_workday, table=joined(loaded, year))
    assert due_at(limit, start, whole) == datetime(2031, 1, 4, tzinfo=SHANGHAI)


def test_a_later_table_says_what_a_date_is() -> None:
    day = date(2031, 1, 1)
    first = CalendarTable(days={day: DayKind.WORKING}, complete_years=frozenset({2031}))
    table = joined(first, CalendarTable(days={day: DayKind.HOLIDAY}))
    assert (table.days[day], table.complete_years) == (DayKind.HOLIDAY, frozenset({2031}))


def test_a_pause_cannot_end_before_it_starts() -> None:
    moment = datetime(2024, 3, 1, 9, tzinfo=UTC)
    with pytest.raises(ValueError, match="cannot end"):
        Pause(start=moment, end=moment - MINUTE)
