"""`hotline rebuild VIEW`: build a read model anew from history, beside the live one, which goes on serving meanwhile."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console

from hotline_chassis.histories import history_of
from hotline_chassis.roles import SERVICES
from hotline_chassis.runtime import engine_of
from hotline_chassis.settings import Settings, settings_from_environment
from hotline_cli.readers import views_of
from hotline_cli.replay.command import issuer_of, service_of
from hotline_cli.up import folder_option
from hotline_cli.where import Where
from hotline_events.projection import View
from hotline_events.rebuild import rebuild as rebuild_view
from hotline_events.store import Store


@click.command()
@click.argument("view")
@folder_option
def rebuild(view: str, folder: Path) -> None:
    """重建读模型。Rebuild a read model, such as reporting.orders; the services go on.

    Inside a service's environment (HOTLINE_DATABASE_URL) that one is used, else the running system of the folder.
    """
    service, wanted = find_view(view)
    settings = settings_from_environment() if "HOTLINE_DATABASE_URL" in os.environ else _local(service, folder)
    console = Console(highlight=False)
    name = _address(service, wanted)
    with console.status(f"重建 rebuilding {name}") as status:
        asyncio.run(_rebuild(settings, wanted, lambda at: status.update(f"重建 rebuilding {name}: {at}")))
    console.print(f"{name}: 已重建 rebuilt")


def find_view(name: str) -> tuple[str, View]:
    """Return a read model and the service whose it is by its name, with or without its version."""
    known = {_address(service, view): (service, view) for service in SERVICES for view in views_of(service)}
    for address, found in known.items():
        if name in {address, address.partition("@")[0]}:
            return found
    raise click.BadParameter(f"one of {', '.join(known)}", param_hint="VIEW")


def _address(service: str, view: View) -> str:
    """Name a read model with its service: some, as who may read a confidential matter, several services have."""
    return view.name if view.name.startswith(f"{service}.") else f"{service}.{view.name}"


def _local(service: str, folder: Path) -> Settings:
    """Say where everything is for a service of the system in the folder, as its worker is told."""
    issuer = issuer_of(folder)
    return Settings(
        service=service,
        mode="development",
        database_url=Where(folder).database(service),
        nats_url="",
        issuer=issuer,
        jwks_url=f"{issuer}/jwks.json",
        peers={peer: service_of(folder, peer) for peer in SERVICES if peer != service},
    )


async def _rebuild(settings: Settings, view: View, tell: Callable[[str], None]) -> None:
    engine = engine_of(settings.database_url)
    reached: dict[str, int] = {}

    def progress(source: str, position: int) -> None:
        reached[source] = position
        tell(", ".join(f"{name} {at:,}" for name, at in reached.items()))

    try:
        await rebuild_view(engine, view, history_of(settings, Store(engine)), progress=progress)
    finally:
        await engine.dispose()
