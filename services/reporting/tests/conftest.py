"""What follows a history, and the api over what followed it, for the tests of reporting."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from nats.aio.client import Client
from sqlalchemy.ext.asyncio import AsyncEngine

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
from reporting import main
from reporting.adapters.views import VIEWS

Follow = Callable[[History], Awaitable[AsyncEngine]]


@pytest.fixture
def follow(engine_for: Callable[[str], AsyncEngine], databases: Databases) -> Follow:
    """Return what makes a database with every view applied to a history, and answers its engine."""

    async def follow(history: History) -> AsyncEngine:
        engine = engine_for((await databases.fresh("reporting")).app_url)
        for view in VIEWS:
            projector = Projector(engine, view)
            await projector.prepare()
            for source in view.sources:
                if events := history.sources[source]:
                    await projector.apply(source, events, Checkpoint(0, 1))
        return engine

    return follow


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
async def serve(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[..., Served]]:
    """Return what builds the service's own application, as `main` does, over an engine and a clock that stands still."""
    clients: list[httpx.AsyncClient] = []
    issuer = Issuer(url="http://issuer", audience="hotline", key=Ed25519PrivateKey.generate())

    async def keys(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=issuer.jwks)

    def serve(engine: AsyncEngine, *, now: datetime = NOON, pack: str = "default") -> Served:
        environment = {"SERVICE": "reporting", "MODE": "development", "RULE_PACK": pack, "ISSUER": issuer.url}
        environment |= {"JWKS_URL": f"{issuer.url}/jwks.json", "NATS_URL": "nats://127.0.0.1:1", "DATABASE_URL": "unused"}
        for name, value in environment.items():
            monkeypatch.setenv(f"HOTLINE_{name}", value)
        app = main.api()
        keyset = KeySet(f"{issuer.url}/jwks.json", "EdDSA", transport=httpx.MockTransport(keys))
        app.state.verifier = TokenVerifier(keyset, issuer=issuer.url, audience="hotline", algorithm="EdDSA")
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
        )
        app.state.clock = app.state.runtime.clock.now
        clients.append(httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://reporting"))
        return Served(app, clients[-1], issuer)

    yield serve
    for client in clients:
        await client.aclose()
