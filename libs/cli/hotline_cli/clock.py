"""`hotline clock MOMENT`: drive the business time of all services of a running development system."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import click

from hotline_cli.replay.clients import AwayError, Clients
from hotline_cli.replay.clocks import Clock
from hotline_cli.replay.command import SERVICES, Target, target_of
from hotline_cli.up import folder_option


@click.command()
@click.argument("moment")
@folder_option
def clock(moment: str, folder: Path) -> None:
    """拨动业务时间，例如 2018-02-01T09:00:00+08:00；到期事项随即处理。Drive the business time; what falls due happens.

    A replay leaves it where its file ended; `now` is the time of this machine.
    """
    at = _moment(moment)
    try:
        asyncio.run(_drive(target_of(folder, {}), at))
    except AwayError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"业务时间 business time now: {at.isoformat()}")


async def _drive(target: Target, at: datetime) -> None:
    """Drive service after service, in the order in which they hear of each other."""
    async with Clients(target.urls, target.issuer) as clients:
        for service in SERVICES:
            await Clock(clients, service).drive(at)


def _moment(text: str) -> datetime:
    if text == "now":
        return datetime.now(UTC)
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"时间无法识别 not a time such as 2018-02-01T09:00:00+08:00: {text!r}") from error
    if at.tzinfo is None:
        raise click.BadParameter(f"缺少时区 its zone is missing, such as +08:00 or Z: {text!r}")
    return at.astimezone(UTC)
