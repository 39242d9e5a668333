"""Due timers become commands.

A timer was written by the call that wrote its starting event. Firing leases a batch in one statement, reads the streams
concerned in one more, turns each timer into a command whose id is the timer's, and removes those that are stored: a process
that dies in between fires them again, which is nothing. What only the office can make right, such as a year whose working days
are not known, stays due and is tried again after each lease; it holds up nothing else.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from hotline_events.aggregates import Aggregates, Submission
from hotline_events.clock import Clock, DrivenClock
from hotline_events.decider import RefusalError, Timer, awaits_office
from hotline_events.envelope import Actor, Cause
from hotline_events.errors import StoreUnavailableError
from hotline_events.reaction_batch import Reaction

_LEASE = """
update timers set leased_until = clock_timestamp() + interval '30 seconds', attempts = attempts + 1
 where id in (select id from timers where due_at <= :now and leased_until < clock_timestamp()
               order by due_at limit :most for update skip locked)
returning id, kind, due_at, stream, rule::text"""
_VERSIONS = "select stream, max(version) from events where stream = any(:streams) group by stream"
_log = logging.getLogger(__name__)

OnTimer = Callable[[Timer], Reaction]
"""What a due timer asks of its aggregate, with `timer.due_at` as the command's time. Pure."""


@dataclass(frozen=True, slots=True)
class _Due:
    """A leased timer and the command it became."""

    timer: Timer
    reaction: Reaction


@dataclass(slots=True)
class _Fired:
    """What came of one stream's timers: those stored, and those with nothing to do when it was at `version`."""

    stream: str
    done: list[UUID] = field(default_factory=list)
    quiet: list[_Due] = field(default_factory=list)
    version: int = 0


class Timers:
    """Fires one service's timers in the order they are due. `on_timer` says, by the aggregate's name, a timer's command."""

    def __init__(
        self, aggregates: Aggregates, clock: Clock, service: str, on_timer: Mapping[str, OnTimer], *, most: int = 200
    ) -> None:
        self._aggregates = aggregates
        self._store = aggregates.store
        self._clock = clock
        self._actor = Actor(f"service:{service}", "service")
        self._on_timer = on_timer
        self._most = most
        self._stir = asyncio.Event()

    def stir(self) -> None:
        """Look now: something was committed, or the clock was driven."""
        self._stir.set()

    async def run(self, *, every: float = 0.25) -> None:
        """Fire for ever."""
        while True:
            self._stir.clear()
            try:
                if isinstance(self._clock, DrivenClock):
                    await self._clock.refresh()
                if await self.fire_due(self._clock.now()):
                    continue
            except StoreUnavailableError as error:
                _log.warning("timers wait: %s", error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stir.wait(), every)

    async def fire_due(self, now: datetime) -> int:
        """Fire what is due, once. Timers of one stream fire one after the other, the rest together. Return how many."""
        rows = await self._store.execute(_LEASE, now=now, most=self._most)
        done = await self.fire([_timer(row) for row in rows])
        if done:
            await self._store.execute("delete from timers where id = any(:ids)", ids=done)
        return len(done)

    async def fire(self, timers: Sequence[Timer]) -> list[UUID]:
        """Decide and store the commands of these timers; return the ids of those with nothing left to do."""
        streams = self._commands(timers)
        states = await self._load(streams)
        await self._aggregates.origins_of(list(states))
        fired = await asyncio.gather(*(self._fire_in_order(streams[stream], *known) for stream, known in states.items()))
        return [timer_id for one in fired for timer_id in one.done] + await self._settle_quiet(fired)

    def _commands(self, timers: Sequence[Timer]) -> dict[str, list[_Due]]:
        """Return the commands by stream, in order; a defect in one holds up the later ones of its own stream only."""
        streams: dict[str, list[_Due]] = {}
        broken: set[str] = set()
        for timer in sorted(timers, key=lambda timer: timer.due_at):
            if timer.stream in broken:
                continue
            try:
                due = _Due(timer, self._on_timer[timer.stream.partition("-")[0]](timer))
            except Exception as error:  # noqa: BLE001 - a defect in one stream's command must not end everyone's timers
                _complain(timer, error)
                broken.add(timer.stream)
            else:
                streams.setdefault(timer.stream, []).append(due)
        return streams

    async def _load(self, streams: Mapping[str, Sequence[_Due]]) -> dict[str, tuple[int, Any]]:
        """Read the streams in one query; one by one when one of them cannot be read, so that only that one waits."""
        deciders = {stream: due[0].reaction.decider for stream, due in streams.items()}
        try:
            return await self._aggregates.load_many(deciders)
        except StoreUnavailableError:
            raise
        except Exception:  # noqa: BLE001 - found out below, stream by stream
            states: dict[str, tuple[int, Any]] = {}
        for stream, decider in deciders.items():
            try:
                states |= await self._aggregates.load_many({stream: decider})
            except StoreUnavailableError:
                raise
            except Exception as error:  # noqa: BLE001 - a defect in one stream must not end everyone's timers
                _complain(streams[stream][0].timer, error)
        return states

    async def _fire_in_order(self, due: Sequence[_Due], version: int, state: Any) -> _Fired:  # noqa: ANN401 - any aggregate
        """Fire the timers of one stream on the state that was read; on what others have moved on, read again."""
        fired = _Fired(due[0].timer.stream)
        moved_on = False
        for one in due:
            try:
                if moved_on:
                    await self._execute(one)
                else:
                    decider = one.reaction.decider
                    events = decider.decide(state, one.reaction.command)
                    if not events:
                        fired.quiet.append(one)
                        continue
                    at = (fired.stream, version, state)
                    stored = await self._aggregates.append(decider, at, events, await self._submission(one.timer))
                    moved_on = stored is None
                    if stored is None:
                        await self._execute(one)
                    else:
                        version, state = stored
            except StoreUnavailableError:
                break
            except Exception as error:  # noqa: BLE001 - a defect in one stream's command must not end everyone's timers
                if awaits_office(error):
                    _complain(one.timer, error)
                elif isinstance(error, RefusalError):
                    fired.quiet.append(one)
                else:
                    _complain(one.timer, error)
                    break
                continue
            fired.done.append(one.timer.timer_id)
        fired.version = version
        return fired

    async def _settle_quiet(self, fired: Sequence[_Fired]) -> list[UUID]:
        """Nothing to do counts only on the stream as it is: fire again where someone has moved it on in between."""
        quiet = [one for one in fired if one.quiet]
        if not quiet:
            return []
        rows = await self._store.execute(_VERSIONS, streams=[one.stream for one in quiet])
        versions: dict[str, int] = {stream: version for stream, version in rows}  # noqa: C416 - rows are no pairs
        done = []
        for one in quiet:
            moved_on = versions.get(one.stream, 0) != one.version
            settled = await self._repeat(one.quiet) if moved_on else one.quiet
            done += [due.timer.timer_id for due in settled]
        return done

    async def _repeat(self, quiet: Sequence[_Due]) -> list[_Due]:
        """Fire again; return what is settled, which is not what waits for the office, nor anything while the store is away."""
        settled = []
        try:
            for one in quiet:
                try:
                    await self._execute(one)
                except RefusalError as refusal:
                    if awaits_office(refusal):
                        continue
                settled.append(one)
        except StoreUnavailableError:
            return []
        return settled

    async def _execute(self, due: _Due) -> None:
        reaction = due.reaction
        submission = await self._submission(due.timer)
        await self._aggregates.execute_in_story(reaction.decider, reaction.aggregate_id, reaction.command, submission)

    async def _submission(self, timer: Timer) -> Submission:
        origin = await self._aggregates.origin_of(timer.stream) or timer.timer_id
        cause = Cause(correlation_id=origin, causation_id=timer.timer_id, actor=self._actor)
        return Submission(command_id=timer.timer_id, fingerprint=timer.timer_id.bytes, cause=cause)


def _complain(timer: Timer, error: Exception) -> None:
    reason = type(error).__name__
    _log.warning("timer %s of kind %s is tried again after its lease: %s", timer.timer_id, timer.kind, reason)


def _timer(row: Any) -> Timer:  # noqa: ANN401 - a database row
    timer_id, kind, due_at, stream, rule = row
    return Timer(timer_id=timer_id, kind=kind, due_at=due_at, stream=stream, rule=json.loads(rule))
