"""`GET /rules`: by which rules this service decides now, and which ones it knows."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from hotline_chassis.rights import Right
from hotline_chassis.runtime import RuntimeOf
from hotline_chassis.signin import requires
from hotline_rules.pack import RulePack


class PackShown(BaseModel):
    """A rule pack and the date from which it decides what begins."""

    number: Annotated[str, Field(examples=["default/1"])]
    title: Annotated[str, Field(examples=["默认规则 / Default rules"])]
    effective_from: date
    sha256: Annotated[str, Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])]


class RulesShown(BaseModel):
    """The pack in force, those that were published, and the years whose days the office loaded."""

    in_force: PackShown
    published: list[PackShown]
    calendar_years: Annotated[list[int], Field(examples=[[2027]])]


def rules_router() -> APIRouter:
    """Return the route that says by which rules a service decides."""
    router = APIRouter(tags=["rules"])

    @router.get("/rules", dependencies=[Depends(requires(Right.TABLES_READ))])
    async def rules(runtime: RuntimeOf) -> RulesShown:
        """Read which rule pack is in force in this service, and which ones it knows."""
        book = runtime.book
        return RulesShown(
            in_force=_shown(book.in_force(runtime.clock.now())),
            published=[_shown(pack) for pack in book.published],
            calendar_years=sorted(book.years),
        )

    return router


def _shown(pack: RulePack) -> PackShown:
    return PackShown(number=pack.number, title=pack.title, effective_from=pack.effective_from, sha256=pack.sha256)
