"""The whole system on one machine: Postgres, NATS, the development issuer and two processes for each service.

A service's process is told where everything is through its environment and through nothing else, as in production.
"""

import asyncio
import os
import sys
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from hotline_embedded.nats import EmbeddedNats
from hotline_embedded.ports import PortBook
from hotline_embedded.postgres import EmbeddedPostgres
from hotline_embedded.process import Process
from hotline_embedded.provision import KEYS, SERVICES, app, owner, provision
from hotline_embedded.secret_book import SecretBook, key_file
from hotline_embedded.service import Service, run_steps
from hotline_embedded.supervisor import Say, Supervisor
from hotline_events.broker_auth import BrokerAuthority, write_secret

API, WORKER, ISSUER = "api", "worker", "issuer"

_BOOTSTRAP = "bootstrap"
_SIGNER = "HOTLINE_DEPARTMENT_SIGNER_FILE"


class Stack:
    """All servers and services over one folder, started in order, each process in reach for whoever tests by breaking.

    `processes` holds the handles by name (`intake-api`, `routing-worker`, `issuer`, `postgres`, `nats`); a process that
    is killed through its handle stays down until its handle's `start()`.
    """

    def __init__(
        self,
        root: Path,
        *,
        services: Sequence[str] = SERVICES,
        mode: str = "development",
        postgres_settings: Mapping[str, str] | None = None,
        extra_env: Mapping[str, str] | None = None,
        say: Say | None = None,
    ) -> None:
        self.root = root.resolve()
        self.services = tuple(services)
        self.mode = mode
        self.postgres = EmbeddedPostgres(self.root / "postgres", settings=postgres_settings)
        self.nats = EmbeddedNats(self.root / "nats")
        self.units: dict[str, Service] = {}
        self._extra_env = dict(extra_env or {})
        self._ports = PortBook(self.root / "ports.json")
        self._passwords = SecretBook(self.root / "secrets.json")
        self._port: dict[str, int] = {}
        self._supervisor = Supervisor(self.root, say=say)
        self._authority: BrokerAuthority | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def supervisor(self) -> Supervisor:
        return self._supervisor

    @property
    def logs(self) -> Path:
        return self._supervisor.logs

    @property
    def processes(self) -> Mapping[str, Process]:
        """Answer every process by its name."""
        servers = {"postgres": self.postgres.process, "nats": self.nats.process}
        return {**servers, **{name: unit.process for name, unit in self.units.items()}}

    @property
    def authority(self) -> BrokerAuthority:
        """Answer who decides the broker's users; its seeds are kept in the folder."""
        if self._authority is None:
            self._authority = BrokerAuthority.open(self.root / "broker")
        return self._authority

    @property
    def issuer_url(self) -> str:
        return f"http://127.0.0.1:{self._port[ISSUER]}"

    def url(self, service: str) -> str:
        """Answer the base address of a service's API."""
        return f"http://127.0.0.1:{self._port[f'{service}-{API}']}"

    def start(self) -> None:
        """Start everything and return when all of it is ready; if something fails, all that had started is stopped."""
        self._supervisor.take_folder()
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        self._supervisor.stop()

    def env(self, service: str) -> dict[str, str]:
        """Answer the environment of a service's two processes: where everything is, and no other service's secret."""
        return {
            **_inherited(),
            "HOTLINE_SERVICE": service,
            "HOTLINE_MODE": self.mode,
            "HOTLINE_DATABASE_URL": self.postgres.dsn(service, app(service), driver="asyncpg"),
            "HOTLINE_KEYS_DATABASE_URL": self.postgres.dsn(KEYS, app(service), driver="asyncpg"),
            "HOTLINE_KEK_FILE": str(key_file(self.root / "kek")),
            "HOTLINE_ANCHOR_FILE": str(self.root / "anchors" / f"{service}.jsonl"),
            "HOTLINE_ANCHOR_KEY_FILE": str(key_file(self.root / "anchor.key")),
            "HOTLINE_NATS_URL": self.nats.url,
            "HOTLINE_NATS_CREDS": str(self._creds_file(service)),
            "HOTLINE_ISSUER": self.issuer_url,
            "HOTLINE_JWKS_URL": f"{self.issuer_url}/jwks.json",
            "HOTLINE_TOKEN_URL": f"{self.issuer_url}/token",
            "HOTLINE_CLIENT_ID": f"service@{service}",
            "HOTLINE_AUDIENCE": "hotline",
            "HOTLINE_HOST": "127.0.0.1",
            "HOTLINE_PORT": str(self._port[f"{service}-{API}"]),
            "HOTLINE_HEALTH_PORT": str(self._port[f"{service}-{WORKER}"]),
            **{f"HOTLINE_{peer.upper()}_URL": self.url(peer) for peer in self.services if peer != service},
            **({_SIGNER: str(self._signer_file)} if service == "routing" else {}),
            **self._extra_env,
        }

    def owner_env(self, database: str) -> dict[str, str]:
        """Answer the environment of a database's migration: the owner's password, which no service's process has."""
        return {
            **_inherited(),
            "HOTLINE_SERVICE": database,
            "HOTLINE_OWNER_DATABASE_URL": self.postgres.dsn(database, owner(database), driver="asyncpg"),
        }

    def _start(self) -> None:
        self._authorise()
        self._supervisor.start(self.postgres, self.nats)
        _run_aside(provision(self.postgres, self._passwords, SERVICES))
        self._choose_ports()
        self._migrate()
        self._bootstrap()
        self.units = {ISSUER: self._issuer()}
        for service in self.services:
            for part in (API, WORKER):
                unit = self._service(service, part)
                self.units[unit.name] = unit
        self._supervisor.start(*self.units.values())

    def _authorise(self) -> None:
        """Write who may do what at the broker: one credentials file a user, and for routing the departments' signer."""
        self.nats.config_extra = self.authority.server_config()
        write_secret(self._creds_file(_BOOTSTRAP), self.authority.bootstrap_creds())
        for service in SERVICES:
            write_secret(self._creds_file(service), self.authority.service_creds(service))
        self.authority.write_department_signer(self._signer_file)

    def _creds_file(self, user: str) -> Path:
        return self.root / "broker" / f"{user}.creds"

    @property
    def _signer_file(self) -> Path:
        return self.root / "broker" / "department_signer.json"

    def _choose_ports(self) -> None:
        parts = [f"{service}-{part}" for service in self.services for part in (API, WORKER)]
        self._port = {name: self._ports.port(name) for name in (ISSUER, *parts)}

    def _migrate(self) -> None:
        migrate = [sys.executable, "-m", "hotline_events.migrate"]
        keys = [sys.executable, "-m", "hotline_chassis.keys_migrate"]
        steps = {f"migrate-{service}": ([*migrate, service], self.owner_env(service)) for service in self.services}
        run_steps({f"migrate-{KEYS}": (keys, self.owner_env(KEYS)), **steps}, logs=self.logs)

    def _bootstrap(self) -> None:
        creds = str(self._creds_file(_BOOTSTRAP))
        env = {**_inherited(), "HOTLINE_NATS_URL": self.nats.url, "HOTLINE_NATS_CREDS": creds}
        run_steps({_BOOTSTRAP: ([sys.executable, "-m", "hotline_events.bootstrap"], env)}, logs=self.logs)

    def _issuer(self) -> Service:
        env = {
            **_inherited(),
            "HOTLINE_MODE": self.mode,
            "HOTLINE_ISSUER": self.issuer_url,
            "HOTLINE_PORT": str(self._port[ISSUER]),
            "HOTLINE_DEVISSUER_KEY_FILE": str(self.root / "issuer.pem"),
        }
        return self._unit(ISSUER, ["hotline_chassis.devissuer"], env, ready_path="/jwks.json")

    def _service(self, service: str, part: str) -> Service:
        return self._unit(f"{service}-{part}", ["hotline_chassis.serve", service, part], self.env(service))

    def _unit(self, name: str, module: list[str], env: Mapping[str, str], *, ready_path: str = "/health/ready") -> Service:
        process = Process(name, [sys.executable, "-m", *module], log=self.logs / f"{name}.log", env=env)
        return Service(process, port=self._port[name], ready_path=ready_path)


def _inherited() -> dict[str, str]:
    """Pass on what a program needs to run at all, and the caller's wish for traces; nothing else."""
    wanted = (
        "PATH",
        "HOME",
        "LANG",
        "LC_ALL",
        "TZ",
        "SSL_CERT_FILE",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "HOTLINE_LOG_LEVEL",
    )
    inherited = {name: os.environ[name] for name in wanted if name in os.environ}
    return {**inherited, "PYTHONUNBUFFERED": "1"}


def _run_aside(work: Coroutine[object, object, None]) -> None:
    """Run a coroutine to its end, whether or not the caller has an event loop of its own."""
    with ThreadPoolExecutor(max_workers=1) as aside:
        aside.submit(asyncio.run, work).result()
