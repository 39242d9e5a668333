"""What routing does because another service's event says so.

A registered request becomes a work order; followup's rework reopens it, followup's end closes it. A request that is answered
while it is registered needs no order; one that is answered later has its order withdrawn, unless a department has signed for
it: nothing is taken out of anyone's hands behind their back.
"""

from collections.abc import Callable, Sequence

from hotline_events.aggregates import Aggregates
from hotline_events.catalogue.followup import ClosedAs, RevisitClosed, ReworkOrdered
from hotline_events.catalogue.intake import (
    RequestAnsweredDirectly,
    RequestCorrected,
    RequestNotAccepted,
    RequestRegistered,
    RequestTypeChanged,
)
from hotline_events.catalogue.routing import (
    CategoryTablePublished,
    DepartmentClosed,
    DepartmentRegistered,
    DepartmentRenamed,
    PrecedentRevoked,
    PrecedentSet,
    ScopeTablePublished,
)
from hotline_events.envelope import Envelope
from hotline_events.reaction_batch import React, Reaction
from hotline_events.reactions import Reactions
from hotline_events.registry import type_of
from hotline_events.store import Store
from hotline_rules.book import RuleBook
from hotline_rules.pack import RulePack
from routing.application import closed_among, read_tables
from routing.domain import emergency, work_order
from routing.domain.tables import Tables
from routing.domain.work_order.commands import (
    ChangeRequestType,
    CloseOrder,
    NameAccused,
    OpenWorkOrder,
    ReworkOrder,
    WithdrawOrder,
)

NAME = "routing.reactions"
SOURCES = ("intake", "followup")
_BY = "service:routing"
_TABLE_EVENTS = [
    type_of(event).name
    for event in (
        CategoryTablePublished,
        ScopeTablePublished,
        PrecedentSet,
        PrecedentRevoked,
        DepartmentRegistered,
        DepartmentRenamed,
        DepartmentClosed,
    )
]
_CHANGED = "select max(position), bool_or(name = any(:names)) from events where position > :after"


def on_request_registered(request: RequestRegistered, tables: Tables, rules: RulePack) -> Reaction:
    """Open one order for a registration, dispatched at the moment of the registration: its clocks run from there."""
    work_order_id = work_order.work_order_id_of(request.request_id)
    command = OpenWorkOrder(
        work_order_id=work_order_id, request=request, tables=tables, rules=rules, by=_BY, now=request.occurred_at
    )
    return Reaction(decider=work_order.decider, aggregate_id=work_order_id, command=command, creates=True)


def on_emergency_registered(request: RequestRegistered, tables: Tables, rules: RulePack) -> Reaction:
    """Declare the emergency in the moment of its registration, for the department that the scope table names (A79).

    One whom the matter accuses is not told (A144): crew and leader are. It is told at once, even where the order itself waits
    for the working days of a year that the office has not published yet.
    """
    named = tables.department_for(request.category, request.area) if request.category else None
    emergency_id = emergency.emergency_id_of(request.request_id)
    command = emergency.DeclareEmergency(
        emergency_id=emergency_id,
        request_id=request.request_id,
        requester_id=request.requester_id,
        work_order_id=work_order.work_order_id_of(request.request_id),
        department=None if named == request.accused_department else named,
        rules=rules,
        by=_BY,
        now=request.occurred_at,
    )
    return Reaction(decider=emergency.decider, aggregate_id=emergency_id, command=command, creates=True, at_once=True)


def on_request_answered(event: RequestAnsweredDirectly) -> Reaction:
    """Withdraw the order of a request that was answered at first contact."""
    work_order_id = work_order.work_order_id_of(event.request_id)
    return Reaction(decider=work_order.decider, aggregate_id=work_order_id, command=WithdrawOrder(now=event.occurred_at))


def on_request_not_accepted(event: RequestNotAccepted) -> Reaction:
    """Withdraw the order of a request that was not accepted, on a ground that the caller was told (A66)."""
    work_order_id = work_order.work_order_id_of(event.request_id)
    return Reaction(decider=work_order.decider, aggregate_id=work_order_id, command=WithdrawOrder(now=event.occurred_at))


def on_type_changed(event: RequestTypeChanged, book: RuleBook) -> Reaction:
    """Let the order follow the kind that its request was given (A30)."""
    work_order_id = work_order.work_order_id_of(event.request_id)
    command = ChangeRequestType(to_type=event.to_type, book=book, now=event.occurred_at)
    return Reaction(decider=work_order.decider, aggregate_id=work_order_id, command=command)


def on_accused_corrected(event: RequestCorrected, department: str, book: RuleBook) -> Reaction:
    """Tell the order whom its matter accuses (A144)."""
    command = NameAccused(department=department, book=book, now=event.occurred_at)
    return Reaction(decider=work_order.decider, aggregate_id=work_order.work_order_id_of(event.request_id), command=command)


def on_rework_ordered(event: ReworkOrdered, rules: RulePack, *, department_open: bool = True) -> Reaction:
    command = ReworkOrder(
        revisit_id=event.revisit_id,
        round=event.round,
        fee_free=event.fee_free,
        department_open=department_open,
        rules=rules,
        now=event.occurred_at,
    )
    return Reaction(decider=work_order.decider, aggregate_id=event.work_order_id, command=command)


def on_revisit_closed(event: RevisitClosed, book: RuleBook) -> Reaction:
    """Close the order; who was never reached, or not to be asked, was not told the result by the revisit (A28, A93)."""
    tried = event.closed_as not in {ClosedAs.NOT_SAMPLED, ClosedAs.ORDER_CLOSED}
    command = CloseOrder(
        revisit_id=event.revisit_id,
        round=event.round,
        reached=tried and event.closed_as is not ClosedAs.UNREACHABLE,
        tried=tried,
        book=book,
        now=event.occurred_at,
    )
    return Reaction(decider=work_order.decider, aggregate_id=event.work_order_id, command=command)


def kept(book: RuleBook, event: ReworkOrdered) -> RulePack:
    """Return the pack that the matter began under; an event from before it was told has those in force."""
    return book.of(event.rule_version) if event.rule_version else book.in_force(event.occurred_at)


def react_with(tables: Tables, book: RuleBook, shut: frozenset[str] = frozenset()) -> React:
    """Return what to do for each event, under these tables, rules and closed departments. Pure: the same event gives the same
    commands.
    """

    def react(envelope: Envelope) -> Sequence[Reaction]:
        match envelope.event:
            case RequestRegistered(answered_directly=False) as request:
                rules = book.in_force(request.occurred_at)
                opened = on_request_registered(request, tables, rules)
                urgent = emergency.is_emergency(request)
                return [opened, on_emergency_registered(request, tables, rules)] if urgent else [opened]
            case RequestAnsweredDirectly() as answered:
                return [on_request_answered(answered)]
            case RequestTypeChanged() as changed:
                return [on_type_changed(changed, book)]
            case RequestNotAccepted() as declined:
                return [on_request_not_accepted(declined)]
            case RequestCorrected(field="accused_department", became_value=str() as accused) as corrected:
                return [on_accused_corrected(corrected, accused, book)]
            case ReworkOrdered() as rework:
                return [on_rework_ordered(rework, kept(book, rework), department_open=rework.department not in shut)]
            case RevisitClosed() as closed:
                return [on_revisit_closed(closed, book)]
            case _:
                return []

    return react


class TableReactions(Reactions):
    """Reactions that decide every batch under the tables as they are stored when the batch begins."""

    def __init__(self, store: Store, aggregates: Aggregates, book: RuleBook, committed: Callable[[], None]) -> None:
        super().__init__(
            NAME,
            service="routing",
            sources=SOURCES,
            react=self._react_now,
            store=store,
            aggregates=aggregates,
            committed=committed,
        )
        self._book = book
        self._tables = Tables()
        self._shut: frozenset[str] = frozenset()
        self._in_force = react_with(self._tables, book)
        self._seen = -1

    async def refresh(self, events: Sequence[Envelope]) -> None:
        """Read the tables again if one of them, or a department, has changed since the last look; and which departments that
        were to do their work over are closed. What is retried meanwhile takes nothing of that away from a batch.
        """
        rows = await self._store.execute(_CHANGED, after=self._seen, names=_TABLE_EVENTS)
        head, changed = rows[0]
        if self._seen < 0 or changed:
            self._tables = await read_tables(self._aggregates)
        self._seen = max(self._seen, head or 0)
        asked = {one.event.department for one in events if isinstance(one.event, ReworkOrdered)}
        shut = await closed_among(self._aggregates, asked)
        self._shut = (self._shut - asked) | shut
        self._in_force = react_with(self._tables, self._book, self._shut)

    def _react_now(self, envelope: Envelope) -> Sequence[Reaction]:
        return self._in_force(envelope)
