"""What the rulebook did in a window, counted from the events themselves."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from hotline_chassis.rights import Right
from hotline_chassis.runtime import RuntimeOf
from hotline_chassis.signin import Principal, requires
from reporting.adapters.api.figures import WindowShown, window_shown
from reporting.adapters.api.reading import AppliedAsked, Department, WindowAsked, snapshot, whose
from reporting.adapters.api.rules import PackOf
from reporting.adapters.views import orders, timeline
from reporting.domain.rulebook import MEASURES

router = APIRouter(prefix="/reports", tags=["reports"])
Reader = Annotated[Principal, Depends(requires(Right.REPORT_DEPARTMENT_READ))]


class MeasureShown(BaseModel):
    """How often one thing happened."""

    measure: Annotated[str, Field(examples=["urges"])]
    name_zh: Annotated[str, Field(examples=["催办"])]
    name_en: Annotated[str, Field(examples=["Urges"])]
    rule: Annotated[str, Field(examples=["A90"])]
    count: Annotated[int, Field(examples=[12])]


class Rulebook(BaseModel):
    """What the rules did over a window, of everything or of one department."""

    window: WindowShown
    rule_version: Annotated[str, Field(examples=["default/1"])]
    department: Annotated[str | None, Field(examples=["roads"])]
    rows: list[MeasureShown]


@router.get("/rulebook")
async def rulebook(
    *,
    window: WindowAsked,
    runtime: RuntimeOf,
    pack: PackOf,
    applied: AppliedAsked,
    principal: Reader,
    department: Department = None,
) -> Rulebook:
    """Count clocks run out, cards, urges, supervisions, returns, reworks and deferred revisits."""
    async with snapshot(runtime, applied, timeline.VIEW, orders.VIEW) as connection:
        of = await whose(connection, principal, department)
        counts = await timeline.counted(connection, window.start, window.end, department=of)
    return Rulebook(
        window=window_shown(window, pack),
        rule_version=pack.number,
        department=of,
        rows=[
            MeasureShown(
                measure=one.code,
                name_zh=one.name_zh,
                name_en=one.name_en,
                rule=one.rule,
                count=sum(count for (name, kind), count in counts.items() if name in one.events and one.of in {None, kind}),
            )
            for one in MEASURES
        ],
    )
