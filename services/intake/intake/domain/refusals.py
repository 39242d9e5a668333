"""What intake refuses, and by which rule. The texts for people are in `locale`."""

from typing import ClassVar

from hotline_events.decider import RefusalError


class CallNotReceivedError(RefusalError):
    """Nobody reported that this call reached the line."""

    code: ClassVar[str] = "call_not_received"
    status: ClassVar[int] = 404
    missing: str | None = "received"


class CallAlreadyAnsweredError(RefusalError):
    """Someone else has the call, or it was answered and so cannot be abandoned any more."""

    code: ClassVar[str] = "call_already_answered"
    rule: ClassVar[str | None] = "A01"


class CallAbandonedError(RefusalError):
    """The caller left before anyone answered."""

    code: ClassVar[str] = "call_abandoned"
    rule: ClassVar[str | None] = "A03"


class CallNotAnsweredError(RefusalError):
    """Nobody is talking to the caller yet."""

    code: ClassVar[str] = "call_not_answered"
    rule: ClassVar[str | None] = "A01"
    missing: str | None = "answered"


class CallNotHeldError(RefusalError):
    """The caller was never asked to wait."""

    code: ClassVar[str] = "call_not_held"
    rule: ClassVar[str | None] = "A46"
    missing: str | None = "held"


class CallOverError(RefusalError):
    """The call has ended."""

    code: ClassVar[str] = "call_over"
    rule: ClassVar[str | None] = "A24"


class CallNotEndedError(RefusalError):
    """A record is completed after the call, not before its end."""

    code: ClassVar[str] = "call_not_ended"
    rule: ClassVar[str | None] = "A35"
    missing: str | None = "ended"


class TimeRunsBackwardsError(RefusalError):
    """What is reported would have happened before something that the same call already went through."""

    code: ClassVar[str] = "time_runs_backwards"
    rule: ClassVar[str | None] = "A21"
    field: ClassVar[str | None] = "body.occurred_at"
    status: ClassVar[int] = 422


class DurationTooLongError(RefusalError):
    """No caller waits or talks for more than a week: a date was mistyped."""

    code: ClassVar[str] = "duration_too_long"
    rule: ClassVar[str | None] = "A21"
    field: ClassVar[str | None] = "body.occurred_at"
    status: ClassVar[int] = 422


class RequestNotRegisteredError(RefusalError):
    """Nobody registered this request."""

    code: ClassVar[str] = "request_not_registered"
    status: ClassVar[int] = 404
    missing: str | None = "registered"


class RequestAlreadyRegisteredError(RefusalError):
    """The id belongs to another matter."""

    code: ClassVar[str] = "request_already_registered"
    rule: ClassVar[str | None] = "A25"


class RequestAlreadyAnsweredError(RefusalError):
    """The requester was given an answer; another one would have to correct it, and say so."""

    code: ClassVar[str] = "request_already_answered"
    rule: ClassVar[str | None] = "A67"


class PersonNotRegisteredError(RefusalError):
    """The vault knows nobody by this id."""

    code: ClassVar[str] = "person_not_registered"
    status: ClassVar[int] = 404


class UnknownRequesterError(RefusalError):
    """A matter belongs to a person; register the person first, or say that the requester stays anonymous."""

    code: ClassVar[str] = "unknown_requester"
    rule: ClassVar[str | None] = "A25"
    field: ClassVar[str | None] = "body.requester_id"
    status: ClassVar[int] = 422


class UnknownCallerError(RefusalError):
    """A caller is a person of the vault; register the person first, or say that the name is withheld."""

    code: ClassVar[str] = "unknown_caller"
    rule: ClassVar[str | None] = "A10"
    field: ClassVar[str | None] = "body.caller_id"
    status: ClassVar[int] = 422


class PersonErasedError(RefusalError):
    """The person's data key is destroyed; the id never gets another one."""

    code: ClassVar[str] = "person_erased"
    rule: ClassVar[str | None] = "A146"


class AnonymousWithFactsError(RefusalError):
    """Who stays anonymous leaves no facts."""

    code: ClassVar[str] = "anonymous_with_facts"
    rule: ClassVar[str | None] = "A144"
    field: ClassVar[str | None] = "body.anonymous"
    status: ClassVar[int] = 422


class FactNotKeptError(RefusalError):
    """The vault keeps none of the facts asked for; asking is not recorded as reading."""

    code: ClassVar[str] = "fact_not_kept"
    rule: ClassVar[str | None] = "A144"
    field: ClassVar[str | None] = "body.fields"


class ConfidentialError(RefusalError):
    """The matter is for those who answer for it and those named; in need there is the break-glass (A130, A145)."""

    code: ClassVar[str] = "confidential"
    rule: ClassVar[str | None] = "A145"
    status: ClassVar[int] = 403


class RelayToAccusedError(RefusalError):
    """What concerns a complaint is never relayed to the department that it accuses (A144)."""

    code: ClassVar[str] = "relay_to_accused"
    rule: ClassVar[str | None] = "A144"
    field: ClassVar[str | None] = "body.department"


class NotTheirRequestError(RefusalError):
    """The person did not make this request: it is no reason to read who they are (A144)."""

    code: ClassVar[str] = "not_their_request"
    rule: ClassVar[str | None] = "A144"
    field: ClassVar[str | None] = "body.request_id"
    status: ClassVar[int] = 422
