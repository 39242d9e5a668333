"""What the read model of confidentiality has not applied yet: decisions of privacy do not wait for it (A144-A146).

Ask first until where it has applied, then it, then for the events since: whatever it applies meanwhile is seen twice and never
missed. That costs as much as it lags, and the events are found by their positions.
"""

from collections.abc import Sequence
from uuid import UUID

from hotline_chassis.confidentiality import NAME
from hotline_events.catalogue.intake import Confidentiality
from hotline_events.store import Store

_REGISTERED = """
select (payload->>'request_id')::uuid from events
 where position > :since and name = 'intake.request.registered' and payload->>'requester_id' = :requester_id"""
_CLOSED = """
select (payload->>'request_id')::uuid from events
 where position > :since and ((name = 'intake.clearance.marked' and payload->>'to_level' = :secret)
    or (name = 'intake.request.corrected' and payload->>'field' = 'accused_department'
        and payload->>'became_value' = :department))"""


async def applied_until(store: Store) -> int:
    """Return the position that the read model of confidentiality has applied."""
    return await store.applied(NAME, "intake")


async def registered_since(store: Store, since: int, requester_id: UUID) -> Sequence[UUID]:
    """Return the matters of a person that were registered after a position."""
    rows = await store.execute(_REGISTERED, since=since, requester_id=str(requester_id))
    return [request_id for (request_id,) in rows]


async def closed_since(store: Store, since: int, department: str | None) -> frozenset[UUID]:
    """Return the matters that became secret, or accuse this department, after a position."""
    rows = await store.execute(_CLOSED, since=since, secret=Confidentiality.SECRET.value, department=department)
    return frozenset(request_id for (request_id,) in rows)
