"""What a person sees of a replay: a bar while it runs, the counts at its end, and the file of rejected rows."""

import csv
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table

from hotline_cli.replay.matters import Matter, Rejected
from hotline_cli.replay.reasons import in_both
from hotline_cli.replay.session import Progress

_SAY_SECONDS = 15
_SHOWN = 60


class Shown:
    """The progress bar: steps done, rows a second, and the business time. Where there is no terminal, a line now and then."""

    def __init__(self, title: str, console: Console) -> None:
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]:>5.1f} 行/s rows/s"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[business]}"),
            console=console,
            refresh_per_second=4,
        )
        self._console = console
        self._said = time.monotonic()
        self._task = self._bar.add_task(title, total=None, rate=0.0, business="", start=False)
        self._first: Progress | None = None

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_ignored: object) -> None:
        self._bar.stop()

    def tell(self, progress: Progress) -> None:
        if self._first is None:
            self._first = progress
            self._bar.start_task(self._task)
        task = self._bar.tasks[0]
        seconds = task.elapsed or 0.0
        rate = (progress.rows - self._first.rows) / seconds if seconds else 0.0
        business = f"{progress.business_time:%Y-%m-%d}" if progress.business_time else ""
        self._bar.update(self._task, completed=progress.steps, total=progress.planned, rate=rate, business=business)
        if not self._console.is_terminal and time.monotonic() > self._said + _SAY_SECONDS:
            self._said = time.monotonic()
            self._console.print(f"  {progress.steps:,}/{progress.planned:,} 步 steps, {rate:.1f} 行/s rows/s, {business}")


def write_rejects(path: Path, rejected: Sequence[Rejected]) -> None:
    """Write the rows that were left out, in the order of the file; an empty file says that there were none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["line", "key", "column", "reason"])
        writer.writerows(
            [row.line, row.key, row.column, in_both(row.reason)] for row in sorted(rejected, key=lambda each: each.line)
        )


def counts_table(counts: Iterable[tuple[str, object]], rejected: Sequence[Rejected], title: str = "回放结果 Replay") -> Table:
    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, value in counts:
        table.add_row(name, str(value))
    for (column, reason), count in sorted(Counter((row.column, row.reason) for row in rejected).items()):
        table.add_row(f"  {column or '-'}: {in_both(reason)}", str(count))
    return table


def sample_table(matter: Matter) -> Table:
    """Show what a mapping makes of one row, so that whoever wrote it sees whether it means what was meant."""
    table = Table(title=f"第 {matter.line} 行 Line {matter.line}", title_justify="left", show_edge=False, pad_edge=False)
    table.add_column("要素 Element")
    table.add_column("值 Value")
    shown = asdict(matter)
    for name, value in {**shown.pop("record", {}), **shown}.items():
        text = "–" if value is None else value.isoformat() if isinstance(value, datetime) else str(value)
        table.add_row(name, f"{text[:_SHOWN]} …" if len(text) > _SHOWN else text)
    return table
