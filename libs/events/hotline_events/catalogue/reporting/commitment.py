"""Commitments: what the hotline promises to the public, version after version (A156)."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from hotline_events.registry import event


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentItem:
    """One promise; `figure` is what the pack said of `rule` when it was published."""

    zh: str
    en: str
    rule: str | None = None
    figure: str | None = None


@event("reporting.commitment.published")
class CommitmentPublished:
    """The commitments in force from now on; they replace the version before whole (A156)."""

    commitment_version: int
    items: tuple[CommitmentItem, ...]
    rule_version: str
    published_by: str
    occurred_at: datetime


CommitmentEvent: TypeAlias = CommitmentPublished
