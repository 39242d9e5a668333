"""Pytest fixtures: real Postgres and real NATS for tests, here or in containers.

One Postgres lives for the session; a test asks for a fresh database, copied from a migrated template in some 50 ms and
dropped after the test, so tests never clean up after each other. A server that cannot start is a failure, never a skip.
With HOTLINE_TEST_SERVERS=containers the Postgres is a container started by testcontainers (image in
HOTLINE_TEST_POSTGRES_IMAGE).
"""

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from hotline_embedded.nats import EmbeddedNats
from hotline_embedded.postgres import TEST_SETTINGS, EmbeddedPostgres
from hotline_embedded.provision import KEYS, SERVICES, app, owner, provision
from hotline_embedded.secret_book import SecretBook
from hotline_events import migrate


@dataclass(frozen=True, slots=True)
class TestDatabase:
    """One fresh database of a service: URLs for the service's own role and for the owner."""

    __test__ = False
    service: str
    name: str
    app_url: str
    owner_url: str


class Databases:
    """Makes fresh databases, each a copy of the service's migrated one."""

    def __init__(self, postgres: EmbeddedPostgres, passwords: SecretBook) -> None:
        self.postgres = postgres
        self.passwords = passwords
        self._numbers = itertools.count(1)
        self._migrated: set[str] = set()
        self._made: list[str] = []

    async def fresh(self, service: str) -> TestDatabase:
        """Return a new database with the service's newest revision and no rows."""
        if service not in self._migrated:
            await asyncio.to_thread(self._migrate, service)
            self._migrated.add(service)
        name = f"{service}_{next(self._numbers)}_{os.getpid()}"
        self._made.append(name)
        connection = await asyncpg.connect(self.postgres.dsn())
        try:
            await connection.execute(f"CREATE DATABASE {name} OWNER {owner(service)} TEMPLATE {service}")
            readers = SERVICES if service == KEYS else (service,)
            await connection.execute(f"GRANT CONNECT ON DATABASE {name} TO {', '.join(map(app, readers))}")
            for reader in readers:
                await connection.execute(f"GRANT CREATE ON DATABASE {name} TO {app(reader)}")
        finally:
            await connection.close()
        return TestDatabase(service, name, self.url(name, app(service)), self.url(name, owner(service)))

    async def copy(self, database: TestDatabase) -> TestDatabase:
        """Return a backup of a database as it is now. Sessions on it are ended first."""
        name = f"{database.name}_copy"
        self._made.append(name)
        connection = await asyncpg.connect(self.postgres.dsn())
        try:
            await connection.execute(
                f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database.name}'"
            )
            await connection.execute(f"CREATE DATABASE {name} OWNER {owner(database.service)} TEMPLATE {database.name}")
            await connection.execute(f"GRANT CONNECT, CREATE ON DATABASE {name} TO {app(database.service)}")
        finally:
            await connection.close()
        return TestDatabase(
            database.service, name, self.url(name, app(database.service)), self.url(name, owner(database.service))
        )

    async def as_owner(self, database: TestDatabase, statement: str) -> None:
        """Run a statement as the owner of a database."""
        connection = await asyncpg.connect(database.owner_url.replace("+asyncpg", ""))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    @contextmanager
    def dropped_after(self) -> Iterator[Self]:
        """Drop what was made meanwhile: some 8 MB and 300 files each, gigabytes in a whole run."""
        kept = len(self._made)
        yield self
        if made := self._made[kept:]:
            asyncio.run(self._drop(made))
            del self._made[kept:]

    async def _drop(self, names: Sequence[str]) -> None:
        connection = await asyncpg.connect(self.postgres.dsn())
        try:
            for name in names:
                await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        finally:
            await connection.close()

    def url(self, database: str, role: str) -> str:
        """Return a SQLAlchemy URL for any role on any database."""
        return self.postgres.dsn(database, role, driver="asyncpg")

    def _migrate(self, service: str) -> None:
        url = self.url(service, owner(service))
        if service == KEYS:
            from hotline_chassis import keys_migrate  # noqa: PLC0415 - only tests that need keys load the chassis

            asyncio.run(keys_migrate.migrate(url))
        else:
            migrate.upgrade(service, url)


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """Return a folder that the database's own user can reach, removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="hotline-test-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def lasting_databases(server_folder: Path) -> Iterator[Databases]:
    """Return a maker of databases on the session's Postgres that last until it ends: for what several tests share."""
    postgres = EmbeddedPostgres(server_folder / "pg", settings=TEST_SETTINGS)
    passwords = SecretBook(server_folder / "secrets.json")
    postgres.start()
    try:
        asyncio.run(provision(postgres, passwords))
        yield Databases(postgres, passwords)
    finally:
        postgres.crash()  # its data are thrown away: there is nothing to write down first


@pytest.fixture
def databases(lasting_databases: Databases) -> Iterator[Databases]:
    """Return a maker of fresh databases for one test."""
    with lasting_databases.dropped_after():
        yield lasting_databases


@pytest.fixture
async def engine_for() -> AsyncIterator[Callable[[str], AsyncEngine]]:
    """Return a maker of engines in autocommit, as services use them; all are disposed of at the end of the test."""
    engines: list[AsyncEngine] = []

    def make(url: str, *, pooled: bool = True) -> AsyncEngine:
        options = {"pool_size": 10} if pooled else {"poolclass": NullPool}
        engines.append(create_async_engine(url, isolation_level="AUTOCOMMIT", **options))
        return engines[-1]

    yield make
    for engine in engines:
        await engine.dispose()


@pytest.fixture
def nats(tmp_path: Path) -> Iterator[EmbeddedNats]:
    """Return a NATS server of this test's own, with JetStream and without sign-in."""
    server = EmbeddedNats(tmp_path / "nats")
    server.start()
    try:
        yield server
    finally:
        server.stop()
