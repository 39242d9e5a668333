"""What a caller answers and what follows from it (A69, A102-A106, A108, A109, A112-A114): each as a sentence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest

from followup.domain.reactions import on_bad_attitude, on_suggestion_heard, on_work_order_resolved
from followup.domain.refusals import (
    AppointmentOutOfPlaceError,
    CallerNotToldError,
    ClaimOutOfPlaceError,
    FeeOutOfPlaceError,
    NothingClaimedError,
    QuietHoursError,
    ReasonMissingError,
    ReviewBeforeClaimError,
    RevisitOverError,
    ScriptUnknownError,
    SecondPersonError,
    TariffOutOfPlaceError,
)
from followup.domain.revisit import (
    AttemptRevisit,
    Claim,
    EndWithOrder,
    RecordRevisit,
    ReviewException,
    ScheduleRevisit,
    decider,
)
from hotline_events.catalogue.followup import (
    AnswerChannel,
    AttemptOutcome,
    Attitude,
    ClosedAs,
    Dissatisfaction,
    ExceptionAccepted,
    ExceptionClaimed,
    ExceptionGround,
    ExceptionRejected,
    FreeServiceCharged,
    RevisitClosed,
    Revisited,
    ReworkOrdered,
)
from hotline_events.catalogue.intake import RequestType
from hotline_events.catalogue.routing import WorkOrderResolved
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON, given
from hotline_rules.pack import load_pack

RULES = load_pack("default")
REVISIT, ORDER, REQUEST, CALLER = (UUID(int=n) for n in range(1, 5))
MATTER: dict[str, Any] = {"revisit_id": REVISIT, "work_order_id": ORDER, "request_id": REQUEST, "department": "roads"}
PERSON: dict[str, Any] = {"requester_id": CALLER}
HOUR = timedelta(hours=1)
DUE = NOON + HOUR
NIGHT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # 23:00 in Shanghai
CLAIM = Claim(ground=ExceptionGround.UNREASONABLE, evidence=Sealed("要求双倍赔偿"))
WHY = Sealed("补偿太少")


def schedule(turn: int = 1, **more: Any) -> ScheduleRevisit:
    wanted: dict[str, Any] = {**MATTER, **PERSON, "round": turn, "rules": RULES, "now": NOON, **more}
    return ScheduleRevisit(**wanted)


def owed(turn: int = 1) -> list[Any]:
    """What a resolution of this round leads to."""
    return decider.decide(decider.initial, schedule(turn))


def answer(**said: Any) -> RecordRevisit:
    wanted: dict[str, Any] = {"solved": True, "satisfied": True, "revisited_by": "agent-7", "rules": RULES, "now": DUE, **said}
    return RecordRevisit(**wanted)


def revisited(turn: int = 1, **said: Any) -> Revisited:
    known: dict[str, Any] = {"solved": True, "satisfied": True, "rule_version": "default/1", "revisited_by": "agent-7"}
    return Revisited(**{**MATTER, **PERSON, "round": turn, "occurred_at": DUE, **known, **said})


def closed(closed_as: ClosedAs, turn: int = 1, at: datetime = DUE) -> RevisitClosed:
    return RevisitClosed(**MATTER, round=turn, closed_as=closed_as, occurred_at=at)


def review(*, accept: bool, told: bool = True, by: str = "leader-1", now: datetime = DUE + HOUR) -> ReviewException:
    return ReviewException(accept=accept, caller_told=told, reviewed_by=by, rules=RULES, now=now)


def claimed() -> list[Any]:
    """A revisit whose caller is told that more is not owed, before the second person."""
    history = owed()
    return [*history, *decider.decide(decider.fold(history), answer(solved=False, satisfied=False, reason=WHY, claim=CLAIM))]


def test_the_six_questions_are_kept_as_they_were_answered() -> None:
    """A102, A103, A104, A105, A106, A113."""
    said: dict[str, Any] = {
        "timely": True,
        "attitude": Attitude.FAIR,
        "on_site": True,
        "appointment_kept": False,
        "fee_charged": True,
        "fee_shown": True,
        "fee_to_standard": False,
        "solved": True,
        "satisfied": False,
        "reason": WHY,
        "reason_code": Dissatisfaction.FEE,
        "opened_with": "revisit_opening",
        "closed_with": "revisit_closing",
    }
    given(decider, *owed()).when(answer(**said)).then(revisited(**said), closed(ClosedAs.SOLVED))


def test_a_dissatisfied_caller_whose_matter_is_solved_closes_it_with_a_reason() -> None:
    """A69, A106: the caller's outcome is known; a reason without a code is of the other kind."""
    given(decider, *owed()).when(answer(satisfied=False)).then_rejected(ReasonMissingError)
    expected = revisited(satisfied=False, reason=WHY, reason_code=Dissatisfaction.OTHER)
    given(decider, *owed()).when(answer(satisfied=False, reason=WHY)).then(expected, closed(ClosedAs.SOLVED))


@pytest.mark.parametrize(
    ("said", "error", "missing"),
    [
        pytest.param({"appointment_kept": True}, AppointmentOutOfPlaceError, "on_site", id="A103"),
        pytest.param({"fee_charged": False}, FeeOutOfPlaceError, "on_site", id="A104"),
        pytest.param({"on_site": True, "fee_shown": True}, TariffOutOfPlaceError, "fee_charged", id="A104 no fee"),
        pytest.param({"on_site": True, "fee_charged": False, "fee_to_standard": True}, TariffOutOfPlaceError, "fee_charged"),
    ],
)
def test_what_did_not_happen_is_not_asked_about(said: dict[str, Any], error: Any, missing: str) -> None:
    """A103, A104: appointments and fees belong to a visit, the tariff to a fee."""
    outcome = given(decider, *owed()).when(answer(**said))
    outcome.then_rejected(error)
    assert outcome.refusal is not None
    assert outcome.refusal.missing == missing


def test_only_a_script_of_the_pack_can_have_been_spoken() -> None:
    """A113."""
    given(decider, *owed()).when(answer(opened_with="shouting")).then_rejected(ScriptUnknownError)
    given(decider, *owed()).when(answer(closed_with="shouting")).then_rejected(ScriptUnknownError)


@pytest.mark.parametrize("channel", [AnswerChannel.SMS, AnswerChannel.WEB, AnswerChannel.CALLER_CALLED])
def test_a_caller_answers_the_survey_whenever_they_like(channel: AnswerChannel) -> None:
    """A101, A114: quiet hours bind our calls, not the caller's."""
    said = {"channel": channel, "now": NIGHT}
    expected = revisited(channel=channel, occurred_at=NIGHT)
    given(decider, *owed()).when(answer(**said)).then(expected, closed(ClosedAs.SOLVED, at=NIGHT))
    given(decider, *owed()).when(answer(now=NIGHT)).then_rejected(QuietHoursError)


def test_another_answer_at_the_same_moment_is_not_the_same_answer() -> None:
    done = [*owed(), revisited(), closed(ClosedAs.SOLVED)]
    given(decider, *done).when(answer()).then_nothing()
    given(decider, *done).when(answer(attitude=Attitude.BAD)).then_rejected(RevisitOverError)


def test_rework_costs_the_caller_nothing_from_the_round_that_the_pack_says() -> None:
    """A108, A109."""
    no = answer(solved=False, satisfied=None)
    rework = ReworkOrdered(**MATTER, round=2, fee_free=True, rule_version="default/1", occurred_at=DUE)
    given(decider, *owed()).when(no).then(revisited(solved=False, satisfied=None), rework)
    third = replace(RULES, redress=replace(RULES.redress, free_from_round=3))
    given(decider, *owed()).when(replace(no, rules=third)).then(
        revisited(solved=False, satisfied=None), replace(rework, fee_free=False)
    )


def test_a_fee_for_rework_is_a_violation_and_one_for_the_first_service_is_none() -> None:
    """A109."""
    paid: dict[str, Any] = {"on_site": True, "fee_charged": True}
    given(decider, *owed()).when(answer(**paid)).then(revisited(**paid), closed(ClosedAs.SOLVED))
    violation = FreeServiceCharged(**MATTER, round=2, occurred_at=DUE)
    given(decider, *owed(2)).when(answer(**paid)).then(revisited(2, **paid), violation, closed(ClosedAs.SOLVED, 2))


def test_a_demand_found_unreasonable_waits_for_a_second_person() -> None:
    """A69: with evidence; neither rework nor an end before that."""
    no = answer(solved=False, satisfied=False, reason=WHY, claim=CLAIM)
    said = revisited(solved=False, satisfied=False, reason=WHY, reason_code=Dissatisfaction.OTHER)
    finding = ExceptionClaimed(
        **MATTER, **PERSON, ground=CLAIM.ground, evidence=CLAIM.evidence, claimed_by="agent-7", occurred_at=DUE
    )
    given(decider, *owed()).when(no).then(said, finding)
    given(decider, *owed()).when(answer(claim=CLAIM)).then_rejected(ClaimOutOfPlaceError)


def test_an_exception_ends_the_matter_once_the_caller_was_told() -> None:
    """A69."""
    accepted = ExceptionAccepted(
        **MATTER, ground=CLAIM.ground, reviewed_by="leader-1", rule_version="default/1", occurred_at=DUE + HOUR
    )
    ended = closed(ClosedAs.EXCEPTION, at=DUE + HOUR)
    given(decider, *claimed()).when(review(accept=True, told=False)).then_rejected(CallerNotToldError)
    given(decider, *claimed()).when(review(accept=True)).then(accepted, ended)
    given(decider, *claimed(), accepted, ended).when(review(accept=True)).then_nothing()
    given(decider, *claimed(), accepted, ended).when(review(accept=False)).then_rejected(NothingClaimedError)


def test_a_rejected_exception_gives_the_answer_its_ordinary_consequence() -> None:
    """A69, A108."""
    rejected = ExceptionRejected(**MATTER, reviewed_by="leader-1", occurred_at=DUE + HOUR)
    rework = ReworkOrdered(**MATTER, round=2, fee_free=True, rule_version="default/1", occurred_at=DUE + HOUR)
    given(decider, *claimed()).when(review(accept=False)).then(rejected, rework)


def test_a_claim_lapses_with_an_order_that_was_closed_by_hand() -> None:
    """A69: neither rework on a closed order nor a second end of the revisit."""
    ended = closed(ClosedAs.ORDER_CLOSED)
    given(decider, *claimed()).when(EndWithOrder(now=DUE)).then(ended)
    for accept in (True, False):
        given(decider, *claimed(), ended).when(review(accept=accept)).then_rejected(RevisitOverError)


def test_nobody_reviews_their_own_finding_nor_one_that_was_not_made() -> None:
    """A69."""
    given(decider, *claimed()).when(review(accept=True, by="agent-7")).then_rejected(SecondPersonError)
    given(decider, *claimed()).when(review(accept=True, now=DUE - HOUR)).then_rejected(ReviewBeforeClaimError)
    given(decider, *owed()).when(review(accept=True)).then_rejected(NothingClaimedError)


def test_a_resolution_says_of_which_kind_its_matter_is_and_who_met_the_caller_first() -> None:
    """A68, A100, A112."""
    resolved = WorkOrderResolved(
        work_order_id=ORDER,
        request_id=REQUEST,
        requester_id=CALLER,
        department="roads",
        round=1,
        reply=Sealed("已修复"),
        request_type=RequestType.HELP,
        first_contact="taker-1",
        accepted_at=NOON - HOUR,
        resolve_due_at=NOON + HOUR,
        resolved_by="handler-3",
        occurred_at=NOON,
    )
    command = on_work_order_resolved(resolved, RULES)
    assert (command.request_type, command.first_contact) == (RequestType.HELP, "taker-1")
    assert (command.accepted_at, command.resolve_due_at) == (NOON - HOUR, NOON + HOUR)
    (scheduled,) = given(decider).when(command).events
    assert scheduled.first_contact == "taker-1"


def test_an_answer_owes_a_suggestion_and_an_apology_only_where_the_caller_gave_cause() -> None:
    """A107, A110."""
    heard = UUID(int=77)
    plain, cross = revisited(attitude=Attitude.FAIR), revisited(attitude=Attitude.BAD, suggestion=Sealed("公布进度"))
    assert on_suggestion_heard(heard, plain, RULES) is None
    assert on_bad_attitude(heard, plain, RULES) is None
    assert on_bad_attitude(heard, replace(plain, reason_code=Dissatisfaction.ATTITUDE), RULES) is not None
    forward, order = on_suggestion_heard(heard, cross, RULES), on_bad_attitude(heard, cross, RULES)
    assert forward is not None
    assert order is not None
    assert (forward.suggestion_id, forward.department) == (uuid5(heard, "suggestion"), "roads")
    assert (order.apology_id, order.requester_id) == (uuid5(heard, "apology"), CALLER)


def test_a_matter_of_three_weeks_from_the_result_to_the_end() -> None:
    """A100, A101, A106, A108, A109: nobody answers, the caller writes back, the department comes again, and takes a fee."""
    history = owed()
    for hours in (1, 20, 24):
        tried = AttemptRevisit(outcome=AttemptOutcome.NO_ANSWER, attempted_by="agent-7", rules=RULES, now=NOON + hours * HOUR)
        history += decider.decide(decider.fold(history), tried)
    wrote = answer(solved=False, satisfied=False, reason=WHY, channel=AnswerChannel.SMS, now=NOON + 40 * HOUR)
    history += decider.decide(decider.fold(history), wrote)
    second = decider.decide(decider.initial, schedule(history[-1].round, now=NOON + 200 * HOUR))
    paid = answer(on_site=True, fee_charged=True, now=NOON + 212 * HOUR)
    second += decider.decide(decider.fold(second), paid)
    told = [type(event).__name__ for event in (*history, *second)]
    assert told == [
        "RevisitScheduled",
        "RevisitAttempted",
        "RevisitAttempted",
        "RevisitAttempted",
        "RevisitMessageSent",
        "Revisited",
        "ReworkOrdered",
        "RevisitScheduled",
        "Revisited",
        "FreeServiceCharged",
        "RevisitClosed",
    ]
