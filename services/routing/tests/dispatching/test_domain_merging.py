"""Like matters merged: one leads, the others are resolved with it, each for its own caller."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from hotline_events.catalogue.intake import RequestType
from hotline_events.catalogue.routing import (
    LimitKind,
    MergeReason,
    ReclassificationReason,
    UnmergeReason,
    WorkOrderClassified,
    WorkOrderClosingWithheld,
    WorkOrderDispatchLate,
    WorkOrderMerged,
    WorkOrderReopened,
    WorkOrderResolved,
    WorkOrderUnmerged,
    WorkOrderWithdrawn,
)
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON, only
from hotline_rules.book import RuleBook
from hotline_rules.pack import load_pack
from hotline_rules.sections.orders import AnswerClass
from routing.domain import work_order
from routing.domain.work_order import Status, refusals
from routing.domain.work_order import commands as do
from routing.domain.work_order.likeness import UnlikeMatterError
from routing.domain.work_order.merging import (
    LeadCannotLeadError,
    LeadsOthersError,
    LeadUnknownError,
    NotMergedError,
)

RULES = load_pack("default")
DAY = timedelta(days=1)


def test_like_matters_follow_one_lead_and_are_resolved_with_it_each_for_its_own_caller(two: Any) -> None:
    """D5: each caller keeps a revisit of their own, and the follower is assessed under its lead alone."""
    lead, other = two()
    lead.join(other)
    assert other.order.status is Status.MERGED
    with pytest.raises(refusals.OrderMergedError) as refused:
        other.transfer("police")
    assert refused.value.missing == "unmerge"
    lead.sign("roads")
    resolved = only(lead.resolve("roads"), WorkOrderResolved)
    assert resolved.followers == (other.order.work_order_id,)
    follow = do.FollowResolution(
        lead_id=resolved.work_order_id,
        department="roads",
        reply=Sealed("修好了"),
        book=RuleBook(RULES),
        by="handler@roads",
        now=NOON,
    )
    own = only(other.do(follow), WorkOrderResolved)
    assert (own.merged_into, own.requester_id, own.request_type) == (resolved.work_order_id, UUID(int=102), RequestType.REPAIR)
    assert other.do(follow) == []
    rework = do.ReworkOrder(revisit_id=UUID(int=5), round=2, rules=RULES, now=NOON + DAY)
    assert only(other.do(rework), WorkOrderReopened).department == "roads"


def test_a_follower_that_was_in_nobodys_hands_is_closed_or_reworked_like_any_other(new_matter: Any) -> None:
    """D5, A92, A108: what the lead's department found counts for both, and it is where rework goes."""
    lead, other = new_matter(1), new_matter(2)
    for matter in (lead, other):
        matter.register("noise", request_type=RequestType.COMPLAINT)
    lead.join(other)
    follow = do.FollowResolution(
        lead_id=lead.order.work_order_id,
        department="roads",
        reply=Sealed("修好了"),
        rule_version="default/1",
        book=RuleBook(RULES),
        by="handler@roads",
        now=NOON,
    )
    assert only(other.do(follow), WorkOrderResolved).rule_version == "default/1"
    again = replace(other)
    (closed,) = other.do(do.CloseOrder(revisit_id=UUID(int=5), round=1, reached=True, book=RuleBook(RULES), now=NOON + DAY))
    assert (type(closed).__name__, closed.department) == ("WorkOrderClosed", "roads")
    again.do(do.ReworkOrder(revisit_id=UUID(int=5), round=2, rules=RULES, now=NOON + DAY))
    again.at = NOON + 2 * DAY
    again.sign("roads")
    investigation = {"finding": Sealed("又坏了"), "evidence": (UUID(int=6),), "book": RuleBook(RULES)}
    again.do(do.ReportInvestigation(department="roads", **investigation, by="handler@roads", now=again.at))
    assert only(again.resolve("roads"), WorkOrderResolved).round == 2


def test_who_merged_what_and_why_is_on_record(two: Any) -> None:
    """D5."""
    lead, other = two()
    event = only(other.merge(lead), WorkOrderMerged)
    assert (event.lead_id, event.department, event.reason, event.merged_by) == (
        lead.order.work_order_id, "roads", MergeReason.SAME_EVENT, "desk",
    )  # fmt: skip
    assert other.merge(lead) == []


def test_an_unmerged_order_stands_where_it_stood_with_the_due_times_it_had(two: Any) -> None:
    """D5, A89: its clocks stood still, and are started again as they were."""
    lead, other = two()
    due = other.order.dispatching.due
    assert due is not None
    lead.join(other)
    ladder = other.order.urging.ladder
    assert ladder is not None
    passing = do.PassLimit(limit=LimitKind.RESOLVE, hop=1, round=1, now=ladder.due_at)
    assert other.do(passing) == []
    event = only(other.unmerge(), WorkOrderUnmerged)
    assert (event.standing, event.department, event.resolve_due_at) == ("transferred", "roads", ladder.due_at)
    timers = {timer.kind: timer.due_at for timer in work_order.decider.timers(event)}
    assert (timers["sign"], timers["return"], timers["contact"]) == (due.sign, due.give_back, due.contact)
    assert (timers["resolve"], timers[ladder.next_rung or ""]) == (ladder.due_at, ladder.next_rung_at)
    assert len(other.do(passing)) == 1
    assert other.sign("roads") != []
    with pytest.raises(NotMergedError):
        other.unmerge()


def test_an_order_that_waited_for_a_dispatcher_waits_again_when_it_is_unmerged(new_matter: Any) -> None:
    lead, other = new_matter(1), new_matter(2)
    lead.register("noise")
    other.register("noise")
    lead.join(other)
    event = only(other.unmerge(), WorkOrderUnmerged)
    due_at = RULES.after(RULES.orders.dispatch, NOON)
    assert (event.standing, event.department, event.dispatch_due_at) == ("classified", None, due_at)
    assert [(timer.kind, timer.due_at) for timer in work_order.decider.timers(event)] == [("dispatch", due_at)]
    assert only(other.do(do.PassDispatch(now=due_at)), WorkOrderDispatchLate).occurred_at == due_at


def test_only_what_may_lead_is_followed_and_only_what_is_free_follows(new_matter: Any, two: Any) -> None:
    lead, other = two()
    with pytest.raises(LeadUnknownError):
        other.merge(other)
    with pytest.raises(LeadUnknownError):
        other.merge(new_matter(9))
    lead.join(other)
    third = new_matter(3)
    third.register()
    with pytest.raises(LeadCannotLeadError):
        third.merge(other)
    with pytest.raises(LeadsOthersError):
        lead.merge(third)
    third.transfer("police")
    third.sign("police")
    with pytest.raises(refusals.OrderSignedError):
        third.merge(lead)
    accusing = new_matter(4)
    accusing.register(accused_department="roads")
    with pytest.raises(refusals.AccusedDepartmentError):
        accusing.merge(lead)


def test_only_like_matters_are_merged_and_a_complaint_into_nothing_that_demands_less(new_matter: Any) -> None:
    """D5, A92, A93: one category, and every stage that the follower's kind demands; the refusal names what the lead lacks."""
    helping, complaining, noisy, nameless, twin = (new_matter(number) for number in range(1, 6))
    helping.register()
    complaining.register(request_type=RequestType.COMPLAINT)
    noisy.register("noise")
    nameless.register(None)
    twin.register(None)
    for follower, lead, missing in (
        (helping, noisy, "same_category"),
        (nameless, helping, "same_category"),
        (nameless, twin, "same_category"),
        (complaining, helping, "verification"),
    ):
        with pytest.raises(UnlikeMatterError) as refused:
            follower.merge(lead)
        assert refused.value.missing == missing
    assert helping.merge(complaining) != []


@pytest.mark.parametrize("changed", ["lead", "follower"])
def test_a_complaint_that_followed_what_nobody_investigated_is_investigated_before_it_closes(
    changed: str, new_matter: Any
) -> None:
    """A92, A93: another kind given after the merge opens no hole."""
    lead, other = new_matter(1), new_matter(2)
    kind = RequestType.COMPLAINT if changed == "lead" else RequestType.HELP
    lead.register(request_type=kind)
    other.register(request_type=kind)
    lead.join(other)
    other_kind = RequestType.HELP if changed == "lead" else RequestType.COMPLAINT
    (lead if changed == "lead" else other).do(do.ChangeRequestType(to_type=other_kind, book=RuleBook(RULES), now=NOON))
    lead.sign("roads")
    resolved = only(lead.resolve("roads"), WorkOrderResolved)
    other.do(
        do.FollowResolution(
            lead_id=resolved.work_order_id,
            department="roads",
            reply=Sealed("修好了"),
            investigated=resolved.investigated,
            tracked=resolved.tracked,
            book=RuleBook(RULES),
            by="handler@roads",
            now=NOON,
        )
    )
    close = do.CloseOrder(revisit_id=UUID(int=5), round=1, reached=True, book=RuleBook(RULES), now=NOON + DAY)
    assert only(other.do(close), WorkOrderClosingWithheld).missing == ("verification", "tracking")


def test_merged_matters_get_another_category_together_and_stay_alike(two: Any) -> None:
    """A73, D5: what was one matter under the wrong name is one under the right name; every value stays in sight."""
    lead, other = two()
    lead.join(other)
    said = only(lead.classify("noise", reason=ReclassificationReason.MISCLASSIFIED), WorkOrderClassified)
    assert said.followers == (other.order.work_order_id,)
    follow = do.FollowClassification(
        lead_id=said.work_order_id,
        category="noise",
        table_version=said.table_version,
        answer_class=said.answer_class,
        reason=said.reason,
        by="desk",
        now=NOON,
    )
    same = only(other.do(follow), WorkOrderClassified)
    assert (same.from_category, same.category, same.reason, same.followers) == ("lighting", "noise", "misclassified", ())
    assert other.do(follow) == []
    assert other.order.status is Status.MERGED
    assert (
        only(lead.classify("noise", answer_class=AnswerClass.WEEK, reason="other_urgency"), WorkOrderClassified).followers == ()
    )
    other.unmerge()
    assert (other.order.category, other.order.department) == ("noise", "roads")
    assert other.do(replace(follow, category="leak")) == []


def test_what_was_merged_just_before_its_lead_got_another_category_goes_its_own_way(two: Any) -> None:
    """A73, D5."""
    lead, other = two()
    merged = only(other.merge(lead), WorkOrderMerged)
    lead.classify("noise", reason=ReclassificationReason.NEW_FACTS)
    (declined,) = lead.take(merged.work_order_id, None, merged.category)
    assert declined.reclassified


def test_a_lead_that_ended_meanwhile_declines_and_one_that_is_withdrawn_lets_go(two: Any) -> None:
    lead, other = two()
    other.merge(lead)
    lead.sign("roads")
    lead.resolve("roads")
    assert [type(one).__name__ for one in lead.take(other.order.work_order_id, None)] == ["WorkOrderFollowerDeclined"]
    alone = do.UnmergeOrder(
        reason=UnmergeReason.LEAD_ENDED, lead_id=lead.order.work_order_id, book=RuleBook(RULES), by="routing", now=NOON
    )
    assert only(other.do(alone), WorkOrderUnmerged).reason == "lead_ended"
    assert other.do(alone) == []
    first, second = two()
    first.join(second)
    assert only(first.do(do.WithdrawOrder(now=NOON)), WorkOrderWithdrawn).followers == (second.order.work_order_id,)


def test_a_follower_whose_requester_was_erased_ends_without_a_reply(two: Any) -> None:
    """A130: there is nobody left to answer, and no text can be sealed."""
    lead, other = two()
    lead.join(other)
    event = only(other.do(do.EndFollower(lead_id=lead.order.work_order_id, now=NOON)), WorkOrderWithdrawn)
    assert event.requester_erased
    assert other.do(do.EndFollower(lead_id=lead.order.work_order_id, now=NOON)) == []


def test_a_released_follower_is_not_resolved_by_its_former_lead(two: Any) -> None:
    lead, other = two()
    lead.join(other)
    other.unmerge()
    release = do.ReleaseFollower(follower_id=other.order.work_order_id, now=NOON)
    assert len(lead.do(release)) == 1
    assert lead.do(release) == []
    late = do.FollowResolution(
        lead_id=lead.order.work_order_id,
        department="roads",
        reply=Sealed("修好了"),
        book=RuleBook(RULES),
        by="handler@roads",
        now=NOON,
    )
    assert other.do(late) == []
