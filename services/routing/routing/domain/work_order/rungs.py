"""The ladder of a stint: which rung comes next, and when (A89, A90). Pure arithmetic on a rule pack.

A reminder and a yellow card before the due time, an urge at it and again and again until supervision takes over, a red card
and the mark of criticism after it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypedDict

from hotline_events.catalogue.routing import Rung
from hotline_rules.calendar import UnknownCalendarYearError
from hotline_rules.pack import RulePack
from routing.domain.work_order import refusals
from routing.domain.work_order.parts import Ladder

_ORDER = {rung: place for place, rung in enumerate(Rung)}


class NextRung(TypedDict):
    """What the one timer of a ladder waits for; None when nothing is left to climb."""

    next_rung: Rung | None
    next_rung_at: datetime | None


NO_RUNG = NextRung(next_rung=None, next_rung_at=None)


def next_rung(rules: RulePack, ladder: Ladder, *, over_at: datetime | None = None) -> NextRung:
    """Name the next rung before the stint is over. One in a year that is not known yet comes after those that are: it stands
    in nobody's way, unless nothing else is left.
    """
    known: list[tuple[datetime, int, Rung]] = []
    unknown: UnknownCalendarYearError | None = None
    for rung, when in _left(rules, ladder):
        try:
            known.append((when(), _ORDER[rung], rung))
        except UnknownCalendarYearError as year:
            unknown = year
    if unknown is not None and not known:
        raise unknown
    if not known:
        return NO_RUNG
    at, _, rung = min(known)
    if over_at is not None and over_at <= at:
        return NO_RUNG
    return NextRung(next_rung=rung, next_rung_at=at)


def _left(rules: RulePack, ladder: Ladder) -> Iterator[tuple[Rung, Callable[[], datetime]]]:
    urging, due_at, urged = rules.orders.urging, ladder.due_at, ladder.first_urged_at
    if not ladder.reminded:
        yield Rung.REMINDER, lambda: max(ladder.started_at, rules.before(urging.remind_before, due_at))
    if not ladder.yellow:
        yield Rung.YELLOW_CARD, lambda: _yellow_at(rules, ladder)
    if ladder.urges_since < urging.supervise_at_urge:
        since = ladder.urged_from
        yield Rung.URGE, lambda: due_at if since is None else rules.after(urging.urge_every, since)
    if not ladder.red:
        yield Rung.RED_CARD, lambda: rules.after(urging.red_card_after, due_at)
    if urged is not None and not ladder.criticised:
        yield Rung.CRITICISM, lambda: rules.after(urging.criticise_after, max(urged, due_at))


def _yellow_at(rules: RulePack, ladder: Ladder) -> datetime:
    yellow = rules.before(rules.orders.urging.yellow_card_before, ladder.due_at)
    return yellow if yellow > ladder.started_at else ladder.due_at


@contextmanager
def known_calendar() -> Iterator[None]:
    """Refuse what somebody asks for when a year's working days are not known yet; a timer waits for the table instead."""
    try:
        yield
    except UnknownCalendarYearError as unknown:
        raise refusals.CalendarUnknownError(str(unknown.year)) from unknown
