"""What an exchange saw of a call, as one picture that does not depend on the order in which it was told.

Every report of a call is a `Fact`. `picture_of` sorts them by their times and answers what they say together. A fact whose
predecessor is missing is no part of the picture yet: it waits, and counts as soon as the predecessor comes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from hotline_events.catalogue.intake import AbandonStage, EndedBy, LegResult


class FactKind(StrEnum):
    """What an exchange may tell, in the order in which facts of one instant follow each other."""

    RECEIVED = "received"
    MENU = "menu"
    QUEUED = "queued"
    RANG = "rang"
    BUSY = "busy"
    RELEASED = "released"
    ANSWERED = "answered"
    HELD = "held"
    RESUMED = "resumed"
    CONSULTED = "consulted"
    TRANSFERRED = "transferred"
    HANG_UP_ASKED = "hang_up_asked"
    ABANDONED = "abandoned"
    ENDED = "ended"
    LINE_CLOSED = "line_closed"


_RANK = {kind: rank for rank, kind in enumerate(FactKind)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One report. `party` is the extension, agent or target it speaks of; `answered` says of an end whether it had been.

    `extension` is the party's telephone where that is known: the desk may know the party by either name.
    """

    event_id: str
    kind: FactKind
    at: datetime
    sequence: int = 0
    line: str | None = None
    caller_id: UUID | None = None
    party: str | None = None
    extension: str | None = None
    by: EndedBy | None = None
    answered: bool | None = None
    result: LegResult | None = None
    ring_count: int | None = None
    emergency: bool = False
    rings: bool = False

    @property
    def order(self) -> tuple[datetime, int, int, str]:
        """Return where the fact stands among those of its call."""
        return (self.at, _RANK[self.kind], self.sequence, self.event_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A hold, open while `end` is None."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A telephone that rang for the call, and what came of it."""

    extension: str
    rang_at: datetime
    released_at: datetime | None = None
    result: LegResult = LegResult.NO_ANSWER


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """The call was passed on: to whom, at which telephone if that is known, and when."""

    target: str
    at: datetime
    extension: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Who joined the caller, and when. `ring_count` is None when the exchange does not count."""

    agent: str
    at: datetime
    ring_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How it ended: `stage` is set when the caller left before anybody answered."""

    at: datetime
    by: EndedBy
    stage: AbandonStage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What the facts of a call say together. `waiting` are the ids of those that are no part of it yet."""

    line: str
    caller_id: UUID | None
    emergency: bool
    received_at: datetime
    queued_at: datetime
    rang_at: datetime | None
    answer: Answer | None
    holds: tuple[Interval, ...]
    legs: tuple[Leg, ...]
    busy: tuple[tuple[str, datetime], ...]
    consulted: tuple[tuple[str, datetime], ...]
    transfers: tuple[Passed, ...]
    options: tuple[tuple[str, datetime], ...]
    end: End | None
    line_closed_at: datetime | None
    waiting: frozenset[str]


def picture_of(facts: Iterable[Fact]) -> Picture | None:
    """Return what the facts say, in whatever order they came and however often; None while the call's arrival is unknown."""
    ordered = sorted({fact.event_id: fact for fact in facts}.values(), key=lambda fact: fact.order)
    arrivals = _of(ordered, FactKind.RECEIVED, FactKind.QUEUED)
    if not arrivals:
        return None
    answers = _of(ordered, FactKind.ANSWERED)
    queued = _of(ordered, FactKind.QUEUED)
    legs, unmatched = _legs(ordered)
    end, unended = _end(ordered, legs, answered=bool(answers))
    holds, unheld = _holds(ordered, answers[0].at if answers else None)
    calls_on = _of(ordered, FactKind.CONSULTED, FactKind.TRANSFERRED)
    early = [fact for fact in calls_on if not answers or fact.at < answers[0].at]
    talked = [fact for fact in calls_on if fact not in early]
    waiting = [*unmatched, *unended, *unheld, *early]
    closed = _of(ordered, FactKind.LINE_CLOSED)
    return Picture(
        line=next((fact.line for fact in arrivals if fact.line), "unknown"),
        caller_id=next((fact.caller_id for fact in ordered if fact.caller_id), None),
        emergency=any(fact.emergency for fact in arrivals),
        received_at=arrivals[0].at,
        queued_at=(queued or arrivals)[0].at,
        rang_at=_first_ring(arrivals, legs),
        answer=_answer(answers[0]) if answers else None,
        holds=tuple(_clipped(holds, end)),
        legs=tuple(legs),
        busy=_busy(ordered),
        consulted=_parties(talked, FactKind.CONSULTED),
        transfers=_transfers(talked, answers),
        options=_parties(ordered, FactKind.MENU),
        end=end,
        line_closed_at=next((fact.at for fact in closed if end and fact.at >= end.at), None),
        waiting=frozenset(fact.event_id for fact in waiting),
    )


def _of(facts: Sequence[Fact], *kinds: FactKind) -> list[Fact]:
    return [fact for fact in facts if fact.kind in kinds]


def _parties(facts: Sequence[Fact], kind: FactKind) -> tuple[tuple[str, datetime], ...]:
    return tuple((fact.party or "unknown", fact.at) for fact in _of(facts, kind))


def _transfers(facts: Sequence[Fact], answers: Sequence[Fact]) -> tuple[Passed, ...]:
    """Return to whom the call was passed on; put through to whoever has it already, it was not."""
    has, passed = answers[0].party if answers else None, []
    for fact in _of(facts, FactKind.TRANSFERRED):
        if fact.party is None or fact.party != has:
            passed.append(fact)
        has = fact.party
    return tuple(Passed(target=fact.party or "unknown", at=fact.at, extension=fact.extension) for fact in passed)


def _busy(facts: Sequence[Fact]) -> tuple[tuple[str, datetime], ...]:
    """Return the telephones that were in a conversation when the call came to them."""
    engaged = [fact for fact in facts if fact.kind is FactKind.BUSY or fact.result is LegResult.BUSY]
    return tuple((fact.party or "unknown", fact.at) for fact in engaged)


def _answer(fact: Fact) -> Answer:
    return Answer(agent=fact.party or "unknown", at=fact.at, ring_count=fact.ring_count)


def _first_ring(arrivals: Sequence[Fact], legs: Sequence[Leg]) -> datetime | None:
    """Return when the first telephone rang: a leg's, or the line itself where the exchange has no legs."""
    rang = [leg.rang_at for leg in legs] + [fact.at for fact in arrivals if fact.rings]
    return min(rang, default=None)


def _legs(facts: Sequence[Fact]) -> tuple[list[Leg], list[Fact]]:
    """Pair what rang with what was released; a release without its ringing waits."""
    legs: list[Leg] = []
    unmatched = []
    for fact in _of(facts, FactKind.RANG, FactKind.RELEASED):
        extension = fact.party or "unknown"
        place = next((at for at, leg in enumerate(legs) if leg.extension == extension and leg.released_at is None), None)
        if fact.kind is FactKind.RANG:
            if place is None:
                legs.append(Leg(extension=extension, rang_at=fact.at))
        elif place is None:
            if not any(leg.extension == extension for leg in legs):
                unmatched.append(fact)
        else:
            legs[place] = replace(legs[place], released_at=fact.at, result=fact.result or LegResult.NO_ANSWER)
    return legs, unmatched


def _holds(facts: Sequence[Fact], answered_at: datetime | None) -> tuple[list[Interval], list[Fact]]:
    """Pair holds and resumptions of the answered call; what has no counterpart before it waits."""
    holds: list[Interval] = []
    waiting = []
    for fact in _of(facts, FactKind.HELD, FactKind.RESUMED):
        is_open = bool(holds) and holds[-1].end is None
        if answered_at is None or fact.at < answered_at or (fact.kind is FactKind.RESUMED and not is_open):
            waiting.append(fact)
        elif fact.kind is FactKind.RESUMED:
            holds[-1] = replace(holds[-1], end=fact.at)
        elif not is_open:
            holds.append(Interval(start=fact.at))
    return holds, waiting


def _clipped(holds: Sequence[Interval], end: End | None) -> Iterable[Interval]:
    """Cut holds off at the end of the call."""
    for hold in holds:
        if end is None:
            yield hold
        elif hold.start < end.at:
            yield replace(hold, end=min(hold.end or end.at, end.at))


def _end(facts: Sequence[Fact], legs: Sequence[Leg], *, answered: bool) -> tuple[End | None, list[Fact]]:
    """Say how the call ended. An end that may have an answer before it, which has not been told, waits for it.

    A caller who came to no queue and to no telephone heard the greeting or the menu alone, so such an end is an abandonment.
    """
    ends = _of(facts, FactKind.ABANDONED, FactKind.ENDED)
    if not ends:
        return None, []
    if answered:
        over = [fact for fact in ends if fact.kind is FactKind.ENDED]
        return (End(at=over[0].at, by=_ended_by(facts, over)), []) if over else (None, ends)
    told = {fact.kind is FactKind.ENDED and fact.answered is not False for fact in ends}
    sure = any(fact.kind is FactKind.ABANDONED or fact.answered is False for fact in ends)
    sure = sure or _stage(facts, legs) is AbandonStage.MENU
    if any(fact.answered for fact in ends) or (True in told and not sure):
        return None, ends
    return End(at=ends[0].at, by=EndedBy.CALLER, stage=_stage(facts, legs)), []


def _ended_by(facts: Sequence[Fact], over: Sequence[Fact]) -> EndedBy:
    """Say who ended it: as the end itself says, else who asked to hang up last before it."""
    asked = [fact.by for fact in _of(facts, FactKind.HANG_UP_ASKED) if fact.at <= over[-1].at]
    return next((by for by in [*(fact.by for fact in over), *reversed(asked)] if by), EndedBy.SYSTEM)


def _stage(facts: Sequence[Fact], legs: Sequence[Leg]) -> AbandonStage:
    if any(leg.released_at is None for leg in legs):
        return AbandonStage.RINGING
    if _of(facts, FactKind.QUEUED) or legs:
        return AbandonStage.QUEUE
    return AbandonStage.RINGING if any(fact.rings for fact in facts) else AbandonStage.MENU
