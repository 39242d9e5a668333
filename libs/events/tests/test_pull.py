"""Reading a throw-away consumer on a real NATS: in order, as soon as it is there, and never a silence that hides a loss."""

import pytest
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from hotline_events.broker import BrokerAddress, connect, ensure_streams, publish_batch, stream_of
from hotline_events.errors import GapError
from hotline_events.pull import Pull

SUBJECT = "hotline.intake.call.received._"


@pytest.fixture
async def client(nats):
    client = await connect(BrokerAddress(url=nats.url, name="bootstrap"))
    await ensure_streams(client.jetstream())
    yield client
    await client.close()


async def consumer_of(client, after: int) -> str:
    config = ConsumerConfig(
        deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=after + 1, ack_policy=AckPolicy.NONE, mem_storage=True
    )
    return (await client.jetstream().add_consumer(stream_of("intake"), config)).name


async def last_of(client) -> int:
    return (await client.jetstream().stream_info(stream_of("intake"))).state.last_seq


async def test_what_is_published_comes_in_order_and_no_more_at_once_than_was_asked_for(client):
    last = await last_of(client)
    async with Pull(client, stream_of("intake"), await consumer_of(client, last), most=3) as pull:
        assert await pull.fetch(0.05) == []
        for first in (0, 4):
            await publish_batch(client, [(SUBJECT, str(first + number).encode()) for number in range(4)], after=last + first)
        batches = []
        while sum(map(len, batches)) < 8:
            batches.append([int(message.data) for message in await pull.fetch(5)])
        assert [number for batch in batches for number in batch] == list(range(8))
        assert max(map(len, batches)) <= 3
        assert await pull.fetch(0.05) == []


async def test_a_request_that_has_run_out_is_made_again(client, monkeypatch):
    monkeypatch.setattr("hotline_events.pull._EXPIRES", 0.2)
    last = await last_of(client)
    async with Pull(client, stream_of("intake"), await consumer_of(client, last), most=3) as pull:
        assert await pull.fetch(0.7) == []
        await publish_batch(client, [(SUBJECT, b"1")], after=last)
        assert [message.data for message in await pull.fetch(5)] == [b"1"]


async def test_a_consumer_that_is_gone_is_no_silence(client):
    name = await consumer_of(client, await last_of(client))
    async with Pull(client, stream_of("intake"), name, most=3) as pull:
        assert await pull.fetch(0.05) == []
        await client.jetstream().delete_consumer(stream_of("intake"), name)
        with pytest.raises(GapError):
            await pull.fetch(5)
