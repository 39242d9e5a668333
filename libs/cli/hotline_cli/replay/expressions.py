"""How one element of a record is made of a row's columns: a column, a map of values, patterns in a text, a fixed word.

Evaluating is pure. A row that gives no usable value is refused with the column and the rule, never guessed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

Cells = Mapping[str, str]
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)
_MOST_DAYS = 36_500
# Year, month and day of one digit or two, between - / . or 年月日; then perhaps a time. Everything else needs a `format`.
_WRITTEN = re.compile(
    r"(\d{4})(?:[-/.]|\s*年\s*)(\d{1,2})(?:[-/.]|\s*月\s*)(\d{1,2})\s*日?"
    r"(?:[T\s]*(\d{1,2})(?::|\s*时)(\d{1,2})(?:(?::|\s*分)(?:(\d{1,2})\s*秒?)?)?)?"
)
# What a cell of a book that holds a date is read as, whatever format the file's texts have.
_EXCEL = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?)?")


class RowError(Exception):
    """A row cannot be right, or the mapping does not say what it means; nothing of it is sent."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(f"{column}: {reason}")
        self.column = column
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """The text of one element: what stands in its columns, translated by `values` or found by `patterns`."""

    columns: tuple[str, ...] = ()
    separator: str = " "
    fixed: str | None = None
    values: Mapping[str, str] | None = None
    patterns: tuple[tuple[re.Pattern[str], str], ...] = ()
    absent: frozenset[str] = field(default_factory=frozenset)
    default: str | None = None
    required: bool = False
    longest: int | None = None

    def text(self, cells: Cells) -> str | None:
        """Return the element of this row, None when the row does not have it."""
        value = self._value(cells)
        if value is None and self.required:
            raise RowError(self._told, "a required value is empty")
        if value is not None and "\0" in value:
            raise RowError(self._told, "a NUL character in the text")
        return value[: self.longest].rstrip() if value and self.longest else value

    @property
    def _told(self) -> str:
        return "+".join(self.columns)

    def _value(self, cells: Cells) -> str | None:
        if self.fixed is not None:
            return self.fixed
        parts = [part for column in self.columns if (part := cells.get(column, "").strip()) and part not in self.absent]
        if not parts:
            return self.default
        return self._translated(self.separator.join(parts))

    def _translated(self, text: str) -> str | None:
        if self.values is None and not self.patterns:
            return text
        if self.values is not None and text in self.values:
            return self.values[text]
        for pattern, value in self.patterns:
            if pattern.search(text):
                return value
        if self.default is None and self.required:
            raise RowError(self._told, "a value that the mapping does not know, and no default")
        return self.default


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A recorded time: one column or several that make one, in the mapping's zone where the text names none.

    A moment without columns is one that the file does not tell.
    """

    columns: tuple[str, ...] = ()
    timezone: ZoneInfo
    formats: tuple[str, ...] = ()
    at: time | None = None
    days_after: str | None = None
    optional_outside: bool = False

    def instant(self, cells: Cells) -> datetime | None:
        """Return the time in UTC, None when the columns are empty."""
        text = " ".join(cells.get(column, "").strip() for column in self.columns).strip()
        days = self._days(cells)
        if not text or days is None:
            return None
        try:
            moment = self._placed(self._parsed(text) + days)
        except OverflowError:
            moment = _NEVER
        if not _EARLIEST <= moment <= datetime.now(UTC):
            raise RowError(self.told, "a time before 1970 or in the future")
        return moment

    @property
    def told(self) -> str:
        return "+".join(self.columns)

    def _placed(self, moment: datetime) -> datetime:
        if self.at is not None:
            moment = datetime.combine(moment.date(), self.at)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self.timezone)
        return moment.astimezone(UTC)

    def _days(self, cells: Cells) -> timedelta | None:
        """Return how many days after the written date it was; None when the file leaves that open."""
        if self.days_after is None:
            return timedelta()
        text = cells[self.days_after].strip()
        if not text:
            return None
        if not re.fullmatch(r"\d{1,5}(\.\d{1,6})?", text) or float(text) > _MOST_DAYS:
            raise RowError(self.days_after, "not a number of days")
        return timedelta(days=float(text))

    def _parsed(self, text: str) -> datetime:
        own = ("",) if not self.formats or _EXCEL.fullmatch(text) else ()
        for form in (*self.formats, *own):
            try:
                return datetime.strptime(text, form) if form else _written(text)  # noqa: DTZ007 - the zone is the mapping's
            except ValueError:
                continue
        raise RowError(self.told, "a broken date")


def _written(text: str) -> datetime:
    """Read a time as ISO 8601 writes it, or as people do: 2020/1/6 9:05, 2018.4.24, 2020年1月6日 12时9分."""
    if found := _WRITTEN.fullmatch(text):
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the zone is the mapping's
    return datetime.fromisoformat(text)


def seconds(cells: Cells, column: str) -> int:
    """Read a duration: whole seconds, not negative."""
    text = cells[column].strip()
    if not re.fullmatch(r"-?\d{1,8}", text):
        raise RowError(column, "not a whole number of seconds")
    if text.startswith("-"):
        raise RowError(column, "a negative duration")
    return int(text)
