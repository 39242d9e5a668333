"""What a person sees of a replay: a bar while it runs, the counts at its end, and the file of rejected rows."""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Table

from hotline_cli.replay.matters import Rejected
from hotline_cli.replay.session import Progress


class Shown:
    """The progress bar: steps done, rows a second, and the business time."""

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
        self._title = title
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
        self._bar.update(
            self._task,
            completed=progress.steps,
            total=progress.planned,
            rate=(progress.rows - self._first.rows) / seconds if seconds else 0.0,
            business=f"{progress.business_time:%Y-%m-%d}" if progress.business_time else "",
        )


def write_rejects(path: Path, rejected: Sequence[Rejected]) -> None:
    """Write the rows that were left out, in the order of the file; an empty file says that there were none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["line", "key", "column", "reason"])
        writer.writerows([row.line, row.key, row.column, row.reason] for row in sorted(rejected, key=lambda each: each.line))


def counts_table(counts: Iterable[tuple[str, object]], rejected: Sequence[Rejected]) -> Table:
    table = Table(title="回放结果 Replay", show_edge=False, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, value in counts:
        table.add_row(name, str(value))
    for (column, reason), count in sorted(Counter((row.column, row.reason) for row in rejected).items()):
        table.add_row(f"  {column or '-'}: {reason}", str(count))
    return table
