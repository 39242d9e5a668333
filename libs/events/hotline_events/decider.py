"""Decide and evolve: the pure heart of every aggregate.

`decide(state, command)` answers the events that happened, `[]` when nothing changes, or raises a refusal. `evolve(state,
event)` never refuses. Neither reads a clock, makes an id or does any IO; both can be run again for ever.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from hotline_events.errors import HotlineError

C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E")


class RefusalError(HotlineError):
    """A command that the rules refuse. Subclasses name what is wrong; one place maps them to HTTP.

    `code` names the problem, `rule` the rule (an A-id or a word), `field` the input field at fault, `status` is 409 when
    the state forbids it and 422 when the input can never be right. `missing` names the step that has to come first.
    `awaits_office`: only what the office publishes can make it right; a reaction or a timer waits for it as long as it takes.
    """

    code: ClassVar[str] = "refused"
    rule: ClassVar[str | None] = None
    field: ClassVar[str | None] = None
    status: ClassVar[int] = 409
    awaits_office: ClassVar[bool] = False
    missing: str | None = None


def awaits_office(error: Exception) -> bool:
    """Say whether only what the office publishes can help: a reaction and a timer wait for it as long as it takes."""
    return bool(getattr(error, "awaits_office", False))


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """Something to look at again at `due_at`, written by the call that writes the starting event.

    A fired timer re-checks the state and becomes a command with the timer's id as command id: firing twice is nothing.
    `rule` keeps what the due time was computed from, so that a calendar change can recompute it.
    """

    timer_id: UUID
    kind: str
    due_at: datetime
    stream: str
    rule: dict[str, Any] = field(default_factory=dict)


def no_timers(_event: object) -> Sequence[Timer]:
    """Start no timer: what most aggregates do."""
    return ()


@dataclass(frozen=True, slots=True)
class Decider(Generic[C, S, E]):
    """One aggregate: its stream prefix, decide, evolve, the state before anything happened, and its timers."""

    aggregate: str
    decide: Callable[[S, C], list[E]]
    evolve: Callable[[S, E], S]
    initial: S
    timers: Callable[[E], Sequence[Timer]] = no_timers

    def fold(self, events: Iterable[E], state: S | None = None) -> S:
        """Return the state after these events."""
        return reduce(self.evolve, events, self.initial if state is None else state)

    def stream(self, aggregate_id: UUID | str) -> str:
        """Return the stream of one aggregate: `<aggregate>-<id>`."""
        return f"{self.aggregate}-{aggregate_id}"
