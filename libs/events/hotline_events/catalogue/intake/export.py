"""Taking records out of the system: asked for, approved by a second person, watermarked, every fetching on record (A146)."""

from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event


@event("intake.export.asked_for")
class ExportAskedFor:
    """Someone wants the requests of [`start`, `end`) as a file, without any identity in it."""

    export_id: UUID
    start: datetime
    end: datetime
    purpose: str
    asked_by: str
    rule_version: str
    occurred_at: datetime


@event("intake.export.approved")
class ExportApproved:
    """A second person agreed; the file may be fetched until `valid_until`."""

    export_id: UUID
    valid_until: datetime
    approved_by: str
    occurred_at: datetime


@event("intake.export.rejected")
class ExportRejected:
    """A second person refused."""

    export_id: UUID
    rejected_by: str
    occurred_at: datetime


@event("intake.export.fetched")
class ExportFetched:
    """The file was taken out, so many rows of it, marked with `watermark`."""

    export_id: UUID
    rows: int
    watermark: str
    fetched_by: str
    occurred_at: datetime


ExportEvent: TypeAlias = ExportAskedFor | ExportApproved | ExportRejected | ExportFetched
