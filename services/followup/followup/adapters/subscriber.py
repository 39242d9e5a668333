"""What followup hears, from the other services and from its own revisits, and decides because of it."""

from collections.abc import Sequence
from typing import Any

from followup.domain import apology, promise, revisit, suggestion
from followup.domain.reactions import (
    FIRST_ROUND,
    on_bad_attitude,
    on_callback_promised,
    on_caller_reached,
    on_suggestion_heard,
    on_work_order_resolved,
    on_work_order_transferred,
    on_work_order_type_changed,
    on_work_order_withdrawn,
    relay_id_of,
    revisit_id_of,
)
from hotline_chassis.runtime import Runtime
from hotline_events.catalogue.followup import Revisited
from hotline_events.catalogue.intake.call import CallbackPromised
from hotline_events.catalogue.routing import (
    WorkOrderCallerContacted,
    WorkOrderCallerInformed,
    WorkOrderClosed,
    WorkOrderResolved,
    WorkOrderTransferred,
    WorkOrderTypeChanged,
    WorkOrderWithdrawn,
)
from hotline_events.envelope import Envelope
from hotline_events.reaction_batch import React, Reaction
from hotline_events.reactions import Reactions
from hotline_rules.book import RuleBook
from hotline_rules.pack import RulePack

NAME = "followup.reactions"
SOURCES = ("routing", "intake", "followup")


def react_under(book: RuleBook) -> React:
    """Return what followup does about an event under these rules: those that the matter began under, else those in force."""

    def rules_for(event: Any) -> RulePack:  # noqa: ANN401 - any event
        kept = getattr(event, "rule_version", None)
        return book.of(kept) if kept else book.in_force(event.occurred_at)

    def react(envelope: Envelope) -> Sequence[Reaction]:
        match envelope.event:
            case WorkOrderResolved() as resolved:
                owed = on_work_order_resolved(resolved, rules_for(resolved))
                return [Reaction(decider=revisit.decider, aggregate_id=owed.revisit_id, command=owed, creates=True)]
            case WorkOrderClosed(revisit_id=None) as ended:  # by hand
                revisit_id = revisit_id_of(ended.work_order_id, ended.round)
                command = revisit.EndWithOrder(now=ended.occurred_at)
                return [Reaction(decider=revisit.decider, aggregate_id=revisit_id, command=command)]
            case WorkOrderTypeChanged() as changed:
                drawn = revisit_id_of(changed.work_order_id, FIRST_ROUND)
                again = on_work_order_type_changed(changed, book)
                return [Reaction(decider=revisit.decider, aggregate_id=drawn, command=again)]
            case WorkOrderTransferred(answer_class=str()) as transferred:
                relayed = on_work_order_transferred(transferred, rules_for(transferred))
                return [_promised(relayed)] if relayed else []
            case WorkOrderCallerContacted() | WorkOrderCallerInformed() | WorkOrderWithdrawn() as made:
                ends = on_work_order_withdrawn(made) if isinstance(made, WorkOrderWithdrawn) else on_caller_reached(made)
                return [Reaction(decider=promise.decider, aggregate_id=relay_id_of(made.work_order_id), command=ends)]
            case CallbackPromised() as promised:
                return [_promised(on_callback_promised(promised, rules_for(promised)))]
            case Revisited() as answered:
                return _redress(envelope, answered, rules_for(answered))
            case _:
                return []

    return react


def _promised(command: promise.MakePromise) -> Reaction:
    return Reaction(decider=promise.decider, aggregate_id=command.promise_id, command=command)


def _redress(envelope: Envelope, answered: Revisited, rules: RulePack) -> list[Reaction]:
    """An answer may owe the department a suggestion, and the caller an apology."""
    owed: list[Reaction] = []
    if forward := on_suggestion_heard(envelope.id, answered, rules):
        owed.append(Reaction(decider=suggestion.decider, aggregate_id=forward.suggestion_id, command=forward, creates=True))
    if order := on_bad_attitude(envelope.id, answered, rules):
        owed.append(Reaction(decider=apology.decider, aggregate_id=order.apology_id, command=order, creates=True))
    return owed


def reactions_of(runtime: Runtime) -> Reactions:
    """Return followup's reactions on this process's store."""
    return Reactions(
        NAME,
        service=runtime.settings.service,
        sources=SOURCES,
        react=react_under(runtime.book),
        store=runtime.store,
        aggregates=runtime.aggregates,
        committed=runtime.wake,
    )
