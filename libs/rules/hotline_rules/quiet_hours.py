"""Quiet hours: when a requester may not be telephoned (A101)."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hotline_rules.calendar import SHANGHAI, NaiveMomentError


@dataclass(frozen=True, kw_only=True, slots=True)
class QuietHours:
    """The local span [start, end) of every day; it may run over midnight, and it is never the whole day."""

    start: time = time(22)
    end: time = time(8)
    timezone: ZoneInfo = SHANGHAI

    def __post_init__(self) -> None:
        """A day without one allowed minute would defer every revisit for ever."""
        if self.start == self.end:
            message = f"Quiet hours from {self.start} to {self.end} leave no time to call."
            raise ValueError(message)

    def contains(self, moment: datetime) -> bool:
        """Whether the local wall clock is inside the quiet span."""
        now = self._local(moment).time()
        if self.start < self.end:
            return self.start <= now < self.end
        return now >= self.start or now < self.end

    def next_allowed(self, moment: datetime, *, immediate_after_service: bool = False) -> datetime:
        """Tell the first moment (UTC), not before this one, at which a revisit may be made.

        A revisit made at the very end of the service is exempt (A101) and may be made at once.
        """
        local = self._local(moment)
        if immediate_after_service or not self.contains(moment):
            return moment.astimezone(UTC)
        allowed = self._at(local, self.end)
        while allowed < moment or self.contains(allowed):
            local += timedelta(days=1)
            allowed = self._at(local, self.end)
        return allowed

    def window_closes(self, deadline: datetime) -> datetime:
        """Tell the instant (UTC) by which a revisit with this deadline must have been made.

        Quiet hours win over the limit: a deadline at 24:00 of the third day closes at that day's 22:00.
        """
        last = deadline - timedelta(microseconds=1)
        if not self.contains(last):
            return deadline.astimezone(UTC)
        local = self._local(last)
        closes = self._at(local, self.start)
        while closes > last:
            local -= timedelta(days=1)
            closes = self._at(local, self.start)
        return closes

    def _at(self, local: datetime, clock: time) -> datetime:
        return datetime.combine(local.date(), clock.replace(fold=local.fold), self.timezone).astimezone(UTC)

    def _local(self, moment: datetime) -> datetime:
        if moment.tzinfo is None:
            raise NaiveMomentError(moment)
        return moment.astimezone(self.timezone)
