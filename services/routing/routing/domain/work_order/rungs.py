"""The ladder of a stint: which rung comes next, and when (A89, A90). Pure arithmetic on a rule pack.

A reminder and a yellow card before the due time, an urge at it and again and again until supervision takes over, a red card
and the mark of criticism after it.
"""

from collections.abc import Iterator
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
    """Name the next rung before the stint is over."""
    at, _, rung = min(((at, _ORDER[rung], rung) for at, rung in _left(rules, ladder)), default=(None, 0, None))
    if at is None or (over_at is not None and over_at <= at):
        return NO_RUNG
    return NextRung(next_rung=rung, next_rung_at=at)


def _left(rules: RulePack, ladder: Ladder) -> Iterator[tuple[datetime, Rung]]:
    urging = rules.orders.urging
    if not ladder.reminded:
        yield max(ladder.started_at, rules.before(urging.remind_before, ladder.due_at)), Rung.REMINDER
    if not ladder.yellow:
        yellow = rules.before(urging.yellow_card_before, ladder.due_at)
        yield yellow if yellow > ladder.started_at else ladder.due_at, Rung.YELLOW_CARD
    if ladder.urges_since < urging.supervise_at_urge:
        since = ladder.urged_from
        yield ladder.due_at if since is None else rules.after(urging.urge_every, since), Rung.URGE
    if not ladder.red:
        yield rules.after(urging.red_card_after, ladder.due_at), Rung.RED_CARD
    if ladder.first_urged_at is not None and not ladder.criticised:
        yield rules.after(urging.criticise_after, max(ladder.first_urged_at, ladder.due_at)), Rung.CRITICISM


@contextmanager
def known_calendar() -> Iterator[None]:
    """Refuse what somebody asks for when a year's working days are not known yet; a timer waits for the table instead."""
    try:
        yield
    except UnknownCalendarYearError as unknown:
        raise refusals.CalendarUnknownError from unknown
