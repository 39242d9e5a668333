"""A key, difficult or hot matter goes up level by level (A82, A83)."""

from routing.domain.escalation.commands import (
    AnswerEscalation,
    BeforeEscalationError,
    ComeDue,
    EndWithOrder,
    EscalationAnsweredError,
    EscalationClosedError,
    EscalationCommand,
    EscalationUnknownError,
    HandOver,
    NotThisLevelError,
    PassOn,
    RaiseMatter,
    TopLevelError,
)
from routing.domain.escalation.decider import CLIMB, Escalation, decide, decider, evolve, on_timer, timers

__all__ = [
    "CLIMB",
    "AnswerEscalation",
    "BeforeEscalationError",
    "ComeDue",
    "EndWithOrder",
    "Escalation",
    "EscalationAnsweredError",
    "EscalationClosedError",
    "EscalationCommand",
    "EscalationUnknownError",
    "HandOver",
    "NotThisLevelError",
    "PassOn",
    "RaiseMatter",
    "TopLevelError",
    "decide",
    "decider",
    "evolve",
    "on_timer",
    "timers",
]
