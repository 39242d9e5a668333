"""What intake refuses about rosters, shifts and handovers, and by which rule. The texts are in `locale`."""

from typing import ClassVar

from hotline_events.decider import RefusalError


class StepMissingError(RefusalError):
    """Something has to come first; `missing` names it."""

    code: ClassVar[str] = "step_missing"

    def __init__(self, missing: str) -> None:
        super().__init__()
        self.missing = missing


class RosterShiftsError(RefusalError):
    """A roster has exactly the shifts of its day: two of a working day, three of a day off."""

    code: ClassVar[str] = "roster_shifts"
    rule: ClassVar[str | None] = "A135"
    field: ClassVar[str | None] = "body.shifts"
    status: ClassVar[int] = 422


class TierMissingError(StepMissingError):
    """Every shift has somebody in each of the three tiers."""

    code: ClassVar[str] = "tier_missing"
    rule: ClassVar[str | None] = "A134"
    field: ClassVar[str | None] = "body.shifts"
    status: ClassVar[int] = 422


class UnknownTierError(RefusalError):
    """The rule pack has no tier of this name."""

    code: ClassVar[str] = "unknown_tier"
    rule: ClassVar[str | None] = "A134"
    field: ClassVar[str | None] = "body.tier"
    status: ClassVar[int] = 422


class DuplicatePostError(RefusalError):
    """One person has one post in a shift."""

    code: ClassVar[str] = "duplicate_post"
    rule: ClassVar[str | None] = "A134"
    field: ClassVar[str | None] = "body"
    status: ClassVar[int] = 422


class RosterAlreadyPublishedError(RefusalError):
    """The day's roster is out; it is changed post by post, so that its history stays."""

    code: ClassVar[str] = "roster_already_published"
    rule: ClassVar[str | None] = "A136"


class ShiftNotOpenedError(RefusalError):
    """No published roster has this shift."""

    code: ClassVar[str] = "shift_not_opened"
    status: ClassVar[int] = 404


class ShiftOverError(RefusalError):
    """The shift, or this person's part in it, is over."""

    code: ClassVar[str] = "shift_over"
    rule: ClassVar[str | None] = "A136"


class NothingToChangeError(RefusalError):
    """A change of the roster takes somebody off, or puts somebody on."""

    code: ClassVar[str] = "nothing_to_change"
    rule: ClassVar[str | None] = "A136"
    field: ClassVar[str | None] = "body"
    status: ClassVar[int] = 422


class LastOfTierError(RefusalError):
    """Nobody is taken off who is the last of their tier, unless somebody takes the post."""

    code: ClassVar[str] = "last_of_tier"
    rule: ClassVar[str | None] = "A134"
    field: ClassVar[str | None] = "body.removed"


class NotRosteredError(StepMissingError):
    """This person is not on the roster of the shift."""

    code: ClassVar[str] = "not_rostered"
    rule: ClassVar[str | None] = "A138"


class AtPostBesideError(RefusalError):
    """This person is at their post in the shift before or after; whoever is away from there is reported there."""

    code: ClassVar[str] = "at_post_beside"
    rule: ClassVar[str | None] = "A138"


class TooEarlyError(RefusalError):
    """Nobody checks in so long before the shift."""

    code: ClassVar[str] = "too_early"
    rule: ClassVar[str | None] = "A137"
    field: ClassVar[str | None] = "body.occurred_at"


class NotAtPostError(StepMissingError):
    """This person has not checked in, or has left."""

    code: ClassVar[str] = "not_at_post"
    rule: ClassVar[str | None] = "A137"


class PostTakenError(RefusalError):
    """Whom they would stand in for is at the post already."""

    code: ClassVar[str] = "post_taken"
    rule: ClassVar[str | None] = "A138"
    field: ClassVar[str | None] = "body.stands_in_for"


class BreakLeavesGapError(RefusalError):
    """A line of 24 hours is not left alone for a break: somebody else has to be there."""

    code: ClassVar[str] = "break_leaves_gap"
    rule: ClassVar[str | None] = "A06"


class NotOnBreakError(RefusalError):
    """This person is not on a break."""

    code: ClassVar[str] = "not_on_break"
    rule: ClassVar[str | None] = "A136"


class SwapNotAskedError(StepMissingError):
    """Nobody asked for this swap."""

    code: ClassVar[str] = "swap_not_asked"
    rule: ClassVar[str | None] = "A138"
    status: ClassVar[int] = 404


class SwapDecidedError(RefusalError):
    """The swap was decided otherwise."""

    code: ClassVar[str] = "swap_decided"
    rule: ClassVar[str | None] = "A138"


class SecondPersonError(RefusalError):
    """Nobody approves their own wish or vouches for themselves: a second person does."""

    code: ClassVar[str] = "second_person"
    rule: ClassVar[str | None] = "A138"
    status: ClassVar[int] = 403


class SwapNotOwnError(RefusalError):
    """A swap is asked for by one of the two whom it concerns."""

    code: ClassVar[str] = "swap_not_own"
    rule: ClassVar[str | None] = "A138"
    field: ClassVar[str | None] = "body.from_staff"


class InventoryIncompleteError(StepMissingError):
    """Every thing of the check-list is counted."""

    code: ClassVar[str] = "inventory_incomplete"
    rule: ClassVar[str | None] = "A141"
    field: ClassVar[str | None] = "body.items"
    status: ClassVar[int] = 422


class HandoverNotReadyError(StepMissingError):
    """The equipment is counted before anything is handed over."""

    code: ClassVar[str] = "handover_not_ready"
    rule: ClassVar[str | None] = "A141"


class ReliefNotRosteredError(RefusalError):
    """The relief is on the roster of the shift that takes over, in the same tier."""

    code: ClassVar[str] = "relief_not_rostered"
    rule: ClassVar[str | None] = "A138"
    field: ClassVar[str | None] = "body.to_staff"


class ReliefShiftError(RefusalError):
    """The relief's shift is the one that follows on the same line."""

    code: ClassVar[str] = "relief_shift"
    rule: ClassVar[str | None] = "A139"
    field: ClassVar[str | None] = "body.relief_shift_id"


class HandoverNotOfferedError(StepMissingError):
    """Nothing was handed over that could be accepted or refused."""

    code: ClassVar[str] = "handover_not_offered"
    rule: ClassVar[str | None] = "A140"


class NotTheReliefError(RefusalError):
    """Only whom it was offered to signs for a handover."""

    code: ClassVar[str] = "not_the_relief"
    rule: ClassVar[str | None] = "A140"
    status: ClassVar[int] = 403


class ReliefNotReadyError(StepMissingError):
    """The relief has checked in, has read the log and the notices, and only then takes over."""

    code: ClassVar[str] = "relief_not_ready"
    rule: ClassVar[str | None] = "A142"


class HandoverAcceptedError(RefusalError):
    """The relief has signed; it cannot be refused any more."""

    code: ClassVar[str] = "handover_already_accepted"
    rule: ClassVar[str | None] = "A140"


class ShiftEndBlockedError(StepMissingError):
    """Nobody leaves before the relief is there and has taken over."""

    code: ClassVar[str] = "shift_end_blocked"
    rule: ClassVar[str | None] = "A139"


class ShiftNotOverError(RefusalError):
    """Without a relief who took over, one stays until the end of the shift."""

    code: ClassVar[str] = "shift_not_over"
    rule: ClassVar[str | None] = "A139"
