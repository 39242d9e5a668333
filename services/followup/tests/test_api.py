"""The revisit desk over HTTP: who may, what is answered, what is refused and why."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from followup.adapters.views import VIEWS, revisits
from followup.domain.reactions import on_work_order_resolved
from followup.domain.revisit import decider, on_timer
from followup.main import api
from hotline_chassis.devissuer import Issuer
from hotline_chassis.devusers import find_user
from hotline_chassis.keyring import Keyring
from hotline_chassis.keyset import KeySet
from hotline_chassis.runtime import Runtime
from hotline_chassis.signin import TokenVerifier, rights_of_routes
from hotline_embedded.fixtures import Databases
from hotline_embedded.nats import EmbeddedNats
from hotline_embedded.provision import app as role_of
from hotline_events.aggregates import Submission
from hotline_events.catalogue.intake import Channel, PersonErased, RequestRegistered, RequestType
from hotline_events.catalogue.routing import WorkOrderResolved
from hotline_events.clock import FixedClock
from hotline_events.envelope import Envelope
from hotline_events.projection import Projector
from hotline_events.rebuild import own_history
from hotline_events.sealing import BoxLabel, Sealed, seal
from hotline_events.testing import NOON, cause, enveloped
from hotline_events.timers import Timers
from hotline_rules.pack import load_pack

RULES = load_pack("default")
HOUR = timedelta(hours=1)
AT_TWO = NOON + 2 * HOUR
NIGHT = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)  # 22:30 in Shanghai
Engines = Callable[[str], AsyncEngine]


@dataclass
class Desk:
    """The api in its process, and what the worker would do beside it."""

    app: FastAPI
    runtime: Runtime
    keyring: Keyring
    client: httpx.AsyncClient
    issuer: Issuer
    positions: dict[str, int] = field(default_factory=dict)

    def token(self, user: str) -> dict[str, str]:
        found = find_user(user)
        assert found is not None
        return {"authorization": f"Bearer {self.issuer.token(found)}"}

    async def get(self, path: str, user: str = "revisit_agent") -> httpx.Response:
        return await self.client.get(path, headers=self.token(user))

    async def post(self, path: str, body: object, user: str = "revisit_agent", **headers: str) -> httpx.Response:
        return await self.client.post(path, json=body, headers={**self.token(user), **headers})

    async def resolve(self, *, at: datetime = NOON, turn: int = 1, department: str = "roads") -> "Owed":
        """Let a matter of its own be registered and resolved, and followup and its view hear of it."""
        owed = Owed(uuid4(), uuid4(), uuid4())
        key = await self.keyring.create(owed.person_id)

        def sealed(words: str, stream: str, name: str) -> Sealed:
            return Sealed(box=seal(words, BoxLabel(owed.person_id, stream, 1, name), key))

        request = RequestRegistered(
            request_id=owed.request_id,
            requester_id=owed.person_id,
            channel=Channel.PHONE,
            request_type=RequestType.COMPLAINT,
            title=sealed("路灯不亮", f"request-{owed.request_id}", "title"),
            matter=sealed("路口的路灯不亮", f"request-{owed.request_id}", "matter"),
            first_contact="taker-1",
            occurred_at=at,
        )
        resolution = WorkOrderResolved(
            work_order_id=owed.work_order_id,
            request_id=owed.request_id,
            requester_id=owed.person_id,
            department=department,
            round=turn,
            reply=sealed("已更换灯泡", f"work_order-{owed.work_order_id}", "reply"),
            resolved_by="handler-3",
            occurred_at=at,
        )
        await self.hear("intake", f"request-{owed.request_id}", request)
        heard = await self.hear("routing", f"work_order-{owed.work_order_id}", resolution)
        command = on_work_order_resolved(uuid4(), resolution, RULES)
        submission = Submission(command_id=uuid4(), fingerprint=b"", cause=cause(heard.id))
        await self.runtime.aggregates.execute(decider, command.revisit_id, command, submission)
        await self.catch_up()
        return Owed(owed.request_id, owed.work_order_id, owed.person_id, command.revisit_id)

    async def hear(self, source: str, stream: str, event: object) -> Envelope:
        """Let the view hear an event of another service."""
        self.positions[source] = self.positions.get(source, 0) + 1
        envelope = enveloped(event, position=self.positions[source], stream=stream, version=1, source_id=uuid4())
        for view in VIEWS:
            if source in view.sources:
                projector = Projector(self.runtime.engine, view)
                await projector.apply(source, [envelope], await projector.checkpoint(source))
        return envelope

    async def catch_up(self) -> None:
        """Let the view hear what followup itself has decided."""
        projector = Projector(self.runtime.engine, revisits)
        at = await projector.checkpoint("followup")
        async for page in own_history(self.runtime.store)("followup", at.position):
            at = await projector.apply("followup", page, at)

    async def stored(self) -> int:
        return (await self.runtime.store.head()).position


@dataclass(frozen=True)
class Owed:
    """The ids of one matter."""

    request_id: UUID
    work_order_id: UUID
    person_id: UUID
    revisit_id: UUID | None = None

    @property
    def path(self) -> str:
        return f"/revisits/{self.revisit_id}"


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
            yield Desk(app, runtime, keyring, client, issuer)


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    content: dict[str, Any] = response.json()
    assert content["type"] == f"urn:hotline:problem:{code}"
    return content


YES = {"solved": True, "satisfied": True}


async def test_the_desk_reads_what_was_asked_and_what_was_told(desk: Desk) -> None:
    owed = await desk.resolve()
    response = await desk.get(owed.path)
    shown = response.json()
    assert response.status_code == 200
    assert response.headers["etag"] == '"1"'
    assert (shown["title"], shown["reply"], shown["erased"]) == ("路灯不亮", "已更换灯泡", False)
    assert (shown["status"], shown["due_at"]) == ("scheduled", "2026-03-02T05:00:00Z")
    assert (shown["request_type"], shown["rule_version"]) == ("complaint", "default/1")


async def test_a_solved_matter_is_answered_with_its_version_and_seen_after_its_position(desk: Desk) -> None:
    owed = await desk.resolve()
    answer = await desk.post(f"{owed.path}/revisit", YES, **{"if-match": '"1"'})
    assert answer.status_code == 200
    assert answer.json() == {"id": str(owed.revisit_id), "version": 3, "position": 3}
    assert answer.headers["etag"] == '"3"'
    await desk.catch_up()
    shown = (await desk.get(f"{owed.path}?after=3")).json()
    assert (shown["status"], shown["closed_as"], shown["solved"]) == ("closed", "solved", True)
    assert shown["revisited_by"] == "demo-revisit_agent"
    assert shown["revisited_at"] == "2026-03-02T06:00:00Z"


async def test_a_dissatisfied_callers_reason_is_kept_sealed_and_read_back(desk: Desk) -> None:
    """A106, A108."""
    owed = await desk.resolve()
    body = {"solved": False, "satisfied": False, "reason": "还是不亮"}
    assert (await desk.post(f"{owed.path}/revisit", body)).status_code == 200
    await desk.catch_up()
    (shown,) = (await desk.get(f"/work-orders/{owed.work_order_id}/revisits")).json()
    assert (shown["reason"], shown["rework_round"], shown["status"]) == ("还是不亮", 2, "closed")
    rows = await desk.runtime.store.read_all(0)
    assert all("还是不亮" not in row.payload for row in rows)
    assert len({json.loads(row.metadata)["correlationid"] for row in rows}) == 1


async def test_a_dissatisfied_caller_without_a_reason_is_refused_by_name(desk: Desk) -> None:
    """A106."""
    owed = await desk.resolve()
    before = await desk.stored()
    told = problem(await desk.post(f"{owed.path}/revisit", {"solved": True, "satisfied": False}), 422, "reason_missing")
    assert (told["rule"], told["field"], told["title"]) == ("A106", "reason", "诉求人不满意的，应当询问并填写原因")
    assert await desk.stored() == before


async def test_quiet_hours_are_refused_by_name_and_the_end_of_the_service_is_exempt(desk: Desk) -> None:
    """A101."""
    owed = await desk.resolve(at=NIGHT)
    await desk.runtime.clock.drive(NIGHT + HOUR / 6)  # type: ignore[attr-defined]  # the development clock
    told = problem(await desk.post(f"{owed.path}/revisit", YES), 409, "quiet_hours")
    assert (told["rule"], told["field"]) == ("A101", "occurred_at")
    problem(await desk.post(f"{owed.path}/attempt", {"outcome": "busy"}), 409, "quiet_hours")
    at_once = {**YES, "immediate_after_service": True}
    assert (await desk.post(f"{owed.path}/revisit", at_once)).status_code == 200


async def test_attempts_are_counted_until_the_caller_is_unreachable(desk: Desk) -> None:
    owed = await desk.resolve()
    for hours, version in ((1, 2), (20, 3), (24, 5)):
        at = NOON + hours * HOUR
        await desk.runtime.clock.drive(max(at, AT_TWO))  # type: ignore[attr-defined]  # the development clock
        answer = await desk.post(f"{owed.path}/attempt", {"outcome": "no_answer", "occurred_at": at.isoformat()})
        assert answer.json()["version"] == version, answer.text
    await desk.catch_up()
    shown = (await desk.get(owed.path)).json()
    assert (shown["closed_as"], shown["attempts"], shown["last_outcome"]) == ("unreachable", 3, "no_answer")
    problem(await desk.post(f"{owed.path}/revisit", YES), 409, "revisit_over")


async def test_an_attempt_too_early_is_refused(desk: Desk) -> None:
    owed = await desk.resolve(at=AT_TWO)
    problem(await desk.post(f"{owed.path}/attempt", {"outcome": "busy"}), 409, "revisit_not_due")


async def test_a_command_repeated_after_a_lost_answer_is_answered_alike_and_other_content_is_refused(desk: Desk) -> None:
    owed = await desk.resolve()
    key = {"idempotency-key": str(uuid4())}
    first = await desk.post(f"{owed.path}/revisit", YES, **key)
    again = await desk.post(f"{owed.path}/revisit", YES, **key)
    assert first.json() == again.json()
    problem(await desk.post(f"{owed.path}/revisit", {"solved": False, "satisfied": None}, **key), 422, "command_reused")
    problem(await desk.post(f"{owed.path}/revisit", {"solved": None, "satisfied": None}), 409, "revisit_over")


async def test_a_decision_on_an_old_version_is_refused(desk: Desk) -> None:
    owed = await desk.resolve()
    problem(await desk.post(f"{owed.path}/revisit", YES, **{"if-match": '"7"'}), 412, "version_conflict")


async def test_the_worker_schedules_and_the_api_that_looked_too_early_still_finds_it(desk: Desk) -> None:
    missing = f"/revisits/{uuid4()}"
    for path in (missing, f"{missing}/none"):
        problem(await desk.get(path), 404, "not_found")
    problem(await desk.post(f"{missing}/revisit", YES), 404, "not_found")
    problem(await desk.post(f"{missing}/attempt", {"outcome": "busy"}), 404, "not_found")
    assert (await desk.get(f"/work-orders/{uuid4()}/revisits")).json() == []


async def test_the_list_shows_what_is_due_in_pages(desk: Desk) -> None:
    departments = ["roads", "roads", "parks"]
    owed = [await desk.resolve(at=NOON + n * HOUR / 60, department=code) for n, code in enumerate(departments)]
    timers = Timers(desk.runtime.aggregates, FixedClock(AT_TWO), "followup", {"revisit": on_timer})
    await timers.fire_due(AT_TWO)
    await desk.catch_up()
    first = (await desk.get("/revisits?status=due&limit=2")).json()
    second = (await desk.get(f"/revisits?status=due&limit=2&cursor={first['next']}")).json()
    listed = [item["id"] for item in first["items"] + second["items"]]
    assert listed == [str(one.revisit_id) for one in owed]
    assert second["next"] is None
    (parks,) = (await desk.get("/revisits?department=parks")).json()["items"]
    assert (parks["id"], parks["title"]) == (str(owed[2].revisit_id), "路灯不亮")
    assert (await desk.get("/revisits?status=closed")).json() == {"items": [], "next": None}


async def test_an_erased_persons_words_are_gone_and_nothing_new_is_kept(desk: Desk) -> None:
    """P3."""
    owed, cached = await desk.resolve(), await desk.resolve()
    await desk.get(owed.path)
    for one in (owed, cached):
        await desk.keyring.shred(one.person_id)
    erased = PersonErased(person_id=owed.person_id, reason="asked", occurred_at=AT_TWO)
    await desk.hear("intake", f"person-{owed.person_id}", erased)
    for one in (owed, cached):
        shown = (await desk.get(one.path)).json()
        assert (shown["title"], shown["reply"], shown["erased"]) == (None, None, True)
    body = {"solved": True, "satisfied": False, "reason": "等了两周"}
    problem(await desk.post(f"{cached.path}/revisit", body), 409, "person_erased")
    assert (await desk.post(f"{cached.path}/revisit", YES)).status_code == 200


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"solved": "yes", "satisfied": None}, "body.solved", "bool_type"),
    ({"solved": True}, "body.satisfied", "missing"),
    ({**YES, "mood": "good"}, "body.mood", "extra_forbidden"),
    ({**YES, "reason": "长" * 4001}, "body.reason", "string_too_long"),
    ({**YES, "reason": "  "}, "body.reason", "string_too_short"),
    ({**YES, "occurred_at": "1969-12-31T00:00:00Z"}, "body.occurred_at", "not_before_1970"),
    ({**YES, "occurred_at": "2999-03-02T06:06:00Z"}, "body.occurred_at", "not_in_the_future"),
    ({**YES, "occurred_at": "2026-03-02T06:00:00"}, "body.occurred_at", "timezone_required"),
    ({**YES, "occurred_at": 7}, "body.occurred_at", "timestamp"),
]


async def test_input_that_cannot_be_right_is_refused_and_nothing_is_written(desk: Desk) -> None:
    owed = await desk.resolve()
    before = await desk.stored()
    for body, field_name, rule in WRONG:
        told = problem(await desk.post(f"{owed.path}/revisit", body), 422, "invalid_input")
        assert (told["field"], told["rule"]) == (field_name, rule)
    assert await desk.stored() == before


async def test_a_revisit_before_the_resolution_and_bad_queries_are_refused(desk: Desk) -> None:
    owed = await desk.resolve()
    early = {**YES, "occurred_at": "2026-03-02T03:59:59Z"}
    problem(await desk.post(f"{owed.path}/revisit", early), 422, "revisit_before_resolution")
    problem(await desk.get("/revisits?cursor=rubbish"), 400, "bad_cursor")
    for query in ("status=lost", "department=%27", "after=-1", "limit=0"):
        problem(await desk.get(f"/revisits?{query}"), 422, "invalid_input")


ROLES = [
    ("revisit_agent", True, True),
    ("shift_leader", True, False),
    ("inspector", True, False),
    ("oversight_officer", True, False),
    ("call_taker", False, False),
    ("dispatcher", False, False),
    ("administrator", False, False),
    ("handler@roads", False, False),
    ("head@roads", False, False),
    ("service@replay", False, False),
]


async def test_each_role_may_what_the_table_of_rights_says(desk: Desk) -> None:
    for user, reads, records in ROLES:
        owed = await desk.resolve()
        paths = ("/revisits", owed.path, f"/work-orders/{owed.work_order_id}/revisits")
        assert {(await desk.get(path, user)).status_code for path in paths} == {200 if reads else 403}, user
        attempt = await desk.post(f"{owed.path}/attempt", {"outcome": "busy"}, user)
        answer = await desk.post(f"{owed.path}/revisit", YES, user)
        assert {attempt.status_code, answer.status_code} == {200 if records else 403}, user


async def test_every_route_asks_for_a_right(desk: Desk) -> None:
    rights = list(rights_of_routes(desk.app))
    assert all(right is not None for _, _, right in rights)
    assert {path for _, path, _ in rights} >= {"/revisits", "/revisits/{revisit_id}/attempt", "/events", "/dev/clock"}
    assert (await desk.client.get("/revisits")).status_code == 401
