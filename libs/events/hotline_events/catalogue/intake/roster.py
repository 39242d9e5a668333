"""The roster of a line's day: who is on duty in which shift, in three tiers (A134, A135)."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyPost:
    """One person's post in a shift; people on a roster are staff, known by their account's id."""

    staff_id: str
    tier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RosteredShift:
    """A shift and everyone on it. `follows` is the shift that it relieves, where one is rostered.

    The duty chief is told at `chief_notice_at` (A143), who is due has checked in at `check_in_by` (A137) and is absent at
    `absent_from` (A138).
    """

    shift_id: UUID
    name: str
    starts_at: datetime
    ends_at: datetime
    chief_notice_at: datetime
    check_in_by: datetime
    absent_from: datetime
    follows: UUID | None = None
    posts: tuple[DutyPost, ...]


@event("intake.roster.published")
class RosterPublished:
    """The roster of a line's day: two shifts of a working day, three of a day off (A135)."""

    line: str
    day: str
    round_the_clock: bool
    answering_tier: str
    shifts: tuple[RosteredShift, ...]
    published_by: str
    rule_version: str
    occurred_at: datetime


RosterEvent: TypeAlias = RosterPublished
