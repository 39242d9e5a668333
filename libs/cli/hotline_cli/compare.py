"""`hotline compare`: one file under several rule packs, each in a system of its own, their effects side by side."""

import asyncio
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from hotline_cli.demo import MAPPING, rulebook, rulebook_table, sample_file, target_of, wide_console
from hotline_cli.replay.clients import AwayError, RefusedError
from hotline_cli.replay.command import run
from hotline_cli.replay.mapping import AnyMapping, MappingError, load_mapping
from hotline_cli.replay.matters import read_file
from hotline_cli.replay.rows import FileError
from hotline_cli.up import DEFAULT_FOLDER, running_stack
from hotline_rules.pack import UnknownRulePackError, load_pack
from hotline_rules.yaml_source import RulePackError

# A system that is thrown away need not survive a power cut.
_THROWN_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
PACKS = "default,shandong_2020,beijing_draft"


@click.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--mapping", "mapping_file", default=MAPPING, type=click.Path(path_type=Path), help="映射文件。The mapping, or a name."
)
@click.option("--packs", default=PACKS, show_default=True, help="规则包，逗号分隔。The rule packs, separated by commas.")
@click.option("--limit", type=click.IntRange(min=1), help="只回放前 N 行。Only the first N rows.")
def compare(file: Path | None, *, mapping_file: Path, packs: str, limit: int | None) -> None:
    """在多个规则包下回放同一文件，并列比较。Replay one file under several rule packs and show what each did, side by side."""
    console = wide_console()
    names = [name.strip() for name in packs.split(",") if name.strip()]
    try:
        for name in names:
            load_pack(name)
        mapping = load_mapping(mapping_file)
        sample = file or sample_file()
        read_file(sample, mapping, limit=limit)
        columns = [_under(name, sample, mapping, limit, console) for name in names]
    except (MappingError, FileError, AwayError, RefusedError, UnknownRulePackError, RulePackError) as error:
        raise click.ClickException(str(error)) from error
    console.print(rulebook_table(columns))


def _under(pack: str, sample: Path, mapping: AnyMapping, limit: int | None, console: Console) -> Mapping[str, Any]:
    """Replay a file in a fresh system under one pack, and return what its rules did. Only the rejects file stays."""
    folder = Path(tempfile.mkdtemp(prefix=f"hotline-{Path(pack).stem}-"))
    console.print(f"[bold]{pack}[/bold]")
    try:
        with running_stack(folder, environment={"HOTLINE_RULE_PACK": pack}, postgres_settings=_THROWN_AWAY) as stack:
            target = target_of(stack)
            rejects = DEFAULT_FOLDER / "replay" / f"{sample.stem}-{Path(pack).stem}-rejects.csv"
            run(sample, mapping, target, limit=limit, rejects=rejects, console=console)
            return asyncio.run(rulebook(target))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
