"""What is refused about a record, and by which rule."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from hotline_events.decider import RefusalError


class ReadBackMissingError(RefusalError):
    """What somebody said is read back to them, and confirmed, before it is saved."""

    code: ClassVar[str] = "read_back_missing"
    rule: ClassVar[str | None] = "A33"
    field: ClassVar[str | None] = "body.read_back"
    status: ClassVar[int] = 422
    missing: str | None = "read_back"


class RecordIncompleteError(RefusalError):
    """The record lacks elements that its kind asks for."""

    code: ClassVar[str] = "record_incomplete"
    rule: ClassVar[str | None] = "A34"

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__()
        self.missing = ", ".join(missing)


class GroundNotInRulesError(RefusalError):
    """Nobody is turned away but on a ground of the rules."""

    code: ClassVar[str] = "ground_not_in_rules"
    rule: ClassVar[str | None] = "A66"
    field: ClassVar[str | None] = "body.ground"
    status: ClassVar[int] = 422


class BasisNotToldError(RefusalError):
    """Who is turned away is told on what basis, first."""

    code: ClassVar[str] = "basis_not_told"
    rule: ClassVar[str | None] = "A66"
    field: ClassVar[str | None] = "body.basis_told"
    missing: str | None = "basis_told"


class LookUpMissingError(RefusalError):
    """Nobody says that it cannot be helped before having looked it up."""

    code: ClassVar[str] = "look_up_missing"
    rule: ClassVar[str | None] = "A154"
    missing: str | None = "searched"


class RequestNotAcceptedError(RefusalError):
    """The matter was not accepted, and the caller was told so."""

    code: ClassVar[str] = "request_not_accepted"
    rule: ClassVar[str | None] = "A66"


class DeadlineNotOfTheRulesError(RefusalError):
    """The deadline that is told is the one that the rules give; it stands in the detail."""

    code: ClassVar[str] = "deadline_not_of_the_rules"
    rule: ClassVar[str | None] = "A71"
    field: ClassVar[str | None] = "body.deadline"

    def __init__(self, deadline: datetime) -> None:
        super().__init__(deadline.isoformat())


class NothingToCorrectError(RefusalError):
    """What was never written cannot be corrected."""

    code: ClassVar[str] = "nothing_to_correct"
    rule: ClassVar[str | None] = "A43"
    field: ClassVar[str | None] = "body.field"


class ApologyMissingError(RefusalError):
    """Who was given a wrong reply is told so with an apology."""

    code: ClassVar[str] = "apology_missing"
    rule: ClassVar[str | None] = "A44"
    field: ClassVar[str | None] = "body.apologised"
    missing: str | None = "apology"


class CalendarUnknownError(RefusalError):
    """No deadline can be told for a year whose official calendar the office has not loaded."""

    code: ClassVar[str] = "calendar_unknown"
    rule: ClassVar[str | None] = "calendar"
    awaits_office: ClassVar[bool] = True
