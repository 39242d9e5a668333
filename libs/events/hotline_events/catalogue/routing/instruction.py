"""A superior's call: reported to the own head at once, its instruction relayed and acknowledged (A64)."""

from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event
from hotline_events.sealing import Sealed


@event("routing.instruction.reported", sealed_by="superior_id")
class InstructionReported:
    """A superior leader called; the own head was told at once, the words are sealed with the superior's key (A64)."""

    instruction_id: UUID
    superior_id: UUID
    words: Sealed
    work_order_id: UUID | None = None
    reported_to: str
    reported_by: str
    rule_version: str
    occurred_at: datetime


@event("routing.instruction.relayed")
class InstructionRelayed:
    """The instruction was passed on to a department, which says that it has it before `acknowledge_by` (A64)."""

    instruction_id: UUID
    department: str
    acknowledge_by: datetime
    relayed_by: str
    occurred_at: datetime


@event("routing.instruction.acknowledged")
class InstructionAcknowledged:
    """The department has the instruction (A64)."""

    instruction_id: UUID
    department: str
    acknowledged_by: str
    took_ms: int
    occurred_at: datetime


@event("routing.instruction.acknowledgement_missed")
class InstructionAcknowledgementMissed:
    """The department did not say in time that it has the instruction; `occurred_at` is when the time was over (A64)."""

    instruction_id: UUID
    department: str
    occurred_at: datetime


InstructionEvent: TypeAlias = (
    InstructionReported | InstructionRelayed | InstructionAcknowledged | InstructionAcknowledgementMissed
)
