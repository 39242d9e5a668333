"""What stands beside an order: it is told where the order goes, and nothing is asked where nothing stands beside it."""

from typing import Any
from uuid import UUID

import pytest

from hotline_events.catalogue.routing import ReturnReason, WorkOrderEscalated, WorkOrderTransferred
from hotline_events.sealing import Sealed
from routing.adapters.beside import beside_of
from routing.domain import escalation
from routing.domain.work_order import commands as do
from routing.domain.work_order import refusals

MATTER = UUID(int=61)


def asked_for(order: Any, before: int = 0) -> list[tuple[str, Any]]:
    """Return which streams are asked because of what happened, and what."""
    reactions = [one for event in order.history[before:] for one in beside_of(event, order.book)]
    return [(one.decider.aggregate, one.command) for one in reactions]


def test_an_order_that_nothing_stands_beside_makes_nobody_look(life: Any) -> None:
    """A79, A82: nearly every order is like that."""
    order = life()
    order.ask(do.ReturnOrder, reason=ReturnReason.DUPLICATE)
    order.transfer("parks")
    order.ask(do.SignOrder)
    order.ask(do.ResolveOrder, reply=Sealed("已处理"))
    assert asked_for(order) == []


def test_every_step_of_an_escalated_order_names_its_escalations(life: Any) -> None:
    """A82: returned it lies with nobody, transferred with the next, and it ends with the result."""
    order = life()
    assert order.ask(do.NoteEscalation, escalation_id=MATTER) == ["escalated"]
    assert order.ask(do.NoteEscalation, escalation_id=MATTER) == []
    order.ask(do.ReturnOrder, reason=ReturnReason.DUPLICATE)
    order.transfer("parks")
    order.ask(do.SignOrder)
    order.ask(do.ResolveOrder, reply=Sealed("已处理"))
    hands = [escalation.HandOver(department=code, now=order.now) for code in ("roads", None, "parks")]
    over = escalation.EndWithOrder(now=order.now)
    assert asked_for(order) == [("escalation", one) for one in (*hands, over)]
    before = len(order.history)
    assert order.ask(do.NoteEscalation, escalation_id=UUID(int=62)) == ["escalated"]
    assert isinstance(order.history[-1], WorkOrderEscalated)
    assert asked_for(order, before) == [("escalation", over)], "what was raised as the order ended ends too"


def test_an_emergency_is_handed_over_and_ends_with_its_order(life: Any) -> None:
    """A79, A80."""
    order = life("emergency_repair")
    assert [event.emergency for event in order.history if isinstance(event, WorkOrderTransferred)] == [True]
    assert order.ask(do.NoteEmergency) == [], "it was registered as one"
    order.decide(do.WithdrawOrder(now=order.now))
    handed, ended = (command for _, command in asked_for(order))
    assert (handed.department, type(ended).__name__) == ("roads", "EndEmergency")
    other = life()
    assert other.ask(do.NoteEmergency) == ["emergency_declared"]
    assert [command.department for _, command in asked_for(other)] == ["roads"]


def test_an_emergency_stays_with_who_gives_the_order_back_but_not_with_whom_it_accuses(life: Any) -> None:
    """A79, A80, A144."""
    order = life("emergency_repair")
    before = len(order.history)
    order.ask(do.ReturnOrder, reason=ReturnReason.DUPLICATE)
    assert asked_for(order, before) == []
    accusing = life("emergency_repair")
    before = len(accusing.history)
    assert accusing.ask(do.NameAccused) == ["accused_named", "returned"]
    assert [command.department for _, command in asked_for(accusing, before)] == [None]


def test_an_emergency_may_be_declared_before_its_order_is_opened(life: Any) -> None:
    """A79: an escalation never is."""
    order = life()
    order.history.clear()
    assert order.ask(do.NoteEmergency) == []
    with pytest.raises(refusals.WorkOrderUnknownError):
        order.ask(do.NoteEscalation, escalation_id=MATTER)
