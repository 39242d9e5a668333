"""Histories for tests of read models: what services decided, as a follower meets it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from hotline_events.catalogue.routing import WorkOrderTransferred
from hotline_events.envelope import Actor, Cause, Envelope, StoredEvent, encode_metadata, encode_payload, from_row
from hotline_events.registry import type_of
from hotline_events.testing import NOON

KEY = bytes(32)
SERVICES = ("intake", "routing", "followup", "reporting")


@dataclass(slots=True)
class History:
    """What every service decided, as envelopes a follower meets: decoded from stored rows, sealed texts in boxes."""

    sources: dict[str, list[Envelope]] = field(default_factory=lambda: {service: [] for service in SERVICES})
    versions: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, stream: str, event: object, role: str = "service", department: str | None = None) -> None:
        """Append an event to its service's log."""
        kind = type_of(event)
        log = self.sources[kind.service]
        self.versions[stream] += 1
        version = self.versions[stream]
        person = getattr(event, kind.sealed_by) if kind.sealed_by else None
        event_id = UUID(int=(len(log) + 1) << 8 | SERVICES.index(kind.service))
        cause = Cause(correlation_id=event_id, causation_id=event_id, actor=Actor("test", role, department))
        row = StoredEvent(
            position=len(log) + 1,
            stream=stream,
            version=version,
            id=event_id,
            name=kind.name,
            schema_version=kind.version,
            payload=encode_payload(event, stream=stream, version=version, keys={person: KEY} if person else {}),
            metadata=encode_metadata(event, cause),
            recorded_at=moment_of(event) + timedelta(seconds=1),
            hash=bytes(32),
        )
        log.append(from_row(row))

    @property
    def events(self) -> Iterator[object]:
        """Every event's content, service by service."""
        return (envelope.event for log in self.sources.values() for envelope in log)


def moment_of(event: object) -> datetime:
    """Return when an event happened."""
    moment: datetime = event.occurred_at  # type: ignore[attr-defined]  # the registry demands it of every event
    return moment


def transferred(request_id: UUID, department: str, *, work_order_id: UUID | None = None) -> WorkOrderTransferred:
    """Return that a matter's order came to a department, as another service hears of it."""
    return WorkOrderTransferred(
        work_order_id=work_order_id or uuid4(),
        request_id=request_id,
        department=department,
        hop=1,
        round=1,
        sign_due_at=NOON,
        contact_due_at=NOON,
        resolve_due_at=NOON,
        transferred_by="desk",
        rule_version="default/1",
        occurred_at=NOON,
    )
