"""Followup on a real database and a real broker: its api with tokens of every role, and its worker's steps one by one."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from followup.adapters.subscriber import reactions_of
from followup.adapters.views import VIEWS
from followup.domain.reactions import revisit_id_of
from followup.main import api, on_timers
from hotline_chassis.devissuer import Issuer
from hotline_chassis.devusers import find_user
from hotline_chassis.keyring import Keyring
from hotline_chassis.keyset import KeySet
from hotline_chassis.runtime import Runtime
from hotline_chassis.signin import TokenVerifier
from hotline_embedded.fixtures import Databases
from hotline_embedded.nats import EmbeddedNats
from hotline_embedded.provision import app as role_of
from hotline_events.catalogue.intake import Channel, RequestRegistered, RequestType
from hotline_events.catalogue.routing import WorkOrderResolved
from hotline_events.clock import FixedClock
from hotline_events.cursor import Follower
from hotline_events.envelope import Envelope
from hotline_events.projection import Projector
from hotline_events.reactions import Reactions
from hotline_events.rebuild import own_history
from hotline_events.sealing import BoxLabel, Sealed, seal
from hotline_events.testing import NOON, enveloped
from hotline_events.timers import Timers

AT_TWO = NOON + timedelta(hours=2)
Engines = Callable[[str], AsyncEngine]


@dataclass(frozen=True)
class Owed:
    """The ids of one matter and of the revisit that it is owed."""

    request_id: UUID
    work_order_id: UUID
    person_id: UUID
    revisit_id: UUID

    @property
    def path(self) -> str:
        return f"/revisits/{self.revisit_id}"


@dataclass
class Desk:
    """The api in its process, and what the worker would do beside it, done on demand."""

    app: FastAPI
    runtime: Runtime
    keyring: Keyring
    client: httpx.AsyncClient
    issuer: Issuer
    reactions: Reactions
    positions: dict[str, int] = field(default_factory=dict)

    def token(self, user: str) -> dict[str, str]:
        found = find_user(user)
        assert found is not None
        return {"authorization": f"Bearer {self.issuer.token(found)}"}

    async def get(self, path: str, user: str = "revisit_agent") -> httpx.Response:
        return await self.client.get(path, headers=self.token(user))

    async def post(self, path: str, body: object, user: str = "revisit_agent", **headers: str) -> httpx.Response:
        return await self.client.post(path, json=body, headers={**self.token(user), **headers})

    async def drive(self, to: datetime) -> None:
        """Set the business time, and let the timers fire that are due by then."""
        await self.runtime.clock.drive(to)  # type: ignore[attr-defined]  # the development clock
        timers = Timers(self.runtime.aggregates, FixedClock(to), "followup", on_timers(self.runtime.book))
        while await timers.fire_due(to):
            pass
        await self.catch_up()

    async def resolve(
        self,
        *,
        at: datetime = NOON,
        turn: int = 1,
        department: str = "roads",
        request_type: RequestType = RequestType.COMPLAINT,
        first_contact: str = "demo-call_taker",
        work_order_id: UUID | None = None,
    ) -> Owed:
        """Let a matter of its own be registered and resolved, and followup and its views hear of it."""
        request_id, work_order_id, person_id = uuid4(), work_order_id or uuid4(), uuid4()
        key = await self.keyring.create(person_id)

        def sealed(words: str, stream: str, name: str) -> Sealed:
            return Sealed(box=seal(words, BoxLabel(person_id, stream, 1, name), key))

        request = RequestRegistered(
            request_id=request_id,
            requester_id=person_id,
            channel=Channel.PHONE,
            request_type=request_type,
            title=sealed("路灯不亮", f"request-{request_id}", "title"),
            matter=sealed("路口的路灯不亮", f"request-{request_id}", "matter"),
            first_contact=first_contact,
            occurred_at=at,
        )
        resolution = WorkOrderResolved(
            work_order_id=work_order_id,
            request_id=request_id,
            requester_id=person_id,
            department=department,
            round=turn,
            reply=sealed("已更换灯泡", f"work_order-{work_order_id}", "reply"),
            request_type=request_type,
            resolved_by="handler-3",
            occurred_at=at,
        )
        await self.hear("intake", f"request-{request_id}", request)
        await self.hear("routing", f"work_order-{work_order_id}", resolution)
        return Owed(request_id, work_order_id, person_id, revisit_id_of(work_order_id, turn))

    async def hear(self, source: str, stream: str, event: object) -> Envelope:
        """Let followup and its views hear an event of another service."""
        self.positions[source] = self.positions.get(source, 0) + 1
        envelope = enveloped(event, position=self.positions[source], stream=stream, version=1, source_id=uuid4())
        for follower in self.followers(source):
            await follower.apply(source, [envelope], await follower.checkpoint(source))
        await self.catch_up()
        return envelope

    async def catch_up(self) -> None:
        """Let the reactions and the views hear what followup itself has decided."""
        for follower in self.followers("followup"):
            at = await follower.checkpoint("followup")
            async for page in own_history(self.runtime.store)("followup", at.position):
                at = await follower.apply("followup", page, at)

    def followers(self, source: str) -> list[Follower]:
        """Return who hears a service: the reactions first, so that the views see what came of it."""
        projectors = [Projector(self.runtime.engine, view) for view in VIEWS if source in view.sources]
        return [self.reactions, *projectors]

    async def stored(self) -> int:
        return (await self.runtime.store.head()).position

    async def names(self, revisit_id: UUID) -> list[str]:
        rows = await self.runtime.store.read_stream(f"revisit-{revisit_id}")
        return [row.name.rpartition(".")[2] for row in rows]

    @staticmethod
    def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
        assert response.status_code == status, response.text
        content: dict[str, Any] = response.json()
        assert content["type"] == f"urn:hotline:problem:{code}"
        return content


@pytest.fixture
async def desk(
    databases: Databases, engine_for: Engines, nats: EmbeddedNats, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Desk]:
    """Open the real application on a fresh database, at two o'clock in the afternoon."""
    database, keys = await databases.fresh("followup"), await databases.fresh("keys")
    kek = bytes(range(32))
    for variable, value in {
        "HOTLINE_SERVICE": "followup",
        "HOTLINE_MODE": "development",
        "HOTLINE_DATABASE_URL": database.app_url,
        "HOTLINE_KEYS_DATABASE_URL": databases.url(keys.name, role_of("followup")),
        "HOTLINE_KEK": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "HOTLINE_NATS_URL": nats.url,
        "HOTLINE_ISSUER": "http://issuer",
        "HOTLINE_JWKS_URL": "http://issuer/jwks.json",
    }.items():
        monkeypatch.setenv(variable, value)
    issuer = Issuer(url="http://issuer", audience="hotline", key=Ed25519PrivateKey.generate())
    provider = httpx.MockTransport(lambda _request: httpx.Response(200, json=issuer.jwks))
    app = api()
    app.state.verifier = TokenVerifier(
        KeySet("http://issuer/jwks.json", "EdDSA", transport=provider),
        issuer="http://issuer",
        audience="hotline",
        algorithm="EdDSA",
    )
    keyring = Keyring(engine_for(databases.url(keys.name, role_of("intake"))), kek)
    async with app.router.lifespan_context(app):
        runtime = app.state.runtime
        await runtime.clock.drive(AT_TWO)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://followup") as client:
            reactions = reactions_of(runtime)
            await reactions.prepare()
            yield Desk(app, runtime, keyring, client, issuer, reactions)
