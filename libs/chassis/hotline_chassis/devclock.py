"""`PUT /dev/clock`: drive the business clock. The route exists in development only."""

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, Field

from hotline_chassis.fields import Body
from hotline_chassis.problems import unavailable
from hotline_chassis.rights import Right
from hotline_chassis.runtime import RuntimeOf
from hotline_chassis.signin import requires
from hotline_events.clock import DrivenClock

_PATIENCE = 30.0
# Every look is a statement and every ping stirs the worker, which has the timers to fire.
_SHORTEST, _LONGEST = 0.004, 0.064


class DriveClock(Body):
    """Where to drive the clock."""

    now: Annotated[AwareDatetime, Field(examples=["2016-07-13T15:11:07Z"])]


class BusinessTime(BaseModel):
    """The business time after driving."""

    now: datetime


def clock_router() -> APIRouter:
    """Return the development routes of the clock."""
    router = APIRouter(tags=["development"])

    @router.put("/dev/clock", dependencies=[Depends(requires(Right.CLOCK_DRIVE))])
    async def drive(body: DriveClock, runtime: RuntimeOf) -> BusinessTime:
        """Set the business time and answer when every timer due until then has fired."""
        clock = runtime.clock
        if not isinstance(clock, DrivenClock):
            raise unavailable()
        await clock.drive(body.now)
        pause, deadline = _SHORTEST, asyncio.get_running_loop().time() + _PATIENCE
        runtime.wake()
        while await clock.timers_due():
            await asyncio.sleep(pause)
            if pause == _LONGEST:
                runtime.wake()
            pause = min(pause * 2, _LONGEST)
            if asyncio.get_running_loop().time() > deadline:
                raise unavailable()
        return BusinessTime(now=body.now)

    return router
