"""What intake decides: calls, requests and the people behind them (who are only ever an id here).

Durations are milliseconds, times are aware and UTC. Sources: requirements A01-A44, indicators T1-T8.
"""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event
from hotline_events.sealing import Sealed


class Channel(StrEnum):
    """How a request came in (A37)."""

    PHONE = "phone"
    WEB = "web"
    APP = "app"
    WECHAT = "wechat"
    SMS = "sms"
    EMAIL = "email"
    LETTER = "letter"
    FAX = "fax"
    WALK_IN = "walk_in"
    SOCIAL = "social"
    PARTNER = "partner"


class RequestType(StrEnum):
    """What kind of matter a request is (A30)."""

    INQUIRY = "inquiry"
    HELP = "help"
    COMPLAINT = "complaint"
    REPORT = "report"
    SUGGESTION = "suggestion"
    PRAISE = "praise"
    REPAIR = "repair"
    EMERGENCY_REPAIR = "emergency_repair"


class AbandonStage(StrEnum):
    """Where a caller left: only one who had reached the queue counts as offered (T1, T6)."""

    MENU = "menu"
    QUEUE = "queue"
    RINGING = "ringing"


class EndedBy(StrEnum):
    """Who ended the call (A12)."""

    CALLER = "caller"
    AGENT = "agent"
    SYSTEM = "system"


@event("intake.call.received")
class CallReceived:
    """A call reached the line. `caller_id` is a person of the vault, None when the number was withheld."""

    call_id: UUID
    line: str
    caller_id: UUID | None = None
    emergency: bool = False
    occurred_at: datetime


@event("intake.call.answered")
class CallAnswered:
    """A call taker joined the call after `wait_ms` in the queue (A01, T1-T3, T7)."""

    call_id: UUID
    agent_id: str
    wait_ms: int
    ring_count: int | None = None
    occurred_at: datetime


@event("intake.call.abandoned")
class CallAbandoned:
    """The caller left before anyone answered (A03, T6)."""

    call_id: UUID
    stage: AbandonStage
    wait_ms: int
    occurred_at: datetime


@event("intake.call.held")
class CallHeld:
    """The caller agreed to wait (A45)."""

    call_id: UUID
    reason: str
    estimated_ms: int | None = None
    occurred_at: datetime


@event("intake.call.resumed")
class CallResumed:
    """The call taker came back after `held_ms` (A46)."""

    call_id: UUID
    held_ms: int
    occurred_at: datetime


@event("intake.call.ended")
class CallEnded:
    """The call is over. `talk_ms` excludes `hold_ms` (A12, A17, T8)."""

    call_id: UUID
    ended_by: EndedBy
    talk_ms: int
    hold_ms: int
    occurred_at: datetime


@event("intake.call.wrapped_up")
class CallWrappedUp:
    """The record of the call is complete, `wrap_up_ms` after its end (A35, T8)."""

    call_id: UUID
    outcome: str
    wrap_up_ms: int
    occurred_at: datetime


@event("intake.request.registered", sealed_by="requester_id")
class RequestRegistered:
    """A matter was registered with the base record elements (A25, A26, A37, A65).

    The requester's name, gender, telephone, address and organisation are in the vault; what was said is sealed.
    `category` and `area` are what the call taker chose, if anything; routing classifies. One that was answered at first contact
    (`answered_directly`) needs no department: no work order is opened for it (A67).
    """

    request_id: UUID
    requester_id: UUID
    channel: Channel
    request_type: RequestType
    title: Sealed
    matter: Sealed
    place: Sealed | None = None
    category: str | None = None
    area: str | None = None
    call_id: UUID | None = None
    source_reference: str | None = None
    answered_directly: bool = False
    first_contact: str
    occurred_at: datetime


@event("intake.request.answered_directly", sealed_by="requester_id")
class RequestAnsweredDirectly:
    """The matter was answered at first contact and needs no department (A67, T11)."""

    request_id: UUID
    requester_id: UUID
    reply: Sealed
    answered_by: str
    occurred_at: datetime


@event("intake.person.registered")
class PersonRegistered:
    """A person entered the vault; `fields` names which facts are kept there, never the facts."""

    person_id: UUID
    anonymous: bool
    fields: tuple[str, ...]
    occurred_at: datetime


@event("intake.person.identity_read")
class PersonIdentityRead:
    """Someone read facts of a person for a stated purpose (P1)."""

    person_id: UUID
    fields: tuple[str, ...]
    purpose: str
    request_id: UUID | None = None
    read_by: str
    occurred_at: datetime


@event("intake.person.erased")
class PersonErased:
    """The person's data key was deleted: every copy of every sealed text is unreadable from now on (P3)."""

    person_id: UUID
    reason: str
    occurred_at: datetime


CallEvent: TypeAlias = CallReceived | CallAnswered | CallAbandoned | CallHeld | CallResumed | CallEnded | CallWrappedUp
RequestEvent: TypeAlias = RequestRegistered | RequestAnsweredDirectly
PersonEvent: TypeAlias = PersonRegistered | PersonIdentityRead | PersonErased
