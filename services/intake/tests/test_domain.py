"""The rules of intake: each command does it, is already so, or is refused by name."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

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
    PersonFactsAdded,
    PersonIdentityRead,
    PersonRegistered,
    RequestAnsweredDirectly,
    RequestRegistered,
    RequestType,
)
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON, given
from hotline_rules.pack import load_pack
from intake.domain import call, person, refusals, request
from intake.domain.person import Fact, Purpose

CALL, REQUEST, PERSON = UUID(int=1), UUID(int=2), UUID(int=3)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


RECEIVED = CallReceived(call_id=CALL, line="12345", occurred_at=at(0))
ANSWERED = CallAnswered(call_id=CALL, agent_id="agent-7", wait_ms=4000, ring_count=1, occurred_at=at(4))
ABANDONED = CallAbandoned(call_id=CALL, stage=AbandonStage.QUEUE, wait_ms=30_000, occurred_at=at(30))
HELD = CallHeld(call_id=CALL, reason="looking_up", estimated_ms=20_000, occurred_at=at(60))
RESUMED = CallResumed(call_id=CALL, held_ms=15_000, occurred_at=at(75))
ENDED = CallEnded(call_id=CALL, ended_by=EndedBy.CALLER, talk_ms=101_000, hold_ms=15_000, occurred_at=at(120))
WRAPPED_UP = CallWrappedUp(call_id=CALL, outcome="answered", wrap_up_ms=20_000, occurred_at=at(140))
TALKING = (RECEIVED, ANSWERED)
OVER = (*TALKING, ENDED)

receive = call.ReceiveCall(call_id=CALL, line="12345", caller_id=None, emergency=False, now=at(0))
abandon = call.AbandonCall(call_id=CALL, stage=AbandonStage.QUEUE, wait_ms=None, now=at(30))
hold = call.HoldCall(call_id=CALL, reason="looking_up", estimated_ms=20_000, now=at(60))
resume = call.ResumeCall(call_id=CALL, held_ms=None, now=at(75))
end = call.EndCall(call_id=CALL, ended_by=EndedBy.CALLER, talk_ms=None, hold_ms=None, now=at(120))
wrap_up = call.WrapUpCall(call_id=CALL, outcome="answered", wrap_up_ms=None, rules=load_pack("default").calls, now=at(140))


AT_ANSWER, AT_REPLY = at(4), at(100)


def answer(agent_id: str = "agent-7", *, now: datetime = AT_ANSWER, wait_ms: int | None = None) -> call.AnswerCall:
    return call.AnswerCall(call_id=CALL, agent_id=agent_id, wait_ms=wait_ms, ring_count=1, now=now)


def test_a_call_reaches_the_line() -> None:
    given(call.decider).when(receive).then(RECEIVED)


@pytest.mark.parametrize("history", [(RECEIVED,), TALKING, (RECEIVED, ABANDONED), OVER])
def test_a_call_is_received_once(history: tuple[object, ...]) -> None:
    given(call.decider, *history).when(receive).then_nothing()


def test_the_wait_of_an_answered_call_follows_from_its_times() -> None:
    """A01: what was waited is stored beside the rings."""
    given(call.decider, RECEIVED).when(answer()).then(ANSWERED)


def test_a_wait_that_the_exchange_measured_is_believed() -> None:
    assert given(call.decider, RECEIVED).when(answer(wait_ms=3600)).events[0].wait_ms == 3600


def test_an_answer_repeated_by_the_same_call_taker_is_nothing_new() -> None:
    given(call.decider, *TALKING).when(answer()).then_nothing()


def test_a_call_that_was_never_received_cannot_be_answered() -> None:
    given(call.decider).when(answer()).then_rejected(refusals.CallNotReceivedError)


def test_a_call_that_someone_has_cannot_be_answered_by_another() -> None:
    given(call.decider, *TALKING).when(answer("agent-8")).then_rejected(refusals.CallAlreadyAnsweredError)


def test_a_call_whose_caller_left_cannot_be_answered() -> None:
    """A03: an abandoned call stays abandoned."""
    given(call.decider, RECEIVED, ABANDONED).when(answer()).then_rejected(refusals.CallAbandonedError)


def test_a_caller_leaves_before_anyone_answered() -> None:
    """A03: the stage says whether the call counts as offered."""
    given(call.decider, RECEIVED).when(abandon).then(ABANDONED)


def test_a_caller_leaves_once() -> None:
    given(call.decider, RECEIVED, ABANDONED).when(abandon).then_nothing()


def test_an_answered_call_cannot_be_abandoned() -> None:
    given(call.decider, *TALKING).when(abandon).then_rejected(refusals.CallAlreadyAnsweredError)


def test_a_caller_agrees_to_wait() -> None:
    given(call.decider, *TALKING).when(hold).then(HELD)


def test_a_waiting_caller_is_not_asked_again() -> None:
    given(call.decider, *TALKING, HELD).when(hold).then_nothing()


def test_a_call_that_nobody_answered_cannot_be_held() -> None:
    given(call.decider, RECEIVED).when(hold).then_rejected(refusals.CallNotAnsweredError)


def test_the_call_taker_comes_back_to_a_waiting_caller() -> None:
    given(call.decider, *TALKING, HELD).when(resume).then(RESUMED)


def test_a_resumed_call_is_resumed() -> None:
    given(call.decider, *TALKING, HELD, RESUMED).when(resume).then_nothing()


def test_a_call_that_was_never_held_cannot_be_resumed() -> None:
    given(call.decider, *TALKING).when(resume).then_rejected(refusals.CallNotHeldError)


def test_talk_time_leaves_out_what_the_caller_waited() -> None:
    """A17: the talk limit counts talking."""
    given(call.decider, *TALKING, HELD, RESUMED).when(end).then(ENDED)


def test_a_caller_who_hangs_up_while_waiting_had_waited_until_then() -> None:
    ended = given(call.decider, *TALKING, HELD).when(end).events[0]
    assert (ended.talk_ms, ended.hold_ms) == (56_000, 60_000)


@pytest.mark.parametrize("history", [OVER, (*OVER, WRAPPED_UP)])
def test_a_call_ends_once(history: tuple[object, ...]) -> None:
    given(call.decider, *history).when(end).then_nothing()


def test_a_call_that_nobody_answered_cannot_end_it_is_abandoned() -> None:
    given(call.decider, RECEIVED).when(end).then_rejected(refusals.CallNotAnsweredError)


def test_the_record_of_an_ended_call_is_completed() -> None:
    """A35: straight after the call, and timed."""
    given(call.decider, *OVER).when(wrap_up).then(WRAPPED_UP)


def test_a_record_is_completed_once() -> None:
    given(call.decider, *OVER, WRAPPED_UP).when(wrap_up).then_nothing()


def test_the_record_of_a_call_that_goes_on_cannot_be_completed() -> None:
    given(call.decider, *TALKING).when(wrap_up).then_rejected(refusals.CallNotEndedError)


@pytest.mark.parametrize("command", [hold, resume, answer()])
def test_nothing_more_happens_in_a_call_that_is_over(command: call.CallCommand) -> None:
    given(call.decider, *OVER).when(command).then_rejected(refusals.CallOverError)


@pytest.mark.parametrize(
    ("history", "command"),
    [
        ((RECEIVED,), answer(now=at(-1))),
        ((RECEIVED,), answer(now=at(-1), wait_ms=5)),
        (TALKING, call.HoldCall(call_id=CALL, reason="x", estimated_ms=None, now=at(3))),
        ((*TALKING, HELD), call.ResumeCall(call_id=CALL, held_ms=5, now=at(59))),
        (TALKING, call.EndCall(call_id=CALL, ended_by=EndedBy.AGENT, talk_ms=1, hold_ms=0, now=at(3))),
        (OVER, replace(wrap_up, wrap_up_ms=1, now=at(119))),
    ],
)
def test_a_late_report_cannot_say_that_time_ran_backwards(history: tuple[object, ...], command: call.CallCommand) -> None:
    """A21: late entry keeps its own time, and within a call times only grow."""
    given(call.decider, *history).when(command).then_rejected(refusals.TimeRunsBackwardsError)


def test_nobody_waits_for_more_than_a_week() -> None:
    given(call.decider, RECEIVED).when(answer(now=at(8 * 86400))).then_rejected(refusals.DurationTooLongError)


TEXTS: dict[str, Any] = {"title": Sealed("路灯不亮"), "matter": Sealed("解放路口的路灯三天不亮"), "place": None}
FACTS: dict[str, Any] = {
    "request_id": REQUEST,
    "requester_id": PERSON,
    "channel": Channel.PHONE,
    "request_type": RequestType.REPAIR,
    "category": None,
    "area": None,
    "call_id": CALL,
    "source_reference": None,
    "first_contact": "agent-7",
}
REGISTERED = RequestRegistered(**TEXTS, **FACTS, rule_version="default/1", occurred_at=at(90))
register = request.RegisterRequest(**TEXTS, **FACTS, rules=load_pack("default"), now=at(90))
REPLIED = RequestAnsweredDirectly(
    request_id=REQUEST, requester_id=PERSON, reply=Sealed("今晚恢复"), answered_by="agent-7", occurred_at=at(100)
)


def reply(now: datetime = AT_REPLY) -> request.AnswerRequest:
    return request.AnswerRequest(request_id=REQUEST, reply=Sealed("今晚恢复"), answered_by="agent-7", now=now)


def test_a_matter_is_registered_with_its_base_elements_and_its_first_contact() -> None:
    """A25, A37, A65: any channel, one record, the first contact named."""
    given(request.decider).when(register).then(REGISTERED)


def test_an_id_belongs_to_one_matter() -> None:
    given(request.decider, REGISTERED).when(register).then_rejected(refusals.RequestAlreadyRegisteredError)


def test_a_matter_is_answered_at_once() -> None:
    """A67: what can be answered at first contact is."""
    given(request.decider, REGISTERED).when(reply()).then(REPLIED)


def test_a_matter_answered_while_it_is_registered_is_one_record_of_both() -> None:
    """A67: registration and answer are stored together, so no department ever sees the matter."""
    answering = replace(register, reply=Sealed("今晚恢复"), answered_by="agent-7")
    then = (replace(REGISTERED, answered_directly=True), replace(REPLIED, occurred_at=at(90)))
    given(request.decider).when(answering).then(*then)


def test_a_matter_that_was_answered_is_not_answered_again() -> None:
    given(request.decider, REGISTERED, REPLIED).when(reply()).then_rejected(refusals.RequestAlreadyAnsweredError)


def test_a_matter_nobody_registered_cannot_be_answered() -> None:
    given(request.decider).when(reply()).then_rejected(refusals.RequestNotRegisteredError)


def test_a_matter_cannot_be_answered_before_it_was_registered() -> None:
    given(request.decider, REGISTERED).when(reply(at(89))).then_rejected(refusals.TimeRunsBackwardsError)


NAMED = PersonRegistered(person_id=PERSON, anonymous=False, fields=("name", "phone"), occurred_at=at(0))
NAMELESS = PersonRegistered(person_id=PERSON, anonymous=True, fields=(), occurred_at=at(0))
ERASED = PersonErased(person_id=PERSON, reason="requested_by_person", occurred_at=at(50))
erase = person.ErasePerson(person_id=PERSON, reason="requested_by_person", now=at(50))


def enter(*fields: Fact, anonymous: bool = False) -> person.RegisterPerson:
    return person.RegisterPerson(person_id=PERSON, anonymous=anonymous, fields=fields, now=at(0))


def read(*fields: Fact) -> person.ReadIdentity:
    return person.ReadIdentity(
        person_id=PERSON, fields=fields, purpose=Purpose.CALL_BACK, request_id=REQUEST, read_by="agent-7", now=at(9)
    )


def test_a_person_enters_the_vault_and_the_event_names_the_facts_only() -> None:
    """A25: name and telephone are in the vault, not in the event."""
    given(person.decider).when(enter(Fact.PHONE, Fact.NAME)).then(NAMED)


def test_an_anonymous_person_gets_an_id_too() -> None:
    given(person.decider).when(enter(anonymous=True)).then(NAMELESS)


def test_a_person_enters_once() -> None:
    given(person.decider, NAMED).when(enter(Fact.NAME)).then_nothing()


def test_who_stays_anonymous_leaves_no_facts() -> None:
    given(person.decider).when(enter(Fact.NAME, anonymous=True)).then_rejected(refusals.AnonymousWithFactsError)


def test_an_erased_person_cannot_be_registered_again() -> None:
    given(person.decider, NAMED, ERASED).when(enter(Fact.NAME)).then_rejected(refusals.PersonErasedError)


def test_a_reading_is_recorded_with_its_purpose_every_time() -> None:
    """A144: who read which fact, for what."""
    recorded = PersonIdentityRead(
        person_id=PERSON, fields=("phone",), purpose="call_back", request_id=REQUEST, read_by="agent-7", occurred_at=at(9)
    )
    given(person.decider, NAMED).when(read(Fact.PHONE, Fact.ADDRESS)).then(recorded)
    given(person.decider, NAMED, recorded).when(read(Fact.PHONE)).then(recorded)


def test_facts_that_are_not_kept_cannot_be_read() -> None:
    given(person.decider, NAMELESS).when(read(Fact.NAME)).then_rejected(refusals.FactNotKeptError)


@pytest.mark.parametrize("command", [erase, read(Fact.NAME)])
def test_nobody_knows_a_person_who_was_never_registered(command: person.PersonCommand) -> None:
    given(person.decider).when(command).then_rejected(refusals.PersonNotRegisteredError)


def test_an_erased_person_cannot_be_read() -> None:
    given(person.decider, NAMED, ERASED).when(read(Fact.NAME)).then_rejected(refusals.PersonErasedError)


def test_a_person_is_erased_once() -> None:
    given(person.decider, NAMED).when(erase).then(ERASED)
    given(person.decider, NAMED, ERASED).when(erase).then_nothing()


def more(*fields: Fact) -> person.AddFacts:
    return person.AddFacts(person_id=PERSON, fields=fields, by="agent-7", now=at(5))


def test_a_person_known_by_the_number_says_the_rest_and_what_was_kept_is_corrected() -> None:
    """A25, A34: the event names the facts and never says one."""
    added = PersonFactsAdded(
        person_id=PERSON, fields=("gender", "name"), changed=("name",), added_by="agent-7", occurred_at=at(5)
    )
    given(person.decider, NAMED).when(more(Fact.NAME, Fact.GENDER)).then(added)
    recorded = replace(added, fields=("gender",), changed=("gender",))
    given(person.decider, NAMED, added).when(more(Fact.GENDER)).then(recorded)
    first_word = replace(added, fields=("name",), changed=())
    given(person.decider, NAMELESS).when(more(Fact.NAME)).then(first_word)


def test_no_fact_is_added_of_nobody_and_of_an_erased_person() -> None:
    """A25, A146."""
    given(person.decider).when(more(Fact.NAME)).then_rejected(refusals.PersonNotRegisteredError)
    given(person.decider, NAMED, ERASED).when(more(Fact.NAME)).then_rejected(refusals.PersonErasedError)
