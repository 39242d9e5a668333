"""Who takes a call on a line at a moment, and whether a unit is open then: put together from the read models (A60, A62)."""

from datetime import datetime

from hotline_events.catalogue.intake import LineKind, OpenDays, OpeningSpan, RouteSpan, RouteTarget
from hotline_events.store import Store
from hotline_rules.pack import RulePack
from intake.adapters.views import duty_queries, lines, places
from intake.domain.opening import Opening, office_hours, opening_at
from intake.domain.routes import Situation, Taker, taker_at


async def taker(store: Store, known: lines.LineRow, at: datetime, rules: RulePack) -> Taker:
    """Tell who takes a call on a line at a moment (A60)."""
    outage = await lines.outage_at(store, known.line, at)
    route = await lines.route_of(store, known.line, at)
    officers, chiefs = await duty_queries.answering(store, known.line, at)
    situation = Situation(
        kind=LineKind(known.kind),
        round_the_clock=known.round_the_clock,
        spans=[] if route is None else [_route_span(**span) for span in route.spans],
        forwarded_to=_forwarded_to(known, at),
        out_of_order=outage is not None,
        fallback_agent=None if outage is None or _not_yet(outage.fallback_at, at) else outage.agent_id,
        officers=officers,
        chiefs=chiefs,
        opening=await _opening_of(store, known, at, rules),
    )
    return taker_at(situation, at, rules)


def script_of(taker: Taker, known: lines.LineRow, rules: RulePack, language: str) -> str:
    """Return what is said: the line's greeting (A08), or why nobody takes the call. `{agent}` is left to the agent (A09)."""
    name = known.name_zh if language == "zh" else known.name_en
    return _said(rules, taker.script or known.greeting, language, name, taker.opens_at)


def closed_script(known: places.UnitRow, opening: Opening, rules: RulePack, language: str) -> str | None:
    """Return what a caller is told who comes too early; None while the unit is open (A62)."""
    if opening.is_open:
        return None
    name = known.name_zh if language == "zh" else known.name_en
    return _said(rules, "out_of_hours", language, name, opening.opens_at)


def _said(rules: RulePack, script: str, language: str, name: str, opens_at: datetime | None) -> str:
    texts = rules.script(script)
    opens = "" if opens_at is None else f"{opens_at.astimezone(rules.timezone):%Y-%m-%d %H:%M}"
    said = texts.zh if language == "zh" else texts.en
    return said.replace("{line}", name).replace("{unit}", name).replace("{opens}", opens)


async def unit_opening(store: Store, unit: str, at: datetime, rules: RulePack) -> tuple[places.UnitRow, Opening] | None:
    """Tell whether a unit is open at a moment, and when that changes; None for a unit nobody published (A62)."""
    known = await places.unit(store, unit)
    if known is None:
        return None
    hours = [_opening_span(**span) for span in known.hours]
    return known, opening_at(hours, at, rules)


def _route_span(*, start: str, end: str, target: str) -> RouteSpan:
    return RouteSpan(start=start, end=end, target=RouteTarget(target))


def _opening_span(*, days: str, start: str, end: str) -> OpeningSpan:
    return OpeningSpan(days=OpenDays(days), start=start, end=end)


def _not_yet(since: datetime | None, at: datetime) -> bool:
    return since is None or since > at


def _forwarded_to(known: lines.LineRow, at: datetime) -> str | None:
    since, until = known.forwarded_from, known.forwarded_until
    return known.forwarded_to if since is not None and until is not None and since <= at < until else None


async def _opening_of(store: Store, known: lines.LineRow, at: datetime, rules: RulePack) -> Opening:
    """Tell the opening of a line's unit, else the working time of offices; a line of 24 hours never closes."""
    found = None if known.unit is None else await unit_opening(store, known.unit, at, rules)
    if found is not None:
        return found[1]
    return Opening(is_open=True) if known.round_the_clock else opening_at(office_hours(rules), at, rules)
