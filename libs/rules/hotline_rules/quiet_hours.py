"""Quiet hours: when a requester may not be telephoned (A101)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hotline_rules.calendar import SHANGHAI, NaiveMomentError

MINUTE = timedelta(minutes=1)


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
        if immediate_after_service or not self.contains(moment):
            return moment.astimezone(UTC)
        day = self._local(moment).date()
        while True:
            for minute in self._minutes_at(day, self.end):
                if minute >= moment and not self.contains(minute):
                    return minute
            day += timedelta(days=1)

    def window_closes(self, deadline: datetime) -> datetime:
        """Tell the instant (UTC) by which a revisit with this deadline must have been made.

        Quiet hours win over the limit: a deadline at 24:00 of the third day closes at that day's 22:00.
        """
        last = deadline - timedelta(microseconds=1)
        if not self.contains(last):
            return deadline.astimezone(UTC)
        day = self._local(last).date()
        while True:
            for minute in reversed(self._minutes_at(day, self.start)):
                if minute <= last and not self.contains(minute - MINUTE):
                    return minute
            day -= timedelta(days=1)

    def _minutes_at(self, day: date, clock: time) -> list[datetime]:
        """Return the minute at which the clock shows this, or all that it may be where it is jumped over or shown twice."""
        first, last = sorted(datetime.combine(day, clock.replace(fold=fold), self.timezone).astimezone(UTC) for fold in (0, 1))
        return [first + number * MINUTE for number in range((last - first) // MINUTE + 1)]

    def _local(self, moment: datetime) -> datetime:
        if moment.tzinfo is None:
            raise NaiveMomentError(moment)
        return moment.astimezone(self.timezone)
