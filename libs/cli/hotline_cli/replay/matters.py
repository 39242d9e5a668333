"""From rows to matters: what a row says happened, and which rows cannot be right.

A matter knows the moments of its life and nothing of how they are sent.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from hotline_cli.replay.expressions import Cells, Expression, RowError, seconds
from hotline_cli.replay.mapping import AnyMapping, CallMapping, Common, RequestMapping
from hotline_cli.replay.rows import Row, read_rows

# What the API keeps of each text; a longer one is rejected here, where its column is known. `longest` cuts it.
_KEPT = {"title": 200, "matter": 20_000, "place": 500, "category": 120, "area": 120}
REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/#-]{0,63}")
_KEPT_OF_A_NAME, _KEPT_OF_A_REPLY = 120, 20_000
TOO_LONG = "a text longer than the hotline keeps, and no longest"
_YES_NO = {"yes": True, "no": False, "unknown": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the caller is taken to have said at the revisit."""

    solved: bool | None
    satisfied: bool | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestMatter:
    """One request and what became of it."""

    key: str
    line: int
    record: Mapping[str, str]
    department: str
    registered_at: datetime
    signed_at: datetime | None
    contacted_at: datetime | None
    resolved_at: datetime | None
    reply: str
    told: Told | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMatter:
    """One call. `answered` says how it went; the waits are milliseconds."""

    key: str
    line: int
    phone_line: str
    agent: str
    answered: bool
    received_at: datetime
    reached_at: datetime
    wait_ms: int
    talk_ms: int
    in_menu: bool
    wrap_up_ms: int
    wrap_up_outcome: str


Matter = RequestMatter | CallMatter


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A row that is left out: where it stands, which column, and why."""

    line: int
    key: str
    column: str
    reason: str


@dataclass(slots=True)
class Reading:
    """What a file gave. `matters` and `rejected` are of the whole file, the counts of its first rows where there is a limit."""

    matters: list[Matter] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    last_line: int = 0

    @property
    def within(self) -> list[Matter]:
        """The matters of the rows that the limit lets through."""
        return [matter for matter in self.matters if matter.line <= self.last_line]

    @property
    def rejected_within(self) -> list[Rejected]:
        return [row for row in self.rejected if row.line <= self.last_line]


class SkippedError(Exception):
    """The mapping says that rows of this kind are no matter at all."""


def read_file(file: Path, mapping: AnyMapping, *, limit: int | None = None) -> Reading:
    """Read and check every row of a file."""
    return read(read_rows(file, mapping.common), mapping, limit=limit)


def read(rows: Iterable[Row], mapping: AnyMapping, *, limit: int | None = None) -> Reading:
    """Check rows; a repeated row counts once, a repeated id with other content is refused.

    All rows are read even where only the first ones are replayed: the tables stand on the whole file.
    """
    reading = Reading()
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        counts = reading.counts if limit is None or number <= limit else Counter[str]()
        if counts is reading.counts:
            reading.last_line = row.line
        counts["read"] += 1
        key = ""
        try:
            cells = _cells(row)
            key = _key(cells, mapping.common)
            if _is_repeated(seen, key, cells, mapping.common):
                counts["repeated"] += 1
                continue
            reading.matters.append(_matter(cells, mapping, key, row.line))
        except SkippedError:
            counts["skipped"] += 1
        except RowError as error:
            reading.rejected.append(Rejected(line=row.line, key=key, column=error.column, reason=error.reason))
    return reading


def _is_repeated(seen: dict[str, int], key: str, cells: Cells, common: Common) -> bool:
    """Tell whether the very same row stood there before; the same id with other content is refused."""
    content = hash(tuple(cells.values()))
    if key not in seen:
        seen[key] = content
        return False
    if seen[key] != content:
        raise RowError("+".join(common.key), "a repeated id with other content")
    return True


def _cells(row: Row) -> dict[str, str]:
    if row.cells is None:
        raise RowError("", "another number of cells than the header")
    return row.cells


def _key(cells: Cells, common: Common) -> str:
    parts = [cells[column].strip() for column in common.key]
    if not all(parts):
        raise RowError("+".join(common.key), "a missing id")
    return "/".join(parts)


def _matter(cells: Cells, mapping: AnyMapping, key: str, line: int) -> Matter:
    if isinstance(mapping, RequestMapping):
        return _request(cells, mapping, key, line)
    return _call(cells, mapping, key, line)


def _record(cells: Cells, mapping: RequestMapping) -> dict[str, str]:
    kept = {name: _kept(each, cells, _KEPT.get(name)) for name, each in mapping.record.items()}
    record = {name: text for name, text in kept.items() if text is not None}
    if "source_reference" in record and not REFERENCE.fullmatch(record["source_reference"]):
        raise RowError(
            "+".join(mapping.record["source_reference"].columns), "no source_reference, which is ASCII without spaces"
        )
    return record


def _request(cells: Cells, mapping: RequestMapping, key: str, line: int) -> RequestMatter:
    registered = mapping.registered.instant(cells)
    if registered is None:
        raise RowError(mapping.registered.told, "a required value is empty")
    resolved = mapping.resolved.instant(cells)
    if resolved is not None and resolved < registered:
        raise RowError(mapping.resolved.told, "closed before it was opened")
    signed = _within(mapping, "signed", cells, registered, resolved)
    contacted = _within(mapping, "contacted", cells, registered, resolved)
    return RequestMatter(
        key=key,
        line=line,
        record=_record(cells, mapping),
        department=_kept(mapping.department, cells, _KEPT_OF_A_NAME) or "",
        registered_at=registered,
        signed_at=signed,
        contacted_at=contacted,
        resolved_at=resolved,
        reply=_kept(mapping.reply, cells, _KEPT_OF_A_REPLY) or "",
        told=_told(cells, mapping) if resolved is not None else None,
    )


def _kept(expression: Expression, cells: Cells, most: int | None) -> str | None:
    text = expression.text(cells)
    if text is not None and most is not None and len(text) > most:
        raise RowError("+".join(expression.columns), TOO_LONG)
    return text


def _within(
    mapping: RequestMapping, name: str, cells: Cells, registered: datetime, resolved: datetime | None
) -> datetime | None:
    """Read a moment between opening and closing; outside, it is refused, or left out where the mapping says so."""
    moment = mapping.signed if name == "signed" else mapping.contacted
    at = moment.instant(cells)
    if at is None or (registered <= at and (resolved is None or at <= resolved)):
        return at
    if moment.optional_outside:
        return None
    raise RowError(moment.told, f"{name} before it was opened or after it was closed")


def _told(cells: Cells, mapping: RequestMapping) -> Told | None:
    if mapping.revisit is None:
        return None
    return Told(
        solved=_YES_NO[mapping.revisit.solved.text(cells) or "unknown"],
        satisfied=_YES_NO[mapping.revisit.satisfied.text(cells) or "unknown"],
        reason=mapping.revisit.reason.text(cells) or "",
    )


def _call(cells: Cells, mapping: CallMapping, key: str, line: int) -> CallMatter:
    outcome = mapping.outcome.text(cells)
    if outcome == "skipped":
        raise SkippedError
    received = mapping.received.instant(cells)
    if received is None:
        raise RowError(mapping.received.told, "a required value is empty")
    menu, wait, talk = (seconds(cells, column) for column in (mapping.menu, mapping.wait, mapping.talk))
    answered = outcome == "answered"
    return CallMatter(
        key=key,
        line=line,
        phone_line=mapping.line.text(cells) or "",
        agent=mapping.agent.text(cells) or "",
        answered=answered,
        received_at=received,
        reached_at=received + timedelta(seconds=menu + wait),
        wait_ms=wait * 1000,
        talk_ms=talk * 1000,
        in_menu=not answered and mapping.menu_when_no_wait and wait == 0,
        wrap_up_ms=mapping.wrap_up_seconds * 1000,
        wrap_up_outcome=mapping.wrap_up_outcome,
    )
