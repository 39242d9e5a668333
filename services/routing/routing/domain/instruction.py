"""A superior's call: reported to the own head at once, its instruction relayed to departments and acknowledged (A64)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeAlias, assert_never
from uuid import UUID, uuid5

from hotline_events.catalogue.routing.instruction import (
    InstructionAcknowledged,
    InstructionAcknowledgementMissed,
    InstructionEvent,
    InstructionRelayed,
    InstructionReported,
)
from hotline_events.decider import Decider, RefusalError, Timer
from hotline_events.reaction_batch import Reaction
from hotline_events.sealing import Sealed
from hotline_rules.pack import RulePack
from routing.domain.work_order.refusals import AccusedDepartmentError

ACKNOWLEDGE = "instruction.acknowledge"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportInstruction:
    """A superior leader has called: `reported_to` is the own head, who is told at once (A64)."""

    instruction_id: UUID
    superior_id: UUID
    words: Sealed
    work_order_id: UUID | None
    reported_to: str
    rules: RulePack
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayInstruction:
    """Pass it on to a department; whether that one is there, and whether the order it is about accuses it, is handed in."""

    department: str
    takes_orders: bool
    accused: bool = False
    rules: RulePack
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeInstruction:
    department: str
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MissAcknowledgement:
    department: str
    now: datetime


InstructionCommand: TypeAlias = ReportInstruction | RelayInstruction | AcknowledgeInstruction | MissAcknowledgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """How a department stands: told when, and when it said that it has it."""

    relayed_at: datetime
    acknowledged_at: datetime | None = None
    missed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    reported: InstructionReported | None = None
    relays: dict[str, Relay] = field(default_factory=dict)


class InstructionUnknownError(RefusalError):
    """There is no such instruction, or it was not relayed to this department."""

    code: ClassVar[str] = "not_found"
    status: ClassVar[int] = 404


class InstructionDepartmentError(RefusalError):
    """There is no such department, or it is closed."""

    code: ClassVar[str] = "unknown_department"
    rule: ClassVar[str | None] = "A64"
    field: ClassVar[str | None] = "body.department"
    status: ClassVar[int] = 422


class BeforeInstructionError(RefusalError):
    """Nothing was passed on or acknowledged before the call (A64)."""

    code: ClassVar[str] = "before_instruction"
    rule: ClassVar[str | None] = "A64"
    field: ClassVar[str | None] = "body.occurred_at"
    status: ClassVar[int] = 422


def decide(instruction: Instruction, command: InstructionCommand) -> list[InstructionEvent]:
    if isinstance(command, ReportInstruction):
        return [] if instruction.reported else [_report(command)]
    if instruction.reported is None:
        raise InstructionUnknownError
    match command:
        case RelayInstruction():
            return _relay(instruction, instruction.reported, command)
        case AcknowledgeInstruction():
            return _acknowledge(instruction, instruction.reported, command)
        case MissAcknowledgement():
            return _miss(instruction, instruction.reported, command)
        case _:
            assert_never(command)


def evolve(instruction: Instruction, event: InstructionEvent) -> Instruction:
    match event:
        case InstructionReported():
            return replace(instruction, reported=event)
        case InstructionRelayed():
            return replace(instruction, relays={**instruction.relays, event.department: Relay(relayed_at=event.occurred_at)})
        case InstructionAcknowledged():
            return _noted(instruction, event.department, acknowledged_at=event.occurred_at)
        case InstructionAcknowledgementMissed():
            return _noted(instruction, event.department, missed=True)
        case _:
            assert_never(event)


def timers(event: InstructionEvent) -> Sequence[Timer]:
    """Watch over the department's word."""
    if not isinstance(event, InstructionRelayed):
        return ()
    return (
        Timer(
            timer_id=uuid5(event.instruction_id, f"acknowledge:{event.department}"),
            kind=ACKNOWLEDGE,
            due_at=event.acknowledge_by,
            stream=decider.stream(event.instruction_id),
            rule={"department": event.department},
        ),
    )


def on_timer(timer: Timer) -> Reaction:
    command = MissAcknowledgement(department=timer.rule["department"], now=timer.due_at)
    return Reaction(decider=decider, aggregate_id=UUID(timer.stream.partition("-")[2]), command=command)


def _report(command: ReportInstruction) -> InstructionReported:
    return InstructionReported(
        instruction_id=command.instruction_id,
        superior_id=command.superior_id,
        words=command.words,
        work_order_id=command.work_order_id,
        reported_to=command.reported_to,
        reported_by=command.by,
        rule_version=command.rules.number,
        occurred_at=command.now,
    )


def _relay(instruction: Instruction, reported: InstructionReported, command: RelayInstruction) -> list[InstructionEvent]:
    if command.department in instruction.relays:
        return []
    if not command.takes_orders:
        raise InstructionDepartmentError
    if command.accused:
        raise AccusedDepartmentError
    if command.now < reported.occurred_at:
        raise BeforeInstructionError
    return [
        InstructionRelayed(
            instruction_id=reported.instruction_id,
            department=command.department,
            acknowledge_by=command.rules.after(command.rules.orders.instruction.acknowledge, command.now),
            relayed_by=command.by,
            occurred_at=command.now,
        )
    ]


def _acknowledge(
    instruction: Instruction, reported: InstructionReported, command: AcknowledgeInstruction
) -> list[InstructionEvent]:
    relay = instruction.relays.get(command.department)
    if relay is None:
        raise InstructionUnknownError
    if relay.acknowledged_at is not None:
        return []
    if command.now < relay.relayed_at:
        raise BeforeInstructionError
    return [
        InstructionAcknowledged(
            instruction_id=reported.instruction_id,
            department=command.department,
            acknowledged_by=command.by,
            took_ms=(command.now - relay.relayed_at) // timedelta(milliseconds=1),
            occurred_at=command.now,
        )
    ]


def _miss(instruction: Instruction, reported: InstructionReported, command: MissAcknowledgement) -> list[InstructionEvent]:
    relay = instruction.relays[command.department]
    in_time = relay.acknowledged_at is not None and relay.acknowledged_at <= command.now
    if in_time or relay.missed:
        return []
    return [
        InstructionAcknowledgementMissed(
            instruction_id=reported.instruction_id, department=command.department, occurred_at=command.now
        )
    ]


def _noted(instruction: Instruction, department: str, **changes: Any) -> Instruction:  # noqa: ANN401 - fields of a relay
    return replace(instruction, relays={**instruction.relays, department: replace(instruction.relays[department], **changes)})


decider: Decider[InstructionCommand, Instruction, InstructionEvent] = Decider(
    "instruction", decide, evolve, Instruction(), timers
)
