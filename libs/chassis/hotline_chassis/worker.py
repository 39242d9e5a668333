"""The worker process of a service: relay, cursors, reactions, timers. Any part that ends unexpectedly ends the process."""

import asyncio
import base64
import contextlib
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from faststream.nats import NatsBroker
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import ConnectionClosedError

from hotline_chassis.health import Check, NotReadyError, connected, database
from hotline_chassis.histories import history_of
from hotline_chassis.metrics import Gauge
from hotline_chassis.rule_book import published_rules
from hotline_chassis.runtime import Runtime, address_of, open_runtime
from hotline_chassis.settings import Settings
from hotline_events.broker import wake_subject
from hotline_events.chain import anchor_hourly, to_file
from hotline_events.cursor import Cursor, subscribe
from hotline_events.errors import StoreUnavailableError
from hotline_events.projection import Projector, View
from hotline_events.reactions import Reactions
from hotline_events.relay import Relay
from hotline_events.timers import OnTimer, Timers
from hotline_events.view_group import ViewGroup

_lag = Gauge("hotline_cursor_lag_events", "Events that a consumer has still to apply.", ("consumer", "source"))
_backlog = Gauge("hotline_relay_backlog_events", "Events committed and not yet published.")
_waiting = Gauge("hotline_parked_events", "Events that wait for another try, or are dead letters.", ("consumer", "state"))
_overdue = Gauge("hotline_timers_overdue", "Timers due and not fired.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What one service's worker does besides relaying: its read models, its reactions, its timers, other tasks.

    `on_timer` holds, by the name of the aggregate, what a due timer asks of it.
    """

    views: Sequence[View] = ()
    reactions: Sequence[Reactions] = ()
    on_timer: Mapping[str, OnTimer] = field(default_factory=dict)
    tasks: Sequence[Callable[[], Coroutine[Any, Any, None]]] = field(default_factory=tuple)


class Worker:
    """`Worker(settings, build).run()`; `build` is given the runtime and says what there is to do."""

    def __init__(self, settings: Settings, build: Callable[[Runtime], Work]) -> None:
        self._settings = settings
        self._build = build
        self._cursors: list[Cursor] = []
        self._groups: list[ViewGroup] = []
        self._relay: Relay | None = None
        self._runtime: Runtime | None = None

    @property
    def checks(self) -> dict[str, Check]:
        """Return what must hold for this process to be ready."""
        return {
            "database": self._check_database,
            "broker": connected(lambda: self._started().client.is_connected),
            "streams": self._check_streams,
        }

    async def run(self) -> None:
        """Work until cancelled."""
        async with open_runtime(self._settings, worker=True) as runtime:
            keeper = runtime.rule_keeper()
            await runtime.learn_rules(keeper)
            work = self._build(runtime)
            for reactions in work.reactions:
                reactions.stand_on(keeper.refresh)
                keeper.on_news(reactions.look_again)
            self._relay = Relay(runtime.engine, runtime.client, self._settings.service)
            self._cursors = await self._open_cursors(runtime, work)
            lost = asyncio.Event()
            broker = broker_of(self._settings, lost)
            for cursor in self._cursors:
                subscribe(broker, cursor)
            tasks = [self._relay.run(), self._measure(runtime), keeper.run(), *(task() for task in work.tasks)]
            tasks.append(_end_when_lost(runtime.client, lost))
            tasks += [reactions.run_retries() for reactions in work.reactions]
            tasks += anchoring(self._settings, runtime)
            if work.on_timer:
                tasks.append(self._run_timers(runtime, work.on_timer))
            self._runtime = runtime
            await broker.start()
            try:
                async with asyncio.TaskGroup() as group:
                    for task in tasks:
                        group.create_task(task)
            finally:
                with contextlib.suppress(ConnectionClosedError):
                    await broker.stop()

    async def _open_cursors(self, runtime: Runtime, work: Work) -> list[Cursor]:
        history = history_of(self._settings, runtime.store)
        cursors = []
        views = [*work.views, published_rules(self._settings.service)]
        projectors = [Projector(runtime.engine, view) for view in views]
        for projector in projectors:
            await projector.prepare()
        for source in sorted({source for view in views for source in view.sources}):
            hearing = [projector for projector in projectors if source in projector.view.sources]
            group = ViewGroup(runtime.engine, f"{self._settings.service}.views", hearing)
            self._groups.append(group)
            cursors.append(Cursor(source, group, history=history))
        for reactions in work.reactions:
            await reactions.prepare()
            cursors += [Cursor(source, reactions, history=history) for source in reactions.sources]
        return cursors

    async def _run_timers(self, runtime: Runtime, on_timer: Mapping[str, OnTimer]) -> None:
        timers = Timers(runtime.aggregates, runtime.clock, self._settings.service, on_timer)

        async def stir(_message: Msg) -> None:
            timers.stir()

        await runtime.client.subscribe(wake_subject(self._settings.service), cb=stir)
        await timers.run()

    async def _measure(self, runtime: Runtime) -> None:
        while True:
            for cursor in self._cursors:
                _lag.labels(cursor.state.consumer, cursor.state.source).set(cursor.state.pending)
            if self._relay is not None and self._relay.state.leading:
                _backlog.set(self._relay.state.backlog)
            with contextlib.suppress(StoreUnavailableError):
                await self._count(runtime)
            await asyncio.sleep(2)

    async def _count(self, runtime: Runtime) -> None:
        rows = await runtime.store.execute("select consumer, dead, count(*) from parked group by consumer, dead")
        _waiting.clear()
        for consumer, dead, count in rows:
            _waiting.labels(consumer, "dead" if dead else "parked").set(count)
        overdue = await runtime.store.execute("select count(*) from timers where due_at <= :now", now=runtime.clock.now())
        _overdue.set(overdue[0][0])

    async def _check_database(self) -> None:
        await database(self._started().engine)()

    async def _check_streams(self) -> None:
        if self._relay is not None and self._relay.state.alarm:
            raise NotReadyError("the relay stands still")
        if any(cursor.state.stopped for cursor in self._cursors) or any(group.stopped for group in self._groups):
            raise NotReadyError("a read model stands still")

    def _started(self) -> Runtime:
        if self._runtime is None:
            raise NotReadyError("starting")
        return self._runtime


def anchoring(settings: Settings, runtime: Runtime) -> list[Coroutine[Any, Any, None]]:
    """Return the hourly anchoring of the chain, where a place and a key for it are given."""
    if settings.anchor_file is None or settings.anchor_key_file is None:
        return []
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(settings.anchor_key_file.read_text()))
    return [anchor_hourly(runtime.store, settings.service, key, to_file(settings.anchor_file))]


async def _end_when_lost(client: Client, lost: asyncio.Event) -> None:
    """End the process when a client has closed itself for good: any error that the server sends does that to it.

    It reconnects after everything else, but such a one would leave a process that is alive and reads nothing.
    """
    while not lost.is_set() and not client.is_closed:  # noqa: ASYNC110 - the client tells nobody
        await asyncio.sleep(1)
    message = "the broker has closed the connection for good"
    raise NotReadyError(message)


def broker_of(settings: Settings, lost: asyncio.Event) -> NatsBroker:
    """Return FastStream's broker for the cursors: it reconnects for ever, and sets `lost` when it never will again."""
    address = address_of(settings)

    async def closed() -> None:
        lost.set()

    return NatsBroker(
        address.url,
        name=f"{address.name}-worker",
        user_credentials=address.credentials or None,
        inbox_prefix=address.inbox_prefix,
        closed_cb=closed,
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.2,  # type: ignore[arg-type]  # nats-py takes parts of a second
        drain_timeout=1,
        apply_types=False,
        logger=None,
    )
