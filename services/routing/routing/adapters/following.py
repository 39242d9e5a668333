"""What routing does because of its own events: followers go with their lead, what stands beside an order goes with the order,
and arbitration leaves a precedent.

A reply is sealed for the lead's requester. For each follower it is opened and sealed again for that one's own requester; where
a requester was erased there is nothing to open, or nobody to seal it for.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from hotline_events.aggregates import Aggregates
from hotline_events.catalogue.intake import RequestType
from hotline_events.catalogue.routing import (
    UnmergeReason,
    WorkOrderAccusedNamed,
    WorkOrderArbitrationDecided,
    WorkOrderClassified,
    WorkOrderFollowerDeclined,
    WorkOrderMerged,
    WorkOrderResolved,
    WorkOrderTypeChanged,
    WorkOrderUnmerged,
    WorkOrderWithdrawn,
)
from hotline_events.envelope import Envelope
from hotline_events.reaction_batch import Reaction
from hotline_events.reactions import Reactions
from hotline_events.sealing import KeyGoneError, Sealed, unseal
from hotline_events.store import Keys, Store
from hotline_rules.book import RuleBook
from routing.adapters.beside import beside_of
from routing.domain import emergency, precedent, work_order
from routing.domain.precedent import SetPrecedent
from routing.domain.tables import MAIN
from routing.domain.work_order import Status, WorkOrder
from routing.domain.work_order.commands import (
    EndFollower,
    FollowClassification,
    FollowResolution,
    ReleaseFollower,
    TakeFollower,
    UnmergeOrder,
    WorkOrderCommand,
)

NAME = "routing.following"
_BY = "service:routing"
_NOT_AT_WORK = frozenset({Status.RESOLVED, Status.CLOSED, Status.WITHDRAWN})


class Following(Reactions):
    """Reactions of routing to itself. Before a batch, the keys are read of those whom a resolution concerns."""

    def __init__(self, store: Store, aggregates: Aggregates, keys: Keys, book: RuleBook, committed: Callable[[], None]) -> None:
        super().__init__(
            NAME,
            service="routing",
            sources=("routing",),
            react=self._react_now,
            store=store,
            aggregates=aggregates,
            committed=committed,
        )
        self._people_keys = keys
        self._book = book
        self._keys: dict[UUID, bytes] = {}
        self._orders: dict[UUID, WorkOrder] = {}

    async def refresh(self, events: Sequence[Envelope]) -> None:
        """Read the orders that follow a resolved one, with the keys of their requesters that are left, and those that became
        emergency repairs.
        """
        resolved = [one.event for one in events if isinstance(one.event, WorkOrderResolved) and one.event.followers]
        followers = {follower for event in resolved for follower in event.followers}
        urgent = {one.event.work_order_id for one in events if _is_urgent_now(one.event)}
        if not followers | urgent:
            return
        decider = work_order.decider
        states = await self._aggregates.load_many({decider.stream(one): decider for one in followers | urgent})
        self._orders = {one: states[decider.stream(one)][1] for one in followers | urgent}
        people = {event.requester_id for event in resolved} | {self._orders[one].requester_id for one in followers}
        self._keys = dict(await self._people_keys.get_many(list(people))) if people else {}

    def _react_now(self, envelope: Envelope) -> Sequence[Reaction]:
        if beside := beside_of(envelope.event, self._book):
            return [*beside, *self._of_orders(envelope)]
        return self._of_orders(envelope)

    def _of_orders(self, envelope: Envelope) -> Sequence[Reaction]:
        match envelope.event:
            case WorkOrderMerged() as merged:
                take = TakeFollower(
                    follower_id=merged.work_order_id,
                    accused_department=merged.accused_department,
                    category=merged.category,
                    book=self._book,
                    now=merged.occurred_at,
                )
                return [_asked_of(merged.lead_id, take)]
            case WorkOrderAccusedNamed(lead_id=UUID() as lead_id) as named:
                take = TakeFollower(
                    follower_id=named.work_order_id,
                    accused_department=named.accused_department,
                    book=self._book,
                    now=named.occurred_at,
                )
                return [_asked_of(lead_id, take)]
            case WorkOrderUnmerged() as unmerged:
                release = ReleaseFollower(follower_id=unmerged.work_order_id, now=unmerged.occurred_at)
                return [_asked_of(unmerged.lead_id, release)]
            case WorkOrderFollowerDeclined() as declined:
                reason = UnmergeReason.LEAD_RECLASSIFIED if declined.reclassified else UnmergeReason.LEAD_ENDED
                return [self._let_go(declined.follower_id, declined, reason)]
            case WorkOrderClassified() as classified:
                return [_asked_of(one, _as_the_lead(classified)) for one in classified.followers]
            case WorkOrderWithdrawn() as withdrawn:
                let_go = [self._let_go(one, withdrawn, UnmergeReason.LEAD_ENDED) for one in withdrawn.followers]
                return [*let_go, *_released(withdrawn)]
            case WorkOrderResolved() as resolved:
                return [self._follow(one, resolved) for one in resolved.followers]
            case WorkOrderTypeChanged() as changed if _is_urgent_now(changed):
                return self._declare(changed)
            case WorkOrderArbitrationDecided(sets_precedent=True) as decided:
                return [_set_precedent(decided)]
            case _:
                return []

    def _declare(self, changed: WorkOrderTypeChanged) -> Sequence[Reaction]:
        """Declare what turned out to be an emergency repair, for whoever holds its order (A30, A79)."""
        order = self._orders[changed.work_order_id]
        if order.status in _NOT_AT_WORK:
            return []
        command = emergency.DeclareEmergency(
            emergency_id=emergency.emergency_id_of(changed.request_id),
            request_id=changed.request_id,
            requester_id=order.requester_id,
            work_order_id=changed.work_order_id,
            department=order.holder,
            rules=self._book.in_force(changed.occurred_at),
            by=_BY,
            now=changed.occurred_at,
        )
        return [Reaction(decider=emergency.decider, aggregate_id=command.emergency_id, command=command)]

    def _follow(self, follower_id: UUID, lead: WorkOrderResolved) -> Reaction:
        follower = self._orders.get(follower_id)
        if follower is None or follower.requester_id not in self._keys:
            return _asked_of(follower_id, EndFollower(lead_id=lead.work_order_id, now=lead.occurred_at))
        try:
            reply = unseal(lead.reply.box or "", self._keys)
        except KeyGoneError:
            return self._let_go(follower_id, lead, UnmergeReason.LEAD_ERASED)
        follow = FollowResolution(
            lead_id=lead.work_order_id,
            department=lead.department,
            reply=Sealed(reply),
            rule_version=lead.rule_version,
            investigated=lead.investigated,
            tracked=lead.tracked,
            book=self._book,
            by=lead.resolved_by,
            now=lead.occurred_at,
        )
        return _asked_of(follower_id, follow)

    def _let_go(
        self, follower_id: UUID, lead: WorkOrderResolved | WorkOrderWithdrawn | WorkOrderFollowerDeclined, reason: UnmergeReason
    ) -> Reaction:
        unmerge = UnmergeOrder(reason=reason, lead_id=lead.work_order_id, book=self._book, by=_BY, now=lead.occurred_at)
        return _asked_of(follower_id, unmerge)


def _is_urgent_now(event: object) -> bool:
    return isinstance(event, WorkOrderTypeChanged) and event.to_type is RequestType.EMERGENCY_REPAIR


def _asked_of(order_id: UUID, command: WorkOrderCommand) -> Reaction:
    return Reaction(decider=work_order.decider, aggregate_id=order_id, command=command)


def _released(withdrawn: WorkOrderWithdrawn) -> Sequence[Reaction]:
    """Tell the lead of a withdrawn order that it is followed no more; nor is it barred from whom that one accused."""
    if withdrawn.lead_id is None:
        return []
    release = ReleaseFollower(follower_id=withdrawn.work_order_id, now=withdrawn.occurred_at)
    return [_asked_of(withdrawn.lead_id, release)]


def _as_the_lead(lead: WorkOrderClassified) -> FollowClassification:
    return FollowClassification(
        lead_id=lead.work_order_id,
        category=lead.category,
        table_version=lead.table_version,
        answer_class=None if lead.class_given else lead.answer_class,
        reason=lead.reason,
        by=lead.classified_by,
        now=lead.occurred_at,
    )


def _set_precedent(decided: WorkOrderArbitrationDecided) -> Reaction:
    command = SetPrecedent(
        category=decided.category,
        area=decided.area,
        department=decided.department,
        work_order_id=decided.work_order_id,
        by=decided.decided_by,
        now=decided.occurred_at,
    )
    return Reaction(decider=precedent.decider, aggregate_id=MAIN, command=command)
