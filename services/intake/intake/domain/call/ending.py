"""How a call ends, and what was left out in it (A02, A08-A14, A18, A24, A35, A45-A53).

What a rule demands and nobody told of is looked for when the call is wrapped up, when the time for that is over, and again when
the exchange tells more of a call whose record is complete. A call is judged by what nobody told of once a person at the desk
told of anything in it. Of one that machines alone told of, such as a log that is read in, nobody knows what was said unless
there is a transcript; there only who hung up first and the transfers are judged.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.intake import (
    CallEnded,
    CallEvent,
    CallHangUpExplained,
    CallLineReleased,
    CallRuleViolated,
    CallViolationWithdrawn,
    CallWrappedUp,
    EndedBy,
    HangUpException,
)
from hotline_rules.sections.calls import CallRules
from intake.domain.call import refusals
from intake.domain.call.conduct import BANNED_PHRASE, SILENT_PATH
from intake.domain.call.guards import after_ms, between, refuse_unknown, refuse_unless_talking, since
from intake.domain.call.standing import OVER, Status
from intake.domain.call.state import Call, evolve
from intake.domain.refusals import CallAbandonedError, CallNotEndedError

BY_FIGURES = frozenset({"A02", "A11", "A12", "A14"})
BY_WORDS = frozenset({"A08", "A09", "A11", "A13", "A46"})
_TRANSFER_RULES = {"prepared": "A45", "briefed": "A49", "connected": "A50", "confirmed": "A50"}


@dataclass(frozen=True, slots=True, kw_only=True)
class EndCall:
    call_id: UUID
    ended_by: EndedBy
    talk_ms: int | None
    hold_ms: int | None
    exception: HangUpException | None = None
    told_by: str | None = None
    told_at: datetime | None = None
    rules: CallRules | None = None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUpCall:
    call_id: UUID
    outcome: str
    wrap_up_ms: int | None
    wrapped_by: str | None = None
    rules: CallRules
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseLine:
    call_id: UUID
    by: str | None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleCall:
    """The time for completing the record is over, which is `now`."""

    call_id: UUID
    now: datetime


EndingCommand: TypeAlias = EndCall | WrapUpCall | ReleaseLine | SettleCall


def decide(call: Call, command: EndingCommand) -> list[CallEvent]:
    match command:
        case EndCall():
            return _end(call, command)
        case WrapUpCall():
            return _wrap_up(call, command)
        case ReleaseLine():
            return _release(call, command)
        case SettleCall():
            return _settle(call, command)
        case _:
            assert_never(command)


def ended(call: Call, command: EndCall, talk_ms: int, hold_ms: int) -> CallEnded:
    """Say that the call is over, and when what was left out is looked for.

    The time for the record runs from when the end was known. An end that is told of as it happens is looked at in any case: the
    desk may tell of the call after it. A log that is read in later has no such time.
    """
    settle_at = None
    if command.rules is not None:
        known_at = max(command.now, command.told_at or command.now)
        due = after_ms(known_at, 1000 * command.rules.wrap_up_seconds)
        live = command.told_at is not None and known_at - command.now <= due - known_at
        judged = live or call.attended or command.ended_by is EndedBy.AGENT or call.steps.transfer is not None
        settle_at = due if judged else None
    return CallEnded(
        call_id=command.call_id,
        ended_by=command.ended_by,
        talk_ms=talk_ms,
        hold_ms=hold_ms,
        exception=command.exception,
        settle_at=settle_at,
        occurred_at=command.now,
    )


def _end(call: Call, command: EndCall) -> list[CallEvent]:
    if call.status in OVER:
        return _explained(call, command)
    refuse_unless_talking(call)
    latest = since(call, command.now, None)
    held = call.hold_ms + (latest if call.status is Status.HELD else 0)
    hold_ms = held if command.hold_ms is None else command.hold_ms
    talk_ms = command.talk_ms
    if talk_ms is None:
        talk_ms = max(0, between(call.answered_at or command.now, command.now) - hold_ms)
    return [ended(call, command, talk_ms, hold_ms)]


def _explained(call: Call, command: EndCall) -> list[CallEvent]:
    """The exchange was faster than the call taker's screen: keep why the call taker hung up first."""
    if command.exception is None or command.told_by is None or call.conduct.exception is not None:
        return []
    return [
        CallHangUpExplained(
            call_id=command.call_id,
            exception=command.exception.value,
            explained_by=command.told_by,
            occurred_at=command.now,
        )
    ]


def _wrap_up(call: Call, command: WrapUpCall) -> list[CallEvent]:
    """Complete the record. What a call may come to is in the pack; that nobody wanted the matter is no outcome (A66)."""
    if command.outcome not in command.rules.outcomes:
        raise refusals.UnknownOutcomeError(", ".join(command.rules.outcomes))
    if call.status is Status.WRAPPED_UP:
        return []
    if call.status is not Status.ENDED:
        refuse_unless_talking(call)
        raise CallNotEndedError
    wrapped = CallWrappedUp(
        call_id=command.call_id,
        outcome=command.outcome,
        wrap_up_ms=since(call, command.now, command.wrap_up_ms),
        wrapped_by=command.wrapped_by,
        occurred_at=command.now,
    )
    return [wrapped, *left_out(evolve(call, wrapped), command.call_id, command.now)]


def _release(call: Call, command: ReleaseLine) -> list[CallEvent]:
    refuse_unknown(call)
    if call.status is Status.ABANDONED:
        raise CallAbandonedError
    if call.status not in OVER:
        raise CallNotEndedError
    if call.conduct.released:
        return []
    return [CallLineReleased(call_id=command.call_id, confirmed_by=command.by, occurred_at=command.now)]


def _settle(call: Call, command: SettleCall) -> list[CallEvent]:
    if call.status not in OVER:
        return []
    return left_out(call, command.call_id, command.now, unsaved=call.attended and not _saved(call, command))


def _saved(call: Call, command: SettleCall) -> bool:
    """A35: the record was complete before the time for it was over."""
    return call.status is Status.WRAPPED_UP and call.since is not None and call.since <= command.now


def is_looked_for(call: Call, told_at: datetime) -> bool:
    """Say whether the look for what was left out is over by then, or never comes: what is told later is judged at once."""
    if call.status is Status.ENDED:
        return call.settle_at is None or told_at >= call.settle_at
    return call.status is Status.WRAPPED_UP


def left_out(call: Call, call_id: UUID, now: datetime, *, unsaved: bool = False) -> list[CallEvent]:
    """Return what was left out and is not on record yet."""
    found = [*_first_hung_up(call), *_judged(call)]
    if unsaved:
        found.append(("A35", "wrap_up"))
    return [
        CallRuleViolated(call_id=call_id, rule=rule, step=step, agent_id=call.agent_id, occurred_at=now)
        for rule, step in dict.fromkeys(found)
        if (rule, step) not in call.conduct.violated
    ]


def _judged(call: Call) -> Iterator[tuple[str, str]]:
    """Return what was left out as far as that is known: of everything, of the words of a transcript, or of transfers alone."""
    if call.attended:
        yield from _left_out(call)
        return
    if call.conduct.heard is not None:
        yield from _unsaid(call)
    yield from _transfer_left_out(call)


def unfounded(call: Call, call_id: UUID, now: datetime, refutable: frozenset[str]) -> list[CallEvent]:
    """Return what is on record and is not so as it is known now: how late and who hung up first, or what was said."""
    holds = {*_first_hung_up(call), *_left_out(call)}
    return [
        CallViolationWithdrawn(call_id=call_id, rule=rule, step=step, occurred_at=now)
        for rule, step in sorted(call.conduct.violated - holds)
        if rule in refutable and (rule, step) != BANNED_PHRASE
    ]


def _first_hung_up(call: Call) -> Iterator[tuple[str, str]]:
    """A12: only a silent call, a misdial, harassment or a line fault, each handled as it should be, excuses it."""
    conduct, figures = call.conduct, call.figures
    if figures.ended_by is not EndedBy.AGENT:
        return
    handled = {
        HangUpException.SILENT_CALL: conduct.silent,
        HangUpException.MISDIAL: conduct.misdial_until is not None,
        HangUpException.HARASSMENT: conduct.harassing,
        HangUpException.LINE_FAULT: conduct.exception is HangUpException.LINE_FAULT,
    }
    if not any(handled.values()):
        yield "A12", conduct.exception.value if conduct.exception else "exception"
    if conduct.misdial_until is not None and figures.ended_at is not None and figures.ended_at < conduct.misdial_until:
        yield "A14", "misdial_cut_off"


def _could_say_goodbye(call: Call) -> bool:
    """A caller who hangs up leaves no time for it, and on a faulty line nobody hears it."""
    return call.figures.ended_by is EndedBy.AGENT and call.conduct.exception is not HangUpException.LINE_FAULT


def _left_out(call: Call) -> Iterator[tuple[str, str]]:
    conduct, steps = call.conduct, call.steps
    if conduct.late and not conduct.apologised:
        yield "A02", "late_apology"
    yield from _unsaid(call)
    if conduct.action_due and not conduct.action_taken:
        yield "A18", "line_open_or_promise"
    if steps.owed_consents:
        yield "A45", "hold_consent"
    if steps.owed_apologies:
        yield "A46", "resume_apology"
    if steps.silent_hold:
        yield "A47", "hold_progress"
    yield from _transfer_left_out(call)


def _unsaid(call: Call) -> Iterator[tuple[str, str]]:
    conduct = call.conduct
    if "greeting" not in conduct.spoken:
        yield "A08", "greeting"
    if not conduct.numbered:
        yield "A09", "agent_number"
    if "closing" not in conduct.spoken and _could_say_goodbye(call):
        yield "A11", "closing"
    if conduct.silent and conduct.heard is not None and conduct.in_place < len(SILENT_PATH):
        yield "A13", SILENT_PATH[conduct.in_place]


def _transfer_left_out(call: Call) -> Iterator[tuple[str, str]]:
    """A49-A51: of a transfer that took place every step was told; one that failed ended with an offer."""
    steps, transfer = call.steps, call.steps.transfer
    for step in sorted(steps.missed):
        yield _TRANSFER_RULES.get(step, "A59"), step
    if transfer is not None and transfer.connected and not transfer.confirmed:
        yield "A50", "confirmed"
    if transfer is not None and transfer.briefed and not transfer.connected and not steps.offer_owed:
        yield "A50", "connected"
    if steps.offer_owed:
        yield "A40", "alternative_offer"
