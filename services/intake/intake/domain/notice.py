"""A notice for those on duty, and who has signed for having read it (A142, A160)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.intake import NoticeAcknowledged, NoticeEvent, NoticeKind, NoticePosted, NoticeWithdrawn
from hotline_events.decider import Decider
from hotline_events.sealing import Sealed
from intake.domain.notice_refusals import NoticeAlreadyPostedError, NoticeEndsError, NoticeNotPostedError
from intake.domain.refusals import TimeRunsBackwardsError


@dataclass(frozen=True, slots=True, kw_only=True)
class PostNotice:
    notice_id: UUID
    kind: NoticeKind
    lines: tuple[str, ...]
    text: Sealed
    starts_at: datetime
    ends_at: datetime
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeNotice:
    notice_id: UUID
    staff_id: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawNotice:
    notice_id: UUID
    by: str
    now: datetime


NoticeCommand: TypeAlias = PostNotice | AcknowledgeNotice | WithdrawNotice


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    posted_at: datetime | None = None
    read_by: frozenset[str] = frozenset()
    withdrawn: bool = False


def decide(notice: Notice, command: NoticeCommand) -> list[NoticeEvent]:
    match command:
        case PostNotice():
            return _post(notice, command)
        case AcknowledgeNotice():
            _check_posted(notice, command.now)
            acknowledged = NoticeAcknowledged(notice_id=command.notice_id, staff_id=command.staff_id, occurred_at=command.now)
            return [] if command.staff_id in notice.read_by else [acknowledged]
        case WithdrawNotice():
            _check_posted(notice, command.now)
            withdrawn = NoticeWithdrawn(notice_id=command.notice_id, withdrawn_by=command.by, occurred_at=command.now)
            return [] if notice.withdrawn else [withdrawn]
        case _:
            assert_never(command)


def evolve(notice: Notice, event: NoticeEvent) -> Notice:
    match event:
        case NoticePosted():
            return replace(notice, posted_at=event.occurred_at)
        case NoticeAcknowledged():
            return replace(notice, read_by=notice.read_by | {event.staff_id})
        case NoticeWithdrawn():
            return replace(notice, withdrawn=True)
        case _:
            assert_never(event)


def _post(notice: Notice, command: PostNotice) -> list[NoticeEvent]:
    if notice.posted_at is not None:
        raise NoticeAlreadyPostedError
    if command.ends_at <= command.starts_at:
        raise NoticeEndsError
    return [
        NoticePosted(
            notice_id=command.notice_id,
            kind=command.kind,
            lines=command.lines,
            text=command.text,
            starts_at=command.starts_at,
            ends_at=command.ends_at,
            posted_by=command.by,
            occurred_at=command.now,
        )
    ]


def _check_posted(notice: Notice, now: datetime) -> None:
    if notice.posted_at is None:
        raise NoticeNotPostedError
    if now < notice.posted_at:
        raise TimeRunsBackwardsError


decider: Decider[NoticeCommand, Notice, NoticeEvent] = Decider("notice", decide, evolve, Notice())
