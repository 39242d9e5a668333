"""Reading a table of text: CSV, CSV in gzip, or the first sheet of an Excel book. Each row knows its line in the file."""

import csv
import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from hotline_cli.replay.mapping import Common

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

_MOST = 1_000_000
_BOOKS = frozenset({".xlsx", ".xlsm"})
_GB = "encoding: gb18030 for most Chinese offices"


class FileError(Exception):
    """The file as a whole cannot be read by this mapping; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `cells` is None when the row does not have as many cells as the header."""

    line: int
    cells: dict[str, str] | None


def read_rows(file: Path, common: Common) -> Iterator[Row]:
    """Yield the rows below the header, after checking that header and mapping name the same columns. Empty rows are none."""
    table = _excel(file) if file.suffix.lower() in _BOOKS else _csv(file, common)
    try:
        _, first = next(table, (1, []))
        header = _header(first)
        _check(file, header, common)
        for line, cells in table:
            cut = cells if len(cells) <= len(header) or any(map(str.strip, cells[len(header) :])) else cells[: len(header)]
            if any(map(str.strip, cells)):
                yield Row(line, dict(zip(header, cut, strict=True)) if len(cut) == len(header) else None)
    except UnicodeError as error:
        raise FileError(f"{file}: it is not written in {common.encoding}; name its encoding in the mapping ({_GB}).") from error
    except (OSError, EOFError, csv.Error, KeyError, BadZipFile, InvalidFileException) as error:
        raise FileError(f"{file}: it cannot be read as a table: {error}") from error


def _header(cells: Sequence[str]) -> list[str]:
    """Return the names of the columns; empty cells after the last name, as Excel likes to leave, are no columns."""
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    return names


def _check(file: Path, header: Sequence[str], common: Common) -> None:
    """Refuse a file whose header does not fit, and say everything about it at once."""
    if twice := [name for name, count in Counter(header).items() if count > 1]:
        raise FileError(f"{file}, line 1: a column name stands twice in the header: {', '.join(map(repr, twice))}")
    missing = {name: line for name, line in common.columns.items() if name in common.needed and name not in header}
    unknown = [name for name in header if name not in common.columns and name not in common.unused]
    if not any(header):
        raise FileError(f"{file}, line 1: it is empty; the names of the columns are expected there")
    if missing and unknown == list(header):
        raise FileError(
            f"{file}, line 1: none of its columns is known to {common.document}: {', '.join(map(repr, unknown))[:300]}. "
            f"Is line 1 the header, on a book's first sheet, and are its cells separated by {common.delimiter!r} (delimiter)?"
        )
    said = [
        f"{common.document}, line {line}, column: {name!r} is missing in line 1 of {file}" for name, line in missing.items()
    ]
    if unknown:
        said.append(
            f"{file}, line 1: unknown to {common.document} (rule: unused): {', '.join(map(repr, unknown))}. "
            f"Use these columns, or add them to it: unused: {json.dumps(unknown, ensure_ascii=False)}"
        )
    if said:
        raise FileError("\n".join(said))


def _csv(file: Path, common: Common) -> Iterator[tuple[int, Sequence[str]]]:
    csv.field_size_limit(_MOST)
    with _open(file, common.encoding) as lines:
        reader = csv.reader(lines, strict=True, delimiter=common.delimiter)
        line = 1
        try:
            for cells in reader:
                yield line, cells
                line = reader.line_num + 1
        except csv.Error as error:
            raise csv.Error(f"line {line}: {error}") from error


def _open(file: Path, encoding: str) -> AbstractContextManager[TextIO]:
    if file.suffix.lower() == ".gz":
        return cast("AbstractContextManager[TextIO]", gzip.open(file, "rt", encoding=encoding, newline=""))
    return file.open(encoding=encoding, newline="")


def _excel(file: Path) -> Iterator[tuple[int, Sequence[str]]]:
    book = load_workbook(file, read_only=True, data_only=True)
    try:
        sheet, width = book.worksheets[0], 0
        cast("ReadOnlyWorksheet", sheet).reset_dimensions()  # what a book says of its own size may be wrong
        for line, cells in enumerate(cast("Iterable[tuple[object, ...]]", sheet.iter_rows(values_only=True)), 1):
            width = width or len(cells)
            yield line, [*map(_text, cells), *[""] * (width - len(cells))]
    finally:
        book.close()


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, date | datetime) else str(cell)
