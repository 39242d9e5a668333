"""The types of request bodies: every text has a greatest length, every time a zone, and nothing is guessed."""

import re
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

Now = Callable[[], datetime]

clock_of_request: ContextVar[Now | None] = ContextVar("clock_of_request", default=None)

EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
AHEAD: Final = timedelta(minutes=5)
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:?\d\d)?")
_DEEPEST: Final = 32
_NO_NUL: Final = r"^[^\u0000]*$"
_NOT_BLANK: Final = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"


def now_of_request() -> datetime:
    """Read the business clock that this request is handled under."""
    clock = clock_of_request.get()
    return clock() if clock else datetime.now(UTC)


class Body(BaseModel):
    """A request's body: unknown fields are refused, texts are stripped, and no text can hold what Postgres cannot."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, allow_inf_nan=False, frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _storable(cls, value: object) -> object:
        if value is None or isinstance(value, int | float) or (isinstance(value, str) and value.isprintable()):
            # Printable means no control character and no surrogate: nearly every text ends here.
            return value
        for path, text in _texts(value, (), 0):
            if "\0" in text:
                raise PydanticCustomError("no_nul", "no NUL characters", {"path": path})
            if not text.isascii() and not _is_unicode(text):
                raise PydanticCustomError("unicode", "no lone surrogates", {"path": path})
        return value


def Text(most: int, *, least: int = 1, pattern: str | None = None) -> FieldInfo:  # noqa: N802 - part of a type
    """Bound a text to so many characters: a field is an `Annotated[str, ...]` with this in it.

    The schema says what stripping and storing imply: not blank, no NUL.
    """
    told = pattern or (_NOT_BLANK if least else _NO_NUL)
    info: FieldInfo = Field(min_length=least, max_length=most, pattern=pattern, json_schema_extra={"pattern": told})
    return info


def _instant(value: object) -> object:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise PydanticCustomError("timestamp", "an RFC 3339 timestamp")
    return value


def _plausible(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise PydanticCustomError("timezone_required", "a timestamp with its zone")
    try:
        value = value.astimezone(UTC)
    except OverflowError as error:
        raise PydanticCustomError("timestamp", "an RFC 3339 timestamp") from error
    if value < EARLIEST:
        raise PydanticCustomError("not_before_1970", "a time since 1970")
    return value


def _past(value: datetime) -> datetime:
    if value > now_of_request() + AHEAD:
        raise PydanticCustomError("not_in_the_future", "a time that has come")
    return value


Whole = Annotated[int, Field(strict=True, ge=-(2**53), le=2**53)]
YesNo = Annotated[bool, Field(strict=True)]
AnyUtcDatetime = Annotated[datetime, BeforeValidator(_instant), AfterValidator(_plausible)]
"""A time that may lie ahead: a deadline, an effective date."""
UtcDatetime = Annotated[datetime, BeforeValidator(_instant), AfterValidator(_plausible), AfterValidator(_past)]
"""A time at which something happened: since 1970, and no more than five minutes ahead of the business clock."""


def _texts(value: object, path: tuple[str | int, ...], depth: int) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif depth > _DEEPEST:
        raise PydanticCustomError("too_deep", "less nesting")
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield path, str(name)
            yield from _texts(inner, (*path, str(name)), depth + 1)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*path, index), depth + 1)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
