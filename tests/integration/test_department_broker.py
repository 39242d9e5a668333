"""A department's broker user, got over HTTP as a department gets it: it drains its own queue and can do nothing else."""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import ConsumerInfo
from nats.js.errors import NotFoundError

from hotline_embedded.city import City, Matter
from hotline_events.broker_auth import write_secret
from hotline_events.broker_keys import KeyRole, creds_text, new_key

EXAMPLE = Path(__file__).parents[2] / "examples" / "department_queue.py"


@dataclass(frozen=True)
class Department:
    """A department with the credentials that it made itself: only the public key ever left it."""

    code: str
    creds: Path
    matter: Matter


@pytest.fixture(scope="module")
async def two(stack: City) -> tuple[Department, Department]:
    a, b = await _department(stack, "qa"), await _department(stack, "qb")
    await stack.act(a.code, a.matter, "sign")
    await stack.act(b.code, b.matter, "sign")
    await stack.settled()
    return a, b


async def test_a_department_drains_its_own_queue_with_the_example_client(
    stack: City, two: tuple[Department, Department]
) -> None:
    a, b = two
    waiting = (await _queue_of(stack, b.code)).num_pending
    first, again = [await asyncio.to_thread(_drain, stack, a) for _ in range(2)]
    assert [line.split()[1:] for line in first.splitlines()] == [
        ["routing.department.registered", f"department-{a.code}"],
        ["routing.work_order.transferred", f"work_order-{a.matter.work_order_id}"],
        ["routing.work_order.signed", f"work_order-{a.matter.work_order_id}"],
    ]
    assert again == ""
    theirs = await _queue_of(stack, b.code)
    assert (theirs.num_pending, theirs.num_ack_pending) == (waiting, 0)


async def test_a_department_may_say_nothing_but_what_its_own_queue_needs(
    stack: City, two: tuple[Department, Department]
) -> None:
    a, b = two
    refused = [
        f"$JS.API.CONSUMER.MSG.NEXT.ROUTING.{b.code}",
        f"QUEUE.API.CONSUMER.MSG.NEXT.ROUTING.{b.code}",
        f"QUEUE.API.CONSUMER.INFO.ROUTING.{b.code}",
        f"$JS.API.CONSUMER.INFO.ROUTING.{b.code}",
        f"$JS.API.CONSUMER.DELETE.ROUTING.{b.code}",
        f"$JS.API.CONSUMER.CREATE.ROUTING.{a.code}",
        f"$JS.API.CONSUMER.DURABLE.CREATE.ROUTING.{a.code}-2",
        f"$JS.ACK.ROUTING.{b.code}.1.1.1.1.0",
        "$JS.API.CONSUMER.CREATE.ROUTING",
        "$JS.API.CONSUMER.NAMES.ROUTING",
        "$JS.API.STREAM.INFO.ROUTING",
        "$JS.API.STREAM.MSG.GET.ROUTING",
        "$JS.API.DIRECT.GET.ROUTING",
        "$JS.API.STREAM.NAMES",
        "$JS.API.STREAM.DELETE.INTAKE",
        "$JS.API.STREAM.PURGE.ROUTING",
        f"hotline.routing.work_order.signed.{a.code}",
        "hotline.intake.call.received._",
        "wake.routing",
        "$SYS.REQ.SERVER.PING",
    ]
    before = await stack.heads()
    async with _connected(stack, a) as (client, errors):
        for subject in refused:
            await client.publish(subject, b"{}", reply=f"_INBOX_{a.code}.x")
        await client.flush()
        await _until(lambda: len(errors) >= len(refused))
    said = " ".join(map(str, errors)).lower()
    assert [subject for subject in refused if f'publish to "{subject.lower()}"' not in said] == []
    assert await stack.heads() == before


async def test_a_department_may_hear_nothing_but_its_own_inbox(stack: City, two: tuple[Department, Department]) -> None:
    a, b = two
    refused = [
        ">",
        "hotline.>",
        f"hotline.routing.*.*.{b.code}",
        f"hotline.routing.*.*.{a.code}",
        f"_INBOX_{b.code}.>",
        "_INBOX_routing.>",
        "_INBOX.>",
        "wake.>",
        "$JS.API.>",
        "$JS.EVENT.>",
        "$SYS.>",
    ]
    async with _connected(stack, a) as (client, errors):
        for subject in refused:
            await client.subscribe(subject)
        await client.flush()
        await _until(lambda: len(errors) >= len(refused))
    said = " ".join(map(str, errors)).lower()
    assert [subject for subject in refused if f'subscription to "{subject.lower()}"' not in said] == []


async def test_a_department_cannot_fetch_from_anothers_queue_with_a_ready_made_client(
    stack: City, two: tuple[Department, Department]
) -> None:
    a, b = two
    async with _connected(stack, a) as (client, errors):
        queue = await client.jetstream().pull_subscribe_bind(consumer=b.code, stream="ROUTING")
        with pytest.raises((NatsError, TimeoutError)):
            await queue.fetch(1, timeout=1)
        assert errors
    theirs = await _queue_of(stack, b.code)
    assert (theirs.num_pending, theirs.num_ack_pending, theirs.num_waiting) == (3, 0, 0)


async def test_a_closed_department_has_no_queue_any_more(stack: City) -> None:
    gone = await _department(stack, "qc")
    await stack.tell("routing", "administrator", f"/departments/{gone.code}/close")
    await _until_gone(stack, gone.code)
    key = {"public_key": new_key(KeyRole.USER).public}
    answer = await stack.client("routing", f"head@{gone.code}").put(f"/departments/{gone.code}/broker-user", json=key)
    assert answer.status_code in {404, 409, 422}


async def _department(stack: City, prefix: str) -> Department:
    """Register a department, let its head have its own key signed, and put one matter into its hands."""
    code, key = await stack.new_department(prefix), new_key(KeyRole.USER)
    user = await stack.tell(
        "routing", f"head@{code}", f"/departments/{code}/broker-user", {"public_key": key.public}, method="PUT"
    )
    creds = stack.root / f"{code}.creds"
    write_secret(creds, creds_text(user["jwt"], key.seed))
    await _queue_of(stack, code)
    return Department(code, creds, await stack.new_matter(code))


def _drain(stack: City, department: Department) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "NATS_URL": stack.nats.url,
        "NATS_CREDS": str(department.creds),
        "DEPARTMENT": department.code,
        "ONCE": "1",
    }
    done = subprocess.run(
        [sys.executable, str(EXAMPLE)], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def _queue_of(stack: City, code: str, *, patience: float = 20) -> ConsumerInfo:
    """Look at a department's durable consumer; routing makes it soon after the department is there."""
    creds = stack.root / "broker" / "bootstrap.creds"
    client = await nats.connect(stack.nats.url, user_credentials=creds, inbox_prefix=b"_INBOX_bootstrap")
    try:
        until = asyncio.get_running_loop().time() + patience
        while True:
            try:
                return await client.jetstream().consumer_info("ROUTING", code)
            except NotFoundError:
                if asyncio.get_running_loop().time() >= until:
                    raise
            await asyncio.sleep(0.05)
    finally:
        await client.close()


async def _until_gone(stack: City, code: str) -> None:
    async with asyncio.timeout(20):
        with contextlib.suppress(NotFoundError):
            while await _queue_of(stack, code, patience=0):  # noqa: ASYNC110 - the broker tells nobody
                await asyncio.sleep(0.1)


@asynccontextmanager
async def _connected(stack: City, department: Department) -> AsyncIterator[tuple[Client, list[Exception]]]:
    """Connect as a department; what the broker refuses arrives as errors."""
    errors: list[Exception] = []

    async def note(error: Exception) -> None:
        errors.append(error)

    client = await nats.connect(
        stack.nats.url,
        user_credentials=department.creds,
        inbox_prefix=f"_INBOX_{department.code}".encode(),
        error_cb=note,
        allow_reconnect=False,
    )
    try:
        yield client, errors
    finally:
        await client.close()


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - errors arrive by callback
            await asyncio.sleep(0.02)
