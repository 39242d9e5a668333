"""Extensions: asked by the department before the due time, explained to the caller, decided by a second person (A70, A89)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.routing import (
    LimitKind,
    WorkOrderDeferralExplained,
    WorkOrderEvent,
    WorkOrderExtensionDenied,
    WorkOrderExtensionGranted,
    WorkOrderExtensionRequested,
)
from hotline_events.decider import RefusalError
from hotline_events.sealing import Sealed
from hotline_rules.book import RuleBook
from hotline_rules.pack import RulePack
from routing.domain.work_order import refusals
from routing.domain.work_order.guards import held, own_stint
from routing.domain.work_order.parts import Ladder
from routing.domain.work_order.parts.extending import Asked
from routing.domain.work_order.parts.urging import climbed
from routing.domain.work_order.rungs import known_calendar, next_rung
from routing.domain.work_order.state import WorkOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestExtension:
    department: str
    extension_id: UUID
    reason: Sealed
    until: datetime
    book: RuleBook
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainDeferral:
    """The department told the caller why it takes longer."""

    department: str
    extension_id: UUID
    understood: bool
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantExtension:
    """`until` is what was asked for when nothing is said; it may be less."""

    extension_id: UUID
    until: datetime | None
    book: RuleBook
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DenyExtension:
    extension_id: UUID
    reason: Sealed
    by: str
    now: datetime


ExtendingCommand: TypeAlias = RequestExtension | ExplainDeferral | GrantExtension | DenyExtension


class ExtensionUnknownError(RefusalError):
    """No such extension waits for this order."""

    code: ClassVar[str] = "extension_unknown"
    rule: ClassVar[str | None] = "A89"
    field: ClassVar[str | None] = "path.extension_id"


class ExtensionTooLateError(RefusalError):
    """More time is asked for before the order is due, never after, and not once its lateness is on record (A89)."""

    code: ClassVar[str] = "extension_too_late"
    rule: ClassVar[str | None] = "A89"


class ExtensionsUsedUpError(RefusalError):
    """The pack gives no more extensions in this department's hands (A89)."""

    code: ClassVar[str] = "extensions_used_up"
    rule: ClassVar[str | None] = "A89"


class ExtensionWaitingError(RefusalError):
    """An extension waits for its decision already."""

    code: ClassVar[str] = "extension_waiting"
    rule: ClassVar[str | None] = "A89"


class ExtensionSpanError(RefusalError):
    """The new due time lies ahead and after the present one, and no further from the first one than the pack allows (A89)."""

    code: ClassVar[str] = "extension_span"
    rule: ClassVar[str | None] = "A89"
    field: ClassVar[str | None] = "body.until"
    status: ClassVar[int] = 422


class DeferralNotExplainedError(RefusalError):
    """The caller hears the reason, and understands it, before anything is deferred (A70)."""

    code: ClassVar[str] = "deferral_not_explained"
    rule: ClassVar[str | None] = "A70"
    missing = "deferral_explained"


def decide(order: WorkOrder, command: ExtendingCommand) -> list[WorkOrderEvent]:
    match command:
        case RequestExtension():
            return _request(order, command)
        case ExplainDeferral():
            return _explain(order, command)
        case GrantExtension():
            return _grant(order, command)
        case DenyExtension():
            return _deny(order, command)
        case _:
            assert_never(command)


def _request(order: WorkOrder, command: RequestExtension) -> list[WorkOrderEvent]:
    stint, waiting = own_stint(order, command.department), order.extending.waiting
    if command.extension_id in {order.extending.decided, waiting and waiting.extension_id}:
        return []
    held(order, command.department, command.now)
    if stint.signed_at is None:
        raise refusals.OrderNotSignedError
    ladder = _ladder(order)
    rules = command.book.of(ladder.rule_version)
    if command.now >= ladder.due_at or LimitKind.RESOLVE in stint.passed:
        raise ExtensionTooLateError
    if order.extending.granted >= rules.orders.extension.times:
        raise ExtensionsUsedUpError
    if waiting is not None:
        raise ExtensionWaitingError
    with known_calendar():
        _check_span(order, rules, ladder, command.until)
    return [
        WorkOrderExtensionRequested(
            **_ids(order, command.extension_id, command.now),
            requester_id=order.requester_id,
            reason=command.reason,
            resolve_due_at=ladder.due_at,
            asked_until=command.until,
            requested_by=command.by,
        )
    ]


def _explain(order: WorkOrder, command: ExplainDeferral) -> list[WorkOrderEvent]:
    """Say how the caller took it; who did not understand is told again."""
    own_stint(order, command.department)
    if _waiting(order, command.extension_id).explained:
        return []
    return [
        WorkOrderDeferralExplained(
            **_ids(order, command.extension_id, command.now), understood=command.understood, explained_by=command.by
        )
    ]


def _grant(order: WorkOrder, command: GrantExtension) -> list[WorkOrderEvent]:
    if order.extending.decided == command.extension_id and order.extending.was_granted:
        return []
    asked, ladder = _waiting(order, command.extension_id), _ladder(order)
    _refuse_asker(asked, command.by)
    if not asked.explained:
        raise DeferralNotExplainedError
    until = command.until or asked.until
    if not max(ladder.due_at, command.now) < until <= asked.until:
        raise ExtensionSpanError
    granted = WorkOrderExtensionGranted(
        **_ids(order, command.extension_id, command.now),
        hop=ladder.hop,
        round=ladder.round,
        due_before=ladder.due_at,
        resolve_due_at=until,
        granted_by=command.by,
        rule_version=ladder.rule_version,
    )
    with known_calendar():
        return [replace(granted, **next_rung(command.book.of(ladder.rule_version), climbed(ladder, granted)))]


def _deny(order: WorkOrder, command: DenyExtension) -> list[WorkOrderEvent]:
    if order.extending.decided == command.extension_id and not order.extending.was_granted:
        return []
    _refuse_asker(_waiting(order, command.extension_id), command.by)
    return [
        WorkOrderExtensionDenied(
            **_ids(order, command.extension_id, command.now),
            requester_id=order.requester_id,
            resolve_due_at=_ladder(order).due_at,
            reason=command.reason,
            denied_by=command.by,
        )
    ]


def _check_span(order: WorkOrder, rules: RulePack, ladder: Ladder, until: datetime) -> None:
    """Measure all extensions together, from when the order was first due."""
    first_due_at = order.extending.first_due_at or ladder.due_at
    if not ladder.due_at < until <= rules.after(rules.orders.extension.longest, first_due_at):
        raise ExtensionSpanError


def _refuse_asker(asked: Asked, by: str) -> None:
    if asked.by == by:
        raise refusals.SamePersonError


def _waiting(order: WorkOrder, extension_id: UUID) -> Asked:
    waiting = order.extending.waiting
    if waiting is None or waiting.extension_id != extension_id:
        raise ExtensionUnknownError
    return waiting


def _ladder(order: WorkOrder) -> Ladder:
    ladder = order.urging.ladder
    assert ladder is not None  # noqa: S101 - whatever is in hands has one
    return ladder


def _ids(order: WorkOrder, extension_id: UUID, now: datetime) -> dict[str, Any]:
    return {
        "work_order_id": order.work_order_id,
        "request_id": order.request_id,
        "extension_id": extension_id,
        "department": order.department,
        "occurred_at": now,
    }
