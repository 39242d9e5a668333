"""What the rules of revisits refuse."""

from typing import ClassVar

from hotline_events.decider import RefusalError


class UnknownRevisitError(RefusalError):
    """Nothing was scheduled under this id; answered like anything else that is not there."""

    code: ClassVar[str] = "not_found"
    status: ClassVar[int] = 404


class RevisitOverError(RefusalError):
    """The caller was asked already, or the attempts are used up."""

    code: ClassVar[str] = "revisit_over"
    rule: ClassVar[str | None] = "open_revisit"


class RevisitNotDueError(RefusalError):
    """An attempt counts only from the moment at which it is due: three calls in a minute reach nobody three times."""

    code: ClassVar[str] = "revisit_not_due"
    rule: ClassVar[str | None] = "next_attempt"
    field: ClassVar[str | None] = "occurred_at"


class RevisitBeforeResolutionError(RefusalError):
    """Nobody can be asked about a result that was not reported yet."""

    code: ClassVar[str] = "revisit_before_resolution"
    rule: ClassVar[str | None] = "not_before_resolution"
    field: ClassVar[str | None] = "occurred_at"
    status: ClassVar[int] = 422


class QuietHoursError(RefusalError):
    """Nobody is called in quiet hours, except at the very end of the service (A101)."""

    code: ClassVar[str] = "quiet_hours"
    rule: ClassVar[str | None] = "A101"
    field: ClassVar[str | None] = "occurred_at"


class ReasonMissingError(RefusalError):
    """Who is dissatisfied is asked why (A106)."""

    code: ClassVar[str] = "reason_missing"
    rule: ClassVar[str | None] = "A106"
    field: ClassVar[str | None] = "reason"
    status: ClassVar[int] = 422


class PersonErasedError(RefusalError):
    """The caller was erased: nothing they say can be kept any more."""

    code: ClassVar[str] = "person_erased"
    rule: ClassVar[str | None] = "P3"
    field: ClassVar[str | None] = "reason"
