"""The rules of a relay: what was taken for somebody reaches them, and is answered or told of as late."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from hotline_events.catalogue.intake import (
    AddresseeKind,
    Channel,
    RelayAcknowledged,
    RelayAnswered,
    RelayDelayed,
    RelayKind,
    RelayReceiptChecked,
    RelayRelayed,
    RelayStep,
    RelayTaken,
)
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON, given
from hotline_rules.pack import load_pack
from intake.domain import relay
from intake.domain.relay import Whose, commands

RELAY, SENDER = UUID(int=5), UUID(int=3)
RULES = load_pack("default")
DESK = Whose(actor_id="agent-7", role="call_taker", desk=True)
ROADS = Whose(actor_id="roads-1", role="department_handler", department="roads")
PARKS = Whose(actor_id="parks-1", role="department_handler", department="parks")
NEXT_DAY = datetime(2026, 3, 3, 16, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


TAKE = relay.TakeRelay(
    relay_id=RELAY,
    sender_id=SENDER,
    kind=RelayKind.ABSENT_MESSAGE,
    channel=Channel.WALK_IN,
    content=Sealed("请李主任回电"),
    addressee_kind=AddresseeKind.DEPARTMENT,
    addressee="roads",
    department=None,
    because="absent",
    call_id=None,
    request_id=None,
    meets_at=None,
    place=None,
    attendees=None,
    document_reference=None,
    pages=None,
    answer_wanted=False,
    rules=RULES,
    taken_by="agent-7",
    now=at(0),
)
TAKEN = RelayTaken(
    relay_id=RELAY,
    sender_id=SENDER,
    kind=RelayKind.ABSENT_MESSAGE,
    channel=Channel.WALK_IN,
    content=Sealed("请李主任回电"),
    addressee_kind=AddresseeKind.DEPARTMENT,
    addressee="roads",
    department="roads",
    because="absent",
    acknowledge_by=at(120),
    answer_by=NEXT_DAY,
    rule_version="default/1",
    taken_by="agent-7",
    occurred_at=at(0),
)
RELAYED = RelayRelayed(
    relay_id=RELAY,
    department="roads",
    relayed_to="roads-1",
    means="telephone",
    relayed_by="agent-7",
    occurred_at=at(5),
)
ACKNOWLEDGED = RelayAcknowledged(
    relay_id=RELAY, department="roads", acknowledged_by="roads-1", recorded_by="roads-1", occurred_at=at(10)
)
ANSWERED = RelayAnswered(
    relay_id=RELAY,
    sender_id=SENDER,
    department="roads",
    answer=Sealed("明早回电"),
    answered_by="roads-1",
    recorded_by="roads-1",
    occurred_at=at(20),
)
LATE = RelayDelayed(relay_id=RELAY, department="roads", step=RelayStep.ACKNOWLEDGE, due_at=at(120), occurred_at=at(120))
pass_on = relay.PassOn(relay_id=RELAY, relayed_to="roads-1", means="telephone", relayed_by="agent-7", now=at(5))
acknowledge = relay.AcknowledgeRelay(relay_id=RELAY, acknowledged_by=None, whose=ROADS, now=at(10))
answer = relay.AnswerRelay(relay_id=RELAY, answer=Sealed("明早回电"), answered_by=None, whose=ROADS, now=at(20))
arrived = relay.CheckReceipt(relay_id=RELAY, asked="addressee", arrived=True, rules=RULES, checked_by="agent-7", now=at(60))


def test_a_message_for_who_is_away_is_taken_passed_on_and_answered() -> None:
    """A39: taken, relayed, acknowledged, answered, with who said so each time."""
    given(relay.decider).when(TAKE).then(TAKEN)
    given(relay.decider, TAKEN).when(pass_on).then(RELAYED)
    given(relay.decider, TAKEN, RELAYED).when(acknowledge).then(ACKNOWLEDGED)
    given(relay.decider, TAKEN, RELAYED, ACKNOWLEDGED).when(answer).then(ANSWERED)
    given(relay.decider, TAKEN, RELAYED).when(answer).then(ANSWERED)


def test_each_step_is_done_once() -> None:
    given(relay.decider, TAKEN).when(TAKE).then_rejected(commands.RelayAlreadyTakenError)
    given(relay.decider, TAKEN, RELAYED).when(pass_on).then_nothing()
    given(relay.decider, TAKEN, RELAYED, ACKNOWLEDGED).when(acknowledge).then_nothing()
    given(relay.decider, TAKEN, RELAYED, ANSWERED).when(answer).then_rejected(commands.RelayAnsweredError)
    given(relay.decider, TAKEN, RELAYED, ANSWERED).when(acknowledge).then_nothing()
    given(relay.decider, TAKEN, RELAYED, ANSWERED).when(replace(pass_on, relayed_to="x")).then_rejected(
        commands.RelayAnsweredError
    )


@pytest.mark.parametrize("command", [acknowledge, answer, arrived])
def test_nobody_has_what_was_not_passed_on(command: Any) -> None:
    """A36: the refusal names the step that is missing."""
    outcome = given(relay.decider, TAKEN).when(command)
    outcome.then_rejected(commands.RelayNotPassedOnError)
    assert outcome.refusal is not None
    assert outcome.refusal.missing == "relayed"


@pytest.mark.parametrize("command", [pass_on, acknowledge, answer, arrived])
def test_nothing_becomes_of_what_nobody_took(command: Any) -> None:
    given(relay.decider).when(command).then_rejected(commands.RelayNotTakenError)


def test_time_does_not_run_backwards() -> None:
    early = replace(pass_on, now=at(-1))
    given(relay.decider, TAKEN).when(early).then_rejected(commands.RelayTimeRunsBackwardsError)


def test_what_is_meant_for_one_department_is_not_there_for_another() -> None:
    """A144: answered exactly like what nobody took."""
    for command in (replace(acknowledge, whose=PARKS), replace(answer, whose=PARKS)):
        given(relay.decider, TAKEN, RELAYED).when(command).then_rejected(commands.RelayNotTakenError)


def test_the_desk_names_who_said_that_they_have_it() -> None:
    """A36, A38: nobody at the desk acknowledges for somebody else."""
    for named in (None, "agent-7"):
        unnamed = replace(acknowledge, whose=DESK, acknowledged_by=named)
        given(relay.decider, TAKEN, RELAYED).when(unnamed).then_rejected(commands.RelayNotMeantForThemError)
    told = replace(acknowledge, whose=DESK, acknowledged_by="roads-1")
    given(relay.decider, TAKEN, RELAYED).when(told).then(replace(ACKNOWLEDGED, recorded_by="agent-7"))


@pytest.mark.parametrize(
    ("kind", "addressee", "reader"),
    [
        (AddresseeKind.STAFF, "agent-9", Whose(actor_id="agent-9", role="call_taker", desk=True)),
        (AddresseeKind.POST, "inspector", Whose(actor_id="ins-1", role="inspector")),
        (AddresseeKind.DEPARTMENT, "roads", ROADS),
    ],
)
def test_whoever_it_is_meant_for_says_so_themselves(kind: AddresseeKind, addressee: str, reader: Whose) -> None:
    (taken,) = given(relay.decider).when(replace(TAKE, addressee_kind=kind, addressee=addressee)).events
    (event,) = given(relay.decider, taken, RELAYED).when(replace(acknowledge, whose=reader)).events
    assert event.acknowledged_by == reader.actor_id


def test_a_fax_is_registered_with_its_number_and_pages() -> None:
    """A36: the document channel."""
    fax = replace(TAKE, kind=RelayKind.DOCUMENT, channel=Channel.FAX)
    outcome = given(relay.decider).when(fax)
    outcome.then_rejected(commands.RelayIncompleteError)
    assert outcome.refusal is not None
    assert outcome.refusal.missing == "document_reference, pages"
    (taken,) = given(relay.decider).when(replace(fax, document_reference="FAX-17", pages=3)).events
    assert (taken.document_reference, taken.pages, taken.answer_by) == ("FAX-17", 3, None)


def test_a_meeting_notice_goes_to_the_office_head_before_the_meeting() -> None:
    """A38: time, place, content, attendees; without an addressee it is for the post of the rules."""
    notice = replace(TAKE, kind=RelayKind.MEETING_NOTICE, addressee_kind=None, addressee=None)
    outcome = given(relay.decider).when(notice)
    assert outcome.refusal is not None
    assert outcome.refusal.missing == "meets_at, place, attendees"
    full = replace(notice, meets_at=at(60), place=Sealed("三楼"), attendees=Sealed("各科长"))
    (taken,) = given(relay.decider).when(full).events
    assert (taken.addressee_kind, taken.addressee, taken.acknowledge_by) == (AddresseeKind.POST, "office_head", at(60))
    (later,) = given(relay.decider).when(replace(full, meets_at=at(10_000))).events
    assert later.acknowledge_by == at(120)


def test_a_message_for_nobody_is_not_taken() -> None:
    nobody = replace(TAKE, addressee_kind=None, addressee=None)
    given(relay.decider).when(nobody).then_rejected(commands.AddresseeMissingError)


def test_a_work_report_waits_for_guidance() -> None:
    """A155: recorded, and answered with the guidance that was given."""
    report = replace(TAKE, kind=RelayKind.WORK_REPORT, addressee_kind=AddresseeKind.POST, addressee="shift_leader")
    (taken,) = given(relay.decider).when(report).events
    assert taken.answer_by == NEXT_DAY
    leader = Whose(actor_id="leader-1", role="shift_leader", desk=True)
    guided = replace(answer, whose=leader, answer=Sealed("先通知抢修队"))
    (event,) = given(relay.decider, taken, RELAYED).when(guided).events
    assert (event.answer, event.answered_by) == (Sealed("先通知抢修队"), "leader-1")


def test_a_message_that_found_the_line_busy_is_answered_only_if_the_caller_wants_it() -> None:
    """A40: who met a busy line left a message instead of waiting."""
    left = replace(TAKE, kind=RelayKind.MESSAGE, because="busy")
    (taken,) = given(relay.decider).when(left).events
    assert (taken.because, taken.answer_by) == ("busy", None)
    (wanted,) = given(relay.decider).when(replace(left, answer_wanted=True)).events
    assert wanted.answer_by == NEXT_DAY


def test_what_was_not_acknowledged_or_answered_in_time_is_told_of() -> None:
    """A36, A39: compared by times, so that what is processed late is judged the same."""
    first, second = relay.decider.timers(TAKEN)
    assert (first.due_at, second.due_at) == (at(120), NEXT_DAY)
    note = relay.on_timer(first).command
    given(relay.decider, TAKEN, RELAYED).when(note).then(LATE)
    given(relay.decider, TAKEN, RELAYED, LATE).when(note).then_nothing()
    given(relay.decider, TAKEN, RELAYED, ACKNOWLEDGED).when(note).then_nothing()
    given(relay.decider, TAKEN, RELAYED, replace(ACKNOWLEDGED, occurred_at=at(121))).when(note).then(LATE)
    unanswered = relay.on_timer(second).command
    late = replace(LATE, step=RelayStep.ANSWER, due_at=NEXT_DAY, occurred_at=NEXT_DAY)
    given(relay.decider, TAKEN, RELAYED, ACKNOWLEDGED).when(unanswered).then(late)
    given(relay.decider, TAKEN, RELAYED, ANSWERED).when(unanswered).then_nothing()


def test_a_message_that_did_not_arrive_is_passed_on_again_by_a_new_time() -> None:
    """A41: both sides are asked whether the message came."""
    missed = replace(arrived, arrived=False)
    event = RelayReceiptChecked(
        relay_id=RELAY,
        department="roads",
        asked="addressee",
        arrived=False,
        acknowledge_by=at(180),
        checked_by="agent-7",
        occurred_at=at(60),
    )
    history = (TAKEN, RELAYED, ACKNOWLEDGED)
    given(relay.decider, *history).when(missed).then(event)
    given(relay.decider, *history, event).when(acknowledge).then_rejected(commands.RelayNotPassedOnError)
    given(relay.decider, *history, event).when(pass_on).then(RELAYED)
    (timer,) = relay.decider.timers(event)
    assert timer.due_at == at(180)
    old, _ = relay.decider.timers(TAKEN)
    given(relay.decider, *history, event).when(relay.on_timer(old).command).then_nothing()
    given(relay.decider, *history, event).when(relay.on_timer(timer).command).then(
        replace(LATE, due_at=at(180), occurred_at=at(180))
    )
    confirmed = replace(event, arrived=True, acknowledge_by=None)
    given(relay.decider, *history).when(arrived).then(confirmed)
    given(relay.decider, *history, confirmed).when(arrived).then_nothing()
    given(relay.decider, *history, ANSWERED).when(missed).then_rejected(commands.RelayAnsweredError)
