"""What each user of the broker may do and, above all, may not: against a real server in operator mode."""

import asyncio
import contextlib
import json
import os
import socket
import stat
import subprocess
import sys
import sysconfig
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client, RawCredentials
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, StreamConfig

from hotline_events.broker import SERVICES, BrokerAddress, ensure_streams, publish_batch, stream_config, stream_of
from hotline_events.broker import connect as connect_service
from hotline_events.broker_auth import BrokerAuthority, ClaimsRefusedError, DepartmentSigner
from hotline_events.broker_keys import KeyRole, claims_of, creds_text, key_of, new_key, signed_claims, user_of
from hotline_events.broker_rights import DEPARTMENT_API, DepartmentCodeError, UnknownServiceError, service_permissions
from hotline_events.departments import department_consumer, reconcile_departments

EXAMPLE = Path(__file__).parents[3] / "examples" / "department_queue.py"
ROUTING = stream_of("routing")
PATIENCE = 5.0


@dataclass(kw_only=True)
class User:
    """A connection and what the server said against it: a forbidden publish is a timeout, its reason comes here."""

    client: Client
    errors: list[str] = field(default_factory=list)

    @property
    def js(self) -> JetStreamContext:
        return self.client.jetstream(timeout=PATIENCE)

    async def refused(self, attempt: Awaitable[object], about: str) -> None:
        """Check that the server refuses the attempt and names the subject as the reason; nobody waits for its answer."""
        self.errors.clear()
        asked = asyncio.ensure_future(attempt)
        try:
            for _ in range(int(PATIENCE / 0.02)):
                if any("permissions violation" in error.lower() and about.lower() in error.lower() for error in self.errors):
                    return
                await asyncio.sleep(0.02)
        finally:
            asked.cancel()
            with contextlib.suppress(nats.errors.Error, TimeoutError, asyncio.CancelledError):
                await asked
        pytest.fail(f"{about} was not refused: {self.errors}")


@dataclass(kw_only=True)
class Broker:
    """A real server and the authority that it trusts."""

    url: str
    authority: BrokerAuthority
    open: list[Client] = field(default_factory=list)

    async def user(self, creds: str, name: str) -> User:
        errors: list[str] = []

        async def on_error(error: Exception) -> None:
            errors.append(str(error))

        client = await nats.connect(
            self.url,
            user_credentials=RawCredentials(creds),
            inbox_prefix=f"_INBOX_{name}",
            error_cb=on_error,
            allow_reconnect=False,
        )
        self.open.append(client)
        return User(client=client, errors=errors)

    async def service(self, name: str) -> User:
        return await self.user(self.authority.service_creds(name), name)

    async def department(self, code: str) -> User:
        return await self.user(self.authority.department_creds(code), code)

    async def bootstrap(self) -> User:
        return await self.user(self.authority.bootstrap_creds(), "bootstrap")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int) -> None:
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.2):
            return
        time.sleep(0.05)
    pytest.fail("the broker did not start")


@contextlib.contextmanager
def server(folder: Path, authority: BrokerAuthority) -> Iterator[str]:
    port, config = free_port(), folder / "nats.conf"
    config.write_text(
        f'listen: "127.0.0.1:{port}"\njetstream {{ store_dir: {json.dumps(str(folder / "js"))} }}\n' + authority.server_config()
    )
    binary = Path(sysconfig.get_path("scripts")) / "nats-server"
    process = subprocess.Popen([binary, "-c", config, "-l", folder / "nats.log"])
    try:
        wait_for_port(port)
        yield f"nats://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Broker]:
    folder = tmp_path / "broker"
    folder.mkdir()
    authority = BrokerAuthority.open(folder / "authority")
    with server(folder, authority) as url:
        yield Broker(url=url, authority=authority)


@pytest.fixture
async def broker(started: Broker) -> AsyncIterator[Broker]:
    """A server of its own with all streams, the departments roads and water, and one event for each of them."""
    bootstrap = await started.bootstrap()
    await ensure_streams(bootstrap.js)
    routing = await started.service("routing")
    await reconcile_departments(routing.js, ["roads", "water"])
    await publish_batch(routing.client, [(transferred("roads"), b"{}"), (transferred("water"), b"{}")], after=0)
    yield started
    for client in started.open:
        await client.close()
    started.open.clear()


async def pending(broker: Broker, code: str) -> int:
    info = await (await broker.service("routing")).js.consumer_info(ROUTING, code)
    return int(info.num_ack_pending or 0)


def transferred(department: str) -> str:
    return f"hotline.routing.work_order.transferred.{department}"


async def test_a_department_reads_and_acknowledges_its_own_events(broker: Broker) -> None:
    roads = await broker.department("roads")
    queue = await roads.js.pull_subscribe_bind(consumer="roads", stream=ROUTING)
    (message,) = await queue.fetch(10, timeout=PATIENCE)
    assert message.subject == transferred("roads")
    assert await pending(broker, "roads") == 1
    await message.ack_sync()
    assert await pending(broker, "roads") == 0
    assert roads.errors == []


async def test_a_department_may_look_at_its_own_queue_under_the_departments_prefix(broker: Broker) -> None:
    roads = await broker.department("roads")
    queue = await roads.client.jetstream(prefix=DEPARTMENT_API).pull_subscribe_bind(consumer="roads", stream=ROUTING)
    assert (await queue.consumer_info()).num_pending == 1
    (message,) = await queue.fetch(10, timeout=PATIENCE)
    await message.ack_sync()
    assert (await queue.consumer_info()).num_ack_pending == 0


async def test_a_department_may_acknowledge_in_the_newer_form_of_the_subject(broker: Broker) -> None:
    """This server hands out the older form; permissions must already hold for the one of later servers."""
    roads = await broker.department("roads")
    await roads.client.publish(f"$JS.ACK._.ACCOUNTHASH.{ROUTING}.roads.1.1.1.1.0.token", b"+ACK")
    await roads.client.flush()
    await asyncio.sleep(0.1)
    assert roads.errors == []


@pytest.mark.parametrize("asked", [f"$JS.API.CONSUMER.MSG.NEXT.{ROUTING}.roads", f"QUEUE.API.CONSUMER.INFO.{ROUTING}.roads"])
@pytest.mark.parametrize(
    "answer_to",
    [
        "hotline.intake.call.received._",
        "hotline.routing.work_order.transferred.water",
        "wake.intake",
        "_INBOX_routing.x",
        f"$JS.API.CONSUMER.MSG.NEXT.{ROUTING}.water",
        f"QUEUE.API.CONSUMER.MSG.NEXT.{ROUTING}.water",
        f"$JS.ACK.{ROUTING}.water.1.2.1.1.0",
    ],
)
async def test_a_department_cannot_have_an_answer_delivered_to_the_services(broker: Broker, asked: str, answer_to: str) -> None:
    """The broker checks where a request goes, not where its answer goes: only the account's border stops this."""
    bootstrap, water, roads = await broker.bootstrap(), await broker.department("water"), await broker.department("roads")
    queue = await water.js.pull_subscribe_bind(consumer="water", stream=ROUTING)
    await queue.fetch(1, timeout=PATIENCE)
    body = json.dumps({"batch": 1, "no_wait": True}).encode()
    for _ in range(2):  # the first answer is a message, the second one says that there are no more
        await roads.client.publish(asked, body, reply=answer_to)
    await roads.client.flush()
    await asyncio.sleep(0.1)
    last = {service: (await bootstrap.js.stream_info(stream_of(service))).state.last_seq for service in SERVICES}
    assert last == {"intake": 0, "routing": 2, "followup": 0, "reporting": 0}
    assert await pending(broker, "water") == 1


@pytest.mark.parametrize(
    "subject",
    [
        f"$JS.API.CONSUMER.MSG.NEXT.{ROUTING}.water",
        f"QUEUE.API.CONSUMER.MSG.NEXT.{ROUTING}.water",
        f"QUEUE.API.CONSUMER.INFO.{ROUTING}.water",
        f"$JS.API.CONSUMER.INFO.{ROUTING}.water",
        f"$JS.API.CONSUMER.DELETE.{ROUTING}.water",
        f"$JS.API.CONSUMER.DELETE.{ROUTING}.roads",
        f"$JS.API.CONSUMER.CREATE.{ROUTING}",
        f"$JS.API.CONSUMER.CREATE.{ROUTING}.spy.hotline.>",
        f"$JS.API.CONSUMER.CREATE.{ROUTING}.roads.hotline.>",
        f"$JS.API.CONSUMER.DURABLE.CREATE.{ROUTING}.spy",
        f"$JS.API.CONSUMER.LIST.{ROUTING}",
        f"$JS.API.CONSUMER.NAMES.{ROUTING}",
        f"$JS.API.STREAM.INFO.{ROUTING}",
        "$JS.API.STREAM.NAMES",
        f"$JS.API.STREAM.MSG.GET.{ROUTING}",
        f"$JS.API.DIRECT.GET.{ROUTING}",
        f"$JS.API.DIRECT.GET.{ROUTING}.{transferred('water')}",
        f"$JS.API.STREAM.PURGE.{ROUTING}",
        f"$JS.API.STREAM.DELETE.{ROUTING}",
        "$JS.API.STREAM.CREATE.SPY",
        "$JS.API.INFO",
        f"$JS.ACK.{ROUTING}.water.1.2.2.1.0",
        f"$JS.ACK._.HASH.{ROUTING}.water.1.2.2.1.0",
        transferred("roads"),
        transferred("water"),
        "hotline.intake.call.received._",
        "wake.routing",
        "_INBOX_water.x",
        "$SYS.REQ.CLAIMS.UPDATE",
    ],
)
async def test_a_department_may_ask_for_nothing_but_its_own_queue(broker: Broker, subject: str) -> None:
    roads = await broker.department("roads")
    await roads.refused(roads.client.publish(subject, b""), f'publish to "{subject}')


@pytest.mark.parametrize(
    "subject", ["hotline.>", "$JS.>", "_INBOX.>", "_INBOX_water.>", "_INBOX_routing.>", "*.>", ">", "wake.*", "$SYS.>"]
)
async def test_a_department_may_listen_to_nothing_but_its_own_inbox(broker: Broker, subject: str) -> None:
    roads = await broker.department("roads")
    await roads.refused(roads.client.subscribe(subject), f'subscription to "{subject}')


async def test_what_a_department_tried_left_the_stream_as_it_was(broker: Broker) -> None:
    roads = await broker.department("roads")
    await roads.refused(roads.client.publish(transferred("water"), b"{}"), "publish")
    info = await (await broker.service("routing")).js.stream_info(ROUTING)
    assert (info.state.messages, info.state.last_seq) == (2, 2)


async def test_a_key_for_departments_cannot_make_a_user_with_other_rights(broker: Broker) -> None:
    """Routing holds this key: whoever steals it has no more than departments have."""
    signer, key = broker.authority.department_signer(), new_key(KeyRole.USER)
    claims = {"type": "user", "issuer_account": signer.account_public, "pub": {"allow": [">"]}, "sub": {"allow": [">"]}}
    forged = signed_claims(
        signer.signing, subject=key.public, name="roads", nats={**claims, "subs": -1, "data": -1, "payload": -1}
    )
    with pytest.raises(nats.errors.Error, match="Authorization Violation"):
        await broker.user(creds_text(forged, key.seed), "roads")


async def test_a_department_signed_at_run_time_keeps_its_seed_to_itself(broker: Broker, tmp_path: Path) -> None:
    broker.authority.write_department_signer(tmp_path / "signer.json")
    assert stat.S_IMODE((tmp_path / "signer.json").stat().st_mode) == 0o600
    own = new_key(KeyRole.USER)
    token = DepartmentSigner.read(tmp_path / "signer.json").user_jwt("water", own.public)
    water = await broker.user(creds_text(token, own.seed), "water")
    queue = await water.js.pull_subscribe_bind(consumer="water", stream=ROUTING)
    (message,) = await queue.fetch(1, timeout=PATIENCE)
    assert message.subject == transferred("water")


async def test_a_revoked_department_is_cut_off_and_stays_out(broker: Broker) -> None:
    creds = broker.authority.department_creds("roads")
    roads, neighbour = await broker.user(creds, "roads"), await broker.department("roads")
    await broker.authority.revoke(broker.url, user_of(creds))
    for _ in range(60):
        if roads.client.is_closed:
            break
        await asyncio.sleep(0.05)
    assert roads.client.is_closed
    assert neighbour.client.is_connected
    with pytest.raises(nats.errors.Error, match="Authorization Violation"):
        await broker.user(creds, "roads")


async def test_a_revocation_holds_after_a_restart(tmp_path: Path) -> None:
    authority = BrokerAuthority.open(tmp_path / "authority")
    creds = authority.department_creds("roads")
    with server(tmp_path, authority) as url:
        await authority.revoke(url, user_of(creds))
    again = BrokerAuthority.open(tmp_path / "authority")
    with server(tmp_path, again) as url:
        broker = Broker(url=url, authority=again)
        with pytest.raises(nats.errors.Error, match="Authorization Violation"):
            await broker.user(creds, "roads")
        await (await broker.department("roads")).client.close()


async def test_nobody_enters_without_a_token_that_the_operator_vouches_for(broker: Broker, tmp_path: Path) -> None:
    stranger = BrokerAuthority.open(tmp_path)
    with pytest.raises(nats.errors.Error, match="Authorization Violation"):
        await broker.user(stranger.service_creds("routing"), "routing")
    with pytest.raises(nats.errors.Error, match="Authorization Violation"):
        await nats.connect(broker.url, allow_reconnect=False)


async def test_a_token_that_is_none_is_not_taken_over_by_the_broker(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BrokerAuthority, "_hotline_jwt", lambda _authority: "no.token.atall")
    with pytest.raises(ClaimsRefusedError):
        await broker.authority.publish_accounts(broker.url)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_writes_its_own_stream_and_reads_every_other(broker: Broker, service: str, tmp_path: Path) -> None:
    creds = tmp_path / "service.creds"
    creds.write_text(broker.authority.service_creds(service))
    client = await connect_service(BrokerAddress(url=broker.url, name=service, credentials=str(creds)))
    broker.open.append(client)
    after = 2 if service == "routing" else 0
    own = f"hotline.{service}.thing.happened._"
    assert await publish_batch(client, [(own, b"{}"), (own, b"{}")], after=after) == after + 2
    js = client.jetstream(timeout=PATIENCE)
    for other in SERVICES:
        config = ConsumerConfig(ack_policy=AckPolicy.NONE, inactive_threshold=30, filter_subject=f"hotline.{other}.>")
        consumer = await js.add_consumer(stream_of(other), config)
        pull = await js.pull_subscribe_bind(consumer=consumer.name, stream=stream_of(other))
        assert (await pull.consumer_info()).num_pending == (await js.stream_info(stream_of(other))).state.messages
    waiting = await client.subscribe(f"wake.{service}")
    await client.publish(f"wake.{service}")
    await waiting.next_msg(2)


@pytest.mark.parametrize(
    "subject",
    [
        "hotline.routing.work_order.resolved.roads",
        "hotline.intake.call.received._",
        "wake.intake",
        f"$JS.API.CONSUMER.CREATE.{ROUTING}.spy",
        f"$JS.API.CONSUMER.CREATE.{ROUTING}.roads.hotline.>",
        f"$JS.API.CONSUMER.DURABLE.CREATE.{ROUTING}.roads",
        f"$JS.API.CONSUMER.DELETE.{ROUTING}.roads",
        f"$JS.API.CONSUMER.LIST.{ROUTING}",
        f"$JS.ACK.{ROUTING}.roads.1.1.1.1.0",
        f"$JS.API.STREAM.UPDATE.{ROUTING}",
        "$JS.API.STREAM.DELETE.FOLLOWUP",
        "$JS.API.STREAM.PURGE.FOLLOWUP",
        f"$JS.API.STREAM.MSG.DELETE.{ROUTING}",
        f"$JS.API.STREAM.MSG.GET.{ROUTING}",
        "_INBOX_routing.x",
    ],
)
async def test_a_service_may_not_speak_for_another(broker: Broker, subject: str) -> None:
    followup = await broker.service("followup")
    await followup.refused(followup.client.publish(subject, b""), f'publish to "{subject}')


@pytest.mark.parametrize("subject", ["hotline.>", "_INBOX_routing.>", "_INBOX_roads.>", "wake.routing", ">"])
async def test_a_service_may_not_overhear_another(broker: Broker, subject: str) -> None:
    followup = await broker.service("followup")
    await followup.refused(followup.client.subscribe(subject), f'subscription to "{subject}')


async def test_a_throw_away_consumer_cannot_be_made_durable(broker: Broker) -> None:
    followup = await broker.service("followup")
    body = {"stream_name": ROUTING, "config": {"durable_name": "spy", "ack_policy": "none"}}
    answer = await followup.client.request(f"$JS.API.CONSUMER.CREATE.{ROUTING}", json.dumps(body).encode(), timeout=PATIENCE)
    assert json.loads(answer.data)["error"]["code"] == 400


async def test_only_the_bootstrap_user_makes_streams(broker: Broker) -> None:
    bootstrap, routing = await broker.bootstrap(), await broker.service("routing")
    await bootstrap.js.add_stream(StreamConfig(name="SPARE", subjects=["spare"]))
    await bootstrap.js.delete_stream("SPARE")
    await routing.refused(routing.js.add_stream(stream_config("routing")), f"$JS.API.STREAM.CREATE.{ROUTING}")
    await routing.refused(routing.js.delete_stream(ROUTING), f"$JS.API.STREAM.DELETE.{ROUTING}")


async def test_queues_follow_the_table_of_departments(broker: Broker) -> None:
    routing = await broker.service("routing")
    info = await routing.js.consumer_info(ROUTING, "roads")
    done = await reconcile_departments(routing.js, ["roads", "parks_2"])
    assert (done.created, done.deleted, done.kept) == (("parks_2",), ("water",), ("roads",))
    again = await reconcile_departments(routing.js, ["roads", "parks_2"])
    assert (again.created, again.deleted, again.kept) == ((), (), ("parks_2", "roads"))
    assert (await routing.js.consumer_info(ROUTING, "roads")).created == info.created


async def test_other_services_cursors_are_no_queues_to_delete(broker: Broker) -> None:
    routing = await broker.service("routing")
    cursor = await (await broker.service("reporting")).js.add_consumer(ROUTING, ConsumerConfig(ack_policy=AckPolicy.NONE))
    assert (await reconcile_departments(routing.js, [])).deleted == ("roads", "water")
    assert (await routing.js.consumer_info(ROUTING, cursor.name)).name == cursor.name


async def test_more_departments_than_a_page_of_the_broker_are_kept(broker: Broker) -> None:
    routing = await broker.service("routing")
    js = routing.client.jetstream(timeout=10)
    codes = [f"d{number}" for number in range(300)]
    assert len((await reconcile_departments(js, codes)).created) == len(codes)
    assert len((await reconcile_departments(js, codes)).kept) == len(codes)


async def test_a_queue_may_begin_at_the_oldest_order_not_yet_signed(broker: Broker) -> None:
    routing = await broker.service("routing")
    await reconcile_departments(routing.js, [])
    await reconcile_departments(routing.js, ["roads", "water"], start_sequence=2)
    assert (await routing.js.consumer_info(ROUTING, "roads")).num_pending == 0
    assert (await routing.js.consumer_info(ROUTING, "water")).num_pending == 1


@pytest.mark.parametrize(
    "code", ["", "Roads", "a.b", "a*", ">", "a b", "-a", "_a", "a" * 33, "roads\n", "道路", "intake", "bootstrap", "sys"]
)
def test_a_text_that_is_no_plain_token_is_no_department(code: str, tmp_path: Path) -> None:
    authority = BrokerAuthority.open(tmp_path)
    with pytest.raises(DepartmentCodeError):
        authority.department_creds(code)
    with pytest.raises(DepartmentCodeError):
        department_consumer(code)


def test_a_service_that_does_not_exist_has_no_rights() -> None:
    with pytest.raises(UnknownServiceError):
        service_permissions("console")


def test_the_authority_is_founded_once_and_kept_from_others(tmp_path: Path) -> None:
    first = BrokerAuthority.open(tmp_path / "authority")
    creds = first.service_creds("intake")
    again = BrokerAuthority.open(tmp_path / "authority")
    assert again.account_public == first.account_public
    assert user_of(again.service_creds("intake")) == user_of(creds)
    assert stat.S_IMODE((tmp_path / "authority" / "authority.json").stat().st_mode) == 0o600
    assert all(key.seed not in repr(again) for key in again.keys.values())


@pytest.mark.parametrize("role", KeyRole)
def test_a_key_is_read_back_from_its_seed(role: KeyRole) -> None:
    key = new_key(role)
    assert key_of(key.seed) == key
    assert key.public[0] == role.name[0]
    assert len(key.public) == 56
    assert claims_of(signed_claims(key, subject=key.public, name="x", nats={"type": "user"}))["iss"] == key.public


async def test_the_example_client_drains_a_department_s_queue(broker: Broker, tmp_path: Path) -> None:
    creds = tmp_path / "roads.creds"
    creds.write_text(broker.authority.department_creds("roads"))
    env = {**os.environ, "NATS_URL": broker.url, "NATS_CREDS": str(creds), "DEPARTMENT": "roads", "ONCE": "1"}
    client = await asyncio.create_subprocess_exec(sys.executable, EXAMPLE, env=env, stdout=asyncio.subprocess.PIPE)
    printed, _ = await asyncio.wait_for(client.communicate(), 20)
    assert client.returncode == 0
    assert len(printed.splitlines()) == 1
    assert await pending(broker, "roads") == 0
