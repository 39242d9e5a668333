"""What both processes of a service stand on: its store, its broker connection, its clock, its keys.

Built once in `main.py` and passed on. Every client is closed in the reverse order.
"""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from nats.aio.client import Client
from nats.errors import Error as NatsError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from hotline_chassis.health import Checks, connected, database
from hotline_chassis.histories import history_of
from hotline_chassis.keyring import Keyring
from hotline_chassis.rule_book import RuleKeeper
from hotline_chassis.settings import Settings
from hotline_events.aggregates import Aggregates
from hotline_events.appender import Appender
from hotline_events.away import patiently
from hotline_events.broker import BrokerAddress, connect, wake_subject
from hotline_events.clock import Clock, DrivenClock, WallClock
from hotline_events.store import Keys, NoKeys, Store
from hotline_rules.book import RuleBook
from hotline_rules.pack import RulePack, load_pack

_POOL = 12
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """One process's connections, and what is built on them."""

    settings: Settings
    engine: AsyncEngine
    store: Store
    appender: Appender
    aggregates: Aggregates
    client: Client
    clock: Clock
    keys: Keys
    wake: Callable[[], None]
    book: RuleBook

    def rule_keeper(self) -> RuleKeeper:
        """Return what keeps this process's book up to the rules that were published."""
        return RuleKeeper(self.settings.service, self.store, self.book)

    async def learn_rules(self, keeper: RuleKeeper) -> None:
        """Know every published rule before anything is decided."""
        await keeper.learn(self.engine, self.client, history_of(self.settings, self.store))

    @property
    def keyring(self) -> Keyring:
        """Return the keyring of a service that creates or shreds keys."""
        if not isinstance(self.keys, Keyring):
            message = f"{self.settings.service} was started without HOTLINE_KEYS_DATABASE_URL"
            raise TypeError(message)
        return self.keys


def address_of(settings: Settings) -> BrokerAddress:
    """Return where this service's broker user signs in."""
    return BrokerAddress(url=settings.nats_url, name=settings.service, credentials=str(settings.nats_creds or ""))


def engine_of(url: str, *, pool_size: int = _POOL) -> AsyncEngine:
    """Return an engine in autocommit: every statement is a transaction of its own unless one is asked for."""
    return create_async_engine(
        url, isolation_level="AUTOCOMMIT", pool_size=pool_size, max_overflow=4, pool_timeout=5, pool_pre_ping=False
    )


@asynccontextmanager
async def open_runtime(settings: Settings, *, worker: bool = False) -> AsyncIterator[Runtime]:
    """Open everything for an api or a worker, and close it again."""
    async with AsyncExitStack() as stack:
        engine = engine_of(settings.database_url)
        stack.push_async_callback(engine.dispose)
        keys: Keys = NoKeys()
        if settings.keys_database_url:
            keys_engine = engine_of(settings.keys_database_url, pool_size=4)
            stack.push_async_callback(keys_engine.dispose)
            keys = Keyring(keys_engine, settings.load_kek())
        client = await connect(address_of(settings))
        stack.push_async_callback(client.close)
        store = Store(engine, keys)
        wake = _waker(client, settings.service)
        appender = await stack.enter_async_context(Appender(store, committed=wake))
        clock: Clock = DrivenClock(store) if settings.development else WallClock()
        if isinstance(clock, DrivenClock):
            await patiently(clock.refresh)
        yield Runtime(
            settings=settings,
            engine=engine,
            store=store,
            appender=appender,
            aggregates=Aggregates(store, appender, worker=worker),
            client=client,
            clock=clock,
            keys=keys,
            wake=wake,
            book=RuleBook(load_pack(settings.rule_pack)),
        )


def _waker(client: Client, service: str) -> Callable[[], None]:
    """Return the ping after a commit. It is a hint: the relay and the timers also poll.

    One ping is on its way at a time; what is committed meanwhile may be too late for it and is told by one more.
    """
    pings: set[asyncio.Task[None]] = set()
    untold = flying = False

    async def ping() -> None:
        nonlocal untold, flying
        try:
            while untold:
                untold = False
                await client.publish(wake_subject(service), b"")
                await client.flush(timeout=1)
        except (NatsError, OSError, TimeoutError):
            return
        finally:
            flying = False

    def wake() -> None:
        nonlocal untold, flying
        untold = True
        if not flying:
            flying = True
            task = asyncio.get_running_loop().create_task(ping())
            pings.add(task)
            task.add_done_callback(pings.discard)

    return wake


def lifespan_of(settings: Settings) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Return the lifespan of an api: `app.state.runtime` is there while it serves."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_runtime(settings) as runtime:
            app.state.runtime = runtime
            clock = runtime.clock
            app.state.clock = clock.latest if isinstance(clock, DrivenClock) else clock.now
            app.state.rule_keeper = runtime.rule_keeper()
            await runtime.learn_rules(app.state.rule_keeper)
            tasks = [asyncio.create_task(app.state.rule_keeper.run()), asyncio.create_task(_end_when_lost(runtime.client))]
            yield
            for task in tasks:
                task.cancel()

    return lifespan


async def _end_when_lost(client: Client) -> None:
    """End the process when its broker client has closed itself for good; whoever runs it starts it anew."""
    while not client.is_closed:  # noqa: ASYNC110 - the client tells nobody
        await asyncio.sleep(1)
    _log.critical("the broker has closed the connection for good")
    signal.raise_signal(signal.SIGTERM)


async def _of_request(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


RuntimeOf = Annotated[Runtime, Depends(_of_request)]
"""The process's runtime, in a route."""


async def _rules_in_force(request: Request) -> RulePack:
    runtime: Runtime = request.app.state.runtime
    return runtime.book.in_force(runtime.clock.now())


RulesInForce = Annotated[RulePack, Depends(_rules_in_force)]
"""The rule pack that decides what begins now, in a route; a matter that has begun keeps its own: `runtime.book.of(number)`."""


def api_checks(app_runtime: Callable[[], Runtime]) -> Checks:
    """Return what an api needs to be ready: its database and its broker."""

    async def check_database() -> None:
        await database(app_runtime().engine)()

    return {"database": check_database, "broker": connected(lambda: app_runtime().client.is_connected)}
