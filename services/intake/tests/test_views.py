"""Read models: the same rows however the batches are cut and however often an event comes."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline_embedded.fixtures import Databases
from hotline_events.catalogue.intake import (
    AbandonStage,
    CallAbandoned,
    CallAnswered,
    CallEnded,
    CallHeld,
    CallReceived,
    CallResumed,
    CallWrappedUp,
    Channel,
    EndedBy,
    PersonErased,
    PersonRegistered,
    RequestAnsweredDirectly,
    RequestRegistered,
    RequestType,
)
from hotline_events.cursor import Checkpoint
from hotline_events.envelope import Envelope
from hotline_events.errors import CheckpointMovedError
from hotline_events.projection import Projector, View
from hotline_events.sealing import Sealed
from hotline_events.store import NoKeys
from hotline_events.testing import NOON, enveloped
from intake.adapters.views import VIEWS, calls, requests

FIRST, SECOND, THIRD, REQUEST, OTHER, PERSON, ERASED = (UUID(int=number) for number in range(1, 8))


def at(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


def registered(request_id: UUID, requester_id: UUID, seconds: int) -> RequestRegistered:
    return RequestRegistered(
        request_id=request_id,
        requester_id=requester_id,
        channel=Channel.PHONE,
        request_type=RequestType.HELP,
        title=Sealed(box="s1.title"),
        matter=Sealed(box="s1.matter"),
        call_id=FIRST,
        first_contact="agent-7",
        occurred_at=at(seconds),
    )


def replied(request_id: UUID, requester_id: UUID, seconds: int) -> RequestAnsweredDirectly:
    reply = Sealed(box="s1.reply")
    return RequestAnsweredDirectly(
        request_id=request_id, requester_id=requester_id, reply=reply, answered_by="agent-7", occurred_at=at(seconds)
    )


OWN = [view for view in VIEWS if "intake" in view.sources]
STORY: Sequence[tuple[str, object]] = [
    ("call-1", CallReceived(call_id=FIRST, line="12345", occurred_at=at(0))),
    ("call-2", CallReceived(call_id=SECOND, line="12345", emergency=True, caller_id=PERSON, occurred_at=at(1))),
    ("call-1", CallAnswered(call_id=FIRST, agent_id="agent-7", wait_ms=4000, ring_count=1, occurred_at=at(4))),
    ("person-6", PersonRegistered(person_id=PERSON, anonymous=True, fields=(), occurred_at=at(5))),
    ("person-7", PersonRegistered(person_id=ERASED, anonymous=True, fields=(), occurred_at=at(5))),
    ("request-4", registered(REQUEST, PERSON, 30)),
    ("call-1", CallHeld(call_id=FIRST, reason="looking_up", occurred_at=at(60))),
    ("request-5", registered(OTHER, ERASED, 61)),
    ("call-2", CallAbandoned(call_id=SECOND, stage=AbandonStage.QUEUE, wait_ms=60_000, occurred_at=at(61))),
    ("call-1", CallResumed(call_id=FIRST, held_ms=15_000, occurred_at=at(75))),
    ("call-1", CallHeld(call_id=FIRST, reason="looking_up", occurred_at=at(80))),
    ("call-1", CallResumed(call_id=FIRST, held_ms=5_000, occurred_at=at(85))),
    ("person-7", PersonErased(person_id=ERASED, reason="court_order", occurred_at=at(90))),
    ("request-4", replied(REQUEST, PERSON, 95)),
    ("request-5", replied(OTHER, ERASED, 96)),
    (
        "call-1",
        CallEnded(call_id=FIRST, ended_by=EndedBy.CALLER, talk_ms=96_000, hold_ms=20_000, occurred_at=at(120)),
    ),
    ("call-1", CallWrappedUp(call_id=FIRST, outcome="answered", wrap_up_ms=20_000, occurred_at=at(140))),
    ("call-3", CallReceived(call_id=THIRD, line="12345", occurred_at=at(150))),
    ("call-3", CallAnswered(call_id=THIRD, agent_id="agent-8", wait_ms=9000, occurred_at=at(159))),
    ("call-3", CallHeld(call_id=THIRD, reason="asking", occurred_at=at(170))),
]


def story() -> list[Envelope]:
    versions: dict[str, int] = {}
    events = []
    for position, (stream, event) in enumerate(STORY, 1):
        versions[stream] = versions.get(stream, 0) + 1
        events.append(enveloped(event, position=position, stream=stream, version=versions[stream]))
    return events


@pytest.fixture
async def engine(databases: Databases, engine_for: Callable[[str], AsyncEngine]) -> AsyncEngine:
    return engine_for((await databases.fresh("intake")).app_url)


async def tables(engine: AsyncEngine, view: View) -> dict[str, list[tuple[Any, ...]]]:
    async with engine.connect() as connection:
        return {
            table: [tuple(row) for row in await connection.execute(text(f"select * from {table} order by 1"))]
            for table in view.tables
        }


async def follow(engine: AsyncEngine, view: View, events: Sequence[Envelope], size: int) -> None:
    projector = Projector(engine, view)
    await projector.prepare()
    checkpoint = await projector.checkpoint("intake")
    for start in range(0, len(events), size):
        checkpoint = await projector.apply("intake", events[start : start + size], checkpoint)


@pytest.mark.parametrize("view", OWN, ids=lambda view: view.name)
@pytest.mark.parametrize("size", [1, 2, 3, 7])
async def test_any_cut_of_the_batches_gives_the_same_tables(
    databases: Databases, engine: AsyncEngine, engine_for: Callable[[str], AsyncEngine], view: View, size: int
) -> None:
    other = engine_for((await databases.fresh("intake")).app_url)
    await follow(engine, view, story(), len(STORY))
    await follow(other, view, story(), size)
    assert await tables(other, view) == await tables(engine, view)


@pytest.mark.parametrize("view", OWN, ids=lambda view: view.name)
@pytest.mark.parametrize("size", [1, 5, len(STORY)])
async def test_every_event_twice_gives_the_same_tables(engine: AsyncEngine, view: View, size: int) -> None:
    await follow(engine, view, story(), size)
    once = await tables(engine, view)
    projector = Projector(engine, view)
    with pytest.raises(CheckpointMovedError):
        await projector.apply("intake", story(), Checkpoint(0, 1))
    for start in range(0, len(STORY), size):
        async with projector.transaction() as connection:
            await view.apply(connection, story()[start : start + size])
            await view.apply(connection, story()[start : start + size])
    assert await tables(engine, view) == once


async def test_the_calls_show_where_each_one_stands(engine: AsyncEngine) -> None:
    await follow(engine, calls.VIEW, story(), 4)
    shown = {row.call_id: row for row in await calls.calls(engine, None, None, 10)}
    assert [row.status for row in shown.values()] == ["held", "abandoned", "wrapped_up"]
    first = shown[FIRST]
    assert (first.wait_ms, first.talk_ms, first.hold_ms, first.wrap_up_ms) == (4000, 96_000, 20_000, 20_000)
    assert (first.agent_id, first.ended_by, first.outcome, first.version) == ("agent-7", "caller", "answered", 8)
    assert (shown[SECOND].stage, shown[SECOND].emergency, shown[SECOND].caller_id) == ("queue", True, PERSON)
    assert [row.call_id for row in await calls.calls(engine, calls.OPEN, None, 10)] == [THIRD]
    assert [row.call_id for row in await calls.calls(engine, None, (at(150), THIRD), 1)] == [SECOND]


async def test_an_erased_persons_texts_leave_the_table_and_the_row_stays(engine: AsyncEngine) -> None:
    """A146: the words go, the count does not."""
    await follow(engine, requests.VIEW, story(), 4)
    kept, erased = (await requests.requests(engine, None, 10))[::-1]
    assert (kept.title, kept.reply, kept.erased) == ("s1.title", "s1.reply", False)
    assert (erased.title, erased.matter, erased.reply, erased.erased) == (None, None, None, True)
    assert (erased.request_type, erased.registered_at, erased.answered_at) == ("help", at(61), at(96))


async def test_a_text_whose_key_is_gone_is_shown_as_erased(engine: AsyncEngine) -> None:
    """A shredded key counts before the read model has heard of it."""
    box = f"s1.{PERSON}.request-4.1.title.AAAA"
    sealed = replace(registered(REQUEST, PERSON, 0), title=Sealed(box=box), matter=Sealed(box=box))
    await follow(engine, requests.VIEW, [enveloped(sealed, position=1, stream="request-4", version=1)], 1)
    (row,) = await requests.unsealed(await requests.requests(engine, None, 10), NoKeys())
    assert (row.title, row.matter, row.erased) == (None, None, True)
