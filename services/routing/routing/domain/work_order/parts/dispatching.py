"""What dispatching reads."""

from dataclasses import dataclass, replace

from hotline_events.catalogue.routing import WorkOrderEvent, WorkOrderOpened


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatching:
    """`first_contact` is who met the caller first; the duty to revisit stays with that agent (A65, A68)."""

    first_contact: str | None = None


def evolve_dispatching(part: Dispatching, event: WorkOrderEvent) -> Dispatching:
    match event:
        case WorkOrderOpened():
            return replace(part, first_contact=event.first_contact)
        case _:
            return part
