"""The read models of lines and duty: the same rows however the batches are cut and however often an event comes."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline_embedded.fixtures import Databases
from hotline_events.catalogue.followup import PromiseKept
from hotline_events.catalogue.intake import (
    CallBackOutcome,
    DutyPost,
    FallbackLineActivated,
    FaultNoticePublished,
    HandsetShared,
    InventoryItem,
    LineKind,
    LineLeftUnattended,
    LineRestored,
    MessagePassedOn,
    MessageReason,
    MessageTaken,
    NoticeKind,
    NoticePosted,
    OpenDays,
    OpeningSpan,
    OpenItem,
    OpenItemKind,
    PlaybookStep,
    RosterPublished,
    RouteSpan,
    RouteTarget,
)
from hotline_events.catalogue.intake.call import CallbackPromised
from hotline_events.decider import Decider
from hotline_events.envelope import Envelope
from hotline_events.projection import Projector, View
from hotline_events.sealing import Sealed
from hotline_events.store import NoKeys, Store
from hotline_events.testing import enveloped
from hotline_rules.pack import load_pack
from intake.adapters.views import desk, duty_queries, lines, missed_calls, notices
from intake.application.duty import shifts_to_open
from intake.domain import extension, line, missed_call, notice, playbook, roster, shift, unit
from intake.domain.coverage import Interval
from intake.domain.line.outages import ReportFault
from intake.domain.line.publishing import ClearForwarding, PublishLine, ScheduleRoute, SetForwarding
from intake.domain.line.state import Facts
from intake.domain.shift.absences import CheckAttendance, ReportAbsence
from intake.domain.shift.attendance import BeginBreak, CheckIn, EndBreak, NotifyChief
from intake.domain.shift.handover import (
    AcceptHandover,
    CheckInventory,
    EndShift,
    OfferHandover,
    RefuseHandover,
    Relief,
)
from intake.domain.shift.posts import ApproveSwap, AskSwap, ChangePosts, DenySwap

RULES = load_pack("default")
DAY = date(2026, 3, 2)
ID, NIGHT = (roster.shift_id_of("duty", DAY, name) for name in ("day", "night"))
FAULT, HOLDER, CALL, SWAP, NOTICE, RUN = (UUID(int=number) for number in range(1, 7))
READY = Relief(rostered=True, tier="duty_officer", checked_in=True, answering=True, read_log=True)


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"{DAY}T{clock}+08:00").astimezone(UTC)


class Story:
    """Events as the deciders made them, in the order of the commands."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self._histories: dict[str, list[Any]] = {}

    def does(self, decider: Decider[Any, Any, Any], name: object, *commands: Any) -> None:
        for command in commands:
            stream = decider.stream(str(name))
            history = self._histories.setdefault(stream, [])
            self.has(stream, *decider.decide(decider.fold(history), command))

    def history(self, stream: str) -> list[Any]:
        return self._histories[stream]

    def has(self, stream: str, *events: Any) -> None:
        for event in events:
            history = self._histories.setdefault(stream, [])
            history.append(event)
            number = len(self.envelopes) + 1
            self.envelopes.append(enveloped(event, position=number, stream=stream, version=len(history)))


def _lines(story: Story) -> None:
    facts = Facts(
        kind=LineKind.OFFICE,
        name_zh="办公",
        name_en="Office",
        round_the_clock=False,
        greeting="greeting",
        handset="d",
        unit=None,
    )
    publish = PublishLine(line="office", facts=facts, at_handset=(), by="admin", rules=RULES, now=at("07:00"))
    forward = SetForwarding(
        line="office", to_line="duty", starts_at=at("18:00"), ends_at=at("22:00"), by="admin", rules=RULES, now=at("07:00")
    )
    spans = (RouteSpan(start="08:00", end="08:00", target=RouteTarget.DUTY_ROOM),)
    schedule = ScheduleRoute(
        line="office",
        spans=spans,
        effective_at=at("08:00"),
        notice_zh="一",
        notice_en="One",
        by="admin",
        rules=RULES,
        now=at("07:00"),
    )
    clear = ClearForwarding(line="office", by="admin", now=at("07:10"))
    renamed = replace(publish, facts=replace(facts, name_en="The office"))
    fault = ReportFault(line="office", fault_id=FAULT, fault="noise", told="telecom", by="ann", now=at("09:00"))
    story.does(line.decider, "office", publish, forward, schedule, clear, forward, renamed, fault)
    story.has(
        "line-office",
        HandsetShared(line="office", handset="d", other_lines=("duty",), occurred_at=at("07:00")),
        FaultNoticePublished(
            line="office", fault_id=FAULT, notice_zh="一", notice_en="One", published_by="admin", occurred_at=at("09:10")
        ),
        FallbackLineActivated(
            line="office", fault_id=FAULT, agent_id="ann", holder_id=HOLDER, activated_by="admin", occurred_at=at("09:20")
        ),
        LineRestored(line="office", fault_id=FAULT, outage_ms=1, restored_by="admin", occurred_at=at("10:00")),
        LineLeftUnattended(line="office", call_id=CALL, waited_ms=40_000, rule_version="default/1", occurred_at=at("11:00")),
    )


def _places(story: Story) -> None:
    hours = (OpeningSpan(days=OpenDays.WORKING_DAYS, start="09:00", end="12:00"),)
    publish = unit.PublishHours(unit="tax", name_zh="税", name_en="Tax", hours=hours, by="admin", rules=RULES, now=at("07:00"))
    story.does(unit.decider, "tax", publish, replace(publish, name_en="Taxes"))
    quiet = extension.SetDoNotDisturb(extension="2001", ends_at=at("12:00"), by="ann", now=at("09:00"))
    clear = extension.ClearDoNotDisturb(extension="2001", by="ann", now=at("10:00"))
    story.does(extension.decider, "2001", quiet, clear)
    story.has(
        "extension-2001",
        MessageTaken(
            extension="2001",
            message_id=NOTICE,
            call_id=CALL,
            because=MessageReason.NOT_REACHED,
            message=Sealed(box="s1.message"),
            sealed_for=HOLDER,
            taken_by="ann",
            occurred_at=at("09:30"),
        ),
        MessagePassedOn(extension="2001", message_id=NOTICE, passed_on_by="ann", occurred_at=at("10:30")),
    )
    record = missed_call.RecordMissedCall(
        call_id=CALL, line="duty", caller_id=HOLDER, waited_ms=1, rules=RULES, now=at("09:00")
    )
    tried, reached = (
        missed_call.RecordCallBack(call_id=CALL, outcome=outcome, by="ann", now=at("09:05"))
        for outcome in (CallBackOutcome.NO_ANSWER, CallBackOutcome.REACHED)
    )
    promise = CallbackPromised(
        promise_id=RUN,
        call_id=HOLDER,
        reason="looking_up",
        due_at=at("11:00"),
        promised_by="ann",
        occurred_at=at("10:00"),
    )
    story.has(f"call-{HOLDER}", promise)
    story.has(f"promise-{RUN}", PromiseKept(promise_id=RUN, late=False, kept_by="ann", occurred_at=at("10:50")))
    late = missed_call.PassCallBackTime(call_id=CALL, now=at("09:15"))
    story.does(missed_call.decider, CALL, record, tried, late, replace(reached, now=at("09:30")))


def _duty(story: Story) -> None:
    people = tuple(
        DutyPost(staff_id=name, tier=tier)
        for name, tier in {
            "chief": "duty_chief",
            "leader": "shift_leader",
            "ann": "duty_officer",
            "bob": "duty_officer",
        }.items()
    )
    others = tuple(replace(post, staff_id=f"{post.staff_id}-2") for post in people)
    publish = roster.PublishRoster(
        line="duty",
        day=DAY,
        posts={"day": people, "night": others},
        round_the_clock=True,
        follows=None,
        by="leader",
        rules=RULES,
        now=at("07:00"),
    )
    (published,) = roster.decider.decide(roster.decider.initial, publish)
    assert isinstance(published, RosterPublished)
    story.has("roster-duty_2026-03-02", published)
    for one in shifts_to_open(published):
        story.does(shift.decider, one.aggregate_id, one.command)

    def come(name: str, clock: str, stands_in_for: str | None = None) -> CheckIn:
        return CheckIn(shift_id=ID, staff_id=name, stands_in_for=stands_in_for, rules=RULES, now=at(clock))

    def swap(number: int) -> UUID:
        return UUID(int=SWAP.int + number * 100)

    def ask(number: int) -> AskSwap:
        return AskSwap(
            shift_id=ID,
            swap_id=swap(number),
            from_staff="bob",
            to_staff="cy",
            reason="family",
            by="bob",
            now=at("07:30"),
        )

    replaced = ChangePosts(
        shift_id=ID,
        removed="cy",
        added="bob",
        tier=None,
        reason="back",
        effective_at=at("13:00"),
        by="leader",
        rules=RULES,
        now=at("12:00"),
    )
    items = tuple(InventoryItem(item=item, in_order=True) for item in RULES.duty.inventory)
    offer = OfferHandover(
        shift_id=ID,
        from_staff="ann",
        to_staff="ann-2",
        relief_shift_id=NIGHT,
        relief=replace(READY, plan=shift.decider.fold(story.history(shift.decider.stream(str(NIGHT)))).plan),
        items=(OpenItem(kind=OpenItemKind.CALL, item_id=CALL),),
        note=Sealed(box="s1.note"),
        now=at("17:10"),
    )
    later = (OpenItem(kind=OpenItemKind.PROMISE, item_id=RUN),)
    story.does(
        shift.decider,
        ID,
        NotifyChief(now=at("08:00")),
        ask(0),
        DenySwap(shift_id=ID, swap_id=swap(0), reason="no", by="leader", now=at("07:40")),
        ask(1),
        ApproveSwap(shift_id=ID, swap_id=swap(1), by="leader", rules=RULES, now=at("08:00")),
        come("ann", "08:25"),
        come("eve", "08:15", "cy"),
        CheckAttendance(now=at("08:40")),
        replace(come("cy", "08:30"), vouched_by="leader"),
        BeginBreak(shift_id=ID, staff_id="ann", reason="meal", now=at("12:00")),
        EndBreak(shift_id=ID, staff_id="ann", now=at("12:20")),
        ReportAbsence(shift_id=ID, staff_id="cy", by="leader", now=at("12:30")),
        come("cy", "12:40"),
        replaced,
        ReportAbsence(shift_id=ID, staff_id="cy", by="leader", now=at("14:00")),
        BeginBreak(shift_id=ID, staff_id="eve", reason="meal", now=at("15:00")),
        CheckInventory(shift_id=ID, staff_id="ann", items=items, rules=RULES, now=at("17:05")),
        offer,
        RefuseHandover(shift_id=ID, from_staff="ann", by="ann-2", reason=Sealed(box="s1.reason"), now=at("17:12")),
        replace(offer, now=at("17:15")),
        AcceptHandover(shift_id=ID, from_staff="ann", by="ann-2", relief=READY, items=later, now=at("17:20")),
        EndShift(shift_id=ID, staff_id="ann", relief=READY, now=at("17:31")),
    )


def _reading(story: Story) -> None:
    posted = NoticePosted(
        notice_id=NOTICE,
        kind=NoticeKind.ADVISORY,
        lines=("duty",),
        text=Sealed(box="s1.text"),
        starts_at=at("07:00"),
        ends_at=at("20:00"),
        posted_by="leader",
        occurred_at=at("07:00"),
    )
    everywhere = replace(posted, notice_id=HOLDER, lines=())
    story.has(f"notice-{NOTICE}", posted)
    story.has(f"notice-{HOLDER}", everywhere)
    read = notice.AcknowledgeNotice(notice_id=NOTICE, staff_id="ann", now=at("08:00"))
    story.does(notice.decider, NOTICE, read, replace(read, staff_id="bob"))
    story.does(notice.decider, HOLDER, notice.WithdrawNotice(notice_id=HOLDER, by="leader", now=at("12:00")))
    step = PlaybookStep(step="assess", text_zh="做", text_en="Do")
    book = playbook.PublishPlaybook(playbook="gas", title_zh="气", title_en="Gas", steps=(step,), by="admin", now=at("07:00"))
    story.does(playbook.playbook_decider, "gas", book, replace(book, title_en="Gas leak"))
    known = playbook.Playbook(version=2, title=("气", "Gas leak"), steps=(step,))
    start = playbook.OpenPlaybook(run_id=RUN, playbook="gas", published=known, call_id=CALL, by="ann", now=at("09:00"))
    do = playbook.DoStep(run_id=RUN, step="assess", skipped=False, by="ann", now=at("09:01"))
    story.does(playbook.run_decider, RUN, start, do, playbook.ClosePlaybook(run_id=RUN, by="ann", now=at("09:02")))


def story() -> list[Envelope]:
    told = Story()
    for part in (_lines, _places, _duty, _reading):
        part(told)
    return told.envelopes


@pytest.fixture
async def engine(databases: Databases, engine_for: Callable[[str], AsyncEngine]) -> AsyncEngine:
    return engine_for((await databases.fresh("intake")).app_url)


async def tables(engine: AsyncEngine, view: View) -> dict[str, list[str]]:
    async with engine.connect() as connection:
        return {
            table: sorted(str(tuple(row)) for row in await connection.execute(text(f"select * from {table}")))
            for table in view.tables
        }


async def follow(engine: AsyncEngine, events: Sequence[Envelope], size: int) -> dict[str, list[str]]:
    """Apply events in batches of a size to every view, and return all of their tables."""
    rows: dict[str, list[str]] = {}
    for view in desk.VIEWS:
        projector = Projector(engine, view)
        await projector.prepare()
        checkpoint = await projector.checkpoint("intake")
        for start in range(0, len(events), size):
            checkpoint = await projector.apply("intake", events[start : start + size], checkpoint)
        rows |= await tables(engine, view)
    return rows


async def test_any_cut_of_the_batches_gives_the_same_tables(
    databases: Databases, engine: AsyncEngine, engine_for: Callable[[str], AsyncEngine]
) -> None:
    events = story()
    whole = await follow(engine, events, len(events))
    assert [table for table, rows in whole.items() if not rows] == []
    for size in (1, 2, 3, 7):
        other = engine_for((await databases.fresh("intake")).app_url)
        assert await follow(other, events, size) == whole


async def test_every_event_twice_gives_the_same_tables(engine: AsyncEngine) -> None:
    events = story()
    once = await follow(engine, events, 5)
    for view in desk.VIEWS:
        async with Projector(engine, view).transaction() as connection:
            for start in range(0, len(events), 5):
                await view.apply(connection, events[start : start + 5])
                await view.apply(connection, events[start : start + 5])
        for table, rows in (await tables(engine, view)).items():
            assert rows == once[table], table


async def test_who_was_on_duty_is_known_of_every_moment(engine: AsyncEngine) -> None:
    """A128, A136, A138: a swap, a stand-in, a break and an absence, each from when it happened."""
    await follow(engine, story(), 4)
    store = Store(engine, NoKeys())

    async def there(clock: str) -> set[str]:
        return {
            one.staff_id for one in await duty_queries.on_duty(store, "duty", at(clock)) if one.present and not one.on_break
        }

    async def due(clock: str) -> set[str]:
        people = await duty_queries.on_duty(store, "duty", at(clock))
        return {one.staff_id for one in people if one.rostered and one.tier == "duty_officer"}

    assert await there("08:20") == {"eve"}
    assert await there("12:10") == {"eve", "cy"}
    assert await there("12:35") == {"eve", "ann"}
    assert await there("17:30:30") == {"ann"}
    assert await there("17:31") == set()
    assert await due("09:00") == {"ann", "cy"}
    assert await due("13:00") == {"ann", "bob"}
    assert await due("17:30") == {"ann-2", "bob-2"}


async def test_coverage_comes_from_who_was_rostered_and_signed_in(engine: AsyncEngine) -> None:
    """A06: the stand-in is there and does not count; a break counts as nobody, unless somebody else is there."""
    await follow(engine, story(), 4)
    store = Store(engine, NoKeys())
    window = Interval(at("08:00"), at("18:00"))
    actual = await duty_queries.actual_gaps(store, "duty", window, at("18:00") + timedelta(hours=1))
    assert actual == [Interval(at("08:00"), at("08:25")), Interval(at("17:31"), at("18:00"))]
    assert await duty_queries.actual_gaps(store, "duty", window, at("08:10")) == [Interval(at("08:00"), at("08:10"))]
    planned = await duty_queries.planned_gaps(store, "duty", Interval(at("08:00"), at("23:00")))
    assert planned == [Interval(at("08:00"), at("08:30"))]


async def test_lists_show_what_is_left_to_do(engine: AsyncEngine) -> None:
    """A05, A20, A142."""
    await follow(engine, story(), 4)
    store = Store(engine, NoKeys())
    assert await missed_calls.missed_calls(store, line=None, still_open=True, after=None, limit=9) == []
    (called,) = await missed_calls.missed_calls(store, line="duty", still_open=False, after=None, limit=9)
    assert (called.attempts, called.overdue_at, called.outcome) == (2, at("09:15"), "reached")
    outage = await lines.outage_at(store, "office", at("09:30"))
    assert outage is not None
    assert (outage.notice_en, outage.agent_id) == ("One", "ann")
    assert await lines.outage_at(store, "office", at("10:00")) is None
    assert await notices.unread(store, "ann", "duty", at("09:00")) == 1
    assert await notices.unread(store, "cy", "duty", at("12:30")) == 1
    assert await notices.unread(store, "cy", "other", at("09:00")) == 1
