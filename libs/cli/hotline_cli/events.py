"""`hotline events`: look at the stored events of a service, verify their chain, and repair what is derived from them."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import click
from rich.console import Console
from sqlalchemy.ext.asyncio import create_async_engine

from hotline_cli.up import folder_option
from hotline_cli.verify import Verdict, read_anchors, verify_database, verify_export
from hotline_cli.where import Where
from hotline_events import refill as refilling
from hotline_events.broker import SERVICES, connect
from hotline_events.envelope import StoredEvent, from_row
from hotline_events.reactions import replay_dead as give_tries_again
from hotline_events.store import Store

# The oldest event that some department has still to sign for: its queue must not lose it when the stream is recreated.
_OLDEST_UNSIGNED = """
select coalesce(min(given.position), (select position + 1 from head)) from events given
 where given.name in ('routing.work_order.transferred', 'routing.work_order.reopened')
   and not exists (select from events later where later.stream = given.stream and later.version > given.version
                    and later.name in ('routing.work_order.signed', 'routing.work_order.returned',
                                       'routing.work_order.transferred', 'routing.work_order.closed'))"""

_service = click.argument("service", type=click.Choice(SERVICES))
_database = click.option("--database-url", envvar="HOTLINE_DATABASE_URL", help="不在本机目录时。When there is no local folder.")
_console = Console(highlight=False, soft_wrap=True)


@click.group()
def events() -> None:
    """查看、校验、修复事件。Look at events, verify their chain, repair what is derived."""


@events.command()
@_service
@folder_option
@_database
@click.option("--after", type=int, default=None, help="从此位置之后。After this position; default: the last 20.")
@click.option("--follow", is_flag=True, help="持续显示。Go on as new events come.")
@click.option("--name", default="", help="只看名称含此文字的事件。Only names that contain this.")
def tail(service: str, folder: Path, database_url: str | None, *, after: int | None, follow: bool, name: str) -> None:
    """一行一个事件。One line an event, in commit order."""
    asyncio.run(_tail(_url(service, folder, database_url), after, name, follow=follow))


async def _tail(url: str, after: int | None, name: str, *, follow: bool) -> None:
    async with _store(url) as store:
        position = max((await store.head()).position - 20, 0) if after is None else after
        while True:
            rows = await store.read_all(position)
            for row in rows:
                if name in row.name:
                    _console.print(_line(row))
            position = rows[-1].position if rows else position
            if not rows and not follow:
                return
            if not rows:
                await asyncio.sleep(0.2)


def _line(row: StoredEvent) -> str:
    event = from_row(row)
    at = event.occurred_at.isoformat(timespec="seconds")
    return f"{row.position:>8}  {at}  {row.name:<36} {row.stream} v{row.version}  {event.actor.actor_id}"


@events.command()
@_service
@click.argument("which")
@folder_option
@_database
def show(service: str, which: str, folder: Path, database_url: str | None) -> None:
    """显示一个位置或一条流。Show one position, or every event of a stream, as stored (free text stays sealed)."""
    rows = asyncio.run(_show(_url(service, folder, database_url), which))
    if not rows:
        raise click.ClickException(f"{service} has no {which}")
    for row in rows:
        _console.print_json(data=_as_json(row))


async def _show(url: str, which: str) -> Sequence[StoredEvent]:
    async with _store(url) as store:
        if which.isdecimal():
            rows = await store.read_all(int(which) - 1, 1)
            return [row for row in rows if row.position == int(which)]
        return await store.read_stream(which)


def _as_json(row: StoredEvent) -> dict[str, Any]:
    return {
        "position": row.position,
        "stream": row.stream,
        "version": row.version,
        "id": str(row.id),
        "name": row.name,
        "schema_version": row.schema_version,
        "recorded_at": row.recorded_at.isoformat(),
        "hash": row.hash.hex(),
        "metadata": json.loads(row.metadata),
        "payload": json.loads(row.payload),
    }


@events.command()
@click.argument("target")
@folder_option
@_database
@click.option(
    "--anchors", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="锚点文件。A file of signed anchors."
)
@click.option("--public-key", default="", help="锚点公钥（十六进制）。The anchors' Ed25519 public key, in hex.")
def verify(target: str, folder: Path, database_url: str | None, anchors: Path | None, public_key: str) -> None:
    """校验哈希链：服务名或导出文件。Verify the chain of a service's table, or of an export (NDJSON of GET /events)."""
    known = read_anchors(anchors, bytes.fromhex(public_key)) if anchors else []
    if target in SERVICES:
        verdict = asyncio.run(verify_database(_url(target, folder, database_url), known))
    elif Path(target).exists():
        verdict = verify_export(Path(target), known)
    else:
        raise click.ClickException(f"{target} is neither a service nor a file")
    _say(target, verdict)


def _say(target: str, verdict: Verdict) -> None:
    if verdict.whole:
        click.echo(f"{target}: 完整 whole, {verdict.verified} events, head {verdict.head.hex()}")
        return
    click.echo(
        f"{target}: 第一处错误在位置 {verdict.bad_position}。First bad position {verdict.bad_position}: {verdict.reason}"
    )
    raise SystemExit(1)


@events.command("replay-dead")
@_service
@folder_option
@_database
@click.option("--consumer", default=None, help="只限此消费者。Only this consumer's.")
def replay_dead(service: str, folder: Path, database_url: str | None, consumer: str | None) -> None:
    """重新处理死信。Give dead letters their tries again."""

    async def run() -> int:
        async with _store(_url(service, folder, database_url)) as store:
            return await give_tries_again(store, consumer)

    click.echo(f"{asyncio.run(run())} dead letters will be tried again")


@events.command()
@_service
@folder_option
@click.option("--first", type=int, default=None, help="起始位置。The oldest position still needed; default: 1, so everything.")
@click.option(
    "--keep-unsigned", is_flag=True, help="从最早未签收的工单起。Start at the oldest order that no department has signed for."
)
@click.option("--new-epoch", is_flag=True, help="数据库恢复之后。After the database was restored to an earlier point.")
def refill(service: str, folder: Path, *, first: int | None, keep_unsigned: bool, new_epoch: bool) -> None:
    """由数据库重建 JetStream 流。Recreate the service's JetStream stream from its tables; the relay fills it."""
    first, at = asyncio.run(_refill(service, Where(folder), first, keep_unsigned=keep_unsigned, new_epoch=new_epoch))
    click.echo(f"{service}: the stream starts at {first}, the relay fills it up to {at}")


async def _refill(service: str, where: Where, first: int | None, *, keep_unsigned: bool, new_epoch: bool) -> tuple[int, int]:
    if new_epoch:
        connection = await asyncpg.connect(where.database(service, as_owner=True).replace("+asyncpg", ""))
        await connection.execute("select begin_epoch()")
        await connection.close()
    client = await connect(where.broker())
    try:
        async with _store(where.database(service)) as store:
            if keep_unsigned:
                first = (await store.execute(_OLDEST_UNSIGNED))[0][0]
            start = first or 1
            return start, await refilling.refill(client.jetstream(), store, service, first=start)
    finally:
        await client.close()


def _url(service: str, folder: Path, database_url: str | None) -> str:
    return database_url or Where(folder).database(service)


@asynccontextmanager
async def _store(url: str) -> AsyncIterator[Store]:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    try:
        yield Store(engine)
    finally:
        await engine.dispose()
