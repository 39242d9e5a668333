"""Bringing a call to what the exchange's picture of it says, wherever the call stands (A01, A12, A21).

The picture is the same for every order of delivery, and the call follows it, so it always comes to the same figures. What has
been told already and turns out otherwise is corrected; nothing here is ever refused. What only a person knows stays.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from hotline_events.catalogue.intake import (
    AbandonStage,
    CallAbandoned,
    CallBusyOverflowDetected,
    CallConsultationStarted,
    CallEvent,
    CallExtensionRang,
    CallExtensionReleased,
    CallFiguresCorrected,
    CallHeld,
    CallLineReleased,
    CallMenuOptionChosen,
    CallReceived,
    CallResumed,
)
from hotline_rules.sections.calls import CallRules
from intake.domain.call import ending, lifecycle, passing
from intake.domain.call.exchange import End, Leg, Picture
from intake.domain.call.guards import MILLISECOND, after_ms, is_open, rings_in
from intake.domain.call.standing import OVER, TALKING, Status
from intake.domain.call.state import Call, evolve

HELD_BY_EXCHANGE = "told_by_exchange"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileCall:
    call_id: UUID
    picture: Picture
    rules: CallRules
    rule_version: str | None
    now: datetime


class _Story:
    """The call as it grows while the picture is told to it."""

    def __init__(self, call: Call, command: ReconcileCall) -> None:
        self.call = call
        self.command = command
        self.picture = command.picture
        self.events: list[CallEvent] = []

    def tell(self, event: CallEvent) -> None:
        self.events.append(event)
        self.call = evolve(self.call, event)


def decide(call: Call, command: ReconcileCall) -> list[CallEvent]:
    story = _Story(call, command)
    _arrive(story)
    _ring(story)
    _answer(story)
    _ring(story)
    _hold(story)
    _pass_on(story)
    _finish(story)
    _correct(story)
    if story.events:
        _judge_again(story)
    return story.events


def _arrive(story: _Story) -> None:
    picture = story.picture
    if story.call.status is Status.UNKNOWN:
        story.tell(
            CallReceived(
                call_id=story.command.call_id,
                line=picture.line,
                caller_id=picture.caller_id,
                emergency=picture.emergency,
                rule_version=story.command.rule_version,
                occurred_at=picture.received_at,
            )
        )
    if story.command.rules.keep_telephone_menu:
        for option, at in picture.options:
            if (option, at) not in story.call.conduct.options:
                story.tell(CallMenuOptionChosen(call_id=story.command.call_id, option=option, occurred_at=at))


def _ring(story: _Story) -> None:
    """Tell of telephones that were busy, that rang in vain, and of the one that rings now (A07, A61).

    What rings after the answer, to pass the caller on, is told after it: before, nothing rings any more once it is answered.
    """
    call_id = story.command.call_id
    for extension, at in story.picture.busy:
        if extension not in story.call.conduct.overflowed:
            story.tell(CallBusyOverflowDetected(call_id=call_id, extension=extension, occurred_at=at))
    for leg in story.picture.legs:
        known = any(one == (leg.extension, leg.rang_at) for one in story.call.steps.released)
        if leg.released_at is not None and not known:
            story.tell(
                CallExtensionReleased(
                    call_id=call_id,
                    extension=leg.extension,
                    result=leg.result,
                    rang_at=leg.rang_at,
                    occurred_at=leg.released_at,
                )
            )
        elif leg.released_at is None and not known and _rings_unsaid(story, leg):
            release_at = _release_at(leg.rang_at, story.command)
            story.tell(
                CallExtensionRang(call_id=call_id, extension=leg.extension, release_at=release_at, occurred_at=leg.rang_at)
            )


def _rings_unsaid(story: _Story, leg: Leg) -> bool:
    answer, end = story.picture.answer, story.picture.end
    taken = any(leg.extension in {one.target, one.extension} and one.at >= leg.rang_at for one in story.picture.transfers)
    told = story.call.steps.rings_since(leg.extension) is not None
    waits = answer is None or (answer.at < leg.rang_at and story.call.status in TALKING)
    return is_open(story.call) and end is None and not (taken or told) and waits


def _release_at(rang_at: datetime, command: ReconcileCall) -> datetime:
    """Tell when a telephone is given up (A07); told when that is past, it has the time again: its answer may come as late."""
    limit = command.rules.extension_ring_limit * command.rules.ring_milliseconds
    release_at = after_ms(rang_at, limit)
    return release_at if release_at > command.now else after_ms(command.now, limit)


def _answer(story: _Story) -> None:
    """Tell of the answer. One that comes after an abandonment corrects it: somebody had joined the caller (A03)."""
    answer = story.picture.answer
    if answer is None or story.call.status not in {Status.RECEIVED, Status.ABANDONED}:
        return
    rang_ms = _ring_ms(story.picture)
    command = lifecycle.AnswerCall(
        call_id=story.command.call_id,
        agent_id=answer.agent,
        wait_ms=None,
        ring_count=answer.ring_count,
        ring_ms=rang_ms,
        rules=story.command.rules,
        now=answer.at,
    )
    story.tell(lifecycle.answered(command, _wait_ms(story.picture), rang_ms))


def _hold(story: _Story) -> None:
    """Tell of the holds after what is known; an earlier one that comes late only moves the totals."""
    call_id = story.command.call_id
    for hold in story.picture.holds:
        since = story.call.since or hold.start
        if story.call.status is Status.ANSWERED and hold.start >= since:
            word_by = lifecycle.next_word_by(hold.start, story.command.rules)
            story.tell(CallHeld(call_id=call_id, reason=HELD_BY_EXCHANGE, progress_by=word_by, occurred_at=hold.start))
            since = hold.start
        if story.call.status is Status.HELD and hold.end is not None and hold.end >= since:
            story.tell(CallResumed(call_id=call_id, held_ms=(hold.end - since) // MILLISECOND, occurred_at=hold.end))


def _pass_on(story: _Story) -> None:
    call_id = story.command.call_id
    for party, at in story.picture.consulted:
        if (party, at) not in story.call.steps.consulted:
            story.tell(CallConsultationStarted(call_id=call_id, consulted=party, occurred_at=at))
    for passed in story.picture.transfers:
        command = passing.ConnectTransfer(
            call_id=call_id, target=passed.target, extension=passed.extension, by=None, now=passed.at
        )
        if not passing.told_before(story.call, command):
            for event in passing.decide(story.call, command):
                story.tell(event)


def _finish(story: _Story) -> None:
    end, call_id = story.picture.end, story.command.call_id
    if end is not None and end.stage is not None and story.call.status is Status.RECEIVED:
        wait_ms = _wait_ms(story.picture)
        story.tell(CallAbandoned(call_id=call_id, stage=end.stage, wait_ms=wait_ms, occurred_at=end.at))
    if end is not None and end.stage is None and story.call.status in TALKING:
        talk_ms, hold_ms = _totals(story, end)
        command = ending.EndCall(
            call_id=call_id,
            ended_by=end.by,
            talk_ms=None,
            hold_ms=None,
            told_at=story.command.now,
            rules=story.command.rules,
            now=end.at,
        )
        story.tell(ending.ended(story.call, command, talk_ms, hold_ms))
    closed_at = story.picture.line_closed_at
    if closed_at is not None and story.call.status in OVER and not story.call.conduct.released:
        story.tell(CallLineReleased(call_id=call_id, occurred_at=closed_at))


def _correct(story: _Story) -> None:
    """Say which figures the picture has otherwise than they were told, in one event."""
    figures, picture = story.call.figures, story.picture
    changed = {name: value for name, value in _figures(story).items() if value != getattr(figures, name)}
    if story.call.number_id is None and picture.caller_id is not None:
        changed["caller_id" if story.call.caller_id is None else "number_id"] = picture.caller_id
    told_by_machine = figures.ring_ms is not None
    if picture.answer is not None and told_by_machine and story.call.agent_id not in {None, picture.answer.agent}:
        changed["agent_id"] = picture.answer.agent
    if changed and figures.stage is not None:
        changed.setdefault("stage", figures.stage)
    if changed:
        story.tell(
            CallFiguresCorrected(
                call_id=story.command.call_id,
                late=None if "ring_count" not in changed else changed["ring_count"] > story.command.rules.ring_limit,
                occurred_at=story.command.now,
                **changed,
            )
        )


def _judge_again(story: _Story) -> None:
    """Judge again by what is known now: what else was left out of a call that was judged, and what was not (A02, A12)."""
    for event in ending.unfounded(story.call, story.command.call_id, story.command.now, ending.BY_FIGURES):
        story.tell(event)
    if ending.is_looked_for(story.call, story.command.now):
        for event in ending.left_out(story.call, story.command.call_id, story.command.now):
            story.tell(event)


def _figures(story: _Story) -> dict[str, Any]:
    """Return the figures that the picture has of what the call went through; a figure of something else is left out."""
    picture, end = story.picture, story.picture.end
    told: dict[str, Any] = {"received_at": picture.received_at}
    if picture.answer is not None and story.call.figures.answered_at is not None:
        ring_ms = _ring_ms(picture)
        rings = picture.answer.ring_count or rings_in(ring_ms, story.command.rules)
        told |= {"answered_at": picture.answer.at, "wait_ms": _wait_ms(picture), "ring_count": rings}
    if end is not None and end.stage is not None and story.call.status is Status.ABANDONED:
        stage: AbandonStage = end.stage
        told |= {"abandoned_at": end.at, "wait_ms": _wait_ms(picture), "stage": stage}
    if end is not None and end.stage is None and story.call.status in OVER:
        talk_ms, hold_ms = _totals(story, end)
        told |= {"ended_at": end.at, "ended_by": end.by, "talk_ms": talk_ms, "hold_ms": hold_ms}
    return told


def _totals(story: _Story, end: End) -> tuple[int, int]:
    """Return talk and hold. Where the exchange saw no hold, those that people told of count."""
    hold_ms = sum((hold.end - hold.start) // MILLISECOND for hold in story.picture.holds if hold.end is not None)
    if not story.picture.holds:
        hold_ms = story.call.hold_ms if story.call.figures.hold_ms is None else story.call.figures.hold_ms
        if story.call.status is Status.HELD and story.call.since is not None:
            hold_ms += max(0, (end.at - story.call.since) // MILLISECOND)
    answered_at = story.picture.answer.at if story.picture.answer else story.call.figures.answered_at or end.at
    return max(0, (end.at - answered_at) // MILLISECOND - hold_ms), hold_ms


def _wait_ms(picture: Picture) -> int:
    """Return how long the caller waited in the queue, or at all where there is none."""
    over = picture.answer.at if picture.answer else picture.end.at if picture.end else picture.queued_at
    return max(0, (over - picture.queued_at) // MILLISECOND)


def _ring_ms(picture: Picture) -> int:
    """Return how long telephones rang until somebody answered: from the first that rang, whoever's it was."""
    if picture.answer is None:
        return 0
    rang_at = picture.rang_at if picture.rang_at is not None and picture.rang_at <= picture.answer.at else picture.queued_at
    return max(0, (picture.answer.at - rang_at) // MILLISECOND)
