"""The worker as it runs: a resolution comes over the broker, is scheduled, published, and seen on the desk's list."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from followup.main import worker
from hotline_chassis.keyring import Keyring
from hotline_embedded.fixtures import Databases
from hotline_embedded.nats import EmbeddedNats
from hotline_embedded.provision import app as role_of
from hotline_events.broker import BrokerAddress, connect, ensure_streams
from hotline_events.catalogue.routing import WorkOrderResolved
from hotline_events.relay import Relay
from hotline_events.sealing import Sealed
from hotline_events.store import Append, Store
from hotline_events.testing import cause

Engines = Callable[[str], AsyncEngine]


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await condition():  # noqa: ASYNC110 - the condition lies in the database
            await asyncio.sleep(0.02)


async def test_a_resolution_on_the_broker_becomes_a_revisit_that_comes_due(
    databases: Databases, engine_for: Engines, nats: EmbeddedNats, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, peer, keys = [await databases.fresh(name) for name in ("followup", "routing", "keys")]
    for variable, value in {
        "HOTLINE_SERVICE": "followup",
        "HOTLINE_MODE": "production",
        "HOTLINE_DATABASE_URL": own.app_url,
        "HOTLINE_NATS_URL": nats.url,
        "HOTLINE_ISSUER": "http://issuer",
        "HOTLINE_JWKS_URL": "http://issuer/jwks.json",
    }.items():
        monkeypatch.setenv(variable, value)
    keyring = Keyring(engine_for(databases.url(keys.name, role_of("intake"))), bytes(32))
    routing = Store(engine_for(peer.app_url), keyring)
    resolved = WorkOrderResolved(
        work_order_id=uuid4(),
        request_id=uuid4(),
        requester_id=uuid4(),
        department="roads",
        round=1,
        reply=Sealed("已修复"),
        resolved_by="handler-3",
        occurred_at=datetime(2024, 3, 4, 4, 0, tzinfo=UTC),
    )
    await keyring.create(resolved.requester_id)
    engine = engine_for(own.app_url)

    async def on_the_list() -> bool:
        async with engine.connect() as connection:
            if await connection.scalar(text("select to_regclass('views.revisits')")) is None:
                return False
            found = await connection.execute(
                text("select r.status from revisits r join replies s using (work_order_id, round) where work_order_id = :id"),
                {"id": resolved.work_order_id},
            )
            return found.scalars().all() == ["due"]

    client = await connect(BrokerAddress(url=nats.url, name="test"))
    await ensure_streams(client.jetstream(), ["intake", "routing", "followup"])
    tasks = [asyncio.create_task(work) for work in (worker().run(), Relay(routing.engine, client, "routing").run())]
    try:
        await routing.write(
            [
                Append(
                    command_id=uuid4(),
                    fingerprint=b"resolved",
                    stream=f"work_order-{resolved.work_order_id}",
                    expected_version=0,
                    events=[resolved],
                    cause=cause(resolved.request_id),
                )
            ]
        )
        await until(on_the_list)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await client.close()
