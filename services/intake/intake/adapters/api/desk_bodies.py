"""What the routes of lines and duty share: who may do what, and the fields they have in common."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Path, Query
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from hotline_chassis.fields import AnyUtcDatetime, Text, now_of_request
from hotline_chassis.rights import Right
from hotline_chassis.runtime import Runtime, RuntimeOf
from hotline_chassis.signin import Principal, requires
from intake.adapters.api.bodies import NOT_A_NUMBER, NoNumber
from intake.application.duty import Duty
from intake.vault import Vault

_AHEAD = timedelta(days=3660)
_LINE = "^[A-Za-z0-9_-]{1,32}$"
_CODE = "^[a-z0-9][a-z0-9_-]{0,63}$"
_STAFF = "^[A-Za-z0-9][A-Za-z0-9._@:-]{0,127}$"


def _foreseen(value: datetime) -> datetime:
    if value > now_of_request() + _AHEAD:
        raise PydanticCustomError("too_far_ahead", "a time within ten years")
    return value


Foreseen = Annotated[AnyUtcDatetime, AfterValidator(_foreseen), Field(examples=["2026-03-02T10:00:00Z"])]
"""A time that may lie ahead, as far as anybody plans."""
At = Annotated[Foreseen | None, Query(description="The moment that is asked about; now when left out.")]
LineOf = Annotated[str, Path(pattern=_LINE, description="The line's code.", examples=["12345"])]
LineName = Annotated[str, Text(32, pattern=_LINE), Field(examples=["12345"])]
CodeOf = Annotated[str, Path(pattern=_CODE, examples=["tax"])]
ExtensionOf = Annotated[str, Path(pattern=_CODE, examples=["8012"], json_schema_extra=NOT_A_NUMBER), NoNumber]
StaffOf = Annotated[str, Path(pattern=_STAFF, description="Whose handover it is.", examples=["agent-7"])]
Notice = Annotated[str, Text(1000), Field(description="What the public is told; it names nobody.")]
Name = Annotated[str, Text(120)]

Reading = Annotated[Principal, Depends(requires(Right.DESK_READ))]
PublishingLines = Annotated[Principal, Depends(requires(Right.LINE_PUBLISH))]
ReportingFaults = Annotated[Principal, Depends(requires(Right.LINE_FAULT_REPORT))]
MendingFaults = Annotated[Principal, Depends(requires(Right.LINE_FAULT_MEND))]
Connecting = Annotated[Principal, Depends(requires(Right.CALLEE_CONNECT))]
CallingBack = Annotated[Principal, Depends(requires(Right.CALL_BACK))]
PublishingRosters = Annotated[Principal, Depends(requires(Right.ROSTER_PUBLISH))]
KeepingShifts = Annotated[Principal, Depends(requires(Right.SHIFT_KEEP))]
ReportingAbsence = Annotated[Principal, Depends(requires(Right.ABSENCE_REPORT))]
PostingNotices = Annotated[Principal, Depends(requires(Right.NOTICE_POST))]
PublishingPlaybooks = Annotated[Principal, Depends(requires(Right.PLAYBOOK_PUBLISH))]


async def _duty(runtime: RuntimeOf) -> Duty:
    return duty_of(runtime)


def duty_of(runtime: Runtime) -> Duty:
    return Duty(aggregates=runtime.aggregates, book=runtime.book, vault=Vault(runtime.store, runtime.keyring))


DutyOf = Annotated[Duty, Depends(_duty)]
"""What the use cases of duty stand on, in a route."""
