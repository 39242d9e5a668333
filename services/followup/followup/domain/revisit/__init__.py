"""A revisit: the caller is asked after each resolution whether the matter is solved (A69, A100-A114)."""

from followup.domain.revisit.commands import (
    AttemptRevisit,
    AwaitAnswer,
    ChangeType,
    Claim,
    ComeDue,
    EndWithOrder,
    GiveUp,
    PassLimit,
    PlanRevisit,
    RecordRevisit,
    ReviewException,
    RevisitCommand,
    ScheduleRevisit,
)
from followup.domain.revisit.decider import decide, decider, on_timer
from followup.domain.revisit.state import AGGREGATE, ANSWER_BY, AWAIT, COME_DUE, LIMIT, Revisit, evolve, timers

__all__ = [
    "AGGREGATE",
    "ANSWER_BY",
    "AWAIT",
    "COME_DUE",
    "LIMIT",
    "AttemptRevisit",
    "AwaitAnswer",
    "ChangeType",
    "Claim",
    "ComeDue",
    "EndWithOrder",
    "GiveUp",
    "PassLimit",
    "PlanRevisit",
    "RecordRevisit",
    "ReviewException",
    "Revisit",
    "RevisitCommand",
    "ScheduleRevisit",
    "decide",
    "decider",
    "evolve",
    "on_timer",
    "timers",
]
