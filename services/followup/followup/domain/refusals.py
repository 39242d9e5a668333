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
    field: ClassVar[str | None] = "body.occurred_at"


class RevisitBeforeResolutionError(RefusalError):
    """Nobody can be asked about a result that was not reported yet."""

    code: ClassVar[str] = "revisit_before_resolution"
    rule: ClassVar[str | None] = "not_before_resolution"
    field: ClassVar[str | None] = "body.occurred_at"
    status: ClassVar[int] = 422


class QuietHoursError(RefusalError):
    """Nobody is called in quiet hours, except at the very end of the service (A101)."""

    code: ClassVar[str] = "quiet_hours"
    rule: ClassVar[str | None] = "A101"
    field: ClassVar[str | None] = "body.occurred_at"


class PlannedInQuietHoursError(QuietHoursError):
    """A call is not planned for the night either (A101)."""

    field: ClassVar[str | None] = "body.at"


class PlannedTooLateError(RefusalError):
    """On the last day a call is planned for before the pack's hour: the night would close the window (A100, A101)."""

    code: ClassVar[str] = "planned_too_late"
    rule: ClassVar[str | None] = "A100"
    field: ClassVar[str | None] = "body.at"


class PlannedBackwardsError(RefusalError):
    """A call is put off, never brought forward: attempts fall on different half-days."""

    code: ClassVar[str] = "planned_backwards"
    rule: ClassVar[str | None] = "next_attempt"
    field: ClassVar[str | None] = "body.at"


class AppointmentOutOfPlaceError(RefusalError):
    """Whether an appointment was kept is asked only when somebody came to the caller's place (A103)."""

    code: ClassVar[str] = "question_out_of_place"
    rule: ClassVar[str | None] = "A103"
    field: ClassVar[str | None] = "body.appointment_kept"
    status: ClassVar[int] = 422

    def __init__(self) -> None:
        super().__init__()
        self.missing = "on_site"


class FeeOutOfPlaceError(AppointmentOutOfPlaceError):
    """A fee is asked about only when somebody came to the caller's place (A104)."""

    rule: ClassVar[str | None] = "A104"
    field: ClassVar[str | None] = "body.fee_charged"


class TariffOutOfPlaceError(RefusalError):
    """Whether the tariff was shown and kept to is asked only when a fee was charged (A104)."""

    code: ClassVar[str] = "question_out_of_place"
    rule: ClassVar[str | None] = "A104"
    field: ClassVar[str | None] = "body.fee_shown"
    status: ClassVar[int] = 422

    def __init__(self) -> None:
        super().__init__()
        self.missing = "fee_charged"


class ScriptUnknownError(RefusalError):
    """Only the pack's own scripts can have been spoken (A113)."""

    code: ClassVar[str] = "script_unknown"
    rule: ClassVar[str | None] = "A113"
    field: ClassVar[str | None] = "body.opened_with"
    status: ClassVar[int] = 422


class ClaimOutOfPlaceError(RefusalError):
    """A demand that the caller no longer makes needs no exception (A69)."""

    code: ClassVar[str] = "claim_out_of_place"
    rule: ClassVar[str | None] = "A69"
    field: ClassVar[str | None] = "body.exception"
    status: ClassVar[int] = 422


class NothingClaimedError(RefusalError):
    """There is no claim before the second person (A69)."""

    code: ClassVar[str] = "nothing_claimed"
    rule: ClassVar[str | None] = "A69"

    def __init__(self) -> None:
        super().__init__()
        self.missing = "exception_claimed"


class ReviewBeforeClaimError(RefusalError):
    """A claim is reviewed after it was made."""

    code: ClassVar[str] = "review_before_claim"
    rule: ClassVar[str | None] = "A69"
    field: ClassVar[str | None] = "body.occurred_at"
    status: ClassVar[int] = 422


class SecondPersonError(RefusalError):
    """Nobody confirms their own act: it takes a second person (A69, A110)."""

    code: ClassVar[str] = "second_person"
    rule: ClassVar[str | None] = "second_person"


class CallerNotToldError(RefusalError):
    """A matter does not end as an exception behind the caller's back (A69)."""

    code: ClassVar[str] = "caller_not_told"
    rule: ClassVar[str | None] = "A69"
    field: ClassVar[str | None] = "body.caller_told"

    def __init__(self) -> None:
        super().__init__()
        self.missing = "caller_told"


class ReasonMissingError(RefusalError):
    """Who is dissatisfied is asked why (A106)."""

    code: ClassVar[str] = "reason_missing"
    rule: ClassVar[str | None] = "A106"
    field: ClassVar[str | None] = "body.reason"
    status: ClassVar[int] = 422


class CalendarUnknownError(RefusalError):
    """The working days of the year in which a limit would end are not known yet; the office loads them."""

    code: ClassVar[str] = "calendar_unknown"
    rule: ClassVar[str | None] = "working_days"
    awaits_office: ClassVar[bool] = True


class PersonErasedError(RefusalError):
    """The caller was erased: no words of theirs or about them can be kept any more."""

    code: ClassVar[str] = "person_erased"
    rule: ClassVar[str | None] = "P3"


class UnknownSuggestionError(RefusalError):
    """There is no such suggestion, or it lies before another department."""

    code: ClassVar[str] = "not_found"
    status: ClassVar[int] = 404


class UnknownApologyError(RefusalError):
    """No such apology was ordered, or another department owes it."""

    code: ClassVar[str] = "not_found"
    status: ClassVar[int] = 404


class UnknownPromiseError(RefusalError):
    """Nothing was promised under this id."""

    code: ClassVar[str] = "not_found"
    status: ClassVar[int] = 404


class TooEarlyError(RefusalError):
    """An answer comes after what it answers."""

    code: ClassVar[str] = "too_early"
    rule: ClassVar[str | None] = "in_order"
    field: ClassVar[str | None] = "body.occurred_at"
    status: ClassVar[int] = 422


class ApologyNotReportedError(RefusalError):
    """There is no proof to look at yet (A110)."""

    code: ClassVar[str] = "apology_not_reported"
    rule: ClassVar[str | None] = "A110"

    def __init__(self) -> None:
        super().__init__()
        self.missing = "apology_done"


class ApologyOverError(RefusalError):
    """The apology was reported and waits for the second person, or was confirmed (A110)."""

    code: ClassVar[str] = "apology_over"
    rule: ClassVar[str | None] = "A110"


class PromiseOverError(RefusalError):
    """The promise was kept already (A18)."""

    code: ClassVar[str] = "promise_over"
    rule: ClassVar[str | None] = "A18"
