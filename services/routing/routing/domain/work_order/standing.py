"""Where an order stands, and the stints it has been through: what every concern's decisions may read."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hotline_events.catalogue.routing import LimitKind


class Status(StrEnum):
    """Where an order stands."""

    NEW = "new"
    OPENED = "opened"
    CLASSIFIED = "classified"
    TRANSFERRED = "transferred"
    SIGNED = "signed"
    RETURNED = "returned"
    MERGED = "merged"
    RESOLVED = "resolved"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


HELD = frozenset({Status.TRANSFERRED, Status.SIGNED})
"""In a department's hands."""
UNTAKEN = frozenset({Status.OPENED, Status.CLASSIFIED, Status.TRANSFERRED, Status.RETURNED, Status.MERGED})
"""Nobody has signed for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stint:
    """The order's time in one department's hands: a transfer or a rework begins it, with clocks of its own.

    A stint is kept after its end, so that a limit is judged by times alone, however late its timer is processed.
    """

    department: str
    hop: int
    round: int
    started_at: datetime
    signed_at: datetime | None = None
    contacted_at: datetime | None = None
    resolved_at: datetime | None = None
    ended_at: datetime | None = None
    passed: frozenset[LimitKind] = frozenset()

    def act_of(self, limit: LimitKind) -> datetime | None:
        """Return when the act that a clock waits for happened. Who has met the caller keeps the order: it is not returned."""
        acts = {
            LimitKind.SIGN: self.signed_at,
            LimitKind.RETURN: self.contacted_at or self.resolved_at,
            LimitKind.CONTACT: self.contacted_at,
            LimitKind.RESOLVE: self.resolved_at,
        }
        return acts[limit]
