"""`hotline demo`: the whole system, a sample replayed into it, and what reporting makes of it."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from hotline_cli.replay.clients import AwayError, Clients, RefusedError
from hotline_cli.replay.command import Target, run
from hotline_cli.replay.mapping import MappingError, load_mapping
from hotline_cli.replay.matters import read_file
from hotline_cli.replay.rows import FileError
from hotline_cli.replay.settle import settle
from hotline_cli.up import folder_option, print_urls, running_stack, wait_until_interrupted
from hotline_embedded.stack import Stack
from hotline_rules.pack import DEFAULT_PACK

SAMPLE = Path("samples/sf311_2000.csv")
MAPPING = "san_francisco_311"
# From the first request of the sample to well after its last revisit; and all that any other file may tell of.
OF_THE_SAMPLE = ("2008-01-01T00:00:00Z", "2019-01-01T00:00:00Z")
ALL_TIME = ("1970-01-01T00:00:00Z", "2100-01-01T00:00:00Z")

_WIDE = 140


@click.command()
@folder_option
@click.option("--file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="样本。Another sample.")
@click.option(
    "--mapping", "mapping_file", default=MAPPING, type=click.Path(path_type=Path), help="映射文件。The mapping, or a name."
)
@click.option("--limit", type=click.IntRange(min=1), help="只回放前 N 行。Only the first N rows of the sample.")
@click.option("--rule-pack", default=DEFAULT_PACK, show_default=True, help="规则包。The rule pack of all services.")
@click.option("--exit", "ends", is_flag=True, help="打印指标后结束。End after the tables instead of staying up.")
def demo(folder: Path, *, file: Path | None, mapping_file: Path, limit: int | None, rule_pack: str, ends: bool) -> None:
    """启动系统，回放样本，打印指标。Start everything, replay the sample, print the indicators and what the rulebook did."""
    console = wide_console()
    sample = file or sample_file()
    window = ALL_TIME if file else OF_THE_SAMPLE
    try:
        mapping = load_mapping(mapping_file)
        read_file(sample, mapping, limit=limit)
    except (MappingError, FileError) as error:
        raise click.ClickException(str(error)) from error
    with running_stack(folder, environment={"HOTLINE_RULE_PACK": rule_pack}) as stack:
        target = target_of(stack)
        try:
            run(sample, mapping, target, limit=limit, console=console)
            with console.status("等待各服务读完 … waiting for every cursor"):
                found = asyncio.run(indicators(target, window))
                counted = asyncio.run(rulebook(target))
        except (AwayError, RefusedError) as error:
            raise click.ClickException(str(error)) from error
        console.print(indicator_table(found))
        console.print(rulebook_table([counted]))
        print_urls(stack)
        if not ends:
            wait_until_interrupted()


def wide_console() -> Console:
    """Return a console on which the table keeps its columns where there is no terminal to fit it into."""
    console = Console()
    return console if console.is_terminal else Console(width=_WIDE)


def sample_file() -> Path:
    """Return the sample of the checkout, from wherever in it the command is called."""
    for folder in (Path.cwd(), *Path(__file__).resolve().parents):
        if (folder / SAMPLE).is_file():
            return folder / SAMPLE
    raise click.ClickException(f"{SAMPLE} is not here; name a sample with --file.")


def target_of(stack: Stack) -> Target:
    return Target(urls={service: stack.url(service) for service in stack.services}, issuer=stack.issuer_url, folder=stack.root)


async def indicators(target: Target, window: tuple[str, str]) -> Sequence[Mapping[str, Any]]:
    """Read the indicators once every cursor has caught up."""
    async with Clients(target.urls, target.issuer) as clients:
        await settle(clients)
        path = f"/indicators?from={window[0]}&to={window[1]}"
        answer = await clients.call("reporting", "GET", path, user="oversight_officer")
        if not answer.ok:
            raise AwayError(f"reporting answered {answer.status}")
        return answer.items()


async def rulebook(target: Target) -> Mapping[str, Any]:
    """Read what the rulebook did, whenever that was, once every cursor has caught up."""
    async with Clients(target.urls, target.issuer) as clients:
        await settle(clients)
        path = f"/reports/rulebook?from={ALL_TIME[0]}&to={ALL_TIME[1]}"
        return await clients.read("reporting", path, user="oversight_officer")


def rulebook_table(columns: Sequence[Mapping[str, Any]]) -> Table:
    """Show what the rules did, a column a rule pack."""
    table = Table(title="制度执行 What the rulebook did", show_edge=False, pad_edge=False)
    for name in ("制度 Rule", "事项", "Measure"):
        table.add_column(name)
    for column in columns:
        table.add_column(str(column["rule_version"]), justify="right")
    for rows in zip(*(column["rows"] for column in columns), strict=True):
        first = rows[0]
        table.add_row(first["rule"], first["name_zh"], first["name_en"], *(f"{row['count']:,}" for row in rows))
    return table


def indicator_table(found: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(title="指标 Indicators", caption=_caption(found), show_edge=False, pad_edge=False)
    for name in ("编号 Id", "指标", "Indicator"):
        table.add_column(name)
    for name in ("值 Value", "单位 Unit", "分子 / 分母 Numerator / denominator"):
        table.add_column(name, justify="right")
    for row in found:
        value = "–" if row["value"] is None else f"{row['value']:.2f}"
        parts = f"{row['numerator']:,.10g} / {row['denominator']:,}"
        table.add_row(row["variant"], row["name_zh"], row["name_en"], value, row["unit"], parts)
    return table


def _caption(found: Sequence[Mapping[str, Any]]) -> str:
    if not found:
        return ""
    first = found[0]
    return f"{first['window']['from']} – {first['window']['to']}, {first['rule_version']}, {first['calendar']}"
