"""What followup decides. One module an aggregate; importing this package registers all of them."""

from hotline_events.catalogue.followup.revisit import (
    AttemptOutcome,
    ClosedAs,
    RevisitAttempted,
    RevisitCameDue,
    RevisitClosed,
    Revisited,
    RevisitEvent,
    RevisitLimitPassed,
    RevisitScheduled,
    ReworkOrdered,
)

__all__ = [
    "AttemptOutcome",
    "ClosedAs",
    "RevisitAttempted",
    "RevisitCameDue",
    "RevisitClosed",
    "RevisitEvent",
    "RevisitLimitPassed",
    "RevisitScheduled",
    "Revisited",
    "ReworkOrdered",
]
