"""The plan of a replay: every step of every matter in the order of business time, and how far it has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hotline_cli.replay.matters import Matter
from hotline_cli.replay.steps import Script, Step

_INSTANT = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """A step's place: when it happens, whose it is, and which of the matter's steps."""

    at: float
    matter: int
    step: int


class Plan:
    """Entries sorted by time. Steps are made when they are needed: a file may have a million of them."""

    def __init__(self, matters: Sequence[Matter], script: Script) -> None:
        self.matters = matters
        self.script = script
        self.entries: list[Entry] = []
        self.length: list[int] = []
        for number, matter in enumerate(matters):
            steps = script.steps(matter)
            self.length.append(len(steps))
            self.entries += [Entry(step.at.timestamp(), number, place) for place, step in enumerate(steps)]
        self.entries.sort(key=lambda entry: (entry.at, entry.matter, entry.step))

    def __len__(self) -> int:
        return len(self.entries)

    def step(self, entry: Entry) -> Step:
        return self.script.steps(self.matters[entry.matter])[entry.step]

    def time(self, place: int) -> datetime:
        return datetime.fromtimestamp(self.entries[place].at, UTC)

    def before(self, moment: datetime) -> int:
        """Return how many entries happened before a moment."""
        low, high, at = 0, len(self.entries), moment.timestamp()
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self.entries[middle].at < at else (low, middle)
        return low


class Waterline:
    """Up to which moment everything that happened has been entered. It only rises."""

    def __init__(self, plan: Plan, start: int) -> None:
        self._plan = plan
        self._done = bytearray(len(plan))
        self.place = start
        self.finished = start

    def finish(self, place: int) -> None:
        self.finished += 1
        self._done[place] = 1
        while self.place < len(self._done) and self._done[self.place]:
            self.place += 1

    @property
    def complete(self) -> bool:
        return self.place == len(self._plan)

    @property
    def moment(self) -> datetime | None:
        """Return the last moment before the first step that is not entered; None while nothing is."""
        if not len(self._plan) or (self.place == 0 and not self.complete):
            return None
        return self._plan.time(-1) if self.complete else self._plan.time(self.place) - _INSTANT
