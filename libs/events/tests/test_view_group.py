"""Views applied together: each event once in each view, one that stands still holds up nobody else."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import text

from hotline_events.cursor import Checkpoint, Cursor
from hotline_events.envelope import from_row
from hotline_events.errors import EpochChangedError, PoisonEventError
from hotline_events.projection import Projector, View
from hotline_events.view_group import ViewGroup


def view_of(name: str, *, refuses: int = 0) -> View:
    """A view that notes positions, and cannot apply the one it refuses."""

    async def apply(connection, events) -> None:
        if any(event.position == refuses for event in events):
            raise ValueError("bad")
        await connection.execute(
            text(f"insert into {name} select unnest(cast(:positions as bigint[]))"),
            {"positions": [event.position for event in events]},
        )

    return View(
        name=f"test.{name}@1",
        tables=(name,),
        ddl=f"create table if not exists {name} (position bigint not null)",
        sources=("intake",),
        apply=apply,
    )


@pytest.fixture
def group_on(desk_for):
    """A desk with some events, and an opener of groups of views on it."""

    async def open_group(desk, *views: View) -> ViewGroup:
        projectors = [Projector(desk.engine, view) for view in views]
        for projector in projectors:
            await projector.prepare()
        return ViewGroup(desk.engine, "test.views", projectors)

    return open_group


async def positions(desk, table: str) -> list[int]:
    rows = await desk.store.execute(f"select position from views.{table} order by position")
    return [position for (position,) in rows]


async def events_of(desk):
    return [from_row(row) for row in await desk.store.read_all(0)]


async def test_every_view_applies_every_event_once_however_often_it_is_delivered(desk_for, group_on):
    async with desk_for() as desk:
        await asyncio.gather(*(desk.receive(3) for _ in range(10)))
        group = await group_on(desk, view_of("first"), view_of("second"))
        events = await events_of(desk)
        for start, end in ((0, 7), (0, 20), (13, 30)):
            for _ in range(3):
                await Cursor("intake", group).take(events[start:end])
        assert await positions(desk, "first") == await positions(desk, "second") == list(range(1, 31))


async def test_a_new_view_catches_up_while_the_others_pass_over_what_they_have(desk_for, group_on):
    async with desk_for() as desk:
        await asyncio.gather(*(desk.receive(2) for _ in range(5)))
        events = await events_of(desk)
        await Cursor("intake", await group_on(desk, view_of("old"))).take(events)
        group = await group_on(desk, view_of("old"), view_of("new"))
        assert await group.checkpoint("intake") == Checkpoint(0, 1)
        await Cursor("intake", group).take(events)
        assert await positions(desk, "old") == await positions(desk, "new") == list(range(1, 11))


async def test_a_view_that_stands_still_says_at_which_event_and_the_others_go_on(desk_for, group_on):
    async with desk_for() as desk:
        await asyncio.gather(*(desk.receive(2) for _ in range(5)))
        group = await group_on(desk, view_of("good"), view_of("bad", refuses=4))
        cursor = Cursor("intake", group)
        events = await events_of(desk)
        await cursor.take(events[:6])
        await cursor.take(events[6:])
        assert (await positions(desk, "good"), await positions(desk, "bad")) == (list(range(1, 11)), [1, 2, 3])
        assert list(group.stopped) == ["test.bad@1"]
        assert "intake 4" in group.stopped["test.bad@1"]


async def test_the_last_view_left_stops_the_cursor(desk_for, group_on):
    async with desk_for() as desk:
        await desk.receive(5)
        group = await group_on(desk, view_of("bad", refuses=4))
        with pytest.raises(PoisonEventError):
            await Cursor("intake", group).take(await events_of(desk))
        assert await positions(desk, "bad") == [1, 2, 3]


async def test_a_new_epoch_is_adopted_by_every_view(desk_for, group_on):
    async with desk_for() as desk:
        await desk.receive(5, call_id=uuid4())
        group = await group_on(desk, view_of("first"), view_of("second"))
        await Cursor("intake", group).take(await events_of(desk))
        await group.change_epoch("intake", EpochChangedError("intake", 1, 2, 3))
        assert await group.checkpoint("intake") == Checkpoint(0, 2)
        assert await positions(desk, "first") == []
