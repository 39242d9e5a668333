"""The posts of a shift: opened from the roster, changed while it runs, swapped with a second person's approval (A136, A138)."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.intake import (
    DutyChiefNotified,
    PostsChanged,
    RosteredShift,
    ShiftEvent,
    ShiftOpened,
    SwapApproved,
    SwapAsked,
    SwapDenied,
)
from hotline_rules.pack import RulePack
from intake.domain.duty_refusals import (
    DuplicatePostError,
    LastOfTierError,
    NothingToChangeError,
    NotRosteredError,
    SecondPersonError,
    ShiftOverError,
    SwapDecidedError,
    SwapNotAskedError,
    SwapNotOwnError,
    UnknownTierError,
)
from intake.domain.shift.guards import DUTY_CHIEF, opened
from intake.domain.shift.state import Plan, Post, Shift, Swap


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenShift:
    """Open a shift as the roster has it."""

    line: str
    day: str
    shift: RosteredShift
    round_the_clock: bool
    answering_tier: str
    by: str
    rule_version: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePosts:
    """Take somebody off, put somebody on, or one for the other; `tier` is for who is put on without taking a post over."""

    shift_id: UUID
    removed: str | None
    added: str | None
    tier: str | None
    reason: str
    effective_at: datetime
    by: str
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AskSwap:
    shift_id: UUID
    swap_id: UUID
    from_staff: str
    to_staff: str
    reason: str
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveSwap:
    shift_id: UUID
    swap_id: UUID
    by: str
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DenySwap:
    shift_id: UUID
    swap_id: UUID
    reason: str
    by: str
    now: datetime


PostsCommand: TypeAlias = OpenShift | ChangePosts | AskSwap | ApproveSwap | DenySwap


def decide(shift: Shift, command: PostsCommand) -> list[ShiftEvent]:
    match command:
        case OpenShift():
            return _open(shift, command)
        case ChangePosts():
            return _change(shift, command)
        case AskSwap():
            return _ask(shift, command)
        case ApproveSwap():
            return _approve(shift, command)
        case DenySwap():
            return _deny(shift, command)
        case _:
            assert_never(command)


def _open(shift: Shift, command: OpenShift) -> list[ShiftEvent]:
    if shift.plan is not None:
        return []
    span = command.shift
    return [
        ShiftOpened(
            shift_id=span.shift_id,
            line=command.line,
            day=command.day,
            name=span.name,
            starts_at=span.starts_at,
            ends_at=span.ends_at,
            posts=span.posts,
            round_the_clock=command.round_the_clock,
            answering_tier=command.answering_tier,
            follows=span.follows,
            chief_notice_at=span.chief_notice_at,
            check_in_by=span.check_in_by,
            absent_from=span.absent_from,
            opened_by=command.by,
            rule_version=command.rule_version,
            occurred_at=command.now,
        )
    ]


def _change(shift: Shift, command: ChangePosts) -> list[ShiftEvent]:
    plan = opened(shift)
    if command.removed is None and command.added is None:
        raise NothingToChangeError
    if command.effective_at >= plan.ends_at:
        raise ShiftOverError
    if _is_so_already(shift, command):
        return []
    tier = _tier_of(shift, command)
    changed = PostsChanged(
        shift_id=command.shift_id,
        line=plan.line,
        removed=command.removed,
        added=command.added,
        tier=tier,
        reason=command.reason,
        effective_at=command.effective_at,
        absent_from=_absent_from(plan, command.effective_at, command.rules),
        changed_by=command.by,
        occurred_at=command.now,
    )
    return [changed, *_tell_new_chief(shift, plan, tier, command.added, command.now)]


def _is_so_already(shift: Shift, command: ChangePosts) -> bool:
    removed = None if command.removed is None else shift.posts.get(command.removed)
    added = None if command.added is None else shift.posts.get(command.added)
    removal = command.removed is None or (removed is not None and removed.until == command.effective_at)
    addition = command.added is None or (added is not None and added.since == command.effective_at)
    return removal and addition


def _tier_of(shift: Shift, command: ChangePosts) -> str:
    """Return the tier that changes hands, and refuse a change that leaves a tier without anybody."""
    if command.added is not None and _holds(shift, command.added, command.effective_at):
        raise DuplicatePostError
    if command.removed is not None:
        tier = _post_of(shift, command.removed, command.effective_at).tier
        if command.added is None and not _others_of(shift, tier, command.removed, command.effective_at):
            raise LastOfTierError
        return tier
    if command.tier is None or command.tier not in command.rules.duty.tiers:
        raise UnknownTierError
    return command.tier


def _holds(shift: Shift, staff_id: str, moment: datetime) -> bool:
    post = shift.posts.get(staff_id)
    return post is not None and not post.over_at(moment)


def _post_of(shift: Shift, staff_id: str, moment: datetime) -> Post:
    post = shift.posts.get(staff_id)
    if post is None or not post.holds_at(moment):
        raise NotRosteredError(missing="roster_published")
    return post


def _others_of(shift: Shift, tier: str, staff_id: str, moment: datetime) -> bool:
    return any(post.tier == tier and post.holds_at(moment) for name, post in shift.posts.items() if name != staff_id)


def _absent_from(plan: Plan, since: datetime, rules: RulePack) -> datetime:
    return rules.after(rules.duty.absent_after, max(since, plan.starts_at))


def _tell_new_chief(shift: Shift, plan: Plan, tier: str, staff_id: str | None, now: datetime) -> list[ShiftEvent]:
    """Tell whoever becomes duty chief after the notice went out (A143)."""
    if staff_id is None or tier != DUTY_CHIEF or not shift.chief_notified:
        return []
    return [
        DutyChiefNotified(shift_id=plan.shift_id, line=plan.line, staff_id=staff_id, starts_at=plan.starts_at, occurred_at=now)
    ]


def _ask(shift: Shift, command: AskSwap) -> list[ShiftEvent]:
    plan = opened(shift)
    if command.swap_id in shift.swaps:
        return []
    if command.by not in {command.from_staff, command.to_staff}:
        raise SwapNotOwnError
    if command.now >= plan.ends_at:
        raise ShiftOverError
    _post_of(shift, command.from_staff, command.now)
    if _holds(shift, command.to_staff, command.now):
        raise DuplicatePostError
    return [
        SwapAsked(
            shift_id=command.shift_id,
            swap_id=command.swap_id,
            from_staff=command.from_staff,
            to_staff=command.to_staff,
            reason=command.reason,
            asked_by=command.by,
            occurred_at=command.now,
        )
    ]


def _asked(shift: Shift, swap_id: UUID, by: str, *, approved: bool) -> Swap | None:
    """Return the swap that a second person decides; None when it was decided so already."""
    opened(shift)
    swap = shift.swaps.get(swap_id)
    if swap is None:
        raise SwapNotAskedError(missing="swap_asked")
    if by in {swap.asked_by, swap.from_staff, swap.to_staff}:
        raise SecondPersonError
    if swap.approved is not None and swap.approved is not approved:
        raise SwapDecidedError
    return None if swap.approved is approved else swap


def _approve(shift: Shift, command: ApproveSwap) -> list[ShiftEvent]:
    swap = _asked(shift, command.swap_id, command.by, approved=True)
    if swap is None:
        return []
    plan = opened(shift)
    if command.now >= plan.ends_at:
        raise ShiftOverError
    if _holds(shift, swap.to_staff, command.now):
        raise DuplicatePostError
    tier = _post_of(shift, swap.from_staff, command.now).tier
    approved = SwapApproved(
        shift_id=command.shift_id,
        line=plan.line,
        swap_id=command.swap_id,
        from_staff=swap.from_staff,
        to_staff=swap.to_staff,
        tier=tier,
        absent_from=_absent_from(plan, command.now, command.rules),
        approved_by=command.by,
        occurred_at=command.now,
    )
    return [approved, *_tell_new_chief(shift, plan, tier, swap.to_staff, command.now)]


def _deny(shift: Shift, command: DenySwap) -> list[ShiftEvent]:
    if _asked(shift, command.swap_id, command.by, approved=False) is None:
        return []
    return [
        SwapDenied(
            shift_id=command.shift_id,
            swap_id=command.swap_id,
            reason=command.reason,
            denied_by=command.by,
            occurred_at=command.now,
        )
    ]
