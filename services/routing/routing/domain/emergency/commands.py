"""What may be asked of an emergency, and what is refused (A79-A81)."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypeAlias
from uuid import UUID

from hotline_events.catalogue.intake import RequestRegistered, RequestType
from hotline_events.catalogue.routing.emergency import Party
from hotline_events.decider import RefusalError
from hotline_events.sealing import Sealed
from hotline_rules.book import RuleBook
from hotline_rules.pack import RulePack


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareEmergency:
    """A matter is an emergency: everybody concerned is told at once."""

    emergency_id: UUID
    request_id: UUID
    requester_id: UUID
    work_order_id: UUID
    department: str | None
    rules: RulePack
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeEmergency:
    """A party says that it knows; `department` is the one that someone acts for, None at the hotline."""

    party: Party
    department: str | None
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MissAcknowledgement:
    party: Party
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportField:
    """Somebody spoke with the field."""

    note: Sealed | None
    department: str | None
    book: RuleBook
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MissHeartbeat:
    """The time for the next contact is over; `seconds` later another one is owed."""

    contact: int
    missed: int
    seconds: int
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchVehicle:
    vehicle: str
    department: str | None
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleEmergency:
    department: str | None
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverEmergency:
    """The order lies with this department now; with none where it was taken away from whom it accuses."""

    department: str | None
    book: RuleBook
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EndEmergency:
    """The order was resolved, closed or withdrawn: nobody waits for the field any more."""

    by: str
    now: datetime


EmergencyCommand: TypeAlias = (
    DeclareEmergency
    | HandOverEmergency
    | EndEmergency
    | AcknowledgeEmergency
    | MissAcknowledgement
    | ReportField
    | MissHeartbeat
    | DispatchVehicle
    | SettleEmergency
)
FieldAct: TypeAlias = AcknowledgeEmergency | ReportField | DispatchVehicle | SettleEmergency


def is_emergency(request: RequestRegistered) -> bool:
    """Say whether a matter was registered as an emergency, or as a repair that cannot wait (A79)."""
    return request.emergency or request.request_type is RequestType.EMERGENCY_REPAIR


class EmergencyUnknownError(RefusalError):
    """There is no such emergency, or it concerns another department."""

    code: ClassVar[str] = "not_found"
    status: ClassVar[int] = 404


class EmergencySettledError(RefusalError):
    """The danger is over: nothing more is reported about it."""

    code: ClassVar[str] = "emergency_settled"
    rule: ClassVar[str | None] = "A80"


class NotThatPartyError(RefusalError):
    """Crew and department speak for themselves, and so does the leader: nobody acknowledges for another party (A79)."""

    code: ClassVar[str] = "not_that_party"
    rule: ClassVar[str | None] = "A79"
    field: ClassVar[str | None] = "body.party"


class BeforeEmergencyError(RefusalError):
    """Nothing about an emergency happened before it was declared."""

    code: ClassVar[str] = "before_emergency"
    rule: ClassVar[str | None] = "A79"
    field: ClassVar[str | None] = "body.occurred_at"
    status: ClassVar[int] = 422


class NotAcknowledgedError(RefusalError):
    """An emergency that somebody has not even taken notice of is not settled (A79)."""

    code: ClassVar[str] = "emergency_not_acknowledged"
    rule: ClassVar[str | None] = "A79"

    def __init__(self, party: Party) -> None:
        super().__init__()
        self.missing = f"acknowledge:{party}"
