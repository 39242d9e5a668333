"""The clocks of an order in a department's hands: what is due when, and what is late by how much (A89, A90)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hotline_events.catalogue.routing import LimitKind

NEVER_LATE = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderClock:
    """One limit of one dispatch: it stops when the act is done, and runs on past its due time until then."""

    limit: LimitKind
    due_at: datetime
    done_at: datetime | None

    def overdue(self, now: datetime) -> timedelta:
        """Return by how much the act was, or at business time `now` is, too late. At the due time itself it is not."""
        return max((self.done_at or now) - self.due_at, NEVER_LATE)

    @property
    def running(self) -> bool:
        """Whether the act is still awaited."""
        return self.done_at is None
