"""The rules of a record: read back, complete, corrected in the open, and nobody turned away without a ground."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as over
from hypothesis import strategies as st

from hotline_events.catalogue.intake import (
    Channel,
    CorrectionReason,
    RequestAnsweredDirectly,
    RequestCoOwnerAdded,
    RequestCorrected,
    RequestDeferralExplained,
    RequestDepartmentContacted,
    RequesterClass,
    RequestNotAccepted,
    RequestProcessExplained,
    RequestRecordCompleted,
    RequestRegistered,
    RequestSearched,
    RequestType,
    RequestTypeChanged,
)
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON, given
from hotline_rules.deadlines import LimitKind
from hotline_rules.pack import load_pack
from hotline_rules.sections.orders import AnswerClass, NonAcceptance
from intake.domain import refusals as core
from intake.domain import request
from intake.domain.request import CorrectableField, refusals

REQUEST, PERSON, CALL = UUID(int=2), UUID(int=3), UUID(int=1)
RULES = load_pack("default")
NAMED = frozenset({"name", "gender", "phone"})


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def registered(kind: RequestType = RequestType.COMPLAINT, **elements: Any) -> RequestRegistered:
    return RequestRegistered(
        request_id=REQUEST,
        requester_id=PERSON,
        channel=Channel.PHONE,
        request_type=kind,
        title=Sealed("夜间施工"),
        matter=Sealed("解放路工地夜间施工扰民"),
        call_id=CALL,
        read_back=True,
        complete_by=at(30),
        rule_version="default/1",
        first_contact="agent-7",
        occurred_at=at(0),
        **elements,
    )


def register(kind: RequestType = RequestType.COMPLAINT, **changes: Any) -> request.RegisterRequest:
    command = request.RegisterRequest(
        request_id=REQUEST,
        requester_id=PERSON,
        channel=Channel.PHONE,
        request_type=kind,
        title=Sealed("夜间施工"),
        matter=Sealed("解放路工地夜间施工扰民"),
        place=None,
        category=None,
        area=None,
        call_id=CALL,
        source_reference=None,
        first_contact="agent-7",
        by_hand=True,
        read_back=True,
        rules=RULES,
        now=at(0),
    )
    return replace(command, **changes)


REGISTERED = registered()
ANSWERED = RequestAnsweredDirectly(
    request_id=REQUEST, requester_id=PERSON, reply=Sealed("已停工"), answered_by="agent-7", occurred_at=at(1)
)
SEARCHED = RequestSearched(
    request_id=REQUEST,
    requester_id=PERSON,
    source="knowledge_base",
    found=False,
    sought=Sealed("夜间施工许可"),
    searched_by="agent-7",
    occurred_at=at(1),
)
CONTACTED = RequestDepartmentContacted(
    request_id=REQUEST,
    requester_id=PERSON,
    spoken_to_department="urban",
    contact=Sealed("值班室李主任"),
    result=Sealed("今晚到场"),
    contacted_by="agent-7",
    occurred_at=at(3),
)
DECLINED = RequestNotAccepted(
    request_id=REQUEST,
    ground="in_litigation",
    basis=RULES.recording.bases[NonAcceptance.IN_LITIGATION].zh,
    basis_told=True,
    rule_version="default/1",
    decided_by="agent-7",
    occurred_at=at(2),
)
DEADLINE = datetime(2026, 3, 9, 16, tzinfo=UTC)  # the end of the fifth working day after Monday the 2nd, in Shanghai
EXPLAINED = RequestProcessExplained(
    request_id=REQUEST, deadline=DEADLINE, rule_version="default/1", explained_by="agent-7", occurred_at=at(2)
)
COMPLETED = RequestRecordCompleted(
    request_id=REQUEST,
    elements=("accused", "department_contact", "gender", "handling", "happened_at", "name", "phone", "place"),
    rule_version="default/1",
    completed_by="agent-7",
    occurred_at=at(5),
)
FULL = registered(accused=Sealed("某施工队"), place=Sealed("解放路"), happened_at=at(-600))

decline = request.DeclineRequest(
    request_id=REQUEST,
    ground=NonAcceptance.IN_LITIGATION,
    basis_told=True,
    rules=RULES,
    decided_by="agent-7",
    now=at(2),
)
explain = request.ExplainProcess(request_id=REQUEST, deadline=None, rules=RULES, explained_by="agent-7", now=at(2))
search = request.RecordSearch(
    request_id=REQUEST,
    source="knowledge_base",
    found=False,
    sought=Sealed("夜间施工许可"),
    searched_by="agent-7",
    now=at(1),
)
contact = request.ContactDepartment(
    request_id=REQUEST,
    department="urban",
    contact=Sealed("值班室李主任"),
    result=Sealed("今晚到场"),
    contacted_by="agent-7",
    now=at(3),
)
defer = request.ExplainDeferral(
    request_id=REQUEST,
    reason="department_closed",
    explanation=Sealed("已下班,明早答复"),
    understood=True,
    explained_by="agent-7",
    now=at(2),
)
co_owner = request.AddCoOwner(request_id=REQUEST, co_owner="agent-9", reason="shift_ended", added_by="agent-7", now=at(60))
EVERY_ACT: tuple[Any, ...] = (decline, explain, search, contact, defer, co_owner)


def complete(facts: frozenset[str] = NAMED) -> request.CompleteRecord:
    return request.CompleteRecord(request_id=REQUEST, facts=facts, rules=RULES, completed_by="agent-7", now=at(5))


def correct(field: CorrectableField, was: str | None, became: str, **changes: Any) -> request.CorrectRequest:
    command = request.CorrectRequest(
        request_id=REQUEST,
        field=field,
        was=was,
        became=became,
        reason=CorrectionReason.MISHEARD,
        note=None,
        apologised=False,
        signed_by="agent-7",
        now=at(9),
    )
    return replace(command, **changes)


def test_what_is_said_is_read_back_before_it_is_saved() -> None:
    """A33: on the telephone and at the counter, where a person writes it down."""
    given(request.decider).when(register()).then(REGISTERED)
    for channel in (Channel.PHONE, Channel.WALK_IN):
        outcome = given(request.decider).when(register(read_back=False, channel=channel))
        outcome.then_rejected(refusals.ReadBackMissingError)
        assert outcome.refusal is not None
        assert outcome.refusal.missing == "read_back"


@pytest.mark.parametrize("channel", [one for one in Channel if one not in {Channel.PHONE, Channel.WALK_IN}])
def test_what_came_in_writing_needs_no_reading_back(channel: Channel) -> None:
    """A33, A37: every channel goes through the one pipeline; what belongs to a call was spoken, whatever its channel."""
    given(request.decider).when(register(channel=channel, read_back=False)).then_rejected(refusals.ReadBackMissingError)
    (event,) = given(request.decider).when(register(channel=channel, read_back=False, call_id=None)).events
    assert (event.channel, event.complete_by) == (channel, None)


def test_a_machine_reads_nothing_back() -> None:
    (event,) = given(request.decider).when(register(by_hand=False, read_back=False)).events
    assert (event.read_back, event.complete_by) == (False, None)


def test_an_office_may_do_without_the_reading_back() -> None:
    """A33: a switch of the rule pack."""
    recording = replace(RULES.recording, read_back=())
    off = register(read_back=False, rules=replace(RULES, recording=recording))
    assert len(given(request.decider).when(off).events) == 1


def test_what_a_record_lacks_is_named() -> None:
    """A28, A29, A34: of a complaint, the accused, when, where and who was spoken to."""
    outcome = given(request.decider, REGISTERED).when(complete())
    outcome.then_rejected(refusals.RecordIncompleteError)
    assert outcome.refusal is not None
    assert outcome.refusal.missing == "handling, accused, happened_at, place, department_contact"


def test_a_record_that_holds_everything_is_complete() -> None:
    """A25, A28, A34."""
    given(request.decider, FULL, CONTACTED, EXPLAINED).when(complete()).then(COMPLETED)
    given(request.decider, FULL, CONTACTED, EXPLAINED, COMPLETED).when(complete()).then_nothing()


def test_an_inquiry_needs_its_type_and_what_was_answered() -> None:
    """A27."""
    asked = registered(RequestType.INQUIRY)
    outcome = given(request.decider, asked, ANSWERED).when(complete())
    assert outcome.refusal is not None
    assert outcome.refusal.missing == "inquiry_type"
    typed = registered(RequestType.INQUIRY, inquiry_type="opening_hours")
    assert given(request.decider, typed).when(complete()).refusal is not None
    assert len(given(request.decider, typed, ANSWERED).when(complete()).events) == 1


def test_an_organisation_gives_its_name_and_who_stays_anonymous_gives_none() -> None:
    """A26: the caller may be a legal person."""
    asked = registered(RequestType.PRAISE, requester_class=RequesterClass.ORGANISATION)
    outcome = given(request.decider, asked, ANSWERED).when(complete())
    assert outcome.refusal is not None
    assert outcome.refusal.missing == "organisation"
    assert len(given(request.decider, asked, ANSWERED).when(complete(NAMED | {"organisation"})).events) == 1
    assert len(given(request.decider, registered(RequestType.PRAISE), ANSWERED).when(complete(frozenset())).events) == 1


@over(st.sampled_from(RequestType), st.sets(st.sampled_from(["place", "accused", "happened_at", "handling"])), st.booleans())
def test_a_record_scores_a_hundred_exactly_when_nothing_is_missing(kind: RequestType, present: set[str], org: bool) -> None:
    """A34: the score and the list of what is missing never contradict each other."""
    weighed = request.completeness(RULES, kind.value, present, NAMED, organisation=org)
    assert (weighed.score == 100) == (not weighed.missing)
    assert not present & set(weighed.missing)


def test_a_record_entered_late_has_its_time_from_its_entry() -> None:
    """A21, A35."""
    (event,) = given(request.decider).when(register(entered_at=at(120))).events
    assert event.complete_by == at(150)


def test_a_correction_keeps_both_values_a_reason_and_a_signature() -> None:
    """A43."""
    command = correct(CorrectableField.PLACE, "解放路", "解放路东侧")
    event = RequestCorrected(
        request_id=REQUEST,
        requester_id=PERSON,
        field="place",
        was=Sealed("解放路"),
        became=Sealed("解放路东侧"),
        reason=CorrectionReason.MISHEARD,
        signed_by="agent-7",
        occurred_at=at(9),
    )
    given(request.decider, FULL).when(command).then(event)
    given(request.decider, FULL).when(correct(CorrectableField.PLACE, "解放路", "解放路")).then_nothing()
    (coded,) = given(request.decider, FULL).when(correct(CorrectableField.CATEGORY, "noise", "lighting")).events
    assert (coded.was, coded.became, coded.was_value, coded.became_value) == (None, None, "noise", "lighting")


def test_what_stands_in_a_field_is_what_was_written_last() -> None:
    """A43."""
    event = given(request.decider, FULL).when(correct(CorrectableField.PLACE, "解放路", "解放路东侧")).events[0]

    def stands(field: CorrectableField, *history: Any) -> Sealed | str | None:
        told_at = request.decider.fold(history).told_at.get(field)
        return None if told_at is None else request.value_in(field, history[told_at - 1])

    assert stands(CorrectableField.PLACE, FULL) == Sealed("解放路")
    assert stands(CorrectableField.PLACE, FULL, ANSWERED, event) == Sealed("解放路东侧")
    assert stands(CorrectableField.TITLE, FULL, event, ANSWERED) == FULL.title
    assert stands(CorrectableField.HAPPENED_AT, FULL) == at(-600).isoformat()
    assert stands(CorrectableField.REPLY, FULL, event, ANSWERED) == Sealed("已停工")
    assert stands(CorrectableField.REPLY, FULL) is None
    assert set(request.decider.fold([FULL, ANSWERED]).told_at) == set(CorrectableField)


def test_a_wrong_reply_is_corrected_with_an_apology() -> None:
    """A44."""
    wrong = correct(CorrectableField.REPLY, "已停工", "许可到二十二点", reason=CorrectionReason.WRONG_REPLY)
    given(request.decider, REGISTERED).when(wrong).then_rejected(refusals.NothingToCorrectError)
    given(request.decider, REGISTERED, ANSWERED).when(wrong).then_rejected(refusals.ApologyMissingError)
    (event,) = given(request.decider, REGISTERED, ANSWERED).when(replace(wrong, apologised=True)).events
    assert event.apologised


def test_a_matter_is_never_relabelled_silently() -> None:
    """A30: the kind changes by an event with reason, both kinds and who did it; the record is weighed anew."""
    command = request.ChangeType(
        request_id=REQUEST,
        to_type=RequestType.HELP,
        reason=CorrectionReason.WRONG_KIND,
        note=None,
        changed_by="leader-1",
        now=at(9),
    )
    event = RequestTypeChanged(
        request_id=REQUEST,
        requester_id=PERSON,
        from_type=RequestType.COMPLAINT,
        to_type=RequestType.HELP,
        reason=CorrectionReason.WRONG_KIND,
        changed_by="leader-1",
        occurred_at=at(9),
    )
    given(request.decider, FULL, CONTACTED, EXPLAINED, COMPLETED).when(command).then(event)
    given(request.decider, REGISTERED, event).when(command).then_nothing()
    (again,) = given(request.decider, FULL, EXPLAINED, COMPLETED, event).when(complete()).events
    assert "accused" in again.elements


def test_the_first_contact_stays_and_others_stand_beside_it() -> None:
    """A65: set once; a hand-over adds a co-owner."""
    added = RequestCoOwnerAdded(
        request_id=REQUEST, co_owner="agent-9", reason="shift_ended", added_by="agent-7", occurred_at=at(60)
    )
    given(request.decider, REGISTERED).when(co_owner).then(added)
    given(request.decider, REGISTERED, added).when(co_owner).then_nothing()
    given(request.decider, REGISTERED).when(replace(co_owner, co_owner="agent-7")).then_nothing()
    assert request.decider.fold([REGISTERED, added]).first_contact == "agent-7"


def test_nobody_is_turned_away_but_on_a_ground_that_they_are_told() -> None:
    """A66, A154: looked up first, the ground in the rules, its basis told."""
    given(request.decider, REGISTERED).when(decline).then_rejected(refusals.LookUpMissingError)
    given(request.decider, REGISTERED, SEARCHED).when(decline).then(DECLINED)
    untold = replace(decline, basis_told=False)
    given(request.decider, REGISTERED, SEARCHED).when(untold).then_rejected(refusals.BasisNotToldError)
    orders = replace(RULES.orders, non_acceptance=(NonAcceptance.STATE_SECRET,))
    elsewhere = replace(decline, rules=replace(RULES, orders=orders))
    given(request.decider, REGISTERED, SEARCHED).when(elsewhere).then_rejected(refusals.GroundNotInRulesError)
    given(request.decider, REGISTERED, ANSWERED).when(decline).then_rejected(core.RequestAlreadyAnsweredError)
    given(request.decider, REGISTERED, SEARCHED, DECLINED).when(decline).then_nothing()
    other = replace(decline, ground=NonAcceptance.IN_REVIEW)
    given(request.decider, REGISTERED, SEARCHED, DECLINED).when(other).then_rejected(refusals.RequestNotAcceptedError)


def test_who_needs_the_emergency_line_is_told_so_without_a_look_up() -> None:
    """A154: the pack names the grounds that need none."""
    urgent = replace(decline, ground=NonAcceptance.EMERGENCY_LINE)
    assert len(given(request.decider, REGISTERED).when(urgent).events) == 1


def test_a_deferral_is_explained_after_a_look_up() -> None:
    """A70, A154."""
    event = RequestDeferralExplained(
        request_id=REQUEST,
        requester_id=PERSON,
        reason="department_closed",
        explanation=Sealed("已下班,明早答复"),
        understood=True,
        explained_by="agent-7",
        occurred_at=at(2),
    )
    given(request.decider, REGISTERED).when(defer).then_rejected(refusals.LookUpMissingError)
    given(request.decider, REGISTERED, SEARCHED).when(defer).then(event)
    given(request.decider, REGISTERED, SEARCHED, event).when(defer).then_nothing()


def test_the_deadline_that_is_told_is_the_one_of_the_rules() -> None:
    """A71, A157: the number, the process, the deadline, and the version of the rules it came from."""
    assert RULES.due_at(LimitKind.RESOLVE, at(0)) == DEADLINE
    given(request.decider, REGISTERED).when(explain).then(EXPLAINED)
    given(request.decider, REGISTERED).when(replace(explain, deadline=DEADLINE)).then(EXPLAINED)
    given(request.decider, REGISTERED, EXPLAINED).when(explain).then_nothing()
    outcome = given(request.decider, REGISTERED).when(replace(explain, deadline=DEADLINE - timedelta(hours=1)))
    outcome.then_rejected(refusals.DeadlineNotOfTheRulesError)
    assert str(outcome.refusal) == DEADLINE.isoformat()


def test_a_matter_that_is_answered_the_same_day_is_promised_for_the_same_day() -> None:
    """A71, A86: the answer class of the pack goes before its limit, as it does for the order's clocks."""
    seeds = load_pack("seeds")
    (event,) = given(request.decider, registered(RequestType.INQUIRY)).when(replace(explain, rules=seeds)).events
    assert event.deadline == seeds.answer_by(AnswerClass.SAME_DAY, at(0))


def test_no_deadline_is_told_for_a_year_without_a_calendar() -> None:
    later = replace(REGISTERED, occurred_at=datetime(2090, 1, 1, tzinfo=UTC))
    given(request.decider, later).when(explain).then_rejected(refusals.CalendarUnknownError)


def test_every_look_up_and_every_contact_is_on_record() -> None:
    """A28, A154: when, and whom."""
    given(request.decider, REGISTERED).when(search).then(SEARCHED)
    given(request.decider, REGISTERED, SEARCHED).when(search).then(SEARCHED)
    given(request.decider, REGISTERED).when(contact).then(CONTACTED)


@pytest.mark.parametrize("command", [*EVERY_ACT, complete(), correct(CorrectableField.TITLE, None, "好")])
def test_nothing_is_done_about_a_matter_that_nobody_registered(command: Any) -> None:
    given(request.decider).when(command).then_rejected(core.RequestNotRegisteredError)


def test_a_record_of_200_acts_decides_on_as_little_as_a_short_one() -> None:
    """The state holds no history: its size does not grow with what was done."""
    few, many = (request.decider.fold([FULL, *[SEARCHED, CONTACTED] * count]) for count in (1, 100))
    assert few == replace(many, version=few.version)


def test_a_complaint_goes_from_first_ring_to_a_complete_record() -> None:
    """A28, A33, A65, A71, A154: one matter's record, from the reading back to the last element."""
    history: list[Any] = []
    for command in (
        register(accused=Sealed("某施工队"), place=Sealed("解放路"), happened_at=at(-600)),
        search,
        contact,
        explain,
        correct(CorrectableField.PLACE, "解放路", "解放路东侧"),
        co_owner,
        complete(),
    ):
        history += given(request.decider, *history).when(command).events
    assert [type(event).__name__ for event in history] == [
        "RequestRegistered",
        "RequestSearched",
        "RequestDepartmentContacted",
        "RequestProcessExplained",
        "RequestCorrected",
        "RequestCoOwnerAdded",
        "RequestRecordCompleted",
    ]
