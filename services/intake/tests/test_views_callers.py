"""What is known of a caller is the same however the three services' events interleave and however often one comes (A23)."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline_embedded.fixtures import Databases
from hotline_events.catalogue.followup import PromiseBroken, PromiseKept, PromiseMade, PromiseReleased
from hotline_events.catalogue.intake import CallCallerIdentified, PersonErased
from hotline_events.catalogue.intake.call import CallbackPromised
from hotline_events.catalogue.intake.note import NoteTaken
from hotline_events.catalogue.intake.number import LiftReason, NumberRestricted, NumberRestrictionLifted, RestrictionReason
from hotline_events.catalogue.routing import WorkOrderClosed
from hotline_events.projection import Projector
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON, enveloped
from hotline_events.testing_history import transferred
from intake.adapters.views import callers, requests

PERSON, ERASED, REQUEST, ORDER, CALL, NUMBER, OTHER_NUMBER = (UUID(int=number) for number in range(1, 8))
KEPT, BROKEN, WAITING, RELAYED, RELEASED = (UUID(int=number) for number in range(11, 16))


def promised(promise_id: UUID, hours: int) -> CallbackPromised:
    return CallbackPromised(
        promise_id=promise_id,
        call_id=CALL,
        caller_id=PERSON,
        reason="looking_up",
        due_at=NOON + timedelta(hours=hours),
        promised_by="agent-7",
        occurred_at=NOON,
    )


def made(promise_id: UUID, call_id: UUID | None) -> PromiseMade:
    return PromiseMade(
        promise_id=promise_id,
        call_id=call_id,
        caller_id=PERSON,
        reason="relayed",
        warn_at=NOON,
        due_at=NOON + timedelta(minutes=30),
        promised_by="agent-7",
        rule_version="default/1",
        occurred_at=NOON,
    )


def noted(person_id: UUID, number: int) -> NoteTaken:
    return NoteTaken(
        note_id=UUID(int=number), person_id=person_id, note=Sealed(box="s1.note"), taken_by="agent-7", occurred_at=NOON
    )


def named(number_id: UUID | None, person_id: UUID, *, withheld: bool = False) -> CallCallerIdentified:
    who = {"caller_id": person_id, "number_id": number_id, "withheld": withheld}
    return CallCallerIdentified(call_id=CALL, identified_by="agent-7", occurred_at=NOON, **who)


def restricted(person_id: UUID) -> NumberRestricted:
    return NumberRestricted(
        number_id=person_id,
        reason=RestrictionReason.INSULTS,
        until=NOON + timedelta(days=7),
        restricted_by="leader-1",
        occurred_at=NOON,
    )


CLOSED = WorkOrderClosed(
    work_order_id=ORDER, request_id=REQUEST, department="roads", revisit_id=ORDER, round=1, occurred_at=NOON
)
STORIES: dict[str, Sequence[object]] = {
    "intake": [
        *(promised(one, hours) for one, hours in ((KEPT, 1), (BROKEN, 2), (WAITING, 3), (RELEASED, 4))),
        restricted(PERSON),
        restricted(ERASED),
        NumberRestrictionLifted(number_id=ERASED, reason=LiftReason.APPEALED, lifted_by="leader-1", occurred_at=NOON),
        noted(PERSON, 21),
        named(NUMBER, ERASED),
        named(NUMBER, PERSON),
        named(NUMBER, REQUEST, withheld=True),
        named(OTHER_NUMBER, ERASED),
        named(None, PERSON),
        noted(ERASED, 22),
        PersonErased(person_id=ERASED, reason="court_order", occurred_at=NOON),
    ],
    "routing": [transferred(REQUEST, "roads", work_order_id=ORDER), CLOSED],
    "followup": [
        made(KEPT, CALL),
        made(RELAYED, None),
        PromiseKept(promise_id=KEPT, late=False, kept_by="agent-7", occurred_at=NOON),
        PromiseBroken(promise_id=BROKEN, attempts=1, occurred_at=NOON),
        PromiseReleased(promise_id=RELEASED, occurred_at=NOON),
    ],
}


@pytest.fixture
async def engine(databases: Databases, engine_for: Callable[[str], AsyncEngine]) -> AsyncEngine:
    return engine_for((await databases.fresh("intake")).app_url)


async def tables(engine: AsyncEngine) -> list[list[tuple[Any, ...]]]:
    async with engine.connect() as connection:
        return [
            [tuple(row) for row in await connection.execute(text(f"select * from {table} order by 1"))]
            for table in callers.VIEW.tables
        ]


async def follow(engine: AsyncEngine, sources: Sequence[str], *, size: int, times: int = 1) -> None:
    projector = Projector(engine, callers.VIEW)
    await projector.prepare()
    for source in sources:
        events = [enveloped(event, position=at, stream="some-thing", version=at) for at, event in enumerate(STORIES[source], 1)]
        for start in range(0, len(events), size):
            async with projector.transaction() as connection:
                for _ in range(times):
                    await callers.VIEW.apply(connection, events[start : start + size])


async def test_any_interleaving_any_cut_and_every_event_twice_give_the_same_tables(
    databases: Databases, engine: AsyncEngine, engine_for: Callable[[str], AsyncEngine]
) -> None:
    await follow(engine, tuple(STORIES), size=99)
    once = await tables(engine)
    for number, order in enumerate(permutations(STORIES)):
        other = engine_for((await databases.fresh("intake")).app_url)
        await follow(other, order, size=1 + number % 3, times=1 + number % 2)
        assert await tables(other) == once, order


async def test_what_is_over_is_not_open_any_more(engine: AsyncEngine) -> None:
    """A15, A23: kept and released promises are over, a broken one is still owed; one relayed without a call counts too."""
    await follow(engine, tuple(STORIES), size=2)
    await Projector(engine, requests.VIEW).prepare()
    assert [one.promise_id for one in await callers.open_promises(engine, [PERSON], 9)] == [RELAYED, BROKEN, WAITING]
    mark = await callers.restriction(engine, [PERSON], NOON)
    assert mark is not None
    assert (mark.reason, mark.until) == ("insults", NOON + timedelta(days=7))
    assert await callers.restriction(engine, [PERSON], mark.until) is None
    assert await callers.restriction(engine, [ERASED], NOON) is None
    (orders, *_, notes, numbers) = await tables(engine)
    assert [row[1] for row in orders] == ["closed"]
    assert [row[1] for row in notes] == [PERSON]
    assert numbers == [(NUMBER, PERSON)]
    assert [one.promise_id for one in await callers.open_promises(engine, [PERSON], 1)] == [RELAYED]
