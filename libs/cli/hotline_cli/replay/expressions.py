"""How one element of a record is made of a row's columns: a column, a map of values, patterns in a text, a fixed word.

Evaluating is pure. A row that gives no usable value is refused with the column and the rule, never guessed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

Cells = Mapping[str, str]
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


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
        return value[: self.longest].rstrip() if value and self.longest else value

    @property
    def _told(self) -> str:
        return "+".join(self.columns)

    def _value(self, cells: Cells) -> str | None:
        if self.fixed is not None:
            return self.fixed
        parts = [part for column in self.columns if (part := cells[column].strip()) and part not in self.absent]
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
    """A recorded time: one column or several that make one, in the mapping's zone where the text names none."""

    columns: tuple[str, ...]
    timezone: ZoneInfo
    at: time | None = None
    optional_outside: bool = False

    def instant(self, cells: Cells) -> datetime | None:
        """Return the time in UTC, None when the columns are empty."""
        text = " ".join(cells[column].strip() for column in self.columns).strip()
        if not text:
            return None
        moment = self._parsed(text)
        if self.at is not None:
            moment = datetime.combine(moment.date(), self.at)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self.timezone)
        moment = moment.astimezone(UTC)
        if not _EARLIEST <= moment <= datetime.now(UTC):
            raise RowError(self.told, "a time before 1970 or in the future")
        return moment

    @property
    def told(self) -> str:
        return "+".join(self.columns)

    def _parsed(self, text: str) -> datetime:
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
        try:
            # Hours of one digit, as the call log writes them.
            return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - the zone is the mapping's
        except ValueError:
            raise RowError(self.told, "a broken date") from None


def seconds(cells: Cells, column: str) -> int:
    """Read a duration: whole seconds, not negative."""
    text = cells[column].strip()
    if not re.fullmatch(r"-?\d{1,8}", text):
        raise RowError(column, "not a whole number of seconds")
    if text.startswith("-"):
        raise RowError(column, "a negative duration")
    return int(text)
