"""What the desk does for a caller beside answering: co-owners, look-ups, grounds, deferrals, the process, contacts
(A28, A65, A66, A70, A71, A154, A157).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.intake import (
    Channel,
    RequestCoOwnerAdded,
    RequestDeferralExplained,
    RequestDepartmentContacted,
    RequesterClass,
    RequestEvent,
    RequestNotAccepted,
    RequestProcessExplained,
    RequestSearched,
    RequestType,
)
from hotline_events.sealing import Sealed
from hotline_rules.calendar import UnknownCalendarYearError
from hotline_rules.deadlines import LimitKind
from hotline_rules.limits import RequestType as PackType
from hotline_rules.pack import RulePack
from hotline_rules.sections.orders import NonAcceptance
from hotline_rules.sections.service import Channel as PackChannel
from intake.domain.refusals import RequestAlreadyAnsweredError
from intake.domain.request.refusals import (
    BasisNotToldError,
    CalendarUnknownError,
    DeadlineNotOfTheRulesError,
    GroundNotInRulesError,
    LookUpMissingError,
    RequestNotAcceptedError,
)
from intake.domain.request.registering import require_registered
from intake.domain.request.state import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCoOwner:
    request_id: UUID
    co_owner: str
    reason: str
    added_by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineRequest:
    request_id: UUID
    ground: NonAcceptance
    basis_told: bool
    rules: RulePack
    decided_by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSearch:
    request_id: UUID
    source: str
    found: bool
    sought: Sealed | None
    searched_by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainDeferral:
    request_id: UUID
    reason: str
    explanation: Sealed
    understood: bool
    explained_by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainProcess:
    """`deadline` is what was told; nothing when the one of the rules was read out."""

    request_id: UUID
    deadline: datetime | None
    rules: RulePack
    explained_by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDepartment:
    request_id: UUID
    department: str
    contact: Sealed
    result: Sealed | None
    contacted_by: str
    now: datetime


HelpingCommand: TypeAlias = AddCoOwner | DeclineRequest | RecordSearch | ExplainDeferral | ExplainProcess | ContactDepartment


def decide(request: Request, command: HelpingCommand) -> list[RequestEvent]:
    requester_id, registered_at = require_registered(request)
    match command:
        case AddCoOwner():
            return _add_co_owner(request, command)
        case DeclineRequest():
            return _decline(request, command)
        case RecordSearch():
            return [_searched(requester_id, command)]
        case ExplainDeferral():
            return _explain_deferral(request, requester_id, command)
        case ExplainProcess():
            return _explain_process(request, registered_at, command)
        case ContactDepartment():
            return [_contacted(requester_id, command)]
        case _:
            assert_never(command)


def deadline_of(
    rules: RulePack, request_type: RequestType, requester_class: RequesterClass, channel: Channel, registered_at: datetime
) -> datetime:
    """Return until when the matter is to be handled: what the caller is told (A71). Its answer class goes before the limit."""
    answered = rules.orders.class_of(request_type.value, requester_class.value)
    try:
        if answered is not None:
            return rules.answer_by(answered, registered_at)
        return rules.due_at(LimitKind.RESOLVE, registered_at, PackType(request_type), PackChannel(channel))
    except UnknownCalendarYearError as unknown:
        raise CalendarUnknownError(str(unknown.year)) from unknown


def _add_co_owner(request: Request, command: AddCoOwner) -> list[RequestEvent]:
    if command.co_owner in {request.first_contact, *request.co_owners}:
        return []
    return [
        RequestCoOwnerAdded(
            request_id=command.request_id,
            co_owner=command.co_owner,
            reason=command.reason,
            added_by=command.added_by,
            occurred_at=command.now,
        )
    ]


def _decline(request: Request, command: DeclineRequest) -> list[RequestEvent]:
    if request.answered:
        raise RequestAlreadyAnsweredError
    if request.ground is not None:
        if request.ground == command.ground:
            return []
        raise RequestNotAcceptedError
    rules = command.rules
    if command.ground not in rules.orders.non_acceptance or command.ground not in rules.recording.bases:
        raise GroundNotInRulesError
    if not request.searched and command.ground not in rules.recording.without_look_up:
        raise LookUpMissingError
    if not command.basis_told:
        raise BasisNotToldError
    return [
        RequestNotAccepted(
            request_id=command.request_id,
            ground=command.ground.value,
            basis=rules.recording.bases[command.ground].zh,
            basis_told=True,
            rule_version=rules.number,
            decided_by=command.decided_by,
            occurred_at=command.now,
        )
    ]


def _searched(requester_id: UUID, command: RecordSearch) -> RequestSearched:
    return RequestSearched(
        request_id=command.request_id,
        requester_id=requester_id,
        source=command.source,
        found=command.found,
        sought=command.sought,
        searched_by=command.searched_by,
        occurred_at=command.now,
    )


def _explain_deferral(request: Request, requester_id: UUID, command: ExplainDeferral) -> list[RequestEvent]:
    if not request.searched:
        raise LookUpMissingError
    if request.deferral == (command.reason, command.understood):
        return []
    return [
        RequestDeferralExplained(
            request_id=command.request_id,
            requester_id=requester_id,
            reason=command.reason,
            explanation=command.explanation,
            understood=command.understood,
            explained_by=command.explained_by,
            occurred_at=command.now,
        )
    ]


def _explain_process(request: Request, registered_at: datetime, command: ExplainProcess) -> list[RequestEvent]:
    deadline = deadline_of(command.rules, request.request_type, request.requester_class, request.channel, registered_at)
    if command.deadline is not None and command.deadline != deadline:
        raise DeadlineNotOfTheRulesError(deadline)
    if request.deadline_told == deadline:
        return []
    return [
        RequestProcessExplained(
            request_id=command.request_id,
            deadline=deadline,
            rule_version=command.rules.number,
            explained_by=command.explained_by,
            occurred_at=command.now,
        )
    ]


def _contacted(requester_id: UUID, command: ContactDepartment) -> RequestDepartmentContacted:
    return RequestDepartmentContacted(
        request_id=command.request_id,
        requester_id=requester_id,
        spoken_to_department=command.department,
        contact=command.contact,
        result=command.result,
        contacted_by=command.contacted_by,
        occurred_at=command.now,
    )
