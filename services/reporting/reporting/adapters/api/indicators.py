"""The indicators over a window."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends

from hotline_chassis.rights import Right
from hotline_chassis.runtime import RuntimeOf
from hotline_chassis.signin import Principal, requires
from reporting.adapters.api.figures import IndicatorShown, indicators_shown
from reporting.adapters.api.reading import AppliedAsked, Department, WindowAsked, snapshot, whose
from reporting.adapters.api.rules import PackOf, calendar_known
from reporting.adapters.counts import WHOLE, count
from reporting.adapters.views import calls, orders, revisits

router = APIRouter(tags=["indicators"])


@router.get("/indicators")
async def indicators(
    *,
    window: WindowAsked,
    runtime: RuntimeOf,
    pack: PackOf,
    applied: AppliedAsked,
    principal: Annotated[Principal, Depends(requires(Right.REPORT_DEPARTMENT_READ))],
    department: Department = None,
) -> Sequence[IndicatorShown]:
    """Compute the indicators over [from, to), of everything or of one department. Calls belong to no department."""
    async with snapshot(runtime, applied, calls.VIEW, orders.VIEW, revisits.VIEW) as connection:
        of = await whose(connection, principal, department)
        with calendar_known():
            counts = await count(connection, pack, window, department=of)
    return indicators_shown(counts[WHOLE], pack, window, of)
