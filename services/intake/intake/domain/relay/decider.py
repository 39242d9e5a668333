"""The rules of a relay: taken, passed on, acknowledged, answered, and never lost in between."""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never
from uuid import UUID, uuid5

from hotline_events.catalogue.intake import (
    AddresseeKind,
    RelayAcknowledged,
    RelayAnswered,
    RelayDelayed,
    RelayEvent,
    RelayKind,
    RelayReceiptChecked,
    RelayRelayed,
    RelayStep,
    RelayTaken,
)
from hotline_events.decider import Decider, Timer
from hotline_events.reaction_batch import Reaction
from hotline_rules.calendar import UnknownCalendarYearError
from hotline_rules.deadlines import Span
from hotline_rules.pack import RulePack
from intake.domain.relay.commands import (
    AcknowledgeRelay,
    AddresseeMissingError,
    AnswerRelay,
    CheckReceipt,
    NoteDelay,
    PassOn,
    RelayAlreadyTakenError,
    RelayAnsweredError,
    RelayCommand,
    RelayIncompleteError,
    RelayNotMeantForThemError,
    RelayNotPassedOnError,
    RelayNotTakenError,
    RelayTimeRunsBackwardsError,
    TakeRelay,
    Whose,
)
from intake.domain.relay.state import Relay, evolve
from intake.domain.request.refusals import CalendarUnknownError

# Somebody who was away owes an answer, and whoever reports is owed guidance (A39, A155).
_ALWAYS_ANSWERED = frozenset({RelayKind.ABSENT_MESSAGE, RelayKind.WORK_REPORT})


def decide(relay: Relay, command: RelayCommand) -> list[RelayEvent]:
    match command:
        case TakeRelay():
            return _take(relay, command)
        case PassOn():
            return _pass_on(relay, command)
        case AcknowledgeRelay():
            return _acknowledge(relay, command)
        case AnswerRelay():
            return _answer(relay, command)
        case CheckReceipt():
            return _check(relay, command)
        case NoteDelay():
            return _note(relay, command)
        case _:
            assert_never(command)


def timers(event: RelayEvent) -> Sequence[Timer]:
    """Watch until it is acknowledged and, where an answer is wanted, until it is answered."""
    match event:
        case RelayTaken():
            due = {RelayStep.ACKNOWLEDGE: event.acknowledge_by, RelayStep.ANSWER: event.answer_by}
        case RelayReceiptChecked():
            due = {RelayStep.ACKNOWLEDGE: event.acknowledge_by}
        case _:
            return ()
    return [_timer(event.relay_id, step, due_at) for step, due_at in due.items() if due_at is not None]


def on_timer(timer: Timer) -> Reaction:
    """Say what a due timer asks of its relay."""
    relay_id = UUID(timer.rule["relay_id"])
    due_at = datetime.fromisoformat(timer.rule["due_at"])
    command = NoteDelay(relay_id=relay_id, step=RelayStep(timer.kind), due_at=due_at, now=timer.due_at)
    return Reaction(decider=decider, aggregate_id=relay_id, command=command)


def _timer(relay_id: UUID, step: RelayStep, due_at: datetime) -> Timer:
    return Timer(
        timer_id=uuid5(relay_id, f"{step.value}:{due_at.isoformat()}"),
        kind=step.value,
        due_at=due_at,
        stream=f"relay-{relay_id}",
        rule={"relay_id": str(relay_id), "due_at": due_at.isoformat()},
    )


def _take(relay: Relay, command: TakeRelay) -> list[RelayEvent]:
    if relay.taken_at is not None:
        raise RelayAlreadyTakenError
    recording = command.rules.recording
    wanted = recording.elements_of_relay(command.kind.value)
    if missing := [element.value for element in wanted if getattr(command, element.value) is None]:
        raise RelayIncompleteError(missing)
    kind, addressee = _addressee(command)
    acknowledge_by, answer_by = _due_times(command)
    return [
        RelayTaken(
            relay_id=command.relay_id,
            sender_id=command.sender_id,
            kind=command.kind,
            channel=command.channel,
            content=command.content,
            addressee_kind=kind,
            addressee=addressee,
            department=addressee if kind is AddresseeKind.DEPARTMENT else command.department,
            because=command.because,
            call_id=command.call_id,
            request_id=command.request_id,
            meets_at=command.meets_at,
            place=command.place,
            attendees=command.attendees,
            document_reference=command.document_reference,
            pages=command.pages,
            acknowledge_by=acknowledge_by,
            answer_by=answer_by,
            rule_version=command.rules.number,
            taken_by=command.taken_by,
            occurred_at=command.now,
        )
    ]


def _addressee(command: TakeRelay) -> tuple[AddresseeKind, str]:
    if command.addressee_kind is not None and command.addressee is not None:
        return command.addressee_kind, command.addressee
    if command.kind is RelayKind.MEETING_NOTICE:
        return AddresseeKind.POST, command.rules.recording.meeting_notice_to
    raise AddresseeMissingError


def _due_times(command: TakeRelay) -> tuple[datetime, datetime | None]:
    """A notice is acknowledged before its meeting begins, however short that is."""
    recording = command.rules.recording
    acknowledge_by = _after(command.rules, recording.relay_acknowledge, command.now)
    answer_by = _after(command.rules, recording.relay_answer, command.now)
    if command.meets_at is not None and command.now < command.meets_at < acknowledge_by:
        acknowledge_by = command.meets_at
    return acknowledge_by, answer_by if command.answer_wanted or command.kind in _ALWAYS_ANSWERED else None


def _after(rules: RulePack, span: Span, start: datetime) -> datetime:
    try:
        return rules.after(span, start)
    except UnknownCalendarYearError as unknown:
        raise CalendarUnknownError(str(unknown.year)) from unknown


def _pass_on(relay: Relay, command: PassOn) -> list[RelayEvent]:
    _require_taken(relay, command.now)
    if relay.answered_at is not None:
        raise RelayAnsweredError
    if relay.relayed_to == command.relayed_to:
        return []
    return [
        RelayRelayed(
            relay_id=command.relay_id,
            department=relay.department,
            relayed_to=command.relayed_to,
            means=command.means,
            relayed_by=command.relayed_by,
            occurred_at=command.now,
        )
    ]


def _acknowledge(relay: Relay, command: AcknowledgeRelay) -> list[RelayEvent]:
    somebody = _speaker(relay, command.whose, command.acknowledged_by, command.now)
    if relay.acknowledged_at is not None:
        return []
    if relay.relayed_to is None:
        raise RelayNotPassedOnError
    return [
        RelayAcknowledged(
            relay_id=command.relay_id,
            department=relay.department,
            acknowledged_by=somebody,
            recorded_by=command.whose.actor_id,
            occurred_at=command.now,
        )
    ]


def _answer(relay: Relay, command: AnswerRelay) -> list[RelayEvent]:
    somebody = _speaker(relay, command.whose, command.answered_by, command.now)
    if relay.answered_at is not None:
        raise RelayAnsweredError
    if relay.relayed_to is None:
        raise RelayNotPassedOnError
    return [
        RelayAnswered(
            relay_id=command.relay_id,
            sender_id=relay.sender_id or command.relay_id,
            department=relay.department,
            answer=command.answer,
            answered_by=somebody,
            recorded_by=command.whose.actor_id,
            occurred_at=command.now,
        )
    ]


def _speaker(relay: Relay, whose: Whose, named: str | None, now: datetime) -> str:
    """Return who says that they have it: the addressee, or whom the desk names. To anyone else it is not there."""
    _require_taken(relay, now)
    if relay.is_meant_for(whose):
        return named or whose.actor_id
    if not whose.desk:
        raise RelayNotTakenError
    if named is None or named == whose.actor_id:
        raise RelayNotMeantForThemError
    return named


def _check(relay: Relay, command: CheckReceipt) -> list[RelayEvent]:
    _require_taken(relay, command.now)
    if relay.relayed_to is None:
        raise RelayNotPassedOnError
    if relay.answered_at is not None and not command.arrived:
        raise RelayAnsweredError
    if relay.arrived is True and command.arrived:
        return []
    again = None if command.arrived else _after(command.rules, command.rules.recording.relay_acknowledge, command.now)
    return [
        RelayReceiptChecked(
            relay_id=command.relay_id,
            department=relay.department,
            asked=command.asked,
            arrived=command.arrived,
            acknowledge_by=again,
            checked_by=command.checked_by,
            occurred_at=command.now,
        )
    ]


def _note(relay: Relay, command: NoteDelay) -> list[RelayEvent]:
    """Compare times, not the order in which they are processed: what was done in time was never late."""
    done_at, due_at = {
        RelayStep.ACKNOWLEDGE: (relay.acknowledged_at, relay.acknowledge_by),
        RelayStep.ANSWER: (relay.answered_at, relay.answer_by),
    }[command.step]
    if due_at != command.due_at or command.step in relay.delayed or (done_at is not None and done_at <= due_at):
        return []
    return [
        RelayDelayed(
            relay_id=command.relay_id,
            department=relay.department,
            step=command.step,
            due_at=command.due_at,
            occurred_at=command.now,
        )
    ]


def _require_taken(relay: Relay, now: datetime) -> None:
    if relay.taken_at is None:
        raise RelayNotTakenError
    if now < relay.taken_at:
        raise RelayTimeRunsBackwardsError


decider: Decider[RelayCommand, Relay, RelayEvent] = Decider("relay", decide, evolve, Relay(), timers)
