"""What everyone on duty has to know, and who has read it (A142, A160)."""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event
from hotline_events.sealing import Sealed


class NoticeKind(StrEnum):
    """An advisory for the shift, such as a reception to mind (A160), or a change of the service (A142)."""

    ADVISORY = "advisory"
    SERVICE_CHANGE = "service_change"


@event("intake.notice.posted", sealed_by="notice_id")
class NoticePosted:
    """A notice for who is on duty on `lines` (all lines when none is named) until `ends_at` (A142, A160)."""

    notice_id: UUID
    kind: NoticeKind
    lines: tuple[str, ...]
    text: Sealed
    starts_at: datetime
    ends_at: datetime
    posted_by: str
    occurred_at: datetime


@event("intake.notice.acknowledged")
class NoticeAcknowledged:
    """Somebody on duty has read it and signs for that (A142, A160)."""

    notice_id: UUID
    staff_id: str
    occurred_at: datetime


@event("intake.notice.withdrawn")
class NoticeWithdrawn:
    """The notice holds no longer (A160)."""

    notice_id: UUID
    withdrawn_by: str
    occurred_at: datetime


NoticeEvent: TypeAlias = NoticePosted | NoticeAcknowledged | NoticeWithdrawn
