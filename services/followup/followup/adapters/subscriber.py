"""What followup hears from the other services and decides because of it."""

from collections.abc import Sequence

from followup.domain.reactions import on_work_order_resolved
from followup.domain.revisit import decider
from hotline_chassis.runtime import Runtime
from hotline_events.catalogue.routing import WorkOrderResolved
from hotline_events.envelope import Envelope
from hotline_events.reaction_batch import React, Reaction
from hotline_events.reactions import Reactions
from hotline_rules.book import RuleBook

NAME = "followup.reactions"
SOURCES = ("routing",)


def react_under(book: RuleBook) -> React:
    """Return what followup does about an event under these rules."""

    def react(envelope: Envelope) -> Sequence[Reaction]:
        if not isinstance(envelope.event, WorkOrderResolved):
            return ()
        command = on_work_order_resolved(envelope.id, envelope.event, book.in_force(envelope.event.occurred_at))
        return (Reaction(decider=decider, aggregate_id=command.revisit_id, command=command, creates=True),)

    return react


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
