"""Rosters, shifts and handovers: given, when, then."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from hotline_events.catalogue.intake import (
    AbsenceDetected,
    AbsenceWithdrawn,
    BreakBegan,
    BreakEnded,
    DutyChiefNotified,
    DutyPost,
    GapDetected,
    HandoverAccepted,
    HandoverOffered,
    HandoverRefused,
    InventoryChecked,
    InventoryItem,
    LateArrivalRecorded,
    LogRead,
    OpenItem,
    OpenItemKind,
    PostsChanged,
    RosterPublished,
    ShiftCheckedIn,
    ShiftEnded,
    ShiftEvent,
    ShiftOpened,
    SubstitutionDetected,
    SwapApproved,
    SwapAsked,
    SwapDenied,
)
from hotline_events.decider import RefusalError
from hotline_events.sealing import Sealed
from hotline_events.testing import Then, given
from hotline_rules.pack import load_pack
from intake.adapters.desk_reactions import on_absence, on_handover
from intake.domain import duty_refusals, roster, shift
from intake.domain.refusals import TimeRunsBackwardsError
from intake.domain.shift.absences import NOBODY_BESIDE, Beside, CheckAttendance, ReportAbsence, beside
from intake.domain.shift.attendance import BeginBreak, CheckIn, EndBreak, NotifyChief
from intake.domain.shift.decider import timers
from intake.domain.shift.handover import (
    NO_RELIEF,
    AcceptHandover,
    CheckInventory,
    EndShift,
    OfferHandover,
    ReadLog,
    RefuseHandover,
    Relief,
    relief_in,
)
from intake.domain.shift.posts import ApproveSwap, AskSwap, ChangePosts, DenySwap, OpenShift

RULES = load_pack("default")
MONDAY, SATURDAY = date(2026, 3, 2), date(2026, 3, 7)
SWAP, RUN, CALL = (UUID(int=number) for number in range(11, 14))
PEOPLE = (
    DutyPost(staff_id="chief", tier="duty_chief"),
    DutyPost(staff_id="leader", tier="shift_leader"),
    DutyPost(staff_id="ann", tier="duty_officer"),
    DutyPost(staff_id="bob", tier="duty_officer"),
)
OTHERS = tuple(replace(post, staff_id=f"{post.staff_id}-2") for post in PEOPLE)


def clock(text: str, day: date = MONDAY) -> datetime:
    return datetime.fromisoformat(f"{day}T{text}+08:00").astimezone(UTC)


def publish(day: date = MONDAY, **shifts: tuple[DutyPost, ...]) -> roster.PublishRoster:
    return roster.PublishRoster(
        line="duty",
        day=day,
        posts=shifts or {"day": PEOPLE, "night": OTHERS},
        round_the_clock=True,
        follows=None,
        by="leader",
        rules=RULES,
        now=clock("07:00"),
    )


def opened(*, follows: UUID | None = None, number: int = 0, **changes: Any) -> ShiftOpened:
    (event,) = given(roster.decider).when(publish()).events
    assert isinstance(event, RosterPublished)
    span = replace(event.shifts[number], follows=follows) if number == 0 else event.shifts[number]
    command = OpenShift(
        line="duty",
        day=event.day,
        shift=span,
        round_the_clock=True,
        answering_tier="duty_officer",
        by="leader",
        rule_version="default/1",
        now=clock("07:00"),
    )
    (done,) = given(shift.decider).when(replace(command, **changes)).events
    assert isinstance(done, ShiftOpened)
    return done


OPENED, NIGHT = opened(), opened(number=1)
ID, NIGHT_ID = OPENED.shift_id, NIGHT.shift_id


def check_in(staff_id: str, at: str, stands_in_for: str | None = None) -> CheckIn:
    return CheckIn(shift_id=ID, staff_id=staff_id, stands_in_for=stands_in_for, rules=RULES, now=clock(at))


def came(staff_id: str, at: str = "08:15", tier: str = "duty_officer", stands_in_for: str | None = None) -> ShiftCheckedIn:
    return ShiftCheckedIn(
        shift_id=ID, line="duty", staff_id=staff_id, tier=tier, stands_in_for=stands_in_for, occurred_at=clock(at)
    )


def absent(staff_id: str, at: str = "08:40", tier: str = "duty_officer", found_by: str | None = None) -> AbsenceDetected:
    return AbsenceDetected(shift_id=ID, line="duty", staff_id=staff_id, tier=tier, found_by=found_by, occurred_at=clock(at))


ALL_CAME = (came("chief", tier="duty_chief"), came("leader", tier="shift_leader"), came("ann"), came("bob"))


def refused(then: Then, error: type[RefusalError], missing: str) -> None:
    then.then_rejected(error)
    assert then.refusal is not None
    assert then.refusal.missing == missing


# --- The roster


@pytest.mark.parametrize(
    ("day", "spans"),
    [
        ("2026-03-02", ["day 08:30-17:30", "night 17:30-08:30"]),  # a Monday
        ("2026-03-07", ["early 08:30-16:30", "late 16:30-00:30", "night 00:30-08:30"]),  # a Saturday
        ("2026-02-14", ["day 08:30-17:30", "night 17:30-08:30"]),  # a Saturday on which offices work
        ("2026-02-17", ["early 08:30-16:30", "late 16:30-00:30", "night 00:30-08:30"]),  # a Tuesday, Spring Festival
    ],
)
def test_a_working_day_has_two_shifts_and_a_day_off_three(day: str, spans: list[str]) -> None:
    """A135: a make-up workday is a working day."""
    shifts = roster.shifts_of(date.fromisoformat(day), RULES)
    local = [(one.name, *(moment.astimezone(RULES.timezone) for moment in (one.starts_at, one.ends_at))) for one in shifts]
    assert [f"{name} {start:%H:%M}-{end:%H:%M}" for name, start, end in local] == spans
    assert [one.ends_at for one in shifts[:-1]] == [one.starts_at for one in shifts[1:]]
    assert shifts[-1].ends_at - shifts[0].starts_at == timedelta(days=1)


def test_a_roster_names_three_tiers_in_every_shift_of_its_day() -> None:
    """A134, A135."""
    (event,) = given(roster.decider).when(publish()).events
    assert [(one.name, len(one.posts), one.follows) for one in event.shifts] == [("day", 4, None), ("night", 4, ID)]
    assert (event.shifts[0].check_in_by, event.shifts[0].absent_from) == (clock("08:20"), clock("08:40"))
    assert (event.shifts[0].chief_notice_at, event.rule_version) == (clock("08:00"), "default/1")
    given(roster.decider, event).when(publish()).then_nothing()
    changed = replace(publish(), posts={"day": PEOPLE, "night": PEOPLE})
    given(roster.decider, event).when(changed).then_rejected(duty_refusals.RosterAlreadyPublishedError)


def test_a_roster_of_the_wrong_shifts_or_without_a_tier_is_refused() -> None:
    """A134, A135."""
    nobody = given(roster.decider)
    weekend = publish(SATURDAY, early=PEOPLE, late=PEOPLE, night=PEOPLE)
    assert nobody.when(weekend).refusal is None
    nobody.when(replace(weekend, day=MONDAY)).then_rejected(duty_refusals.RosterShiftsError)
    for number, tier in enumerate(("duty_chief", "shift_leader")):
        fewer = PEOPLE[:number] + PEOPLE[number + 1 :]
        refused(nobody.when(replace(weekend, posts={**weekend.posts, "late": fewer})), duty_refusals.TierMissingError, tier)
    twice = (*PEOPLE, DutyPost(staff_id="ann", tier="duty_chief"))
    nobody.when(replace(weekend, posts={**weekend.posts, "late": twice})).then_rejected(duty_refusals.DuplicatePostError)
    stranger = (*PEOPLE, DutyPost(staff_id="eve", tier="cook"))
    nobody.when(replace(weekend, posts={**weekend.posts, "late": stranger})).then_rejected(duty_refusals.UnknownTierError)


# --- Live changes and swaps


def change(removed: str | None = None, added: str | None = None, at: str = "10:00", tier: str | None = None) -> ChangePosts:
    return ChangePosts(
        shift_id=ID,
        removed=removed,
        added=added,
        tier=tier,
        reason="ill",
        effective_at=clock(at),
        by="leader",
        rules=RULES,
        now=clock("09:00"),
    )


def test_the_roster_is_changed_while_it_runs_and_says_from_when() -> None:
    """A136: live change with its effective time and its author."""
    changed = PostsChanged(
        shift_id=ID,
        line="duty",
        removed="ann",
        added="cy",
        tier="duty_officer",
        reason="ill",
        effective_at=clock("10:00"),
        absent_from=clock("10:10"),
        changed_by="leader",
        occurred_at=clock("09:00"),
    )
    given(shift.decider, OPENED).when(change("ann", "cy")).then(changed)
    given(shift.decider, OPENED, changed).when(change("ann", "cy")).then_nothing()
    given(shift.decider, OPENED, changed).when(change("ann", at="11:00")).then_rejected(duty_refusals.NotRosteredError)
    refusals = duty_refusals
    given(shift.decider, OPENED).when(change()).then_rejected(refusals.NothingToChangeError)
    given(shift.decider, OPENED).when(change("ann", "bob")).then_rejected(refusals.DuplicatePostError)
    given(shift.decider, OPENED).when(change("leader")).then_rejected(refusals.LastOfTierError)
    given(shift.decider, OPENED).when(change(added="cy")).then_rejected(refusals.UnknownTierError)
    given(shift.decider, OPENED).when(change("ann", "cy", at="17:30")).then_rejected(refusals.ShiftOverError)
    given(shift.decider).when(change("ann", "cy")).then_rejected(refusals.ShiftNotOpenedError)
    (more,) = given(shift.decider, OPENED).when(change(added="cy", tier="duty_officer")).events
    assert (more.removed, more.added) == (None, "cy")


ASKED = SwapAsked(
    shift_id=ID,
    swap_id=SWAP,
    from_staff="ann",
    to_staff="cy",
    reason="family",
    asked_by="ann",
    occurred_at=clock("07:30"),
)
APPROVED = SwapApproved(
    shift_id=ID,
    line="duty",
    swap_id=SWAP,
    from_staff="ann",
    to_staff="cy",
    tier="duty_officer",
    absent_from=clock("08:40"),
    approved_by="leader",
    occurred_at=clock("08:00"),
)


def ask(by: str = "ann", from_staff: str = "ann", to_staff: str = "cy") -> AskSwap:
    return AskSwap(
        shift_id=ID,
        swap_id=SWAP,
        from_staff=from_staff,
        to_staff=to_staff,
        reason="family",
        by=by,
        now=clock("07:30"),
    )


def approve(by: str = "leader", at: str = "08:00") -> ApproveSwap:
    return ApproveSwap(shift_id=ID, swap_id=SWAP, by=by, rules=RULES, now=clock(at))


def test_a_swap_is_asked_for_and_approved_by_a_second_person() -> None:
    """A138: nobody replaces anybody on their own."""
    given(shift.decider, OPENED).when(ask()).then(ASKED)
    given(shift.decider, OPENED, ASKED).when(ask()).then_nothing()
    given(shift.decider, OPENED, ASKED).when(approve()).then(APPROVED)
    given(shift.decider, OPENED, ASKED, APPROVED).when(approve()).then_nothing()
    for self_serving in ("ann", "cy"):
        given(shift.decider, OPENED, ASKED).when(approve(self_serving)).then_rejected(duty_refusals.SecondPersonError)
    refused(given(shift.decider, OPENED).when(approve()), duty_refusals.SwapNotAskedError, "swap_asked")
    given(shift.decider, OPENED).when(ask(by="eve")).then_rejected(duty_refusals.SwapNotOwnError)
    given(shift.decider, OPENED).when(ask(to_staff="bob")).then_rejected(duty_refusals.DuplicatePostError)
    given(shift.decider, OPENED).when(ask("eve", from_staff="eve")).then_rejected(duty_refusals.NotRosteredError)
    given(shift.decider, OPENED, ASKED).when(approve(at="17:30")).then_rejected(duty_refusals.ShiftOverError)
    given(shift.decider, OPENED, ASKED, APPROVED).when(check_in("cy", "08:15")).then(came("cy"))


def test_a_swap_is_denied_for_a_reason() -> None:
    """A138: what was denied is not approved afterwards."""
    deny = DenySwap(shift_id=ID, swap_id=SWAP, reason="understaffed", by="leader", now=clock("08:00"))
    denied = SwapDenied(shift_id=ID, swap_id=SWAP, reason="understaffed", denied_by="leader", occurred_at=clock("08:00"))
    given(shift.decider, OPENED, ASKED).when(deny).then(denied)
    given(shift.decider, OPENED, ASKED, denied).when(deny).then_nothing()
    given(shift.decider, OPENED, ASKED, denied).when(approve()).then_rejected(duty_refusals.SwapDecidedError)


# --- Attendance and its faults


def test_who_checks_in_ten_minutes_before_is_in_time_and_a_second_later_is_late() -> None:
    """A137."""
    late = LateArrivalRecorded(shift_id=ID, line="duty", staff_id="ann", late_ms=1000, occurred_at=clock("08:20:01"))
    given(shift.decider, OPENED).when(check_in("ann", "08:20")).then(came("ann", "08:20"))
    given(shift.decider, OPENED).when(check_in("ann", "08:20:01")).then(came("ann", "08:20:01"), late)
    given(shift.decider, OPENED, came("ann")).when(check_in("ann", "08:30")).then_nothing()
    given(shift.decider, OPENED).when(check_in("ann", "06:29")).then_rejected(duty_refusals.TooEarlyError)
    given(shift.decider, OPENED).when(check_in("ann", "17:30")).then_rejected(duty_refusals.ShiftOverError)
    given(shift.decider).when(check_in("ann", "08:15")).then_rejected(duty_refusals.ShiftNotOpenedError)
    refused(given(shift.decider, OPENED).when(check_in("eve", "08:15")), duty_refusals.NotRosteredError, "swap_approved")


def test_absence_gap_and_substitution_are_three_faults() -> None:
    """A138, A06: who is missing is absent; that nobody is there is a gap; who stands in is neither."""
    check = CheckAttendance(now=clock("08:40"))
    chiefs = (came("chief", tier="duty_chief"), came("leader", tier="shift_leader"))
    gap = GapDetected(shift_id=ID, line="duty", began_at=clock("08:30"), occurred_at=clock("08:40"))
    stand_in = SubstitutionDetected(shift_id=ID, line="duty", staff_id="eve", stands_in_for="ann", occurred_at=clock("08:15"))
    instead = came("eve", stands_in_for="ann")
    given(shift.decider, OPENED, *ALL_CAME).when(check).then_nothing()
    given(shift.decider, OPENED, *chiefs, came("bob")).when(check).then(absent("ann"))
    given(shift.decider, OPENED, *chiefs).when(check).then(absent("ann"), absent("bob"), gap)
    given(shift.decider, OPENED).when(check_in("eve", "08:15", "ann")).then(instead, stand_in)
    given(shift.decider, OPENED, *chiefs, instead, stand_in).when(check).then(absent("ann"), absent("bob"), gap)
    given(shift.decider, OPENED, came("ann")).when(check_in("eve", "08:15", "ann")).then_rejected(duty_refusals.PostTakenError)


def test_while_the_shift_before_stays_a_missing_relief_is_an_absence_and_no_gap() -> None:
    """A138, A139."""
    relieving = opened(follows=NIGHT_ID)
    chiefs = (came("chief", tier="duty_chief"), came("leader", tier="shift_leader"))
    check = CheckAttendance(now=clock("08:40"))
    given(shift.decider, relieving, *chiefs).when(check).then(absent("ann"), absent("bob"))
    office = replace(OPENED, round_the_clock=False)
    given(shift.decider, office, *chiefs).when(check).then(absent("ann"), absent("bob"))


def test_a_relief_that_is_not_there_leaves_a_gap_when_nobody_has_stayed() -> None:
    """A06, A138, A139: the shift before is looked at when the absence of the relief is known."""
    relieving = shift.decider.fold([opened(follows=NIGHT_ID), absent("ann"), absent("bob")])
    nobody = shift.decider.fold([NIGHT])
    (reaction,) = on_absence(absent("bob"), relieving, nobody)
    gap = GapDetected(shift_id=ID, line="duty", began_at=clock("08:30"), occurred_at=clock("08:40"))
    given(shift.decider, opened(follows=NIGHT_ID)).when(reaction.command).then(gap)
    given(shift.decider, opened(follows=NIGHT_ID), gap).when(reaction.command).then_nothing()
    given(shift.decider, opened(follows=NIGHT_ID), came("ann")).when(reaction.command).then_nothing()
    stayed = shift.decider.fold([NIGHT, replace(came("ann-2"), shift_id=NIGHT_ID)])
    assert on_absence(absent("bob"), relieving, stayed) == []
    assert on_absence(absent("chief", tier="duty_chief"), relieving, nobody) == []


def test_who_stays_from_the_shift_before_is_late_in_their_next_one_and_not_absent() -> None:
    """A137, A138, A139: on both rosters, unrelieved, and at the line."""
    stays = shift.decider.fold([NIGHT, replace(came("ann"), shift_id=NIGHT_ID)])
    (excused,) = on_absence(absent("ann"), shift.decider.fold([opened(follows=NIGHT_ID), absent("ann")]), stays)
    withdrawn = AbsenceWithdrawn(shift_id=ID, line="duty", staff_id="ann", occurred_at=clock("08:40"))
    given(shift.decider, OPENED, absent("ann")).when(excused.command).then(withdrawn)
    given(shift.decider, OPENED, absent("ann"), withdrawn).when(excused.command).then_nothing()
    late = given(shift.decider, OPENED, absent("ann"), withdrawn).when(check_in("ann", "08:50")).events
    assert [type(event) for event in late] == [ShiftCheckedIn, LateArrivalRecorded]


def test_a_check_in_entered_late_withdraws_the_absence_and_one_made_late_does_not() -> None:
    """A138, A21: times of acts count, not the order of entry."""
    withdrawn = AbsenceWithdrawn(shift_id=ID, line="duty", staff_id="ann", occurred_at=clock("08:15"))
    vouched = replace(check_in("ann", "08:15"), vouched_by="leader")
    given(shift.decider, OPENED, absent("ann")).when(vouched).then(came("ann"), withdrawn)
    late = given(shift.decider, OPENED, absent("ann")).when(check_in("ann", "08:45")).events
    assert [type(event) for event in late] == [ShiftCheckedIn, LateArrivalRecorded]
    people = (*ALL_CAME[:3], came("bob", "08:45"))
    given(shift.decider, OPENED, *people).when(CheckAttendance(now=clock("08:40"))).then(absent("bob"))


def test_nobody_takes_an_own_absence_back() -> None:
    """A137, A138: an earlier time that one gives oneself counts from now, until a shift leader vouches for it."""
    own = replace(check_in("ann", "08:15"), entered_at=clock("09:00"))
    on_record = (OPENED, absent("ann"))
    late = LateArrivalRecorded(shift_id=ID, line="duty", staff_id="ann", late_ms=2_400_000, occurred_at=clock("09:00"))
    counted = replace(came("ann", "09:00"), claimed_at=clock("08:15"))
    given(shift.decider, *on_record).when(own).then(counted, late)
    given(shift.decider, OPENED).when(own).then(came("ann"))
    evening = replace(own, entered_at=clock("17:30"))
    given(shift.decider, *on_record).when(evening).then_rejected(duty_refusals.SecondPersonError)
    itself = replace(own, vouched_by="ann")
    given(shift.decider, *on_record).when(itself).then_rejected(duty_refusals.SecondPersonError)
    vouched = replace(own, vouched_by="leader")
    withdrawn = AbsenceWithdrawn(shift_id=ID, line="duty", staff_id="ann", occurred_at=clock("08:15"))
    given(shift.decider, *on_record, counted, late).when(vouched).then(withdrawn)
    given(shift.decider, *on_record, counted, late, withdrawn).when(vouched).then_nothing()
    given(shift.decider, *on_record, came("ann", "09:00"), late).when(vouched).then_nothing()


def test_who_is_found_away_from_the_post_is_absent_and_the_last_one_leaves_a_gap() -> None:
    """A138, A06."""
    found = [absent("ann", "10:00", found_by="inspector"), absent("bob", "11:00", found_by="inspector")]
    gap = GapDetected(shift_id=ID, line="duty", began_at=clock("11:00"), occurred_at=clock("11:00"))
    given(shift.decider, OPENED, *ALL_CAME).when(find("ann", "10:00")).then(found[0])
    given(shift.decider, OPENED, *ALL_CAME, found[0]).when(find("bob", "11:00")).then(found[1], gap)
    given(shift.decider, OPENED, *ALL_CAME, found[0]).when(find("ann", "10:30")).then_nothing()
    given(shift.decider, OPENED).when(find("ann", "08:35")).then_nothing()
    given(shift.decider, OPENED, came("bob")).when(find("ann", "08:45")).then(absent("ann", "08:45", found_by="inspector"))
    given(shift.decider, OPENED).when(find("eve", "10:00")).then_rejected(duty_refusals.NotRosteredError)
    back = given(shift.decider, OPENED, *ALL_CAME, found[0]).when(check_in("ann", "10:20")).events
    assert isinstance(back[0], ShiftCheckedIn)


def find(staff_id: str, at: str, beside: Beside = NOBODY_BESIDE) -> ReportAbsence:
    return ReportAbsence(shift_id=ID, staff_id=staff_id, by="inspector", beside=beside, now=clock(at))


def test_whose_post_a_swap_gave_to_somebody_who_is_there_is_not_absent() -> None:
    """A138: until that one comes, nobody leaves (A139); who stands in without a swap was never on the roster."""
    approved = replace(APPROVED, occurred_at=clock("10:00"), absent_from=clock("10:10"))
    swapped = (OPENED, *ALL_CAME, ASKED, approved)
    given(shift.decider, *swapped).when(find("ann", "10:05")).then(absent("ann", "10:05", found_by="inspector"))
    given(shift.decider, *swapped, came("cy", "10:00")).when(find("ann", "10:05")).then_nothing()
    removed = PostsChanged(
        shift_id=ID,
        line="duty",
        removed="ann",
        added=None,
        tier="duty_officer",
        reason="called away",
        effective_at=clock("10:00"),
        absent_from=clock("10:10"),
        changed_by="leader",
        occurred_at=clock("09:50"),
    )
    given(shift.decider, OPENED, *ALL_CAME, removed).when(find("ann", "10:05")).then_nothing()
    stand_in = (OPENED, came("bob"), came("eve", stands_in_for="ann"))
    given(shift.decider, *stand_in).when(find("eve", "10:00")).then_rejected(duty_refusals.NotRosteredError)
    given(shift.decider, *stand_in).when(find("ann", "10:00")).then(absent("ann", "10:00", found_by="inspector"))


def test_who_handed_over_or_went_home_is_not_absent_afterwards() -> None:
    """A138, A139, A140."""
    signed = HandoverAccepted(shift_id=ID, from_staff="ann", signed_by="ann-2", items=0, occurred_at=clock("17:32"))
    handed = (OPENED, *ALL_CAME, OFFERED, signed)
    ended = ShiftEnded(shift_id=ID, line="duty", staff_id="ann", overtime_ms=300_000, occurred_at=clock("17:35"))
    given(shift.decider, *handed).when(find("ann", "17:33")).then_nothing()
    given(shift.decider, OPENED, *ALL_CAME).when(find("ann", "17:33")).then(absent("ann", "17:33", found_by="inspector"))
    given(shift.decider, *handed, ended).when(find("ann", "17:40")).then_rejected(duty_refusals.ShiftOverError)
    given(shift.decider, *handed, replace(ended, occurred_at=clock("17:28"))).when(find("ann", "17:29")).then_nothing()
    given(shift.decider, OPENED).when(find("ann", "18:00")).then_rejected(duty_refusals.ShiftOverError)
    office = replace(OPENED, round_the_clock=False)
    given(shift.decider, office, *ALL_CAME).when(find("ann", "17:33")).then_nothing()


def test_an_absence_is_judged_with_the_shifts_before_and_after() -> None:
    """A06, A138: whoever is at their post there is reported there, and a line that they answer has no gap."""
    night = shift.decider.fold([NIGHT, replace(came("ann-2", "17:20"), shift_id=NIGHT_ID)])
    there = beside([night], "ann", clock("17:25"))
    assert there == Beside(at_post=False, answered=True)
    alone = (OPENED, came("ann"))
    gone = absent("ann", "17:25", found_by="inspector")
    given(shift.decider, *alone).when(find("ann", "17:25", there)).then(gone)
    gap = GapDetected(shift_id=ID, line="duty", began_at=clock("17:25"), occurred_at=clock("17:25"))
    given(shift.decider, *alone).when(find("ann", "17:25")).then(gone, gap)
    assert on_absence(gone, shift.decider.fold([*alone, gone]), shift.decider.fold([NIGHT])) == []
    assert beside([night], "ann-2", clock("17:25")) == Beside(at_post=True, answered=False)
    assert beside([night], "ann-2", clock("17:15")) == NOBODY_BESIDE
    stays = Beside(at_post=True, answered=True)
    given(shift.decider, OPENED).when(find("ann", "08:45", stays)).then_rejected(duty_refusals.AtPostBesideError)


def test_who_is_put_on_from_later_is_on_the_roster_only_from_then() -> None:
    """A136, A138: no check-in hours ahead, and no cover for a break before the post begins."""
    (added,) = given(shift.decider, OPENED).when(change(added="cy", at="14:00", tier="duty_officer")).events
    there = (OPENED, added, came("ann"))
    given(shift.decider, *there).when(check_in("cy", "08:10")).then_rejected(duty_refusals.TooEarlyError)
    given(shift.decider, *there).when(check_in("cy", "13:50")).then(came("cy", "13:50"))
    leave = BeginBreak(shift_id=ID, staff_id="ann", reason="meal", now=clock("13:55"))
    given(shift.decider, *there, came("cy", "13:50")).when(leave).then_rejected(duty_refusals.BreakLeavesGapError)
    assert given(shift.decider, *there, came("cy", "13:50")).when(replace(leave, now=clock("14:00"))).refusal is None
    stand_in = given(shift.decider, *there).when(check_in("cy", "09:00", "bob")).events
    assert [type(event) for event in stand_in] == [ShiftCheckedIn, SubstitutionDetected]


def test_a_break_is_taken_only_while_somebody_else_answers() -> None:
    """A136, A06."""

    def leave(staff_id: str, at: str = "12:00") -> BeginBreak:
        return BeginBreak(shift_id=ID, staff_id=staff_id, reason="meal", now=clock(at))

    began = BreakBegan(shift_id=ID, line="duty", staff_id="ann", reason="meal", occurred_at=clock("12:00"))
    ended = BreakEnded(shift_id=ID, line="duty", staff_id="ann", occurred_at=clock("12:30"))
    end = EndBreak(shift_id=ID, staff_id="ann", now=clock("12:30"))
    there = (OPENED, *ALL_CAME)
    given(shift.decider, *there).when(leave("ann")).then(began)
    given(shift.decider, *there, began).when(leave("ann")).then_nothing()
    given(shift.decider, *there, began).when(leave("bob")).then_rejected(duty_refusals.BreakLeavesGapError)
    given(shift.decider, *there, began).when(end).then(ended)
    assert given(shift.decider, *there, began, ended).when(leave("bob", "12:40")).refusal is None
    assert given(shift.decider, *there, began).when(leave("chief")).refusal is None
    given(shift.decider, *there).when(end).then_rejected(duty_refusals.NotOnBreakError)
    given(shift.decider, *there, began).when(replace(end, now=clock("11:00"))).then_rejected(TimeRunsBackwardsError)
    refused(given(shift.decider, OPENED).when(leave("ann")), duty_refusals.NotAtPostError, "shift_checked_in")


def test_the_duty_chief_is_told_before_the_shift_and_so_is_who_takes_over() -> None:
    """A143."""
    told = DutyChiefNotified(shift_id=ID, line="duty", staff_id="chief", starts_at=clock("08:30"), occurred_at=clock("08:00"))
    given(shift.decider, OPENED).when(NotifyChief(now=clock("08:00"))).then(told)
    given(shift.decider, OPENED, told).when(NotifyChief(now=clock("08:00"))).then_nothing()
    changed, also = given(shift.decider, OPENED, told).when(change("chief", "chief-3")).events
    assert isinstance(changed, PostsChanged)
    assert also == replace(told, staff_id="chief-3", occurred_at=clock("09:00"))


def test_timers_watch_the_start_of_a_shift_and_whoever_joins_it_later() -> None:
    """A137, A138, A143."""
    chief, start = timers(OPENED)
    assert (chief.due_at, start.due_at) == (clock("08:00"), clock("08:40"))
    assert shift.on_timer(chief).command == NotifyChief(now=clock("08:00"))
    assert shift.on_timer(start).command == CheckAttendance(now=clock("08:40"))
    (changed,) = given(shift.decider, OPENED).when(change("ann", "cy")).events
    (joined,) = timers(changed)
    assert joined.due_at == clock("10:10")
    bob = (came("bob"), came("chief", tier="duty_chief"), came("leader", tier="shift_leader"))
    check = shift.on_timer(joined).command
    given(shift.decider, OPENED, *bob, changed).when(check).then(absent("cy", "10:10"))
    assert timers(came("ann")) == []


# --- Handing over

ITEMS = (OpenItem(kind=OpenItemKind.CALL, item_id=CALL),)
COUNTED = tuple(InventoryItem(item=item, in_order=item != "headset") for item in RULES.duty.inventory)
NIGHT_PLAN = shift.decider.fold([NIGHT]).plan
READY = Relief(plan=NIGHT_PLAN, rostered=True, tier="duty_officer", checked_in=True, answering=True, read_log=True)
INVENTORY = InventoryChecked(shift_id=ID, staff_id="ann", items=COUNTED, occurred_at=clock("17:10"))
OFFERED = HandoverOffered(
    shift_id=ID,
    from_staff="ann",
    to_staff="ann-2",
    relief_shift_id=NIGHT_ID,
    items=ITEMS,
    note=Sealed("请跟进"),
    occurred_at=clock("17:15"),
)
ACCEPTED = HandoverAccepted(shift_id=ID, from_staff="ann", signed_by="ann-2", items=1, occurred_at=clock("17:25"))


def offer(to_staff: str = "ann-2", relief: Relief = READY) -> OfferHandover:
    return OfferHandover(
        shift_id=ID,
        from_staff="ann",
        to_staff=to_staff,
        relief_shift_id=NIGHT_ID,
        relief=relief,
        items=ITEMS,
        note=Sealed("请跟进"),
        now=clock("17:15"),
    )


def accept(by: str = "ann-2", relief: Relief = READY, items: tuple[OpenItem, ...] = ITEMS) -> AcceptHandover:
    return AcceptHandover(shift_id=ID, from_staff="ann", by=by, relief=relief, items=items, now=clock("17:25"))


def end(at: str = "17:40", relief: Relief = NO_RELIEF) -> EndShift:
    return EndShift(shift_id=ID, staff_id="ann", relief=relief, now=clock(at))


def ended(at: str = "17:40", overtime_ms: int = 600_000) -> ShiftEnded:
    return ShiftEnded(shift_id=ID, line="duty", staff_id="ann", overtime_ms=overtime_ms, occurred_at=clock(at))


def test_the_equipment_is_counted_before_anything_is_handed_over() -> None:
    """A141: every thing of the check-list, in order or not."""
    count = CheckInventory(shift_id=ID, staff_id="ann", items=COUNTED, rules=RULES, now=clock("17:10"))
    given(shift.decider, OPENED, *ALL_CAME).when(count).then(INVENTORY)
    fewer = replace(count, items=COUNTED[1:])
    refused(given(shift.decider, OPENED, *ALL_CAME).when(fewer), duty_refusals.InventoryIncompleteError, "telephone")
    refused(given(shift.decider, OPENED).when(count), duty_refusals.NotAtPostError, "shift_checked_in")
    refused(given(shift.decider, OPENED, *ALL_CAME).when(offer()), duty_refusals.HandoverNotReadyError, "inventory_checked")


def test_what_is_unfinished_is_handed_over_and_the_relief_signs_for_it() -> None:
    """A140, A142: the relief has checked in and has read the log and the notices."""
    there = (OPENED, *ALL_CAME, INVENTORY)
    given(shift.decider, *there).when(offer()).then(OFFERED)
    given(shift.decider, *there, OFFERED).when(offer()).then_nothing()
    given(shift.decider, *there, OFFERED).when(accept()).then(ACCEPTED)
    given(shift.decider, *there, OFFERED, ACCEPTED).when(accept()).then_nothing()
    given(shift.decider, *there, OFFERED, ACCEPTED).when(offer()).then_rejected(duty_refusals.HandoverAcceptedError)
    given(shift.decider, *there).when(offer("ann")).then_rejected(duty_refusals.ReliefNotRosteredError)
    given(shift.decider, *there).when(offer("eve", Relief(plan=NIGHT_PLAN))).then_rejected(duty_refusals.ReliefNotRosteredError)
    chief = replace(READY, tier="duty_chief")
    given(shift.decider, *there).when(offer("chief-2", chief)).then_rejected(duty_refusals.ReliefNotRosteredError)
    given(shift.decider, *there, OFFERED).when(accept("bob-2")).then_rejected(duty_refusals.NotTheReliefError)
    refused(given(shift.decider, *there).when(accept()), duty_refusals.HandoverNotOfferedError, "handover_offered")
    for step, relief in {
        "relief_checked_in": replace(READY, checked_in=False),
        "log_read": replace(READY, read_log=False),
        "notices_acknowledged": replace(READY, unread_notices=1),
    }.items():
        then = given(shift.decider, *there, OFFERED).when(accept(relief=relief))
        refused(then, duty_refusals.ReliefNotReadyError, step)


def test_what_came_up_since_the_offer_is_signed_for_as_well() -> None:
    """A139, A140."""
    later = OpenItem(kind=OpenItemKind.PROMISE, item_id=RUN)
    there = (OPENED, *ALL_CAME, INVENTORY, OFFERED)
    all_of_it = replace(ACCEPTED, items=2, added=(later,))
    given(shift.decider, *there).when(accept(items=(*ITEMS, later))).then(all_of_it)
    given(shift.decider, *there).when(accept(items=())).then(ACCEPTED)
    matter = replace(later, kind=OpenItemKind.REQUEST)
    (stands_by,) = on_handover(replace(ACCEPTED, added=(matter,)), OFFERED)
    assert (stands_by.aggregate_id, stands_by.command.co_owner) == (RUN, "ann-2")


def test_a_handover_is_refused_for_a_reason_and_offered_again() -> None:
    """A140."""
    refuse = RefuseHandover(shift_id=ID, from_staff="ann", by="ann-2", reason=Sealed("未交清"), now=clock("17:20"))
    refusal = HandoverRefused(
        shift_id=ID, from_staff="ann", refused_by="ann-2", reason=Sealed("未交清"), occurred_at=clock("17:20")
    )
    there = (OPENED, *ALL_CAME, INVENTORY, OFFERED)
    given(shift.decider, *there).when(refuse).then(refusal)
    given(shift.decider, *there, refusal).when(refuse).then_nothing()
    refused(given(shift.decider, *there, refusal).when(accept()), duty_refusals.HandoverNotOfferedError, "handover_offered")
    refused(given(shift.decider, *there, refusal).when(end()), duty_refusals.ShiftEndBlockedError, "handover_offered")
    given(shift.decider, *there, refusal).when(offer()).then(OFFERED)
    given(shift.decider, *there, ACCEPTED).when(refuse).then_rejected(duty_refusals.HandoverAcceptedError)


def test_nobody_leaves_before_the_relief_is_there_and_has_taken_over() -> None:
    """A139: the answer says which step is missing."""
    there = (OPENED, *ALL_CAME, INVENTORY)
    blocked = duty_refusals.ShiftEndBlockedError
    refused(given(shift.decider, *there).when(end()), blocked, "handover_offered")
    refused(given(shift.decider, *there, OFFERED).when(end()), blocked, "relief_checked_in")
    refused(given(shift.decider, *there, OFFERED).when(end(relief=READY)), blocked, "handover_accepted")
    given(shift.decider, *there, OFFERED, ACCEPTED).when(end(relief=READY)).then(ended())
    given(shift.decider, *there, OFFERED, ACCEPTED).when(end("17:28", READY)).then(ended("17:28", 0))
    refused(given(shift.decider, *there, OFFERED, ACCEPTED).when(end()), blocked, "relief_checked_in")
    given(shift.decider, *there, OFFERED, ACCEPTED, ended()).when(end()).then_nothing()
    given(shift.decider, *there, OFFERED, ACCEPTED, ended()).when(check_in("ann", "17:29")).then_rejected(
        duty_refusals.ShiftOverError
    )
    refused(given(shift.decider, OPENED).when(end()), duty_refusals.NotAtPostError, "shift_checked_in")


def test_who_goes_on_into_the_next_shift_is_their_own_relief() -> None:
    """A139: one chief of two shifts; not one who changes the tier, and nobody before they have checked in there."""
    there, blocked = (OPENED, *ALL_CAME, INVENTORY), duty_refusals.ShiftEndBlockedError
    given(shift.decider, *there).when(replace(end(relief=READY), stays=True)).then(ended())
    chief = replace(end(relief=replace(READY, tier="duty_chief")), stays=True)
    refused(given(shift.decider, *there).when(chief), blocked, "handover_offered")
    away = replace(end(relief=replace(READY, checked_in=False)), stays=True)
    refused(given(shift.decider, *there).when(away), blocked, "relief_checked_in")


def test_the_relief_is_on_the_shift_that_follows_on_the_same_line() -> None:
    """A139, A06: neither another line's people nor a colleague of the same shift make it possible to go home."""
    there = (OPENED, *ALL_CAME, INVENTORY)
    assert NIGHT_PLAN is not None
    day = shift.decider.fold([OPENED]).plan
    much_later = replace(NIGHT_PLAN, follows=None, starts_at=clock("20:00"))
    for plan in (None, day, replace(NIGHT_PLAN, line="12345"), much_later):
        then = given(shift.decider, *there).when(offer(relief=replace(READY, plan=plan)))
        then.then_rejected(duty_refusals.ReliefShiftError)
    running = replace(offer(relief=replace(READY, plan=much_later)), now=clock("20:30"))
    assert given(shift.decider, *there).when(running).refusal is None
    taken = (OPENED, *ALL_CAME, ASKED, replace(APPROVED, occurred_at=clock("10:00")), INVENTORY)
    assert given(shift.decider, *taken).when(offer("cy", replace(READY, plan=day))).refusal is None


def test_nobody_leaves_a_line_of_24_hours_without_anybody_who_answers() -> None:
    """A139, A06: a relief whose post has not begun is there and does not answer yet."""
    alone = (OPENED, came("ann"), INVENTORY, OFFERED, ACCEPTED)
    early = replace(READY, answering=False)
    refused(given(shift.decider, *alone).when(end("17:28", early)), duty_refusals.ShiftEndBlockedError, "line_answered")
    given(shift.decider, *alone, came("bob")).when(end("17:28", early)).then(ended("17:28", 0))


def test_an_office_that_closes_needs_no_relief_but_stays_until_the_end() -> None:
    """A139."""
    office = replace(OPENED, round_the_clock=False)
    given(shift.decider, office, came("ann")).when(end()).then(ended())
    given(shift.decider, office, came("ann")).when(end("17:00")).then_rejected(duty_refusals.ShiftNotOverError)


def test_the_log_is_read_at_the_post() -> None:
    """A142."""
    read = ReadLog(shift_id=ID, staff_id="ann", now=clock("08:25"))
    event = LogRead(shift_id=ID, staff_id="ann", occurred_at=clock("08:25"))
    given(shift.decider, OPENED, *ALL_CAME).when(read).then(event)
    given(shift.decider, OPENED, *ALL_CAME, event).when(read).then_nothing()
    refused(given(shift.decider, OPENED).when(read), duty_refusals.NotAtPostError, "shift_checked_in")


def test_how_the_relief_stands_is_read_from_their_own_shift() -> None:
    """A139, A142."""
    history: list[ShiftEvent] = [OPENED, came("ann", "08:15"), LogRead(shift_id=ID, staff_id="ann", occurred_at=clock("08:20"))]
    state = shift.decider.fold(history)
    ready = replace(READY, plan=state.plan)
    away = replace(ready, checked_in=False, answering=False)
    assert relief_in(state, "ann", clock("08:25")) == ready
    assert relief_in(state, "ann", clock("08:10")) == away
    assert relief_in(state, "eve", clock("08:25"), unread_notices=2) == Relief(plan=state.plan, unread_notices=2)
    pause = BreakBegan(shift_id=ID, line="duty", staff_id="ann", reason="meal", occurred_at=clock("08:22"))
    resting = shift.decider.fold([*history, pause])
    assert relief_in(resting, "ann", clock("08:25")) == away


def test_a_day_on_duty() -> None:
    """A134, A137, A139, A140, A141, A142: from the roster to going home."""
    history: list[Any] = [OPENED]

    def does(*commands: Any) -> None:
        for command in commands:
            then = given(shift.decider, *history).when(command)
            assert then.refusal is None, then.refusal
            history.extend(then.events)

    does(*(check_in(name, "08:15") for name in ("chief", "leader", "ann", "bob")))
    does(ReadLog(shift_id=ID, staff_id="ann", now=clock("08:20")), CheckAttendance(now=clock("08:40")))
    does(BeginBreak(shift_id=ID, staff_id="ann", reason="meal", now=clock("12:00")))
    does(EndBreak(shift_id=ID, staff_id="ann", now=clock("12:30")))
    does(CheckInventory(shift_id=ID, staff_id="ann", items=COUNTED, rules=RULES, now=clock("17:10")))
    does(offer(), accept(), end("17:31", READY))
    faults = (LateArrivalRecorded, AbsenceDetected, GapDetected, SubstitutionDetected)
    assert not [event for event in history if isinstance(event, faults)]
    assert history[-1] == ended("17:31", 60_000)
