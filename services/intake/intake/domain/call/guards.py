"""What several concerns check before they decide. Within a call time never runs backwards."""

from datetime import datetime, timedelta

from hotline_rules.sections.calls import CallRules
from intake.domain.call import refusals
from intake.domain.call.standing import OVER, TALKING, Status
from intake.domain.call.state import Call
from intake.domain.refusals import (
    CallAbandonedError,
    CallNotAnsweredError,
    CallNotReceivedError,
    CallOverError,
    DurationTooLongError,
    TimeRunsBackwardsError,
)

LONGEST = timedelta(days=7)
MILLISECOND = timedelta(milliseconds=1)


def refuse_unless_talking(call: Call) -> None:
    """Refuse, with the reason, what needs someone who talks to the caller."""
    if call.status in OVER:
        raise CallOverError
    refuse_unless_answered(call)


def refuse_unless_answered(call: Call) -> None:
    """Refuse what needs someone who talked to the caller; what was done in the call may be told until it is wrapped up."""
    if call.status is Status.UNKNOWN:
        raise CallNotReceivedError
    if call.status is Status.RECEIVED:
        raise CallNotAnsweredError
    if call.status is Status.ABANDONED:
        raise CallAbandonedError
    if call.status is Status.WRAPPED_UP:
        raise CallOverError


def refuse_unknown(call: Call) -> None:
    if call.status is Status.UNKNOWN:
        raise CallNotReceivedError


def since(call: Call, now: datetime, reported_ms: int | None) -> int:
    """Return the milliseconds since the present status began, as reported or as the times say."""
    start = call.since or now
    if now < start:
        raise TimeRunsBackwardsError
    return between(start, now) if reported_ms is None else reported_ms


def between(start: datetime, end: datetime) -> int:
    if end - start > LONGEST:
        raise DurationTooLongError
    return (end - start) // MILLISECOND


def is_open(call: Call) -> bool:
    return call.status is Status.RECEIVED or call.status in TALKING


def rings_in(milliseconds: int, rules: CallRules) -> int:
    """Count the rings of an exchange that does not: the first begins at once (A01)."""
    return 1 + milliseconds // rules.ring_milliseconds


def after_ms(start: datetime, milliseconds: int) -> datetime:
    return start + timedelta(milliseconds=milliseconds)


def missing(step: str) -> refusals.StepMissingError:
    """Return the refusal of a step that comes too early; it names the one that has to come first."""
    return refusals.StepMissingError(step)
