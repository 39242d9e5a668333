"""A relay: what was taken for somebody, and its way until they have it and have answered (A36, A38-A41, A155).

`commands` holds what may be asked and what is refused, `state` what a decision reads, `decider` the rules.
"""

from intake.domain.relay.commands import (
    AcknowledgeRelay,
    AnswerRelay,
    CheckReceipt,
    NoteDelay,
    PassOn,
    TakeRelay,
    Whose,
)
from intake.domain.relay.decider import decide, decider, on_timer
from intake.domain.relay.state import Relay, evolve

__all__ = [
    "AcknowledgeRelay",
    "AnswerRelay",
    "CheckReceipt",
    "NoteDelay",
    "PassOn",
    "Relay",
    "TakeRelay",
    "Whose",
    "decide",
    "decider",
    "evolve",
    "on_timer",
]
