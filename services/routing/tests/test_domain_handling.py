"""What must be on record before an order is resolved and before it closes, and who has to have looked at it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from hotline_events.catalogue.intake import RequestType
from hotline_events.catalogue.routing import ClosingException, ReturnReason, ReviewResult, UnresolvableReason
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON
from hotline_rules.pack import load_pack, parse_pack
from routing.domain.work_order import commands as do
from routing.domain.work_order import refusals
from routing.domain.work_order.closing import CallerOutcomeMissingError, ExceptionNoteMissingError, StageMissingError
from routing.domain.work_order.handling import EvidenceMissingError, OrderNotInvestigatedError
from routing.domain.work_order.reviewing import (
    CallerNotToldError,
    ReasonMissingError,
    ReplyNotCorrectedError,
    ReplyNotSentBackError,
    ReplySentBackOnceError,
    UnresolvableNotFiledError,
)

EVIDENCE, REVISIT = (UUID(int=91),), UUID(int=92)
HOUR = timedelta(hours=1)


def investigate(order: Any, **fields: Any) -> list[str]:
    told: list[str] = order.ask(do.ReportInvestigation, **{"finding": Sealed("属实"), "evidence": EVIDENCE, **fields})
    return told


def resolve(order: Any) -> list[str]:
    told: list[str] = order.ask(do.ResolveOrder, reply=Sealed("已处理"))
    return told


def track(order: Any, **fields: Any) -> list[str]:
    said = {"contacted_department": None, "contact": Sealed("王科长"), "said": Sealed("在查"), "by": "agent-7"}
    told: list[str] = order.ask(do.RecordContact, **{**said, **fields})
    return told


def inform(order: Any, **fields: Any) -> list[str]:
    told: list[str] = order.ask(do.InformCaller, **{"said": None, "by": "agent-7", **fields})
    return told


def end(order: Any, *, reached: bool = True, tried: bool = True) -> list[str]:
    told: list[str] = order.ask(do.CloseOrder, revisit_id=REVISIT, round=1, reached=reached, tried=tried)
    return told


def close(order: Any, exception: ClosingException | None = None, note: Sealed | None = None) -> list[str]:
    told: list[str] = order.ask(do.CloseByHand, exception=exception, note=note, by="leader")
    return told


def resolved(life: Any, kind: str = "help") -> Any:
    order = life(kind)
    order.ask(do.SignOrder)
    investigate(order)
    order.now += HOUR
    resolve(order)
    return order


def test_a_matter_that_is_left_out_of_the_sample_closes_once_the_caller_was_told(life: Any) -> None:
    """A28, A93, A112: not to be asked is not to be told."""
    order = resolved(life)
    assert end(order, reached=False, tried=False) == ["closing_withheld"]
    assert order.history[-1].missing == ("feedback",)
    assert end(order, reached=False, tried=False) == []
    assert inform(order) == ["caller_informed", "closed"]
    told = resolved(life)
    assert inform(told) == ["caller_informed"]
    assert end(told, reached=False, tried=False) == ["closed"]
    assert end(resolved(life), reached=False) == ["closed"], "who could not be reached was asked"


def test_a_complaint_goes_through_its_four_stages_and_closes_with_its_revisit(life: Any) -> None:
    """A28, A92, A93, A95, A96: registered, verified, tracked, told; then followup ends it."""
    order = life("complaint")
    order.ask(do.SignOrder)
    assert track(order) == ["department_contacted"]
    assert investigate(order) == ["investigation_reported"]
    assert resolve(order) == ["resolved"]
    order.now += 3 * HOUR
    assert inform(order) == ["caller_informed"]
    assert order.history[-1].waited_seconds == 3 * 3600
    assert end(order) == ["closed"]
    assert end(order) == []


@pytest.mark.parametrize("kind", ["complaint", "report"])
def test_a_complaint_and_a_report_are_investigated_with_evidence_before_they_are_resolved(life: Any, kind: str) -> None:
    """A92."""
    order = life(kind)
    with pytest.raises(refusals.OrderNotSignedError):
        investigate(order)
    order.ask(do.SignOrder)
    with pytest.raises(OrderNotInvestigatedError) as refused:
        resolve(order)
    assert refused.value.missing == "verification"
    with pytest.raises(EvidenceMissingError):
        investigate(order, evidence=())
    with pytest.raises(refusals.WorkOrderUnknownError):
        investigate(order, department="parks")
    investigate(order)
    assert investigate(order) == ["investigation_reported"]
    assert resolve(order) == ["resolved"]


def test_another_department_investigates_for_itself(life: Any) -> None:
    """A92."""
    order = life("complaint")
    order.ask(do.SignOrder)
    investigate(order)
    order.ask(do.ReturnOrder, reason=ReturnReason.NOT_OURS)
    order.transfer("parks")
    order.ask(do.SignOrder)
    with pytest.raises(OrderNotInvestigatedError):
        resolve(order)


@pytest.mark.parametrize("kind", ["complaint", "report"])
def test_rework_is_looked_into_and_followed_up_again(life: Any, kind: str) -> None:
    """A92, A93, A108: what was found in the first round did not satisfy the caller."""
    order = resolved(life, kind)
    track(order)
    order.ask(do.ReworkOrder, revisit_id=REVISIT, round=2, rules=load_pack("default"))
    order.ask(do.SignOrder)
    with pytest.raises(OrderNotInvestigatedError):
        resolve(order)
    investigate(order)
    assert resolve(order) == ["resolved"]
    assert order.ask(do.CloseOrder, revisit_id=UUID(int=93), round=2, reached=True) == ["closing_withheld"]
    assert order.history[-1].missing == ("tracking",)
    assert track(order) == ["department_contacted", "closed"]


def test_what_only_asks_for_help_needs_no_investigation(life: Any) -> None:
    """A93: the pack says which stages a kind has."""
    order = life("help")
    order.ask(do.SignOrder)
    assert resolve(order) == ["resolved"]
    assert end(order) == ["closed"]


def test_closing_is_refused_with_the_name_of_the_missing_stage(life: Any) -> None:
    """A28, A69, A93."""
    order = resolved(life, "complaint")
    missing = []
    for step in (track, inform, None):
        with pytest.raises((StageMissingError, CallerOutcomeMissingError)) as refused:
            close(order)
        missing.append(refused.value.missing)
        if step is not None:
            step(order)
    assert missing == ["tracking", "feedback", "caller_outcome"]


def test_an_order_that_followup_ended_closes_when_its_record_is_complete(life: Any) -> None:
    """A93: nothing that followup said is lost, and nothing closes early."""
    order = resolved(life, "complaint")
    assert end(order) == ["closing_withheld"]
    assert order.history[-1].missing == ("tracking",)
    assert end(order) == []
    assert track(order) == ["department_contacted", "closed"]
    assert order.history[-1].revisit_id == REVISIT


def test_what_is_missing_is_told_at_every_step_while_a_closing_is_withheld(life: Any) -> None:
    """A93, A95, A97: telling the caller of a reply that is being sent back does not count as telling them."""
    order = resolved(life, "complaint")
    end(order)
    steps = (
        (lambda: review(order, ReviewResult.SENT_BACK), ("tracking", "reply_corrected", "feedback")),
        (lambda: inform(order), ("tracking", "reply_corrected", "feedback")),
        (lambda: order.ask(do.CorrectReply, reply=Sealed("已换灯")), ("tracking", "feedback")),
        (lambda: track(order), ("feedback",)),
    )
    for step, missing in steps:
        assert len(step()) == 1
        assert order.history[-1].still_missing == missing
    assert inform(order) == ["caller_informed", "closed"]


def test_a_withheld_closing_follows_when_another_kind_demands_no_more(life: Any) -> None:
    """A30, A93."""
    order = resolved(life, "complaint")
    assert end(order) == ["closing_withheld"]
    assert order.ask(do.ChangeRequestType, to_type=RequestType.REPORT) == ["type_changed"]
    assert order.history[-1].still_missing == ("tracking",)
    assert order.ask(do.ChangeRequestType, to_type=RequestType.HELP) == ["type_changed", "closed"]


def test_a_matter_that_became_a_complaint_after_its_result_is_investigated_then_and_closes(life: Any) -> None:
    """A92, A93: the department that had it last reports what it found; nothing locks the order for ever."""
    order = life("inquiry")
    order.ask(do.SignOrder)
    resolve(order)
    with pytest.raises(refusals.OrderResolvedError):
        investigate(order)
    order.ask(do.ChangeRequestType, to_type=RequestType.COMPLAINT)
    assert end(order) == ["closing_withheld"]
    with pytest.raises(refusals.WorkOrderUnknownError):
        investigate(order, department="parks")
    with pytest.raises(EvidenceMissingError):
        investigate(order, evidence=())
    assert track(order) == ["department_contacted"]
    assert investigate(order) == ["investigation_reported", "closed"]
    assert end(order) == []


def test_a_matter_that_became_a_complaint_after_it_was_closed_unasked_is_reworked_when_its_caller_says_no(life: Any) -> None:
    """A108, A112: followup asks after all; the next round is a complaint's."""
    order = resolved(life)
    inform(order)
    assert end(order, reached=False, tried=False) == ["closed"]
    assert order.ask(do.ChangeRequestType, to_type=RequestType.COMPLAINT) == ["type_changed"]
    assert order.ask(do.ReworkOrder, revisit_id=REVISIT, round=2, rules=load_pack("default")) == ["reopened"]
    order.ask(do.SignOrder)
    with pytest.raises(OrderNotInvestigatedError):
        resolve(order)


def test_a_closing_that_waited_hears_the_caller_who_was_asked_only_as_a_complainant(life: Any) -> None:
    """A93, A112: the draw had left them out, so nothing of the result was told; the revisit tells it."""
    order = resolved(life)
    assert end(order, reached=False, tried=False) == ["closing_withheld"]
    assert end(order, reached=False, tried=False) == []
    order.ask(do.ChangeRequestType, to_type=RequestType.COMPLAINT)
    assert track(order) == ["department_contacted"]
    assert end(order) == ["closed"]


def test_a_leader_closes_on_an_exception_that_is_written_down(life: Any) -> None:
    """A69: the caller's outcome, or a documented exception; rework still opens such an order."""
    order = resolved(life)
    withdrew = ClosingException.CALLER_WITHDREW
    with pytest.raises(ExceptionNoteMissingError):
        close(order, withdrew)
    assert close(order, withdrew, Sealed("本人来电撤回")) == ["closed"]
    assert close(order, withdrew, Sealed("本人来电撤回")) == []
    assert (order.history[-1].exception, order.history[-1].revisit_id) == (withdrew, None)
    assert order.ask(do.ReworkOrder, revisit_id=REVISIT, round=2, rules=load_pack("default")) == ["reopened"]


def test_the_caller_is_told_once_and_not_before_there_is_a_result(life: Any) -> None:
    """A95."""
    order = life()
    with pytest.raises(refusals.OrderNotResolvedError):
        inform(order)
    order.ask(do.SignOrder)
    resolve(order)
    with pytest.raises(refusals.BeforeResultError):
        inform(order, now=order.now - HOUR)
    assert inform(order) == ["caller_informed"]
    assert inform(order) == []


def review(order: Any, result: ReviewResult, by: str = "leader", **fields: Any) -> list[str]:
    told: list[str] = order.ask(do.ReviewReply, result=result, by=by, **{"reason": Sealed("答非所问"), **fields})
    return told


def test_nothing_is_said_to_have_happened_to_a_result_before_it_nor_a_result_before_the_signature(life: Any) -> None:
    """A89, A95, A97: clocks never run backwards, whatever is entered late."""
    order = life()
    early = order.now + HOUR
    order.now = early + HOUR
    order.ask(do.SignOrder)
    with pytest.raises(refusals.BeforeLastStepError):
        order.ask(do.ResolveOrder, reply=Sealed("已处理"), now=early)
    resolve(order)
    with pytest.raises(refusals.BeforeResultError):
        review(order, ReviewResult.OK, now=early)
    review(order, ReviewResult.SENT_BACK)
    with pytest.raises(refusals.BeforeResultError):
        order.ask(do.CorrectReply, reply=Sealed("已换灯"), now=early)
    order.ask(do.CorrectReply, reply=Sealed("已换灯"))
    inform(order)
    said = {"exception": ClosingException.CALLER_WITHDREW, "note": Sealed("来电撤回"), "by": "leader"}
    with pytest.raises(refusals.BeforeResultError):
        order.ask(do.CloseByHand, **said, now=early)
    assert order.ask(do.CloseByHand, **said) == ["closed"]


def test_a_reply_that_misses_the_question_goes_back_once_and_is_corrected(life: Any) -> None:
    """A97: reviewed by a second person; until it is corrected the order does not close."""
    order = resolved(life)
    with pytest.raises(ReplyNotSentBackError):
        order.ask(do.CorrectReply, reply=Sealed("已换灯"))
    with pytest.raises(refusals.SamePersonError):
        review(order, ReviewResult.OK, by="handler")
    with pytest.raises(ReasonMissingError):
        review(order, ReviewResult.SENT_BACK, reason=None)
    assert review(order, ReviewResult.SENT_BACK) == ["reply_reviewed"]
    assert review(order, ReviewResult.SENT_BACK) == []
    with pytest.raises(ReplyNotCorrectedError):
        review(order, ReviewResult.OK)
    assert end(order) == ["closing_withheld"]
    assert order.history[-1].missing == ("reply_corrected", "feedback")
    assert order.ask(do.CorrectReply, reply=Sealed("已换灯")) == ["reply_corrected"]
    assert inform(order) == ["caller_informed", "closed"]


def test_a_caller_who_was_told_is_told_again_what_the_corrected_reply_says(life: Any) -> None:
    """A95, A97."""
    order = resolved(life, "complaint")
    track(order)
    inform(order)
    review(order, ReviewResult.SENT_BACK)
    order.ask(do.CorrectReply, reply=Sealed("已换灯"))
    with pytest.raises(StageMissingError) as refused:
        close(order)
    assert refused.value.missing == "feedback"
    assert inform(order) == ["caller_informed"]
    assert end(order) == ["closed"]


def test_what_cannot_be_resolved_was_told_by_the_revisit_that_reached_the_caller(life: Any) -> None:
    """A69, A93: also when the closing had to wait for something else."""
    order = life("complaint")
    order.ask(do.SignOrder)
    file_unresolvable(order)
    judge(order, agreed=True, reply=Sealed("无法满足,原因如下"))
    assert end(order, reached=True) == ["closing_withheld"]
    assert order.history[-1].missing == ("tracking",)
    assert track(order) == ["department_contacted", "closed"]


def test_a_reply_is_sent_back_once_in_a_round(life: Any) -> None:
    """A97."""
    order = resolved(life)
    review(order, ReviewResult.SENT_BACK)
    order.ask(do.CorrectReply, reply=Sealed("已换灯"))
    assert order.ask(do.CorrectReply, reply=Sealed("已换灯")) == []
    with pytest.raises(ReplySentBackOnceError):
        review(order, ReviewResult.SENT_BACK)
    assert review(order, ReviewResult.OK) == ["reply_reviewed"]


def test_where_the_pack_demands_it_no_unreviewed_reply_closes(life: Any) -> None:
    """A97."""
    head = "extends: default\nnumber: strict/1\ntitle: strict\neffective_from: 2004-01-01\nsources: [us]\n"
    text = f"{head}orders:\n  review_replies: yes\n"
    order = life("help", parse_pack("strict.yaml", text.encode()))
    order.ask(do.SignOrder)
    resolve(order)
    assert end(order) == ["closing_withheld"]
    assert order.history[-1].missing == ("reply_reviewed",)
    assert review(order, ReviewResult.OK) == ["reply_reviewed", "closed"]


def file_unresolvable(order: Any, evidence: tuple[UUID, ...] = EVIDENCE) -> list[str]:
    reason = UnresolvableReason.UNREASONABLE
    told: list[str] = order.ask(do.FileUnresolvable, reason=reason, finding=Sealed("超出标准"), evidence=evidence)
    return told


def judge(order: Any, *, agreed: bool, reply: Sealed | None = None, by: str = "leader") -> list[str]:
    told: list[str] = order.ask(do.ReviewUnresolvable, agreed=agreed, reply=reply, note=None, by=by)
    return told


def test_what_cannot_be_resolved_is_judged_by_a_second_person_and_told_to_the_caller(life: Any) -> None:
    """A69, A99: filed with evidence, agreed to, still revisited, and closed as such."""
    order = life("complaint")
    order.ask(do.SignOrder)
    with pytest.raises(EvidenceMissingError):
        file_unresolvable(order, ())
    with pytest.raises(UnresolvableNotFiledError):
        judge(order, agreed=True, reply=Sealed("无法满足"))
    assert file_unresolvable(order) == ["unresolvable_filed"]
    assert file_unresolvable(order) == []
    with pytest.raises(refusals.SamePersonError):
        judge(order, agreed=True, reply=Sealed("无法满足"), by="handler")
    with pytest.raises(CallerNotToldError):
        judge(order, agreed=True)
    assert judge(order, agreed=True, reply=Sealed("无法满足,原因如下")) == ["unresolvable_reviewed", "resolved"]
    assert judge(order, agreed=True, reply=Sealed("无法满足,原因如下")) == []
    track(order)
    assert end(order, reached=False) == ["closing_withheld"]
    assert inform(order) == ["caller_informed", "closed"]
    assert order.history[-1].unresolvable is UnresolvableReason.UNREASONABLE


def test_a_department_goes_on_when_the_second_person_does_not_agree(life: Any) -> None:
    """A69, A99."""
    order = life()
    order.ask(do.SignOrder)
    file_unresolvable(order)
    assert judge(order, agreed=False) == ["unresolvable_reviewed"]
    assert resolve(order) == ["resolved"]
    assert end(order) == ["closed"]
    assert order.history[-1].unresolvable is None


def test_the_hotline_notes_whom_it_asked_until_the_order_is_closed(life: Any) -> None:
    """A28, A98: late entries are normal."""
    order = life()
    assert track(order, contacted_department="water", now=NOON - HOUR) == ["department_contacted"]
    assert order.history[-1].contacted_department == "water"
    order.ask(do.SignOrder)
    resolve(order)
    end(order)
    with pytest.raises(refusals.OrderClosedError):
        track(order)
