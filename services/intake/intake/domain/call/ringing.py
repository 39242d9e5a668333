"""A waiting caller hears how far it is; a telephone rings in vain and something else is offered (A07, A40, A47, A51)."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.intake import (
    Alternative,
    CallAlternativeChosen,
    CallEvent,
    CallExtensionRang,
    CallExtensionReleased,
    CallHoldProgressGiven,
    LegResult,
)
from hotline_rules.sections.calls import CallRules
from intake.domain.call import refusals
from intake.domain.call.guards import after_ms, is_open, refuse_unknown, refuse_unless_talking
from intake.domain.call.standing import Status
from intake.domain.call.state import Call
from intake.domain.refusals import CallOverError


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveProgress:
    call_id: UUID
    rules: CallRules
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RingExtension:
    """While a leader is hunted, each place has the pack's `hunt_rings` (A58), else an extension its own (A07)."""

    call_id: UUID
    extension: str
    rules: CallRules
    hunt_rings: int | None = None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseExtension:
    """`rang_since` is given by the timer: it speaks of that ringing and of no other."""

    call_id: UUID
    extension: str
    result: LegResult
    rang_since: datetime | None = None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseAlternative:
    call_id: UUID
    choice: Alternative
    by: str
    now: datetime


RingingCommand: TypeAlias = GiveProgress | RingExtension | ReleaseExtension | ChooseAlternative


def decide(call: Call, command: RingingCommand) -> list[CallEvent]:
    match command:
        case GiveProgress():
            return _progress(call, command)
        case RingExtension():
            return _ring(call, command)
        case ReleaseExtension():
            return _release(call, command)
        case ChooseAlternative():
            return _choose(call, command)
        case _:
            assert_never(command)


def _progress(call: Call, command: GiveProgress) -> list[CallEvent]:
    refuse_unless_talking(call)
    if call.status is not Status.HELD:
        raise refusals.NotHeldNowError
    progress_by = after_ms(command.now, 1000 * command.rules.progress_seconds)
    return [
        CallHoldProgressGiven(call_id=command.call_id, given_by=command.by, progress_by=progress_by, occurred_at=command.now)
    ]


def _ring(call: Call, command: RingExtension) -> list[CallEvent]:
    refuse_unknown(call)
    if not is_open(call):
        raise CallOverError
    if call.steps.rings_since(command.extension) is not None:
        return []
    hunting = call.steps.hunt is not None and not call.steps.hunt.found
    rings = (command.hunt_rings if hunting else None) or command.rules.extension_ring_limit
    release_at = after_ms(command.now, rings * command.rules.ring_milliseconds)
    return [
        CallExtensionRang(call_id=command.call_id, extension=command.extension, release_at=release_at, occurred_at=command.now)
    ]


def _release(call: Call, command: ReleaseExtension) -> list[CallEvent]:
    """Release a telephone that rings in vain. Told again, or after it was answered, it is nothing."""
    refuse_unknown(call)
    since = call.steps.rings_since(command.extension)
    if command.rang_since is not None and since != command.rang_since:
        return []
    if since is None:
        if any(extension == command.extension for extension, _ in call.steps.released):
            return []
        raise refusals.NotRingingError
    return [
        CallExtensionReleased(
            call_id=command.call_id,
            extension=command.extension,
            result=command.result,
            rang_at=since,
            occurred_at=command.now,
        )
    ]


def _choose(call: Call, command: ChooseAlternative) -> list[CallEvent]:
    refuse_unless_talking(call)
    if not call.steps.offer_owed:
        raise refusals.NothingToOfferError
    return [
        CallAlternativeChosen(call_id=command.call_id, choice=command.choice, offered_by=command.by, occurred_at=command.now)
    ]
