"""Whatever people try on two shifts of a line, and on another line's: once somebody is there, it is never left alone."""

import contextlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from hotline_events.catalogue.intake import (
    AbsenceDetected,
    BreakBegan,
    BreakEnded,
    DutyPost,
    InventoryItem,
    PostsChanged,
    ShiftCheckedIn,
    ShiftEnded,
    ShiftEvent,
    ShiftOpened,
    SwapApproved,
)
from hotline_events.decider import RefusalError
from hotline_rules.pack import load_pack
from intake.domain import roster, shift
from intake.domain.coverage import Interval, Turn, answering, uncovered
from intake.domain.shift.attendance import BeginBreak, CheckIn, EndBreak
from intake.domain.shift.handover import (
    NO_RELIEF,
    AcceptHandover,
    CheckInventory,
    EndShift,
    OfferHandover,
    ReadLog,
    relief_in,
)
from intake.domain.shift.posts import ApproveSwap, AskSwap, OpenShift

RULES = load_pack("default")
DAY = date(2026, 3, 2)
START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)  # 08:00 in Shanghai, half an hour before the day's shift
OFFICERS = {"day": ("ann", "bob"), "night": ("cy", "dan")}
PEOPLE = ("ann", "bob", "cy", "dan", "eve", "zed")
ITEMS = tuple(InventoryItem(item=item, in_order=True) for item in RULES.duty.inventory)
OTHER = {"day": ("zed",), "night": ("yan",)}  # those of the hotline, whose day runs at the same time
IDS = {name: roster.shift_id_of("duty", DAY, name) for name in OFFICERS} | {"other": roster.shift_id_of("12345", DAY, "day")}
ACTS = ("check_in", "break", "back", "count", "read", "offer", "accept", "end", "ask", "approve")
# What people usually do one after the other; in a long list of single acts it would hardly ever come about.
HABITS = {
    "take over": ("check_in", "read"),
    "hand over": ("count", "offer", "accepted"),
    "hand over and go": ("count", "offer", "accepted", "end"),
    "swap": ("ask", "approve"),
}
Step = tuple[str, str, str, int]
STEPS = st.tuples(
    st.sampled_from((*ACTS, *HABITS)), st.sampled_from(PEOPLE), st.sampled_from(PEOPLE), st.sampled_from((0, 1, 5, 20, 180))
)


class Duty:
    """Both shifts, driven by commands in the order of time; what is refused does not happen."""

    def __init__(self) -> None:
        self.events: dict[str, list[ShiftEvent]] = {name: [] for name in IDS}
        self.states = dict.fromkeys(IDS, shift.decider.initial)
        for line, officers in (("duty", OFFICERS), ("12345", OTHER)):
            self.opens(line, officers)

    def opens(self, line: str, officers: Mapping[str, Sequence[str]]) -> None:
        chiefs = (DutyPost(staff_id="chief", tier="duty_chief"), DutyPost(staff_id="leader", tier="shift_leader"))
        posts = {
            name: (*chiefs, *(DutyPost(staff_id=one, tier="duty_officer") for one in names)) for name, names in officers.items()
        }
        publish = roster.PublishRoster(
            line=line, day=DAY, posts=posts, round_the_clock=True, follows=None, by="leader", rules=RULES, now=START
        )
        (published,) = roster.decide(roster.Roster(), publish)
        for one in published.shifts:
            opening = OpenShift(
                line=line,
                day=published.day,
                shift=one,
                round_the_clock=True,
                answering_tier="duty_officer",
                by="leader",
                rule_version=published.rule_version,
                now=START,
            )
            name = next((known for known, shift_id in IDS.items() if shift_id == one.shift_id), None)
            if name is not None:
                self.does(name, opening)

    def does(self, name: str, command: shift.ShiftCommand) -> None:
        with contextlib.suppress(RefusalError):
            done = shift.decider.decide(self.states[name], command)
            self.events[name] += done
            self.states[name] = shift.decider.fold(done, self.states[name])

    def shift_of(self, who: str) -> str:
        return next((name for name in ("night", "day", "other") if who in self.states[name].posts), "day")

    def tries(self, act: str, who: str, other: str, now: datetime) -> None:
        """Let somebody try something in their shift; a relief is looked up in their own one, as the service does."""
        name, relieving = self.shift_of(other if act == "accept" else who), self.shift_of(other)
        shift_id, state = IDS[name], self.states[name]
        handover = state.handovers.get(other if act == "accept" else who)
        relief = NO_RELIEF
        if handover is not None:
            own = next(one for one, known in IDS.items() if known == handover.relief_shift_id)
            relief = relief_in(self.states[own], handover.to_staff, now)
        commands: dict[str, Any] = {
            "check_in": lambda: CheckIn(
                shift_id=shift_id, staff_id=who, stands_in_for=other if who == "eve" else None, rules=RULES, now=now
            ),
            "break": lambda: BeginBreak(shift_id=shift_id, staff_id=who, reason="meal", now=now),
            "back": lambda: EndBreak(shift_id=shift_id, staff_id=who, now=now),
            "count": lambda: CheckInventory(shift_id=shift_id, staff_id=who, items=ITEMS, rules=RULES, now=now),
            "read": lambda: ReadLog(shift_id=shift_id, staff_id=who, now=now),
            "offer": lambda: OfferHandover(
                shift_id=shift_id,
                from_staff=who,
                to_staff=other,
                relief_shift_id=IDS[relieving],
                relief=relief_in(self.states[relieving], other, now),
                items=(),
                note=None,
                now=now,
            ),
            "accept": lambda: AcceptHandover(shift_id=shift_id, from_staff=other, by=who, relief=relief, items=(), now=now),
            "end": lambda: EndShift(shift_id=shift_id, staff_id=who, relief=relief, now=now),
            "ask": lambda: AskSwap(
                shift_id=shift_id, swap_id=_swap(who, other), from_staff=who, to_staff=other, reason="ill", by=who, now=now
            ),
            "approve": lambda: ApproveSwap(shift_id=shift_id, swap_id=_swap(who, other), by="leader", rules=RULES, now=now),
        }
        self.does(name, commands[act]())


def _swap(one: str, other: str) -> UUID:
    return UUID(int=PEOPLE.index(one) * 10 + PEOPLE.index(other))


def turns(events: Sequence[ShiftEvent]) -> list[Turn]:
    """Read from a shift's events who was there: by the events alone, as the read model does."""
    found: dict[str, Turn] = {}
    rostered: dict[str, datetime] = {}
    for event in events:
        match event:
            case ShiftOpened():
                rostered = dict.fromkeys((post.staff_id for post in event.posts if post.tier == "duty_officer"), START)
            case SwapApproved(to_staff=name) | PostsChanged(added=str(name)):
                rostered.setdefault(name, event.occurred_at)
            case ShiftCheckedIn(staff_id=name, tier="duty_officer"):
                found[name] = Turn(signed_in_at=event.occurred_at, rostered_from=None)
            case ShiftEnded(staff_id=name) | AbsenceDetected(staff_id=name, found_by=str()) if name in found:
                found[name] = _with(found[name], left_at=event.occurred_at)
            case BreakBegan(staff_id=name) if name in found:
                found[name] = _with(found[name], breaks=(*found[name].breaks, (event.occurred_at, None)))
            case BreakEnded(staff_id=name) if name in found:
                *before, (began, _) = found[name].breaks
                found[name] = _with(found[name], breaks=(*before, (began, event.occurred_at)))
            case _:
                pass
    return [_with(turn, rostered_from=rostered.get(name)) for name, turn in found.items()]


def _with(turn: Turn, **changes: Any) -> Turn:
    known = {name: getattr(turn, name) for name in ("signed_in_at", "rostered_from", "left_at", "breaks")}
    return Turn(**known | changes)


@settings(max_examples=400, deadline=None)
@given(st.lists(STEPS, min_size=20, max_size=80))
def test_once_somebody_is_there_a_line_of_24_hours_is_never_left_alone(steps: list[Step]) -> None:
    """A06, A136, A138, A139: whatever is tried, in whatever order, over the change of shift and through swaps and breaks."""
    duty, now = Duty(), START
    for act, who, other, minutes in steps:
        now += timedelta(minutes=minutes)
        for one in HABITS.get(act, (act,)):
            accepting = one == "accepted"
            first, second = (other, who) if accepting else (who, other)
            duty.tries("accept" if accepting else one, first, second, now)
    known = [turn for name in OFFICERS for turn in turns(duty.events[name])]
    there = [interval.start for turn in known for interval in answering(turn, now)]  # who gets the post on a break is not
    if there:
        assert uncovered(Interval(min(there), now), known) == []


def test_the_property_sees_a_line_that_is_left_alone() -> None:
    """A06: the oracle of this file would notice."""
    duty = Duty()
    duty.tries("check_in", "ann", "ann", START)
    (turn,) = turns(duty.events["day"])
    later = START + timedelta(hours=1)
    assert uncovered(Interval(START, later), [turn]) == []
    left = _with(turn, left_at=START + timedelta(minutes=30))
    assert uncovered(Interval(START, later), [left]) == [Interval(START + timedelta(minutes=30), later)]


def test_two_of_one_shift_cannot_leave_by_taking_over_from_each_other() -> None:
    """A139: who is on the same shift is no relief."""
    duty, now = Duty(), START
    for act, who, other in (
        *(("check_in", name, name) for name in ("ann", "bob")),
        *(("read", name, name) for name in ("ann", "bob")),
        *((act, *pair) for pair in (("ann", "bob"), ("bob", "ann")) for act in ("count", "offer")),
        *(("accept", *pair) for pair in (("bob", "ann"), ("ann", "bob"))),
        ("end", "ann", "ann"),
        ("end", "bob", "bob"),
    ):
        duty.tries(act, who, other, now)
    left = [event.staff_id for event in duty.events["day"] if isinstance(event, ShiftEnded)]
    assert left == []


def test_nobody_goes_home_in_the_morning_because_another_line_is_staffed() -> None:
    """A139, A06: ann is alone, and zed sits on the hotline at that hour."""
    duty, now = Duty(), START + timedelta(minutes=70)
    for act, who, other in (("check_in", "ann", "ann"), ("check_in", "zed", "zed"), ("read", "zed", "zed")):
        duty.tries(act, who, other, START)
    for act, who, other in (("count", "ann", "ann"), ("offer", "ann", "zed"), ("accept", "zed", "ann"), ("end", "ann", "ann")):
        duty.tries(act, who, other, now)
    assert duty.states["other"].at_post("zed") is not None
    assert duty.states["day"].at_post("ann") is not None
