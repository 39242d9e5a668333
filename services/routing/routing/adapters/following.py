"""What routing does because of its own events: followers go with their lead, and arbitration leaves a precedent.

A reply is sealed for the lead's requester. For each follower it is opened and sealed again for that one's own requester; where
a requester was erased there is nothing to open, or nobody to seal it for.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from hotline_events.aggregates import Aggregates
from hotline_events.catalogue.routing import (
    UnmergeReason,
    WorkOrderAccusedNamed,
    WorkOrderArbitrationDecided,
    WorkOrderClosed,
    WorkOrderFollowerDeclined,
    WorkOrderMerged,
    WorkOrderResolved,
    WorkOrderTransferred,
    WorkOrderUnmerged,
    WorkOrderWithdrawn,
)
from hotline_events.envelope import Envelope
from hotline_events.reaction_batch import Reaction
from hotline_events.reactions import Reactions
from hotline_events.sealing import KeyGoneError, Sealed, unseal
from hotline_events.store import Keys, Store
from hotline_rules.book import RuleBook
from routing.domain import emergency, precedent, work_order
from routing.domain.precedent import SetPrecedent
from routing.domain.tables import MAIN
from routing.domain.work_order.commands import (
    EndFollower,
    FollowResolution,
    ReleaseFollower,
    TakeFollower,
    UnmergeOrder,
    WorkOrderCommand,
)

NAME = "routing.following"
_BY = "service:routing"


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
        self._requesters: dict[UUID, UUID] = {}

    async def refresh(self, events: Sequence[Envelope]) -> None:
        """Read who the followers' requesters are, and the keys that are left."""
        resolved = [one.event for one in events if isinstance(one.event, WorkOrderResolved) and one.event.followers]
        if not resolved:
            return
        followers = {follower for event in resolved for follower in event.followers}
        decider = work_order.decider
        states = await self._aggregates.load_many({decider.stream(one): decider for one in followers})
        self._requesters = {one: states[decider.stream(one)][1].requester_id for one in followers}
        people = {event.requester_id for event in resolved} | set(self._requesters.values())
        self._keys = dict(await self._people_keys.get_many(list(people)))

    def _react_now(self, envelope: Envelope) -> Sequence[Reaction]:
        match envelope.event:
            case WorkOrderMerged() as merged:
                take = TakeFollower(
                    follower_id=merged.work_order_id,
                    accused_department=merged.accused_department,
                    now=merged.occurred_at,
                )
                return [_asked_of(merged.lead_id, take)]
            case WorkOrderAccusedNamed(lead_id=UUID() as lead_id) as named:
                take = TakeFollower(
                    follower_id=named.work_order_id,
                    accused_department=named.accused_department,
                    now=named.occurred_at,
                )
                return [_asked_of(lead_id, take)]
            case WorkOrderUnmerged() as unmerged:
                release = ReleaseFollower(follower_id=unmerged.work_order_id, now=unmerged.occurred_at)
                return [_asked_of(unmerged.lead_id, release)]
            case WorkOrderFollowerDeclined() as declined:
                return [self._let_go(declined.follower_id, declined, UnmergeReason.LEAD_ENDED)]
            case WorkOrderWithdrawn() as withdrawn:
                let_go = [self._let_go(one, withdrawn, UnmergeReason.LEAD_ENDED) for one in withdrawn.followers]
                return [*let_go, _emergency_ends(withdrawn)]
            case WorkOrderResolved() as resolved:
                return [*(self._follow(one, resolved) for one in resolved.followers), _emergency_ends(resolved)]
            case WorkOrderTransferred() as transferred:
                return [self._emergency_follows(transferred)]
            case WorkOrderClosed() as closed:
                return [_emergency_ends(closed)]
            case WorkOrderArbitrationDecided(sets_precedent=True) as decided:
                return [_set_precedent(decided)]
            case _:
                return []

    def _emergency_follows(self, order: WorkOrderTransferred) -> Reaction:
        """Hand an emergency to whoever holds its order now (A79)."""
        command = emergency.HandOverEmergency(department=order.department, book=self._book, now=order.occurred_at)
        emergency_id = emergency.emergency_id_of(order.request_id)
        return Reaction(decider=emergency.decider, aggregate_id=emergency_id, command=command)

    def _follow(self, follower_id: UUID, lead: WorkOrderResolved) -> Reaction:
        if self._requesters.get(follower_id) not in self._keys:
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


def _emergency_ends(order: WorkOrderResolved | WorkOrderClosed | WorkOrderWithdrawn) -> Reaction:
    """Wait for the field no longer than for the order (A80)."""
    command = emergency.EndEmergency(by=_BY, now=order.occurred_at)
    return Reaction(decider=emergency.decider, aggregate_id=emergency.emergency_id_of(order.request_id), command=command)


def _asked_of(order_id: UUID, command: WorkOrderCommand) -> Reaction:
    return Reaction(decider=work_order.decider, aggregate_id=order_id, command=command)


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
