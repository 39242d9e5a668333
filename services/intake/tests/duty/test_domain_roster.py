"""Rosters: the shifts of a day, and who is on duty in each tier."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from hotline_events.catalogue.intake import (
    DutyPost,
)
from hotline_events.testing import given
from intake.domain import duty_refusals, roster


@pytest.mark.parametrize(
    ("day", "spans"),
    [
        ("2026-03-02", ["day 08:30-17:30", "night 17:30-08:30"]),  # a Monday
        ("2026-03-07", ["early 08:30-16:30", "late 16:30-00:30", "night 00:30-08:30"]),  # a Saturday
        ("2026-02-14", ["day 08:30-17:30", "night 17:30-08:30"]),  # a Saturday on which offices work
        ("2026-02-17", ["early 08:30-16:30", "late 16:30-00:30", "night 00:30-08:30"]),  # a Tuesday, Spring Festival
    ],
)
def test_a_working_day_has_two_shifts_and_a_day_off_three(day: str, spans: list[str], duty: Any) -> None:
    """A135: a make-up workday is a working day."""
    shifts = roster.shifts_of(date.fromisoformat(day), duty.RULES)
    local = [(one.name, *(moment.astimezone(duty.RULES.timezone) for moment in (one.starts_at, one.ends_at))) for one in shifts]
    assert [f"{name} {start:%H:%M}-{end:%H:%M}" for name, start, end in local] == spans
    assert [one.ends_at for one in shifts[:-1]] == [one.starts_at for one in shifts[1:]]
    assert shifts[-1].ends_at - shifts[0].starts_at == timedelta(days=1)


def test_a_roster_names_three_tiers_in_every_shift_of_its_day(duty: Any) -> None:
    """A134, A135."""
    (event,) = given(roster.decider).when(duty.publish()).events
    assert [(one.name, len(one.posts), one.follows) for one in event.shifts] == [("day", 4, None), ("night", 4, duty.ID)]
    assert (event.shifts[0].check_in_by, event.shifts[0].absent_from) == (duty.clock("08:20"), duty.clock("08:40"))
    assert (event.shifts[0].chief_notice_at, event.rule_version) == (duty.clock("08:00"), "default/1")
    given(roster.decider, event).when(duty.publish()).then_nothing()
    changed = replace(duty.publish(), posts={"day": duty.PEOPLE, "night": duty.PEOPLE})
    given(roster.decider, event).when(changed).then_rejected(duty_refusals.RosterAlreadyPublishedError)


def test_a_roster_of_the_wrong_shifts_or_without_a_tier_is_refused(duty: Any) -> None:
    """A134, A135."""
    nobody = given(roster.decider)
    weekend = duty.publish(duty.SATURDAY, early=duty.PEOPLE, late=duty.PEOPLE, night=duty.PEOPLE)
    assert nobody.when(weekend).refusal is None
    nobody.when(replace(weekend, day=duty.MONDAY)).then_rejected(duty_refusals.RosterShiftsError)
    for number, tier in enumerate(("duty_chief", "shift_leader")):
        fewer = duty.PEOPLE[:number] + duty.PEOPLE[number + 1 :]
        duty.refused(
            nobody.when(replace(weekend, posts={**weekend.posts, "late": fewer})), duty_refusals.TierMissingError, tier
        )
    twice = (*duty.PEOPLE, DutyPost(staff_id="ann", tier="duty_chief"))
    nobody.when(replace(weekend, posts={**weekend.posts, "late": twice})).then_rejected(duty_refusals.DuplicatePostError)
    stranger = (*duty.PEOPLE, DutyPost(staff_id="eve", tier="cook"))
    nobody.when(replace(weekend, posts={**weekend.posts, "late": stranger})).then_rejected(duty_refusals.UnknownTierError)
