"""The one place where an event gets its name.

A name is text that we chose, never a class path: it is the database column, the log field and, with the department, the
subject. A class belongs to exactly one name and holds the current version of its shape; older shapes are upcast on read.
"""

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast, dataclass_transform, get_type_hints

from hotline_events.sealing import Sealed

T = TypeVar("T", bound=type)
_NAME = re.compile(r"^(?P<service>[a-z]+)\.(?P<aggregate>[a-z_]+)\.(?P<verb>[a-z_]+)$")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """What the library knows of one event: its name, current version, class and sealed fields."""

    name: str
    version: int
    cls: type
    service: str
    aggregate: str
    verb: str
    sealed_fields: tuple[str, ...]
    sealed_by: str | None


_by_name: dict[str, EventType] = {}
_by_class: dict[type, EventType] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(name: str, *, version: int = 1, sealed_by: str | None = None) -> Callable[[T], T]:
    """Freeze a class and register it as an event.

    Every event has `occurred_at`. A field of type `Sealed` is encrypted with the data key of the person whose id stands in
    the field `sealed_by`. A field `department` becomes the last token of the subject, a field `rule_version` names the rule
    pack that decided.
    """
    match = _NAME.match(name)
    if match is None:
        message = f"{name!r} is not <service>.<aggregate>.<past verb>"
        raise ValueError(message)

    def register(cls: T) -> T:
        frozen = cast("T", dataclasses.dataclass(frozen=True, kw_only=True, slots=True)(cls))
        hints = get_type_hints(frozen)
        sealed = tuple(field for field, hint in hints.items() if _mentions_sealed(hint))
        if name in _by_name or "occurred_at" not in hints or (sealed and sealed_by not in hints):
            message = f"{name}: a name is used once, has occurred_at, and names the person its sealed fields belong to"
            raise ValueError(message)
        kind = EventType(
            name=name,
            version=version,
            cls=frozen,
            service=match["service"],
            aggregate=match["aggregate"],
            verb=match["verb"],
            sealed_fields=sealed,
            sealed_by=sealed_by if sealed else None,
        )
        _by_name[name] = kind
        _by_class[frozen] = kind
        return frozen

    return register


def _mentions_sealed(hint: object) -> bool:
    return hint is Sealed or Sealed in getattr(hint, "__args__", ())


def type_of(event_or_class: object) -> EventType:
    """Return the registered type of an event or of its class."""
    cls = event_or_class if isinstance(event_or_class, type) else type(event_or_class)
    return _by_class[cls]


def find(name: str) -> EventType | None:
    """Return the type of that name, or None: an unknown name is counted and passed by readers."""
    return _by_name.get(name)


def all_types() -> Mapping[str, EventType]:
    """Return every registered event by name."""
    return dict(sorted(_by_name.items()))


def subject_of(name: str, department: str | None) -> str:
    """Return the NATS subject: always five tokens, the last one `_` where no department is concerned."""
    return f"hotline.{name}.{department or '_'}"


def fields_of(kind: EventType) -> list[tuple[str, Any, bool]]:
    """Return (field, type, required) of an event, in the order they were written."""
    hints = get_type_hints(kind.cls)
    return [(field.name, hints[field.name], field.default is dataclasses.MISSING) for field in dataclasses.fields(kind.cls)]
