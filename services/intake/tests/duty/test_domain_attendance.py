"""Checking in, breaks, and the three faults of absence, gap and substitution: given, when, then."""

from dataclasses import replace
from typing import Any

from hotline_events.catalogue.intake import (
    AbsenceWithdrawn,
    BreakBegan,
    BreakEnded,
    DutyChiefNotified,
    GapDetected,
    HandoverAccepted,
    LateArrivalRecorded,
    PostsChanged,
    ShiftCheckedIn,
    ShiftEnded,
    SubstitutionDetected,
)
from hotline_events.testing import given
from intake.adapters.desk_reactions import on_absence
from intake.domain import duty_refusals, shift
from intake.domain.refusals import TimeRunsBackwardsError
from intake.domain.shift.absences import NOBODY_BESIDE, Beside, CheckAttendance, beside
from intake.domain.shift.attendance import BeginBreak, EndBreak, NotifyChief
from intake.domain.shift.decider import timers


def test_who_checks_in_ten_minutes_before_is_in_time_and_a_second_later_is_late(duty: Any) -> None:
    """A137."""
    late = LateArrivalRecorded(shift_id=duty.ID, line="duty", staff_id="ann", late_ms=1000, occurred_at=duty.clock("08:20:01"))
    given(shift.decider, duty.OPENED).when(duty.check_in("ann", "08:20")).then(duty.came("ann", "08:20"))
    given(shift.decider, duty.OPENED).when(duty.check_in("ann", "08:20:01")).then(duty.came("ann", "08:20:01"), late)
    given(shift.decider, duty.OPENED, duty.came("ann")).when(duty.check_in("ann", "08:30")).then_nothing()
    given(shift.decider, duty.OPENED).when(duty.check_in("ann", "06:29")).then_rejected(duty_refusals.TooEarlyError)
    given(shift.decider, duty.OPENED).when(duty.check_in("ann", "17:30")).then_rejected(duty_refusals.ShiftOverError)
    given(shift.decider).when(duty.check_in("ann", "08:15")).then_rejected(duty_refusals.ShiftNotOpenedError)
    duty.refused(
        given(shift.decider, duty.OPENED).when(duty.check_in("eve", "08:15")), duty_refusals.NotRosteredError, "swap_approved"
    )


def test_absence_gap_and_substitution_are_three_faults(duty: Any) -> None:
    """A138, A06: who is missing is absent; that nobody is there is a gap; who stands in is neither."""
    check = CheckAttendance(now=duty.clock("08:40"))
    chiefs = (duty.came("chief", tier="duty_chief"), duty.came("leader", tier="shift_leader"))
    gap = GapDetected(shift_id=duty.ID, line="duty", began_at=duty.clock("08:30"), occurred_at=duty.clock("08:40"))
    stand_in = SubstitutionDetected(
        shift_id=duty.ID, line="duty", staff_id="eve", stands_in_for="ann", occurred_at=duty.clock("08:15")
    )
    instead = duty.came("eve", stands_in_for="ann")
    given(shift.decider, duty.OPENED, *duty.ALL_CAME).when(check).then_nothing()
    given(shift.decider, duty.OPENED, *chiefs, duty.came("bob")).when(check).then(duty.absent("ann"))
    given(shift.decider, duty.OPENED, *chiefs).when(check).then(duty.absent("ann"), duty.absent("bob"), gap)
    given(shift.decider, duty.OPENED).when(duty.check_in("eve", "08:15", "ann")).then(instead, stand_in)
    given(shift.decider, duty.OPENED, *chiefs, instead, stand_in).when(check).then(duty.absent("ann"), duty.absent("bob"), gap)
    given(shift.decider, duty.OPENED, duty.came("ann")).when(duty.check_in("eve", "08:15", "ann")).then_rejected(
        duty_refusals.PostTakenError
    )


def test_while_the_shift_before_stays_a_missing_relief_is_an_absence_and_no_gap(duty: Any) -> None:
    """A138, A139."""
    relieving = duty.opened(follows=duty.NIGHT_ID)
    chiefs = (duty.came("chief", tier="duty_chief"), duty.came("leader", tier="shift_leader"))
    check = CheckAttendance(now=duty.clock("08:40"))
    given(shift.decider, relieving, *chiefs).when(check).then(duty.absent("ann"), duty.absent("bob"))
    office = replace(duty.OPENED, round_the_clock=False)
    given(shift.decider, office, *chiefs).when(check).then(duty.absent("ann"), duty.absent("bob"))


def test_a_relief_that_is_not_there_leaves_a_gap_when_nobody_has_stayed(duty: Any) -> None:
    """A06, A138, A139: the shift before is looked at when the absence of the relief is known."""
    relieving = shift.decider.fold([duty.opened(follows=duty.NIGHT_ID), duty.absent("ann"), duty.absent("bob")])
    nobody = shift.decider.fold([duty.NIGHT])
    (reaction,) = on_absence(duty.absent("bob"), relieving, nobody)
    gap = GapDetected(shift_id=duty.ID, line="duty", began_at=duty.clock("08:30"), occurred_at=duty.clock("08:40"))
    given(shift.decider, duty.opened(follows=duty.NIGHT_ID)).when(reaction.command).then(gap)
    given(shift.decider, duty.opened(follows=duty.NIGHT_ID), gap).when(reaction.command).then_nothing()
    given(shift.decider, duty.opened(follows=duty.NIGHT_ID), duty.came("ann")).when(reaction.command).then_nothing()
    stayed = shift.decider.fold([duty.NIGHT, replace(duty.came("ann-2"), shift_id=duty.NIGHT_ID)])
    assert on_absence(duty.absent("bob"), relieving, stayed) == []
    assert on_absence(duty.absent("chief", tier="duty_chief"), relieving, nobody) == []


def test_who_stays_from_the_shift_before_is_late_in_their_next_one_and_not_absent(duty: Any) -> None:
    """A137, A138, A139: on both rosters, unrelieved, and at the line."""
    stays = shift.decider.fold([duty.NIGHT, replace(duty.came("ann"), shift_id=duty.NIGHT_ID)])
    (excused,) = on_absence(
        duty.absent("ann"), shift.decider.fold([duty.opened(follows=duty.NIGHT_ID), duty.absent("ann")]), stays
    )
    withdrawn = AbsenceWithdrawn(shift_id=duty.ID, line="duty", staff_id="ann", occurred_at=duty.clock("08:40"))
    given(shift.decider, duty.OPENED, duty.absent("ann")).when(excused.command).then(withdrawn)
    given(shift.decider, duty.OPENED, duty.absent("ann"), withdrawn).when(excused.command).then_nothing()
    late = given(shift.decider, duty.OPENED, duty.absent("ann"), withdrawn).when(duty.check_in("ann", "08:50")).events
    assert [type(event) for event in late] == [ShiftCheckedIn, LateArrivalRecorded]


def test_a_check_in_entered_late_withdraws_the_absence_and_one_made_late_does_not(duty: Any) -> None:
    """A138, A21: times of acts count, not the order of entry."""
    withdrawn = AbsenceWithdrawn(shift_id=duty.ID, line="duty", staff_id="ann", occurred_at=duty.clock("08:15"))
    vouched = replace(duty.check_in("ann", "08:15"), vouched_by="leader")
    given(shift.decider, duty.OPENED, duty.absent("ann")).when(vouched).then(duty.came("ann"), withdrawn)
    late = given(shift.decider, duty.OPENED, duty.absent("ann")).when(duty.check_in("ann", "08:45")).events
    assert [type(event) for event in late] == [ShiftCheckedIn, LateArrivalRecorded]
    people = (*duty.ALL_CAME[:3], duty.came("bob", "08:45"))
    given(shift.decider, duty.OPENED, *people).when(CheckAttendance(now=duty.clock("08:40"))).then(duty.absent("bob"))


def test_nobody_takes_an_own_absence_back(duty: Any) -> None:
    """A137, A138: an earlier time that one gives oneself counts from now, until a shift leader vouches for it."""
    own = replace(duty.check_in("ann", "08:15"), entered_at=duty.clock("09:00"))
    on_record = (duty.OPENED, duty.absent("ann"))
    late = LateArrivalRecorded(
        shift_id=duty.ID, line="duty", staff_id="ann", late_ms=2_400_000, occurred_at=duty.clock("09:00")
    )
    counted = replace(duty.came("ann", "09:00"), claimed_at=duty.clock("08:15"))
    given(shift.decider, *on_record).when(own).then(counted, late)
    given(shift.decider, duty.OPENED).when(own).then(duty.came("ann"))
    evening = replace(own, entered_at=duty.clock("17:30"))
    given(shift.decider, *on_record).when(evening).then_rejected(duty_refusals.SecondPersonError)
    itself = replace(own, vouched_by="ann")
    given(shift.decider, *on_record).when(itself).then_rejected(duty_refusals.SecondPersonError)
    vouched = replace(own, vouched_by="leader")
    withdrawn = AbsenceWithdrawn(shift_id=duty.ID, line="duty", staff_id="ann", occurred_at=duty.clock("08:15"))
    given(shift.decider, *on_record, counted, late).when(vouched).then(withdrawn)
    given(shift.decider, *on_record, counted, late, withdrawn).when(vouched).then_nothing()
    given(shift.decider, *on_record, duty.came("ann", "09:00"), late).when(vouched).then_nothing()


def test_who_is_found_away_from_the_post_is_absent_and_the_last_one_leaves_a_gap(duty: Any) -> None:
    """A138, A06."""
    found = [duty.absent("ann", "10:00", found_by="inspector"), duty.absent("bob", "11:00", found_by="inspector")]
    gap = GapDetected(shift_id=duty.ID, line="duty", began_at=duty.clock("11:00"), occurred_at=duty.clock("11:00"))
    given(shift.decider, duty.OPENED, *duty.ALL_CAME).when(duty.find("ann", "10:00")).then(found[0])
    given(shift.decider, duty.OPENED, *duty.ALL_CAME, found[0]).when(duty.find("bob", "11:00")).then(found[1], gap)
    given(shift.decider, duty.OPENED, *duty.ALL_CAME, found[0]).when(duty.find("ann", "10:30")).then_nothing()
    given(shift.decider, duty.OPENED).when(duty.find("ann", "08:35")).then_nothing()
    given(shift.decider, duty.OPENED, duty.came("bob")).when(duty.find("ann", "08:45")).then(
        duty.absent("ann", "08:45", found_by="inspector")
    )
    given(shift.decider, duty.OPENED).when(duty.find("eve", "10:00")).then_rejected(duty_refusals.NotRosteredError)
    back = given(shift.decider, duty.OPENED, *duty.ALL_CAME, found[0]).when(duty.check_in("ann", "10:20")).events
    assert isinstance(back[0], ShiftCheckedIn)


def test_whose_post_a_swap_gave_to_somebody_who_is_there_is_not_absent(duty: Any) -> None:
    """A138: until that one comes, nobody leaves (A139); who stands in without a swap was never on the roster."""
    approved = replace(duty.APPROVED, occurred_at=duty.clock("10:00"), absent_from=duty.clock("10:10"))
    swapped = (duty.OPENED, *duty.ALL_CAME, duty.ASKED, approved)
    given(shift.decider, *swapped).when(duty.find("ann", "10:05")).then(duty.absent("ann", "10:05", found_by="inspector"))
    given(shift.decider, *swapped, duty.came("cy", "10:00")).when(duty.find("ann", "10:05")).then_nothing()
    removed = PostsChanged(
        shift_id=duty.ID,
        line="duty",
        removed="ann",
        added=None,
        tier="duty_officer",
        reason="called away",
        effective_at=duty.clock("10:00"),
        absent_from=duty.clock("10:10"),
        changed_by="leader",
        occurred_at=duty.clock("09:50"),
    )
    given(shift.decider, duty.OPENED, *duty.ALL_CAME, removed).when(duty.find("ann", "10:05")).then_nothing()
    stand_in = (duty.OPENED, duty.came("bob"), duty.came("eve", stands_in_for="ann"))
    given(shift.decider, *stand_in).when(duty.find("eve", "10:00")).then_rejected(duty_refusals.NotRosteredError)
    given(shift.decider, *stand_in).when(duty.find("ann", "10:00")).then(duty.absent("ann", "10:00", found_by="inspector"))


def test_who_handed_over_or_went_home_is_not_absent_afterwards(duty: Any) -> None:
    """A138, A139, A140."""
    signed = HandoverAccepted(shift_id=duty.ID, from_staff="ann", signed_by="ann-2", items=0, occurred_at=duty.clock("17:32"))
    handed = (duty.OPENED, *duty.ALL_CAME, duty.OFFERED, signed)
    ended = ShiftEnded(shift_id=duty.ID, line="duty", staff_id="ann", overtime_ms=300_000, occurred_at=duty.clock("17:35"))
    given(shift.decider, *handed).when(duty.find("ann", "17:33")).then_nothing()
    given(shift.decider, duty.OPENED, *duty.ALL_CAME).when(duty.find("ann", "17:33")).then(
        duty.absent("ann", "17:33", found_by="inspector")
    )
    given(shift.decider, *handed, ended).when(duty.find("ann", "17:40")).then_rejected(duty_refusals.ShiftOverError)
    given(shift.decider, *handed, replace(ended, occurred_at=duty.clock("17:28"))).when(
        duty.find("ann", "17:29")
    ).then_nothing()
    given(shift.decider, duty.OPENED).when(duty.find("ann", "18:00")).then_rejected(duty_refusals.ShiftOverError)
    office = replace(duty.OPENED, round_the_clock=False)
    given(shift.decider, office, *duty.ALL_CAME).when(duty.find("ann", "17:33")).then_nothing()


def test_an_absence_is_judged_with_the_shifts_before_and_after(duty: Any) -> None:
    """A06, A138: whoever is at their post there is reported there, and a line that they answer has no gap."""
    night = shift.decider.fold([duty.NIGHT, replace(duty.came("ann-2", "17:20"), shift_id=duty.NIGHT_ID)])
    there = beside([night], "ann", duty.clock("17:25"))
    assert there == Beside(at_post=False, answered=True)
    alone = (duty.OPENED, duty.came("ann"))
    gone = duty.absent("ann", "17:25", found_by="inspector")
    given(shift.decider, *alone).when(duty.find("ann", "17:25", there)).then(gone)
    gap = GapDetected(shift_id=duty.ID, line="duty", began_at=duty.clock("17:25"), occurred_at=duty.clock("17:25"))
    given(shift.decider, *alone).when(duty.find("ann", "17:25")).then(gone, gap)
    assert on_absence(gone, shift.decider.fold([*alone, gone]), shift.decider.fold([duty.NIGHT])) == []
    assert beside([night], "ann-2", duty.clock("17:25")) == Beside(at_post=True, answered=False)
    assert beside([night], "ann-2", duty.clock("17:15")) == NOBODY_BESIDE
    stays = Beside(at_post=True, answered=True)
    given(shift.decider, duty.OPENED).when(duty.find("ann", "08:45", stays)).then_rejected(duty_refusals.AtPostBesideError)


def test_who_is_put_on_from_later_is_on_the_roster_only_from_then(duty: Any) -> None:
    """A136, A138: no check-in hours ahead, and no cover for a break before the post begins."""
    (added,) = given(shift.decider, duty.OPENED).when(duty.change(added="cy", at="14:00", tier="duty_officer")).events
    there = (duty.OPENED, added, duty.came("ann"))
    given(shift.decider, *there).when(duty.check_in("cy", "08:10")).then_rejected(duty_refusals.TooEarlyError)
    given(shift.decider, *there).when(duty.check_in("cy", "13:50")).then(duty.came("cy", "13:50"))
    leave = BeginBreak(shift_id=duty.ID, staff_id="ann", reason="meal", now=duty.clock("13:55"))
    given(shift.decider, *there, duty.came("cy", "13:50")).when(leave).then_rejected(duty_refusals.BreakLeavesGapError)
    assert given(shift.decider, *there, duty.came("cy", "13:50")).when(replace(leave, now=duty.clock("14:00"))).refusal is None
    stand_in = given(shift.decider, *there).when(duty.check_in("cy", "09:00", "bob")).events
    assert [type(event) for event in stand_in] == [ShiftCheckedIn, SubstitutionDetected]


def test_a_break_is_taken_only_while_somebody_else_answers(duty: Any) -> None:
    """A136, A06."""

    def leave(staff_id: str, at: str = "12:00") -> BeginBreak:
        return BeginBreak(shift_id=duty.ID, staff_id=staff_id, reason="meal", now=duty.clock(at))

    began = BreakBegan(shift_id=duty.ID, line="duty", staff_id="ann", reason="meal", occurred_at=duty.clock("12:00"))
    ended = BreakEnded(shift_id=duty.ID, line="duty", staff_id="ann", occurred_at=duty.clock("12:30"))
    end = EndBreak(shift_id=duty.ID, staff_id="ann", now=duty.clock("12:30"))
    there = (duty.OPENED, *duty.ALL_CAME)
    given(shift.decider, *there).when(leave("ann")).then(began)
    given(shift.decider, *there, began).when(leave("ann")).then_nothing()
    given(shift.decider, *there, began).when(leave("bob")).then_rejected(duty_refusals.BreakLeavesGapError)
    given(shift.decider, *there, began).when(end).then(ended)
    assert given(shift.decider, *there, began, ended).when(leave("bob", "12:40")).refusal is None
    assert given(shift.decider, *there, began).when(leave("chief")).refusal is None
    given(shift.decider, *there).when(end).then_rejected(duty_refusals.NotOnBreakError)
    given(shift.decider, *there, began).when(replace(end, now=duty.clock("11:00"))).then_rejected(TimeRunsBackwardsError)
    duty.refused(given(shift.decider, duty.OPENED).when(leave("ann")), duty_refusals.NotAtPostError, "shift_checked_in")


def test_the_duty_chief_is_told_before_the_shift_and_so_is_who_takes_over(duty: Any) -> None:
    """A143."""
    told = DutyChiefNotified(
        shift_id=duty.ID, line="duty", staff_id="chief", starts_at=duty.clock("08:30"), occurred_at=duty.clock("08:00")
    )
    given(shift.decider, duty.OPENED).when(NotifyChief(now=duty.clock("08:00"))).then(told)
    given(shift.decider, duty.OPENED, told).when(NotifyChief(now=duty.clock("08:00"))).then_nothing()
    changed, also = given(shift.decider, duty.OPENED, told).when(duty.change("chief", "chief-3")).events
    assert isinstance(changed, PostsChanged)
    assert also == replace(told, staff_id="chief-3", occurred_at=duty.clock("09:00"))


def test_timers_watch_the_start_of_a_shift_and_whoever_joins_it_later(duty: Any) -> None:
    """A137, A138, A143."""
    chief, start = timers(duty.OPENED)
    assert (chief.due_at, start.due_at) == (duty.clock("08:00"), duty.clock("08:40"))
    assert shift.on_timer(chief).command == NotifyChief(now=duty.clock("08:00"))
    assert shift.on_timer(start).command == CheckAttendance(now=duty.clock("08:40"))
    (changed,) = given(shift.decider, duty.OPENED).when(duty.change("ann", "cy")).events
    (joined,) = timers(changed)
    assert joined.due_at == duty.clock("10:10")
    bob = (duty.came("bob"), duty.came("chief", tier="duty_chief"), duty.came("leader", tier="shift_leader"))
    check = shift.on_timer(joined).command
    given(shift.decider, duty.OPENED, *bob, changed).when(check).then(duty.absent("cy", "10:10"))
    assert timers(duty.came("ann")) == []
