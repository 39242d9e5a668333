"""What intake refuses about lines, units, extensions and missed calls, and by which rule. The texts are in `locale`."""

from typing import ClassVar

from hotline_events.decider import RefusalError


class LineNotPublishedError(RefusalError):
    """Nobody published this line."""

    code: ClassVar[str] = "line_not_published"
    status: ClassVar[int] = 404


class UnknownGreetingError(RefusalError):
    """The rule pack has no script of this name."""

    code: ClassVar[str] = "unknown_greeting"
    rule: ClassVar[str | None] = "A08"
    field: ClassVar[str | None] = "body.greeting"
    status: ClassVar[int] = 422


class DutyLineForwardedError(RefusalError):
    """The hotline and duty lines are never forwarded."""

    code: ClassVar[str] = "duty_line_forwarded"
    rule: ClassVar[str | None] = "A05"


class OfficeLineForwardedError(RefusalError):
    """An office's line is not forwarded in working time."""

    code: ClassVar[str] = "office_line_forwarded"
    rule: ClassVar[str | None] = "A04"


class ForwardedToItselfError(RefusalError):
    """A line cannot be forwarded to itself."""

    code: ClassVar[str] = "forwarded_to_itself"
    rule: ClassVar[str | None] = "A04"
    field: ClassVar[str | None] = "body.to_line"
    status: ClassVar[int] = 422


class EndsBeforeItStartsError(RefusalError):
    """A span has to end after it starts."""

    code: ClassVar[str] = "ends_before_it_starts"
    rule: ClassVar[str | None] = "ends_after_start"
    field: ClassVar[str | None] = "body.ends_at"
    status: ClassVar[int] = 422


class ForwardedTooLongError(RefusalError):
    """No line is forwarded for longer than the rule pack allows."""

    code: ClassVar[str] = "forwarded_too_long"
    rule: ClassVar[str | None] = "A04"
    field: ClassVar[str | None] = "body.ends_at"
    status: ClassVar[int] = 422


class RouteSpansError(RefusalError):
    """The spans of a route tile the day: every minute belongs to exactly one of them."""

    code: ClassVar[str] = "route_spans"
    rule: ClassVar[str | None] = "A60"
    field: ClassVar[str | None] = "body.spans"
    status: ClassVar[int] = 422


class RouteInThePastError(RefusalError):
    """The public is told before calls go elsewhere, and a later schedule does not reach behind an earlier one."""

    code: ClassVar[str] = "route_in_the_past"
    rule: ClassVar[str | None] = "A60"
    field: ClassVar[str | None] = "body.effective_at"
    status: ClassVar[int] = 422


class LineAlreadyFaultyError(RefusalError):
    """The line is out of order already: one outage has one beginning."""

    code: ClassVar[str] = "line_already_faulty"
    rule: ClassVar[str | None] = "A20"


class FaultNotReportedError(RefusalError):
    """There is no outage of this id: the fault has to be reported first."""

    code: ClassVar[str] = "fault_not_reported"
    rule: ClassVar[str | None] = "A20"

    def __init__(self) -> None:
        super().__init__()
        self.missing = "line_fault_reported"


class LineAlreadyRestoredError(RefusalError):
    """The outage is over."""

    code: ClassVar[str] = "line_already_restored"
    rule: ClassVar[str | None] = "A20"


class UnknownHolderError(RefusalError):
    """The number of a fallback telephone belongs to a person of the vault; register that person first."""

    code: ClassVar[str] = "unknown_holder"
    rule: ClassVar[str | None] = "A21"
    field: ClassVar[str | None] = "body.holder_id"
    status: ClassVar[int] = 422


class MissedCallUnknownError(RefusalError):
    """No missed call of a duty line has this id."""

    code: ClassVar[str] = "missed_call_unknown"
    status: ClassVar[int] = 404


class NumberKnownError(RefusalError):
    """The number was not withheld: this caller is called back until they are reached."""

    code: ClassVar[str] = "number_known"
    rule: ClassVar[str | None] = "A05"
    field: ClassVar[str | None] = "body.outcome"


class UnitUnknownError(RefusalError):
    """Nobody published the opening hours of this unit."""

    code: ClassVar[str] = "unit_unknown"
    status: ClassVar[int] = 404


class OpeningSpansError(RefusalError):
    """A span of opening hours ends after it starts, on the same day."""

    code: ClassVar[str] = "opening_spans"
    rule: ClassVar[str | None] = "A62"
    field: ClassVar[str | None] = "body.hours"
    status: ClassVar[int] = 422


class UnitOpenError(RefusalError):
    """The unit is open at that time: the caller is put through, not sent away."""

    code: ClassVar[str] = "unit_open"
    rule: ClassVar[str | None] = "A62"


class CalendarUnknownError(RefusalError):
    """The official calendar of that year is not known: the office has to load its table."""

    code: ClassVar[str] = "calendar_unknown"
    rule: ClassVar[str | None] = "calendar"
    awaits_office: ClassVar[bool] = True


class NightTransferBlockedError(RefusalError):
    """At night nobody is put through whose particulars do not match: a message is taken."""

    code: ClassVar[str] = "night_transfer_blocked"
    rule: ClassVar[str | None] = "A54"

    def __init__(self) -> None:
        super().__init__()
        self.missing = "message_taken"


class DoNotDisturbError(RefusalError):
    """Whoever sits there is not to be disturbed: take a message, or say why the call is important enough."""

    code: ClassVar[str] = "do_not_disturb"
    rule: ClassVar[str | None] = "A55"
    field: ClassVar[str | None] = "body.importance"

    def __init__(self) -> None:
        super().__init__()
        self.missing = "message_taken"


class MessageReasonError(RefusalError):
    """A message for this reason needs the reason: the extension is not set to do not disturb, or it is not night."""

    code: ClassVar[str] = "message_reason"
    rule: ClassVar[str | None] = "A55"
    field: ClassVar[str | None] = "body.because"


class MessageUnknownError(RefusalError):
    """No message of this id was taken for the extension."""

    code: ClassVar[str] = "message_unknown"
    status: ClassVar[int] = 404
