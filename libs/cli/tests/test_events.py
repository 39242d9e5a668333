"""`hotline events` on a real database: what an operator sees and can prove."""

import asyncio
import json
from uuid import uuid4

import asyncpg
import pytest
from click.testing import CliRunner

from hotline_cli.main import main
from hotline_events.appender import Appender
from hotline_events.catalogue.intake import CallAnswered, CallReceived
from hotline_events.store import Append, Store
from hotline_events.testing import NOON, cause

CALL = uuid4()


@pytest.fixture
async def database(databases, engine_for):
    """A store with one answered call."""
    fresh = await databases.fresh("intake")
    events = [
        CallReceived(call_id=CALL, line="12345", occurred_at=NOON),
        CallAnswered(call_id=CALL, agent_id="agent-7", wait_ms=4000, ring_count=2, occurred_at=NOON),
    ]
    async with Appender(Store(engine_for(fresh.app_url))) as appender:
        await appender.append(
            Append(
                command_id=uuid4(),
                fingerprint=b"",
                stream=f"call-{CALL}",
                expected_version=0,
                events=events,
                cause=cause(CALL),
            )
        )
    return fresh


async def run(*words: str, url: str):
    """The command runs its own loop, so it gets a thread of its own."""
    return await asyncio.to_thread(CliRunner().invoke, main, ["events", *words, "--database-url", url])


async def test_tail_shows_one_line_an_event_and_can_pick_by_name(database):
    everything = await run("tail", "intake", url=database.app_url)
    assert [line.split()[2] for line in everything.output.splitlines()] == ["intake.call.received", "intake.call.answered"]
    picked = await run("tail", "intake", "--name", "answered", url=database.app_url)
    assert "agent-7" in picked.output
    assert "received" not in picked.output


async def test_show_tells_a_position_or_a_stream_as_stored(database):
    shown = await run("show", "intake", "2", url=database.app_url)
    assert json.loads(shown.output)["payload"]["wait_ms"] == 4000
    stream = await run("show", "intake", f"call-{CALL}", url=database.app_url)
    assert stream.output.count('"schema_version"') == 2
    assert (await run("show", "intake", "99", url=database.app_url)).exit_code == 1


async def test_verify_says_whole_and_after_an_edit_names_the_position_and_fails(database, databases):
    whole = await run("verify", "intake", url=database.app_url)
    assert (whole.exit_code, "whole, 2 events" in whole.output) == (0, True)
    connection = await asyncpg.connect(databases.postgres.dsn(database.name))
    await connection.execute("alter table events disable trigger all")
    await connection.execute("update events set payload = replace(payload::text, '4000', '400')::json where position = 2")
    await connection.close()
    broken = await run("verify", "intake", url=database.app_url)
    assert (broken.exit_code, "First bad position 2" in broken.output) == (1, True)


async def test_dead_letters_get_their_tries_again(database, databases):
    await databases.as_owner(
        database,
        """insert into parked (consumer, source, position, aggregate, envelope, error, attempts, retry_at, dead)
           values ('c', 'routing', 1, 'a', '{}', 'SomeError', 12, now(), true)""",
    )
    answer = await run("replay-dead", "intake", url=database.app_url)
    assert answer.output.startswith("1 dead letters")
