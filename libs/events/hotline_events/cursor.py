"""Cursors: read a service's stream from a checkpoint and prove that nothing is missing.

The checkpoint commits with the work, in the follower's own database; the JetStream consumer is thrown away and opened anew at
checkpoint + 1 on any doubt. Positions are gapless and equal the sequence, so what arrives must be the next one.

FastStream declares, decodes, traces and documents the subscriber; the fetch loop is ours, because FastStream's own stops for
ever on a bare timeout and loses what it had fetched (traps). It stands on FastStream's private API: the version is pinned.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, PullSub
from faststream.nats.message import NatsBatchMessage
from faststream.nats.subscriber.usecases import BatchPullStreamSubscriber
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import AckPolicy as JetStreamAck
from nats.js.api import ConsumerConfig, DeliverPolicy

from hotline_events import tracing
from hotline_events.broker import epoch_of, stream_of
from hotline_events.envelope import Envelope, from_cloudevent
from hotline_events.errors import EpochChangedError, GapError, PoisonEventError, UnknownVersionError
from hotline_events.pull import Pull

_FETCH = 500
_WAIT = 2.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a consumer is in a source, and in which epoch it read that far."""

    position: int
    epoch: int


class Follower(Protocol):
    """A consumer of events: its work and its checkpoint commit together."""

    name: str

    async def checkpoint(self, source: str) -> Checkpoint:
        """Return how far this consumer is."""
        ...

    async def apply(self, source: str, events: Sequence[Envelope], after: Checkpoint) -> Checkpoint:
        """Apply the events that follow the checkpoint, all of them in one commit, and return the new checkpoint."""
        ...

    async def change_epoch(self, source: str, change: EpochChangedError) -> None:
        """Undo or re-read what came from positions after the restore point, then adopt the new epoch."""
        ...


History = Callable[[str, int], AsyncIterator[Sequence[Envelope]]]


@dataclass(slots=True)
class CursorState:
    """What health and metrics show of one cursor."""

    consumer: str
    source: str
    position: int = 0
    pending: int = 0
    reopened: int = 0
    unknown: int = 0
    stopped: str | None = None
    caught_up: asyncio.Event = field(default_factory=asyncio.Event)


class Cursor:
    """Follows one source for one follower. `history` reads events that the stream no longer holds."""

    def __init__(self, source: str, follower: Follower, *, history: History | None = None) -> None:
        self.source = source
        self.follower = follower
        self.history = history
        self.state = CursorState(follower.name, source)
        self._at: Checkpoint | None = None

    async def follow(self, client: Client, process: Callable[[list[Msg]], Any], running: Callable[[], bool]) -> None:
        """Open, drain, and open again on any doubt, with a growing pause."""
        pause = 0.05
        while running():
            opened_at = self.state.position
            try:
                await self._open_and_drain(client, process, running)
            except EpochChangedError as change:
                _log.critical("%s: %s", self.follower.name, change)
                await self._adopt(change)
            except (PoisonEventError, UnknownVersionError) as stop:
                self.state.stopped = str(stop)
                _log.critical("%s", stop)
                pause = 5.0
            except Exception as doubt:  # noqa: BLE001 - whatever it is, the answer is the same: reopen at the checkpoint
                said = doubt if isinstance(doubt, GapError) else type(doubt).__name__
                _log.warning("%s reopens %s: %s", self.follower.name, self.source, said)
            self.state.reopened += 1
            if self.state.position > opened_at:
                pause = 0.05
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)

    async def _adopt(self, change: EpochChangedError) -> None:
        """Let the follower adopt the new epoch; if it cannot yet, reopening meets the same change again."""
        try:
            await self.follower.change_epoch(self.source, change)
        except Exception as error:  # noqa: BLE001 - see above
            _log.warning("%s could not adopt an epoch of %s: %s", self.follower.name, self.source, type(error).__name__)

    async def _open_and_drain(self, client: Client, process: Callable[[list[Msg]], Any], running: Callable[[], bool]) -> None:
        self._at = None
        js = client.jetstream()
        at = await self.follower.checkpoint(self.source)
        self.state.position = at.position
        info = await js.stream_info(stream_of(self.source))
        carried, carried_start = epoch_of(info)
        if carried != at.epoch:
            raise EpochChangedError(self.source, at.epoch, carried, carried_start)
        if info.state.last_seq < at.position:
            message = f"the stream of {self.source} is at {info.state.last_seq}, behind checkpoint {at.position}: refill it"
            raise GapError(message)
        if at.position + 1 < info.state.first_seq:
            await self._catch_up(info.state.first_seq)
            at = await self.follower.checkpoint(self.source)
        config = ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=at.position + 1,
            ack_policy=JetStreamAck.NONE,
            inactive_threshold=30,
            mem_storage=True,
            num_replicas=1,
        )
        # A consumer without a name: the broker lets services create those, and only routing the durable ones.
        consumer = await js.add_consumer(stream_of(self.source), config)
        async with Pull(client, stream_of(self.source), consumer.name, most=_FETCH) as pull:
            await self._drain(pull, process, running)

    async def _drain(self, pull: Pull, process: Callable[[list[Msg]], Any], running: Callable[[], bool]) -> None:
        """Take batch after batch. When nothing comes, make sure that nothing is pending and that nothing was lost on the way.

        The first time, it may have come just then; the second is a doubt: what was delivered went to a connection that broke.
        """
        silent = False
        while running():
            messages = await pull.fetch(_WAIT)
            if messages:
                await process(messages)
                self.state.pending = messages[-1].metadata.num_pending or 0
                self.state.stopped = None
                silent = False
            else:
                info = await pull.consumer_info()
                delivered = info.delivered.stream_seq if info.delivered else 0
                owes = bool(info.num_pending) or delivered > self.state.position
                if owes and silent:
                    message = f"{info.num_pending} events are pending after {delivered}, none came after {self.state.position}"
                    raise GapError(message)
                silent = owes
                self.state.pending = info.num_pending or 0
            if not self.state.pending and not silent:
                self._caught_up()

    def _caught_up(self) -> None:
        self.state.pending = 0
        self.state.caught_up.set()

    async def _catch_up(self, first: int) -> None:
        if self.history is None:
            message = f"{self.source} holds events from {first} on only, and there is no history to read"
            raise GapError(message)
        at = await self.follower.checkpoint(self.source)
        async for events in self.history(self.source, at.position):
            await self.take(events)
            if self.state.position >= first - 1:
                return

    async def take(self, events: Sequence[Envelope]) -> None:
        """Check that these events follow the checkpoint without a hole, then let the follower apply them.

        Where the last commit left the checkpoint is remembered: a follower that finds it elsewhere refuses.
        """
        at, self._at = self._at or await self.follower.checkpoint(self.source), None
        fresh = [event for event in events if event.position > at.position]
        for expected, event in enumerate(fresh, at.position + 1):
            if event.epoch != at.epoch:
                raise EpochChangedError(self.source, at.epoch, event.epoch, event.epoch_start)
            if event.position != expected:
                message = f"{self.source}: expected {expected}, met {event.position}"
                raise GapError(message)
        if fresh:
            self.state.unknown += sum(event.event is None for event in fresh)
            with tracing.batch(f"{self.follower.name} apply", [event.traceparent for event in fresh]):
                at = await self.follower.apply(self.source, fresh, at)
            self.state.position = at.position
        self._at = at


class _CursorSubscriber(BatchPullStreamSubscriber):
    """FastStream's batch subscriber with our loop in place of its own."""

    __slots__ = ()

    async def _create_subscription(self) -> None:
        self.add_task(self._follow)

    async def _follow(self) -> None:
        cursor = _cursors[id(self)]
        await cursor.follow(self.connection, self._process, lambda: self.running)

    async def _process(self, messages: list[Msg]) -> None:
        await self.process_message(messages)


_cursors: dict[int, Cursor] = {}


# The consumers of one process follow each other closely through a source: what one has decoded serves the next.
_decoded = lru_cache(maxsize=4 * _FETCH)(from_cloudevent)


async def decode(message: NatsBatchMessage) -> list[Envelope]:
    """Decode a fetched batch; the sequence of each message must be its position."""
    raw: list[Msg] = message.raw_message
    events = [_decoded(one.data) for one in raw]
    first, last = raw[0].metadata.sequence.stream, raw[-1].metadata.sequence.stream
    if (events[0].position, events[-1].position) != (first, last):
        text = f"sequences {first} to {last} carry positions {events[0].position} to {events[-1].position}"
        raise GapError(text)
    return events


def subscribe(broker: NatsBroker, cursor: Cursor) -> None:
    """Declare the cursor as a FastStream subscriber of its source's stream."""
    subscriber = broker.subscriber(
        f"hotline.{cursor.source}.>",
        stream=JStream(stream_of(cursor.source), declare=False),
        pull_sub=PullSub(batch_size=_FETCH, timeout=_WAIT, batch=True),
        config=ConsumerConfig(ack_policy=JetStreamAck.NONE),
        ack_policy=AckPolicy.MANUAL,
        decoder=decode,
        title=f"{cursor.follower.name}:{cursor.source}",
        description=f"{cursor.follower.name} reads every event of {cursor.source} from its checkpoint on.",
    )
    subscriber.__class__ = _CursorSubscriber
    _cursors[id(subscriber)] = cursor

    @subscriber
    async def take(events: list[Envelope]) -> None:
        await cursor.take(events)
