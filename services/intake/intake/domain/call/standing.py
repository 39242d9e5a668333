"""Where a call stands."""

from enum import StrEnum


class Status(StrEnum):
    """Where a call stands."""

    UNKNOWN = "unknown"
    RECEIVED = "received"
    ANSWERED = "answered"
    HELD = "held"
    ABANDONED = "abandoned"
    ENDED = "ended"
    WRAPPED_UP = "wrapped_up"


TALKING = frozenset({Status.ANSWERED, Status.HELD})
OVER = frozenset({Status.ENDED, Status.WRAPPED_UP})
