"""A worker whose broker connection is gone for good ends, so that it is started again."""

import asyncio

import pytest

from hotline_chassis.health import NotReadyError
from hotline_chassis.settings import Settings
from hotline_chassis.worker import Work, Worker, broker_of
from hotline_events.broker import BrokerAddress, connect, ensure_streams


def _settings(database_url: str, nats_url: str) -> Settings:
    return Settings(
        service="intake",
        mode="development",
        database_url=database_url,
        nats_url=nats_url,
        issuer="http://127.0.0.1:1",
        jwks_url="http://127.0.0.1:1/jwks.json",
    )


async def test_a_worker_ends_when_the_broker_has_closed_its_connection_for_good(databases, nats):
    settings = _settings((await databases.fresh("intake")).app_url, nats.url)
    admin = await connect(BrokerAddress(url=nats.url, name="bootstrap"))
    await ensure_streams(admin.jetstream())
    await admin.close()
    worker = Worker(settings, lambda _runtime: Work())
    running = asyncio.create_task(worker.run())
    while worker._runtime is None:  # noqa: ASYNC110 - it has no event for its start
        await asyncio.sleep(0.05)
    await worker._runtime.client._process_err("'Authentication Timeout'")
    with pytest.raises(ExceptionGroup) as ended:
        await asyncio.wait_for(running, 60)
    assert ended.group_contains(NotReadyError, match="for good")


async def test_the_connection_of_the_cursors_tells_when_it_is_gone_for_good(nats):
    lost = asyncio.Event()
    broker = broker_of(_settings("postgresql+asyncpg://nobody@127.0.0.1:1/none", nats.url), lost)
    await broker.start()
    client = await broker.connect()
    assert not lost.is_set()
    await client._process_err("'Authentication Timeout'")
    await asyncio.wait_for(lost.wait(), 10)
