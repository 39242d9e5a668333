"""Duty: tiers, shifts, check-in, handover (A06, A134-A143)."""

from dataclasses import dataclass
from datetime import time

from hotline_rules.deadlines import Span


@dataclass(frozen=True, kw_only=True, slots=True)
class ShiftTime:
    """A shift's local times; one that ends before it starts runs over midnight."""

    name: str
    start: time
    end: time


@dataclass(frozen=True, kw_only=True, slots=True)
class DutyRules:
    """How the roster is made and watched."""

    weekday_shifts: tuple[ShiftTime, ...]  # A135: two
    weekend_shifts: tuple[ShiftTime, ...]  # A135: three
    tiers: tuple[str, ...]  # A134
    check_in_before: Span  # A137
    absent_after: Span  # A138
    notify_chief_before: Span  # A143
