"""The timers of a call: release of a telephone that rings in vain, silent holds, long talks, the look for what was left out.

A timer that fires late judges by its due time: what had happened by then counts, what came after does not.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

from hotline_events.catalogue.intake import CallAnswered, CallEnded, CallEvent, CallExtensionRang, LegResult
from hotline_events.decider import Timer
from intake.domain.call.attending import ReachTalkLimit
from intake.domain.call.ending import SettleCall
from intake.domain.call.ringing import ReleaseExtension


class Clock(StrEnum):
    """What a timer of a call waits for."""

    TALK_NOTICE = "talk_notice"
    TALK_ACTION = "talk_action"
    RELEASE = "release"
    SETTLE = "settle"


def timers(event: CallEvent) -> Sequence[Timer]:
    """Start the clocks of a long talk, of an unanswered telephone, of the record's completion (A07, A17, A18, A35)."""
    match event:
        case CallAnswered():
            due = [(Clock.TALK_NOTICE, event.notice_at), (Clock.TALK_ACTION, event.action_at)]
            return [_timer(event, clock, at) for clock, at in due if at is not None]
        case CallExtensionRang():
            return [_timer(event, Clock.RELEASE, event.release_at, extension=event.extension)]
        case CallEnded(settle_at=datetime() as settle_at):
            return [_timer(event, Clock.SETTLE, settle_at)]
        case _:
            return ()


def _timer(
    event: CallAnswered | CallExtensionRang | CallEnded, clock: Clock, due_at: datetime, *, extension: str | None = None
) -> Timer:
    started_at = event.occurred_at.isoformat()
    return Timer(
        timer_id=uuid5(event.call_id, f"{clock}:{extension or ''}:{started_at}"),
        kind=clock.value,
        due_at=due_at,
        stream=f"call-{event.call_id}",
        rule={"started_at": started_at} | ({"extension": extension} if extension else {}),
    )


def command_of(timer: Timer) -> ReachTalkLimit | ReleaseExtension | SettleCall:
    """Turn a due timer into its command."""
    call_id = UUID(timer.stream.partition("-")[2])
    match Clock(timer.kind):
        case Clock.TALK_NOTICE:
            return ReachTalkLimit(call_id=call_id, action=False, now=timer.due_at)
        case Clock.TALK_ACTION:
            return ReachTalkLimit(call_id=call_id, action=True, now=timer.due_at)
        case Clock.RELEASE:
            return ReleaseExtension(
                call_id=call_id,
                extension=timer.rule["extension"],
                result=LegResult.NO_ANSWER,
                rang_since=datetime.fromisoformat(timer.rule["started_at"]),
                now=timer.due_at,
            )
        case Clock.SETTLE:
            return SettleCall(call_id=call_id, now=timer.due_at)
