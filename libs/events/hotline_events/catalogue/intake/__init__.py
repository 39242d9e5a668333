"""What intake decides, one module an aggregate; importing this package registers all of them.

Durations are milliseconds, times are aware and UTC.
"""

from hotline_events.catalogue.intake import break_glass, clearance, directory, disclosure, export
from hotline_events.catalogue.intake.call import (
    AbandonStage,
    CallAbandoned,
    CallAnswered,
    CallEnded,
    CallEvent,
    CallHeld,
    CallReceived,
    CallResumed,
    CallWrappedUp,
    EndedBy,
)
from hotline_events.catalogue.intake.kinds import Channel, Confidentiality, RequesterClass, RequestType
from hotline_events.catalogue.intake.person import PersonErased, PersonEvent, PersonIdentityRead, PersonRegistered
from hotline_events.catalogue.intake.request import RequestAnsweredDirectly, RequestEvent, RequestRegistered

__all__ = [
    "AbandonStage",
    "CallAbandoned",
    "CallAnswered",
    "CallEnded",
    "CallEvent",
    "CallHeld",
    "CallReceived",
    "CallResumed",
    "CallWrappedUp",
    "Channel",
    "Confidentiality",
    "EndedBy",
    "PersonErased",
    "PersonEvent",
    "PersonIdentityRead",
    "PersonRegistered",
    "RequestAnsweredDirectly",
    "RequestEvent",
    "RequestRegistered",
    "RequestType",
    "RequesterClass",
    "break_glass",
    "clearance",
    "directory",
    "disclosure",
    "export",
]
