"""Given, when, then: rules of the domain as sentences. Assert events, never the state in between."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, get_origin, get_type_hints
from uuid import NAMESPACE_OID, UUID, uuid5

from hotline_events.decider import Decider, RefusalError
from hotline_events.envelope import Actor, Cause, Envelope
from hotline_events.registry import fields_of, type_of
from hotline_events.sealing import Sealed

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # a Monday, noon in Shanghai


@dataclass(frozen=True, slots=True)
class Then:
    """What a command led to: events, or a refusal."""

    events: Sequence[Any]
    refusal: RefusalError | None

    def then(self, *events: object) -> None:
        """Demand exactly these events."""
        assert self.refusal is None, f"refused: {self.refusal!r}"
        assert list(self.events) == list(events)

    def then_nothing(self) -> None:
        """Demand that it was already so."""
        self.then()

    def then_rejected(self, error: type[RefusalError]) -> None:
        """Demand this refusal."""
        assert type(self.refusal) is error, f"expected {error.__name__}, got {self.refusal!r} and {self.events}"


@dataclass(frozen=True, slots=True)
class Given:
    """A history, and the decider that knows what it means."""

    decider: Decider[Any, Any, Any]
    history: Sequence[Any]

    def when(self, command: object) -> Then:
        """Decide one command on the state after the history."""
        try:
            return Then(self.decider.decide(self.decider.fold(self.history), command), None)
        except RefusalError as refusal:
            return Then((), refusal)


def given(decider: Decider[Any, Any, Any], *history: object) -> Given:
    """Start from these events; none means that nothing has happened yet."""
    return Given(decider, history)


def enveloped(
    event: object, *, position: int, stream: str, version: int, source_id: UUID | None = None, at: datetime = NOON
) -> Envelope:
    """Return an event as a follower meets it, for tests of views and reactions."""
    event_id = source_id or UUID(int=position)
    return Envelope(
        id=event_id,
        name=type_of(event).name,
        schema_version=type_of(event).version,
        stream=stream,
        version=version,
        position=position,
        epoch=1,
        epoch_start=0,
        correlation_id=event_id,
        causation_id=event_id,
        actor=Actor("test", "service"),
        occurred_at=getattr(event, "occurred_at", at),
        recorded_at=at,
        traceparent=None,
        event=event,
        raw="",
    )


def only(events: Sequence[Any], kind: type) -> Any:  # noqa: ANN401 - an event of that kind
    """Return the one event of a kind among those that happened."""
    (found,) = [event for event in events if isinstance(event, kind)]
    return found


def cause(request_id: UUID, actor_id: str = "agent-7", role: str = "call_taker") -> Cause:
    """Return the cause of a command that a person gave."""
    return Cause(correlation_id=request_id, causation_id=request_id, actor=Actor(actor_id, role))


def sample_of(cls: type) -> Any:  # noqa: ANN401 - an instance of the class
    """Return the one fixed instance of an event class: what its golden file holds."""
    return cls(**{name: _sample(hint, name) for name, hint, _required in fields_of(type_of(cls))})


def _sample(hint: Any, name: str) -> Any:  # noqa: ANN401, C901 - a type, and a value of it
    arguments: tuple[Any, ...] = getattr(hint, "__args__", ())
    if get_origin(hint) is tuple:
        return (_sample(arguments[0], name),)
    if hint is UUID or UUID in arguments:
        return uuid5(NAMESPACE_OID, name)
    if hint is datetime or datetime in arguments:
        return NOON
    if hint is Sealed or Sealed in arguments:
        return Sealed(text=f"{name} 原文")
    for kind in (hint, *arguments):
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            return next(iter(kind))
    if hint is date or date in arguments:
        return NOON.date()
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return hint(**{field: _sample(kind, field) for field, kind in get_type_hints(hint).items()})
    if hint is bool or bool in arguments:
        return True
    if hint is int or int in arguments:
        return 7
    return name
