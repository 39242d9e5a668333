"""Rule packs: every figure that a rule needs, as a numbered and dated document.

No figure of a rule is written in code. An order keeps the pack under which its clock was started, and every decision
cites the pack's number; the content hash proves which text that number stood for.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import assert_never
from zoneinfo import ZoneInfo

from hotline_rules.calendar import CalendarTable, Counting, DayKind, WorkingCalendar, is_chinese_workday, is_weekday, joined
from hotline_rules.deadlines import LimitKind, LimitUnit, Span, due_at, due_before
from hotline_rules.documents import (
    IDENTITY,
    Document,
    Library,
    content_hash,
    documents_of,
    shipped_document,
    shipped_packs,
    whole,
)
from hotline_rules.limits import Limits, read_limits
from hotline_rules.limits import RequestType as RequestType  # noqa: PLC0414 - part of what a pack is asked with
from hotline_rules.quiet_hours import QuietHours
from hotline_rules.schema import read_section
from hotline_rules.sections.calls import CallRules, Script, Texts, TransferRules
from hotline_rules.sections.duty import DutyRules, LineRules
from hotline_rules.sections.orders import AnswerClass, OrderRules
from hotline_rules.sections.privacy import PrivacyRules
from hotline_rules.sections.recording import RecordingRules
from hotline_rules.sections.revisits import RedressRules, RevisitRules, RevisitStart
from hotline_rules.sections.service import Channel, ServiceRules
from hotline_rules.yaml_source import RulePackError, Value, figures

DEFAULT_PACK = "default"
NUMBER = re.compile(r"[a-z0-9][a-z0-9_-]*/[1-9][0-9]*")
PACK_RULES = (
    "number", "title", "effective_from", "sources", "timezone", "calendar", "quiet_hours", "limits", "calls", "transfers",
    "service", "texts", "orders", "revisit", "redress", "duty", "lines", "privacy", "recording",
)  # fmt: skip


class UnknownRulePackError(LookupError):
    """There is no rule pack of this name, and no file of this path."""

    def __init__(self, name: str) -> None:
        """Name what was asked for and what there is."""
        super().__init__(f"There is no rule pack {name!r}; shipped: {', '.join(shipped_packs())}.")
        self.name = name


class CalendarKind(StrEnum):
    """Which official calendar the place follows."""

    CHINA = "china"
    WEEKEND = "weekend"


@dataclass(frozen=True, kw_only=True, slots=True)
class RulePack:
    """One numbered, dated and hashed set of rules."""

    number: str
    title: str
    effective_from: date
    sources: tuple[str, ...]
    sha256: str
    figures: Mapping[str, str]
    timezone: ZoneInfo
    calendar_kind: CalendarKind
    calendar: WorkingCalendar
    quiet_hours: QuietHours
    limits: Limits
    calls: CallRules
    transfers: TransferRules
    service: ServiceRules
    texts: Texts
    orders: OrderRules
    revisit: RevisitRules
    redress: RedressRules
    duty: DutyRules
    lines: LineRules
    privacy: PrivacyRules
    recording: RecordingRules

    def figure(self, rule: str) -> str | None:
        """Tell what the pack says of a rule by its path, such as `limits.any.resolve`: `5 working_days`; None when nothing."""
        if rule in self.figures:
            return self.figures[rule]
        parts = [(path.removeprefix(f"{rule}."), text) for path, text in self.figures.items() if path.startswith(f"{rule}.")]
        return ", ".join(f"{text} {name}" for name, text in parts) or None

    def with_table(self, table: CalendarTable) -> "RulePack":
        """Return this pack with the office's table of days joined to its own."""
        return replace(self, calendar=replace(self.calendar, table=joined(self.calendar.table, table)))

    def limit(self, kind: LimitKind, request_type: RequestType | None = None, channel: Channel | None = None) -> Span:
        """Tell the limit for this kind of request and channel, or the general one where the pack makes no difference."""
        return self.limits.limit(kind, request_type, channel)

    def due_at(
        self, kind: LimitKind, start: datetime, request_type: RequestType | None = None, channel: Channel | None = None
    ) -> datetime:
        """Tell the instant (UTC) from which the step is late, when its clock started at `start`."""
        return due_at(self.limit(kind, request_type, channel), start, self.calendar)

    def answer_by(self, answer_class: AnswerClass, start: datetime) -> datetime:
        """Tell the instant (UTC) from which a matter of this class is late (A85-A88)."""
        return due_at(self.orders.classes[answer_class], start, self.calendar)

    def after(self, span: Span, start: datetime) -> datetime:
        """Tell the instant (UTC) at which a span that began at `start` is over."""
        return due_at(span, start, self.calendar)

    def before(self, span: Span, due: datetime) -> datetime:
        """Tell the instant (UTC) that lies a span before a due time."""
        return due_before(span, due, self.calendar)

    def next_half_day(self, moment: datetime) -> datetime:
        """Tell the first moment (UTC) of the next half-day outside quiet hours: attempts fall on different ones (A100)."""
        local = moment.astimezone(self.timezone)
        noon = datetime.combine(local.date(), self.revisit.noon, self.timezone)
        midnight = datetime.combine(local.date() + timedelta(days=1), time(), self.timezone)
        return self.quiet_hours.next_allowed(noon if local < noon else midnight)

    def script(self, name: str) -> Script:
        """Return what is said in a situation; an unknown one is a KeyError."""
        return self.texts.scripts[name]

    def revisit_starts_at(self, *, reported_at: datetime, registered_at: datetime, resolve_due_at: datetime) -> datetime:
        """Tell the moment (UTC) from which the limit of the revisit counts (A100)."""
        match self.revisit.starts:
            case RevisitStart.RESULT:
                return reported_at
            case RevisitStart.ACCEPTANCE:
                return registered_at
            case RevisitStart.LIMIT:
                return max(reported_at, resolve_due_at)
            case _:
                assert_never(self.revisit.starts)

    def revisit_at(self, resolved_at: datetime, *, immediate_after_service: bool = False) -> datetime:
        """Tell the first moment (UTC) for the revisit: after the pack's delay and outside quiet hours (A101)."""
        if immediate_after_service:
            return self.quiet_hours.next_allowed(resolved_at, immediate_after_service=True)
        return self.quiet_hours.next_allowed(self.after(self.revisit.earliest_delay, resolved_at))


def load_pack(name_or_path: str | Path) -> RulePack:
    """Read a shipped pack by its name, or a pack of the office by its path; a bad one is refused with its line."""
    if isinstance(name_or_path, str) and (shipped := shipped_document(name_or_path)) is not None:
        return parse_pack(f"{name_or_path}.yaml", shipped)
    path = Path(name_or_path)
    if not path.is_file():
        raise UnknownRulePackError(str(name_or_path))
    return parse_pack(path.name, path.read_bytes())


def read_documents(documents: Sequence[Document]) -> RulePack:
    """Read a pack that travelled with all it extends, nearest first: what this library ships makes no difference to it."""
    own, *inherited = documents
    found = {document.name.removesuffix(".yaml"): document.content for document in inherited}
    return parse_pack(own.name, own.content, found.get)


def parse_pack(file: str, content: bytes, library: Library = shipped_document) -> RulePack:
    """Read a pack from its bytes; `file` is what a refusal calls it, `library` finds what it extends."""
    documents = documents_of(Document(name=file, content=content), library)
    together = whole(documents)
    rules = together.fields(PACK_RULES)
    timezone = rules["timezone"].zone()
    return RulePack(
        number=_number(rules["number"]),
        title=rules["title"].text(),
        effective_from=rules["effective_from"].day(),
        sources=tuple(item.text() for item in rules["sources"].items()),
        sha256=content_hash(documents),
        figures=MappingProxyType({rule: text for rule, text in figures(together) if rule.split(".")[0] not in IDENTITY}),
        timezone=timezone,
        calendar=_calendar(rules["calendar"], timezone),
        calendar_kind=rules["calendar"].section()["kind"].choice(CalendarKind),
        quiet_hours=_quiet_hours(rules["quiet_hours"], timezone),
        limits=read_limits(rules["limits"]),
        calls=_calls(rules["calls"]),
        transfers=read_section(TransferRules, rules["transfers"]),
        service=read_section(ServiceRules, rules["service"]),
        texts=read_section(Texts, rules["texts"]),
        orders=_orders(rules["orders"]),
        revisit=read_section(RevisitRules, rules["revisit"]),
        redress=read_section(RedressRules, rules["redress"]),
        duty=read_section(DutyRules, rules["duty"]),
        lines=read_section(LineRules, rules["lines"]),
        privacy=read_section(PrivacyRules, rules["privacy"]),
        recording=read_section(RecordingRules, rules["recording"]),
    )


def calendar_table(days: Value | None, complete_years: Value | None = None) -> CalendarTable:
    """Read the office's table: dates named working or holiday, and the years that it describes entirely."""
    named: dict[date, DayKind] = {}
    for name, kind in (days.section() if days else {}).items():
        try:
            named[date.fromisoformat(name)] = kind.choice(DayKind)
        except ValueError as wrong:
            if isinstance(wrong, RulePackError):
                raise
            kind.refuse(f"a date such as 2027-01-01 is expected, not {name!r}")
    years = complete_years.items() if complete_years else []
    return CalendarTable(days=named, complete_years=frozenset(year.number(least=1) for year in years))


def _number(value: Value) -> str:
    number = value.text()
    if not NUMBER.fullmatch(number):
        value.refuse(f"a number such as default/1 is expected, not {number!r}")
    return number


def _calendar(value: Value, timezone: ZoneInfo) -> WorkingCalendar:
    rules = value.fields(("kind", "counting", "day_end"), ("days", "complete_years"))
    official: dict[CalendarKind, Callable[[date], bool]] = {
        CalendarKind.CHINA: is_chinese_workday,
        CalendarKind.WEEKEND: is_weekday,
    }
    return WorkingCalendar(
        timezone=timezone,
        official=official[rules["kind"].choice(CalendarKind)],
        table=calendar_table(rules.get("days"), rules.get("complete_years")),
        counting=rules["counting"].choice(Counting),
        day_end=rules["day_end"].day_end(),
    )


def _quiet_hours(value: Value, timezone: ZoneInfo) -> QuietHours:
    rules = value.fields(("start", "end"))
    start, end = rules["start"].clock(), rules["end"].clock()
    if start == end:
        value.refuse("quiet hours that end when they start leave no time to call")
    return QuietHours(start=start, end=end, timezone=timezone)


def _orders(value: Value) -> OrderRules:
    """Read the orders' rules; an emergency's clocks are the clock's own hours, so that they start whatever year it is (A79).

    Where a pack says who answers an escalation, no level is left to nobody (A82).
    """
    orders = read_section(OrderRules, value)
    answered_by = orders.escalation.answered_by
    for level in orders.escalation.levels if answered_by else ():
        if not answered_by.get(level):
            value.section()["escalation"].section()["answered_by"].refuse(f"nobody answers for the level {level!r}")
    for name, span in (("acknowledge", orders.emergency.acknowledge), ("heartbeat", orders.emergency.heartbeat)):
        if span.unit in {LimitUnit.CALENDAR_DAYS, LimitUnit.WORKING_DAYS}:
            value.section()["emergency"].section()[name].refuse("an emergency counts in hours or less")
    return orders


def _calls(value: Value) -> CallRules:
    calls = read_section(CallRules, value)
    if calls.talk_action_seconds < calls.talk_notice_seconds:
        value.section()["talk_action_seconds"].refuse("it comes before talk_notice_seconds")
    return calls
