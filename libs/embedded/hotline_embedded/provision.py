"""Databases and roles: each service its own, and no way from one to another.

A database has two roles. `<db>_owner` runs the migrations and owns the tables in schema `public`. `<db>_app` is the
service: it creates nothing in `public`, owns schema `views` and those it makes (the read models, which it may drop and
rebuild) and connects to no other database but `keys`. Running it again changes nothing.
"""

from collections.abc import Sequence

import asyncpg

from hotline_embedded.postgres import EmbeddedPostgres
from hotline_embedded.secret_book import SecretBook

SERVICES = ("intake", "routing", "followup", "reporting")
KEYS = "keys"

# Two processes, each with a pool for its own database (12, at most 16) and one for the keys (4, at most 8).
_APP_CONNECTIONS = 48
_OWNER_CONNECTIONS = 5
_OWNER_SETTINGS = {"lock_timeout": "5s", "idle_in_transaction_session_timeout": "10s", "search_path": "public"}
_APP_SETTINGS = {
    "statement_timeout": "30s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "10s",
    "search_path": "views, public",
}


def owner(database: str) -> str:
    return f"{database}_owner"


def app(service: str) -> str:
    return f"{service}_app"


async def provision(postgres: EmbeddedPostgres, passwords: SecretBook, services: Sequence[str] = SERVICES) -> None:
    """Create what is missing of the databases, roles, rights and limits. Runs as superuser."""
    connection = await asyncpg.connect(postgres.dsn())
    try:
        await connection.execute("REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC")
        for service in services:
            await _role(connection, app(service), passwords, _APP_CONNECTIONS, _APP_SETTINGS)
        for database in (*services, KEYS):
            await _role(connection, owner(database), passwords, _OWNER_CONNECTIONS, _OWNER_SETTINGS)
            readers = services if database == KEYS else (database,)
            await _database(connection, database, [app(reader) for reader in readers])
        for service in services:
            await connection.execute(f"ALTER ROLE {app(service)} IN DATABASE {KEYS} SET search_path = public")
    finally:
        await connection.close()
    for service in services:
        await _schemas(postgres, service)
    await _schemas_of_keys(postgres, services)


async def _role(connection: asyncpg.Connection, role: str, passwords: SecretBook, limit: int, settings: dict[str, str]) -> None:
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
        await connection.execute(f"CREATE ROLE {role}")
    attributes = f"LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOINHERIT CONNECTION LIMIT {limit}"
    await connection.execute(f"ALTER ROLE {role} {attributes} PASSWORD '{passwords.password(role)}'")
    for name, value in settings.items():
        await connection.execute(f"ALTER ROLE {role} SET {name} = {value if name == 'search_path' else repr(value)}")


async def _database(connection: asyncpg.Connection, database: str, readers: Sequence[str]) -> None:
    if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", database):
        await connection.execute(f"CREATE DATABASE {database} OWNER {owner(database)} TEMPLATE template0")
    await connection.execute(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")
    await connection.execute(f"GRANT CONNECT ON DATABASE {database} TO {', '.join(readers)}")
    if database != KEYS:
        # A rebuild fills a schema of its own beside `views`, and drops it when the tables have changed places.
        await connection.execute(f"GRANT CREATE ON DATABASE {database} TO {app(database)}")


async def _schemas(postgres: EmbeddedPostgres, service: str) -> None:
    connection = await asyncpg.connect(postgres.dsn(service))
    try:
        await connection.execute(
            f"REVOKE ALL ON SCHEMA public FROM PUBLIC;"
            f"GRANT USAGE ON SCHEMA public TO {app(service)};"
            f"CREATE SCHEMA IF NOT EXISTS views AUTHORIZATION {app(service)};"
            f"GRANT USAGE ON SCHEMA views TO {owner(service)};"
        )
    finally:
        await connection.close()


async def _schemas_of_keys(postgres: EmbeddedPostgres, services: Sequence[str]) -> None:
    """Let the services look up names in `keys`, and do there only what its owner's migration lets them execute."""
    connection = await asyncpg.connect(postgres.dsn(KEYS))
    try:
        await connection.execute(
            f"REVOKE ALL ON SCHEMA public FROM PUBLIC;"
            f"GRANT USAGE ON SCHEMA public TO {', '.join(map(app, services))};"
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner(KEYS)} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;"
        )
    finally:
        await connection.close()
