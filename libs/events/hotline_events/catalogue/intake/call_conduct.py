"""How a call was conducted: what was said, what it was recognised as, and which rule was broken (A02-A24, A63, A119)."""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event


class LateReason(StrEnum):
    """Why a call was answered late (A02)."""

    ALL_AGENTS_BUSY = "all_agents_busy"
    SHORT_STAFFED = "short_staffed"
    SHIFT_CHANGE = "shift_change"
    EQUIPMENT = "equipment"
    EMERGENCY_FIRST = "emergency_first"
    AWAY_FROM_SEAT = "away_from_seat"


class ScriptSource(StrEnum):
    """How it is known that something was said (A08)."""

    DECLARED = "declared"
    TRANSCRIPT = "transcript"


class CallerTitle(StrEnum):
    """How a caller is addressed, after the surname (A10)."""

    MR = "mr"
    MS = "ms"
    NEUTRAL = "neutral"


class CallPriority(StrEnum):
    """Who is served first, the later ones before the earlier ones (A16, A119)."""

    ORDINARY = "ordinary"
    FLAGGED = "flagged"
    DISTRESS = "distress"
    EMERGENCY = "emergency"


class Emotion(StrEnum):
    """What a caller's distress looks like (A119)."""

    ANXIOUS = "anxious"
    ANGRY = "angry"
    CRYING = "crying"
    CONFUSED = "confused"
    DESPERATE = "desperate"


class WaitingGround(StrEnum):
    """Why somebody in a conversation is told of a waiting caller (A63)."""

    LONG_DISTANCE = "long_distance"
    EMERGENCY = "emergency"
    SUPERIOR = "superior"
    DISTRESS = "distress"


@event("intake.call.late_answer_apologised")
class CallLateAnswerApologised:
    """The call taker apologised for the late answer and said why it was late (A02)."""

    call_id: UUID
    reason: LateReason
    apologised_by: str
    occurred_at: datetime


@event("intake.call.script_spoken")
class CallScriptSpoken:
    """A script of the pack was spoken, and the agent's number with it or not (A08, A09, A11)."""

    call_id: UUID
    script: str
    agent_number: bool = False
    source: ScriptSource
    spoken_by: str
    occurred_at: datetime


@event("intake.call.transcript_heard")
class CallTranscriptHeard:
    """A transcript was compared with the scripts: which it holds, and whether the agent's number and rude words (A08, A14).

    `silent_missing` is the first line of the silent script that was not said in its place, None when all were (A13). The words
    are not kept.
    """

    call_id: UUID
    scripts: tuple[str, ...]
    agent_number: bool
    rude: bool
    silent_missing: str | None = None
    told_by: str
    occurred_at: datetime


@event("intake.call.caller_identified")
class CallCallerIdentified:
    """The caller's name was asked for: kept in the vault under `caller_id`, or withheld (A10).

    `number_id` is whom the number had been until then: from now on this caller is known to ring from there (A23).
    """

    call_id: UUID
    caller_id: UUID
    number_id: UUID | None = None
    withheld: bool
    title: CallerTitle | None = None
    identified_by: str
    occurred_at: datetime


@event("intake.call.silence_handled")
class CallSilenceHandled:
    """Nobody spoke; the whole silent script was said, so the call taker may hang up (A13)."""

    call_id: UUID
    handled_by: str
    occurred_at: datetime


@event("intake.call.misdial_handled")
class CallMisdialHandled:
    """The caller had dialled another number and was told so politely; an end before `no_sooner_than` cuts them off (A14)."""

    call_id: UUID
    no_sooner_than: datetime
    handled_by: str
    occurred_at: datetime


@event("intake.call.harassment_flagged")
class CallHarassmentFlagged:
    """The call was harassment and was declined politely; it counts against the caller's number, if that is known (A15).

    The number is `number_id`, whoever the caller said to be; `caller_id` where the exchange told no number.
    """

    call_id: UUID
    caller_id: UUID | None = None
    number_id: UUID | None = None
    flagged_by: str
    occurred_at: datetime


@event("intake.call.hang_up_explained")
class CallHangUpExplained:
    """After the end it was said why the call taker had hung up first (A12)."""

    call_id: UUID
    exception: str
    explained_by: str
    occurred_at: datetime


@event("intake.call.prioritised")
class CallPrioritised:
    """The call is served before others of a lower priority (A16)."""

    call_id: UUID
    priority: CallPriority
    reason: str
    prioritised_by: str
    occurred_at: datetime


@event("intake.call.distress_tagged")
class CallDistressTagged:
    """The caller is upset; that raises the call's priority and never lowers it (A119)."""

    call_id: UUID
    emotion: Emotion
    tagged_by: str
    occurred_at: datetime


@event("intake.call.waiting_notified")
class CallWaitingNotified:
    """Somebody in a conversation was told of this waiting caller (A63)."""

    call_id: UUID
    ground: WaitingGround
    notified: str
    notified_by: str
    occurred_at: datetime


@event("intake.call.talk_notice_reached")
class CallTalkNoticeReached:
    """The talk became long: a hint to the call taker and a statistic, no fault (A17)."""

    call_id: UUID
    agent_id: str
    occurred_at: datetime


@event("intake.call.talk_action_reached")
class CallTalkActionReached:
    """The talk is so long that the caller is told the line is open, or promised a call back (A18)."""

    call_id: UUID
    agent_id: str
    occurred_at: datetime


@event("intake.call.line_kept_open")
class CallLineKeptOpen:
    """The caller was told that the line is still open (A18, A48)."""

    call_id: UUID
    told_by: str
    occurred_at: datetime


@event("intake.call.menu_option_chosen")
class CallMenuOptionChosen:
    """The caller chose an option of a telephone menu, where the pack keeps one (A22)."""

    call_id: UUID
    option: str
    occurred_at: datetime


@event("intake.call.line_released")
class CallLineReleased:
    """The line is closed: what is said at the desk now, the caller does not hear (A24)."""

    call_id: UUID
    confirmed_by: str | None = None
    occurred_at: datetime


@event("intake.call.busy_overflow_detected")
class CallBusyOverflowDetected:
    """The call met a telephone that was in a conversation: one handset behind two lines (A61)."""

    call_id: UUID
    extension: str
    occurred_at: datetime


@event("intake.call.rule_violated")
class CallRuleViolated:
    """Something that a rule demands was left out: `step` is what is missing."""

    call_id: UUID
    rule: str
    step: str
    agent_id: str | None = None
    occurred_at: datetime


@event("intake.call.violation_withdrawn")
class CallViolationWithdrawn:
    """What was told late shows that nothing was left out after all: who hung up, how long it rang, what was said (A02, A12)."""

    call_id: UUID
    rule: str
    step: str
    occurred_at: datetime


CallConductEvent: TypeAlias = (
    CallLateAnswerApologised
    | CallScriptSpoken
    | CallTranscriptHeard
    | CallCallerIdentified
    | CallSilenceHandled
    | CallMisdialHandled
    | CallHarassmentFlagged
    | CallHangUpExplained
    | CallPrioritised
    | CallDistressTagged
    | CallWaitingNotified
    | CallTalkNoticeReached
    | CallTalkActionReached
    | CallLineKeptOpen
    | CallMenuOptionChosen
    | CallLineReleased
    | CallBusyOverflowDetected
    | CallRuleViolated
    | CallViolationWithdrawn
)
