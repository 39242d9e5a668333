"""What a call taker notes about a caller while they speak (A23)."""

from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event
from hotline_events.sealing import Sealed


@event("intake.note.taken", sealed_by="person_id")
class NoteTaken:
    """Somebody noted something about a caller, to be seen at their next call."""

    note_id: UUID
    person_id: UUID
    call_id: UUID | None = None
    note: Sealed
    taken_by: str
    occurred_at: datetime


NoteEvent: TypeAlias = NoteTaken
