"""What intake decides because of its own events: a missed call becomes a task or an alarm, a roster opens its shifts, who takes
over in a handover becomes co-owner of the matters in it.

What kind of line a call was on stands in the line's stream and in the call's first event, which may be entered after the
abandonment: both are looked at whichever of the two arrives, and deciding twice is nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from uuid import UUID

from hotline_chassis.runtime import Runtime
from hotline_events.aggregates import Aggregates
from hotline_events.catalogue.intake import (
    AbsenceDetected,
    CallAbandoned,
    CallReceived,
    HandoverAccepted,
    HandoverOffered,
    LineKind,
    LinePublished,
    OpenItemKind,
    RosterPublished,
)
from hotline_events.envelope import Envelope, decode_payload
from hotline_events.reaction_batch import Reaction
from hotline_events.reactions import Reactions
from hotline_events.registry import type_of
from hotline_events.store import Store
from hotline_events.timers import OnTimer
from hotline_rules.book import RuleBook
from hotline_rules.pack import RulePack
from intake.application.duty import shifts_to_open
from intake.domain import call, line, missed_call, request, shift
from intake.domain.line.publishing import LeaveUnattended
from intake.domain.shift.absences import ExcuseAbsence, RecordGap
from intake.domain.shift.state import Shift

NAME = "intake.desk"
_CHANGED = "select max(position), array_agg(distinct stream) filter (where name = :name) from events where position > :after"
TIMERS: Mapping[str, OnTimer] = {"missed_call": missed_call.on_timer, "shift": shift.on_timer}
Missed = tuple[CallReceived | None, CallAbandoned | None]


class NotLookedUpError(LookupError):
    """The lines, this call, or this handover were not read yet."""


def on_missed_call(received: CallReceived, abandoned: CallAbandoned, kind: LineKind, rules: RulePack) -> list[Reaction]:
    """Call back whom a duty line missed (A05); raise the alarm for an office's line that nobody answered (A04)."""
    if kind is LineKind.DUTY:
        record = missed_call.RecordMissedCall(
            call_id=received.call_id,
            line=received.line,
            caller_id=received.caller_id,
            waited_ms=abandoned.wait_ms,
            rules=rules,
            now=abandoned.occurred_at,
        )
        return [Reaction(decider=missed_call.decider, aggregate_id=received.call_id, command=record)]
    if kind is LineKind.OFFICE:
        leave = LeaveUnattended(
            line=received.line,
            call_id=received.call_id,
            waited_ms=abandoned.wait_ms,
            rules=rules,
            now=abandoned.occurred_at,
        )
        return [Reaction(decider=line.decider, aggregate_id=received.line, command=leave)]
    return []


def on_handover(accepted: HandoverAccepted, offered: HandoverOffered) -> list[Reaction]:
    """Let who signs for a handover stand by the first contact of each matter in it (A65, A140)."""
    matters = [item.item_id for item in (*offered.items, *accepted.added) if item.kind is OpenItemKind.REQUEST]
    return [
        Reaction(
            decider=request.decider,
            aggregate_id=request_id,
            command=request.AddCoOwner(
                request_id=request_id,
                co_owner=accepted.signed_by,
                reason="handover",
                added_by=accepted.signed_by,
                now=accepted.occurred_at,
            ),
        )
        for request_id in matters
    ]


def on_absence(absence: AbsenceDetected, own: Shift, before: Shift) -> list[Reaction]:
    """Record a gap when nobody of the shift before has stayed for a relief that is not there (A06, A138, A139).

    An absence that somebody reported was judged then, on the shifts before and after.
    """
    at, plan = absence.occurred_at, own.plan
    if absence.found_by is not None:
        return []
    stayed = before.at_post(absence.staff_id)
    if stayed is not None and stayed.since <= at:  # on both rosters, and at the line; checking in late is a fault of its own
        excuse = ExcuseAbsence(staff_id=absence.staff_id, now=at)
        return [Reaction(decider=shift.decider, aggregate_id=absence.shift_id, command=excuse)]
    if plan is None or before.plan is None or absence.tier != plan.answering_tier or before.answering_at(at):
        return []
    began_at = at if before.answering_at(plan.starts_at) else min(plan.starts_at, at)
    command = RecordGap(began_at=began_at, now=at)
    return [Reaction(decider=shift.decider, aggregate_id=absence.shift_id, command=command)]


class DeskReactions(Reactions):
    """Reactions that decide every batch on the lines and calls as they are stored when the batch begins."""

    def __init__(self, store: Store, aggregates: Aggregates, book: RuleBook, committed: Callable[[], None]) -> None:
        super().__init__(
            NAME,
            service="intake",
            sources=("intake",),
            react=self._react_now,
            store=store,
            aggregates=aggregates,
            committed=committed,
        )
        self._lookup = aggregates
        self._events = store
        self._book = book
        self._kinds: dict[str, LineKind] = {}
        self._calls: dict[UUID, Missed] = {}
        self._offered: dict[tuple[UUID, str], HandoverOffered] = {}
        self._shifts: dict[UUID, Shift] = {}
        self._seen = -1

    async def refresh(self, events: Sequence[Envelope]) -> None:
        """Read the lines that were published since the last look, and the calls of this batch."""
        rows = await self._events.execute(_CHANGED, after=self._seen, name=type_of(LinePublished).name)
        head, streams = rows[0]
        states = await self._lookup.load_many(dict.fromkeys(streams or (), line.decider))
        self._kinds |= {
            stream.partition("-")[2]: state.facts.kind for stream, (_, state) in states.items() if state.facts is not None
        }
        self._seen = max(self._seen, head or 0)
        asked = [one.event.call_id for one in events if isinstance(one.event, CallReceived | CallAbandoned)]
        self._calls = await self._missed(asked)
        self._offered = await self._handed([one.event.shift_id for one in events if isinstance(one.event, HandoverAccepted)])

        absences = {one.event.shift_id for one in events if isinstance(one.event, AbsenceDetected)}
        self._shifts = await self._fresh(absences)
        before = {one.plan.follows for one in self._shifts.values() if one.plan is not None and one.plan.follows is not None}
        self._shifts |= await self._fresh(before - self._shifts.keys())

    async def _fresh(self, shifts: Iterable[UUID]) -> dict[UUID, Shift]:
        streams = {shift.decider.stream(shift_id): shift_id for shift_id in shifts}
        for stream in streams:
            self._lookup.forget(stream)
        states = await self._lookup.load_many(dict.fromkeys(streams, shift.decider))
        return {streams[stream]: state for stream, (_, state) in states.items()}

    async def _handed(self, shifts: Sequence[UUID]) -> dict[tuple[UUID, str], HandoverOffered]:
        """Return what each person offered last: nothing is offered any more after it was signed for."""
        read = await self._events.read_streams({shift.decider.stream(shift_id): 0 for shift_id in shifts})
        offers = [one for one in map(decode_payload, read) if isinstance(one, HandoverOffered)]
        return {(one.shift_id, one.from_staff): one for one in offers}

    async def _missed(self, calls: Sequence[UUID]) -> dict[UUID, Missed]:
        found: dict[UUID, Missed] = dict.fromkeys(calls, (None, None))
        for row in await self._events.read_streams({call.decider.stream(call_id): 0 for call_id in found}):
            match decode_payload(row):
                case CallReceived() as received:
                    found[received.call_id] = (received, found[received.call_id][1])
                case CallAbandoned() as abandoned:
                    found[abandoned.call_id] = (found[abandoned.call_id][0], abandoned)
                case _:
                    pass
        return found

    def _react_now(self, envelope: Envelope) -> Sequence[Reaction]:
        match envelope.event:
            case RosterPublished() as roster:
                return shifts_to_open(roster)
            case HandoverAccepted() as accepted:
                return self._react_to_handover(accepted)
            case AbsenceDetected() as absence:
                return self._react_to_absence(absence)
            case CallReceived(line=name) if self._seen >= 0 and self._kinds.get(name, LineKind.HOTLINE) is LineKind.HOTLINE:
                return []
            case CallReceived(call_id=call_id) | CallAbandoned(call_id=call_id):
                return self._react_to_call(call_id)
            case _:
                return []

    def _react_to_handover(self, accepted: HandoverAccepted) -> Sequence[Reaction]:
        offered = self._offered.get((accepted.shift_id, accepted.from_staff))
        if offered is None:
            raise NotLookedUpError
        return on_handover(accepted, offered)

    def _react_to_absence(self, absence: AbsenceDetected) -> Sequence[Reaction]:
        own = self._shifts.get(absence.shift_id)
        if own is None or own.plan is None:
            raise NotLookedUpError
        before = None if own.plan.follows is None else self._shifts.get(own.plan.follows)
        return [] if before is None else on_absence(absence, own, before)

    def _react_to_call(self, call_id: UUID) -> Sequence[Reaction]:
        if call_id not in self._calls:
            raise NotLookedUpError
        received, abandoned = self._calls[call_id]
        kind = None if received is None else self._kinds.get(received.line)
        if received is None or abandoned is None or kind is None:
            return []
        kept = received.rule_version
        rules = self._book.of(kept) if kept else self._book.in_force(received.occurred_at)
        return on_missed_call(received, abandoned, kind, rules)


def desk_reactions(runtime: Runtime) -> DeskReactions:
    return DeskReactions(runtime.store, runtime.aggregates, runtime.book, runtime.wake)
