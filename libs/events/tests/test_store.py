"""The store: nothing lost, gapless, in order, exactly once, append-only (the table of traps, as tests of our store)."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from hotline_events.errors import CheckpointMovedError, StoreUnavailableError
from hotline_events.store import CheckpointMove, Outcome


async def test_thirty_two_writers_with_conflicts_lose_nothing_and_leave_no_gap(desk_for, core):
    """Every acknowledged event is there, positions have no hole, each stream is in order, a loser's events are not there."""
    async with desk_for() as first, desk_for(on=first.database) as second:
        calls = [uuid4() for _ in range(20)]
        acknowledged: dict[int, int] = {}
        refused = 0

        async def write(number: int) -> None:
            nonlocal refused
            desk = (first, second)[number % 2]
            for turn in range(25):
                call_id = calls[(number * 7 + turn * 3) % len(calls)]
                version = len(await desk.store.read_stream(f"call-{call_id}"))
                outcome = await desk.appender.append(core.received(call_id, 1 + turn % 5, after=version))
                if outcome.kind == "appended":
                    acknowledged[outcome.position] = 1 + turn % 5
                else:
                    assert outcome.kind == "conflict"
                    refused += 1

        await asyncio.gather(*(write(number) for number in range(32)))
        rows = await first.store.read_all(0, 100_000)
        assert refused, "the test must provoke conflicts"
        assert [row.position for row in rows] == list(range(1, sum(acknowledged.values()) + 1))
        assert (await first.store.head()).position == len(rows)
        for call_id in calls:
            versions = [row.version for row in rows if row.stream == f"call-{call_id}"]
            assert versions == list(range(1, len(versions) + 1))


async def test_a_reader_by_position_never_misses_an_event(desk_for, core):
    """A cursor on positions that runs beside 16 writers sees every position exactly once: commit order is position order."""
    async with desk_for() as desk, desk_for(on=desk.database) as other:
        seen: list[int] = []
        stop = asyncio.Event()

        async def read() -> None:
            while not stop.is_set() or len(seen) < (await desk.store.head()).position:
                rows = await desk.store.read_all(seen[-1] if seen else 0, 500)
                seen.extend(row.position for row in rows)
                await asyncio.sleep(0)

        reader = asyncio.create_task(read())

        async def write(number: int) -> None:
            for _ in range(30):
                await (desk, other)[number % 2].receive(5)

        await asyncio.gather(*(write(number) for number in range(16)))
        stop.set()
        await reader
        assert seen == list(range(1, 16 * 30 * 5 + 1))


async def test_a_command_retried_after_a_lost_answer_is_answered_as_the_first_time(desk_for, core):
    async with desk_for() as desk:
        append = core.received(uuid4(), 3)
        first = await desk.appender.append(append)
        again = await desk.appender.append(append)
        assert again == Outcome("repeated", first.position, first.version)
        assert (await desk.store.head()).position == 3


async def test_the_same_command_id_with_other_content_is_refused(desk_for, core):
    from dataclasses import replace

    async with desk_for() as desk:
        append = core.received(uuid4())
        await desk.appender.append(append)
        other = await desk.appender.append(replace(append, fingerprint=b"other", stream=f"call-{uuid4()}"))
        assert other.kind == "reused"
        assert (await desk.store.head()).position == 1


async def test_a_conflict_is_refused_alone_and_the_rest_of_the_batch_commits(desk_for, core):
    async with desk_for() as desk:
        wrong = core.received(uuid4(), after=4)
        right = core.received(uuid4())
        assert [one.kind for one in await desk.store.write([wrong, right])] == ["conflict", "appended"]


async def test_all_or_nothing_writes_nothing_when_one_command_conflicts(desk_for, core):
    async with desk_for() as desk:
        appends = [core.received(uuid4()), core.received(uuid4(), after=4)]
        outcomes = await desk.store.write(appends, all_or_nothing=True)
        assert [one.kind for one in outcomes] == ["aborted", "conflict"]
        assert (await desk.store.head()).position == 0


async def test_commands_on_one_stream_in_one_call_follow_each_other(desk_for, core):
    async with desk_for() as desk:
        call_id = uuid4()
        appends = [core.received(call_id, 2), core.received(call_id, 1, after=2)]
        outcomes = await desk.store.write(appends, all_or_nothing=True)
        assert [(one.kind, one.version) for one in outcomes] == [("appended", 2), ("appended", 3)]


async def test_of_a_stream_as_many_events_are_read_as_are_asked_for(desk_for, core):
    async with desk_for() as desk:
        call_id = uuid4()
        await desk.store.write([core.received(call_id, 5)], all_or_nothing=True)
        for after, limit, versions in ((0, 1, [1]), (2, 2, [3, 4]), (2, None, [3, 4, 5]), (5, 1, [])):
            rows = await desk.store.read_stream(f"call-{call_id}", after, limit)
            assert [row.version for row in rows] == versions


async def test_a_checkpoint_that_another_worker_moved_applies_nothing(desk_for, core):
    async with desk_for() as desk:
        await desk.store.execute("insert into checkpoints values ('c', 'routing', 0, 1)")
        move = CheckpointMove(consumer="c", source="routing", epoch=1, after=0, to=10)
        await desk.store.write([core.received(uuid4())], move=move, all_or_nothing=True)
        with pytest.raises(CheckpointMovedError):
            await desk.store.write([core.received(uuid4())], move=move, all_or_nothing=True)
        assert (await desk.store.head()).position == 1


async def test_events_cannot_be_changed_removed_or_inserted_by_the_service_nor_changed_by_the_owner(desk_for):
    """A43: append-only by role and by trigger."""
    async with desk_for() as desk:
        await desk.receive(2)
        statements = ["update events set name = 'x'", "delete from events", "truncate events", "update head set position = 0"]
        insert = (
            "insert into events select 99, 'call-x', 1, gen_random_uuid(), name, 1, payload, metadata, now(), hash from events"
        )
        for url, forbidden in ((desk.database.app_url, [*statements, insert]), (desk.database.owner_url, statements[:3])):
            connection = await asyncpg.connect(url.replace("+asyncpg", ""))
            for statement in forbidden:
                with pytest.raises(asyncpg.PostgresError):
                    await connection.execute(statement)
            await connection.close()
        assert (await desk.store.head()).position == 2


async def test_one_bad_command_fails_alone(desk_for, core):
    """A stream name that the table refuses must not fail its neighbours in the same call."""
    from dataclasses import replace

    async with desk_for() as desk:
        bad = replace(core.received(uuid4()), stream="not a stream")
        answers = await asyncio.gather(desk.appender.append(bad), *(desk.receive() for _ in range(20)), return_exceptions=True)
        assert isinstance(answers[0], DBAPIError)
        assert all(isinstance(answer, Outcome) for answer in answers[1:])


async def test_while_the_database_is_away_commands_wait_and_are_stored_once(desk_for, core, databases):
    """An immediate stop of Postgres in the middle of appends: what was answered is stored, once; nobody gets a wrong answer."""
    async with desk_for() as desk:
        acknowledged = []

        async def write() -> None:
            for _ in range(20):
                try:
                    acknowledged.append((await desk.receive(2)).position)
                except StoreUnavailableError:
                    await asyncio.sleep(0.1)

        writers = [asyncio.create_task(write()) for _ in range(8)]
        await asyncio.sleep(0.05)
        await asyncio.to_thread(databases.postgres.crash)
        await asyncio.to_thread(databases.postgres.start)
        await asyncio.gather(*writers)
        rows = await desk.store.read_all(0, 10_000)
        assert [row.position for row in rows] == list(range(1, len(rows) + 1))
        assert set(acknowledged) <= {row.position for row in rows}


_WRITER = """
import asyncio, sys, uuid
sys.path.insert(0, sys.argv[2])
from sqlalchemy.ext.asyncio import create_async_engine
from hotline_events.appender import Appender
from hotline_events.store import Append, Store
from hotline_events.catalogue.intake import CallReceived
from hotline_events.testing import NOON, cause
async def main():
    store = Store(create_async_engine(sys.argv[1], isolation_level="AUTOCOMMIT"))
    async with Appender(store) as appender:
        async def write():
            while True:
                call_id = uuid.uuid4()
                event = CallReceived(call_id=call_id, line="1" * 2000, occurred_at=NOON)
                await appender.append(Append(command_id=uuid.uuid4(), fingerprint=b"", stream=f"call-{call_id}",
                    expected_version=0, events=[event] * 5, cause=cause(call_id)))
        print("ready", flush=True)
        await asyncio.gather(*(write() for _ in range(64)))
asyncio.run(main())
"""


async def test_a_process_frozen_in_the_middle_of_an_append_stops_nobody_else(desk_for):
    """No client holds the head row across a round trip: freezing a busy writer at any moment leaves the others writing."""
    async with desk_for() as desk:
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, desk.database.app_url, str(Path.cwd())], stdout=subprocess.PIPE, text=True
        )
        try:
            assert await asyncio.to_thread(writer.stdout.readline) == "ready\n"
            slowest = 0.0
            for freeze in range(25):
                await asyncio.sleep(0.02 + 0.003 * freeze)
                os.kill(writer.pid, signal.SIGSTOP)
                started = time.monotonic()
                await desk.receive()
                slowest = max(slowest, time.monotonic() - started)
                os.kill(writer.pid, signal.SIGCONT)
            assert slowest < 2.0
        finally:
            os.kill(writer.pid, signal.SIGCONT)
            writer.kill()
            writer.wait()
