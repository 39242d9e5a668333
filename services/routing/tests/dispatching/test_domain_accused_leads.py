"""Who is accused by a matter that follows another one neither keeps the lead, nor answers for the follower."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from hotline_events.catalogue.routing import (
    ReturnReason,
    UnmergeReason,
    WorkOrderAccusedNamed,
    WorkOrderFollowerJoined,
    WorkOrderMerged,
    WorkOrderReopened,
    WorkOrderTransferred,
    WorkOrderUnmerged,
)
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON, only
from hotline_rules.book import RuleBook
from hotline_rules.pack import load_pack
from routing.domain import work_order
from routing.domain.work_order import Status, refusals
from routing.domain.work_order import commands as do

RULES = load_pack("default")
DAY = timedelta(days=1)


def test_a_lead_does_not_go_to_whom_its_follower_accuses(new_matter: Any) -> None:
    """A144."""
    lead, other = new_matter(1), new_matter(2)
    lead.register()
    other.register(accused_department="police")
    lead.join(other)
    with pytest.raises(refusals.AccusedDepartmentError):
        lead.transfer("police")


def test_a_lead_learns_whom_its_follower_turned_out_to_accuse_and_is_taken_away_from_them(two: Any) -> None:
    """A144."""
    lead, other = two()
    lead.join(other)
    lead.sign("roads")
    named = only(other.do(do.NameAccused(department="roads", book=RuleBook(RULES), now=NOON)), WorkOrderAccusedNamed)
    assert named.lead_id == lead.order.work_order_id
    hears = (named.work_order_id, named.accused_department)
    joined, returned = lead.take(*hears)
    assert (joined.accused_department, returned.department, returned.reason) == ("roads", "roads", ReturnReason.ACCUSED)
    assert lead.take(*hears) == []
    assert only(lead.transfer("parks"), WorkOrderTransferred).department == "parks"


def test_a_rework_is_taken_away_at_once_from_whom_a_follower_accuses(new_matter: Any) -> None:
    """A108, A144: signed or not, it waits for a dispatcher in its round; nobody has to notice."""
    lead, other = new_matter(1), new_matter(2)
    lead.register()
    lead.sign("roads")
    lead.resolve("roads")
    lead.at += DAY
    lead.do(do.ReworkOrder(revisit_id=UUID(int=5), round=2, rules=RULES, now=lead.at))
    lead.sign("roads")
    other.at = lead.at
    other.register()
    other.merge(lead)
    lead.take(other.order.work_order_id, None)
    named = only(other.do(do.NameAccused(department="roads", book=RuleBook(RULES), now=lead.at)), WorkOrderAccusedNamed)
    hears = (named.work_order_id, named.accused_department)
    _, returned = lead.take(*hears)
    assert (returned.reason, returned.dispatch_due_at) == (ReturnReason.ACCUSED, RULES.after(RULES.orders.dispatch, lead.at))
    assert (lead.order.status, lead.order.dispatching.returns) == (Status.RETURNED, 0)
    assert lead.take(*hears) == []
    with pytest.raises(refusals.AccusedDepartmentError):
        lead.transfer("roads")
    sent = only(lead.transfer("parks"), WorkOrderTransferred)
    assert (sent.department, sent.round) == ("parks", 2)


def test_an_order_sent_to_whom_it_did_not_yet_know_its_follower_to_accuse_comes_back_at_once(new_matter: Any) -> None:
    """A144: merged while it lay with nobody, heard of once it lay with them; who helps and is accused helps no more."""
    lead, other, third = new_matter(1), new_matter(2), new_matter(3)
    lead.register("noise")
    other.register("noise", accused_department="police")
    third.register("noise", accused_department="parks")
    merged = only(other.merge(lead), WorkOrderMerged)
    lead.transfer("police", "parks")
    assert [type(one) for one in lead.take(third.order.work_order_id, "parks")] == [WorkOrderFollowerJoined]
    assert not lead.order.is_known_to("parks")
    _, returned = lead.take(merged.work_order_id, merged.accused_department)
    assert (returned.department, returned.reason) == ("police", ReturnReason.ACCUSED)


def test_what_accuses_who_had_the_lead_before_follows_it_to_a_dispatcher(new_matter: Any) -> None:
    """A144, D5: two complaints about one department, of which the first was taken away from it, are one matter."""
    lead, other = new_matter(1), new_matter(2)
    lead.register()
    lead.do(do.NameAccused(department="roads", book=RuleBook(RULES), now=NOON))
    other.register(accused_department="roads")
    assert only(other.merge(lead), WorkOrderMerged).lead_id == lead.order.work_order_id


def test_nobody_answers_for_a_matter_that_accuses_them_by_resolving_its_lead(two: Any) -> None:
    """A144: it goes its own way, to a dispatcher where it was with them as well."""
    lead, other = two()
    lead.join(other)
    lead.sign("roads")
    lead.resolve("roads")
    other.do(do.NameAccused(department="roads", book=RuleBook(RULES), now=NOON))
    follow = do.FollowResolution(
        lead_id=lead.order.work_order_id,
        department="roads",
        reply=Sealed("修好了"),
        book=RuleBook(RULES),
        by="handler@roads",
        now=NOON,
    )
    alone = only(other.do(follow), WorkOrderUnmerged)
    assert (alone.reason, alone.standing, alone.department) == (UnmergeReason.LEAD_ACCUSED, "returned", None)
    assert [timer.kind for timer in work_order.decider.timers(alone)] == ["dispatch"]
    with pytest.raises(refusals.AccusedDepartmentError):
        other.transfer("roads")
    assert only(other.transfer("parks"), WorkOrderTransferred).department == "parks"


def test_rework_of_a_matter_that_accuses_the_department_goes_to_a_dispatcher(dispatched: Any) -> None:
    """A108, A144: and does not count as a return."""
    matter = dispatched()
    matter.sign("roads")
    matter.resolve("roads")
    matter.do(do.NameAccused(department="roads", book=RuleBook(RULES), now=NOON))
    matter.at += DAY
    rework = do.ReworkOrder(revisit_id=UUID(int=5), round=2, rules=RULES, now=matter.at)
    reopened, returned = matter.do(rework)
    assert (type(reopened), returned.reason, returned.dispatch_due_at is None) == (
        WorkOrderReopened, ReturnReason.ACCUSED, False,
    )  # fmt: skip
    assert (matter.order.status, matter.order.dispatching.returns) == (Status.RETURNED, 0)
    assert matter.do(rework) == []
    sent = only(matter.transfer("parks"), WorkOrderTransferred)
    assert (sent.department, sent.round) == ("parks", 2)
