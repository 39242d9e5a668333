"""Break-glass: an identity may be read at once; a second person ratifies that in three days, or it is flagged (A130, A144).

The unit that a matter accuses can never break the glass: its people must not learn who complained. The right to read ends
when it is rejected, and at the latest when the days for ratifying it are over.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, TypeAlias, assert_never
from uuid import UUID, uuid5

from hotline_events.catalogue.intake.break_glass import (
    BreakGlassEvent,
    BreakGlassLapsed,
    BreakGlassOpened,
    BreakGlassRatified,
    BreakGlassRejected,
)
from hotline_events.decider import Decider, RefusalError, Timer
from hotline_events.reaction_batch import Reaction
from hotline_rules.pack import RulePack
from intake.domain.person import Fact


class Reason(StrEnum):
    """Why an identity is needed before anybody can approve it."""

    DANGER_TO_LIFE = "danger_to_life"
    ON_SITE_VISIT = "on_site_visit"
    CANNOT_REACH_CALLER = "cannot_reach_caller"
    COURT_ORDER = "court_order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How somebody stands to a matter: their unit, whether it is accused, and whether the matter is theirs to handle."""

    department: str | None
    accused: bool
    handles: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBreakGlass:
    """Someone takes the right for themselves."""

    break_glass_id: UUID
    person_id: UUID
    request_id: UUID
    fields: Sequence[Fact]
    reason: Reason
    by: str
    standing: Standing
    rules: RulePack
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RatifyBreakGlass:
    """A second person agrees. A department's head, `bound_to` it, decides about its own people only."""

    by: str
    bound_to: str | None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectBreakGlass:
    """A second person finds the reading unfounded."""

    by: str
    bound_to: str | None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseBreakGlass:
    now: datetime


BreakGlassCommand: TypeAlias = OpenBreakGlass | RatifyBreakGlass | RejectBreakGlass | LapseBreakGlass


_NOBODY = UUID(int=0)


class Status(StrEnum):
    """How it stands."""

    NONE = "none"
    OPEN = "open"
    RATIFIED = "ratified"
    REJECTED = "rejected"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakGlass:
    """What a decision about it reads."""

    status: Status = Status.NONE
    break_glass_id: UUID = _NOBODY
    person_id: UUID = _NOBODY
    request_id: UUID = _NOBODY
    fields: tuple[str, ...] = ()
    opened_by: str = ""
    opened_for: str | None = None
    ratify_by: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        """Say whether the days for ratifying it have passed, whenever the timer is processed."""
        return self.ratify_by is not None and now >= self.ratify_by


class BreakGlassUnknownError(RefusalError):
    """Nobody opened it."""

    code: ClassVar[str] = "not_found"
    status: ClassVar[int] = 404


class AccusedUnitError(RefusalError):
    """The unit that is complained of never learns who complained (A144). Answered like a matter that is not there."""

    code: ClassVar[str] = "not_found"
    status: ClassVar[int] = 404


class NotYourOrderError(RefusalError):
    """A department may need the identity only of a matter that lies with it (A144). Answered like one that is not there."""

    code: ClassVar[str] = "not_found"
    status: ClassVar[int] = 404


class SecondPersonError(RefusalError):
    """Nobody ratifies their own reading (A130)."""

    code: ClassVar[str] = "second_person"
    rule: ClassVar[str | None] = "A130"


class BreakGlassOverError(RefusalError):
    """The right to read has ended: it was found unfounded, or its days are over."""

    code: ClassVar[str] = "break_glass_over"
    rule: ClassVar[str | None] = "A130"


class BreakGlassDecidedError(RefusalError):
    """It was decided already, or lapsed."""

    code: ClassVar[str] = "break_glass_decided"
    rule: ClassVar[str | None] = "A130"


def decide(glass: BreakGlass, command: BreakGlassCommand) -> list[BreakGlassEvent]:
    match command:
        case OpenBreakGlass():
            return _open(glass, command)
        case RatifyBreakGlass():
            return _ratify(glass, command)
        case RejectBreakGlass():
            return _reject(glass, command)
        case LapseBreakGlass():
            return _lapse(glass, command)
        case _:
            assert_never(command)


def evolve(glass: BreakGlass, event: BreakGlassEvent) -> BreakGlass:
    match event:
        case BreakGlassOpened():
            return _opened(event)
        case BreakGlassRatified():
            return replace(glass, status=Status.RATIFIED)
        case BreakGlassRejected():
            return replace(glass, status=Status.REJECTED)
        case BreakGlassLapsed():
            return replace(glass, status=Status.LAPSED)
        case _:
            assert_never(event)


def timers(event: BreakGlassEvent) -> Sequence[Timer]:
    """Lapse what nobody ratified in time."""
    if not isinstance(event, BreakGlassOpened):
        return ()
    stream = f"break_glass-{event.break_glass_id}"
    return (
        Timer(timer_id=uuid5(event.break_glass_id, "lapse"), kind="break_glass.lapse", due_at=event.ratify_by, stream=stream),
    )


def on_timer(timer: Timer) -> Reaction:
    """Turn the due date into its command."""
    break_glass_id = UUID(timer.stream.partition("-")[2])
    return Reaction(decider=decider, aggregate_id=break_glass_id, command=LapseBreakGlass(now=timer.due_at))


def require_right_to_read(glass: BreakGlass, by: str, standing: Standing, now: datetime) -> None:
    """Refuse to read through a glass that somebody else broke, that was rejected, or whose time is over."""
    if glass.opened_by != by:
        raise BreakGlassUnknownError
    _require_standing(standing)
    if glass.status not in {Status.OPEN, Status.RATIFIED} or glass.is_over(now):
        raise BreakGlassOverError


def _opened(event: BreakGlassOpened) -> BreakGlass:
    return BreakGlass(
        status=Status.OPEN,
        break_glass_id=event.break_glass_id,
        person_id=event.person_id,
        request_id=event.request_id,
        fields=event.fields,
        opened_by=event.opened_by,
        opened_for=event.opened_for,
        ratify_by=event.ratify_by,
    )


def _require_standing(standing: Standing) -> None:
    if standing.accused:
        raise AccusedUnitError
    if not standing.handles:
        raise NotYourOrderError


def _open(glass: BreakGlass, command: OpenBreakGlass) -> list[BreakGlassEvent]:
    _require_standing(command.standing)
    if glass.status is not Status.NONE:
        return []
    return [
        BreakGlassOpened(
            break_glass_id=command.break_glass_id,
            person_id=command.person_id,
            request_id=command.request_id,
            fields=tuple(sorted(set(command.fields))),
            reason=command.reason,
            opened_by=command.by,
            opened_for=command.standing.department,
            ratify_by=command.rules.after(command.rules.privacy.ratify_break_glass, command.now),
            rule_version=command.rules.number,
            occurred_at=command.now,
        )
    ]


def _ratify(glass: BreakGlass, command: RatifyBreakGlass) -> list[BreakGlassEvent]:
    if _is_decided(glass, command, Status.RATIFIED):
        return []
    return [BreakGlassRatified(break_glass_id=glass.break_glass_id, ratified_by=command.by, occurred_at=command.now)]


def _reject(glass: BreakGlass, command: RejectBreakGlass) -> list[BreakGlassEvent]:
    if _is_decided(glass, command, Status.REJECTED):
        return []
    return [BreakGlassRejected(break_glass_id=glass.break_glass_id, rejected_by=command.by, occurred_at=command.now)]


def _is_decided(glass: BreakGlass, command: RatifyBreakGlass | RejectBreakGlass, wanted: Status) -> bool:
    """Say whether it is already so; refuse what may not be decided, or not by this person."""
    if glass.status is Status.NONE or command.bound_to not in (None, glass.opened_for):
        raise BreakGlassUnknownError
    if glass.opened_by == command.by:
        raise SecondPersonError
    if glass.status is wanted:
        return True
    if glass.status is not Status.OPEN or glass.is_over(command.now):
        raise BreakGlassDecidedError
    return False


def _lapse(glass: BreakGlass, command: LapseBreakGlass) -> list[BreakGlassEvent]:
    if glass.status is not Status.OPEN:
        return []
    return [BreakGlassLapsed(break_glass_id=glass.break_glass_id, occurred_at=command.now)]


decider: Decider[BreakGlassCommand, BreakGlass, BreakGlassEvent] = Decider("break_glass", decide, evolve, BreakGlass(), timers)
