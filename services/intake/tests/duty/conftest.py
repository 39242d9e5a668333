"""A roster of one line and its day shift, and what is done and said on it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from hotline_events.catalogue.intake import (
    AbsenceDetected,
    DutyPost,
    HandoverAccepted,
    HandoverOffered,
    InventoryChecked,
    InventoryItem,
    OpenItem,
    OpenItemKind,
    RosterPublished,
    ShiftCheckedIn,
    ShiftEnded,
    ShiftOpened,
    SwapApproved,
    SwapAsked,
)
from hotline_events.decider import RefusalError
from hotline_events.sealing import Sealed
from hotline_events.testing import Then, given
from hotline_rules.pack import load_pack
from intake.domain import roster, shift
from intake.domain.shift.absences import NOBODY_BESIDE, Beside, ReportAbsence
from intake.domain.shift.attendance import CheckIn
from intake.domain.shift.handover import (
    NO_RELIEF,
    AcceptHandover,
    EndShift,
    OfferHandover,
    Relief,
)
from intake.domain.shift.posts import ApproveSwap, AskSwap, ChangePosts, OpenShift

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


def find(staff_id: str, at: str, beside: Beside = NOBODY_BESIDE) -> ReportAbsence:
    return ReportAbsence(shift_id=ID, staff_id=staff_id, by="inspector", beside=beside, now=clock(at))


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


@pytest.fixture(scope="session")
def duty() -> SimpleNamespace:
    """Return the roster, its people, and short names for what they do."""
    return SimpleNamespace(
        ACCEPTED=ACCEPTED,
        ALL_CAME=ALL_CAME,
        APPROVED=APPROVED,
        ASKED=ASKED,
        CALL=CALL,
        COUNTED=COUNTED,
        ID=ID,
        INVENTORY=INVENTORY,
        ITEMS=ITEMS,
        MONDAY=MONDAY,
        NIGHT=NIGHT,
        NIGHT_ID=NIGHT_ID,
        NIGHT_PLAN=NIGHT_PLAN,
        OFFERED=OFFERED,
        OPENED=OPENED,
        OTHERS=OTHERS,
        PEOPLE=PEOPLE,
        READY=READY,
        RULES=RULES,
        RUN=RUN,
        SATURDAY=SATURDAY,
        SWAP=SWAP,
        absent=absent,
        accept=accept,
        approve=approve,
        ask=ask,
        came=came,
        change=change,
        check_in=check_in,
        clock=clock,
        end=end,
        ended=ended,
        find=find,
        offer=offer,
        opened=opened,
        publish=publish,
        refused=refused,
    )
