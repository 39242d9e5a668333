"""From a command to its committed events: load, decide, append, and again when someone else was first.

The command id is looked up only when it can matter: an accepted command is guarded by the append call itself, a refused or
empty one may be the repetition of one that was accepted, and then answers what the first did.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, TypeVar
from uuid import UUID
from weakref import WeakValueDictionary

from hotline_events.appender import Appender
from hotline_events.decider import Decider, RefusalError
from hotline_events.envelope import Cause, decode_payload
from hotline_events.errors import CommandReusedError, VersionConflictError
from hotline_events.store import Append, Outcome, Store

C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E")
_RETRIES = 8
_ORIGINS = "select stream, metadata ->> 'correlationid' from events where stream = any(:streams) and version = 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What comes with a command: its id, the fingerprint of its content, its cause, the version it was meant for."""

    command_id: UUID
    fingerprint: bytes
    cause: Cause
    expected_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """An accepted command: the stream's version, the position to read after, and whether it was a repetition."""

    stream: str
    version: int
    position: int
    events: Sequence[Any] = ()
    repeated: bool = False


class Aggregates:
    """The aggregates of one service, with their states cached by stream and version.

    An api trusts a cached state until an append or a refusal proves it old. A `worker` decides on streams that the api moves
    on all the time, so it reads what was appended since before each decision; and nobody waits there for the answer that a
    repeated command had.
    """

    def __init__(self, store: Store, appender: Appender, *, worker: bool = False, cached: int = 20_000) -> None:
        self.store = store
        self.worker = worker
        self._appender = appender
        self._cached = cached
        self._states: OrderedDict[str, tuple[int, Any]] = OrderedDict()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._origins: OrderedDict[str, UUID] = OrderedDict()

    async def create(self, decider: Decider[C, S, E], aggregate_id: UUID | str, command: C, submission: Submission) -> Done:
        """Decide on a stream that should not exist yet, without reading it. A repetition answers what the first did."""
        stream = decider.stream(aggregate_id)
        events = decider.decide(decider.initial, command)
        outcome = await self._append(decider, stream, 0, events, submission)
        if outcome.kind == "conflict":
            raise VersionConflictError(stream, 0, outcome.version)
        return self._done(decider, stream, (0, decider.initial), events, outcome)

    async def execute(self, decider: Decider[C, S, E], aggregate_id: UUID | str, command: C, submission: Submission) -> Done:
        """Decide on a stream as it is now.

        Raises what `decide` refuses, VersionConflictError when the stream is not at the submission's version, and
        CommandReusedError when the command id was used with other content.
        """
        stream = decider.stream(aggregate_id)
        turn = self._turns.setdefault(stream, asyncio.Lock())
        async with turn:
            return await self._execute(decider, stream, command, submission)

    async def execute_in_story(
        self, decider: Decider[C, S, E], aggregate_id: UUID | str, command: C, submission: Submission
    ) -> Done:
        """Decide as `execute` does, in the correlation that the stream has had since it began."""
        origin = await self.origin_of(decider.stream(aggregate_id))
        if origin is not None:
            submission = replace(submission, cause=replace(submission.cause, correlation_id=origin))
        return await self.execute(decider, aggregate_id, command, submission)

    async def origin_of(self, stream: str) -> UUID | None:
        """Return the correlation of a stream's first event, None for a stream that does not exist. It never changes."""
        return self._origins.get(stream) or (await self.origins_of([stream])).get(stream)

    async def origins_of(self, streams: Sequence[str]) -> dict[str, UUID]:
        """Return the correlations of several streams, in one query for those not known yet."""
        found = {stream: self._origins[stream] for stream in streams if stream in self._origins}
        missing = [stream for stream in streams if stream not in found]
        if missing:
            rows = await self.store.execute(_ORIGINS, streams=missing)
            found |= {stream: UUID(origin) for stream, origin in rows}
            self._origins.update(found)
            while len(self._origins) > self._cached:
                self._origins.popitem(last=False)
        return found

    async def _execute(self, decider: Decider[C, S, E], stream: str, command: C, submission: Submission) -> Done:
        for _ in range(_RETRIES):
            version, state = await self.load(decider, stream)
            try:
                _check(submission.expected_version, stream, version)
                events = decider.decide(state, command)
            except (RefusalError, VersionConflictError):
                repeated = await self._repetition(stream, submission)
                if repeated is not None:
                    return repeated
                if await self._is_current(decider, stream, version):
                    raise
                continue
            if not events:
                repeated = None if self.worker else await self._repetition(stream, submission)
                if repeated is not None:
                    return repeated
                if await self._is_current(decider, stream, version):
                    return Done(stream=stream, version=version, position=0)
                continue
            outcome = await self._append(decider, stream, version, events, submission)
            if outcome.kind != "conflict":
                return self._done(decider, stream, (version, state), events, outcome)
            self.forget(stream)
        raise VersionConflictError(stream, version)

    async def load(self, decider: Decider[C, S, E], stream: str) -> tuple[int, S]:
        """Return the stream's version and state, from the cache or by folding the events it does not know yet."""
        known = self._states.get(stream)
        if known is not None and not self.worker:
            self._states.move_to_end(stream)
            return known
        version, state = known or (0, decider.initial)
        rows = await self.store.read_stream(stream, version)
        version += len(rows)
        state = decider.fold((decode_payload(row) for row in rows), state)
        self._remember(stream, version, state)
        return version, state

    async def load_many(self, deciders: Mapping[str, Decider[Any, Any, Any]]) -> dict[str, tuple[int, Any]]:
        """Return the version and state of several streams as they are stored now, read in one query."""
        known = {stream: self._states.get(stream) or (0, decider.initial) for stream, decider in deciders.items()}
        rows = await self.store.read_streams({stream: version for stream, (version, _) in known.items()})
        for stream, found in groupby(rows, key=lambda row: row.stream):
            version, state = known[stream]
            events = [decode_payload(row) for row in found]
            known[stream] = (version + len(events), deciders[stream].fold(events, state))
        for stream, (version, state) in known.items():
            self._remember(stream, version, state)
        return known

    async def append(
        self, decider: Decider[C, S, E], at: tuple[str, int, S], events: Sequence[E], submission: Submission
    ) -> tuple[int, S] | None:
        """Store what was decided on a stream at a version and state that the caller knows; None when it had moved on."""
        stream, version, state = at
        outcome = await self._append(decider, stream, version, events, submission)
        if outcome.kind != "appended":
            self.forget(stream)
            return None if outcome.kind == "conflict" else (await self.load_many({stream: decider}))[stream]
        now = (version + len(events), decider.fold(events, state))
        self._remember(stream, *now)
        return now

    def forget(self, stream: str) -> None:
        """Drop a cached state: someone else has appended to the stream."""
        self._states.pop(stream, None)

    def follow(self, decider: Decider[C, S, E], stream: str, version: int, events: Sequence[E]) -> None:
        """Bring the cache up to events just stored at `version`, if it knew the state before them."""
        known = self._states.get(stream)
        if known is not None and known[0] == version - len(events):
            self._remember(stream, version, decider.fold(events, known[1]))
        else:
            self.forget(stream)

    async def _append(
        self, decider: Decider[C, S, E], stream: str, version: int, events: Sequence[E], submission: Submission
    ) -> Outcome:
        outcome = await self._appender.append(
            Append(
                command_id=submission.command_id,
                fingerprint=submission.fingerprint,
                stream=stream,
                expected_version=version,
                events=events,
                cause=submission.cause,
                timers=[timer for event in events for timer in decider.timers(event)],
            )
        )
        if outcome.kind == "reused":
            raise CommandReusedError(submission.command_id)
        return outcome

    def _done(
        self, decider: Decider[C, S, E], stream: str, before: tuple[int, S], events: Sequence[E], outcome: Outcome
    ) -> Done:
        if outcome.kind == "repeated":
            self.forget(stream)
            return Done(stream=stream, version=outcome.version, position=outcome.position, repeated=True)
        self._remember(stream, before[0] + len(events), decider.fold(events, before[1]))
        return Done(stream=stream, version=outcome.version, position=outcome.position, events=events)

    async def _is_current(self, decider: Decider[Any, Any, Any], stream: str, version: int) -> bool:
        """Say whether a refusal, or nothing to do, was decided on the stream as it is, not on one that others moved on."""
        if self.worker:
            return True
        self.forget(stream)
        current, _ = await self.load(decider, stream)
        return current == version

    async def _repetition(self, stream: str, submission: Submission) -> Done | None:
        known = await self.store.known_command(submission.command_id)
        if known is None:
            return None
        fingerprint, outcome = known
        if fingerprint != submission.fingerprint:
            raise CommandReusedError(submission.command_id)
        return Done(stream=stream, version=outcome.version, position=outcome.position, repeated=True)

    def _remember(self, stream: str, version: int, state: object) -> None:
        self._states[stream] = (version, state)
        self._states.move_to_end(stream)
        while len(self._states) > self._cached:
            self._states.popitem(last=False)


def _check(expected: int | None, stream: str, version: int) -> None:
    if expected is not None and expected != version:
        raise VersionConflictError(stream, expected, version)
