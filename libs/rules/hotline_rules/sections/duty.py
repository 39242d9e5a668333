"""Lines and duty: working time, missed calls, tiers, shifts, check-in, handover (A04-A06, A60, A134-A143)."""

from dataclasses import dataclass
from datetime import time

from hotline_rules.deadlines import Span
from hotline_rules.schema import Count


@dataclass(frozen=True, kw_only=True, slots=True)
class ShiftTime:
    """A shift's local times; one that ends before it starts runs over midnight."""

    name: str
    start: time
    end: time


@dataclass(frozen=True, kw_only=True, slots=True)
class OfficeHours:
    """The local working time of a working day."""

    start: time
    end: time


@dataclass(frozen=True, kw_only=True, slots=True)
class LineRules:
    """How lines are kept open."""

    office_hours: OfficeHours  # A04: in these no office line is forwarded or left unanswered
    forwarding_longest: Span  # A04: no forwarding without an end
    unattended_seconds: Count  # A04: a caller who waited longer and left found nobody there
    call_back: Span  # A05: a missed call on a duty line is called back within this
    overflow_seconds: Count  # A60: the duty chief is called when the duty room has not answered


@dataclass(frozen=True, kw_only=True, slots=True)
class DutyRules:
    """How the roster is made and watched."""

    weekday_shifts: tuple[ShiftTime, ...]  # A135: two
    weekend_shifts: tuple[ShiftTime, ...]  # A135: three
    tiers: tuple[str, ...]  # A134
    answering_tier: str  # A06: who of them answers the line
    check_in_earliest: Span  # A137: nobody is on duty longer than this before the shift
    check_in_before: Span  # A137
    absent_after: Span  # A138
    notify_chief_before: Span  # A143
    inventory: tuple[str, ...]  # A141: what is counted at every handover
