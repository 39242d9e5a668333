"""What the routes share: who may do what, the desk they decide at, and the fields they have in common."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path
from pydantic import Field

from hotline_chassis.answers import Accepted
from hotline_chassis.fields import Body, UtcDatetime
from hotline_chassis.rights import Right
from hotline_chassis.runtime import RuntimeOf
from hotline_chassis.signin import Principal, requires
from hotline_events.clock import Clock
from routing.application import Desk

AnyId = Annotated[UUID, Field(examples=["0197f3a2-7c11-7d2e-b6b0-3f1f0c8a9e10"])]
Moment = Annotated[datetime | None, Field(examples=["2026-03-02T04:05:00Z"])]
DepartmentCode = Annotated[
    str, Path(pattern="^[a-z0-9][a-z0-9_-]{0,31}$", description="The department's code.", examples=["roads"])
]
TableVersion = Annotated[int, Path(ge=1, le=2**31 - 2, description="The table's present version plus one.", examples=[1])]
CREATED: dict[int | str, dict[str, object]] = {200: {"model": Accepted, "description": "It was so already."}}

MayClassify = Annotated[Principal, Depends(requires(Right.ORDER_CLASSIFY))]
MayTransfer = Annotated[Principal, Depends(requires(Right.ORDER_TRANSFER))]
MayHandle = Annotated[Principal, Depends(requires(Right.ORDER_HANDLE))]
MayUrge = Annotated[Principal, Depends(requires(Right.ORDER_URGE))]
MaySupervise = Annotated[Principal, Depends(requires(Right.ORDER_SUPERVISE))]
MayDecideExtensions = Annotated[Principal, Depends(requires(Right.EXTENSION_DECIDE))]
MayTrack = Annotated[Principal, Depends(requires(Right.ORDER_TRACK))]
MayReview = Annotated[Principal, Depends(requires(Right.ORDER_REVIEW))]
MayCloseOrders = Annotated[Principal, Depends(requires(Right.ORDER_CLOSE))]
MayMerge = Annotated[Principal, Depends(requires(Right.ORDER_MERGE))]
MayArbitrate = Annotated[Principal, Depends(requires(Right.ORDER_ARBITRATE))]
MayReadDispatch = Annotated[Principal, Depends(requires(Right.DISPATCH_READ))]
MayReadPrecedents = Annotated[Principal, Depends(requires(Right.PRECEDENT_READ))]
MayRevokePrecedents = Annotated[Principal, Depends(requires(Right.PRECEDENT_REVOKE))]
MayReadOrders = Annotated[Principal, Depends(requires(Right.ORDER_READ))]
MayReadQueue = Annotated[Principal, Depends(requires(Right.QUEUE_READ))]
MayReadTables = Annotated[Principal, Depends(requires(Right.TABLES_READ))]
MayWriteTables = Annotated[Principal, Depends(requires(Right.TABLES_WRITE))]
MayMakeBrokerUsers = Annotated[Principal, Depends(requires(Right.BROKER_CREDENTIALS))]


class Happened(Body):
    """When it happened; now, when nothing is said. Late entry is normal."""

    occurred_at: Annotated[
        UtcDatetime | None, Field(description="When it happened; now if absent.", examples=["2026-03-02T04:05:00Z"])
    ] = None

    def at(self, clock: Clock) -> datetime:
        """Return the moment of the act."""
        return self.occurred_at or clock.now()


async def _desk(runtime: RuntimeOf) -> Desk:
    return Desk(runtime.aggregates, runtime.book, runtime.clock)


DeskOf = Annotated[Desk, Depends(_desk)]
"""What deciding needs, in a route."""
