"""The desk's read model: the same tables however the services' events interleave, and however batches are cut."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from followup.adapters.views import RevisitStatus, revisits
from followup.adapters.views.queries import Wanted, revisit_detail, revisits_listed, revisits_of_work_order
from followup.domain.reactions import on_work_order_resolved
from followup.domain.revisit import (
    AttemptRevisit,
    ChangeType,
    ComeDue,
    GiveUp,
    PassLimit,
    RecordRevisit,
    RevisitCommand,
    decider,
)
from hotline_embedded.fixtures import Databases
from hotline_events.catalogue.followup import AttemptOutcome
from hotline_events.catalogue.intake import (
    Channel,
    CorrectionReason,
    PersonErased,
    RequestCorrected,
    RequestRegistered,
    RequestType,
    RequestTypeChanged,
)
from hotline_events.catalogue.routing import WorkOrderResolved
from hotline_events.cursor import Checkpoint
from hotline_events.envelope import Envelope
from hotline_events.projection import Projector
from hotline_events.sealing import BoxLabel, Sealed, seal
from hotline_events.testing import NOON, enveloped
from hotline_rules.book import RuleBook
from hotline_rules.pack import load_pack

RULES = load_pack("default")
KEY = bytes(32)
HOUR = timedelta(hours=1)
Engines = Callable[[str], AsyncEngine]
Streams = Mapping[str, Sequence[Envelope]]


def boxed(text_: str, person: UUID, stream: str) -> Sealed:
    return Sealed(box=seal(text_, BoxLabel(person, stream, 1, "field"), KEY))


class Matter:
    """One matter: its ids, and its events in the services they belong to."""

    def __init__(self, number: int, department: str = "roads") -> None:
        self.request_id, self.work_order_id, self.person_id = (UUID(int=1000 * number + n) for n in range(3))
        self.department = department
        self.number = number

    def registered(self) -> RequestRegistered:
        return RequestRegistered(
            request_id=self.request_id,
            requester_id=self.person_id,
            channel=Channel.PHONE,
            request_type=RequestType.HELP if self.number == 5 else RequestType.COMPLAINT,
            title=boxed("路灯不亮", self.person_id, f"request-{self.request_id}"),
            matter=boxed("路口的路灯不亮", self.person_id, f"request-{self.request_id}"),
            first_contact="taker-1",
            occurred_at=NOON,
        )

    def resolved(self, turn: int = 1, at: datetime = NOON) -> WorkOrderResolved:
        return WorkOrderResolved(
            work_order_id=self.work_order_id,
            request_id=self.request_id,
            requester_id=self.person_id,
            department=self.department,
            round=turn,
            reply=boxed(f"第 {turn} 次修复", self.person_id, f"work_order-{self.work_order_id}"),
            resolved_by="handler-3",
            occurred_at=at,
        )

    def corrected(self) -> RequestCorrected:
        return RequestCorrected(
            request_id=self.request_id,
            requester_id=self.person_id,
            field="title",
            was=boxed("路灯不亮", self.person_id, f"request-{self.request_id}"),
            became=boxed("路灯常亮", self.person_id, f"request-{self.request_id}"),
            reason=CorrectionReason.MISHEARD,
            signed_by="taker-1",
            occurred_at=NOON + 91 * HOUR,
        )

    def becomes_a_complaint(self) -> RequestTypeChanged:
        return RequestTypeChanged(
            request_id=self.request_id,
            requester_id=self.person_id,
            from_type=RequestType.HELP,
            to_type=RequestType.COMPLAINT,
            reason=CorrectionReason.MISHEARD,
            changed_by="taker-1",
            occurred_at=NOON + 30 * HOUR,
        )

    def left_out(self) -> list[Any]:
        """What followup decides about a wish for help that its pack does not sample, and which becomes a complaint."""
        none = replace(RULES, revisit=replace(RULES.revisit, sampled_permille={"any": 0}))
        resolved = replace(self.resolved(), request_type=RequestType.HELP)
        history = decider.decide(decider.initial, on_work_order_resolved(resolved, none))
        again = ChangeType(to_type=RequestType.COMPLAINT, book=RuleBook(none), now=NOON + 30 * HOUR)
        return [*history, *decider.decide(decider.fold(history), again)]

    def erased(self) -> PersonErased:
        return PersonErased(person_id=self.person_id, reason="asked", occurred_at=NOON + 90 * HOUR)

    def revisit(self, *commands: RevisitCommand, turn: int = 1, at: datetime = NOON) -> list[Any]:
        """What followup decides about a resolution and these commands, one after the other."""
        schedule = on_work_order_resolved(self.resolved(turn, at), RULES)
        history: list[Any] = []
        for command in (schedule, *commands):
            history += decider.decide(decider.fold(history), command)
        return history


def record(now: datetime, *, solved: bool | None, reason: Sealed | None = None) -> RecordRevisit:
    satisfied = False if reason else solved
    return RecordRevisit(solved=solved, satisfied=satisfied, reason=reason, revisited_by="agent-7", rules=RULES, now=now)


def attempt(now: datetime) -> AttemptRevisit:
    return AttemptRevisit(outcome=AttemptOutcome.BUSY, attempted_by="agent-7", rules=RULES, now=now)


def stream_of(*events: object) -> list[Envelope]:
    """One service's stream: positions without a gap, versions per aggregate."""
    versions: dict[str, int] = {}
    envelopes = []
    for position, event in enumerate(events, 1):
        stream = f"revisit-{event.revisit_id}" if hasattr(event, "revisit_id") else "other-1"
        versions[stream] = versions.get(stream, 0) + 1
        envelopes.append(enveloped(event, position=position, stream=stream, version=versions[stream]))
    return envelopes


REWORKED, WAITING, GIVEN_UP, ERASED = Matter(1), Matter(2, "parks"), Matter(3), Matter(4)
LEFT_OUT = Matter(5, "police")
CORRECTED = LEFT_OUT.corrected()
WHY = boxed("还是不亮", REWORKED.person_id, "revisit-x")
LIVES: Streams = {
    "intake": stream_of(
        *(matter.registered() for matter in (REWORKED, WAITING, GIVEN_UP, ERASED, LEFT_OUT)),
        ERASED.erased(),
        LEFT_OUT.becomes_a_complaint(),
        CORRECTED,
        ERASED.corrected(),
    ),
    "routing": stream_of(
        *(matter.resolved() for matter in (REWORKED, WAITING, GIVEN_UP, ERASED)),
        REWORKED.resolved(2, NOON + 24 * HOUR),
    ),
    "followup": stream_of(
        *REWORKED.revisit(ComeDue(now=NOON + HOUR), record(NOON + 2 * HOUR, solved=False, reason=WHY)),
        *WAITING.revisit(ComeDue(now=NOON + HOUR), attempt(NOON + HOUR), ComeDue(now=NOON + 20 * HOUR)),
        *GIVEN_UP.revisit(*(attempt(NOON + hours * HOUR) for hours in (1, 20, 24)), GiveUp(now=NOON + 300 * HOUR)),
        *ERASED.revisit(ComeDue(now=NOON + HOUR), PassLimit(now=NOON + 84 * HOUR)),
        *REWORKED.revisit(record(NOON + 26 * HOUR, solved=True), turn=2, at=NOON + 24 * HOUR),
        *LEFT_OUT.left_out(),
    ),
}


@pytest.fixture
async def engine(databases: Databases, engine_for: Engines) -> AsyncEngine:
    database = await databases.fresh("followup")
    return engine_for(database.app_url)


async def applied(engine: AsyncEngine, batches: Sequence[tuple[str, int]], schema: str = "views") -> dict[str, list[Any]]:
    """Build the tables anew from the lives, in these batches, and return every row of them."""
    async with engine.connect() as connection:
        await connection.execute(text(f"drop schema if exists {schema} cascade"))
        await connection.execute(text(f"create schema {schema}"))
        await connection.execute(text("delete from public.checkpoints"))
    projector = Projector(engine, revisits, schema=schema)
    await projector.prepare()
    for source, size in batches:
        at = await projector.checkpoint(source)
        events = LIVES[source][at.position : at.position + size]
        if events:
            await projector.apply(source, events, at)
    for source, events in LIVES.items():
        at = await projector.checkpoint(source)
        if at.position < len(events):
            await projector.apply(source, events[at.position :], at)
    async with engine.connect() as connection:
        return {
            table: list((await connection.execute(text(f"select * from {schema}.{table} order by 1, 2"))).mappings())
            for table in revisits.tables
        }


async def test_a_reworked_matter_has_two_revisits_with_the_reply_of_their_round(engine: AsyncEngine) -> None:
    await applied(engine, ())
    first, second = await revisits_of_work_order(engine, REWORKED.work_order_id, after=None, limit=9)
    assert (first["status"], first["solved"], first["rework_round"], first["closed_as"]) == ("closed", False, 2, None)
    assert first["reason_box"] == WHY.box
    assert (second["status"], second["solved"], second["closed_as"], second["round"]) == ("closed", True, "solved", 2)
    assert first["title_box"] == second["title_box"]
    assert first["reply_box"] != second["reply_box"]
    assert await revisit_detail(engine, second["revisit_id"]) == second
    assert await revisit_detail(engine, UUID(int=9)) is None


async def test_the_desk_sees_what_is_due_and_what_was_given_up(engine: AsyncEngine) -> None:
    await applied(engine, ())
    due = await revisits_listed(engine, Wanted(status=RevisitStatus.DUE), after=None, limit=9)
    assert [row["department"] for row in due] == ["roads", "parks"]
    assert [row["attempts"] for row in due] == [0, 1]
    (waiting,) = await revisits_listed(engine, Wanted(department="parks"), after=None, limit=9)
    assert (waiting["due_at"], waiting["last_outcome"]) == (NOON + 20 * HOUR, "busy")
    (given_up,) = await revisits_of_work_order(engine, GIVEN_UP.work_order_id, after=None, limit=9)
    assert (given_up["status"], given_up["closed_as"], given_up["attempts"]) == ("closed", "unreachable", 3)


async def test_a_page_goes_on_where_the_last_one_ended(engine: AsyncEngine) -> None:
    await applied(engine, ())
    whole = await revisits_listed(engine, Wanted(), after=None, limit=9)
    seen, after = [], None
    while page := await revisits_listed(engine, Wanted(), after=after, limit=2):
        seen += page
        after = (page[-1]["due_at"], page[-1]["revisit_id"])
    assert seen == whole
    assert len(whole) == 6


async def test_the_desk_sees_a_matter_as_it_is_now_and_what_the_draw_had_left_out_as_owed(engine: AsyncEngine) -> None:
    """A43, A112."""
    await applied(engine, ())
    (owed,) = await revisits_listed(engine, Wanted(department="police"), after=None, limit=9)
    assert (owed["status"], owed["closed_as"], owed["closed_at"]) == ("scheduled", None, None)
    assert owed["due_at"] == RULES.revisit_at(NOON + 30 * HOUR)
    assert owed["request_type"] == "complaint"
    assert owed["title_box"] == CORRECTED.became.box


async def test_nothing_of_an_erased_person_can_be_asked_for(engine: AsyncEngine) -> None:
    await applied(engine, ())
    (erased,) = await revisits_of_work_order(engine, ERASED.work_order_id, after=None, limit=9)
    assert erased["erased"] is True
    assert (erased["title_box"], erased["reply_box"], erased["reason_box"]) == (None, None, None)
    assert erased["limit_passed_at"] == erased["deadline_at"]


def cuts() -> st.SearchStrategy[list[tuple[str, int]]]:
    return st.lists(st.tuples(st.sampled_from(sorted(LIVES)), st.integers(1, 6)), max_size=20)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=cuts())
async def test_any_interleaving_of_the_services_gives_the_same_tables(
    engine: AsyncEngine, batches: list[tuple[str, int]]
) -> None:
    assert await applied(engine, batches) == await applied(engine, (), schema="beside")


async def test_a_batch_that_comes_again_changes_nothing(engine: AsyncEngine) -> None:
    once = await applied(engine, ())
    async with engine.connect() as connection:
        await connection.execute(text("set search_path = views, public"))
        for envelopes in LIVES.values():
            for part in _thirds(envelopes):
                await revisits.apply(connection, part)
            await revisits.apply(connection, envelopes)
        rows = (await connection.execute(text("select * from revisits order by 1, 2"))).mappings().all()
    assert list(rows) == once["revisits"]
    assert (await Projector(engine, revisits).checkpoint("followup")) == Checkpoint(len(LIVES["followup"]), 1)


def _thirds(envelopes: Sequence[Envelope]) -> Iterator[Sequence[Envelope]]:
    size = max(1, len(envelopes) // 3)
    for start in range(0, len(envelopes), size):
        yield envelopes[start : start + size]
