"""Asking the caller (A100-A106, A113, A114): attempts on different half-days, the message after the last one, the answer."""

from datetime import datetime

from followup.domain.refusals import (
    AppointmentOutOfPlaceError,
    FeeOutOfPlaceError,
    QuietHoursError,
    ReasonMissingError,
    RevisitBeforeResolutionError,
    RevisitNotDueError,
    RevisitOverError,
    ScriptUnknownError,
    TariffOutOfPlaceError,
)
from followup.domain.revisit.commands import AttemptRevisit, AwaitAnswer, GiveUp, RecordRevisit
from followup.domain.revisit.ending import close, conclude
from followup.domain.revisit.state import Revisit, matter_of
from hotline_events.catalogue.followup import (
    AnswerChannel,
    AttemptOutcome,
    ClosedAs,
    Dissatisfaction,
    RevisitAnswerAwaited,
    RevisitAttempted,
    Revisited,
    RevisitEvent,
    RevisitMessageSent,
    RevisitScheduled,
)
from hotline_rules.calendar import UnknownCalendarYearError
from hotline_rules.pack import RulePack

_SAID = (
    "solved", "satisfied", "timely", "attitude", "on_site", "appointment_kept", "fee_charged", "fee_shown", "fee_to_standard",
    "channel",
)  # fmt: skip


def attempt(revisit: Revisit, owed: RevisitScheduled, command: AttemptRevisit) -> list[RevisitEvent]:
    """Count a call that reached nobody; the next one falls on another half-day, after the last one a message is sent."""
    if revisit.last_attempt == (command.outcome, command.now):
        return []
    if revisit.next_at is None:
        raise RevisitOverError
    if command.rules.quiet_hours.contains(command.now):
        raise QuietHoursError
    if command.now < revisit.next_at:
        raise RevisitNotDueError
    rules = command.rules
    number = revisit.attempts + 1
    last = number >= rules.revisit.attempts
    attempted = RevisitAttempted(
        **matter_of(owed),
        attempt=number,
        outcome=command.outcome,
        next_at=None if last else rules.next_half_day(command.now),
        attempted_by=command.attempted_by,
        occurred_at=command.now,
    )
    return [attempted, _last_resort(revisit, owed, command)] if last else [attempted]


def _last_resort(revisit: Revisit, owed: RevisitScheduled, command: AttemptRevisit) -> RevisitEvent:
    """Write to the caller; but not to a number that is somebody else's.

    Until when an answer counts may lie in a year whose working days are not known: that waits, what happened does not.
    """
    if revisit.wrong_number or command.outcome is AttemptOutcome.WRONG_NUMBER:
        return close(owed, ClosedAs.UNREACHABLE, command.now)
    rules = command.rules.revisit
    return RevisitMessageSent(
        **matter_of(owed),
        requester_id=owed.requester_id,
        script=rules.message_script,
        answer_by=_answer_by(command.rules, command.now),
        occurred_at=command.now,
    )


def _answer_by(rules: RulePack, sent_at: datetime) -> datetime | None:
    try:
        return rules.after(rules.revisit.answer_message_within, sent_at)
    except UnknownCalendarYearError:
        return None


def await_answer(revisit: Revisit, owed: RevisitScheduled, command: AwaitAnswer) -> list[RevisitEvent]:
    """Say until when the caller may answer, counted from the message; the timer waits for the calendar that tells it."""
    if revisit.messaged_at is None or revisit.answer_by is not None:
        return []
    rules = command.book.of(owed.rule_version)
    answer_by = rules.after(rules.revisit.answer_message_within, revisit.messaged_at)
    return [RevisitAnswerAwaited(**matter_of(owed), answer_by=answer_by, occurred_at=revisit.messaged_at)]


def give_up(revisit: Revisit, owed: RevisitScheduled, command: GiveUp) -> list[RevisitEvent]:
    """Nobody answered the message: the caller is unreachable, which is an outcome of its own."""
    if revisit.answer_by is None or command.now < revisit.answer_by:
        return []
    return [close(owed, ClosedAs.UNREACHABLE, revisit.answer_by)]


def record(revisit: Revisit, owed: RevisitScheduled, command: RecordRevisit) -> list[RevisitEvent]:
    """Keep what the caller said, and draw the consequence of it."""
    if revisit.answer is not None and _is_known(revisit.answer, command):
        return []
    if not _is_open(revisit, command):
        raise RevisitOverError
    if command.now < owed.occurred_at:
        raise RevisitBeforeResolutionError
    _check(owed, command)
    revisited = Revisited(
        **matter_of(owed),
        requester_id=owed.requester_id,
        round=owed.round,
        solved=command.solved,
        satisfied=command.satisfied,
        reason=command.reason,
        reason_code=_coded(command),
        immediate_after_service=command.immediate_after_service,
        channel=command.channel,
        timely=command.timely,
        attitude=command.attitude,
        on_site=command.on_site,
        appointment_kept=command.appointment_kept,
        fee_charged=command.fee_charged,
        fee_shown=command.fee_shown,
        fee_to_standard=command.fee_to_standard,
        suggestion=command.suggestion,
        opened_with=command.opened_with,
        closed_with=command.closed_with,
        rule_version=command.rules.number,
        revisited_by=command.revisited_by,
        occurred_at=command.now,
    )
    return [revisited, *conclude(owed, command)]


def _is_known(answer: Revisited, command: RecordRevisit) -> bool:
    said = all(getattr(answer, name) == getattr(command, name) for name in _SAID)
    return said and answer.occurred_at == command.now


def _is_open(revisit: Revisit, command: RecordRevisit) -> bool:
    """A caller may be asked while calls are planned, and may answer the message while it waits for an answer."""
    if revisit.messaged_at is None:
        return revisit.next_at is not None
    return revisit.answer_by is None or command.now <= revisit.answer_by


def _coded(command: RecordRevisit) -> Dissatisfaction | None:
    """A reason without a code is of the other kind; who is content has none."""
    return command.reason_code or (Dissatisfaction.OTHER if command.reason else None)


def _check(owed: RevisitScheduled, command: RecordRevisit) -> None:
    if command.satisfied is False and command.reason is None:
        raise ReasonMissingError
    _check_questions(command)
    if not {command.opened_with, command.closed_with} <= {None, *command.rules.texts.scripts}:
        raise ScriptUnknownError
    if command.rules.quiet_hours.contains(command.now) and not _is_exempt(owed, command):
        raise QuietHoursError


def _is_exempt(owed: RevisitScheduled, command: RecordRevisit) -> bool:
    """Quiet hours bind our calls, not the caller's; and not the one that is made at the very end of the service."""
    ends_at = command.rules.after(command.rules.revisit.immediate_within, owed.resolved_at or owed.occurred_at)
    return command.channel is not AnswerChannel.CALL or (command.immediate_after_service and command.now <= ends_at)


def _check_questions(command: RecordRevisit) -> None:
    """The appointment and the fee are asked of a service at the caller's place, the tariff only where there was a fee."""
    if command.appointment_kept is not None and not command.on_site:
        raise AppointmentOutOfPlaceError
    if command.fee_charged is not None and not command.on_site:
        raise FeeOutOfPlaceError
    if not command.fee_charged and (command.fee_shown is not None or command.fee_to_standard is not None):
        raise TariffOutOfPlaceError
