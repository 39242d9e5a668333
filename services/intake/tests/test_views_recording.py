"""The read models of records, relays and articles: the same rows for any cut of the batches and any repetition."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline_embedded.fixtures import Databases
from hotline_events.catalogue.intake import (
    AddresseeKind,
    ArticleDrafted,
    ArticlePublished,
    ArticleRetired,
    ArticleReviewed,
    CallEnded,
    Channel,
    CorrectionReason,
    EndedBy,
    PersonErased,
    PersonRegistered,
    RelayAcknowledged,
    RelayAnswered,
    RelayDelayed,
    RelayKind,
    RelayReceiptChecked,
    RelayRelayed,
    RelayStep,
    RelayTaken,
    RequestAnsweredDirectly,
    RequestCoOwnerAdded,
    RequestCorrected,
    RequestDeferralExplained,
    RequestDepartmentContacted,
    RequestNotAccepted,
    RequestProcessExplained,
    RequestRecordCompleted,
    RequestRegistered,
    RequestSearched,
    RequestType,
    RequestTypeChanged,
)
from hotline_events.envelope import Envelope
from hotline_events.projection import Projector, View
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON, enveloped
from intake.adapters.views import knowledge, record_lists, records, relays, requests
from intake.domain.relay import Whose

CALL, REQUEST, OTHER, PERSON, ERASED, RELAY, LOST = (UUID(int=number) for number in range(1, 8))
VIEWS = (requests.VIEW, records.VIEW, relays.VIEW, knowledge.VIEW)
DESK = Whose(actor_id="agent-7", role="call_taker", desk=True)


def at(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


def box(name: str) -> Sealed:
    return Sealed(box=f"s1.{name}")


def registered(request_id: UUID, person: UUID) -> RequestRegistered:
    return RequestRegistered(
        request_id=request_id,
        requester_id=person,
        channel=Channel.PHONE,
        request_type=RequestType.COMPLAINT,
        title=box("title"),
        matter=box("matter"),
        accused=box("accused"),
        call_id=CALL,
        complete_by=at(1800),
        rule_version="default/1",
        first_contact="agent-7",
        occurred_at=at(10),
    )


def corrected(request_id: UUID, person: UUID, **values: Any) -> RequestCorrected:
    return RequestCorrected(
        request_id=request_id,
        requester_id=person,
        reason=CorrectionReason.MISHEARD,
        signed_by="agent-7",
        occurred_at=at(40),
        **values,
    )


def taken(relay_id: UUID, person: UUID) -> RelayTaken:
    return RelayTaken(
        relay_id=relay_id,
        sender_id=person,
        kind=RelayKind.MESSAGE,
        channel=Channel.PHONE,
        content=box("content"),
        addressee_kind=AddresseeKind.DEPARTMENT,
        addressee="roads",
        department="roads",
        acknowledge_by=at(7200),
        answer_by=at(90_000),
        rule_version="default/1",
        taken_by="agent-7",
        occurred_at=at(15),
    )


OF = {"request_id": REQUEST, "requester_id": PERSON}
ROADS = {"relay_id": RELAY, "department": "roads"}
TEXTS: dict[str, Any] = {"title": "停水", "body": "停水公告。", "keywords": ("水",)}
STORY: Sequence[tuple[str, Any]] = [
    ("person-4", PersonRegistered(person_id=PERSON, anonymous=False, fields=("name", "phone"), occurred_at=at(0))),
    ("person-5", PersonRegistered(person_id=ERASED, anonymous=False, fields=("name",), occurred_at=at(0))),
    ("request-2", registered(REQUEST, PERSON)),
    ("request-3", registered(OTHER, ERASED)),
    ("relay-6", taken(RELAY, PERSON)),
    ("relay-7", taken(LOST, ERASED)),
    ("call-1", CallEnded(call_id=CALL, ended_by=EndedBy.CALLER, talk_ms=9000, hold_ms=0, occurred_at=at(20))),
    ("request-2", RequestSearched(**OF, source="kb", found=False, sought=box("sought"), searched_by="a", occurred_at=at(30))),
    ("relay-6", RelayRelayed(**ROADS, relayed_to="r-1", means="telephone", relayed_by="agent-7", occurred_at=at(31))),
    ("request-2", corrected(REQUEST, PERSON, field="place", became=box("place"))),
    ("request-3", corrected(OTHER, ERASED, field="title", was=box("title"), became=box("title2"))),
    ("request-2", corrected(REQUEST, PERSON, field="category", was_value="a", became_value="b")),
    ("request-2", corrected(REQUEST, PERSON, field="happened_at", became_value=at(-60).isoformat())),
    (
        "request-2",
        RequestDepartmentContacted(
            **OF, spoken_to_department="urban", contact=box("contact"), contacted_by="a", occurred_at=at(50)
        ),
    ),
    ("relay-6", RelayAcknowledged(**ROADS, acknowledged_by="r-1", recorded_by="r-1", occurred_at=at(51))),
    (
        "request-2",
        RequestDeferralExplained(
            **OF, reason="closed", explanation=box("why"), understood=True, explained_by="a", occurred_at=at(55)
        ),
    ),
    (
        "request-2",
        RequestProcessExplained(
            request_id=REQUEST, deadline=at(9999), rule_version="default/1", explained_by="a", occurred_at=at(56)
        ),
    ),
    (
        "request-2",
        RequestRecordCompleted(
            request_id=REQUEST, elements=("place",), rule_version="default/1", completed_by="a", occurred_at=at(57)
        ),
    ),
    (
        "relay-6",
        RelayReceiptChecked(
            **ROADS, asked="addressee", arrived=False, acknowledge_by=at(7300), checked_by="a", occurred_at=at(58)
        ),
    ),
    ("person-5", PersonErased(person_id=ERASED, reason="court_order", occurred_at=at(60))),
    (
        "request-2",
        RequestTypeChanged(
            **OF,
            from_type=RequestType.COMPLAINT,
            to_type=RequestType.HELP,
            reason=CorrectionReason.WRONG_KIND,
            changed_by="leader-1",
            occurred_at=at(61),
        ),
    ),
    (
        "request-2",
        RequestCoOwnerAdded(request_id=REQUEST, co_owner="agent-9", reason="shift", added_by="a", occurred_at=at(62)),
    ),
    (
        "request-3",
        RequestNotAccepted(
            request_id=OTHER,
            ground="in_review",
            basis="x",
            basis_told=True,
            rule_version="default/1",
            decided_by="a",
            occurred_at=at(63),
        ),
    ),
    ("relay-6", RelayRelayed(**ROADS, relayed_to="r-2", means="telephone", relayed_by="agent-7", occurred_at=at(64))),
    (
        "relay-6",
        RelayAnswered(
            **ROADS, sender_id=PERSON, answer=box("answer"), answered_by="r-2", recorded_by="r-2", occurred_at=at(65)
        ),
    ),
    (
        "relay-7",
        RelayDelayed(relay_id=LOST, department="roads", step=RelayStep.ACKNOWLEDGE, due_at=at(7200), occurred_at=at(7200)),
    ),
    (
        "request-2",
        RequestAnsweredDirectly(
            **OF, reply=box("reply"), answered_by="a", article_code="w", article_version=1, occurred_at=at(1900)
        ),
    ),
    ("knowledge_article-w", ArticleDrafted(code="w", draft=1, **TEXTS, drafted_by="a", occurred_at=at(1))),
    ("knowledge_article-w", ArticleReviewed(code="w", draft=1, approved=True, reviewed_by="b", occurred_at=at(2))),
    ("knowledge_article-w", ArticlePublished(code="w", version=1, draft=1, **TEXTS, published_by="b", occurred_at=at(3))),
    ("knowledge_article-w", ArticleDrafted(code="w", draft=2, **TEXTS, drafted_by="a", occurred_at=at(4))),
    ("knowledge_article-v", ArticleDrafted(code="v", draft=1, **TEXTS, drafted_by="a", occurred_at=at(5))),
    ("knowledge_article-w", ArticleReviewed(code="w", draft=2, approved=True, reviewed_by="b", occurred_at=at(6))),
    ("knowledge_article-w", ArticlePublished(code="w", version=2, draft=2, **TEXTS, published_by="b", occurred_at=at(7))),
    ("knowledge_article-w", ArticleRetired(code="w", version=2, reason="old", retired_by="b", occurred_at=at(8))),
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
            table: sorted((tuple(row) for row in await connection.execute(text(f"select * from {table}"))), key=str)
            for table in view.tables
        }


async def follow(engine: AsyncEngine, view: View, size: int) -> None:
    projector = Projector(engine, view)
    await projector.prepare()
    checkpoint = await projector.checkpoint("intake")
    events = story()
    for start in range(0, len(events), size):
        checkpoint = await projector.apply("intake", events[start : start + size], checkpoint)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
async def test_any_cut_of_the_batches_and_every_event_twice_give_the_same_tables(
    databases: Databases, engine: AsyncEngine, engine_for: Callable[[str], AsyncEngine], view: View
) -> None:
    await follow(engine, view, len(STORY))
    whole = await tables(engine, view)
    for size in (1, 2, 7):
        other = engine_for((await databases.fresh("intake")).app_url)
        await follow(other, view, size)
        assert await tables(other, view) == whole
        projector = Projector(other, view)
        async with projector.transaction() as connection:
            await view.apply(connection, story())
        assert await tables(other, view) == whole


async def test_a_record_shows_what_holds_now_and_its_acts_what_was(engine: AsyncEngine) -> None:
    """A30, A43, A146: an erased person's words are gone from both."""
    for view in (requests.VIEW, records.VIEW):
        await follow(engine, view, 3)
    row = await requests.request(engine, REQUEST)
    assert row is not None
    assert (row.place, row.category, row.happened_at, row.request_type) == ("s1.place", "b", at(-60), "help")
    assert (row.complete, row.complete_by, row.article_version) == (False, at(1800), 1)
    acts = await records.acts(engine, REQUEST, 0, 50)
    assert [act.kind for act in acts] == [
        "searched",
        "corrected",
        "corrected",
        "corrected",
        "department_contacted",
        "deferral_explained",
        "process_explained",
        "type_changed",
        "co_owner_added",
    ]
    (gone, _) = await records.acts(engine, OTHER, 0, 50)
    assert (gone.kind, gone.was, gone.became, gone.code) == ("corrected", None, None, "title:misheard")
    erased = await requests.request(engine, OTHER)
    assert erased is not None
    assert (erased.title, erased.accused, erased.ground) == (None, None, "in_review")
    beside = await records.standing(engine, request_id=REQUEST, requester_id=PERSON, call_id=CALL)
    assert beside == records.Standing(
        facts=frozenset({"name", "phone"}), contacted=True, searches=1, co_owners=("agent-9",), ended_at=at(20)
    )
    assert [one.request_id for one in await record_lists.incomplete(engine, "agent-9", None, 9)] == [REQUEST]
    assert await record_lists.incomplete(engine, None, None, 9, late_at=at(1799)) == []
    assert len(await record_lists.incomplete(engine, None, None, 9, late_at=at(1800))) == 2


async def test_relays_that_nobody_has_stay_on_the_list_for_whom_they_are(engine: AsyncEngine) -> None:
    """A36, A39, A41, A144."""
    await follow(engine, relays.VIEW, 4)
    (lost,) = await relays.open_relays(engine, DESK, late_at=None, after=None, limit=9)
    assert (lost.relay_id, lost.delayed, lost.content) == (LOST, ("acknowledge",), None)
    done = await relays.relay(engine, RELAY, DESK)
    assert done is not None
    assert (done.relayed_to, done.acknowledged_by, done.answer) == ("r-2", "r-2", "s1.answer")
    parks = Whose(actor_id="p-1", role="department_handler", department="parks")
    assert await relays.relay(engine, RELAY, parks) is None
    assert await relays.relays(engine, parks, kind=None, after=None, limit=9) == []
    roads = Whose(actor_id="r-1", role="department_handler", department="roads")
    assert len(await relays.relays(engine, roads, kind="message", after=None, limit=9)) == 2
    assert len(await relays.open_relays(engine, roads, late_at=at(7199), after=None, limit=9)) == 0
    assert len(await relays.open_relays(engine, roads, late_at=at(7200), after=None, limit=9)) == 1


async def test_every_version_of_an_article_stays_readable(engine: AsyncEngine) -> None:
    """A42."""
    await follow(engine, knowledge.VIEW, 2)
    old, now = [await knowledge.article(engine, "w", version) for version in (1, None)]
    assert old is not None
    assert now is not None
    assert (old.version, now.version, now.retired_at) == (1, 2, at(8))
    assert [draft.code for draft in await knowledge.drafts(engine, None, 9)] == ["v"]
    assert await knowledge.search(engine, "停水", None, 9) == []
