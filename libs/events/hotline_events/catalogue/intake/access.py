"""What the hotline itself takes from a user whom the sign-in provider lets in, and gives back (A150)."""

from datetime import datetime
from typing import TypeAlias

from hotline_events.registry import event


@event("intake.access.role_revoked")
class RoleRevoked:
    """A user's role counts no more: anywhere, or in the one department named."""

    actor_id: str
    role: str
    of_department: str | None = None
    reason: str
    revoked_by: str
    occurred_at: datetime


@event("intake.access.role_granted")
class RoleGranted:
    """A user's role counts again."""

    actor_id: str
    role: str
    of_department: str | None = None
    granted_by: str
    occurred_at: datetime


@event("intake.access.right_withdrawn")
class RightWithdrawn:
    """A user may not do one thing any more that their role may."""

    actor_id: str
    right: str
    reason: str
    withdrawn_by: str
    occurred_at: datetime


@event("intake.access.right_returned")
class RightReturned:
    """A user may again do what their role may."""

    actor_id: str
    right: str
    returned_by: str
    occurred_at: datetime


AccessEvent: TypeAlias = RoleRevoked | RoleGranted | RightWithdrawn | RightReturned
