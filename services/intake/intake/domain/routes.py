"""Who takes a line's calls at a moment (A04, A21, A60, A62).

An outage goes before everything, then a forwarding, then what the schedule says for the time of day. Where the duty room does
not answer, the duty chief is called.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hotline_events.catalogue.intake import LineKind, RouteSpan, RouteTarget
from hotline_rules.pack import RulePack
from intake.domain.opening import Opening, clock_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What decides who takes a call: the line, its schedule, who is there, and the hours of its unit or office."""

    kind: LineKind
    round_the_clock: bool
    spans: Sequence[RouteSpan]
    forwarded_to: str | None
    out_of_order: bool
    fallback_agent: str | None
    officers: Sequence[str]
    chiefs: Sequence[str]
    opening: Opening


@dataclass(frozen=True, slots=True, kw_only=True)
class Taker:
    """Who takes the call: `staff` are those who can now, `overflow_to` who is called when they do not answer.

    `script` is what is said instead when nobody takes it.
    """

    target: str
    staff: tuple[str, ...] = ()
    overflow_to: tuple[str, ...] = ()
    line: str | None = None
    script: str | None = None
    opens_at: datetime | None = None


def taker_at(now: Situation, moment: datetime, rules: RulePack) -> Taker:
    if now.out_of_order:
        agents = () if now.fallback_agent is None else (now.fallback_agent,)
        return Taker(target="fallback" if agents else "nobody", staff=agents, script="line_fault")
    if now.forwarded_to is not None:
        return Taker(target="forwarded", line=now.forwarded_to)
    target = target_at(now, moment, rules)
    if target is RouteTarget.DUTY_CHIEF:
        return Taker(target=target.value, staff=tuple(now.chiefs))
    if target is RouteTarget.DUTY_ROOM:
        return Taker(target=target.value, staff=tuple(now.officers), overflow_to=tuple(now.chiefs))
    if not now.opening.is_open:
        return Taker(target="nobody", script="out_of_hours", opens_at=now.opening.opens_at)
    return Taker(target=target.value, staff=tuple(now.officers))


def target_at(now: Situation, moment: datetime, rules: RulePack) -> RouteTarget:
    """Tell whose the calls are at this time of day; a line without a schedule is its office's, or the duty room's."""
    local = moment.astimezone(rules.timezone).time()
    for span in now.spans:
        start, end = clock_of(span.start), clock_of(span.end)
        if start <= local < end if start < end else local >= start or local < end:
            return span.target
    return RouteTarget.OFFICE if now.kind is LineKind.OFFICE and not now.round_the_clock else RouteTarget.DUTY_ROOM
