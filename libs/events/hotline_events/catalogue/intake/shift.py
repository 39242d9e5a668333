"""One shift of a line: who is to be there, who is, and how it was handed over (A06, A134-A143)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from hotline_events.catalogue.intake.roster import DutyPost
from hotline_events.registry import event
from hotline_events.sealing import Sealed


class OpenItemKind(StrEnum):
    """What a person leaves unfinished (A140)."""

    CALL = "call"
    REQUEST = "request"
    PROMISE = "promise"
    MISSED_CALL = "missed_call"
    RELAY = "relay"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """Something unfinished, by its id."""

    kind: OpenItemKind
    item_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryItem:
    """A thing of the check-list, and whether it is there and works (A141)."""

    item: str
    in_order: bool


@event("intake.shift.opened")
class ShiftOpened:
    """A shift stands on the roster. `follows` is the shift that it relieves, where one was rostered (A134).

    Who is due here has checked in at `check_in_by` (A137), is absent at `absent_from` (A138); the duty chief is told at
    `chief_notice_at` (A143).
    """

    shift_id: UUID
    line: str
    day: str
    name: str
    starts_at: datetime
    ends_at: datetime
    posts: tuple[DutyPost, ...]
    round_the_clock: bool
    answering_tier: str
    follows: UUID | None = None
    chief_notice_at: datetime
    check_in_by: datetime
    absent_from: datetime
    opened_by: str
    rule_version: str
    occurred_at: datetime


@event("intake.shift.posts_changed")
class PostsChanged:
    """The roster was changed while it runs: someone is taken off, someone put on, from `effective_at` (A136)."""

    shift_id: UUID
    line: str
    removed: str | None = None
    added: str | None = None
    tier: str
    reason: str
    effective_at: datetime
    absent_from: datetime
    changed_by: str
    occurred_at: datetime


@event("intake.shift.swap_asked")
class SwapAsked:
    """One person is to take another's post (A138)."""

    shift_id: UUID
    swap_id: UUID
    from_staff: str
    to_staff: str
    reason: str
    asked_by: str
    occurred_at: datetime


@event("intake.shift.swap_approved")
class SwapApproved:
    """A second person approved the swap: the post has changed hands (A138)."""

    shift_id: UUID
    line: str
    swap_id: UUID
    from_staff: str
    to_staff: str
    tier: str
    absent_from: datetime
    approved_by: str
    occurred_at: datetime


@event("intake.shift.swap_denied")
class SwapDenied:
    """A second person denied the swap (A138)."""

    shift_id: UUID
    swap_id: UUID
    reason: str
    denied_by: str
    occurred_at: datetime


@event("intake.shift.chief_notified")
class DutyChiefNotified:
    """The duty chief was told of the shift before it begins (A143)."""

    shift_id: UUID
    line: str
    staff_id: str
    starts_at: datetime
    occurred_at: datetime


@event("intake.shift.checked_in")
class ShiftCheckedIn:
    """Somebody is at their post; `stands_in_for` names whom they replace without being on the roster (A137, A138).

    `claimed_at` is the earlier time that they gave for themselves against an absence on record; it needs a second person.
    """

    shift_id: UUID
    line: str
    staff_id: str
    tier: str
    stands_in_for: str | None = None
    claimed_at: datetime | None = None
    occurred_at: datetime


@event("intake.shift.arrived_late")
class LateArrivalRecorded:
    """Fault: checked in `late_ms` after the time by which one is to be there (A137)."""

    shift_id: UUID
    line: str
    staff_id: str
    late_ms: int
    occurred_at: datetime


@event("intake.shift.absence_detected")
class AbsenceDetected:
    """Fault: somebody on the roster is not at their post (A138). `found_by` is who looked, None when the clock did."""

    shift_id: UUID
    line: str
    staff_id: str
    tier: str
    found_by: str | None = None
    occurred_at: datetime


@event("intake.shift.absence_withdrawn")
class AbsenceWithdrawn:
    """A check-in that was entered late shows that there was no absence (A21, A138)."""

    shift_id: UUID
    line: str
    staff_id: str
    occurred_at: datetime


@event("intake.shift.gap_detected")
class GapDetected:
    """Fault: a line of 24 hours had nobody at all from `began_at` on (A06, A138)."""

    shift_id: UUID
    line: str
    began_at: datetime
    occurred_at: datetime


@event("intake.shift.substitution_detected")
class SubstitutionDetected:
    """Fault: somebody stands in for another without an approved swap (A138)."""

    shift_id: UUID
    line: str
    staff_id: str
    stands_in_for: str
    occurred_at: datetime


@event("intake.shift.break_began")
class BreakBegan:
    """Somebody left their post for a break (A136)."""

    shift_id: UUID
    line: str
    staff_id: str
    reason: str
    occurred_at: datetime


@event("intake.shift.break_ended")
class BreakEnded:
    """Somebody is back from a break (A136)."""

    shift_id: UUID
    line: str
    staff_id: str
    occurred_at: datetime


@event("intake.shift.log_read")
class LogRead:
    """Somebody has read the log of the shift before (A142)."""

    shift_id: UUID
    staff_id: str
    occurred_at: datetime


@event("intake.shift.inventory_checked")
class InventoryChecked:
    """The equipment was counted (A141)."""

    shift_id: UUID
    staff_id: str
    items: tuple[InventoryItem, ...]
    occurred_at: datetime


@event("intake.shift.handover_offered", sealed_by="shift_id")
class HandoverOffered:
    """Somebody hands over to their relief what is unfinished (A140)."""

    shift_id: UUID
    from_staff: str
    to_staff: str
    relief_shift_id: UUID
    items: tuple[OpenItem, ...]
    note: Sealed | None = None
    occurred_at: datetime


@event("intake.shift.handover_accepted")
class HandoverAccepted:
    """The relief signs for all that is unfinished (A139, A140): what was offered, and what came up since then (`added`)."""

    shift_id: UUID
    from_staff: str
    signed_by: str
    items: int
    added: tuple[OpenItem, ...] = ()
    occurred_at: datetime


@event("intake.shift.handover_refused", sealed_by="shift_id")
class HandoverRefused:
    """The relief does not take over, and says why (A140)."""

    shift_id: UUID
    from_staff: str
    refused_by: str
    reason: Sealed
    occurred_at: datetime


@event("intake.shift.ended")
class ShiftEnded:
    """Somebody left their post after `overtime_ms` beyond the end of the shift (A139)."""

    shift_id: UUID
    line: str
    staff_id: str
    overtime_ms: int
    occurred_at: datetime


ShiftEvent: TypeAlias = (
    ShiftOpened
    | PostsChanged
    | SwapAsked
    | SwapApproved
    | SwapDenied
    | DutyChiefNotified
    | ShiftCheckedIn
    | LateArrivalRecorded
    | AbsenceDetected
    | AbsenceWithdrawn
    | GapDetected
    | SubstitutionDetected
    | BreakBegan
    | BreakEnded
    | LogRead
    | InventoryChecked
    | HandoverOffered
    | HandoverAccepted
    | HandoverRefused
    | ShiftEnded
)
