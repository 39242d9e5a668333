"""Relay, cursors and projections on a real NATS: each event once, in order, whatever breaks in between."""

import asyncio
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from hotline_events.broker import PublishRefusedError, publish_batch, stream_of
from hotline_events.cursor import Cursor
from hotline_events.envelope import Envelope, from_cloudevent, from_row
from hotline_events.errors import PoisonEventError
from hotline_events.projection import Projector, View
from hotline_events.rebuild import own_history, rebuild
from hotline_events.refill import NotEmptiedError, refill
from hotline_events.relay import Relay


async def count_events(connection, events: Sequence[Envelope]) -> None:
    if any(event.event.line == "poison" for event in events):
        raise ValueError("poison")
    await connection.execute(
        text(
            """insert into seen (stream, events, last) select s, count(*), max(p)
                 from unnest(cast(:streams as text[]), cast(:positions as bigint[])) as x(s, p) group by s
                   on conflict (stream) do update set events = seen.events + excluded.events, last = excluded.last"""
        ),
        {"streams": [event.stream for event in events], "positions": [event.position for event in events]},
    )


SEEN = View(
    name="test.seen@1",
    tables=("seen",),
    ddl="create table if not exists seen (stream text primary key, events int not null, last bigint not null)",
    sources=("intake",),
    apply=count_events,
)


async def seen_of(engine, schema: str = "views") -> dict[str, tuple[int, int]]:
    async with engine.connect() as connection:
        rows = await connection.exec_driver_sql(f"select stream, events, last from {schema}.seen")
        return {stream: (events, last) for stream, events, last in rows}


async def folded(store) -> dict[str, tuple[int, int]]:
    counts: dict[str, tuple[int, int]] = {}
    for row in await store.read_all(0, 100_000):
        counts[row.stream] = (counts.get(row.stream, (0, 0))[0] + 1, row.position)
    return counts


async def published(client) -> list[Envelope]:
    """Everything the stream holds, in its order."""
    js = client.jetstream()
    info = await js.stream_info(stream_of("intake"))
    return [
        from_cloudevent((await js.get_msg(stream_of("intake"), sequence)).data)
        for sequence in range(info.state.first_seq, info.state.last_seq + 1)
    ]


async def test_the_sequence_equals_the_position_and_reporting_equals_a_fold(desk_for, core, nats):
    async with desk_for() as desk, desk_for("reporting") as reporting:
        projector = Projector(reporting.engine, SEEN)
        await projector.prepare()
        async with core.transport(nats.url, desk.engine, [Cursor("intake", projector)]) as line:
            await asyncio.gather(*(desk.receive(1 + number % 7) for number in range(120)))
            head = (await desk.store.head()).position
            await core.until(lambda: _reached(projector, head))
            events = await published(line.client)
        assert [event.position for event in events] == list(range(1, head + 1))
        assert await seen_of(reporting.engine) == await folded(desk.store)


async def _reached(projector: Projector, position: int, source: str = "intake") -> bool:
    return (await projector.checkpoint(source)).position >= position


async def test_a_consumer_deleted_under_a_cursor_and_a_killed_broker_lose_nothing(desk_for, core, nats):
    async with desk_for() as desk, desk_for("reporting") as reporting:
        projector = Projector(reporting.engine, SEEN)
        await projector.prepare()
        cursor = Cursor("intake", projector)
        async with core.transport(nats.url, desk.engine, [cursor]) as line:
            for turn in range(4):
                await asyncio.gather(*(desk.receive(5) for _ in range(20)))
                if turn % 2:
                    await asyncio.to_thread(nats.kill)
                    await asyncio.to_thread(nats.start)
                    continue
                js = line.client.jetstream()
                for consumer in await js.consumers_info(stream_of("intake")):
                    await js.delete_consumer(stream_of("intake"), consumer.name)
            await core.until(lambda: _reached(projector, 400))
        assert await seen_of(reporting.engine) == await folded(desk.store)
        assert cursor.state.reopened


async def test_a_zombie_relay_is_refused_by_the_fence(desk_for, core, nats):
    async with desk_for() as desk, core.transport(nats.url, desk.engine) as line:
        await desk.receive(5)
        await core.until(lambda: line.relay.state.published == 5)
        with pytest.raises(PublishRefusedError):
            await publish_batch(line.client, [("hotline.intake.call.received._", b"{}")], after=3)
        assert len(await published(line.client)) == 5


_RELAY = """
import asyncio, sys
from sqlalchemy.ext.asyncio import create_async_engine
from hotline_events.broker import BrokerAddress, connect
from hotline_events.relay import Relay
async def main():
    engine = create_async_engine(sys.argv[1], isolation_level="AUTOCOMMIT")
    client = await connect(BrokerAddress(url=sys.argv[2], name="other"))
    relay = Relay(engine, client, "intake")
    running = asyncio.create_task(relay.run())
    while not relay.state.leading:
        await asyncio.sleep(0.02)
    print("leading", flush=True)
    await running
asyncio.run(main())
"""


async def test_a_frozen_relay_is_replaced_and_when_woken_publishes_nothing_twice(desk_for, core, nats):
    """Two relays: the leader freezes, the database ends its session, the other leads; the stream stays exact."""
    async with desk_for() as desk:
        async with core.transport(nats.url, desk.engine):
            pass  # only to create the stream
        leader = subprocess.Popen(
            [sys.executable, "-c", _RELAY, desk.database.app_url, nats.url], stdout=subprocess.PIPE, text=True
        )
        try:
            assert await asyncio.to_thread(leader.stdout.readline) == "leading\n"
            async with core.transport(nats.url, desk.engine) as line:
                await asyncio.gather(*(desk.receive(5) for _ in range(50)))
                os.kill(leader.pid, signal.SIGSTOP)
                await asyncio.gather(*(desk.receive(5) for _ in range(50)))
                await core.until(lambda: line.relay.state.leading and line.relay.state.published == 500)
                os.kill(leader.pid, signal.SIGCONT)
                await asyncio.gather(*(desk.receive(5) for _ in range(50)))
                await core.until(lambda: line.relay.state.published == 750)
                assert [event.position for event in await published(line.client)] == list(range(1, 751))
        finally:
            os.kill(leader.pid, signal.SIGCONT)
            leader.kill()
            leader.wait()


async def test_a_poison_event_stops_the_projection_says_which_and_what_came_before_is_applied(desk_for, core):
    async with desk_for() as desk:
        projector = Projector(desk.engine, SEEN)
        await projector.prepare()
        await desk.receive(3)
        await desk.appender.append(_poison(core))
        await desk.receive(3)
        events = [from_row(row) for row in await desk.store.read_all(0)]
        with pytest.raises(PoisonEventError) as stop:
            await Cursor("intake", projector).take(events)
        assert stop.value.position == 4
        assert (await projector.checkpoint("intake")).position == 3


def _poison(core):
    from dataclasses import replace

    append = core.received(uuid4())
    return replace(append, events=[replace(append.events[0], line="poison")])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(1, 40), max_size=8), times=st.integers(1, 3))
async def test_batches_cut_anywhere_and_delivered_three_times_count_once(desk_for, cuts, times):
    async with desk_for() as desk:
        projector = Projector(desk.engine, SEEN)
        await projector.prepare()
        await asyncio.gather(*(desk.receive(4) for _ in range(10)))
        events = [from_row(row) for row in await desk.store.read_all(0)]
        bounds = sorted({0, *cuts, len(events)})
        cursor = Cursor("intake", projector)
        for start, end in itertools.pairwise(bounds):
            for _ in range(times):
                await cursor.take(events[:end][-(end - start) - 5 if start > 5 else None :])
        assert await seen_of(desk.engine) == await folded(desk.store)


async def test_a_rebuild_beside_the_live_table_equals_it_while_events_keep_coming(desk_for, core):
    async with desk_for() as desk:
        projector = Projector(desk.engine, SEEN)
        await projector.prepare()
        cursor = Cursor("intake", projector)
        await asyncio.gather(*(desk.receive(5) for _ in range(100)))
        await cursor.take([from_row(row) for row in await desk.store.read_all(0, 400)])
        async with desk.engine.connect() as connection:
            await connection.exec_driver_sql("update views.seen set events = 999")

        async def keep_coming() -> None:
            for _ in range(10):
                await desk.receive(5)
                at = await projector.checkpoint("intake")
                with_next = [from_row(row) for row in await desk.store.read_all(at.position, 20)]
                await cursor.take(with_next)

        await asyncio.gather(rebuild(desk.engine, SEEN, own_history(desk.store, page=50)), keep_coming())
        at = (await projector.checkpoint("intake")).position
        await cursor.take([from_row(row) for row in await desk.store.read_all(at, 10_000)])
        assert await seen_of(desk.engine) == await folded(desk.store)
        async with desk.engine.connect() as connection:
            left = await connection.exec_driver_sql("select count(*) from pg_namespace where nspname like 'rebuild%'")
            assert left.scalar_one() == 0


async def test_a_wiped_stream_is_refilled_from_the_table_and_cursors_go_on(desk_for, core, nats):
    async with desk_for() as desk, desk_for("reporting") as reporting:
        projector = Projector(reporting.engine, SEEN)
        await projector.prepare()
        async with core.transport(nats.url, desk.engine, [Cursor("intake", projector)]) as line:
            await asyncio.gather(*(desk.receive(5) for _ in range(40)))
            await core.until(lambda: _reached(projector, 200))
            await refill(line.client.jetstream(), desk.store, "intake", first=101)
            await desk.receive(5)
            await core.until(lambda: _reached(projector, 205))
            events = await published(line.client)
        assert [event.position for event in events] == list(range(101, 206))
        assert await seen_of(reporting.engine) == await folded(desk.store)


async def test_a_stream_wiped_while_nothing_happens_is_refilled_without_waiting_for_the_next_event(desk_for, core, nats):
    async with desk_for() as desk, core.transport(nats.url, desk.engine) as line:
        await desk.receive(5)
        await core.until(lambda: line.relay.state.published == 5)
        await refill(line.client.jetstream(), desk.store, "intake")

        async def filled() -> bool:
            return (await line.client.jetstream().stream_info(stream_of("intake"))).state.last_seq == 5

        await core.until(filled, within=15)
        assert [event.position for event in await published(line.client)] == [1, 2, 3, 4, 5]
        assert line.relay.state.alarm is None


async def test_a_relay_that_looks_after_its_stream_finds_it_where_it_left_it(desk_for, core, nats, monkeypatch, caplog):
    monkeypatch.setattr("hotline_events.relay._LOOK", 0.1)
    async with desk_for() as desk, core.transport(nats.url, desk.engine) as line:
        for number in (1, 2, 3):
            await desk.receive(5)
            await core.until(lambda number=number: line.relay.state.published == 5 * number)
            await asyncio.sleep(0.4)
    assert "stands still" not in caplog.text
    assert "was left at" not in caplog.text


async def test_a_stream_that_comes_back_with_old_messages_is_deleted_again(desk_for, core, nats, monkeypatch):
    async with desk_for() as desk, core.transport(nats.url, desk.engine) as line:
        await desk.receive(5)
        await core.until(lambda: line.relay.state.published == 5)
        js = line.client.jetstream()
        answers = [True, True]
        real = js.delete_stream

        async def deletes_only_what_it_says(name: str) -> bool:
            return answers.pop() if answers else await real(name)

        monkeypatch.setattr(js, "delete_stream", deletes_only_what_it_says)
        await refill(js, desk.store, "intake")
        assert answers == []
        await desk.receive(1)
        await core.until(lambda: line.relay.state.published == 6)
        assert [event.position for event in await published(line.client)] == [1, 2, 3, 4, 5, 6]
        answers.extend([True] * 5)
        with pytest.raises(NotEmptiedError, match="INTAKE"):
            await refill(js, desk.store, "intake")


async def test_a_cursor_older_than_the_stream_reads_history_first(desk_for, core, nats):
    async with desk_for() as desk, desk_for("reporting") as reporting:
        projector = Projector(reporting.engine, SEEN)
        await projector.prepare()
        await asyncio.gather(*(desk.receive(5) for _ in range(40)))
        cursor = Cursor("intake", projector, history=own_history(desk.store, page=30))
        async with core.transport(nats.url, desk.engine) as line:
            await refill(line.client.jetstream(), desk.store, "intake", first=151)
            await core.until(lambda: line.relay.state.published == 200)
            async with core.transport(nats.url, desk.engine, [cursor]):
                await core.until(lambda: _reached(projector, 200))
        assert await seen_of(reporting.engine) == await folded(desk.store)


async def test_after_a_restore_to_an_earlier_point_nobody_applies_a_wrong_event(desk_for, core, nats, databases):
    """Positions after the restore point are handed out again: the relay stands still until refilled, the view re-reads."""
    async with desk_for() as desk, desk_for("reporting") as reporting:
        projector = Projector(reporting.engine, SEEN)
        await projector.prepare()
        cursor = Cursor("intake", projector)
        async with core.transport(nats.url, desk.engine, [cursor]):
            await asyncio.gather(*(desk.receive(5) for _ in range(20)))
            await core.until(lambda: _reached(projector, 100))
        backup = await databases.copy(desk.database)
        async with core.transport(nats.url, desk.engine, [Cursor("intake", projector)]):
            await asyncio.gather(*(desk.receive(5) for _ in range(10)))
            await core.until(lambda: _reached(projector, 150))
        async with desk_for(on=backup) as restored:
            await databases.as_owner(backup, "select begin_epoch()")
            await asyncio.gather(*(restored.receive(5) for _ in range(6)))
            other = Cursor("intake", projector)
            async with core.transport(nats.url, restored.engine, [other]) as line:
                await core.until(lambda: line.relay.state.alarm)
                assert (await seen_of(reporting.engine)) == (await folded(desk.store)), "nothing wrong was applied"
                await refill(line.client.jetstream(), restored.store, "intake")
                await core.until(lambda: _same(reporting, restored))
                assert (await projector.checkpoint("intake")).epoch == 2


async def _same(reporting, restored) -> bool:
    return await seen_of(reporting.engine) == await folded(restored.store)


async def test_a_relay_that_finds_the_stream_ahead_of_the_table_publishes_nothing(desk_for, core, nats):
    async with desk_for() as desk, desk_for() as other:
        async with core.transport(nats.url, desk.engine) as line:
            await desk.receive(5)
            await core.until(lambda: line.relay.state.published == 5)
        relay = Relay(other.engine, line.client, "intake")
        await other.receive(1)
        async with core.transport(nats.url, other.engine) as line:
            await core.until(lambda: line.relay.state.alarm)
            assert len(await published(line.client)) == 5
        assert not relay.state.leading
