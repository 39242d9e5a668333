"""What only the steps of a call are refused for. The texts for people are in `locale`."""

from typing import ClassVar

from hotline_events.decider import RefusalError


class StepMissingError(RefusalError):
    """Something has to come first; `missing` names it."""

    code: ClassVar[str] = "call_step_missing"
    rule: ClassVar[str | None] = "A50"

    def __init__(self, step: str) -> None:
        super().__init__()
        self.missing = step


class HoldNotAgreedError(StepMissingError):
    """A caller is asked before they wait, and told how long (A45)."""

    code: ClassVar[str] = "hold_not_agreed"
    rule: ClassVar[str | None] = "A45"


class ScriptMissingError(StepMissingError):
    """The words of this situation come first (A13-A15)."""

    code: ClassVar[str] = "script_missing"
    rule: ClassVar[str | None] = "A13"


class CallerMissingError(StepMissingError):
    """Words about a caller are kept under the caller's own key: say first who it is, or that the name is withheld (A10)."""

    code: ClassVar[str] = "caller_missing"
    rule: ClassVar[str | None] = "A10"


class ScreeningMissingError(StepMissingError):
    """Nobody is passed on to a leader without unit, position and name (A59)."""

    code: ClassVar[str] = "screening_missing"
    rule: ClassVar[str | None] = "A59"


class HuntOrderError(StepMissingError):
    """The places of a hunt are tried in their order, unless it is urgent (A58)."""

    code: ClassVar[str] = "hunt_out_of_order"
    rule: ClassVar[str | None] = "A58"


class LineNotReleasedError(StepMissingError):
    """Nobody talks about a caller who may still hear it (A24)."""

    code: ClassVar[str] = "line_not_released"
    rule: ClassVar[str | None] = "A24"


class UnknownScriptError(RefusalError):
    """The rule pack has no such script."""

    code: ClassVar[str] = "unknown_script"
    rule: ClassVar[str | None] = "A08"
    field: ClassVar[str | None] = "body.script"
    status: ClassVar[int] = 422


class TranscriptHeardError(RefusalError):
    """The call was judged by another transcript after its record was complete; it is not judged by two (A08)."""

    code: ClassVar[str] = "transcript_already_heard"
    rule: ClassVar[str | None] = "A08"


class UnknownOutcomeError(RefusalError):
    """The rule pack knows no such outcome; its text names those it knows."""

    code: ClassVar[str] = "unknown_outcome"
    rule: ClassVar[str | None] = "A66"
    field: ClassVar[str | None] = "body.outcome"
    status: ClassVar[int] = 422


class NotLateError(RefusalError):
    """The call was answered within the rings that the pack allows."""

    code: ClassVar[str] = "answer_not_late"
    rule: ClassVar[str | None] = "A02"


class TelephoneMenuOffError(RefusalError):
    """The rule pack keeps no telephone menu (GB/T 33358)."""

    code: ClassVar[str] = "telephone_menu_off"
    rule: ClassVar[str | None] = "A22"


class NotHeldNowError(RefusalError):
    """Nobody waits just now."""

    code: ClassVar[str] = "caller_not_waiting"
    rule: ClassVar[str | None] = "A47"


class NotFlaggedError(RefusalError):
    """Only for a caller of raised priority is a conversation interrupted."""

    code: ClassVar[str] = "caller_not_flagged"
    rule: ClassVar[str | None] = "A63"
    missing: str | None = "prioritised"


class PromisePastError(RefusalError):
    """A call back is promised for a time that lies ahead."""

    code: ClassVar[str] = "promise_past"
    rule: ClassVar[str | None] = "A18"
    field: ClassVar[str | None] = "body.due_at"
    status: ClassVar[int] = 422


class UnknownSkillError(RefusalError):
    """Nobody has this skill, by the pack's matrix."""

    code: ClassVar[str] = "unknown_skill"
    rule: ClassVar[str | None] = "A56"
    field: ClassVar[str | None] = "body.skill"
    status: ClassVar[int] = 422


class NothingToOfferError(RefusalError):
    """Nobody was busy, absent or unwilling, so there is nothing to choose instead."""

    code: ClassVar[str] = "nothing_to_offer"
    rule: ClassVar[str | None] = "A40"


class PlaceNotHuntedError(RefusalError):
    """The rule pack does not look there, or that place was tried."""

    code: ClassVar[str] = "place_not_hunted"
    rule: ClassVar[str | None] = "A58"
    field: ClassVar[str | None] = "body.place"


class CallerAlreadyKnownError(RefusalError):
    """The call belongs to somebody else."""

    code: ClassVar[str] = "caller_already_known"
    rule: ClassVar[str | None] = "A10"
    field: ClassVar[str | None] = "body.caller_id"


class NotRingingError(RefusalError):
    """That telephone does not ring for this call."""

    code: ClassVar[str] = "extension_not_ringing"
    rule: ClassVar[str | None] = "A07"
    missing: str | None = "extension_rang"
