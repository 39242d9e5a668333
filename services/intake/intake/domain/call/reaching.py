"""Asking others: a colleague or superior is consulted, a leader is screened for and hunted (A57-A59)."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.intake import (
    CallColleagueConsulted,
    CallEvent,
    CallHuntBegun,
    CallHuntTried,
    CallLeaderScreened,
    Consulted,
    LegResult,
)
from hotline_events.sealing import Sealed
from hotline_rules.sections.calls import HuntPlace
from intake.domain.call import refusals
from intake.domain.call.guards import missing, refuse_unless_answered, refuse_unless_talking
from intake.domain.call.standing import OVER
from intake.domain.call.state import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultColleague:
    call_id: UUID
    kind: Consulted
    consulted: str
    answer: Sealed
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenForLeader:
    call_id: UUID
    leader: str
    unit: Sealed
    position: Sealed
    name: Sealed
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginHunt:
    """`places` are the pack's, in its order."""

    call_id: UUID
    leader: str
    urgent: bool
    places: tuple[HuntPlace, ...]
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TryPlace:
    """One place was tried; before a leader's own telephone the caller is asked whether that is needed."""

    call_id: UUID
    place: HuntPlace
    result: LegResult
    caller_asked: bool
    by: str
    now: datetime


ReachingCommand: TypeAlias = ConsultColleague | ScreenForLeader | BeginHunt | TryPlace


def decide(call: Call, command: ReachingCommand) -> list[CallEvent]:
    match command:
        case ConsultColleague():
            return _consult(call, command)
        case ScreenForLeader():
            return _screen(call, command)
        case BeginHunt():
            return _begin(call, command)
        case TryPlace():
            return _try(call, command)
        case _:
            assert_never(command)


def _consult(call: Call, command: ConsultColleague) -> list[CallEvent]:
    """Ask instead of guessing. After the call only once the line is known to be closed (A24)."""
    refuse_unless_answered(call)
    if call.status in OVER and not call.conduct.released:
        raise refusals.LineNotReleasedError("line_released")
    return [
        CallColleagueConsulted(
            call_id=command.call_id,
            caller_id=_caller(call),
            kind=command.kind,
            consulted=command.consulted,
            answer=command.answer,
            consulted_by=command.by,
            occurred_at=command.now,
        )
    ]


def _screen(call: Call, command: ScreenForLeader) -> list[CallEvent]:
    refuse_unless_talking(call)
    if command.leader in call.steps.screened:
        return []
    return [
        CallLeaderScreened(
            call_id=command.call_id,
            caller_id=_caller(call),
            leader=command.leader,
            unit=command.unit,
            position=command.position,
            name=command.name,
            screened_by=command.by,
            occurred_at=command.now,
        )
    ]


def _begin(call: Call, command: BeginHunt) -> list[CallEvent]:
    refuse_unless_talking(call)
    if command.leader not in call.steps.screened:
        raise refusals.ScreeningMissingError("screening")
    if call.steps.hunt is not None and call.steps.hunt.leader == command.leader:
        return []
    return [
        CallHuntBegun(
            call_id=command.call_id,
            leader=command.leader,
            urgent=command.urgent,
            places=tuple(place.value for place in command.places),
            begun_by=command.by,
            occurred_at=command.now,
        )
    ]


def _try(call: Call, command: TryPlace) -> list[CallEvent]:
    refuse_unless_talking(call)
    hunt = call.steps.hunt
    if hunt is None:
        raise missing("hunt")
    if command.place not in hunt.places or command.place in hunt.tried or hunt.found:
        raise refusals.PlaceNotHuntedError
    if not hunt.urgent and hunt.next_place != command.place:
        raise refusals.HuntOrderError(hunt.next_place or "hunt")
    if command.place is HuntPlace.MOBILE and not command.caller_asked and not hunt.urgent:
        raise refusals.HuntOrderError("ask_caller")
    return [
        CallHuntTried(
            call_id=command.call_id,
            place=command.place.value,
            result=command.result,
            tried_by=command.by,
            occurred_at=command.now,
        )
    ]


def _caller(call: Call) -> UUID:
    if call.caller_id is None:
        raise refusals.CallerMissingError("caller")
    return call.caller_id
