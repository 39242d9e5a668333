"""What dispatching reads: who is asked, who gave the order back, who follows whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from hotline_events.catalogue.intake import RequesterClass
from hotline_events.catalogue.routing import (
    Route,
    WorkOrderAccusedNamed,
    WorkOrderArbitrationDecided,
    WorkOrderArbitrationOpened,
    WorkOrderClassified,
    WorkOrderDispatchLate,
    WorkOrderEvent,
    WorkOrderFollowerJoined,
    WorkOrderFollowerLeft,
    WorkOrderHandlerAssigned,
    WorkOrderMerged,
    WorkOrderOpened,
    WorkOrderReopened,
    WorkOrderResolved,
    WorkOrderReturned,
    WorkOrderTransferred,
    WorkOrderUnmerged,
    WorkOrderWithdrawn,
)
from hotline_events.replacing import replace
from hotline_rules.sections.orders import AnswerClass
from routing.domain.work_order.standing import Status

_NOBODY: Mapping[UUID, str | None] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The due times of the present stint, and the pack they come from."""

    sign: datetime
    contact: datetime
    give_back: datetime | None
    rule_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatching:
    """`first_contact` is who met the caller first; the duty to revisit stays with that agent (A65, A68).

    A department in `barred` gave the order back, one of `had` had it in this round: each gets it again by arbitration only;
    where the pack lets it (it lacked facts), it may have it again at once (`may_have_again`), before any other. `followers`
    are the orders that this one leads, each with whom it accuses.
    """

    first_contact: str | None = None
    requester_class: RequesterClass = RequesterClass.NATURAL_PERSON
    answer_class: AnswerClass | None = None
    class_given: bool = False
    dispatch_due_at: datetime | None = None
    due: Due | None = None
    supports: frozenset[str] = frozenset()
    handler: str | None = None
    returns: int = 0
    barred: frozenset[str] = frozenset()
    had: frozenset[str] = frozenset()
    may_have_again: str | None = None
    arbitrations: int = 0
    in_arbitration: bool = False
    forced: bool = False
    followers: Mapping[UUID, str | None] = field(default_factory=lambda: _NOBODY)
    lead_id: UUID | None = None
    stood: Status | None = None

    def bars(self, department: str) -> bool:
        """Say whether only arbitration may send the order to this department."""
        return department in self.barred | self.had and department != self.may_have_again


def evolve_dispatching(part: Dispatching, event: WorkOrderEvent, status: Status) -> Dispatching:  # noqa: C901, PLR0912 - one case an event
    """Return the part after an event; `status` is where the order stood before it."""
    match event:
        case WorkOrderOpened():
            requester = event.requester_class or RequesterClass.NATURAL_PERSON
            due_at, first = event.dispatch_due_at, event.first_contact
            return replace(part, dispatch_due_at=due_at, first_contact=first, requester_class=requester)
        case WorkOrderClassified():
            answer_class = AnswerClass(event.answer_class) if event.answer_class else None
            requester = event.requester_class or part.requester_class
            return replace(part, answer_class=answer_class, class_given=event.class_given, requester_class=requester)
        case WorkOrderTransferred() | WorkOrderReopened():
            return _begun(part, event)
        case WorkOrderReturned():
            again = event.department if event.straight_back else None
            barred = part.barred | {event.department}
            part = replace(part, dispatch_due_at=event.dispatch_due_at, supports=frozenset(), due=None)
            returns = part.returns + event.reason.is_a_departments
            return replace(part, returns=returns, barred=barred, may_have_again=again)
        case WorkOrderAccusedNamed():
            return replace(part, supports=part.supports - {event.accused_department})
        case WorkOrderDispatchLate():
            return replace(part, dispatch_due_at=None)
        case WorkOrderHandlerAssigned():
            return replace(part, handler=event.handler)
        case WorkOrderArbitrationOpened():
            return replace(part, arbitrations=event.arbitration, in_arbitration=True, dispatch_due_at=None)
        case WorkOrderArbitrationDecided():
            return replace(part, in_arbitration=False)
        case WorkOrderFollowerJoined():
            followers = {**part.followers, event.follower_id: event.accused_department}
            return replace(part, followers=MappingProxyType(followers), supports=part.supports - {event.accused_department})
        case WorkOrderFollowerLeft():
            followers = {key: accused for key, accused in part.followers.items() if key != event.follower_id}
            return replace(part, followers=MappingProxyType(followers))
        case WorkOrderMerged():
            return replace(part, lead_id=event.lead_id, stood=status, dispatch_due_at=None)
        case WorkOrderUnmerged():
            return replace(part, lead_id=None, stood=None, dispatch_due_at=event.dispatch_due_at)
        case WorkOrderResolved() | WorkOrderWithdrawn():
            return replace(part, followers=_NOBODY, lead_id=None, stood=None)
        case _:
            return part


def _begun(part: Dispatching, event: WorkOrderTransferred | WorkOrderReopened) -> Dispatching:
    due = Due(
        sign=event.sign_due_at,
        contact=event.contact_due_at,
        give_back=event.return_due_at,
        rule_version=event.rule_version,
    )
    if isinstance(event, WorkOrderReopened):
        return replace(part, due=due, had=frozenset({event.department}))
    return replace(
        part,
        due=due,
        had=part.had | {event.department},
        dispatch_due_at=None,
        supports=frozenset(event.support_departments),
        handler=None,
        may_have_again=part.may_have_again if part.may_have_again == event.department else None,
        forced=event.route is Route.ARBITRATION,
    )
