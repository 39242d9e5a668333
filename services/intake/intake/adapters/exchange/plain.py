"""The hotline's own words, for an exchange that nobody has written a module for: its collector says what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic import with_config as configured

from hotline_events.catalogue.intake import EndedBy, LegResult
from intake.adapters.exchange.report import BadReportError, Report, number_of
from intake.domain.call import FactKind

_KINDS = {
    "ring": FactKind.RECEIVED,
    "queue": FactKind.QUEUED,
    "menu": FactKind.MENU,
    "extension_ring": FactKind.RANG,
    "extension_busy": FactKind.BUSY,
    "extension_released": FactKind.RELEASED,
    "answer": FactKind.ANSWERED,
    "hold": FactKind.HELD,
    "resume": FactKind.RESUMED,
    "consult": FactKind.CONSULTED,
    "transfer": FactKind.TRANSFERRED,
    "abandon": FactKind.ABANDONED,
    "hang_up": FactKind.ENDED,
    "line_closed": FactKind.LINE_CLOSED,
}
_OF_SOMEBODY = frozenset({"menu", "extension_ring", "extension_busy", "extension_released", "answer", "consult", "transfer"})


@configured(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    call: Annotated[str, Field(min_length=1, max_length=200)]
    kind: Literal[
        "ring",
        "queue",
        "menu",
        "extension_ring",
        "extension_busy",
        "extension_released",
        "answer",
        "hold",
        "resume",
        "consult",
        "transfer",
        "abandon",
        "hang_up",
        "line_closed",
    ]
    line: Annotated[str | None, Field(max_length=32)] = None
    number: Annotated[str | None, Field(max_length=40)] = None
    party: Annotated[str | None, Field(min_length=1, max_length=64)] = None
    by: EndedBy | None = None
    result: LegResult | None = None
    ring_count: Annotated[int | None, Field(strict=True, ge=1, le=1000)] = None
    emergency: Annotated[bool, Field(strict=True)] = False


_TOLD = TypeAdapter(_Told)


def time_of(_raw: Mapping[str, Any]) -> object:
    """Say nothing: the time stands beside the event."""
    return None


def reports(raw: Mapping[str, Any]) -> Sequence[Report]:
    try:
        told = _TOLD.validate_python(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise BadReportError(f"raw.{field}", first["type"]) from None
    if told.kind in _OF_SOMEBODY and told.party is None:
        raise BadReportError("raw.party", "missing")
    if told.kind == "hang_up" and told.by is None:
        raise BadReportError("raw.by", "missing")
    return [
        Report(
            call=told.call,
            kind=_KINDS[told.kind],
            line=told.line,
            number=number_of(told.number),
            party=told.party,
            by=told.by,
            answered=True if told.kind == "hang_up" else None,
            result=told.result,
            ring_count=told.ring_count,
            emergency=told.emergency,
            rings=told.kind == "ring",
        )
    ]
