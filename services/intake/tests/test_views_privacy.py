"""The read models of privacy: the same rows however the batches are cut and however often an event comes."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline_embedded.fixtures import Databases
from hotline_events.catalogue.intake.break_glass import (
    BreakGlassLapsed,
    BreakGlassOpened,
    BreakGlassRatified,
    BreakGlassRejected,
)
from hotline_events.catalogue.intake.directory import DirectoryEntry, DirectoryPublished, DirectoryTier
from hotline_events.catalogue.intake.disclosure import DisclosureMade, DisclosureRefusal, DisclosureRefused
from hotline_events.catalogue.intake.export import ExportApproved, ExportAskedFor, ExportFetched, ExportRejected
from hotline_events.catalogue.routing import (
    ReturnReason,
    WorkOrderClosed,
    WorkOrderReopened,
    WorkOrderReturned,
    WorkOrderTransferred,
)
from hotline_events.envelope import Envelope
from hotline_events.projection import Projector, View
from hotline_events.testing import NOON, enveloped
from intake.adapters.views import break_glass, directory, disclosures, exports, order_holders

REQUESTS = [UUID(int=number) for number in range(1, 4)]
ORDER = UUID(int=9)
DUE = {"sign_due_at": NOON, "contact_due_at": NOON, "resolve_due_at": NOON, "rule_version": "default/1"}


def opened(number: int) -> BreakGlassOpened:
    return BreakGlassOpened(
        break_glass_id=UUID(int=number),
        person_id=uuid4(),
        request_id=REQUESTS[0],
        fields=("phone",),
        reason="danger_to_life",
        opened_by="handler-3",
        opened_for="roads",
        ratify_by=NOON + timedelta(days=3),
        rule_version="default/1",
        occurred_at=NOON + timedelta(minutes=number),
    )


def published(version: int, *codes: str) -> DirectoryPublished:
    entries = tuple(
        DirectoryEntry(
            code=code, name_zh=code, name_en=code, group="duty", tier=DirectoryTier.PUBLISHED, number=f"0552-{version}"
        )
        for code in codes
    )
    return DirectoryPublished(
        directory_version=version,
        entries=entries,
        stale_at=NOON,
        published_by="admin",
        rule_version="default/1",
        occurred_at=NOON,
    )


def asked_for(number: int, by: str) -> ExportAskedFor:
    return ExportAskedFor(
        export_id=UUID(int=number),
        start=NOON - timedelta(days=1),
        end=NOON,
        purpose="statistics",
        asked_by=by,
        rule_version="default/1",
        occurred_at=NOON,
    )


def moved(request_id: UUID, department: str, hop: int = 1) -> WorkOrderTransferred:
    return WorkOrderTransferred(
        work_order_id=ORDER,
        request_id=request_id,
        department=department,
        hop=hop,
        round=1,
        transferred_by="desk",
        occurred_at=NOON,
        **DUE,
    )


OWN: Sequence[object] = [
    *(opened(number) for number in range(1, 5)),
    BreakGlassRatified(break_glass_id=UUID(int=1), ratified_by="head-1", occurred_at=NOON),
    published(1, "duty", "mayor"),
    BreakGlassRejected(break_glass_id=UUID(int=2), rejected_by="head-1", occurred_at=NOON),
    published(2, "duty"),
    BreakGlassLapsed(break_glass_id=UUID(int=3), occurred_at=NOON),
    *(asked_for(number, by) for number, by in ((1, "inspector-1"), (2, "leader-1"), (3, "leader-1"))),
    ExportApproved(export_id=UUID(int=1), valid_until=NOON, approved_by="officer-1", occurred_at=NOON),
    ExportRejected(export_id=UUID(int=2), rejected_by="officer-1", occurred_at=NOON),
    *(
        ExportFetched(export_id=UUID(int=1), rows=3, watermark="mark", fetched_by="inspector-1", occurred_at=NOON)
        for _ in range(2)
    ),
    DisclosureMade(disclosure_id=UUID(int=1), request_id=REQUESTS[0], made_by="agent-7", occurred_at=NOON),
    DisclosureRefused(
        disclosure_id=UUID(int=2),
        request_id=REQUESTS[0],
        reason=DisclosureRefusal.IDENTITY_MISMATCH,
        refused_by="agent-7",
        occurred_at=NOON,
    ),
]
ROUTING: Sequence[object] = [
    moved(REQUESTS[0], "roads"),
    moved(REQUESTS[1], "parks"),
    WorkOrderReturned(
        work_order_id=ORDER,
        request_id=REQUESTS[0],
        requester_id=uuid4(),
        department="roads",
        reason=ReturnReason.NOT_OURS,
        returned_by="handler",
        occurred_at=NOON,
    ),
    moved(REQUESTS[0], "water", 2),
    moved(REQUESTS[2], "roads"),
    WorkOrderClosed(
        work_order_id=ORDER, request_id=REQUESTS[1], department="parks", revisit_id=ORDER, round=1, occurred_at=NOON
    ),
    WorkOrderReopened(
        work_order_id=ORDER,
        request_id=REQUESTS[2],
        department="roads",
        revisit_id=ORDER,
        round=2,
        occurred_at=NOON,
        **DUE,
    ),
]
STORIES = [(view.VIEW, OWN) for view in (break_glass, directory, exports, disclosures)] + [(order_holders.VIEW, ROUTING)]


def story(events: Sequence[object]) -> list[Envelope]:
    return [enveloped(event, position=at, stream="some-thing", version=at) for at, event in enumerate(events, 1)]


@pytest.fixture
async def engine(databases: Databases, engine_for: Callable[[str], AsyncEngine]) -> AsyncEngine:
    return engine_for((await databases.fresh("intake")).app_url)


async def tables(engine: AsyncEngine, view: View) -> list[list[tuple[Any, ...]]]:
    async with engine.connect() as connection:
        return [
            [tuple(row) for row in await connection.execute(text(f"select * from {table} order by 1"))] for table in view.tables
        ]


async def follow(engine: AsyncEngine, view: View, events: Sequence[Envelope], size: int) -> None:
    (source,) = view.sources
    projector = Projector(engine, view)
    await projector.prepare()
    at = await projector.checkpoint(source)
    for start in range(0, len(events), size):
        at = await projector.apply(source, events[start : start + size], at)


@pytest.mark.parametrize(("view", "events"), STORIES, ids=lambda one: getattr(one, "name", ""))
@pytest.mark.parametrize("size", [1, 3])
async def test_any_cut_and_every_event_twice_give_the_same_tables(
    databases: Databases,
    engine: AsyncEngine,
    engine_for: Callable[[str], AsyncEngine],
    *,
    view: View,
    events: Sequence[object],
    size: int,
) -> None:
    other = engine_for((await databases.fresh("intake")).app_url)
    await follow(engine, view, story(events), len(events))
    await follow(other, view, story(events), size)
    once = await tables(engine, view)
    assert any(once)
    assert await tables(other, view) == once
    projector = Projector(other, view)
    for start in range(0, len(events), size):
        async with projector.transaction() as connection:
            for _ in range(2):
                await view.apply(connection, story(events)[start : start + size])
    assert await tables(other, view) == once


async def test_the_readings_show_what_became_of_each(engine: AsyncEngine) -> None:
    """A130."""
    await follow(engine, break_glass.VIEW, story(OWN), 2)
    rows = await break_glass.readings(engine, status=None, bound_to="roads", after=None, limit=10)
    assert [row.status for row in rows] == ["open", "lapsed", "rejected", "ratified"]
    assert [row.decided_by for row in rows] == [None, None, "head-1", "head-1"]
    assert await break_glass.readings(engine, status=None, bound_to="parks", after=None, limit=10) == []
    (after,) = await break_glass.readings(
        engine, status=None, bound_to=None, after=(rows[2].opened_at, rows[2].break_glass_id), limit=10
    )
    assert after == rows[3]


async def test_a_new_directory_replaces_the_former_one_whole(engine: AsyncEngine) -> None:
    """A149."""
    await follow(engine, directory.VIEW, story(OWN), 1)
    rows = await directory.entries(engine, group=None, words=None, speed_dial=None, after=None, limit=10)
    assert [(row.code, row.number, row.directory_version) for row in rows] == [("duty", "0552-2", 2)]


async def test_only_the_department_in_whose_hands_an_order_lies_holds_it(engine: AsyncEngine) -> None:
    """A144."""
    await follow(engine, order_holders.VIEW, story(ROUTING), 1)
    held = {
        (number, department)
        for number, request_id in enumerate(REQUESTS)
        for department in ("roads", "parks", "water")
        if await order_holders.holds(engine, request_id, department)
    }
    assert held == {(0, "water"), (2, "roads")}


async def test_the_exports_show_what_was_decided_and_how_often_each_was_taken(engine: AsyncEngine) -> None:
    """A146."""
    await follow(engine, exports.VIEW, story(OWN), 3)
    rows = await exports.exports(engine, status=None, asked_by=None, before=None, limit=10)
    assert [(row.status, row.fetched, row.watermark) for row in rows] == [
        ("asked", 0, None),
        ("rejected", 0, None),
        ("approved", 2, "mark"),
    ]
    (own,) = await exports.exports(engine, status="asked", asked_by="leader-1", before=None, limit=10)
    assert own == rows[0]
    assert await exports.exports(engine, status=None, asked_by=None, before=rows[2].position, limit=10) == []


async def test_the_disclosures_show_where_the_record_did_not_agree(engine: AsyncEngine) -> None:
    """A148."""
    await follow(engine, disclosures.VIEW, story(OWN), 3)
    rows = await disclosures.disclosures(engine, request_id=REQUESTS[0], refused=None, before=None, limit=10)
    assert [row.refused for row in rows] == ["identity_mismatch", None]
    (wrong,) = await disclosures.disclosures(engine, request_id=None, refused="identity_mismatch", before=None, limit=10)
    assert wrong == rows[0]
