"""Business time is a clock handed in: the wall clock in production, one that can be driven in development.

A replay of 2016 drives the clock row by row; timers due in between fire first. In production the switch does not exist.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from hotline_events.store import Store


class Clock(Protocol):
    """What time it is for the rules."""

    def now(self) -> datetime:
        """Return the business time, aware and UTC."""
        ...


class WallClock:
    """The only clock of production."""

    def now(self) -> datetime:
        """Return the wall clock's time."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock for tests that stands still."""

    at: datetime

    def now(self) -> datetime:
        """Return the time it was set to."""
        return self.at


class DrivenClock:
    """The development clock: the wall clock until driven, then the instant it was last driven to.

    The instant is kept in the service's own database, so that its api and worker processes agree.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._at: datetime | None = None

    def now(self) -> datetime:
        """Return the driven instant as this process last saw it."""
        return self._at or datetime.now(UTC)

    def latest(self) -> datetime:
        """Return the latest moment that can lie in the past: of the business time and the wall clock, the later one.

        A replay enters what happened before the clock is driven over it, so that timers fire after the acts that came
        before them. What happened in 2016 is no future, wherever the business clock stands.
        """
        return max(self.now(), datetime.now(UTC))

    async def refresh(self) -> None:
        """See whether another process has driven the clock."""
        rows = await self._store.execute("select now from business_clock")
        self._at = rows[0][0] if rows else None

    async def drive(self, to: datetime) -> None:
        """Set the business time for every process of this service."""
        await self._store.execute(
            "insert into business_clock (one, now) values (true, :now) on conflict (one) do update set now = excluded.now",
            now=to,
        )
        self._at = to

    async def timers_due(self) -> int:
        """Return how many timers should have fired by now and have not: a driver waits until there are none."""
        rows = await self._store.execute("select count(*) from timers where due_at <= :now", now=self.now())
        return int(rows[0][0])
