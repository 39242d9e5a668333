"""The one place that knows every command of a revisit."""

from typing import assert_never
from uuid import UUID

from followup.domain.refusals import RevisitOverError, UnknownRevisitError
from followup.domain.revisit.asking import attempt, await_answer, give_up, record
from followup.domain.revisit.commands import (
    AttemptRevisit,
    AwaitAnswer,
    ChangeType,
    ComeDue,
    EndWithOrder,
    GiveUp,
    PassLimit,
    PlanRevisit,
    RecordRevisit,
    ReviewException,
    RevisitCommand,
    ScheduleRevisit,
)
from followup.domain.revisit.ending import end_with_order, review
from followup.domain.revisit.planning import change_type, come_due, pass_limit, plan, schedule
from followup.domain.revisit.state import AGGREGATE, ANSWER_BY, AWAIT, COME_DUE, LIMIT, Revisit, evolve, timers
from hotline_events.catalogue.followup import RevisitEvent
from hotline_events.decider import Decider, Timer
from hotline_events.reaction_batch import Reaction
from hotline_rules.book import RuleBook


def decide(revisit: Revisit, command: RevisitCommand) -> list[RevisitEvent]:  # noqa: C901, PLR0912 - one case a command
    """Say what happens; `[]` when it is already so or there is nothing left to do."""
    if isinstance(command, ScheduleRevisit):
        return [] if revisit.scheduled or revisit.left_out else schedule(command)
    if isinstance(command, ChangeType):
        return change_type(revisit, command)
    if isinstance(command, EndWithOrder):
        return end_with_order(revisit, command)
    owed = revisit.scheduled
    if owed is None:
        raise RevisitOverError if revisit.left_out else UnknownRevisitError
    match command:
        case ComeDue():
            return come_due(revisit, owed, command)
        case PassLimit():
            return pass_limit(revisit, owed, command)
        case AwaitAnswer():
            return await_answer(revisit, owed, command)
        case GiveUp():
            return give_up(revisit, owed, command)
        case PlanRevisit():
            return plan(revisit, owed, command)
        case AttemptRevisit():
            return attempt(revisit, owed, command)
        case RecordRevisit():
            return record(revisit, owed, command)
        case ReviewException():
            return review(revisit, owed, command)
        case _:
            assert_never(command)


def on_timer(book: RuleBook, timer: Timer) -> Reaction:
    """Turn a due clock into its command, at the time it was due."""
    commands: dict[str, RevisitCommand] = {
        COME_DUE: ComeDue(now=timer.due_at),
        LIMIT: PassLimit(now=timer.due_at),
        AWAIT: AwaitAnswer(book=book, now=timer.due_at),
        ANSWER_BY: GiveUp(now=timer.due_at),
    }
    return Reaction(decider=decider, aggregate_id=UUID(timer.rule["revisit_id"]), command=commands[timer.kind])


decider: Decider[RevisitCommand, Revisit, RevisitEvent] = Decider(AGGREGATE, decide, evolve, Revisit(), timers)
