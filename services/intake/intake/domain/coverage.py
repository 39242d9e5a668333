"""Coverage of a line: no minute of 24 hours without somebody who is rostered and signed in (A06).

Who has checked in counts from then on, early or late, until they leave; whoever stays until the relief comes still counts. Who
took over a post by a change or a swap counts from when it took effect, who is on a break does not count.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """The moments [start, end)."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One person's time at a post. `rostered_from` is None while nobody put them on the roster; open ends are None."""

    signed_in_at: datetime
    rostered_from: datetime | None
    left_at: datetime | None = None
    breaks: tuple[tuple[datetime, datetime | None], ...] = ()


def answering(turn: Turn, until: datetime) -> Iterator[Interval]:
    """Yield when somebody answered the line, as far as is known at `until`: their turn less its breaks."""
    if turn.rostered_from is None:
        return
    start = max(turn.signed_in_at, turn.rostered_from)
    end = until if turn.left_at is None else min(turn.left_at, until)
    for began, ended in sorted(turn.breaks, key=lambda pause: pause[0]):
        if start < min(began, end):
            yield Interval(start, min(began, end))
        start = max(start, end if ended is None else ended)
    if start < end:
        yield Interval(start, end)


def gaps(window: Interval, covered: Iterable[Interval]) -> list[Interval]:
    """Return the parts of a window in which nothing is covered, the longest possible ones, in order."""
    found: list[Interval] = []
    reached = window.start
    for one in sorted(covered):
        if one.end <= reached:
            continue
        if one.start >= window.end:
            break
        if one.start > reached:
            found.append(Interval(reached, one.start))
        reached = one.end
    if reached < window.end:
        found.append(Interval(reached, window.end))
    return found


def uncovered(window: Interval, turns: Sequence[Turn]) -> list[Interval]:
    """Return when nobody who is rostered was signed in."""
    return gaps(window, [interval for turn in turns for interval in answering(turn, window.end)])
