"""What the bodies of intake have in common: codes instead of free text, so that nothing personal can stand in an event."""

import re
from datetime import datetime
from typing import Annotated, Any, TypeVar, get_args
from uuid import UUID

from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import PydanticCustomError

from hotline_chassis.answers import Accepted
from hotline_chassis.fields import Body, Text, UtcDatetime, YesNo
from hotline_chassis.http import IfMatch

CREATED: dict[int | str, dict[str, Any]] = {200: {"description": "The same creation, repeated.", "model": Accepted}}

B = TypeVar("B", bound=Body)
Flag = YesNo
Code = Annotated[str, Text(64, pattern="^[a-z][a-z0-9_]{0,63}$")]
ActorId = Annotated[str, Text(128, pattern="^[A-Za-z0-9][A-Za-z0-9._@:-]{0,127}$"), Field(examples=["agent-7"])]
Milliseconds = Annotated[int, Field(strict=True, ge=0, le=604_800_000, examples=[4200])]
AnyId = Annotated[UUID, Field(examples=["0197f3a2-7c11-7d2e-b6b0-3f1f0c8a9e10"])]
OccurredAt = Annotated[
    UtcDatetime | None,
    Field(description="When it happened; now when left out. Late entry is normal.", examples=["2026-03-02T04:00:00Z"]),
]


DepartmentCode = Annotated[
    str, Text(64, pattern="^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"), Field(description="A department's code.", examples=["roads"])
]
_NUMBER = r"[0-9]([._-]?[0-9]){6}"


def _no_number(told: str) -> str:
    if re.search(_NUMBER, told):
        raise PydanticCustomError(
            "no_telephone_number", "{expected}", {"expected": "a directory code or a person of the vault"}
        )
    return told


NoNumber = AfterValidator(_no_number)
"""What stands in an event in clear is never somebody's telephone number (A144, A147)."""
NOT_A_NUMBER: dict[str, Any] = {"not": {"pattern": _NUMBER}}
ArticleCode = Annotated[str, Text(64, pattern="^[a-z0-9][a-z0-9_-]{0,63}$"), Field(examples=["water-outage"])]


class Cited(Body):
    """An article at a version that was published when the answer was given (A42)."""

    code: ArticleCode
    version: Annotated[int, Field(strict=True, ge=1, le=100_000, examples=[3])]


class Happened(Body):
    """A body that may say when it happened."""

    occurred_at: OccurredAt = None

    def at(self, now: datetime) -> datetime:
        """Return when it happened: now unless said otherwise."""
        return self.occurred_at or now


_, _header, _told = get_args(IfMatch)
IF_MATCH: dict[str, Any] = {
    "name": "if-match",
    "in": "header",
    "required": False,
    "description": _header.description,
    "schema": _told.json_schema,
}


def documented(model: type[Body], *parameters: dict[str, Any]) -> dict[str, Any]:
    """Describe a body (and headers) that a route reads by itself, as the framework would."""
    content = {"application/json": {"schema": model.model_json_schema()}}
    return {"requestBody": {"required": True, "content": content}, "parameters": list(parameters)}


def parsed(model: type[B], body: bytes) -> B:
    """Read a body into its model in one step; what is wrong is told as everywhere."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        wrong = [{**found, "loc": ("body", *found["loc"])} for found in error.errors(include_url=False, include_input=False)]
        raise RequestValidationError(wrong) from None
