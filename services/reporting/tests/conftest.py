"""What follows a history, and the api over what followed it, for the tests of reporting."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from nats.aio.client import Client
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from hotline_chassis.devissuer import Issuer
from hotline_chassis.devusers import find_user
from hotline_chassis.keyset import KeySet
from hotline_chassis.runtime import Runtime
from hotline_chassis.signin import TokenVerifier
from hotline_embedded.fixtures import Databases
from hotline_events.aggregates import Aggregates
from hotline_events.appender import Appender
from hotline_events.clock import FixedClock
from hotline_events.cursor import Checkpoint
from hotline_events.projection import Projector
from hotline_events.store import NoKeys, Store
from hotline_events.testing import NOON
from hotline_events.testing_history import History
from hotline_events.testing_town import Town
from hotline_rules.book import RuleBook
from hotline_rules.pack import load_pack
from reporting import main
from reporting.adapters.views import VIEWS

ISSUER = "http://issuer"
Follow = Callable[[History], Awaitable[AsyncEngine]]


@pytest.fixture
def follow(engine_for: Callable[[str], AsyncEngine], databases: Databases) -> Follow:
    """Return what makes a database with every view applied to a history, and answers its engine."""

    async def follow(history: History) -> AsyncEngine:
        engine = engine_for((await databases.fresh("reporting")).app_url)
        await apply_all(engine, history)
        return engine

    return follow


async def apply_all(engine: AsyncEngine, history: History) -> None:
    """Let every view follow the whole history."""
    for view in VIEWS:
        projector = Projector(engine, view)
        await projector.prepare()
        for source in view.sources:
            if events := history.sources[source]:
                await projector.apply(source, events, Checkpoint(0, 1))


@pytest.fixture(scope="module")
def town() -> History:
    """Return a history that a module's tests only read."""
    return Town(5).play(calls=10, matters=40)


@pytest.fixture(scope="module")
async def followed(lasting_databases: Databases, town: History) -> AsyncIterator[AsyncEngine]:
    """Return a database that has followed the module's history, for tests that only read."""
    engine = create_async_engine((await lasting_databases.fresh("reporting")).app_url, isolation_level="AUTOCOMMIT")
    await apply_all(engine, town)
    yield engine
    await engine.dispose()


@dataclass(frozen=True, slots=True)
class Served:
    """The api over one database, asked by demo users of every role."""

    app: FastAPI
    client: httpx.AsyncClient
    issuer: Issuer

    async def get(self, path: str, user: str = "oversight_officer", **query: object) -> httpx.Response:
        """Read as this user."""
        demo = find_user(user)
        assert demo is not None
        headers = {"authorization": f"Bearer {self.issuer.token(demo)}"}
        return await self.client.get(path, params=query, headers=headers)  # type: ignore[arg-type]


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return what sets the environment that `main` reads."""

    def configure(**values: str) -> None:
        usual = {"service": "reporting", "mode": "development", "issuer": ISSUER, "jwks_url": f"{ISSUER}/jwks.json"}
        unused = {"database_url": "postgresql+asyncpg://unused", "nats_url": "nats://unused"}
        for name, value in (usual | unused | values).items():
            monkeypatch.setenv(f"HOTLINE_{name.upper()}", value)

    return configure


@pytest.fixture
async def serve(configure: Callable[..., None]) -> AsyncIterator[Callable[..., Served]]:
    """Return what builds the service's own application, as `main` does, over an engine and a clock that stands still."""
    clients: list[httpx.AsyncClient] = []
    issuer = Issuer(url=ISSUER, audience="hotline", key=Ed25519PrivateKey.generate())

    async def keys(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=issuer.jwks)

    def serve(engine: AsyncEngine, *, now: datetime = NOON, pack: str = "default") -> Served:
        configure(rule_pack=pack)
        app = main.api()
        keyset = KeySet(f"{ISSUER}/jwks.json", "EdDSA", transport=httpx.MockTransport(keys))
        app.state.verifier = TokenVerifier(keyset, issuer=ISSUER, audience="hotline", algorithm="EdDSA")
        store = Store(engine)
        appender = Appender(store)
        app.state.runtime = Runtime(
            settings=app.state.settings,
            engine=engine,
            store=store,
            appender=appender,
            aggregates=Aggregates(store, appender),
            client=Client(),
            clock=FixedClock(now),
            keys=NoKeys(),
            wake=lambda: None,
            book=RuleBook(load_pack(pack)),
        )
        app.state.clock = app.state.runtime.clock.now
        clients.append(httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://reporting"))
        return Served(app, clients[-1], issuer)

    yield serve
    for client in clients:
        await client.aclose()
