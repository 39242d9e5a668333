"""Playbooks for emergencies and faults: check-lists that are opened and worked off step by step (A161)."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookStep:
    """One step: a code and what is to be done."""

    step: str
    text_zh: str
    text_en: str


@event("intake.playbook.published")
class PlaybookPublished:
    """A playbook, the next version of it whole (A161)."""

    playbook: str
    playbook_version: int
    title_zh: str
    title_en: str
    steps: tuple[PlaybookStep, ...]
    published_by: str
    occurred_at: datetime


@event("intake.playbook_run.opened")
class PlaybookOpened:
    """Somebody works by a playbook, at the version it had then (A161)."""

    run_id: UUID
    playbook: str
    playbook_version: int
    steps: tuple[str, ...]
    call_id: UUID | None = None
    opened_by: str
    occurred_at: datetime


@event("intake.playbook_run.step_done")
class PlaybookStepDone:
    """A step is done; `skipped` says that it did not apply (A161)."""

    run_id: UUID
    step: str
    skipped: bool
    done_by: str
    occurred_at: datetime


@event("intake.playbook_run.closed")
class PlaybookClosed:
    """Every step is done (A161)."""

    run_id: UUID
    closed_by: str
    occurred_at: datetime


PlaybookEvent: TypeAlias = PlaybookPublished
PlaybookRunEvent: TypeAlias = PlaybookOpened | PlaybookStepDone | PlaybookClosed
