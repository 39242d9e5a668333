"""When something is open: opening hours by the official calendar, and the working time of offices (A04, A62)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from hotline_events.catalogue.intake import OpenDays, OpeningSpan
from hotline_rules.calendar import UnknownCalendarYearError
from hotline_rules.pack import RulePack
from intake.domain.line_refusals import CalendarUnknownError

DAY = timedelta(days=1)
_DAYS_AHEAD = 62  # the longest run of days off is a festival's week
_MIDNIGHT = "24:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """How it is at a moment: open until `closes_at`, or closed until `opens_at`; None is not within two months."""

    is_open: bool
    closes_at: datetime | None = None
    opens_at: datetime | None = None


def clock_of(text: str) -> time:
    """Read HH:MM; 24:00 is the midnight that ends the day."""
    return time() if text == _MIDNIGHT else time.fromisoformat(text)


def local_instant(day: date, text: str, rules: RulePack) -> datetime:
    """Tell the instant (UTC) of a local time of a day."""
    there = day + DAY if text == _MIDNIGHT else day
    return datetime.combine(there, clock_of(text), rules.timezone).astimezone(UTC)


def opening_at(hours: Sequence[OpeningSpan], moment: datetime, rules: RulePack) -> Opening:
    """Say whether it is open at a moment, and when that changes. A year without a calendar is refused by name."""
    first = moment.astimezone(rules.timezone).date()
    last = first + DAY * _DAYS_AHEAD
    open_until: datetime | None = None
    for start, end in _open_spans(hours, first, last, rules):
        if open_until is not None and start > open_until:
            return Opening(is_open=True, closes_at=open_until)
        if start > moment and open_until is None:
            return Opening(is_open=False, opens_at=start)
        if end > moment:
            open_until = end if open_until is None else max(open_until, end)
    return Opening(is_open=open_until is not None)


def office_hours(rules: RulePack) -> list[OpeningSpan]:
    """Return the working time of offices as opening hours (A04)."""
    hours = rules.lines.office_hours
    return [OpeningSpan(days=OpenDays.WORKING_DAYS, start=f"{hours.start:%H:%M}", end=f"{hours.end:%H:%M}")]


def meets_office_hours(start: datetime, end: datetime, rules: RulePack) -> bool:
    """Say whether any of [start, end) is the working time of an office (A04)."""
    first, last = (moment.astimezone(rules.timezone).date() for moment in (start, end))
    return any(opens < end and closes > start for opens, closes in _open_spans(office_hours(rules), first, last, rules))


def is_office_hours(moment: datetime, rules: RulePack) -> bool:
    """Say whether a moment lies in the working time of an office (A04)."""
    return meets_office_hours(moment, moment + timedelta(microseconds=1), rules)


def _open_spans(hours: Sequence[OpeningSpan], first: date, last: date, rules: RulePack) -> Iterator[tuple[datetime, datetime]]:
    """Yield the spans of the days from first to last, in the order in which they start."""
    day = first
    while day <= last:
        try:
            works = rules.calendar.is_working_day(day) if any(span.days is not OpenDays.EVERY_DAY for span in hours) else True
        except UnknownCalendarYearError as unknown:
            raise CalendarUnknownError(str(unknown.year)) from unknown
        kind = OpenDays.WORKING_DAYS if works else OpenDays.DAYS_OFF
        spans = [span for span in hours if span.days in {OpenDays.EVERY_DAY, kind}]
        yield from sorted((local_instant(day, span.start, rules), local_instant(day, span.end, rules)) for span in spans)
        day += DAY
