"""Working days: which local dates count, and how time is measured in them.

A calendar never guesses. A year whose official holidays are not known is refused by name until the office
loads a table for it: a deadline computed from an invented calendar would be binding and wrong.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import ClassVar
from zoneinfo import ZoneInfo

import chinese_calendar

SATURDAY = 5
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)
MILLIONTH = Decimal("0.000001")


class UnknownCalendarYearError(LookupError):
    """Nobody has published, or loaded, the holidays of this year: what is decided waits until the office has."""

    awaits_office: ClassVar[bool] = True

    def __init__(self, year: int) -> None:
        """Name the year, so that the office knows which table to load."""
        super().__init__(f"The working-day calendar of {year} is not known: load the office's table for {year}.")
        self.year = year


class NaiveMomentError(ValueError):
    """A moment without a time zone belongs to no day."""

    def __init__(self, moment: datetime) -> None:
        """Show the moment that was handed in."""
        super().__init__(f"{moment.isoformat()} has no time zone.")


class DayKind(StrEnum):
    """What the office's table may say of a date."""

    WORKING = "working"
    HOLIDAY = "holiday"


class Counting(StrEnum):
    """Which day is the first of a limit."""

    FROM_NEXT_WORKING_DAY = "from_next_working_day"
    FROM_START_DAY = "from_start_day"


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarTable:
    """What the office says over and above the official calendar.

    `days` overrides single dates of any year. A year in `complete_years` is known entirely from this table: its dates
    that `days` does not name are working from Monday to Friday. That is how a year opens before the library knows it.
    """

    days: Mapping[date, DayKind] = field(default_factory=dict)
    complete_years: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        """Nobody may change a table that deadlines were computed from."""
        object.__setattr__(self, "days", MappingProxyType(dict(self.days)))


NO_TABLE = CalendarTable()


def joined(first: CalendarTable, later: CalendarTable) -> CalendarTable:
    """Return both tables as one. A year that the later one knows entirely is the later one's alone, so a correction takes
    back what it leaves out; of any other date that both name, the later one says what it is.
    """
    kept = {day: kind for day, kind in first.days.items() if day.year not in later.complete_years}
    return CalendarTable(days={**kept, **later.days}, complete_years=first.complete_years | later.complete_years)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class WorkingCalendar:
    """Working days in one time zone.

    `official` answers for a date or raises UnknownCalendarYearError; the table is asked first.
    `day_end` is the local time at which a working day is over; None means 24:00.
    """

    timezone: ZoneInfo
    official: Callable[[date], bool]
    table: CalendarTable = NO_TABLE
    counting: Counting = Counting.FROM_NEXT_WORKING_DAY
    day_end: time | None = None

    def is_working_day(self, day: date) -> bool:
        """Whether this local date counts."""
        said = self.table.days.get(day)
        if said is not None:
            return said is DayKind.WORKING
        if day.year in self.table.complete_years:
            return is_weekday(day)
        return self.official(day)

    def local_date(self, moment: datetime) -> date:
        """Tell the local date on which a moment falls."""
        return self._local(moment).date()

    def start_of_day(self, day: date) -> datetime:
        """Tell the instant (UTC) of this local date's midnight."""
        return datetime.combine(day, time(), self.timezone).astimezone(UTC)

    def end_of_day(self, day: date) -> datetime:
        """Tell the instant (UTC) at which this local date's working time is over; 24:00 is the next date's midnight."""
        if self.day_end is None:
            return self.start_of_day(day + DAY)
        return datetime.combine(day, self.day_end, self.timezone).astimezone(UTC)

    def add_working_days(self, moment: datetime, days: int) -> datetime:
        """Tell the deadline (UTC): the end of the nth working day, counted as the calendar says.

        With from_next_working_day the start's own date never counts, whatever the hour. With from_start_day it counts
        when it is a working day that is not yet over. So a deadline's last instant lies in a working day, always.
        """
        return self._end_of_nth_day(moment, days, self.is_working_day)

    def add_calendar_days(self, moment: datetime, days: int) -> datetime:
        """Tell the deadline (UTC): the end of the nth date, every date counting."""
        return self._end_of_nth_day(moment, days, _every_day)

    def back_working_days(self, due: datetime, days: int) -> datetime:
        """Tell the moment (UTC) at the due time's clock time on the nth working day before the day that the due time ends."""
        return self._back(due, days, self.is_working_day)

    def back_calendar_days(self, due: datetime, days: int) -> datetime:
        """Tell the moment (UTC) at the due time's clock time the nth date before, every date counting."""
        return self._back(due, days, _every_day)

    def working_days_between(self, start: datetime, end: datetime) -> Decimal:
        """Measure the elapsed working days, to a millionth.

        Each working date from midnight to midnight is one day; a part of it counts as its share of that date's real
        length (23 or 25 hours where clocks change); other dates count nothing. Midnight ends the measure even where
        `day_end` is earlier, so a late evening is never free. A negative span is the negative of the reversed one.
        """
        exact = self.exact_working_days_between(start, end)
        return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(MILLIONTH)

    def exact_working_days_between(self, start: datetime, end: datetime) -> Fraction:
        """Measure without rounding: spans that touch add up exactly."""
        first, last = self.local_date(start), self.local_date(end)
        return self._count(first, last) + self._share(last, end) - self._share(first, start)

    def _end_of_nth_day(self, moment: datetime, days: int, counts: Callable[[date], bool]) -> datetime:
        if days < 1:
            message = f"A limit in days needs at least one day, not {days}."
            raise ValueError(message)
        day = self.local_date(moment)
        left = days
        if self.counting is Counting.FROM_START_DAY and counts(day) and moment < self.end_of_day(day):
            left -= 1
        while left:
            day += DAY
            left -= counts(day)
        return self.end_of_day(day)

    def _back(self, due: datetime, days: int, counts: Callable[[date], bool]) -> datetime:
        # The due time is the end of a day: midnight belongs to the day before it.
        local = self._local(due - MICROSECOND)
        day, left = local.date(), days
        while left:
            day -= DAY
            left -= counts(day)
        return (datetime.combine(day, local.time(), self.timezone) + MICROSECOND).astimezone(UTC)

    def _local(self, moment: datetime) -> datetime:
        if moment.tzinfo is None:
            raise NaiveMomentError(moment)
        return moment.astimezone(self.timezone)

    def _share(self, day: date, moment: datetime) -> Fraction:
        if not self.is_working_day(day):
            return Fraction(0)
        start = self.start_of_day(day)
        return Fraction((moment - start) // MICROSECOND, (self.start_of_day(day + DAY) - start) // MICROSECOND)

    def _count(self, first: date, last: date) -> int:
        """Count the working dates in [first, last), backwards as a negative number; whole years from the cache."""
        if last < first:
            return -self._count(last, first)
        whole = sum(_year_count(self, year)[-1] for year in range(first.year, last.year))
        return whole + _year_count(self, last.year)[_ordinal(last)] - _year_count(self, first.year)[_ordinal(first)]


def china_calendar(
    table: CalendarTable = NO_TABLE,
    *,
    timezone: ZoneInfo = SHANGHAI,
    counting: Counting = Counting.FROM_NEXT_WORKING_DAY,
    day_end: time | None = None,
) -> WorkingCalendar:
    """China's official calendar with its make-up workdays, for the years that the library knows (2004 to 2026)."""
    return WorkingCalendar(timezone=timezone, official=is_chinese_workday, table=table, counting=counting, day_end=day_end)


def weekend_calendar(
    timezone: ZoneInfo,
    holidays: Iterable[date] = (),
    *,
    counting: Counting = Counting.FROM_NEXT_WORKING_DAY,
    day_end: time | None = None,
) -> WorkingCalendar:
    """Monday to Friday less the holidays named: for cities whose years need no official publication."""
    table = CalendarTable(days=dict.fromkeys(holidays, DayKind.HOLIDAY))
    return WorkingCalendar(timezone=timezone, official=is_weekday, table=table, counting=counting, day_end=day_end)


def is_weekday(day: date) -> bool:
    """Whether a date is Monday to Friday."""
    return day.weekday() < SATURDAY


@lru_cache(maxsize=20_000)
def is_chinese_workday(day: date) -> bool:
    """Whether a date is an official working day of China; a year that is not published is refused.

    The library looks through all its years each time, which made it most of what a decision about clocks took.
    """
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError as unknown:
        raise UnknownCalendarYearError(day.year) from unknown


def _every_day(_day: date) -> bool:
    return True


def _ordinal(day: date) -> int:
    return day.timetuple().tm_yday - 1


@lru_cache(maxsize=512)
def _year_count(calendar: WorkingCalendar, year: int) -> tuple[int, ...]:
    """Working dates before each date of the year; the last figure is the whole year's."""
    counts = [0]
    day = date(year, 1, 1)
    while day.year == year:
        counts.append(counts[-1] + calendar.is_working_day(day))
        if day == date.max:
            break
        day += DAY
    return tuple(counts)
