"""A note about a caller, taken while they speak and shown at their next call (A23). It is never changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from hotline_events.catalogue.intake.note import NoteEvent, NoteTaken
from hotline_events.decider import Decider
from hotline_events.sealing import Sealed


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeNote:
    note_id: UUID
    person_id: UUID
    call_id: UUID | None
    note: Sealed
    by: str
    now: datetime


NoteCommand: TypeAlias = TakeNote


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    taken: bool = False


def decide(note: Note, command: NoteCommand) -> list[NoteEvent]:
    if note.taken:
        return []
    return [
        NoteTaken(
            note_id=command.note_id,
            person_id=command.person_id,
            call_id=command.call_id,
            note=command.note,
            taken_by=command.by,
            occurred_at=command.now,
        )
    ]


def evolve(_note: Note, _event: NoteEvent) -> Note:
    return Note(taken=True)


decider: Decider[NoteCommand, Note, NoteEvent] = Decider("note", decide, evolve, Note())
