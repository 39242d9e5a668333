"""The lists of suggestions, apologies and promises: the same rows however batches are cut, and however often they come."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from followup.adapters.views import apologies, promises, suggestions
from followup.adapters.views.apologies import ApologyStatus, apologies_listed, apology_detail
from followup.adapters.views.promises import PromiseStatus, attempts_of, promises_listed
from followup.adapters.views.suggestions import SuggestionStatus, suggestion_detail, suggestions_listed
from followup.domain import apology, promise, suggestion
from hotline_embedded.fixtures import Databases
from hotline_events.catalogue.followup import AttemptOutcome, Attitude, Revisited
from hotline_events.decider import Decider
from hotline_events.envelope import Envelope
from hotline_events.projection import Projector
from hotline_events.sealing import BoxLabel, Sealed, seal
from hotline_events.testing import NOON, enveloped
from hotline_rules.pack import load_pack

RULES = load_pack("default")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
CALLER = UUID(int=9)
VIEWS = (suggestions, apologies, promises)
Engines = Callable[[str], AsyncEngine]


def boxed(words: str, stream: str) -> Sealed:
    return Sealed(box=seal(words, BoxLabel(CALLER, stream, 1, "field"), bytes(32)))


def ids(number: int, department: str) -> dict[str, Any]:
    return {
        "revisit_id": UUID(int=100 + number),
        "work_order_id": UUID(int=200 + number),
        "request_id": UUID(int=300 + number),
        "department": department,
    }


def answered(number: int, department: str) -> Revisited:
    return Revisited(
        **ids(number, department),
        requester_id=CALLER,
        round=1,
        solved=True,
        attitude=Attitude.BAD,
        suggestion=boxed(f"建议 {number}", f"revisit-{UUID(int=100 + number)}"),
        revisited_by="agent-7",
        occurred_at=NOON,
    )


def life(decider: Decider[Any, Any, Any], *commands: Any) -> list[Any]:
    history: list[Any] = []
    for command in commands:
        history += decider.decide(decider.fold(history), command)
    return history


def suggested(number: int, department: str, *commands: Any) -> list[Any]:
    begun: dict[str, Any] = {"requester_id": CALLER, "rules": RULES, "now": NOON}
    begin = suggestion.ForwardSuggestion(suggestion_id=UUID(int=number), **ids(number, department), **begun)
    return life(suggestion.decider, begin, *commands)


def owed(number: int, department: str, *commands: Any) -> list[Any]:
    begun: dict[str, Any] = {"requester_id": CALLER, "rules": RULES, "now": NOON}
    begin = apology.OrderApology(apology_id=UUID(int=number), **ids(number, department), **begun)
    return life(apology.decider, begin, *commands)


def promised(number: int, *commands: Any) -> list[Any]:
    begin = promise.MakePromise(
        promise_id=UUID(int=number),
        reason="missed_call",
        due_at=NOON + 2 * HOUR,
        promised_by="taker-1",
        rules=RULES,
        now=NOON,
    )
    return life(promise.decider, begin, *commands)


def tried(hours: int) -> promise.AttemptPromise:
    return promise.AttemptPromise(outcome=AttemptOutcome.BUSY, attempted_by="taker-1", rules=RULES, now=NOON + hours * HOUR)


NOTED = suggestion.AcknowledgeSuggestion(department="roads", acknowledged_by="handler-3", now=NOON + DAY)
DONE = apology.ReportApology(department="roads", proof=boxed("照片", "apology-1"), done_by="handler-3", now=NOON + DAY)
SENT_BACK = apology.ReviewApology(accept=False, reviewed_by="leader-1", now=NOON + DAY)
KEPT_LATE = promise.KeepPromise(kept_by="taker-1", rules=RULES, now=NOON + 3 * HOUR)
KEPT = promise.KeepPromise(kept_by="taker-1", rules=RULES, now=NOON + HOUR)
WARN, BREAK = promise.WarnOfPromise(now=NOON + 2 * HOUR), promise.PassDue(now=NOON + 2 * HOUR)
HISTORY = [
    *(answered(number, "roads") for number in (1, 2)),
    answered(3, "parks"),
    *suggested(1, "roads", NOTED),
    *suggested(2, "roads", suggestion.PassAcknowledgement(now=NOON + 9 * DAY)),
    *suggested(3, "parks"),
    *owed(1, "roads", DONE, SENT_BACK, apology.PassDue(now=NOON + 9 * DAY)),
    *owed(2, "roads", DONE, apology.ReviewApology(accept=True, reviewed_by="leader-1", now=NOON + DAY)),
    *owed(3, "parks"),
    *promised(1, WARN),
    *promised(2, tried(1), tried(2), BREAK),
    *promised(3, BREAK, KEPT_LATE),
    *promised(4, KEPT_LATE, BREAK),
    *promised(5, KEPT),
    *promised(6, BREAK, promise.ReleasePromise(now=NOON + 3 * HOUR)),
]


def stream_of(events: Sequence[Any]) -> list[Envelope]:
    versions: dict[str, int] = {}
    envelopes = []
    for position, event in enumerate(events, 1):
        name = next(name for name in ("suggestion_id", "apology_id", "promise_id", "revisit_id") if hasattr(event, name))
        stream = f"{name.removesuffix('_id')}-{getattr(event, name)}"
        versions[stream] = versions.get(stream, 0) + 1
        envelopes.append(enveloped(event, position=position, stream=stream, version=versions[stream]))
    return envelopes


STREAM = stream_of(HISTORY)


@pytest.fixture
async def engine(databases: Databases, engine_for: Engines) -> AsyncEngine:
    return engine_for((await databases.fresh("followup")).app_url)


async def applied(engine: AsyncEngine, sizes: Sequence[int], schema: str = "views") -> dict[str, list[Any]]:
    """Build the tables anew, in batches of these sizes and then the rest, and return every row of them."""
    rows: dict[str, list[Any]] = {}
    async with engine.connect() as connection:
        await connection.execute(text(f"drop schema if exists {schema} cascade"))
        await connection.execute(text(f"create schema {schema}"))
        await connection.execute(text("delete from public.checkpoints"))
    for view in VIEWS:
        projector = Projector(engine, view, schema=schema)
        await projector.prepare()
        for size in (*sizes, len(STREAM)):
            at = await projector.checkpoint("followup")
            if events := STREAM[at.position : at.position + size]:
                await projector.apply("followup", events, at)
        async with engine.connect() as connection:
            for table in view.tables:
                found = await connection.execute(text(f"select * from {schema}.{table} order by 1, 2"))
                rows[table] = [dict(row) for row in found.mappings()]
    return rows


async def test_a_department_reads_its_own_suggestions_and_the_desk_reads_all(engine: AsyncEngine) -> None:
    """A107, A144."""
    await applied(engine, ())
    mine = await suggestions_listed(engine, bound_to="roads", department=None, status=None, after=None, limit=9)
    assert [(row["status"], row["overdue_at"] is not None) for row in mine] == [("acknowledged", False), ("forwarded", True)]
    assert [row["words_box"] for row in mine] == [HISTORY[0].suggestion.box, HISTORY[1].suggestion.box]
    every = await suggestions_listed(
        engine, bound_to=None, department=None, status=SuggestionStatus.FORWARDED, after=None, limit=9
    )
    assert [row["department"] for row in every] == ["roads", "parks"]
    assert await suggestion_detail(engine, UUID(int=3), bound_to="roads") is None
    assert await suggestion_detail(engine, UUID(int=3), bound_to=None) is not None


async def test_an_apology_sent_back_is_owed_again_and_one_confirmed_is_over(engine: AsyncEngine) -> None:
    """A110."""
    await applied(engine, ())
    (again,) = await apologies_listed(
        engine, bound_to="roads", department=None, status=ApologyStatus.ORDERED, after=None, limit=9
    )
    assert (again["sent_back_by"], again["proof_box"], again["overdue_at"]) == ("leader-1", DONE.proof.box, again["due_at"])
    (over,) = await apologies_listed(
        engine, bound_to=None, department=None, status=ApologyStatus.CONFIRMED, after=None, limit=9
    )
    assert (over["confirmed_by"], over["overdue_at"]) == ("leader-1", None)
    assert await apology_detail(engine, UUID(int=3), bound_to="roads") is None


async def test_promises_stand_as_they_are_whatever_was_heard_first(engine: AsyncEngine) -> None:
    """A18, A153."""
    await applied(engine, ())
    rows = await promises_listed(engine, status=None, after=None, limit=9)
    stands = [(row["status"], row["attempts"], row["late"], row["broken_at"] is not None) for row in rows]
    assert stands == [
        (PromiseStatus.NEAR, 0, None, False),
        (PromiseStatus.BROKEN, 2, None, True),
        (PromiseStatus.KEPT, 0, True, True),
        (PromiseStatus.KEPT, 0, True, True),
        (PromiseStatus.KEPT, 0, False, False),
        (PromiseStatus.RELEASED, 0, None, True),
    ]
    assert [row["attempt"] for row in await attempts_of(engine, UUID(int=2))] == [1, 2]
    first, second = rows[:2]
    onward = await promises_listed(engine, status=None, after=(first["due_at"], first["promise_id"]), limit=1)
    assert onward == [second]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(1, 7), max_size=8))
async def test_any_cut_of_the_stream_gives_the_same_lists(engine: AsyncEngine, sizes: list[int]) -> None:
    assert await applied(engine, sizes) == await applied(engine, (), schema="beside")


async def test_a_batch_that_comes_again_changes_nothing(engine: AsyncEngine) -> None:
    once = await applied(engine, ())
    async with engine.connect() as connection:
        await connection.execute(text("set search_path = views, public"))
        for view in VIEWS:
            await view.apply(connection, STREAM)
            for table in view.tables:
                rows = (await connection.execute(text(f"select * from {table} order by 1, 2"))).mappings().all()
                assert [dict(row) for row in rows] == once[table]
