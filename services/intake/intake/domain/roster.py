"""The roster of a line's day: every shift of the day, three tiers in each (A134, A135).

A make-up workday is a working day, a festival is a day off: the official calendar says which shifts a day has. A roster is
published once; afterwards posts change one by one, so that its history stays (A136).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import assert_never
from uuid import UUID, uuid5

from hotline_events.catalogue.intake import DutyPost, RosteredShift, RosterPublished
from hotline_events.decider import Decider
from hotline_rules.calendar import UnknownCalendarYearError
from hotline_rules.pack import RulePack
from intake.domain.duty_refusals import (
    DuplicatePostError,
    RosterAlreadyPublishedError,
    RosterShiftsError,
    TierMissingError,
    UnknownTierError,
)
from intake.domain.line_refusals import CalendarUnknownError

DAY = timedelta(days=1)
_SHIFTS = UUID("6f1d1f0e-0d0c-5f0a-9b0e-12345c0de002")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftSpan:
    """A shift of a day, from `starts_at` until `ends_at`."""

    name: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishRoster:
    """`follows` is the last shift of the day before, where one is rostered."""

    line: str
    day: date
    posts: Mapping[str, tuple[DutyPost, ...]]
    round_the_clock: bool
    follows: UUID | None
    by: str
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """The posts as they were published, by shift; None before."""

    posts: Mapping[str, tuple[DutyPost, ...]] | None = None


def roster_id_of(line: str, day: date) -> str:
    return f"{line}_{day.isoformat()}"


def shift_id_of(line: str, day: date, name: str) -> UUID:
    return uuid5(_SHIFTS, f"{line}/{day.isoformat()}/{name}")


def shifts_of(day: date, rules: RulePack) -> list[ShiftSpan]:
    """Tell the shifts that begin on a day, each after the one before it; the last one may end on the next day."""
    try:
        works = rules.calendar.is_working_day(day)
    except UnknownCalendarYearError as unknown:
        raise CalendarUnknownError(str(unknown.year)) from unknown
    spans: list[ShiftSpan] = []
    after = datetime.combine(day, time(), rules.timezone)
    for shift in rules.duty.weekday_shifts if works else rules.duty.weekend_shifts:
        starts = _next(shift.start, after)
        ends = _next(shift.end, starts + timedelta(minutes=1))
        spans.append(ShiftSpan(name=shift.name, starts_at=starts.astimezone(UTC), ends_at=ends.astimezone(UTC)))
        after = ends
    return spans


def _next(clock: time, after: datetime) -> datetime:
    """Tell the first moment at this local time that is not before another."""
    moment = datetime.combine(after.date(), clock, after.tzinfo)
    return moment if moment >= after else datetime.combine(after.date() + DAY, clock, after.tzinfo)


def decide(roster: Roster, command: PublishRoster) -> list[RosterPublished]:
    match command:
        case PublishRoster():
            return _publish(roster, command)
        case _:
            assert_never(command)


def evolve(_roster: Roster, event: RosterPublished) -> Roster:
    return Roster(posts={shift.name: shift.posts for shift in event.shifts})


def _publish(roster: Roster, command: PublishRoster) -> list[RosterPublished]:
    spans = shifts_of(command.day, command.rules)
    if {span.name for span in spans} != command.posts.keys():
        raise RosterShiftsError
    for posts in command.posts.values():
        _check_posts(posts, command.rules.duty.tiers)
    if roster.posts is not None:
        if roster.posts == command.posts:
            return []
        raise RosterAlreadyPublishedError
    return [
        RosterPublished(
            line=command.line,
            day=command.day.isoformat(),
            round_the_clock=command.round_the_clock,
            answering_tier=command.rules.duty.answering_tier,
            shifts=_shifts(command, spans),
            published_by=command.by,
            rule_version=command.rules.number,
            occurred_at=command.now,
        )
    ]


def _check_posts(posts: Sequence[DutyPost], tiers: Sequence[str]) -> None:
    if any(post.tier not in tiers for post in posts):
        raise UnknownTierError
    for tier in tiers:
        if all(post.tier != tier for post in posts):
            raise TierMissingError(tier)
    if len({post.staff_id for post in posts}) < len(posts):
        raise DuplicatePostError


def _shifts(command: PublishRoster, spans: Sequence[ShiftSpan]) -> tuple[RosteredShift, ...]:
    rules, duty = command.rules, command.rules.duty
    shifts: list[RosteredShift] = []
    follows = command.follows
    for span in spans:
        shift_id = shift_id_of(command.line, command.day, span.name)
        shifts.append(
            RosteredShift(
                shift_id=shift_id,
                name=span.name,
                starts_at=span.starts_at,
                ends_at=span.ends_at,
                chief_notice_at=rules.before(duty.notify_chief_before, span.starts_at),
                check_in_by=rules.before(duty.check_in_before, span.starts_at),
                absent_from=rules.after(duty.absent_after, span.starts_at),
                follows=follows,
                posts=command.posts[span.name],
            )
        )
        follows = shift_id
    return tuple(shifts)


decider: Decider[PublishRoster, Roster, RosterPublished] = Decider("roster", decide, evolve, Roster())
