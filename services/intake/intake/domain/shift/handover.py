"""Handing a shift over: the log read, the equipment counted, the open items listed, the relief's signature (A139-A142).

Nobody leaves a line of 24 hours before the relief has checked in and has taken over, and never while nobody else answers it.
The relief is on the shift of the same line that follows; only who is on no post any more, because it was taken over, hands
over within the shift. The relief signs in the shift that is handed over; how they stand in their own is handed in as `Relief`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.intake import (
    HandoverAccepted,
    HandoverOffered,
    HandoverRefused,
    InventoryChecked,
    InventoryItem,
    LogRead,
    OpenItem,
    ShiftEnded,
    ShiftEvent,
)
from hotline_events.sealing import Sealed
from hotline_rules.pack import RulePack
from intake.domain.duty_refusals import (
    HandoverAcceptedError,
    HandoverNotOfferedError,
    HandoverNotReadyError,
    InventoryIncompleteError,
    NotTheReliefError,
    ReliefNotReadyError,
    ReliefNotRosteredError,
    ReliefShiftError,
    ShiftEndBlockedError,
    ShiftNotOverError,
)
from intake.domain.shift.guards import at_post, opened
from intake.domain.shift.state import Handover, Plan, Shift


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief:
    """How the relief stands in the shift that takes over: in which tier, and whether they are there to take over."""

    plan: Plan | None = None
    rostered: bool = False
    tier: str | None = None
    checked_in: bool = False
    answering: bool = False
    read_log: bool = False
    unread_notices: int = 0


NO_RELIEF = Relief()


def relief_in(shift: Shift, staff_id: str, now: datetime, *, unread_notices: int = 0) -> Relief:
    """Tell how somebody stands in the shift that takes over."""
    post, presence = shift.posts.get(staff_id), shift.at_post(staff_id)
    return Relief(
        plan=shift.plan,
        rostered=post is not None and not post.over_at(now),
        tier=None if post is None else post.tier,
        checked_in=presence is not None and presence.since <= now and presence.on_break_since is None,
        answering=shift.answers_at(staff_id, now),
        read_log=staff_id in shift.read_log,
        unread_notices=unread_notices,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLog:
    shift_id: UUID
    staff_id: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInventory:
    shift_id: UUID
    staff_id: str
    items: tuple[InventoryItem, ...]
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferHandover:
    shift_id: UUID
    from_staff: str
    to_staff: str
    relief_shift_id: UUID
    relief: Relief
    items: tuple[OpenItem, ...]
    note: Sealed | None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptHandover:
    shift_id: UUID
    from_staff: str
    by: str
    relief: Relief
    items: tuple[OpenItem, ...]
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseHandover:
    shift_id: UUID
    from_staff: str
    by: str
    reason: Sealed
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndShift:
    """Leave a post. Who `stays` is checked in at the shift that follows, and is their own relief."""

    shift_id: UUID
    staff_id: str
    relief: Relief
    stays: bool = False
    now: datetime


HandoverCommand: TypeAlias = ReadLog | CheckInventory | OfferHandover | AcceptHandover | RefuseHandover | EndShift


def decide(shift: Shift, command: HandoverCommand) -> list[ShiftEvent]:
    match command:
        case ReadLog():
            return _read_log(shift, command)
        case CheckInventory():
            return _check_inventory(shift, command)
        case OfferHandover():
            return _offer(shift, command)
        case AcceptHandover():
            return _accept(shift, command)
        case RefuseHandover():
            return _refuse(shift, command)
        case EndShift():
            return _end(shift, command)
        case _:
            assert_never(command)


def _read_log(shift: Shift, command: ReadLog) -> list[ShiftEvent]:
    at_post(shift, command.staff_id, command.now)
    if command.staff_id in shift.read_log:
        return []
    return [LogRead(shift_id=command.shift_id, staff_id=command.staff_id, occurred_at=command.now)]


def _check_inventory(shift: Shift, command: CheckInventory) -> list[ShiftEvent]:
    at_post(shift, command.staff_id, command.now)
    counted = {one.item for one in command.items}
    for item in command.rules.duty.inventory:
        if item not in counted:
            raise InventoryIncompleteError(item)
    return [
        InventoryChecked(shift_id=command.shift_id, staff_id=command.staff_id, items=command.items, occurred_at=command.now)
    ]


def _offer(shift: Shift, command: OfferHandover) -> list[ShiftEvent]:
    presence = at_post(shift, command.from_staff, command.now)
    if not _takes_over(shift, command):
        raise ReliefShiftError
    if command.from_staff not in shift.counted:
        raise HandoverNotReadyError(missing="inventory_checked")
    relieves = command.relief.rostered and command.relief.tier == presence.tier
    if not relieves or command.to_staff == command.from_staff:
        raise ReliefNotRosteredError
    known = shift.handovers.get(command.from_staff)
    if known is not None and known.accepted:
        raise HandoverAcceptedError
    same = known is not None and (known.to_staff, known.relief_shift_id) == (command.to_staff, command.relief_shift_id)
    if known is not None and same and not known.refused:
        return []
    return [
        HandoverOffered(
            shift_id=command.shift_id,
            from_staff=command.from_staff,
            to_staff=command.to_staff,
            relief_shift_id=command.relief_shift_id,
            items=command.items,
            note=command.note,
            occurred_at=command.now,
        )
    ]


def _takes_over(shift: Shift, command: OfferHandover) -> bool:
    """Say whether the relief's shift follows on the same line, or is this one after a swap or a change took the post over."""
    ending, taking = opened(shift), command.relief.plan
    if taking is None or taking.line != ending.line:
        return False
    if taking.shift_id == ending.shift_id:
        post = shift.posts.get(command.from_staff)
        return post is None or post.over_at(command.now)
    runs = ending.ends_at <= taking.starts_at <= command.now < taking.ends_at
    return taking.follows == ending.shift_id or taking.starts_at == ending.ends_at or runs


def _offered(shift: Shift, from_staff: str, by: str) -> Handover:
    opened(shift)
    handover = shift.handovers.get(from_staff)
    if handover is None:
        raise HandoverNotOfferedError(missing="handover_offered")
    if by != handover.to_staff:
        raise NotTheReliefError
    return handover


def _accept(shift: Shift, command: AcceptHandover) -> list[ShiftEvent]:
    handover = _offered(shift, command.from_staff, command.by)
    if handover.accepted:
        return []
    if handover.refused:
        raise HandoverNotOfferedError(missing="handover_offered")
    relief = command.relief
    steps = (
        ("relief_checked_in", relief.checked_in),
        ("log_read", relief.read_log),
        ("notices_acknowledged", relief.unread_notices == 0),
    )
    for step, done in steps:
        if not done:
            raise ReliefNotReadyError(step)
    added = tuple(item for item in command.items if item not in handover.items)
    return [
        HandoverAccepted(
            shift_id=command.shift_id,
            from_staff=command.from_staff,
            signed_by=command.by,
            items=len(handover.items) + len(added),
            added=added,
            occurred_at=command.now,
        )
    ]


def _refuse(shift: Shift, command: RefuseHandover) -> list[ShiftEvent]:
    handover = _offered(shift, command.from_staff, command.by)
    if handover.accepted:
        raise HandoverAcceptedError
    if handover.refused:
        return []
    return [
        HandoverRefused(
            shift_id=command.shift_id,
            from_staff=command.from_staff,
            refused_by=command.by,
            reason=command.reason,
            occurred_at=command.now,
        )
    ]


def _end(shift: Shift, command: EndShift) -> list[ShiftEvent]:
    plan = opened(shift)
    known = shift.people.get(command.staff_id)
    if known is not None and known.left_at is not None:
        return []
    presence = at_post(shift, command.staff_id, command.now)
    handover = shift.handovers.get(command.staff_id)
    stays = command.stays and command.relief.tier == presence.tier
    if not stays and (handover is None or not handover.accepted):
        if plan.round_the_clock:
            raise ShiftEndBlockedError(_missing_step(handover, command.relief))
        if command.now < plan.ends_at:
            raise ShiftNotOverError
    elif plan.round_the_clock and not command.relief.checked_in:
        raise ShiftEndBlockedError(missing="relief_checked_in")
    if plan.round_the_clock and presence.tier == plan.answering_tier:
        answered = command.relief.answering or shift.answering_at(command.now, besides=command.staff_id)
        if not answered:
            raise ShiftEndBlockedError(missing="line_answered")
    overtime = max(timedelta(), command.now - plan.ends_at)
    return [
        ShiftEnded(
            shift_id=command.shift_id,
            line=plan.line,
            staff_id=command.staff_id,
            overtime_ms=overtime // timedelta(milliseconds=1),
            occurred_at=command.now,
        )
    ]


def _missing_step(handover: Handover | None, relief: Relief) -> str:
    if handover is None or handover.refused:
        return "handover_offered"
    return "handover_accepted" if relief.checked_in else "relief_checked_in"
