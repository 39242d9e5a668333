"""Where a running system is: read from the folder of an embedded one, or said by options and the environment."""

import json
from dataclasses import dataclass
from pathlib import Path

import click

from hotline_embedded.provision import app, owner
from hotline_events.broker import BrokerAddress


@dataclass(frozen=True, slots=True)
class Where:
    """The addresses that the folder of an embedded system tells."""

    folder: Path

    def database(self, service: str, *, as_owner: bool = False) -> str:
        """Return the SQLAlchemy URL of a service's database, for its own role or for the owner."""
        role = owner(service) if as_owner else app(service)
        password = self._book("secrets.json").get(role)
        if password is None:
            raise click.ClickException(f"{self.folder}/secrets.json does not know {role}: is this the folder of a system?")
        return f"postgresql+asyncpg://{role}:{password}@127.0.0.1:{self._port('postgres')}/{service}"

    def broker(self, user: str = "bootstrap") -> BrokerAddress:
        """Return where NATS is, as a user of the system."""
        credentials = self.folder / "broker" / f"{user}.creds"
        return BrokerAddress(
            url=f"nats://127.0.0.1:{self._port('nats')}",
            name=user,
            credentials=str(credentials) if credentials.exists() else "",
        )

    def _port(self, name: str) -> int:
        port = self._book("ports.json").get(name)
        if port is None:
            raise click.ClickException(f"{self.folder}/ports.json does not know {name}: was this system ever started?")
        return int(port)

    def _book(self, name: str) -> dict[str, str]:
        try:
            content: dict[str, str] = json.loads((self.folder / name).read_text("utf-8"))
        except FileNotFoundError as error:
            raise click.ClickException(f"{self.folder / name} is missing: was this system ever started?") from error
        return content
