"""A key, difficult or hot matter goes up level by level, each level with its time; sensitive periods shorten it (A82, A83).

The pack under which it was raised names the levels, who acts for each, and their time. Times decide, not the order of
processing: an answer given in time is in time, however late it is recorded.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, assert_never
from uuid import UUID, uuid5

from hotline_events.catalogue.routing.escalation import (
    EscalationAnswered,
    EscalationClimbed,
    EscalationClosed,
    EscalationEvent,
    EscalationHandedOver,
    EscalationRaised,
)
from hotline_events.decider import Decider, Timer
from hotline_events.reaction_batch import Reaction
from hotline_rules.book import RuleBook
from hotline_rules.pack import RulePack
from hotline_rules.sections.orders import Answerer
from routing.domain.escalation.commands import (
    AnswerEscalation,
    BeforeEscalationError,
    ComeDue,
    EndWithOrder,
    EscalationAnsweredError,
    EscalationClosedError,
    EscalationCommand,
    EscalationUnknownError,
    HandOver,
    NotThisLevelError,
    PassOn,
    RaiseMatter,
    TopLevelError,
)

CLIMB = "escalation.climb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """What a decision about an escalation reads: how it was raised, with which levels it has lain, one event each."""

    raised: EscalationRaised | None = None
    levels: tuple[EscalationRaised | EscalationClimbed, ...] = ()
    answered_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def level(self) -> str:
        """Return the level with which the matter lies."""
        return self.levels[-1].level if self.levels else ""

    def lay_at(self, moment: datetime) -> EscalationRaised | EscalationClimbed | None:
        """Return how the matter had come to the level with which it lay at a moment, nothing before it was raised."""
        return next((one for one in reversed(self.levels) if one.occurred_at <= moment), None)


def decide(escalation: Escalation, command: EscalationCommand) -> list[EscalationEvent]:
    if isinstance(command, RaiseMatter):
        return [] if escalation.raised else [_raise(command)]
    raised = escalation.raised
    if raised is None:
        raise EscalationUnknownError
    match command:
        case ComeDue():
            return _come_due(escalation, raised, command)
        case PassOn():
            return _pass_on(escalation, raised, command)
        case AnswerEscalation():
            return _answer(escalation, raised, command)
        case HandOver() | EndWithOrder():
            return _follow_the_order(escalation, raised, command)
        case _:
            assert_never(command)


def evolve(escalation: Escalation, event: EscalationEvent) -> Escalation:
    match event:
        case EscalationRaised():
            return replace(escalation, raised=event, levels=(event,))
        case EscalationClimbed():
            return replace(escalation, levels=(*escalation.levels, event))
        case EscalationAnswered():
            return replace(escalation, answered_at=event.occurred_at)
        case EscalationHandedOver():
            raised = escalation.raised and replace(escalation.raised, department=event.department)
            return replace(escalation, raised=raised)
        case EscalationClosed():
            return replace(escalation, closed_at=event.occurred_at)
        case _:
            assert_never(event)


def timers(event: EscalationEvent) -> Sequence[Timer]:
    """Watch over the time of the level with which the matter lies; the last one has none."""
    match event:
        case EscalationRaised(due_at=datetime() as due_at) | EscalationClimbed(due_at=datetime() as due_at):
            stream = decider.stream(event.escalation_id)
            rule = {"level": event.level, "rule_version": event.rule_version}
            timer_id = uuid5(event.escalation_id, f"climb:{event.level}")
            return (Timer(timer_id=timer_id, kind=CLIMB, due_at=due_at, stream=stream, rule=rule),)
        case _:
            return ()


def on_timer(book: RuleBook, timer: Timer) -> Reaction:
    """Turn a level's end into its command, under the pack that the matter was raised under."""
    command = ComeDue(level=timer.rule["level"], rules=book.of(timer.rule["rule_version"]), now=timer.due_at)
    return Reaction(decider=decider, aggregate_id=UUID(timer.stream.partition("-")[2]), command=command)


def _raise(command: RaiseMatter) -> EscalationRaised:
    levels = command.rules.orders.escalation.levels
    return EscalationRaised(
        escalation_id=command.escalation_id,
        work_order_id=command.work_order_id,
        department=command.department,
        flag=command.flag,
        level=levels[0],
        due_at=_due_at(levels[0], command.rules, command.now, command.sensitive_until),
        sensitive_until=command.sensitive_until,
        raised_by=command.by,
        rule_version=command.rules.number,
        occurred_at=command.now,
        may_answer=command.rules.orders.escalation.answered_by.get(levels[0], ()),
    )


def _come_due(escalation: Escalation, raised: EscalationRaised, command: ComeDue) -> list[EscalationEvent]:
    ends = [moment for moment in (escalation.answered_at, escalation.closed_at) if moment is not None]
    if (ends and min(ends) <= command.now) or escalation.level != command.level:
        return []
    return [_climbed(escalation, raised, command.rules, None, command.now)]


def _pass_on(escalation: Escalation, raised: EscalationRaised, command: PassOn) -> list[EscalationEvent]:
    """Pass on what lies with the level now: what it passed on before has gone up by itself."""
    lay = _lay(escalation, raised, command)
    if escalation.answered_at is not None:
        raise EscalationAnsweredError
    if escalation.closed_at is not None:
        raise EscalationClosedError
    if lay is not escalation.levels[-1]:
        raise BeforeEscalationError
    _refuse_other_levels(raised, lay, command)
    if escalation.level == command.rules.orders.escalation.levels[-1]:
        raise TopLevelError
    return [_climbed(escalation, raised, command.rules, command.by, command.now)]


def _answer(escalation: Escalation, raised: EscalationRaised, command: AnswerEscalation) -> list[EscalationEvent]:
    """Take it on for the level with which it lay then, though it has gone up since: times decide."""
    lay = _lay(escalation, raised, command)
    if escalation.answered_at is not None:
        return []
    if escalation.closed_at is not None:
        raise EscalationClosedError
    _refuse_other_levels(raised, lay, command)
    return [
        EscalationAnswered(
            escalation_id=raised.escalation_id,
            work_order_id=raised.work_order_id,
            department=raised.department,
            level=lay.level,
            answered_by=command.by,
            took_ms=(command.now - raised.occurred_at) // timedelta(milliseconds=1),
            occurred_at=command.now,
        )
    ]


def _follow_the_order(
    escalation: Escalation, raised: EscalationRaised, command: HandOver | EndWithOrder
) -> list[EscalationEvent]:
    """Go with the order to the next department, or to its end. What was taken on stays with whoever had it then."""
    if escalation.answered_at is not None or escalation.closed_at is not None:
        return []
    matter: dict[str, Any] = {
        "escalation_id": raised.escalation_id,
        "work_order_id": raised.work_order_id,
        "occurred_at": command.now,
    }
    if isinstance(command, EndWithOrder):
        return [EscalationClosed(**matter, department=raised.department, level=escalation.level)]
    if command.department == raised.department:
        return []
    return [EscalationHandedOver(**matter, department=command.department, from_department=raised.department)]


def _climbed(
    escalation: Escalation, raised: EscalationRaised, rules: RulePack, by: str | None, now: datetime
) -> EscalationClimbed:
    levels = rules.orders.escalation.levels
    level = levels[levels.index(escalation.level) + 1]
    return EscalationClimbed(
        escalation_id=raised.escalation_id,
        work_order_id=raised.work_order_id,
        department=raised.department,
        from_level=escalation.level,
        level=level,
        due_at=_due_at(level, rules, now, raised.sensitive_until),
        passed_on_by=by,
        rule_version=rules.number,
        occurred_at=now,
        may_answer=rules.orders.escalation.answered_by.get(level, ()),
    )


def _due_at(level: str, rules: RulePack, now: datetime, sensitive_until: datetime | None) -> datetime | None:
    """Tell until when a level may keep a matter that reaches it now; the last one keeps it."""
    escalation = rules.orders.escalation
    if level == escalation.levels[-1]:
        return None
    sensitive = sensitive_until is not None and now < sensitive_until
    return rules.after(escalation.each_in_sensitive_period if sensitive else escalation.each, now)


def _lay(
    escalation: Escalation, raised: EscalationRaised, act: PassOn | AnswerEscalation
) -> EscalationRaised | EscalationClimbed:
    """Return with which level it lay at the time of an act; for another department's head there is no such matter."""
    if act.department is not None and act.department != raised.department:
        raise EscalationUnknownError
    lay = escalation.lay_at(act.now)
    if lay is None:
        raise BeforeEscalationError
    return lay


def _refuse_other_levels(
    raised: EscalationRaised, lay: EscalationRaised | EscalationClimbed, act: PassOn | AnswerEscalation
) -> None:
    """Leave a level to who acts for it. While no department has the order, its head is nobody, and whoever watches may act."""
    nobody = raised.department is None and set(lay.may_answer) == {Answerer.DEPARTMENT_HEAD}
    if lay.may_answer and not nobody and act.role not in lay.may_answer:
        raise NotThisLevelError(lay.level, lay.may_answer)


decider: Decider[EscalationCommand, Escalation, EscalationEvent] = Decider("escalation", decide, evolve, Escalation(), timers)
