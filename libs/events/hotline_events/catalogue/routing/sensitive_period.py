"""Sensitive periods: dates between which matters go up faster (A83)."""

from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from hotline_events.registry import event


@event("routing.sensitive_period.opened")
class SensitivePeriodOpened:
    """From `starts_at` until `ends_at` every level has less time (A83)."""

    period_id: UUID
    name_zh: str
    name_en: str
    starts_at: datetime
    ends_at: datetime
    opened_by: str
    occurred_at: datetime


@event("routing.sensitive_period.closed")
class SensitivePeriodClosed:
    """The period ended earlier than planned."""

    period_id: UUID
    closed_by: str
    occurred_at: datetime


SensitivePeriodEvent: TypeAlias = SensitivePeriodOpened | SensitivePeriodClosed
