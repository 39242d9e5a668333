"""What one batch of events decides: commands derived from events, each aggregate's state read once."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from hotline_events import tracing
from hotline_events.aggregates import Aggregates
from hotline_events.decider import Decider, RefusalError, awaits_office
from hotline_events.envelope import Actor, Cause, Envelope
from hotline_events.store import Append


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """A command that an event gives rise to, and the aggregate that decides it.

    `creates` says that the aggregate comes to be by this command: its stream is not read first. `at_once` is done even when
    another command of the same event waits for the office; it is asked again with it, and must then change nothing.
    """

    decider: Decider[Any, Any, Any]
    aggregate_id: UUID | str
    command: Any
    creates: bool = False
    at_once: bool = False


React = Callable[[Envelope], Sequence[Reaction]]


def command_id_of(event: Envelope, consumer: str, number: int) -> UUID:
    """Return the id of the nth command that a consumer derives from an event: the same at every delivery."""
    return uuid5(event.id, f"{consumer}:{number}")


class Batch:
    """Decides a batch on states loaded once, so that several events of one aggregate follow each other."""

    def __init__(self, name: str, service: str, aggregates: Aggregates, react: React, *, trusting: bool) -> None:
        self._name = name
        self._trusting = trusting
        self._actor = Actor(f"service:{service}", "service")
        self._aggregates = aggregates
        self._react = react
        self._states: dict[str, tuple[int, Any]] = {}
        self.appends: list[Append] = []
        self.decided: list[tuple[Decider[Any, Any, Any], Append]] = []

    async def prefetch(self, events: Sequence[Envelope]) -> None:
        """Read, in one query, the streams that these events will be decided on."""
        deciders = {}
        for event in events:
            with contextlib.suppress(Exception):  # it is parked with its error when it is decided
                for reaction in self._react(event):
                    if not reaction.creates or not self._trusting:
                        deciders[reaction.decider.stream(reaction.aggregate_id)] = reaction.decider
        self._states = await self._aggregates.load_many(deciders)

    async def decide(self, event: Envelope) -> None:
        """Decide every command of one event, all or none of them; but what waits for the office holds up nothing `at_once`."""
        reactions = list(enumerate(self._react(event)))
        try:
            await self._decide_all(event, reactions)
        except Exception as error:
            at_once = [(number, one) for number, one in reactions if one.at_once]
            if awaits_office(error) and at_once:
                await self._decide_all(event, at_once)
            raise

    async def _decide_all(self, event: Envelope, reactions: Sequence[tuple[int, Reaction]]) -> None:
        states: dict[str, tuple[int, Any]] = {}
        decided: list[tuple[Decider[Any, Any, Any], Append]] = []
        for number, reaction in reactions:
            decider = reaction.decider
            stream = decider.stream(reaction.aggregate_id)
            known = states.get(stream) or self._states.get(stream)
            version, state, events = await self._decide_one(reaction, stream, known)
            if not events:
                continue
            states[stream] = (version + len(events), decider.fold(events, state))
            command_id = command_id_of(event, self._name, number)
            with tracing.decision(f"{self._name} {type(reaction.command).__name__}", event.traceparent) as traceparent:
                cause = self._cause(event, traceparent)
            decided.append((decider, _append(decider, cause, command_id, (stream, version), events)))
        self._states |= states
        self.decided += decided
        self.appends += [append for _, append in decided]

    async def _decide_one(
        self, reaction: Reaction, stream: str, known: tuple[int, Any] | None
    ) -> tuple[int, Any, Sequence[Any]]:
        """Decide one command. A refusal, or nothing to do, counts only on the stream as it is: a cached state may be one
        that others have moved on. What this batch itself decided is never older than the stream.
        """
        decider = reaction.decider
        if known is None and reaction.creates and self._trusting:
            known = (0, decider.initial)
        version, state = known or await self._aggregates.load(decider, stream)
        refused: RefusalError | None = None
        try:
            events = decider.decide(state, reaction.command)
            if events or known is not None or self._aggregates.worker:
                return version, state, events
        except RefusalError as refusal:
            if self._aggregates.worker:
                raise
            refused = refusal
        self._aggregates.forget(stream)
        current, state = await self._aggregates.load(decider, stream)
        if refused is not None and (known is not None or current == version):
            raise refused
        return current, state, decider.decide(state, reaction.command)

    def _cause(self, event: Envelope, traceparent: str | None) -> Cause:
        return Cause(correlation_id=event.correlation_id, causation_id=event.id, actor=self._actor, traceparent=traceparent)


def _append(
    decider: Decider[Any, Any, Any], cause: Cause, command_id: UUID, at: tuple[str, int], events: Sequence[Any]
) -> Append:
    return Append(
        command_id=command_id,
        fingerprint=uuid5(NAMESPACE_OID, str(command_id)).bytes,
        stream=at[0],
        expected_version=at[1],
        events=events,
        cause=cause,
        timers=[timer for one in events for timer in decider.timers(one)],
    )
