"""What is remembered of how a call was conducted: scripts spoken, what it was recognised as, priority, promises."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never
from uuid import UUID

from hotline_events.catalogue.intake import (
    CallAnswered,
    CallbackPromised,
    CallBusyOverflowDetected,
    CallCallerIdentified,
    CallConductEvent,
    CallDistressTagged,
    CallerTitle,
    CallHangUpExplained,
    CallHarassmentFlagged,
    CallLateAnswerApologised,
    CallLineKeptOpen,
    CallLineReleased,
    CallMenuOptionChosen,
    CallMisdialHandled,
    CallPrioritised,
    CallPriority,
    CallReceived,
    CallRuleViolated,
    CallScriptSpoken,
    CallSilenceHandled,
    CallTalkActionReached,
    CallTalkNoticeReached,
    CallTranscriptHeard,
    CallViolationWithdrawn,
    CallWaitingNotified,
    Emotion,
    HangUpException,
    ScriptSource,
)
from hotline_events.replacing import replace

TRANSFER = "transfer"
SILENT_PATH = ("greeting", "silent_connected", "silent_redial", "closing")
BANNED_PHRASE = ("A14", "banned_phrase")
_ORDER = tuple(CallPriority)
_BY_PEOPLE = (
    CallLateAnswerApologised
    | CallScriptSpoken
    | CallCallerIdentified
    | CallSilenceHandled
    | CallMisdialHandled
    | CallHarassmentFlagged
    | CallHangUpExplained
    | CallDistressTagged
    | CallLineKeptOpen
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """How the call was conducted so far. `heard` is the last transcript, `in_place` how far one has the silent script (A13)."""

    late: bool = False
    apologised: bool = False
    spoken: frozenset[str] = frozenset()
    numbered: bool = False
    heard: CallTranscriptHeard | None = None
    in_place: int = 0
    silent: bool = False
    misdial_until: datetime | None = None
    harassing: bool = False
    exception: HangUpException | None = None
    priority: CallPriority = CallPriority.ORDINARY
    emotion: Emotion | None = None
    noticed: bool = False
    action_at: datetime | None = None
    action_due: bool = False
    action_taken: bool = False
    promises: frozenset[UUID] = frozenset()
    identified: bool = False
    title: CallerTitle | None = None
    released: bool = False
    overflowed: frozenset[str] = frozenset()
    options: frozenset[tuple[str, datetime]] = frozenset()
    violated: frozenset[tuple[str, str]] = frozenset()


NOTHING = Conduct()


def received(event: CallReceived) -> Conduct:
    """Begin: an emergency call comes first (A16)."""
    return Conduct(priority=CallPriority.EMERGENCY if event.emergency else CallPriority.ORDINARY)


def promised(conduct: Conduct, event: CallbackPromised) -> Conduct:
    """Remember a promise; it is also what a long talk asks for (A18)."""
    return replace(conduct, promises=conduct.promises | {event.promise_id}, action_taken=True)


def answered(conduct: Conduct, event: CallAnswered) -> Conduct:
    """Remember whether it was late, and from when on the talk is long: that the line stays open is told then (A02, A18)."""
    return replace(conduct, late=bool(event.late), action_at=event.action_at)


def excused(conduct: Conduct, exception: HangUpException | None) -> Conduct:
    """Remember why the call taker hung up first, once that is said."""
    return replace(conduct, exception=exception or conduct.exception)


def passing(conduct: Conduct) -> Conduct:
    """A transfer is prepared with the words that go before it; before another one they are said again (A52)."""
    return replace(conduct, spoken=conduct.spoken - {TRANSFER})


def higher(one: CallPriority, other: CallPriority) -> CallPriority:
    """Return the one that is served first."""
    return max(one, other, key=_ORDER.index)


def tells_of_a_person(event: CallConductEvent) -> bool:
    """Say whether somebody at the desk told this; a transcript is a machine's."""
    told = not isinstance(event, CallScriptSpoken) or event.source is not ScriptSource.TRANSCRIPT
    return told and isinstance(event, _BY_PEOPLE)


def caller_of(event: CallConductEvent) -> UUID | None:
    """Return who the caller turned out to be."""
    return event.caller_id if isinstance(event, CallCallerIdentified) else None


def _in_place(event: CallTranscriptHeard) -> int:
    """Return how many lines of the silent script were said, each after the one before it."""
    return len(SILENT_PATH) if event.silent_missing is None else SILENT_PATH.index(event.silent_missing)


def evolve(conduct: Conduct, event: CallConductEvent) -> Conduct:  # noqa: C901, PLR0912 - one line an event
    match event:
        case CallLateAnswerApologised():
            return replace(conduct, apologised=True)
        case CallScriptSpoken():
            spoken = conduct.spoken | {event.script}
            return replace(conduct, spoken=spoken, numbered=conduct.numbered or event.agent_number)
        case CallTranscriptHeard():
            return replace(conduct, heard=event, in_place=max(conduct.in_place, _in_place(event)))
        case CallCallerIdentified():
            return replace(conduct, identified=True, title=event.title)
        case CallSilenceHandled():
            return replace(conduct, silent=True)
        case CallMisdialHandled():
            return replace(conduct, misdial_until=event.no_sooner_than)
        case CallHarassmentFlagged():
            return replace(conduct, harassing=True)
        case CallHangUpExplained():
            return excused(conduct, HangUpException(event.exception))
        case CallPrioritised():
            return replace(conduct, priority=higher(conduct.priority, event.priority))
        case CallDistressTagged():
            return replace(conduct, emotion=event.emotion, priority=higher(conduct.priority, CallPriority.DISTRESS))
        case CallTalkNoticeReached():
            return replace(conduct, noticed=True)
        case CallTalkActionReached():
            return replace(conduct, action_due=True)
        case CallLineKeptOpen():
            in_time = conduct.action_at is None or event.occurred_at >= conduct.action_at
            return replace(conduct, action_taken=conduct.action_taken or in_time)
        case CallLineReleased():
            return replace(conduct, released=True)
        case CallBusyOverflowDetected():
            return replace(conduct, overflowed=conduct.overflowed | {event.extension})
        case CallRuleViolated():
            return replace(conduct, violated=conduct.violated | {(event.rule, event.step)})
        case CallViolationWithdrawn():
            return replace(conduct, violated=conduct.violated - {(event.rule, event.step)})
        case CallMenuOptionChosen():
            return replace(conduct, options=conduct.options | {(event.option, event.occurred_at)})
        case CallWaitingNotified():
            return conduct
        case _:
            assert_never(event)
