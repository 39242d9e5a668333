"""`hotline replay FILE --mapping MAPPING.yaml`: real input through the public API, as its clients would have sent it."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console

from hotline_cli.replay.clients import AwayError, Clients, RefusedError
from hotline_cli.replay.journal import Journal, identity_of
from hotline_cli.replay.mapping import AnyMapping, MappingError, load_mapping
from hotline_cli.replay.matters import Reading, Rejected, read_file
from hotline_cli.replay.report import Shown, counts_table, sample_table, write_rejects
from hotline_cli.replay.rows import FileError
from hotline_cli.replay.session import Outcome, Progress, Session
from hotline_cli.up import folder_option

Tell = Callable[[Progress], None]
_SAMPLES = 2
SERVICES = ("intake", "routing", "followup", "reporting")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The system to replay into, and the folder for the journal and the rejects."""

    urls: Mapping[str, str]
    issuer: str
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What became of a file's rows."""

    reading: Reading
    outcome: Outcome
    rejected: list[Rejected]
    rejects: Path
    seconds: float

    def lines(self) -> Iterator[tuple[str, object]]:
        """Return the counts as they are printed."""
        read = self.reading.counts
        yield "读取 read", read["read"]
        yield "已回放 replayed", self.outcome.rows - len(self.outcome.refused)
        if before := self.outcome.rows - self.outcome.entered:
            yield "其中此前已回放 of these by an earlier run", before
        yield "本次回访 revisits made by this run", self.outcome.revisits
        yield "重复 repeated rows", read["repeated"]
        yield "跳过 skipped by the mapping", read["skipped"]
        yield "用时 seconds", f"{self.seconds:.1f}"
        yield "速率 rows a second", f"{self.outcome.entered / self.seconds:.1f}"
        if self.outcome.business_time is not None:
            yield "业务时间 business time now", f"{self.outcome.business_time:%Y-%m-%d %H:%M}Z"
        yield "剔除 rejected", len(self.rejected)


class Speed(click.ParamType[float | None]):
    """A number of business seconds for each real one, or `max`."""

    name = "N|max"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float | None:
        if value is None or value == "max":
            return None
        try:
            speed = float(str(value))
        except ValueError:
            speed = 0.0
        if not 0 < speed < float("inf"):
            self.fail("a number above 0, or max", param, ctx)
        return speed


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--mapping", "mapping_file", required=True, type=click.Path(path_type=Path), help="映射文件。The mapping, or a name."
)
@click.option("--speed", type=Speed(), default="max", show_default=True, help="倍速。Business seconds a second.")
@click.option("--limit", type=click.IntRange(min=1), help="只回放前 N 行。Only the first N rows.")
@click.option("--rejects", type=click.Path(dir_okay=False, path_type=Path), help="剔除行清单。Where rejected rows are written.")
@click.option("--check", "only_checks", is_flag=True, help="只检查文件与映射，不发送。Only read and check; no system needed.")
@click.option("--intake-url", help="受理服务地址。Instead of the running system's.")
@click.option("--routing-url", help="派遣服务地址。")
@click.option("--followup-url", help="回访服务地址。")
@click.option("--reporting-url", help="考核服务地址。")
@click.option("--issuer-url", help="开发用登录地址。The development issuer.")
@folder_option
def replay(
    file: Path,
    *,
    mapping_file: Path,
    speed: float | None,
    limit: int | None,
    rejects: Path | None,
    folder: Path,
    only_checks: bool,
    **urls: str | None,
) -> None:
    """把真实记录按原时间重放进系统。Replay real records through the public API, at their recorded times."""
    try:
        mapping = load_mapping(mapping_file)
        if only_checks:
            check(file, mapping, rejects or folder / "replay" / f"{file.stem}-rejects.csv", limit=limit)
            return
        target = target_of(folder, urls)
        run(file, mapping, target, speed=speed, limit=limit, rejects=rejects)
    except (MappingError, FileError, AwayError, RefusedError) as error:
        raise click.ClickException(str(error)) from error


def target_of(folder: Path, urls: Mapping[str, str | None]) -> Target:
    """Return the running system's addresses; those given on the command line come first."""
    known = {name: urls.get(f"{name}_url") or service_of(folder, name) for name in SERVICES}
    return Target(urls=known, issuer=urls.get("issuer_url") or issuer_of(folder), folder=folder)


def service_of(folder: Path, name: str) -> str:
    """Return the address of a service's API in the running system."""
    return _address(folder, f"{name}-api", name)


def issuer_of(folder: Path) -> str:
    """Return the address of the running system's development issuer."""
    return _address(folder, "issuer", "issuer")


def _address(folder: Path, process: str, name: str) -> str:
    book = folder / "ports.json"
    ports: Mapping[str, int] = json.loads(book.read_text()) if book.exists() else {}
    if process not in ports:
        raise click.ClickException(f"Where is {name}? Start the system with `hotline up`, or give --{name}-url.")
    return f"http://127.0.0.1:{ports[process]}"


def run(
    file: Path,
    mapping: AnyMapping,
    target: Target,
    *,
    speed: float | None = None,
    limit: int | None = None,
    rejects: Path | None = None,
    console: Console | None = None,
) -> Counts:
    """Replay a file and print its counts."""
    console = console or Console()
    began = time.monotonic()
    reading = read_file(file, mapping, limit=limit)
    folder = target.folder / "replay"
    path = rejects or folder / f"{file.stem}-rejects.csv"
    write_rejects(path, reading.rejected_within)
    journal = Journal(folder, mapping.common.name, identity_of(file, mapping.common.name, limit, target.urls))
    with Shown(mapping.common.title, console) as shown:
        outcome = asyncio.run(_replay(target, mapping, reading, journal, shown.tell, speed=speed))
    rejected = [*reading.rejected_within, *outcome.refused]
    write_rejects(path, rejected)
    counts = Counts(reading=reading, outcome=outcome, rejected=rejected, rejects=path, seconds=time.monotonic() - began)
    console.print(counts_table(counts.lines(), rejected))
    _say_where(console, rejected, path)
    return counts


def check(file: Path, mapping: AnyMapping, rejects: Path, *, limit: int | None = None) -> None:
    """Read a file through a mapping and show what would be sent; nothing is, and no system need run."""
    console = Console()
    reading = read_file(file, mapping, limit=limit)
    write_rejects(rejects, reading.rejected_within)
    matters = reading.within
    read = reading.counts
    lines = [
        ("读取 read", read["read"]),
        ("可回放 would be replayed", len(matters)),
        ("重复 repeated rows", read["repeated"]),
        ("跳过 skipped by the mapping", read["skipped"]),
        ("剔除 rejected", len(reading.rejected_within)),
    ]
    console.print(counts_table(lines, reading.rejected_within, "检查结果 Check, nothing sent"))
    _say_where(console, reading.rejected_within, rejects)
    for matter in matters[:_SAMPLES]:
        console.print(sample_table(matter))


def _say_where(console: Console, rejected: Sequence[Rejected], path: Path) -> None:
    if rejected:
        console.print(f"剔除清单（行号、编号、列、原因）Rejected rows, by line, key, column and reason: {path}", soft_wrap=True)


async def _replay(
    target: Target, mapping: AnyMapping, reading: Reading, journal: Journal, tell: Tell, *, speed: float | None
) -> Outcome:
    async with Clients(target.urls, target.issuer) as clients:
        session = Session(clients, mapping, reading, speed=speed)
        try:
            return await session.run(journal, tell)
        except ExceptionGroup as group:
            raise _first(group) from group


def _first(error: Exception) -> Exception:
    return _first(error.exceptions[0]) if isinstance(error, ExceptionGroup) else error
