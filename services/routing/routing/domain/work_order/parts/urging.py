"""What urging reads: one ladder a stint, and how far it was climbed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hotline_events.catalogue.routing import (
    Card,
    Rung,
    WorkOrderCardShown,
    WorkOrderCriticismMarked,
    WorkOrderEvent,
    WorkOrderExtensionGranted,
    WorkOrderReminded,
    WorkOrderReopened,
    WorkOrderResolved,
    WorkOrderSupervisionClosed,
    WorkOrderTransferred,
    WorkOrderUnmerged,
    WorkOrderUrged,
)
from hotline_events.replacing import replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The rungs of one stint. `next_rung` at `next_rung_at` is what its one timer waits for.

    `urges_since` counts from the last supervision that was closed, or lapsed by a merge; `urged_from` is when the next urge by
    itself counts from, None before the due time.
    """

    hop: int
    round: int
    started_at: datetime
    due_at: datetime
    rule_version: str
    next_rung: Rung | None = None
    next_rung_at: datetime | None = None
    reminded: bool = False
    yellow: bool = False
    red: bool = False
    criticised: bool = False
    urges: int = 0
    urges_since: int = 0
    urged_from: datetime | None = None
    first_urged_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Urging:
    """Ladders are kept after their stint's end, so that a rung is judged by times alone."""

    ladders: tuple[Ladder, ...] = ()

    @property
    def ladder(self) -> Ladder | None:
        """Return the present or last stint's."""
        return self.ladders[-1] if self.ladders else None

    def of(self, hop: int | None, round_: int) -> Ladder | None:
        """Return the ladder of a hop in a round; a rework's own, the first of its round, when no hop is given."""
        return next((one for one in self.ladders if one.round == round_ and hop in (None, one.hop)), None)


def evolve_urging(part: Urging, event: WorkOrderEvent) -> Urging:
    match event:
        case WorkOrderTransferred():
            return _begin(part, event, event.hop)
        case WorkOrderReopened():
            return _begin(part, event, part.ladders[-1].hop)
        case WorkOrderResolved(merged_into=lead) if lead is not None:
            return Urging(ladders=(*part.ladders, _followed(part, event)))
        case (
            WorkOrderReminded()
            | WorkOrderUrged()
            | WorkOrderCardShown()
            | WorkOrderCriticismMarked()
            | WorkOrderSupervisionClosed()
            | WorkOrderExtensionGranted()
            | WorkOrderUnmerged(urged_anew=True)
        ):
            place = _place(part, event.hop, event.round)
            changed = climbed(part.ladders[place], event)
            return Urging(ladders=(*part.ladders[:place], changed, *part.ladders[place + 1 :]))
        case _:
            return part


def _place(part: Urging, hop: int | None, round_: int | None) -> int:
    """Find a ladder from the end: it is nearly always the present one."""
    stints = ((one.hop, one.round) for one in reversed(part.ladders))
    return len(part.ladders) - 1 - next(back for back, stint in enumerate(stints) if stint == (hop, round_))


def _begin(part: Urging, event: WorkOrderTransferred | WorkOrderReopened, hop: int) -> Urging:
    ladder = Ladder(
        hop=hop,
        round=event.round,
        started_at=event.occurred_at,
        due_at=event.resolve_due_at,
        rule_version=event.rule_version,
        next_rung=event.next_rung,
        next_rung_at=event.next_rung_at,
    )
    return Urging(ladders=(*part.ladders, ladder))


def _followed(part: Urging, event: WorkOrderResolved) -> Ladder:
    """Return the ladder of an order that was resolved with its lead: there is nothing on it to climb."""
    return Ladder(
        hop=part.ladders[-1].hop if part.ladders else 0,
        round=event.round,
        started_at=event.occurred_at,
        due_at=event.resolve_due_at or event.occurred_at,
        rule_version=event.rule_version or "",
    )


def climbed(ladder: Ladder, event: Any) -> Ladder:  # noqa: ANN401 - an event of the ladder
    """Return the ladder after one of its own events."""
    ladder = replace(ladder, next_rung=event.next_rung, next_rung_at=event.next_rung_at)
    match event:
        case WorkOrderReminded():
            return replace(ladder, reminded=True)
        case WorkOrderCardShown():
            return replace(ladder, yellow=True, red=ladder.red or event.card is Card.RED)
        case WorkOrderCriticismMarked():
            return replace(ladder, criticised=True)
        case WorkOrderUrged():
            return _urged(ladder, event)
        case WorkOrderSupervisionClosed() | WorkOrderUnmerged():
            started = event.occurred_at if event.occurred_at >= ladder.due_at else ladder.urged_from
            return replace(ladder, urges_since=0, urged_from=started)
        case _:
            return replace(
                ladder,
                due_at=event.resolve_due_at,
                urged_from=None,
                first_urged_at=None,
                reminded=False,
                yellow=False,
                red=False,
                urges_since=0,
            )


def _urged(ladder: Ladder, event: WorkOrderUrged) -> Ladder:
    return replace(
        ladder,
        urges=event.number,
        urges_since=ladder.urges_since + 1,
        urged_from=ladder.urged_from if event.by_hand else event.occurred_at,
        first_urged_at=ladder.first_urged_at or event.occurred_at,
    )
