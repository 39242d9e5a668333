"""The whole api of intake on a real database, with a clock that stands still and tokens of every role."""

import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI

from hotline_chassis.devissuer import Issuer
from hotline_chassis.devusers import DemoUser, find_user
from hotline_chassis.keyset import KeySet
from hotline_chassis.runtime import Runtime, open_runtime
from hotline_chassis.settings import Settings
from hotline_chassis.signin import TokenVerifier
from hotline_embedded.fixtures import Databases
from hotline_embedded.nats import EmbeddedNats
from hotline_embedded.provision import app as app_role
from hotline_events.clock import FixedClock
from hotline_events.envelope import Envelope
from hotline_events.projection import Projector
from hotline_events.rebuild import own_history
from hotline_events.testing import enveloped
from hotline_events.timers import Timers
from intake.main import build_api, build_work

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
ISSUER = Issuer(url="http://issuer", audience="hotline", key=Ed25519PrivateKey.generate())


@dataclass(frozen=True, slots=True)
class Desk:
    """Intake as its users meet it, and what a test may look at behind it."""

    client: httpx.AsyncClient
    runtime: Runtime
    owner_url: str
    keys_url: str
    app: FastAPI
    tokens: dict[str, str] = field(default_factory=dict)

    def sign_in(self, user: DemoUser) -> str:
        """Let somebody in who is no demo user, and return the name to ask by."""
        self.tokens[user.actor_id] = ISSUER.token(user)
        return user.actor_id

    async def ask(self, method: str, path: str, body: Any = None, *, by: str = "call_taker", **headers: str) -> httpx.Response:
        if by not in self.tokens:
            user = find_user(by)
            assert user is not None
            self.tokens[by] = ISSUER.token(user)
        headers = {"authorization": f"Bearer {self.tokens[by]}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return await self.client.request(method, path, json=body, headers=headers)

    async def history(self, after: int = 0) -> list[Envelope]:
        return [event async for page in own_history(self.runtime.store)("intake", after) for event in page]

    async def catch_up(self) -> None:
        """Do what the worker's cursors do: apply to every view what it has not seen."""
        for view in build_work(self.runtime).views:
            projector = Projector(self.runtime.engine, view)
            await projector.prepare()
            if "intake" not in view.sources:
                continue
            checkpoint = await projector.checkpoint("intake")
            if events := await self.history(checkpoint.position):
                await projector.apply("intake", events, checkpoint)

    async def hear(self, source: str, *events: object) -> None:
        """Let the views hear another service's events."""
        for view in build_work(self.runtime).views:
            if source not in view.sources:
                continue
            projector = Projector(self.runtime.engine, view)
            await projector.prepare()
            at = await projector.checkpoint(source)
            heard = [
                enveloped(event, position=at.position + number, stream=f"{source}-test", version=number)
                for number, event in enumerate(events, 1)
            ]
            await projector.apply(source, heard, at)

    async def react(self) -> None:
        """Do what the worker does because of its own events: decide what follows from those it has not heard yet."""
        for reactions in build_work(self.runtime).reactions:
            await reactions.prepare()
            checkpoint = await reactions.checkpoint("intake")
            if events := await self.history(checkpoint.position):
                await reactions.apply("intake", events, checkpoint)

    async def fire(self, now: datetime) -> int:
        """Fire the timers that are due then; return how many."""
        work = build_work(self.runtime)
        return await Timers(self.runtime.aggregates, FixedClock(now), "intake", work.on_timer).fire_due(now)

    async def rows(self, sql: str, *values: object, keys: bool = False) -> list[asyncpg.Record]:
        """Read a table as its owner."""
        connection = await asyncpg.connect((self.keys_url if keys else self.owner_url).replace("+asyncpg", ""))
        try:
            found: Sequence[asyncpg.Record] = await connection.fetch(sql, *values)
            return list(found)
        finally:
            await connection.close()


@pytest.fixture
async def desk(databases: Databases, nats: EmbeddedNats) -> AsyncIterator[Desk]:
    database, keys = await databases.fresh("intake"), await databases.fresh("keys")
    settings = Settings(
        service="intake",
        mode="development",
        database_url=database.app_url,
        keys_database_url=databases.url(keys.name, app_role("intake")),
        kek_text=base64.b64encode(bytes(range(32))).decode(),
        nats_url=nats.url,
        issuer=ISSUER.url,
        jwks_url="http://issuer/jwks.json",
    )

    async def jwks(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=ISSUER.jwks)

    known = KeySet(settings.jwks_url, "EdDSA", transport=httpx.MockTransport(jwks))
    verifier = TokenVerifier(known, issuer=ISSUER.url, audience="hotline", algorithm="EdDSA")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_runtime(settings) as runtime:
            app.state.runtime = replace(runtime, clock=FixedClock(NOW))
            app.state.clock = app.state.runtime.clock.now
            yield

    app = build_api(settings, lifespan=lifespan, verifier=verifier)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://intake") as client,
    ):
        yield Desk(client, app.state.runtime, database.owner_url, keys.owner_url, app)
