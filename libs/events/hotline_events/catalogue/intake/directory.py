"""The telephone directory of the administration: published whole, and stale after a month (A147, A149, A159)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event


class DirectoryTier(StrEnum):
    """Whose number it is: only a published one is ever told to anybody (A147)."""

    PUBLISHED = "published"
    STAFF_MOBILE = "staff_mobile"
    MANAGER_DESK = "manager_desk"
    LEADER = "leader"


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryEntry:
    """One line: a post, never a person's name. Only a published one shows its number; of the others the vault keeps it."""

    code: str
    name_zh: str
    name_en: str
    group: str
    tier: DirectoryTier
    number: str | None = None
    holder_id: UUID | None = None
    speed_dial: int | None = None


@event("intake.directory.published")
class DirectoryPublished:
    """The directory has a new version; it replaces the former one whole and is good until `stale_at` (A149)."""

    directory_version: int
    entries: tuple[DirectoryEntry, ...]
    stale_at: datetime
    published_by: str
    rule_version: str
    occurred_at: datetime


@event("intake.directory.went_stale")
class DirectoryWentStale:
    """Nobody has published a newer directory for a month (A149)."""

    directory_version: int
    occurred_at: datetime


@event("intake.directory.lookup_denied")
class DirectoryLookupDenied:
    """Someone asked for a number that is told to nobody (A147)."""

    code: str
    tier: DirectoryTier
    asked_by: str
    occurred_at: datetime


DirectoryEvent: TypeAlias = DirectoryPublished | DirectoryWentStale | DirectoryLookupDenied
