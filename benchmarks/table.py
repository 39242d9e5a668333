"""One row of the table, how rows are compared with their aims, and how the table is printed."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What was measured, beside what; every figure of every round is kept. `met` is None where there is no aim."""

    number: int
    what: str
    ours: str
    against: str = ""
    peer: str = ""
    ratio: str = ""
    aim: str = ""
    met: bool | None = None
    rounds: Mapping[str, Sequence[float]] = field(default_factory=dict)
    notes: Sequence[str] = ()


Measure = Callable[[], Awaitable[float]]


async def by_turns(ours: Measure, peer: Measure, times: int) -> tuple[list[float], list[float]]:
    """Measure both in turn, so that whatever else the machine does meets both alike."""
    first: list[float] = []
    second: list[float] = []
    for _ in range(times):
        first.append(await ours())
        second.append(await peer())
    return first, second


def compared(
    number: int,
    what: str,
    against: str,
    rounds: tuple[Sequence[float], Sequence[float]],
    *,
    unit: str,
    at_least: float,
    notes: Sequence[str] = (),
) -> Row:
    """Return the row of two rates: the medians and their ratio against the least it should be."""
    ours, peer = (median(figures) for figures in rounds)
    ratio = ours / peer
    return Row(
        number=number,
        what=what,
        ours=f"{ours:,.0f} {unit}",
        against=against,
        peer=f"{peer:,.0f} {unit}",
        ratio=f"{ratio:.2f}",
        aim=f"≥ {at_least:g}",
        met=ratio >= at_least,
        rounds={"ours": rounds[0], "peer": rounds[1]},
        notes=notes,
    )


def show(rows: Sequence[Row], machine: Mapping[str, str]) -> None:
    """Print the table; a missed aim is marked."""
    table = Table(title="hotline benchmarks", show_lines=True)
    for heading in ("#", "row", "ours", "against", "peer", "ratio", "aim", ""):
        table.add_column(heading)
    for row in rows:
        mark = {True: "met", False: "[bold red]MISSED[/]", None: ""}[row.met]
        table.add_row(str(row.number), row.what, row.ours, row.against, row.peer, row.ratio, row.aim, mark)
    console = Console(width=max(150, Console().width))
    console.print(table)
    for row in rows:
        for note in row.notes:
            console.print(f"{row.number}: {note}", markup=False)
    console.print(", ".join(f"{name} {value}" for name, value in machine.items()), markup=False)


def keep(rows: Sequence[Row], machine: Mapping[str, str], file: Path) -> None:
    """Write the whole run beside the stored data, rounds and all, and once more as the table of a document."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.with_suffix(".md").write_text(_markdown(rows), encoding="utf-8")
    content = {"machine": machine, "rows": [asdict(row) for row in rows]}
    file.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _markdown(rows: Sequence[Row]) -> str:
    lines = ["| # | row | ours | against | peer | ratio | aim | |", "|---|---|---|---|---|---|---|---|"]
    for row in rows:
        mark = {True: "met", False: "**missed**", None: ""}[row.met]
        cells = (str(row.number), row.what, row.ours, row.against or "–", row.peer or "–", row.ratio or "–", row.aim, mark)
        lines.append(f"| {' | '.join(cells)} |")
    notes = [f"- {row.number}: {note}" for row in rows for note in row.notes]
    return "\n".join([*lines, "", *notes, ""])
