"""What reporting decides, one function a use case: rule sets, calendars, commitments (A152, A156, A162). No HTTP, no SQL."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from hotline_events.aggregates import Aggregates, Done, Submission
from hotline_events.catalogue.reporting import CommitmentItem
from hotline_events.clock import Clock
from hotline_events.decider import Decider
from hotline_rules.book import RuleBook
from hotline_rules.calendar import UnknownCalendarYearError
from hotline_rules.deadlines import LimitKind
from hotline_rules.limits import RequestType
from hotline_rules.pack import RulePack, UnknownRulePackError
from hotline_rules.sections.service import Channel
from reporting.domain import calendar, commitment, rule_set

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Office:
    """What deciding needs: the aggregates, the rule packs, and the business clock."""

    aggregates: Aggregates
    book: RuleBook
    clock: Clock

    @property
    def rules(self) -> RulePack:
        """The pack in force now."""
        return self.book.in_force(self.clock.now())


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """An order that came to a department: what its clock was started from, and how it went."""

    dispatched_at: datetime
    resolve_due_at: datetime
    request_type: str
    channel: str
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """How the last orders would have fared under another pack."""

    orders: int = 0
    due_earlier: int = 0
    due_later: int = 0
    late_as_it_was: int = 0
    late_under_it: int = 0


async def draft(office: Office, number: str, text: str, *, by: str, submission: Submission) -> Done:
    command = rule_set.DraftRuleSet(number=number, text=text, by=by, now=office.clock.now())
    return await office.aggregates.execute(rule_set.decider, key_of(number), command, submission)


async def check(office: Office, number: str, *, by: str, submission: Submission) -> Done:
    """Check a draft against the pack in force; a number that stands for another text already is refused."""
    try:
        known = office.book.of(number).sha256
    except UnknownRulePackError:
        known = None
    command = rule_set.CheckRuleSet(rules=office.rules, known=known, by=by, now=office.clock.now())
    return await office.aggregates.execute(rule_set.decider, key_of(number), command, submission)


async def approve(office: Office, number: str, *, by: str, submission: Submission) -> Done:
    command = rule_set.ApproveRuleSet(by=by, now=office.clock.now())
    return await office.aggregates.execute(rule_set.decider, key_of(number), command, submission)


async def publish(office: Office, number: str, effective_from: date | None, *, by: str, submission: Submission) -> Done:
    """Publish what was approved; without a date it takes effect on that of its text, or today if that is past."""
    now = office.clock.now()
    today = now.astimezone(office.rules.timezone).date()
    command = rule_set.PublishRuleSet(effective_from=effective_from, today=today, by=by, now=now)
    return await office.aggregates.execute(rule_set.decider, key_of(number), command, submission)


async def load_calendar(
    office: Office, year: int, holidays: Iterable[date], workdays: Iterable[date], *, by: str, submission: Submission
) -> Done:
    command = calendar.LoadCalendar(
        year=year, holidays=frozenset(holidays), workdays=frozenset(workdays), by=by, now=office.clock.now()
    )
    return await office.aggregates.execute(calendar.decider, str(year), command, submission)


async def publish_commitment(
    office: Office, version: int, items: tuple[CommitmentItem, ...], *, by: str, submission: Submission
) -> Done:
    command = commitment.PublishCommitment(
        commitment_version=version, items=items, rules=office.rules, by=by, now=office.clock.now()
    )
    return await office.aggregates.execute(commitment.decider, commitment.MAIN, command, submission)


async def current(office: Office, decider: Decider[Any, S, Any], key: str) -> tuple[int, S]:
    """Return an aggregate's version and state as stored now, whichever process changed it."""
    stream = decider.stream(key)
    office.aggregates.forget(stream)
    return await office.aggregates.load(decider, stream)


def key_of(number: str) -> str:
    """Return the stream's id of a pack's number: `town/2` is `town-2`."""
    return number.replace("/", "-")


def what_if(pack: RulePack, dispatches: Iterable[Dispatch], now: datetime) -> WhatIf:
    """Compute each order's limit anew under this pack; an order whose year it does not know is left out."""
    found: list[tuple[int, int, int, int]] = []
    for one in dispatches:
        try:
            due = pack.due_at(LimitKind.RESOLVE, one.dispatched_at, RequestType(one.request_type), Channel(one.channel))
        except UnknownCalendarYearError:
            continue
        ended = one.resolved_at or now
        found.append((due < one.resolve_due_at, due > one.resolve_due_at, ended > one.resolve_due_at, ended > due))
    sums = [sum(column) for column in zip(*found, strict=True)] or [0] * 4
    return WhatIf(orders=len(found), due_earlier=sums[0], due_later=sums[1], late_as_it_was=sums[2], late_under_it=sums[3])
