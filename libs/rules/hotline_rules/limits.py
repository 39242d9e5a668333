"""The limits of a matter's clocks: general ones, and those that a kind of request or a channel has of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from hotline_rules.deadlines import LimitKind, Span
from hotline_rules.schema import read_span
from hotline_rules.sections.service import Channel
from hotline_rules.yaml_source import Value

ANY_TYPE = "any"
BY_CHANNEL = "by_channel"

Clocks = Mapping[LimitKind, Span]


class RequestType(StrEnum):
    """Kinds of request that may have limits of their own."""

    INQUIRY = "inquiry"
    HELP = "help"
    COMPLAINT = "complaint"
    REPORT = "report"
    SUGGESTION = "suggestion"
    PRAISE = "praise"
    REPAIR = "repair"
    EMERGENCY_REPAIR = "emergency_repair"


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """The nearest one holds: of the kind of request, else of the channel, else the general one."""

    general: Clocks
    by_type: Mapping[RequestType, Clocks] = field(default_factory=dict)
    by_channel: Mapping[Channel, Clocks] = field(default_factory=dict)

    def limit(self, kind: LimitKind, request_type: RequestType | None = None, channel: Channel | None = None) -> Span:
        """Tell how long this step may take."""
        if request_type is not None and (own := self.by_type.get(request_type, {}).get(kind)) is not None:
            return own
        if channel is not None and (own := self.by_channel.get(channel, {}).get(kind)) is not None:
            return own
        return self.general[kind]


def read_limits(value: Value) -> Limits:
    """Read the limits; the general ones must name every clock, the others only what differs."""
    named = value.fields((ANY_TYPE,), (*RequestType, BY_CHANNEL))
    channels = named.pop(BY_CHANNEL).fields((), tuple(Channel)) if BY_CHANNEL in named else {}
    return Limits(
        general=_clocks(named.pop(ANY_TYPE), tuple(LimitKind)),
        by_type=MappingProxyType({RequestType(name): _clocks(clocks) for name, clocks in named.items()}),
        by_channel=MappingProxyType({Channel(name): _clocks(clocks) for name, clocks in channels.items()}),
    )


def _clocks(value: Value, needed: tuple[LimitKind, ...] = ()) -> Clocks:
    return MappingProxyType(
        {LimitKind(kind): read_span(limit) for kind, limit in value.fields(needed, tuple(LimitKind)).items()}
    )
