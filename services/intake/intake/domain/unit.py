"""A unit's opening hours, and that a caller was told of them (A62)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.intake import OpeningSpan, OutOfHoursTold, UnitEvent, UnitHoursPublished
from hotline_events.decider import Decider
from hotline_rules.pack import RulePack
from intake.domain.line_refusals import OpeningSpansError, UnitOpenError, UnitUnknownError
from intake.domain.opening import opening_at


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishHours:
    unit: str
    name_zh: str
    name_en: str
    hours: tuple[OpeningSpan, ...]
    by: str
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TellOutOfHours:
    unit: str
    call_id: UUID
    by: str
    rules: RulePack
    now: datetime


UnitCommand: TypeAlias = PublishHours | TellOutOfHours


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit as published, and the last call whose caller was told that it is closed."""

    published: tuple[str, str, tuple[OpeningSpan, ...]] | None = None
    told: UUID | None = None


def decide(unit: Unit, command: UnitCommand) -> list[UnitEvent]:
    match command:
        case PublishHours():
            return _publish(unit, command)
        case TellOutOfHours():
            return _tell(unit, command)
        case _:
            assert_never(command)


def evolve(unit: Unit, event: UnitEvent) -> Unit:
    match event:
        case UnitHoursPublished():
            return replace(unit, published=(event.name_zh, event.name_en, event.hours))
        case OutOfHoursTold():
            return replace(unit, told=event.call_id)
        case _:
            assert_never(event)


def _publish(unit: Unit, command: PublishHours) -> list[UnitEvent]:
    if any(span.start >= span.end for span in command.hours):
        raise OpeningSpansError
    if unit.published == (command.name_zh, command.name_en, command.hours):
        return []
    return [
        UnitHoursPublished(
            unit=command.unit,
            name_zh=command.name_zh,
            name_en=command.name_en,
            hours=command.hours,
            published_by=command.by,
            rule_version=command.rules.number,
            occurred_at=command.now,
        )
    ]


def _tell(unit: Unit, command: TellOutOfHours) -> list[UnitEvent]:
    if unit.published is None:
        raise UnitUnknownError
    if unit.told == command.call_id:
        return []
    opening = opening_at(unit.published[2], command.now, command.rules)
    if opening.is_open or opening.opens_at is None:
        raise UnitOpenError
    return [
        OutOfHoursTold(
            unit=command.unit, call_id=command.call_id, opens_at=opening.opens_at, told_by=command.by, occurred_at=command.now
        )
    ]


decider: Decider[UnitCommand, Unit, UnitEvent] = Decider("unit", decide, evolve, Unit())
