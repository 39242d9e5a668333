"""Key, difficult and hot matters go up level by level; sensitive periods make the levels shorter (A82, A83)."""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event


class Flag(StrEnum):
    """Why a matter goes up (A82)."""

    KEY = "key"
    DIFFICULT = "difficult"
    HOT = "hot"
    EMERGENCY = "emergency"


@event("routing.escalation.raised")
class EscalationRaised:
    """A matter was reported to the first level, which answers before `due_at` (A82).

    `sensitive_until` is the end of the sensitive period in which it was raised, None outside of one (A83). `may_answer`:
    as what one signs in to act for the level; nothing is named where the pack leaves it open.
    """

    escalation_id: UUID
    work_order_id: UUID
    department: str | None = None
    flag: Flag
    level: str
    due_at: datetime | None = None
    sensitive_until: datetime | None = None
    raised_by: str
    rule_version: str
    occurred_at: datetime
    may_answer: tuple[str, ...] = ()


@event("routing.escalation.climbed")
class EscalationClimbed:
    """A level kept it too long or passed it on: it lies with the next one; the last level has no `due_at` (A82)."""

    escalation_id: UUID
    work_order_id: UUID
    department: str | None = None
    from_level: str
    level: str
    due_at: datetime | None = None
    passed_on_by: str | None = None
    rule_version: str
    occurred_at: datetime
    may_answer: tuple[str, ...] = ()


@event("routing.escalation.answered")
class EscalationAnswered:
    """The level with which it lay has taken it on; it climbs no further (A82)."""

    escalation_id: UUID
    work_order_id: UUID
    department: str | None = None
    level: str
    answered_by: str
    took_ms: int
    occurred_at: datetime


@event("routing.escalation.handed_over")
class EscalationHandedOver:
    """The order lies with another department, or with nobody just now: so does its matter (A82)."""

    escalation_id: UUID
    work_order_id: UUID
    department: str | None = None
    from_department: str | None = None
    occurred_at: datetime


@event("routing.escalation.closed")
class EscalationClosed:
    """The order was resolved, or ended otherwise, before a level took the matter on: it climbs no further (A82)."""

    escalation_id: UUID
    work_order_id: UUID
    department: str | None = None
    level: str
    occurred_at: datetime


EscalationEvent: TypeAlias = EscalationRaised | EscalationClimbed | EscalationAnswered | EscalationHandedOver | EscalationClosed
