"""The use cases of duty: rosters and their shifts, attendance, handovers (A06, A134-A143).

A shift keeps the rule pack under which its roster was published. What a decision needs to know of another shift is read from
its stream as it is now, never from a cache.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID, uuid5

from hotline_events.aggregates import Aggregates, Done, Submission
from hotline_events.catalogue.intake import DutyPost, OpenItem, RosterPublished
from hotline_events.reaction_batch import Reaction
from hotline_events.sealing import Sealed
from hotline_rules.book import RuleBook
from hotline_rules.pack import RulePack
from intake.domain import line, roster, shift
from intake.domain.duty_refusals import ShiftNotOpenedError
from intake.domain.line_refusals import LineNotPublishedError
from intake.domain.shift.absences import ReportAbsence, beside
from intake.domain.shift.handover import NO_RELIEF, AcceptHandover, EndShift, OfferHandover, Relief, relief_in
from intake.domain.shift.posts import OpenShift
from intake.domain.shift.state import Plan, Shift
from intake.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What the use cases of duty stand on."""

    aggregates: Aggregates
    book: RuleBook
    vault: Vault


async def publish_roster(
    duty: Duty,
    at: tuple[str, date],
    posts: Mapping[str, tuple[DutyPost, ...]],
    *,
    by: str,
    now: datetime,
    submission: Submission,
) -> Done:
    """Publish the roster of a line's day and open its shifts. The worker opens what a crash left unopened."""
    known_line, day = at
    facts = (await _fresh_line(duty, known_line)).facts
    if facts is None:
        raise LineNotPublishedError
    rules = duty.book.in_force(now)
    command = roster.PublishRoster(
        line=known_line,
        day=day,
        posts=posts,
        round_the_clock=facts.round_the_clock,
        follows=await _shift_before(duty, known_line, day, rules),
        by=by,
        rules=rules,
        now=now,
    )
    done = await duty.aggregates.execute(roster.decider, roster.roster_id_of(known_line, day), command, submission)
    for event in done.events:
        await _open_shifts(duty, event, submission)
    return done


def shifts_to_open(event: RosterPublished) -> list[Reaction]:
    """Tell the commands that open a published roster's shifts."""
    return [
        Reaction(
            decider=shift.decider,
            aggregate_id=one.shift_id,
            command=OpenShift(
                line=event.line,
                day=event.day,
                shift=one,
                round_the_clock=event.round_the_clock,
                answering_tier=event.answering_tier,
                by=event.published_by,
                rule_version=event.rule_version,
                now=event.occurred_at,
            ),
        )
        for one in event.shifts
    ]


async def keep_shift(duty: Duty, shift_id: UUID, command: shift.ShiftCommand, submission: Submission) -> Done:
    """Record what happened next in a shift."""
    return await duty.aggregates.execute(shift.decider, shift_id, command, submission)


async def rules_of(duty: Duty, shift_id: UUID) -> RulePack:
    """Return the rule pack that a shift keeps."""
    return duty.book.of((await _opened(duty, shift_id))[1].rule_version)


async def place_of(duty: Duty, shift_id: UUID, staff_id: str) -> tuple[str, datetime]:
    """Return the line of a shift, and since when somebody is at their post there: that of the shift, if they are not."""
    state, plan = await _opened(duty, shift_id)
    presence = state.at_post(staff_id)
    return plan.line, plan.check_in_by if presence is None else presence.since


async def report_absence(
    duty: Duty, at: tuple[UUID, str], beside_ids: Iterable[UUID], *, by: str, now: datetime, submission: Submission
) -> Done:
    """Say that somebody is not at their post, by what the shifts of the line before and after this one say too (A138)."""
    shift_id, staff_id = at
    known = [await _fresh_shift(duty, beside_id) for beside_id in beside_ids]
    command = ReportAbsence(shift_id=shift_id, staff_id=staff_id, by=by, beside=beside(known, staff_id, now), now=now)
    return await keep_shift(duty, shift_id, command, submission)


async def offer_handover(
    duty: Duty,
    at: tuple[UUID, str],
    to: tuple[UUID, str],
    items: tuple[OpenItem, ...],
    *,
    note: str | None,
    now: datetime,
    submission: Submission,
) -> Done:
    """Hand over to a relief, with everything that is unfinished; the note is sealed with the shift's own key (A140)."""
    (shift_id, from_staff), (relief_shift_id, to_staff) = at, to
    await duty.vault.give_key(shift_id)
    command = OfferHandover(
        shift_id=shift_id,
        from_staff=from_staff,
        to_staff=to_staff,
        relief_shift_id=relief_shift_id,
        relief=relief_in(await _fresh_shift(duty, relief_shift_id), to_staff, now),
        items=items,
        note=Sealed.of(note),
        now=now,
    )
    return await keep_shift(duty, shift_id, command, submission)


async def accept_handover(
    duty: Duty,
    at: tuple[UUID, str],
    items: tuple[OpenItem, ...],
    *,
    by: str,
    unread: int,
    now: datetime,
    submission: Submission,
) -> Done:
    """Sign for a handover and all that is unfinished by then; who signs has checked in, has read the log and has no notice
    unread (A139, A140, A142).
    """
    shift_id, from_staff = at
    state, _ = await _opened(duty, shift_id)
    relief = await _relief(duty, state, from_staff, now, unread=unread)
    command = AcceptHandover(shift_id=shift_id, from_staff=from_staff, by=by, relief=relief, items=items, now=now)
    return await keep_shift(duty, shift_id, command, submission)


async def end_shift(
    duty: Duty, at: tuple[UUID, str], beside_ids: Iterable[UUID], *, now: datetime, submission: Submission
) -> Done:
    """Leave a post, once the relief has taken over, or to stay for the shift that follows (A139)."""
    shift_id, staff_id = at
    state, plan = await _opened(duty, shift_id)
    relief, stays = await _relief(duty, state, staff_id, now), False
    for beside_id in beside_ids:
        other = await _fresh_shift(duty, beside_id)
        own = relief_in(other, staff_id, now)
        if own.rostered and own.checked_in and own.plan is not None and own.plan.starts_at >= plan.ends_at:
            relief, stays = own, True
    command = EndShift(shift_id=shift_id, staff_id=staff_id, relief=relief, stays=stays, now=now)
    return await keep_shift(duty, shift_id, command, submission)


async def _open_shifts(duty: Duty, event: RosterPublished, submission: Submission) -> None:
    for one in shifts_to_open(event):
        derived = replace(submission, command_id=uuid5(submission.command_id, str(one.aggregate_id)), expected_version=None)
        await duty.aggregates.execute(one.decider, one.aggregate_id, one.command, derived)


async def _shift_before(duty: Duty, known_line: str, day: date, rules: RulePack) -> UUID | None:
    """Return the last shift of the day before, if it stands on a roster."""
    roster.shifts_of(day, rules)
    before = day - roster.DAY
    last = roster.shift_id_of(known_line, before, roster.shifts_of(before, rules)[-1].name)
    return last if (await _fresh_shift(duty, last)).plan is not None else None


async def _relief(duty: Duty, state: Shift, from_staff: str, now: datetime, *, unread: int = 0) -> Relief:
    handover = state.handovers.get(from_staff)
    if handover is None:
        return NO_RELIEF
    relieving = await _fresh_shift(duty, handover.relief_shift_id)
    return relief_in(relieving, handover.to_staff, now, unread_notices=unread)


async def _opened(duty: Duty, shift_id: UUID) -> tuple[Shift, Plan]:
    state = await _fresh_shift(duty, shift_id)
    if state.plan is None:
        raise ShiftNotOpenedError
    return state, state.plan


async def _fresh_shift(duty: Duty, shift_id: UUID) -> Shift:
    stream = shift.decider.stream(shift_id)
    duty.aggregates.forget(stream)
    return (await duty.aggregates.load(shift.decider, stream))[1]


async def _fresh_line(duty: Duty, known_line: str) -> line.Line:
    stream = line.decider.stream(known_line)
    duty.aggregates.forget(stream)
    return (await duty.aggregates.load(line.decider, stream))[1]
