"""What the routes that decide share: who may do what, and the office they decide at."""

from typing import Annotated

from fastapi import Depends

from hotline_chassis.answers import Accepted
from hotline_chassis.fields import Body
from hotline_chassis.rights import Right
from hotline_chassis.runtime import RuntimeOf
from hotline_chassis.signin import Principal, requires
from reporting.application import Office

CREATED: dict[int | str, dict[str, object]] = {200: {"model": Accepted, "description": "It was there already."}}

MayDraftRules = Annotated[Principal, Depends(requires(Right.RULES_DRAFT))]
MayApproveRules = Annotated[Principal, Depends(requires(Right.RULES_APPROVE))]
MayPublishRules = Annotated[Principal, Depends(requires(Right.RULES_PUBLISH))]
MayLoadCalendars = Annotated[Principal, Depends(requires(Right.CALENDAR_LOAD))]
MayPublishCommitments = Annotated[Principal, Depends(requires(Right.COMMITMENT_PUBLISH))]
MayReadRules = Annotated[Principal, Depends(requires(Right.TABLES_READ))]


class Plain(Body):
    """Nothing but the act itself."""


async def _office(runtime: RuntimeOf) -> Office:
    return Office(runtime.aggregates, runtime.book, runtime.clock)


OfficeOf = Annotated[Office, Depends(_office)]
"""What deciding needs, in a route."""
