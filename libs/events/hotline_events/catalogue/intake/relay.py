"""What was taken for somebody and must reach them: messages, documents, meeting notices, work reports (A36, A38-A41, A155)."""

from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from hotline_events.catalogue.intake.kinds import AddresseeKind, Channel, RelayKind, RelayStep
from hotline_events.registry import event
from hotline_events.sealing import Sealed


@event("intake.relay.taken", sealed_by="sender_id")
class RelayTaken:
    """Something was taken for somebody: until `acknowledge_by` they say that they have it, until `answer_by` they answer.

    The sender is a person of the vault. `department` is where the addressee is; only that department sees what it says.
    """

    relay_id: UUID
    sender_id: UUID
    kind: RelayKind
    channel: Channel
    content: Sealed
    addressee_kind: AddresseeKind
    addressee: str
    department: str | None = None
    because: str | None = None
    call_id: UUID | None = None
    request_id: UUID | None = None
    meets_at: datetime | None = None
    place: Sealed | None = None
    attendees: Sealed | None = None
    document_reference: str | None = None
    pages: int | None = None
    acknowledge_by: datetime
    answer_by: datetime | None = None
    rule_version: str
    taken_by: str
    occurred_at: datetime


@event("intake.relay.relayed")
class RelayRelayed:
    """It was passed on to somebody, by word, by telephone, on paper (A36, A39)."""

    relay_id: UUID
    department: str | None = None
    relayed_to: str
    means: str
    relayed_by: str
    occurred_at: datetime


@event("intake.relay.acknowledged")
class RelayAcknowledged:
    """Whom it was for has it: said by themselves, or written down by who was told so (A36, A38)."""

    relay_id: UUID
    department: str | None = None
    acknowledged_by: str
    recorded_by: str
    occurred_at: datetime


@event("intake.relay.answered", sealed_by="sender_id")
class RelayAnswered:
    """Whom it was for answered (A39): of a work report, the guidance that was given (A155)."""

    relay_id: UUID
    sender_id: UUID
    department: str | None = None
    answer: Sealed
    answered_by: str
    recorded_by: str
    occurred_at: datetime


@event("intake.relay.receipt_checked")
class RelayReceiptChecked:
    """Sender or addressee was asked whether the message arrived (A41); one that did not is relayed again, by a new time."""

    relay_id: UUID
    department: str | None = None
    asked: str
    arrived: bool
    acknowledge_by: datetime | None = None
    checked_by: str
    occurred_at: datetime


@event("intake.relay.delayed")
class RelayDelayed:
    """A step was not done by its time: nothing that was taken is lost silently (A36, A39)."""

    relay_id: UUID
    department: str | None = None
    step: RelayStep
    due_at: datetime
    occurred_at: datetime


RelayEvent: TypeAlias = RelayTaken | RelayRelayed | RelayAcknowledged | RelayAnswered | RelayReceiptChecked | RelayDelayed
