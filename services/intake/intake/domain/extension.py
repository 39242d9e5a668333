"""An extension: who is put through at night, and who is left alone (A54, A55).

At night a caller whose particulars do not match leaves a message and nothing else; no importance overrides that. Whoever asked
not to be disturbed is disturbed only for a reason that is recorded.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.intake import (
    DoNotDisturbCleared,
    DoNotDisturbSet,
    ExtensionEvent,
    MessagePassedOn,
    MessageReason,
    MessageTaken,
    PutThrough,
)
from hotline_events.decider import Decider
from hotline_events.sealing import Sealed
from hotline_rules.pack import RulePack
from intake.domain.line_refusals import (
    DoNotDisturbError,
    EndsBeforeItStartsError,
    MessageReasonError,
    MessageUnknownError,
    NightTransferBlockedError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDoNotDisturb:
    extension: str
    ends_at: datetime
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearDoNotDisturb:
    extension: str
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PutCallThrough:
    """`matches` says whether the caller knew what one who may be put through at night knows."""

    extension: str
    call_id: UUID
    matches: bool
    importance: str | None
    by: str
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeMessage:
    extension: str
    message_id: UUID
    call_id: UUID
    because: MessageReason
    message: Sealed
    sealed_for: UUID
    by: str
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PassMessageOn:
    extension: str
    message_id: UUID
    by: str
    now: datetime


ExtensionCommand: TypeAlias = SetDoNotDisturb | ClearDoNotDisturb | PutCallThrough | TakeMessage | PassMessageOn


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """Until when nobody is put through, the last call that was, and the messages that still wait."""

    quiet_until: datetime | None = None
    put_through: UUID | None = None
    waiting: frozenset[UUID] = frozenset()
    last_passed_on: UUID | None = None

    def is_quiet(self, moment: datetime) -> bool:
        return self.quiet_until is not None and moment < self.quiet_until


def decide(extension: Extension, command: ExtensionCommand) -> list[ExtensionEvent]:
    match command:
        case SetDoNotDisturb():
            return _set(extension, command)
        case ClearDoNotDisturb():
            if not extension.is_quiet(command.now):
                return []
            return [DoNotDisturbCleared(extension=command.extension, cleared_by=command.by, occurred_at=command.now)]
        case PutCallThrough():
            return _put_through(extension, command)
        case TakeMessage():
            return _take_message(extension, command)
        case PassMessageOn():
            return _pass_on(extension, command)
        case _:
            assert_never(command)


def evolve(extension: Extension, event: ExtensionEvent) -> Extension:
    match event:
        case DoNotDisturbSet():
            return replace(extension, quiet_until=event.ends_at)
        case DoNotDisturbCleared():
            return replace(extension, quiet_until=None)
        case PutThrough():
            return replace(extension, put_through=event.call_id)
        case MessageTaken():
            return replace(extension, waiting=extension.waiting | {event.message_id})
        case MessagePassedOn():
            return replace(extension, waiting=extension.waiting - {event.message_id}, last_passed_on=event.message_id)
        case _:
            assert_never(event)


def must_be_put_through(extension: Extension, call_id: UUID, moment: datetime, rules: RulePack) -> bool:
    """Say whether a call may not reach this extension before somebody has put it through (A54, A55)."""
    return extension.put_through != call_id and (extension.is_quiet(moment) or is_night(moment, rules))


def is_night(moment: datetime, rules: RulePack) -> bool:
    """Say whether a moment lies in the night of the rule pack (A54)."""
    local = moment.astimezone(rules.timezone).time()
    start, end = rules.transfers.night_start, rules.transfers.night_end
    return start <= local < end if start < end else local >= start or local < end


def _set(extension: Extension, command: SetDoNotDisturb) -> list[ExtensionEvent]:
    if command.ends_at <= command.now:
        raise EndsBeforeItStartsError
    if extension.quiet_until == command.ends_at:
        return []
    return [DoNotDisturbSet(extension=command.extension, ends_at=command.ends_at, set_by=command.by, occurred_at=command.now)]


def _put_through(extension: Extension, command: PutCallThrough) -> list[ExtensionEvent]:
    if extension.put_through == command.call_id:
        return []
    if is_night(command.now, command.rules) and not command.matches:
        raise NightTransferBlockedError
    quiet = extension.is_quiet(command.now)
    if quiet and command.importance is None:
        raise DoNotDisturbError
    return [
        PutThrough(
            extension=command.extension,
            call_id=command.call_id,
            importance=command.importance if quiet else None,
            put_through_by=command.by,
            rule_version=command.rules.number,
            occurred_at=command.now,
        )
    ]


def _take_message(extension: Extension, command: TakeMessage) -> list[ExtensionEvent]:
    if command.message_id in extension.waiting:
        return []
    if command.because is MessageReason.DO_NOT_DISTURB and not extension.is_quiet(command.now):
        raise MessageReasonError
    if command.because is MessageReason.NIGHT_MISMATCH and not is_night(command.now, command.rules):
        raise MessageReasonError
    return [
        MessageTaken(
            extension=command.extension,
            message_id=command.message_id,
            call_id=command.call_id,
            because=command.because,
            message=command.message,
            sealed_for=command.sealed_for,
            taken_by=command.by,
            occurred_at=command.now,
        )
    ]


def _pass_on(extension: Extension, command: PassMessageOn) -> list[ExtensionEvent]:
    if command.message_id == extension.last_passed_on:
        return []
    if command.message_id not in extension.waiting:
        raise MessageUnknownError
    return [
        MessagePassedOn(
            extension=command.extension, message_id=command.message_id, passed_on_by=command.by, occurred_at=command.now
        )
    ]


decider: Decider[ExtensionCommand, Extension, ExtensionEvent] = Decider("extension", decide, evolve, Extension())
