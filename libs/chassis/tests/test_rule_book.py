"""Published rules reach a process before it decides anything: from its service's table, and from reporting's stream."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from hotline_chassis.rule_book import RuleKeeper, published_rules, table_of
from hotline_events.broker import BrokerAddress, connect, ensure_streams, publish_batch, stream_of
from hotline_events.catalogue.reporting import CalendarLoaded, RuleDocument, RuleSetApproved, RuleSetPublished
from hotline_events.cursor import Checkpoint
from hotline_events.envelope import StoredEvent, encode_metadata, encode_payload, to_cloudevent
from hotline_events.projection import Projector
from hotline_events.registry import subject_of, type_of
from hotline_events.store import Store
from hotline_events.testing import NOON, cause, enveloped
from hotline_rules.book import RuleBook
from hotline_rules.calendar import DayKind
from hotline_rules.documents import Document, documents_of
from hotline_rules.pack import load_pack, parse_pack

HEAD = "extends: default\nnumber: town/1\ntitle: A town\neffective_from: 2026-03-01\nsources: [its own]\n"


def published(text=HEAD, *, sha256=None, number="town/1", day=date(2026, 3, 2)):
    documents = documents_of(Document(name=f"{number}.yaml", content=text.encode()))
    return RuleSetPublished(
        number=number,
        sha256=sha256 or parse_pack("town.yaml", text.encode()).sha256,
        effective_from=day,
        documents=tuple(RuleDocument(name=one.name, text=one.content.decode()) for one in documents),
        published_by="oversight-1",
        occurred_at=NOON,
    )


APPROVED = RuleSetApproved(number="town/1", sha256="0", approved_by="oversight-1", occurred_at=NOON)
LOADED = CalendarLoaded(year=2031, holidays=(date(2031, 1, 1),), workdays=(), loaded_by="admin-1", occurred_at=NOON)


@pytest.fixture
async def engine(databases):
    engine = create_async_engine((await databases.fresh("routing")).app_url, isolation_level="AUTOCOMMIT")
    yield engine
    await engine.dispose()


def keeper_of(engine):
    book = RuleBook(load_pack("default"))
    return RuleKeeper("routing", Store(engine), book), book


async def follow(engine, *events):
    projector = Projector(engine, published_rules("routing"))
    await projector.prepare()
    envelopes = [enveloped(one, position=number, stream="s", version=number) for number, one in enumerate(events, 1)]
    await projector.apply("reporting", envelopes, Checkpoint(0, 1))


async def test_what_was_published_is_in_the_book_of_a_process_that_starts_later(engine):
    """A152, A162."""
    await follow(engine, APPROVED, published(), LOADED)
    for _start in range(2):
        keeper, book = keeper_of(engine)
        await keeper.refresh()
        await keeper.refresh()
        assert (book.in_force(NOON).number, [pack.number for pack in book.published]) == ("town/1", ["town/1"])
        assert book.in_force(NOON - timedelta(hours=1)).number == "default/1"  # what began before keeps its pack (A162)
        assert book.years == {2031}


async def test_a_text_that_is_not_the_approved_one_or_cannot_be_read_decides_nothing(engine, caplog):
    """A152: what was in force stays, and it is said loudly."""
    documents = (RuleDocument(name="town/2.yaml", text="number: town/2\n"),)
    unreadable = RuleSetPublished(
        number="town/2",
        sha256="0",
        effective_from=date(2026, 3, 2),
        documents=documents,
        published_by="x",
        occurred_at=NOON,
    )
    await follow(engine, published(sha256="0" * 64), unreadable)
    keeper, book = keeper_of(engine)
    await keeper.refresh()
    assert (book.in_force(NOON).number, book.published) == ("default/1", [])
    assert set(keeper.unreadable) == {"town/1", "town/2"}
    assert [record.levelname for record in caplog.records] == ["CRITICAL", "CRITICAL"]


async def test_a_process_reads_all_of_the_stream_before_it_decides_anything(engine, nats):
    """A162: also what was published while its whole service was away."""
    client = await connect(BrokerAddress(url=nats.url, name="bootstrap"))
    js = client.jetstream()
    await ensure_streams(js)
    last = (await js.stream_info(stream_of("reporting"))).state.last_seq
    keeper, book = keeper_of(engine)
    await Projector(engine, published_rules("routing")).prepare()
    async with engine.begin() as connection:
        await connection.exec_driver_sql(f"update public.checkpoints set position = {last} where consumer like 'routing.pub%%'")
    await publish_batch(client, [message(APPROVED, last + 1), message(published(), last + 2)], after=last)
    await asyncio.wait_for(keeper.learn(engine, client, None), 20)
    assert book.in_force(NOON).number == "town/1"
    await asyncio.wait_for(keeper.learn(engine, client, None), 20)
    await client.close()


def message(event, position):
    stream = "rule_set-town-1"
    row = StoredEvent(
        position=position,
        stream=stream,
        version=position,
        id=UUID(int=position),
        name=type_of(event).name,
        schema_version=1,
        payload=encode_payload(event, stream=stream, version=position, keys={}),
        metadata=encode_metadata(event, cause(UUID(int=position))),
        recorded_at=NOON,
        hash=bytes(32),
    )
    return subject_of(row.name, None), to_cloudevent(row, epoch=1, epoch_start=0)


def test_a_table_says_what_the_days_of_its_year_are():
    table = table_of(2031, ["2031-01-01"], [date(2031, 1, 5)])
    assert table.days == {date(2031, 1, 1): DayKind.HOLIDAY, date(2031, 1, 5): DayKind.WORKING}
    assert table.complete_years == {2031}
