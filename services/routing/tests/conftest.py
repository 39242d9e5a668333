"""Routing on a real database and a real broker: its api with tokens of every role, and its worker's steps one by one."""

import base64
import dataclasses
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline_chassis.devissuer import Issuer
from hotline_chassis.devusers import find_user
from hotline_chassis.keyring import Keyring
from hotline_chassis.keyset import KeySet
from hotline_chassis.runtime import Runtime
from hotline_chassis.settings import Settings
from hotline_chassis.signin import TokenVerifier
from hotline_embedded.fixtures import Databases
from hotline_embedded.nats import EmbeddedNats
from hotline_embedded.provision import app as app_role
from hotline_events.catalogue.intake import Channel, RequestRegistered, RequestType
from hotline_events.clock import FixedClock
from hotline_events.cursor import Cursor
from hotline_events.decider import Timer
from hotline_events.envelope import Actor, Cause, Envelope, StoredEvent, encode_metadata, encode_payload, from_row
from hotline_events.projection import Projector
from hotline_events.rebuild import own_history
from hotline_events.registry import type_of
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON
from hotline_events.testing_history import History
from hotline_rules.book import RuleBook
from hotline_rules.pack import RulePack, load_pack
from routing.adapters.views import CONFIDENTIALITY, ORDERS
from routing.domain.tables import Tables
from routing.domain.work_order import WorkOrder, decider, on_timer, work_order_id_of
from routing.domain.work_order import commands as do
from routing.main import build_api, build_work

ISSUER = Issuer(url="http://issuer", audience="hotline", key=Ed25519PrivateKey.generate())
KEK = bytes(range(32))


@dataclass(slots=True)
class Desk:
    """Routing as its users meet it, and what its worker would do, done on demand."""

    client: httpx.AsyncClient
    runtime: Runtime
    app: FastAPI
    intake_keys: Keyring
    heard: dict[str, int] = field(default_factory=dict)

    async def ask(self, method: str, path: str, body: Any = None, *, by: str = "dispatcher", **headers: str) -> httpx.Response:
        user = find_user(by)
        assert user is not None
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent["authorization"] = f"Bearer {ISSUER.token(user)}"
        return await self.client.request(method, path, json=body, headers=sent)

    async def history(self) -> list[Envelope]:
        return [event async for page in own_history(self.runtime.store)("routing", 0) for event in page]

    async def names(self) -> list[str]:
        return [event.name.removeprefix("routing.") for event in await self.history()]

    async def project(self) -> None:
        """Do what the cursors of the worker's views do with routing's own stream."""
        for view in build_work(self.runtime).views:
            projector = Projector(self.runtime.engine, view)
            await projector.prepare()
            if "routing" not in view.sources:
                continue
            await Cursor("routing", projector).take(await self.history())

    async def hear(self, event: object, stream: str, *, key: bytes | None = None) -> Envelope:
        """Let the worker hear another service's event: its reactions, then its views."""
        kind = type_of(event)
        position = self.heard[kind.service] = self.heard.get(kind.service, 0) + 1
        envelope = foreign(event, stream, position, key)
        reactions = next(one for one in build_work(self.runtime).reactions if kind.service in one.sources)
        await reactions.prepare()
        await Cursor(kind.service, reactions).take([envelope])
        if kind.service == "intake":
            for view in (ORDERS, CONFIDENTIALITY):
                await Cursor("intake", Projector(self.runtime.engine, view)).take([envelope])
        return envelope

    async def follow(self) -> None:
        """Let the worker hear routing's own events, until nothing more comes of them."""
        reactions = next(one for one in build_work(self.runtime).reactions if "routing" in one.sources)
        await reactions.prepare()
        seen = -1
        while len(history := await self.history()) > seen:
            seen = len(history)
            await Cursor("routing", reactions).take(history)

    async def register(
        self,
        category: str | None = "lighting",
        requester_id: UUID | None = None,
        request_type: RequestType = RequestType.HELP,
        at: datetime = NOON,
    ) -> UUID:
        """Let intake register a request; return its work order."""
        person = requester_id or uuid4()
        request = replace(registered(person, category, at), request_type=request_type)
        key = await self.intake_keys.create(person)
        await self.hear(request, f"request-{request.request_id}", key=key)
        return work_order_id_of(request.request_id)

    async def publish_tables(self, *departments: str) -> None:
        """Let the office register departments; the first one handles lighting, noise is everybody's."""
        for code in departments:
            answer = await self.ask(
                "PUT", f"/departments/{code}", {"name_zh": f"{code}处", "name_en": code}, by="administrator"
            )
            assert answer.status_code == 201, answer.text
        rows = [{"code": code, "name_zh": code, "name_en": code} for code in ("lighting", "noise")]
        scopes = [{"category": "lighting", "department": departments[0]}]
        scopes += [{"category": "noise", "department": code} for code in departments]
        for path, body in (("category-table", {"categories": rows}), ("scope-table", {"scopes": scopes})):
            answer = await self.ask("PUT", f"/{path}/1", body, by="administrator")
            assert answer.status_code == 201, answer.text


def registered(person: UUID, category: str | None = "lighting", at: datetime = NOON) -> RequestRegistered:
    return RequestRegistered(
        request_id=uuid4(),
        requester_id=person,
        channel=Channel.PHONE,
        request_type=RequestType.HELP,
        title=Sealed("路灯不亮"),
        matter=Sealed("解放路口的路灯三天不亮。"),
        category=category,
        first_contact="agent-7",
        occurred_at=at,
    )


def foreign(event: Any, stream: str, position: int, key: bytes | None = None) -> Envelope:
    """Return another service's event as it is met in its stream."""
    kind = type_of(event)
    event_id = uuid4()
    keys = {getattr(event, kind.sealed_by): key} if kind.sealed_by and key else {}
    cause = Cause(correlation_id=event_id, causation_id=event_id, actor=Actor("test", "service"))
    return from_row(
        StoredEvent(
            position=position,
            stream=stream,
            version=1,
            id=event_id,
            name=kind.name,
            schema_version=kind.version,
            payload=encode_payload(event, stream=stream, version=1, keys=keys),
            metadata=encode_metadata(event, cause),
            recorded_at=event.occurred_at,
            hash=bytes(32),
        )
    )


@pytest.fixture
async def desk(databases: Databases, nats: EmbeddedNats, engine_for: Callable[[str], AsyncEngine]) -> AsyncIterator[Desk]:
    database, keys = await databases.fresh("routing"), await databases.fresh("keys")
    settings = Settings(
        service="routing",
        mode="development",
        database_url=database.app_url,
        keys_database_url=databases.url(keys.name, app_role("routing")),
        kek_text=base64.b64encode(KEK).decode(),
        nats_url=nats.url,
        issuer=ISSUER.url,
        jwks_url="http://issuer/jwks.json",
    )

    async def jwks(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=ISSUER.jwks)

    known = KeySet(settings.jwks_url, "EdDSA", transport=httpx.MockTransport(jwks))
    verifier = TokenVerifier(known, issuer=ISSUER.url, audience="hotline", algorithm="EdDSA")
    app = build_api(settings, verifier=verifier)
    intake_keys = Keyring(engine_for(databases.url(keys.name, app_role("intake"))), KEK)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://routing") as client,
    ):
        app.state.runtime = replace(app.state.runtime, clock=FixedClock(NOON))
        app.state.clock = app.state.runtime.clock.now
        yield Desk(client, app.state.runtime, app, intake_keys)


@pytest.fixture
def requests() -> list[Envelope]:
    """Return twelve registrations, every other one of a known category, as History seals them."""
    history = History()
    for number in range(12):
        request = registered(UUID(int=number + 1), "lighting" if number % 2 == 0 else "unheard_of")
        history.add(f"request-{number}", replace(request, request_id=UUID(int=number + 100)))
    return history.sources["intake"]


@dataclass(slots=True)
class OrderLife:
    """An order without any server: what is asked of it is decided, and its timers fire when the day comes."""

    request_type: RequestType
    rules: RulePack
    now: datetime = NOON
    order_id: UUID = field(default_factory=lambda: UUID(int=1))
    department: str = "roads"
    history: list[Any] = field(default_factory=list)
    timers: dict[UUID, Timer] = field(default_factory=dict)
    fired: set[UUID] = field(default_factory=set)

    @property
    def book(self) -> RuleBook:
        return RuleBook(self.rules)

    @property
    def order(self) -> WorkOrder:
        return decider.fold(self.history)

    def decide(self, command: Any) -> list[Any]:
        events = decider.decide(self.order, command)
        self.history += events
        for timer in (timer for event in events for timer in decider.timers(event)):
            if timer.timer_id not in self.fired:
                self.timers.setdefault(timer.timer_id, timer)
        return events

    def ask(self, kind: type, **fields: Any) -> list[str]:
        """Give a command now, in the department's name unless told otherwise; return the verbs of what happened."""
        known = {"department": self.department, "book": self.book, "by": "handler", "now": self.now, "reason": None}
        known |= {"rules": self.rules, "tables": Tables()}
        names = {one.name for one in dataclasses.fields(kind)}
        return verbs(self.decide(kind(**{**{name: one for name, one in known.items() if name in names}, **fields})))

    def dispatch(self) -> "OrderLife":
        """Let the scope table transfer the order to its department."""
        request = replace(registered(UUID(int=3), "lighting", self.now), request_type=self.request_type)
        tables = Tables(
            category_version=1,
            categories=frozenset({"lighting"}),
            scope_version=1,
            departments_of={("lighting", None): (self.department,)},
            open_departments=frozenset({self.department, "parks"}),
        )
        self.decide(
            do.OpenWorkOrder(
                work_order_id=self.order_id, request=request, tables=tables, rules=self.rules, by="desk", now=self.now
            )
        )
        return self

    def transfer(self, to: str) -> None:
        self.decide(do.TransferOrder(department=to, takes_orders=True, rules=self.rules, by="dispatcher", now=self.now))
        self.department = to

    def wait_until(self, moment: datetime) -> list[str]:
        """Let time pass and every timer fire when it is due; return the verbs of what happened by itself."""
        before = len(self.history)
        while due := [timer for timer in self.timers.values() if timer.due_at <= moment]:
            self.fire(min(due, key=lambda timer: timer.due_at))
        self.now = max(self.now, moment)
        return verbs(self.history[before:])

    def fire(self, timer: Timer) -> list[Any]:
        """Fire once: a timer that led to something never does so again, as its id is the command's."""
        self.timers.pop(timer.timer_id, None)
        events = self.decide(on_timer(self.book, timer).command)
        if events:
            self.fired.add(timer.timer_id)
        return events


def verbs(events: Sequence[Any]) -> list[str]:
    return [type_of(event).verb for event in events]


@pytest.fixture
def life() -> Callable[..., OrderLife]:
    """Return a maker of orders that have just come to a department."""

    def dispatched(request_type: str = "help", rules: RulePack | None = None) -> OrderLife:
        return OrderLife(RequestType(request_type), rules or load_pack("default")).dispatch()

    return dispatched
