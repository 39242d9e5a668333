"""What a decision about a shift reads: its people, each by their id, and nothing of how it came to be so."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from hotline_events.catalogue.intake import (
    AbsenceDetected,
    AbsenceWithdrawn,
    BreakBegan,
    BreakEnded,
    DutyChiefNotified,
    GapDetected,
    HandoverAccepted,
    HandoverOffered,
    HandoverRefused,
    InventoryChecked,
    LateArrivalRecorded,
    LogRead,
    OpenItem,
    PostsChanged,
    ShiftCheckedIn,
    ShiftEnded,
    ShiftEvent,
    ShiftOpened,
    SubstitutionDetected,
    SwapApproved,
    SwapAsked,
    SwapDenied,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post on the roster: whose tier, from when to when; None is the beginning or the end of the shift."""

    tier: str
    since: datetime | None = None
    until: datetime | None = None
    check_in_by: datetime
    absent_from: datetime

    def holds_at(self, moment: datetime) -> bool:
        return self.begun_at(moment) and not self.over_at(moment)

    def begun_at(self, moment: datetime) -> bool:
        return self.since is None or self.since <= moment

    def over_at(self, moment: datetime) -> bool:
        return self.until is not None and self.until <= moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Somebody who is at a post, or was."""

    since: datetime
    tier: str
    on_break_since: datetime | None = None
    left_at: datetime | None = None
    claimed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    from_staff: str
    to_staff: str
    asked_by: str
    approved: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    to_staff: str
    relief_shift_id: UUID
    items: frozenset[OpenItem]
    accepted: bool = False
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The shift as it was opened."""

    shift_id: UUID
    line: str
    starts_at: datetime
    ends_at: datetime
    check_in_by: datetime
    absent_from: datetime
    round_the_clock: bool
    answering_tier: str
    follows: UUID | None
    rule_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    plan: Plan | None = None
    posts: Mapping[str, Post] = field(default_factory=dict)
    people: Mapping[str, Presence] = field(default_factory=dict)
    swaps: Mapping[UUID, Swap] = field(default_factory=dict)
    handovers: Mapping[str, Handover] = field(default_factory=dict)
    absent: Mapping[str, datetime] = field(default_factory=dict)
    read_log: frozenset[str] = frozenset()
    counted: frozenset[str] = frozenset()
    gap_at: datetime | None = None
    chief_notified: bool = False

    def at_post(self, staff_id: str) -> Presence | None:
        """Return the presence of somebody who is there, None for whoever is not or has left."""
        found = self.people.get(staff_id)
        return found if found is not None and found.left_at is None else None

    def answering_at(self, moment: datetime, *, besides: str | None = None) -> bool:
        """Say whether somebody rostered, besides one person, answers the line at a moment."""
        return any(name != besides and self.answers_at(name, moment) for name in self.people)

    def answers_at(self, staff_id: str, moment: datetime) -> bool:
        """Say whether somebody whom the roster has put on by then answers the line; who stays until relieved does."""
        post, person = self.posts.get(staff_id), self.people.get(staff_id)
        if self.plan is None or post is None or person is None or person.tier != self.plan.answering_tier:
            return False
        here = person.since <= moment and (person.left_at is None or person.left_at > moment)
        return here and person.on_break_since is None and post.begun_at(moment)


def evolve(shift: Shift, event: ShiftEvent) -> Shift:  # noqa: C901, PLR0912 - one case an event
    match event:
        case ShiftOpened():
            return _opened(event)
        case PostsChanged():
            return _posts_changed(shift, event)
        case SwapAsked():
            swap = Swap(from_staff=event.from_staff, to_staff=event.to_staff, asked_by=event.asked_by)
            return replace(shift, swaps={**shift.swaps, event.swap_id: swap})
        case SwapApproved():
            return _swapped(shift, event)
        case SwapDenied():
            denied = replace(shift.swaps[event.swap_id], approved=False)
            return replace(shift, swaps={**shift.swaps, event.swap_id: denied})
        case DutyChiefNotified():
            return replace(shift, chief_notified=True)
        case ShiftCheckedIn():
            came = Presence(since=event.occurred_at, tier=event.tier, claimed=event.claimed_at is not None)
            return _person(shift, event.staff_id, came)
        case BreakBegan():
            return _person(shift, event.staff_id, replace(shift.people[event.staff_id], on_break_since=event.occurred_at))
        case BreakEnded():
            return _person(shift, event.staff_id, replace(shift.people[event.staff_id], on_break_since=None))
        case AbsenceDetected():
            return _absent(shift, event)
        case AbsenceWithdrawn():
            return replace(shift, absent={name: at for name, at in shift.absent.items() if name != event.staff_id})
        case GapDetected():
            return replace(shift, gap_at=event.began_at)
        case LogRead():
            return replace(shift, read_log=shift.read_log | {event.staff_id})
        case InventoryChecked():
            return replace(shift, counted=shift.counted | {event.staff_id})
        case HandoverOffered():
            items = frozenset(event.items)
            offered = Handover(to_staff=event.to_staff, relief_shift_id=event.relief_shift_id, items=items)
            return replace(shift, handovers={**shift.handovers, event.from_staff: offered})
        case HandoverAccepted():
            return _answered(shift, event.from_staff, accepted=True)
        case HandoverRefused():
            return _answered(shift, event.from_staff, accepted=False)
        case ShiftEnded():
            return _person(shift, event.staff_id, replace(shift.people[event.staff_id], left_at=event.occurred_at))
        case LateArrivalRecorded() | SubstitutionDetected():
            return shift
        case _:
            assert_never(event)


def _opened(event: ShiftOpened) -> Shift:
    plan = Plan(
        shift_id=event.shift_id,
        line=event.line,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        check_in_by=event.check_in_by,
        absent_from=event.absent_from,
        round_the_clock=event.round_the_clock,
        answering_tier=event.answering_tier,
        follows=event.follows,
        rule_version=event.rule_version,
    )
    posts = {
        post.staff_id: Post(tier=post.tier, check_in_by=event.check_in_by, absent_from=event.absent_from)
        for post in event.posts
    }
    return Shift(plan=plan, posts=posts)


def _posts_changed(shift: Shift, event: PostsChanged) -> Shift:
    posts = dict(shift.posts)
    if event.removed is not None:
        posts[event.removed] = replace(posts[event.removed], until=event.effective_at)
    if event.added is not None:
        posts[event.added] = _post_from(shift, event.tier, event.effective_at, event.absent_from)
    return replace(shift, posts=posts)


def _swapped(shift: Shift, event: SwapApproved) -> Shift:
    posts = dict(shift.posts)
    posts[event.from_staff] = replace(posts[event.from_staff], until=event.occurred_at)
    posts[event.to_staff] = _post_from(shift, event.tier, event.occurred_at, event.absent_from)
    approved = replace(shift.swaps[event.swap_id], approved=True)
    return replace(shift, posts=posts, swaps={**shift.swaps, event.swap_id: approved})


def _post_from(shift: Shift, tier: str, since: datetime, absent_from: datetime) -> Post:
    """Return a post that somebody gets while the roster runs: due at once, or ahead of the shift like everyone."""
    check_in_by = since if shift.plan is None else max(shift.plan.check_in_by, since)
    return Post(tier=tier, since=since, check_in_by=check_in_by, absent_from=absent_from)


def _person(shift: Shift, staff_id: str, presence: Presence) -> Shift:
    return replace(shift, people={**shift.people, staff_id: presence})


def _absent(shift: Shift, event: AbsenceDetected) -> Shift:
    """Note an absence; who was at the post and was found away has left it."""
    absent = {**shift.absent, event.staff_id: event.occurred_at}
    presence = shift.at_post(event.staff_id)
    if presence is None or event.found_by is None:
        return replace(shift, absent=absent)
    gone = replace(presence, left_at=event.occurred_at)
    return replace(shift, absent=absent, people={**shift.people, event.staff_id: gone})


def _answered(shift: Shift, from_staff: str, *, accepted: bool) -> Shift:
    answered = replace(shift.handovers[from_staff], accepted=accepted, refused=not accepted)
    return replace(shift, handovers={**shift.handovers, from_staff: answered})
