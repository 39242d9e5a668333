"""The steps of holding and passing on a live call (A07, A40, A45-A59)."""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event
from hotline_events.sealing import Sealed


class LegResult(StrEnum):
    """What came of ringing somebody."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    DECLINED = "declined"


class Alternative(StrEnum):
    """What a caller chose when somebody was busy, did not answer or declined (A40)."""

    WAIT = "wait"
    MESSAGE = "message"
    CALL_BACK = "call_back"


class Consulted(StrEnum):
    """Who was asked (A57)."""

    COLLEAGUE = "colleague"
    SUPERIOR = "superior"


@event("intake.call.hold_agreed")
class CallHoldAgreed:
    """The caller had agreed to the hold that the exchange reported, and knew how long it would be (A45)."""

    call_id: UUID
    estimated_ms: int
    agreed_with: str
    progress_by: datetime | None = None
    occurred_at: datetime


@event("intake.call.hold_progress_given")
class CallHoldProgressGiven:
    """The waiting caller heard how far it is; the next word is due by `progress_by` (A47)."""

    call_id: UUID
    given_by: str
    progress_by: datetime
    occurred_at: datetime


@event("intake.call.extension_rang")
class CallExtensionRang:
    """A telephone rings for the call; unanswered, it is released at `release_at` (A07)."""

    call_id: UUID
    extension: str
    release_at: datetime
    occurred_at: datetime


@event("intake.call.extension_released")
class CallExtensionReleased:
    """A telephone that was busy or did not answer was released, and the caller is asked what they wish (A07, A40)."""

    call_id: UUID
    extension: str
    result: LegResult
    rang_at: datetime | None = None
    occurred_at: datetime


@event("intake.call.transfer_prepared")
class CallTransferPrepared:
    """Target and identity were checked, the caller agreed and heard the pre-transfer phrase (A45, A52, A53, A56)."""

    call_id: UUID
    target: str
    unit: str | None = None
    skill: str | None = None
    estimated_ms: int
    prepared_by: str
    occurred_at: datetime


@event("intake.call.transfer_briefed", sealed_by="caller_id")
class CallTransferBriefed:
    """First step: the callee knows what the call is about; the words go with the transfer (A49)."""

    call_id: UUID
    caller_id: UUID
    brief: Sealed
    briefed_by: str
    occurred_at: datetime


@event("intake.call.transfer_connected")
class CallTransferConnected:
    """Second step: the callee took the call. `missed` are the steps before it that nobody told of (A50, A51).

    `taken_by` is the callee as the exchange names them, where the desk had named them otherwise.
    """

    call_id: UUID
    target: str
    missed: tuple[str, ...] = ()
    connected_by: str | None = None
    taken_by: str | None = None
    occurred_at: datetime


@event("intake.call.transfer_confirmed")
class CallTransferConfirmed:
    """Third step: both hear each other (A50)."""

    call_id: UUID
    confirmed_by: str
    occurred_at: datetime


@event("intake.call.transfer_declined")
class CallTransferDeclined:
    """The callee does not take the call, and the caller was told (A51)."""

    call_id: UUID
    target: str
    reason: str
    occurred_at: datetime


@event("intake.call.alternative_chosen")
class CallAlternativeChosen:
    """The caller was offered to wait, to leave a message or to be called back, and chose (A40, A51)."""

    call_id: UUID
    choice: Alternative
    offered_by: str
    occurred_at: datetime


@event("intake.call.leader_screened", sealed_by="caller_id")
class CallLeaderScreened:
    """Who asks for a leader said their unit, position and name (A59)."""

    call_id: UUID
    caller_id: UUID
    leader: str
    unit: Sealed
    position: Sealed
    name: Sealed
    screened_by: str
    occurred_at: datetime


@event("intake.call.hunt_begun")
class CallHuntBegun:
    """A leader is looked for at `places`, one after the other, all at once when it is urgent (A58)."""

    call_id: UUID
    leader: str
    urgent: bool
    places: tuple[str, ...]
    begun_by: str
    occurred_at: datetime


@event("intake.call.hunt_tried")
class CallHuntTried:
    """One place was tried (A58)."""

    call_id: UUID
    place: str
    result: LegResult
    tried_by: str
    occurred_at: datetime


@event("intake.call.colleague_consulted", sealed_by="caller_id")
class CallColleagueConsulted:
    """Instead of guessing, the call taker asked somebody, and got an answer (A57)."""

    call_id: UUID
    caller_id: UUID
    kind: Consulted
    consulted: str
    answer: Sealed
    consulted_by: str
    occurred_at: datetime


@event("intake.call.consultation_started")
class CallConsultationStarted:
    """The exchange saw that somebody was rung for advice while the caller waited (A57)."""

    call_id: UUID
    consulted: str
    occurred_at: datetime


CallStepEvent: TypeAlias = (
    CallHoldAgreed
    | CallHoldProgressGiven
    | CallExtensionRang
    | CallExtensionReleased
    | CallTransferPrepared
    | CallTransferBriefed
    | CallTransferConnected
    | CallTransferConfirmed
    | CallTransferDeclined
    | CallAlternativeChosen
    | CallLeaderScreened
    | CallHuntBegun
    | CallHuntTried
    | CallColleagueConsulted
    | CallConsultationStarted
)
