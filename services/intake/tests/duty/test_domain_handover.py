"""Handing over, and going home: given, when, then."""

from dataclasses import replace
from typing import Any

from hotline_events.catalogue.intake import (
    AbsenceDetected,
    BreakBegan,
    GapDetected,
    HandoverRefused,
    LateArrivalRecorded,
    LogRead,
    OpenItem,
    OpenItemKind,
    ShiftEvent,
    SubstitutionDetected,
)
from hotline_events.sealing import Sealed
from hotline_events.testing import given
from intake.adapters.desk_reactions import on_handover
from intake.domain import duty_refusals, shift
from intake.domain.shift.absences import CheckAttendance
from intake.domain.shift.attendance import BeginBreak, EndBreak
from intake.domain.shift.handover import (
    CheckInventory,
    ReadLog,
    RefuseHandover,
    Relief,
    relief_in,
)


def test_the_equipment_is_counted_before_anything_is_handed_over(duty: Any) -> None:
    """A141: every thing of the check-list, in order or not."""
    count = CheckInventory(shift_id=duty.ID, staff_id="ann", items=duty.COUNTED, rules=duty.RULES, now=duty.clock("17:10"))
    given(shift.decider, duty.OPENED, *duty.ALL_CAME).when(count).then(duty.INVENTORY)
    fewer = replace(count, items=duty.COUNTED[1:])
    duty.refused(
        given(shift.decider, duty.OPENED, *duty.ALL_CAME).when(fewer), duty_refusals.InventoryIncompleteError, "telephone"
    )
    duty.refused(given(shift.decider, duty.OPENED).when(count), duty_refusals.NotAtPostError, "shift_checked_in")
    duty.refused(
        given(shift.decider, duty.OPENED, *duty.ALL_CAME).when(duty.offer()),
        duty_refusals.HandoverNotReadyError,
        "inventory_checked",
    )


def test_what_is_unfinished_is_handed_over_and_the_relief_signs_for_it(duty: Any) -> None:
    """A140, A142: the relief has checked in and has read the log and the notices."""
    there = (duty.OPENED, *duty.ALL_CAME, duty.INVENTORY)
    given(shift.decider, *there).when(duty.offer()).then(duty.OFFERED)
    given(shift.decider, *there, duty.OFFERED).when(duty.offer()).then_nothing()
    given(shift.decider, *there, duty.OFFERED).when(duty.accept()).then(duty.ACCEPTED)
    given(shift.decider, *there, duty.OFFERED, duty.ACCEPTED).when(duty.accept()).then_nothing()
    given(shift.decider, *there, duty.OFFERED, duty.ACCEPTED).when(duty.offer()).then_rejected(
        duty_refusals.HandoverAcceptedError
    )
    given(shift.decider, *there).when(duty.offer("ann")).then_rejected(duty_refusals.ReliefNotRosteredError)
    given(shift.decider, *there).when(duty.offer("eve", Relief(plan=duty.NIGHT_PLAN))).then_rejected(
        duty_refusals.ReliefNotRosteredError
    )
    chief = replace(duty.READY, tier="duty_chief")
    given(shift.decider, *there).when(duty.offer("chief-2", chief)).then_rejected(duty_refusals.ReliefNotRosteredError)
    given(shift.decider, *there, duty.OFFERED).when(duty.accept("bob-2")).then_rejected(duty_refusals.NotTheReliefError)
    duty.refused(given(shift.decider, *there).when(duty.accept()), duty_refusals.HandoverNotOfferedError, "handover_offered")
    for step, relief in {
        "relief_checked_in": replace(duty.READY, checked_in=False),
        "log_read": replace(duty.READY, read_log=False),
        "notices_acknowledged": replace(duty.READY, unread_notices=1),
    }.items():
        then = given(shift.decider, *there, duty.OFFERED).when(duty.accept(relief=relief))
        duty.refused(then, duty_refusals.ReliefNotReadyError, step)


def test_what_came_up_since_the_offer_is_signed_for_as_well(duty: Any) -> None:
    """A139, A140."""
    later = OpenItem(kind=OpenItemKind.PROMISE, item_id=duty.RUN)
    there = (duty.OPENED, *duty.ALL_CAME, duty.INVENTORY, duty.OFFERED)
    all_of_it = replace(duty.ACCEPTED, items=2, added=(later,))
    given(shift.decider, *there).when(duty.accept(items=(*duty.ITEMS, later))).then(all_of_it)
    given(shift.decider, *there).when(duty.accept(items=())).then(duty.ACCEPTED)
    matter = replace(later, kind=OpenItemKind.REQUEST)
    (stands_by,) = on_handover(replace(duty.ACCEPTED, added=(matter,)), duty.OFFERED)
    assert (stands_by.aggregate_id, stands_by.command.co_owner) == (duty.RUN, "ann-2")


def test_a_handover_is_refused_for_a_reason_and_offered_again(duty: Any) -> None:
    """A140."""
    refuse = RefuseHandover(shift_id=duty.ID, from_staff="ann", by="ann-2", reason=Sealed("未交清"), now=duty.clock("17:20"))
    refusal = HandoverRefused(
        shift_id=duty.ID, from_staff="ann", refused_by="ann-2", reason=Sealed("未交清"), occurred_at=duty.clock("17:20")
    )
    there = (duty.OPENED, *duty.ALL_CAME, duty.INVENTORY, duty.OFFERED)
    given(shift.decider, *there).when(refuse).then(refusal)
    given(shift.decider, *there, refusal).when(refuse).then_nothing()
    duty.refused(
        given(shift.decider, *there, refusal).when(duty.accept()), duty_refusals.HandoverNotOfferedError, "handover_offered"
    )
    duty.refused(given(shift.decider, *there, refusal).when(duty.end()), duty_refusals.ShiftEndBlockedError, "handover_offered")
    given(shift.decider, *there, refusal).when(duty.offer()).then(duty.OFFERED)
    given(shift.decider, *there, duty.ACCEPTED).when(refuse).then_rejected(duty_refusals.HandoverAcceptedError)


def test_nobody_leaves_before_the_relief_is_there_and_has_taken_over(duty: Any) -> None:
    """A139: the answer says which step is missing."""
    there = (duty.OPENED, *duty.ALL_CAME, duty.INVENTORY)
    blocked = duty_refusals.ShiftEndBlockedError
    duty.refused(given(shift.decider, *there).when(duty.end()), blocked, "handover_offered")
    duty.refused(given(shift.decider, *there, duty.OFFERED).when(duty.end()), blocked, "relief_checked_in")
    duty.refused(given(shift.decider, *there, duty.OFFERED).when(duty.end(relief=duty.READY)), blocked, "handover_accepted")
    given(shift.decider, *there, duty.OFFERED, duty.ACCEPTED).when(duty.end(relief=duty.READY)).then(duty.ended())
    given(shift.decider, *there, duty.OFFERED, duty.ACCEPTED).when(duty.end("17:28", duty.READY)).then(duty.ended("17:28", 0))
    duty.refused(given(shift.decider, *there, duty.OFFERED, duty.ACCEPTED).when(duty.end()), blocked, "relief_checked_in")
    given(shift.decider, *there, duty.OFFERED, duty.ACCEPTED, duty.ended()).when(duty.end()).then_nothing()
    given(shift.decider, *there, duty.OFFERED, duty.ACCEPTED, duty.ended()).when(duty.check_in("ann", "17:29")).then_rejected(
        duty_refusals.ShiftOverError
    )
    duty.refused(given(shift.decider, duty.OPENED).when(duty.end()), duty_refusals.NotAtPostError, "shift_checked_in")


def test_who_goes_on_into_the_next_shift_is_their_own_relief(duty: Any) -> None:
    """A139: one chief of two shifts; not one who changes the tier, and nobody before they have checked in there."""
    there, blocked = (duty.OPENED, *duty.ALL_CAME, duty.INVENTORY), duty_refusals.ShiftEndBlockedError
    given(shift.decider, *there).when(replace(duty.end(relief=duty.READY), stays=True)).then(duty.ended())
    chief = replace(duty.end(relief=replace(duty.READY, tier="duty_chief")), stays=True)
    duty.refused(given(shift.decider, *there).when(chief), blocked, "handover_offered")
    away = replace(duty.end(relief=replace(duty.READY, checked_in=False)), stays=True)
    duty.refused(given(shift.decider, *there).when(away), blocked, "relief_checked_in")


def test_the_relief_is_on_the_shift_that_follows_on_the_same_line(duty: Any) -> None:
    """A139, A06: neither another line's people nor a colleague of the same shift make it possible to go home."""
    there = (duty.OPENED, *duty.ALL_CAME, duty.INVENTORY)
    assert duty.NIGHT_PLAN is not None
    day = shift.decider.fold([duty.OPENED]).plan
    much_later = replace(duty.NIGHT_PLAN, follows=None, starts_at=duty.clock("20:00"))
    for plan in (None, day, replace(duty.NIGHT_PLAN, line="12345"), much_later):
        then = given(shift.decider, *there).when(duty.offer(relief=replace(duty.READY, plan=plan)))
        then.then_rejected(duty_refusals.ReliefShiftError)
    running = replace(duty.offer(relief=replace(duty.READY, plan=much_later)), now=duty.clock("20:30"))
    assert given(shift.decider, *there).when(running).refusal is None
    taken = (duty.OPENED, *duty.ALL_CAME, duty.ASKED, replace(duty.APPROVED, occurred_at=duty.clock("10:00")), duty.INVENTORY)
    assert given(shift.decider, *taken).when(duty.offer("cy", replace(duty.READY, plan=day))).refusal is None


def test_nobody_leaves_a_line_of_24_hours_without_anybody_who_answers(duty: Any) -> None:
    """A139, A06: a relief whose post has not begun is there and does not answer yet."""
    alone = (duty.OPENED, duty.came("ann"), duty.INVENTORY, duty.OFFERED, duty.ACCEPTED)
    early = replace(duty.READY, answering=False)
    duty.refused(
        given(shift.decider, *alone).when(duty.end("17:28", early)), duty_refusals.ShiftEndBlockedError, "line_answered"
    )
    given(shift.decider, *alone, duty.came("bob")).when(duty.end("17:28", early)).then(duty.ended("17:28", 0))


def test_an_office_that_closes_needs_no_relief_but_stays_until_the_end(duty: Any) -> None:
    """A139."""
    office = replace(duty.OPENED, round_the_clock=False)
    given(shift.decider, office, duty.came("ann")).when(duty.end()).then(duty.ended())
    given(shift.decider, office, duty.came("ann")).when(duty.end("17:00")).then_rejected(duty_refusals.ShiftNotOverError)


def test_the_log_is_read_at_the_post(duty: Any) -> None:
    """A142."""
    read = ReadLog(shift_id=duty.ID, staff_id="ann", now=duty.clock("08:25"))
    event = LogRead(shift_id=duty.ID, staff_id="ann", occurred_at=duty.clock("08:25"))
    given(shift.decider, duty.OPENED, *duty.ALL_CAME).when(read).then(event)
    given(shift.decider, duty.OPENED, *duty.ALL_CAME, event).when(read).then_nothing()
    duty.refused(given(shift.decider, duty.OPENED).when(read), duty_refusals.NotAtPostError, "shift_checked_in")


def test_how_the_relief_stands_is_read_from_their_own_shift(duty: Any) -> None:
    """A139, A142."""
    history: list[ShiftEvent] = [
        duty.OPENED,
        duty.came("ann", "08:15"),
        LogRead(shift_id=duty.ID, staff_id="ann", occurred_at=duty.clock("08:20")),
    ]
    state = shift.decider.fold(history)
    ready = replace(duty.READY, plan=state.plan)
    away = replace(ready, checked_in=False, answering=False)
    assert relief_in(state, "ann", duty.clock("08:25")) == ready
    assert relief_in(state, "ann", duty.clock("08:10")) == away
    assert relief_in(state, "eve", duty.clock("08:25"), unread_notices=2) == Relief(plan=state.plan, unread_notices=2)
    pause = BreakBegan(shift_id=duty.ID, line="duty", staff_id="ann", reason="meal", occurred_at=duty.clock("08:22"))
    resting = shift.decider.fold([*history, pause])
    assert relief_in(resting, "ann", duty.clock("08:25")) == away


def test_a_day_on_duty(duty: Any) -> None:
    """A134, A137, A139, A140, A141, A142: from the roster to going home."""
    history: list[Any] = [duty.OPENED]

    def does(*commands: Any) -> None:
        for command in commands:
            then = given(shift.decider, *history).when(command)
            assert then.refusal is None, then.refusal
            history.extend(then.events)

    does(*(duty.check_in(name, "08:15") for name in ("chief", "leader", "ann", "bob")))
    does(ReadLog(shift_id=duty.ID, staff_id="ann", now=duty.clock("08:20")), CheckAttendance(now=duty.clock("08:40")))
    does(BeginBreak(shift_id=duty.ID, staff_id="ann", reason="meal", now=duty.clock("12:00")))
    does(EndBreak(shift_id=duty.ID, staff_id="ann", now=duty.clock("12:30")))
    does(CheckInventory(shift_id=duty.ID, staff_id="ann", items=duty.COUNTED, rules=duty.RULES, now=duty.clock("17:10")))
    does(duty.offer(), duty.accept(), duty.end("17:31", duty.READY))
    faults = (LateArrivalRecorded, AbsenceDetected, GapDetected, SubstitutionDetected)
    assert not [event for event in history if isinstance(event, faults)]
    assert history[-1] == duty.ended("17:31", 60_000)
