"""A key, difficult or hot matter goes up level by level, each level with its time; sensitive periods shorten it (A82, A83).

The pack under which it was raised names the levels, who acts for each, and their time. Times decide, not the order of
processing: an answer given in time is in time, however late it is recorded.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeAlias, assert_never
from uuid import UUID, uuid5

from hotline_events.catalogue.routing.escalation import (
    EscalationAnswered,
    EscalationClimbed,
    EscalationClosed,
    EscalationEvent,
    EscalationHandedOver,
    EscalationRaised,
    Flag,
)
from hotline_events.decider import Decider, RefusalError, Timer
from hotline_events.reaction_batch import Reaction
from hotline_rules.book import RuleBook
from hotline_rules.pack import RulePack

CLIMB = "escalation.climb"


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseMatter:
    """Report a matter to the first level. `sensitive_until` is the end of the sensitive period in force, if there is one."""

    escalation_id: UUID
    work_order_id: UUID
    department: str | None
    flag: Flag
    sensitive_until: datetime | None
    rules: RulePack
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PassOn:
    """The level with which the matter lies passes it on to the next; `department` is the one that somebody acts for."""

    department: str | None
    role: str
    rules: RulePack
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ComeDue:
    """A level's time is over: the matter climbs by itself."""

    level: str
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerEscalation:
    """The level with which the matter lies takes it on."""

    department: str | None
    role: str
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """The order lies with this department now, with none while a dispatcher has it."""

    department: str | None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndWithOrder:
    """The order was resolved, or ended otherwise."""

    now: datetime


EscalationCommand: TypeAlias = RaiseMatter | PassOn | ComeDue | AnswerEscalation | HandOver | EndWithOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """What a decision about an escalation reads: how it was raised, where it lies, since when."""

    raised: EscalationRaised | None = None
    level: str = ""
    may_answer: tuple[str, ...] = ()
    since: datetime | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None


class EscalationUnknownError(RefusalError):
    """There is no such escalation, or its order lies with another department."""

    code: ClassVar[str] = "not_found"
    status: ClassVar[int] = 404


class EscalationAnsweredError(RefusalError):
    """Somebody has taken the matter on: it climbs no further (A82)."""

    code: ClassVar[str] = "escalation_answered"
    rule: ClassVar[str | None] = "A82"


class EscalationClosedError(RefusalError):
    """The order has ended, and its matter climbs no further (A82)."""

    code: ClassVar[str] = "escalation_closed"
    rule: ClassVar[str | None] = "A82"


class TopLevelError(RefusalError):
    """Above the last level is nobody to pass it on to (A82)."""

    code: ClassVar[str] = "escalation_at_the_top"
    rule: ClassVar[str | None] = "A82"


class NotThisLevelError(RefusalError):
    """Who acts for the level with which the matter lies is named by its pack: the level is told, and who is needed (A82)."""

    code: ClassVar[str] = "not_this_level"
    rule: ClassVar[str | None] = "A82"
    status: ClassVar[int] = 403

    def __init__(self, level: str, may_answer: Sequence[str]) -> None:
        super().__init__(level)
        self.missing = ", ".join(may_answer)


class BeforeEscalationError(RefusalError):
    """A level did nothing about the matter before it lay with it (A82)."""

    code: ClassVar[str] = "before_escalation"
    rule: ClassVar[str | None] = "A82"
    field: ClassVar[str | None] = "body.occurred_at"
    status: ClassVar[int] = 422


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
            known = replace(escalation, raised=event)
            return replace(known, level=event.level, may_answer=event.may_answer, since=event.occurred_at)
        case EscalationClimbed():
            return replace(escalation, level=event.level, may_answer=event.may_answer, since=event.occurred_at)
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
    _refuse_strangers(escalation, raised, command)
    if escalation.answered_at is not None:
        raise EscalationAnsweredError
    if escalation.closed_at is not None:
        raise EscalationClosedError
    _refuse_other_levels(escalation, command)
    if escalation.level == command.rules.orders.escalation.levels[-1]:
        raise TopLevelError
    return [_climbed(escalation, raised, command.rules, command.by, command.now)]


def _answer(escalation: Escalation, raised: EscalationRaised, command: AnswerEscalation) -> list[EscalationEvent]:
    _refuse_strangers(escalation, raised, command)
    if escalation.answered_at is not None:
        return []
    if escalation.closed_at is not None:
        raise EscalationClosedError
    _refuse_other_levels(escalation, command)
    return [
        EscalationAnswered(
            escalation_id=raised.escalation_id,
            work_order_id=raised.work_order_id,
            department=raised.department,
            level=escalation.level,
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


def _refuse_strangers(escalation: Escalation, raised: EscalationRaised, act: PassOn | AnswerEscalation) -> None:
    if act.department is not None and act.department != raised.department:
        raise EscalationUnknownError
    if escalation.since is not None and act.now < escalation.since:
        raise BeforeEscalationError


def _refuse_other_levels(escalation: Escalation, act: PassOn | AnswerEscalation) -> None:
    if escalation.may_answer and act.role not in escalation.may_answer:
        raise NotThisLevelError(escalation.level, escalation.may_answer)


decider: Decider[EscalationCommand, Escalation, EscalationEvent] = Decider("escalation", decide, evolve, Escalation(), timers)
