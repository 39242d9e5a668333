"""An extension inside the house: whom it rings for, when it wants to be left alone, and messages for it (A54, A55)."""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event
from hotline_events.sealing import Sealed


class MessageReason(StrEnum):
    """Why a caller left a message instead of being put through."""

    NIGHT_MISMATCH = "night_mismatch"
    DO_NOT_DISTURB = "do_not_disturb"
    NOT_REACHED = "not_reached"


@event("intake.extension.do_not_disturb_set")
class DoNotDisturbSet:
    """Whoever sits at the extension is not to be disturbed until `ends_at` (A55)."""

    extension: str
    ends_at: datetime
    set_by: str
    occurred_at: datetime


@event("intake.extension.do_not_disturb_cleared")
class DoNotDisturbCleared:
    """The extension takes calls again (A55)."""

    extension: str
    cleared_by: str
    occurred_at: datetime


@event("intake.extension.put_through")
class PutThrough:
    """A caller was put through; `importance` says why although it was not to be disturbed (A54, A55)."""

    extension: str
    call_id: UUID
    importance: str | None = None
    put_through_by: str
    rule_version: str
    occurred_at: datetime


@event("intake.extension.message_taken", sealed_by="sealed_for")
class MessageTaken:
    """The caller left a message for the extension (A54, A55)."""

    extension: str
    message_id: UUID
    call_id: UUID
    because: MessageReason
    message: Sealed
    sealed_for: UUID
    taken_by: str
    occurred_at: datetime


@event("intake.extension.message_passed_on")
class MessagePassedOn:
    """The message reached whom it was for (A55)."""

    extension: str
    message_id: UUID
    passed_on_by: str
    occurred_at: datetime


ExtensionEvent: TypeAlias = DoNotDisturbSet | DoNotDisturbCleared | PutThrough | MessageTaken | MessagePassedOn
