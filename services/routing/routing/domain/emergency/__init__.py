"""An emergency beside its work order: `commands` holds what may be asked and what is refused, `state` what a decision
reads, `decider` the rules.
"""

from routing.domain.emergency.commands import (
    AcknowledgeEmergency,
    DeclareEmergency,
    DispatchVehicle,
    EmergencyCommand,
    EndEmergency,
    FieldAct,
    HandOverEmergency,
    ReportField,
    SettleEmergency,
    is_emergency,
)
from routing.domain.emergency.decider import decide, decider, on_timer
from routing.domain.emergency.state import Emergency, emergency_id_of, evolve

__all__ = [
    "AcknowledgeEmergency",
    "DeclareEmergency",
    "DispatchVehicle",
    "Emergency",
    "EmergencyCommand",
    "EndEmergency",
    "FieldAct",
    "HandOverEmergency",
    "ReportField",
    "SettleEmergency",
    "decide",
    "decider",
    "emergency_id_of",
    "evolve",
    "is_emergency",
    "on_timer",
]
