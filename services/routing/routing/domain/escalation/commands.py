"""What can be asked of an escalation, and what its rules refuse (A82)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypeAlias
from uuid import UUID

from hotline_events.catalogue.routing.escalation import (
    Flag,
)
from hotline_events.decider import RefusalError
from hotline_rules.pack import RulePack


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseMatter:
    """Report a matter to the first level. `sensitive_until` is the end of the sensitive period in force, if there is one."""

    escalation_id: UUID
    work_order_id: UUID
    department: str | None
    flag: Flag
    sensitive_until: datetime | None
    rules: RulePack
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PassOn:
    """The level with which the matter lies passes it on to the next; `department` is the one that somebody acts for."""

    department: str | None
    role: str
    rules: RulePack
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ComeDue:
    """A level's time is over: the matter climbs by itself."""

    level: str
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerEscalation:
    """The level with which the matter lies takes it on."""

    department: str | None
    role: str
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """The order lies with this department now, with none while a dispatcher has it."""

    department: str | None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndWithOrder:
    """The order was resolved, or ended otherwise."""

    now: datetime


EscalationCommand: TypeAlias = RaiseMatter | PassOn | ComeDue | AnswerEscalation | HandOver | EndWithOrder


class EscalationUnknownError(RefusalError):
    """There is no such escalation, or its order lies with another department."""

    code: ClassVar[str] = "not_found"
    status: ClassVar[int] = 404


class EscalationAnsweredError(RefusalError):
    """Somebody has taken the matter on: it climbs no further (A82)."""

    code: ClassVar[str] = "escalation_answered"
    rule: ClassVar[str | None] = "A82"


class EscalationClosedError(RefusalError):
    """The order has ended, and its matter climbs no further (A82)."""

    code: ClassVar[str] = "escalation_closed"
    rule: ClassVar[str | None] = "A82"


class TopLevelError(RefusalError):
    """Above the last level is nobody to pass it on to (A82)."""

    code: ClassVar[str] = "escalation_at_the_top"
    rule: ClassVar[str | None] = "A82"


class NotThisLevelError(RefusalError):
    """Who acts for the level with which the matter lies is named by its pack: the level is told, and who is needed (A82)."""

    code: ClassVar[str] = "not_this_level"
    rule: ClassVar[str | None] = "A82"
    status: ClassVar[int] = 403

    def __init__(self, level: str, may_answer: Sequence[str]) -> None:
        super().__init__(level)
        self.missing = ", ".join(may_answer)


class BeforeEscalationError(RefusalError):
    """A level did nothing about the matter before it lay with it (A82)."""

    code: ClassVar[str] = "before_escalation"
    rule: ClassVar[str | None] = "A82"
    field: ClassVar[str | None] = "body.occurred_at"
    status: ClassVar[int] = 422
