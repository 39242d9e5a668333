"""A section of a rule pack is a frozen dataclass, and its type hints are the schema it is read by.

Numbers are whole and at least 1 (`Count`, `Few`) or at least 0 (`int`), times of day are HH:MM, spans are `{hours: 2}`. What
is missing, unknown or of another shape is refused with its line.
"""

import dataclasses
from collections.abc import Mapping
from datetime import time
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, TypeVar, cast, get_args, get_origin, get_type_hints

from hotline_rules.deadlines import LimitUnit, Span
from hotline_rules.yaml_source import Value

Section = TypeVar("Section")
Count = Annotated[int, "at least 1"]
MOST_FEW = 100
Few = Annotated[int, f"1 to {MOST_FEW}"]
"""How many of something must be seen: an aggregate remembers each of them, so it cannot be any number."""


def read_section(kind: type[Section], value: Value) -> Section:
    """Read a section of this kind; a field with a default may be left out."""
    hints = get_type_hints(kind, include_extras=True)
    needed = [field.name for field in dataclasses.fields(cast("Any", kind)) if _is_needed(field)]
    found = value.fields(needed, [name for name in hints if name not in needed])
    return kind(**{name: _read(hints[name], one) for name, one in found.items()})


def _is_needed(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _read(hint: Any, value: Value) -> Any:  # noqa: ANN401 - one answer a kind of field
    if hint is Count or hint is Few:
        return value.number(least=1, most=MOST_FEW if hint is Few else None)
    if hint is bool:
        return value.yes_no()
    if hint is int:
        return value.number()
    if hint is str:
        return value.text()
    if hint is time:
        return value.clock()
    if hint is Span:
        return read_span(value)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is tuple:
        return tuple(_read(arguments[0], item) for item in value.items())
    if origin in {Mapping, dict}:
        return MappingProxyType(
            {_key(arguments[0], name, one): _read(arguments[1], one) for name, one in value.section().items()}
        )
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return value.choice(hint)
    return read_section(hint, value)


def _key(hint: Any, name: str, value: Value) -> str:  # noqa: ANN401 - a type
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        if name not in tuple(hint):
            value.refuse(f"{name!r} is not one of {', '.join(hint)}")
        return hint(name)
    return name


def read_span(value: Value) -> Span:
    """Read a span: exactly one unit and its amount."""
    amounts = value.fields((), tuple(LimitUnit))
    if len(amounts) != 1:
        value.refuse(f"exactly one of {', '.join(LimitUnit)} is expected")
    ((unit, amount),) = amounts.items()
    return Span(amount=amount.number(least=1), unit=LimitUnit(unit))
