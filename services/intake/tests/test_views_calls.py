"""Read models of calls: priorities only rise, corrections win; violations, numbers, visitors; whatever way batches are cut."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline_embedded.fixtures import Databases
from hotline_events.catalogue import intake
from hotline_events.envelope import Envelope
from hotline_events.projection import Projector
from hotline_events.testing import NOON, enveloped
from intake.adapters.views import CALLS, call_violations, calls, numbers, visits

FIRST, SECOND, NUMBER, VISIT = (UUID(int=number) for number in range(1, 5))
UNTIL = NOON + timedelta(days=7)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def violated(rule: str, step: str) -> intake.CallRuleViolated:
    return intake.CallRuleViolated(call_id=FIRST, rule=rule, step=step, agent_id="agent-7", occurred_at=at(130))


def counted(place: int) -> intake.NumberHarassmentCounted:
    return intake.NumberHarassmentCounted(
        number_id=NUMBER, call_id=UUID(int=90 + place), count=place, frequent=place >= 2, occurred_at=at(200 + place)
    )


STORY: Sequence[tuple[str, Any]] = [
    ("call-1", intake.CallReceived(call_id=FIRST, line="12345", emergency=True, occurred_at=at(0))),
    ("call-1", intake.CallDistressTagged(call_id=FIRST, emotion=intake.Emotion.ANGRY, tagged_by="a", occurred_at=at(1))),
    ("call-2", intake.CallReceived(call_id=SECOND, line="12345", caller_id=NUMBER, occurred_at=at(2))),
    ("call-2", intake.CallDistressTagged(call_id=SECOND, emotion=intake.Emotion.CRYING, tagged_by="a", occurred_at=at(3))),
    ("call-1", intake.CallAbandoned(call_id=FIRST, stage=intake.AbandonStage.QUEUE, wait_ms=3500, occurred_at=at(3.5))),
    (
        "call-1",
        intake.CallAnswered(call_id=FIRST, agent_id="agent-7", wait_ms=4000, ring_count=1, late=False, occurred_at=at(4)),
    ),
    ("call-1", intake.CallTalkNoticeReached(call_id=FIRST, agent_id="agent-7", occurred_at=at(184))),
    (
        "call-1",
        intake.CallTransferPrepared(call_id=FIRST, target="8012", estimated_ms=1, prepared_by="a", occurred_at=at(190)),
    ),
    ("call-1", intake.CallTransferConnected(call_id=FIRST, target="8012", connected_by="a", occurred_at=at(195))),
    # The exchange told of the end so late that the limit had passed before.
    ("call-1", intake.CallTalkActionReached(call_id=FIRST, agent_id="agent-7", occurred_at=at(304))),
    (
        "call-1",
        intake.CallEnded(call_id=FIRST, ended_by=intake.EndedBy.SYSTEM, talk_ms=196_000, hold_ms=0, occurred_at=at(200)),
    ),
    (
        "call-1",
        intake.CallFiguresCorrected(
            call_id=FIRST, wait_ms=3900, ended_by=intake.EndedBy.AGENT, hold_ms=5000, occurred_at=at(900)
        ),
    ),
    ("call-1", violated("A02", "late_apology")),
    ("call-1", violated("A12", "exception")),
    ("call-1", violated("A50", "confirmed")),
    ("call-1", intake.CallViolationWithdrawn(call_id=FIRST, rule="A02", step="late_apology", occurred_at=at(131))),
    ("number-3", counted(1)),
    ("number-3", counted(2)),
    (
        "number-3",
        intake.NumberRestricted(
            number_id=NUMBER,
            reason=intake.RestrictionReason.INSULTS,
            until=UNTIL,
            restricted_by="leader-1",
            occurred_at=at(300),
        ),
    ),
    ("visit-4", intake.VisitorArrived(visit_id=VISIT, desk="hall_1", explain_by=at(45), occurred_at=at(0))),
    (
        "visit-4",
        intake.VisitWaitExplained(visit_id=VISIT, reason="queue", estimated_ms=60_000, explained_by="a", occurred_at=at(30)),
    ),
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


async def dump(engine: AsyncEngine) -> list[str]:
    rows: list[str] = []
    async with engine.connect() as connection:
        for table in (table for view in CALLS for table in view.tables):
            found = await connection.execute(text(f"select t::text from {table} as t order by 1"))
            rows += [f"{table} {row}" for row in found.scalars().all()]
    return rows


async def follow(engine: AsyncEngine, size: int, *, times: int = 1) -> None:
    for view in CALLS:
        projector = Projector(engine, view)
        await projector.prepare()
        for start in range(0, len(STORY), size):
            for _ in range(times):
                async with projector.transaction() as connection:
                    await view.apply(connection, story()[start : start + size])


@pytest.mark.parametrize(("size", "times"), [(1, 1), (1, 2), (3, 1), (5, 3)])
async def test_any_cut_and_any_repetition_gives_the_same_rows(
    databases: Databases, engine: AsyncEngine, engine_for: Callable[[str], AsyncEngine], size: int, times: int
) -> None:
    other = engine_for((await databases.fresh("intake")).app_url)
    await follow(engine, len(STORY))
    await follow(other, size, times=times)
    assert await dump(other) == await dump(engine)
    assert len(await dump(engine)) == 6


async def test_a_call_shows_its_priority_its_transfer_and_its_corrected_figures(engine: AsyncEngine) -> None:
    """A03, A16, A21, A119: distress does not lower an emergency; what was told last is what is shown."""
    await follow(engine, 4)
    first = await calls.call(engine, FIRST)
    assert first is not None
    assert (calls.RANKS[first.priority or 0], first.emotion) == ("emergency", "angry")
    assert (first.transfer_target, first.transfer_step, first.noticed_at) == ("8012", "connected", at(184))
    assert first.action_due_at is None, "a call that had ended by then reached nothing"
    assert (first.status, first.since, first.wait_ms) == ("ended", at(200), 3900)
    assert (first.ended_by, first.talk_ms, first.hold_ms) == ("agent", 196_000, 5000)
    assert (first.abandoned_at, first.stage) == (None, None)
    assert [row.call_id for row in await calls.waiting(engine, None, 9)] == [SECOND]


async def test_what_was_left_out_is_listed_newest_first(engine: AsyncEngine) -> None:
    """A02, A12, A50: without what was none after all."""
    await follow(engine, 4)
    anything = {"agent_id": None, "rule": None, "call_id": None}
    found = await call_violations.violations(engine, anything, None, 9)
    assert [(row.rule, row.step) for row in found] == [("A50", "confirmed"), ("A12", "exception")]
    after = (found[0].position,)
    assert [row.rule for row in await call_violations.violations(engine, anything, after, 9)] == ["A12"]
    assert await call_violations.violations(engine, {**anything, "rule": "A02"}, None, 9) == []


async def test_a_restricted_number_is_found_among_the_callers(engine: AsyncEngine) -> None:
    """A15."""
    await follow(engine, 4)
    row = await numbers.number(engine, NUMBER)
    assert row is not None
    assert (row.flagged, row.frequent, row.restricted_until) == (2, True, UNTIL)
    assert await numbers.restricted_among(engine, [NUMBER, FIRST]) == {NUMBER: UNTIL}
    assert await numbers.restricted_among(engine, []) == {}
    assert [one.number_id for one in await numbers.numbers(engine, restricted=True, after=None, limit=9)] == [NUMBER]
    assert await numbers.numbers(engine, restricted=False, after=None, limit=9) == []


async def test_a_visitor_who_waits_is_listed_with_until_when_they_know(engine: AsyncEngine) -> None:
    """A158."""
    await follow(engine, 4)
    (waits,) = await visits.waiting(engine, None, 9)
    assert (waits.visit_id, waits.reason, waits.told_until) == (VISIT, "queue", at(90))
