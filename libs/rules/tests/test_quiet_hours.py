"""Quiet hours: nobody is telephoned in them, and nobody waits longer than they last (A101)."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline_rules.calendar import SHANGHAI, NaiveMomentError
from hotline_rules.quiet_hours import QuietHours

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
clocks = st.builds(time, st.integers(0, 23), st.integers(0, 59))
spans = st.tuples(clocks, clocks).filter(lambda pair: pair[0] != pair[1])
zones = st.sampled_from([SHANGHAI, LOS_ANGELES, ZoneInfo("Europe/London"), ZoneInfo("Australia/Lord_Howe")])
moments = st.datetimes(datetime(2008, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def night(hour: int, minute: int = 0, day: int = 3) -> datetime:
    return datetime(2021, 3, day, hour, minute, tzinfo=SHANGHAI)


def test_the_night_from_ten_to_eight_is_quiet_and_its_end_is_not() -> None:
    """A101."""
    quiet = QuietHours()
    assert [quiet.contains(night(hour)) for hour in (21, 22, 23, 0, 7, 8)] == [False, True, True, True, True, False]
    assert not quiet.contains(night(21, 59))


def test_a_revisit_due_at_night_waits_until_eight() -> None:
    """A101."""
    assert QuietHours().next_allowed(night(22)) == night(8, day=4)
    assert QuietHours().next_allowed(night(7, 59)) == night(8)
    assert QuietHours().next_allowed(night(12)) == night(12)


def test_a_revisit_at_the_end_of_the_service_is_exempt() -> None:
    """A101."""
    assert QuietHours().next_allowed(night(23), immediate_after_service=True) == night(23)


def test_a_revisit_due_at_midnight_must_be_made_before_ten() -> None:
    """A100 against A101: quiet hours win, the window closes at 22:00 of the last day."""
    assert QuietHours().window_closes(night(0, day=4)) == night(22)
    assert QuietHours().window_closes(night(7)) == night(22, day=2)
    assert QuietHours().window_closes(night(17)) == night(17)


def test_quiet_hours_follow_the_wall_clock_when_it_is_put_forward() -> None:
    quiet = QuietHours(timezone=LOS_ANGELES)
    before = datetime(2017, 3, 11, 22, tzinfo=LOS_ANGELES)
    allowed = quiet.next_allowed(before)
    assert allowed == datetime(2017, 3, 12, 8, tzinfo=LOS_ANGELES)
    assert allowed - before.astimezone(UTC) == timedelta(hours=9)


def test_a_whole_day_cannot_be_quiet() -> None:
    with pytest.raises(ValueError, match="no time to call"):
        QuietHours(start=time(8), end=time(8))


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(NaiveMomentError):
        QuietHours().next_allowed(datetime(2021, 3, 3, 12))  # noqa: DTZ001 - the naive moment is the point


@given(spans, zones, moments)
def test_the_next_allowed_moment_is_never_quiet_and_never_earlier(
    span: tuple[time, time], zone: ZoneInfo, moment: datetime
) -> None:
    quiet = QuietHours(start=span[0], end=span[1], timezone=zone)
    allowed = quiet.next_allowed(moment)
    assert not quiet.contains(allowed)
    assert allowed >= moment
    assert allowed - moment < timedelta(hours=50)
    assert quiet.next_allowed(allowed) == allowed


@given(zones, moments, moments)
def test_a_later_wish_is_never_allowed_earlier(zone: ZoneInfo, one: datetime, other: datetime) -> None:
    quiet = QuietHours(timezone=zone)
    assert quiet.next_allowed(min(one, other)) <= quiet.next_allowed(max(one, other))


@given(zones, moments)
def test_the_last_instant_of_the_window_is_never_quiet(zone: ZoneInfo, deadline: datetime) -> None:
    quiet = QuietHours(timezone=zone)
    closes = quiet.window_closes(deadline)
    assert closes <= deadline
    assert not quiet.contains(closes - timedelta(microseconds=1))
