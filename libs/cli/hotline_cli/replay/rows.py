"""Reading a table of text: CSV, CSV in gzip, or the first sheet of an Excel book. Each row knows its line in the file."""

import csv
import gzip
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TextIO, cast

from openpyxl import load_workbook

from hotline_cli.replay.mapping import Common

_MOST = 1_000_000


class FileError(Exception):
    """The file as a whole cannot be read by this mapping; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `cells` is None when the row does not have as many cells as the header."""

    line: int
    cells: dict[str, str] | None


def read_rows(file: Path, common: Common) -> Iterator[Row]:
    """Yield the rows below the header, after checking that header and mapping name the same columns."""
    table = _excel(file) if file.suffix.lower() == ".xlsx" else _csv(file)
    try:
        _, header = next(table, (1, []))
        _check(file, header, common)
        for line, cells in table:
            yield Row(line, dict(zip(header, cells, strict=True)) if len(cells) == len(header) else None)
    except (OSError, EOFError, UnicodeDecodeError, csv.Error, KeyError) as error:
        raise FileError(f"{file}: it cannot be read as a table: {error}") from error


def _check(file: Path, header: Sequence[str], common: Common) -> None:
    if len(set(header)) < len(header):
        raise FileError(f"{file}, line 1: a column name stands twice in the header")
    for column, line in common.columns.items():
        if column not in header:
            raise FileError(f"{common.document}, line {line}, column: {column!r} is missing in line 1 of {file}")
    for column in header:
        if column not in common.columns and column not in common.unused:
            raise FileError(f"{file}, line 1: the column {column!r} is unknown to {common.document} (rule: unused)")


def _csv(file: Path) -> Iterator[tuple[int, Sequence[str]]]:
    csv.field_size_limit(_MOST)
    with _open(file) as lines:
        reader = csv.reader(lines, strict=True)
        line = 1
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1


def _open(file: Path) -> AbstractContextManager[TextIO]:
    if file.suffix.lower() == ".gz":
        return cast("AbstractContextManager[TextIO]", gzip.open(file, "rt", encoding="utf-8-sig", newline=""))
    return file.open(encoding="utf-8-sig", newline="")


def _excel(file: Path) -> Iterator[tuple[int, Sequence[str]]]:
    book = load_workbook(file, read_only=True, data_only=True)
    try:
        for line, cells in enumerate(cast("Iterable[tuple[object, ...]]", book.worksheets[0].iter_rows(values_only=True)), 1):
            yield line, [_text(cell) for cell in cells]
    finally:
        book.close()


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, date | datetime) else str(cell)
