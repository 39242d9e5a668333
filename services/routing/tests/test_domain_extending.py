"""More time for an order: asked before it is due, explained to the caller, granted or denied by somebody else."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from hotline_events.catalogue.routing import WorkOrderExtensionGranted
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON
from hotline_rules.deadlines import LimitKind
from hotline_rules.pack import load_pack, parse_pack
from routing.domain.work_order import commands as do
from routing.domain.work_order import refusals
from routing.domain.work_order.extending import (
    DeferralNotExplainedError,
    ExtensionSpanError,
    ExtensionsUsedUpError,
    ExtensionTooLateError,
    ExtensionUnknownError,
    ExtensionWaitingError,
)

RULES = load_pack("default")
DUE = RULES.due_at(LimitKind.RESOLVE, NOON)
DAY = timedelta(days=1)
UNTIL = DUE + 3 * DAY
FIRST, SECOND = UUID(int=81), UUID(int=82)


def signed(life: Any) -> Any:
    order = life()
    order.ask(do.SignOrder)
    return order


def request(order: Any, extension: UUID = FIRST, until: datetime = UNTIL, **fields: Any) -> list[str]:
    asked: list[str] = order.ask(do.RequestExtension, extension_id=extension, reason=Sealed("等配件"), until=until, **fields)
    return asked


def explain(order: Any, extension: UUID = FIRST, *, understood: bool = True) -> list[str]:
    told: list[str] = order.ask(do.ExplainDeferral, extension_id=extension, understood=understood)
    return told


def grant(order: Any, extension: UUID = FIRST, **fields: Any) -> list[str]:
    granted: list[str] = order.ask(do.GrantExtension, extension_id=extension, **{"until": None, "by": "dispatcher", **fields})
    return granted


def test_a_granted_extension_moves_the_due_time_and_the_ladder(life: Any) -> None:
    """A70, A89: recorded with both due times; the old clock says nothing any more."""
    order = signed(life)
    assert request(order) == ["extension_requested"]
    assert request(order) == []
    assert explain(order) == ["deferral_explained"]
    assert explain(order) == []
    assert grant(order) == ["extension_granted"]
    assert grant(order) == []
    granted = order.history[-1]
    assert isinstance(granted, WorkOrderExtensionGranted)
    assert (granted.due_before, granted.resolve_due_at) == (DUE, UNTIL)
    assert granted.next_rung_at == RULES.before(RULES.orders.urging.remind_before, UNTIL)
    order.ask(do.ContactCaller)
    assert order.wait_until(DUE + timedelta(hours=1)) == []
    assert order.wait_until(UNTIL) == ["reminded", "card_shown", "limit_passed", "urged"]


def test_more_time_is_granted_after_the_caller_heard_why(life: Any) -> None:
    """A70: before any deferral."""
    order = signed(life)
    request(order)
    with pytest.raises(DeferralNotExplainedError) as refused:
        grant(order)
    assert refused.value.missing == "deferral_explained"


def test_a_caller_who_did_not_understand_is_told_again(life: Any) -> None:
    """A70: until then nothing is deferred."""
    order = signed(life)
    request(order)
    assert explain(order, understood=False) == ["deferral_explained"]
    with pytest.raises(DeferralNotExplainedError):
        grant(order)
    assert explain(order) == ["deferral_explained"]
    assert explain(order, understood=False) == []
    assert grant(order) == ["extension_granted"]


def test_who_asked_for_more_time_does_not_grant_it(life: Any) -> None:
    """A89: a second person decides."""
    order = signed(life)
    request(order)
    explain(order)
    for act in (grant, deny):
        with pytest.raises(refusals.SamePersonError):
            act(order, by="handler")


def deny(order: Any, by: str = "dispatcher") -> list[str]:
    denied: list[str] = order.ask(do.DenyExtension, extension_id=FIRST, reason=Sealed("来得及"), by=by)
    return denied


def test_a_denied_extension_leaves_the_due_time_and_may_be_asked_again(life: Any) -> None:
    """A89."""
    order = signed(life)
    request(order)
    assert deny(order) == ["extension_denied"]
    assert deny(order) == []
    with pytest.raises(ExtensionUnknownError):
        grant(order)
    assert request(order, SECOND) == ["extension_requested"]
    order.wait_until(DUE)
    assert order.history[-1].number == 1


def test_more_time_is_asked_for_before_the_due_time_and_after_signing(life: Any) -> None:
    """A89, W1."""
    order = life()
    with pytest.raises(refusals.OrderNotSignedError):
        request(order)
    order.ask(do.SignOrder)
    with pytest.raises(refusals.WorkOrderUnknownError):
        request(order, department="parks")
    with pytest.raises(ExtensionTooLateError):
        request(order, now=DUE)


def test_once_its_lateness_is_on_record_no_backdated_request_for_more_time_comes_in_time(life: Any) -> None:
    """A89."""
    order = signed(life)
    assert "limit_passed" in order.wait_until(DUE)
    with pytest.raises(ExtensionTooLateError):
        request(order, now=DUE - DAY)


def test_the_pack_says_how_often_and_how_long(life: Any) -> None:
    """A89: once, and no longer than ten working days by the default pack."""
    order = signed(life)
    longest = RULES.after(RULES.orders.extension.longest, DUE)
    for until in (DUE, NOON, longest + timedelta(seconds=1)):
        with pytest.raises(ExtensionSpanError):
            request(order, until=until)
    request(order, until=longest)
    with pytest.raises(ExtensionWaitingError):
        request(order, SECOND)
    explain(order)
    with pytest.raises(ExtensionSpanError):
        grant(order, until=longest + timedelta(seconds=1))
    assert grant(order, until=UNTIL) == ["extension_granted"]
    with pytest.raises(ExtensionsUsedUpError):
        request(order, SECOND, until=UNTIL + DAY)


def test_all_extensions_together_are_no_longer_than_the_packs_longest(life: Any) -> None:
    """A89: measured from when the order was first due."""
    head = "extends: default\nnumber: twice/1\ntitle: twice\neffective_from: 2004-01-01\nsources: [us]\n"
    order = life("help", parse_pack("twice.yaml", f"{head}orders: {{extension: {{times: 2}}}}\n".encode()))
    order.ask(do.SignOrder)
    longest = RULES.after(RULES.orders.extension.longest, DUE)
    request(order)
    explain(order)
    grant(order)
    with pytest.raises(ExtensionSpanError):
        request(order, SECOND, until=longest + timedelta(seconds=1))
    assert request(order, SECOND, until=longest) == ["extension_requested"]


def test_no_time_is_granted_that_is_already_over(life: Any) -> None:
    """A89."""
    order = signed(life)
    request(order)
    explain(order)
    order.wait_until(UNTIL)
    with pytest.raises(ExtensionSpanError):
        grant(order)


def test_what_waits_lapses_when_the_order_is_resolved(life: Any) -> None:
    """A89."""
    order = signed(life)
    request(order)
    order.ask(do.ResolveOrder, reply=Sealed("修好了"))
    with pytest.raises(ExtensionUnknownError):
        grant(order)


def test_a_grant_that_comes_late_starts_the_clock_anew(life: Any) -> None:
    """A89: the limit that had passed stays on record; the new one passes on its own."""
    order = signed(life)
    order.ask(do.ContactCaller)
    request(order)
    explain(order)
    order.wait_until(DUE)
    grant(order)
    passed = [event for event in order.history if type(event).__name__ == "WorkOrderLimitPassed"]
    assert [event.occurred_at for event in passed] == [DUE]
    assert "limit_passed" in order.wait_until(UNTIL)
