"""Migrations of one service's database, run as the owner role: `python -m hotline_events.migrate <service>`.

The tables of the library come from its own SQL scripts, which never change after a release; a service's first revision runs
them. Read models are not migrated: they belong to the service's own schema and are rebuilt.
"""

import asyncio
import importlib.resources
import importlib.util
import os
import sys
from pathlib import Path

from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.util import await_only


def migrations_of(service: str) -> Path:
    """Return the folder of a service's revisions, beside its package."""
    spec = importlib.util.find_spec(service)
    if spec is None or spec.origin is None:
        message = f"the service {service} is not installed"
        raise ModuleNotFoundError(message)
    return Path(spec.origin).parent.parent / "migrations"


def upgrade(service: str, url: str) -> None:
    """Bring a service's database to its newest revision. Running it again changes nothing."""
    config = Config()
    config.set_main_option("script_location", str(migrations_of(service)))
    config.attributes["url"] = url
    command.upgrade(config, "head")


def run_env() -> None:
    """Run the revisions of the configured database: all that a service's `migrations/env.py` calls."""
    asyncio.run(_run(context.config.attributes["url"]))


async def _run(url: str) -> None:
    engine = create_async_engine(url, poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_upgrade_on)
        await connection.commit()
    await engine.dispose()


def _upgrade_on(connection: Connection) -> None:
    context.configure(connection=connection)
    with context.begin_transaction():
        connection.exec_driver_sql("set local lock_timeout = '5s'")
        context.run_migrations()


def run_script(connection: Connection, name: str, **words: str) -> None:
    """Run one of the library's SQL scripts; `{app}` in it becomes the name of the service's role."""
    script = importlib.resources.files("hotline_events").joinpath("sql", name).read_text("utf-8")
    for word, value in words.items():
        script = script.replace(f"{{{word}}}", value)
    driver = connection.connection.driver_connection
    if driver is None:
        message = "the connection is closed"
        raise RuntimeError(message)
    await_only(driver.execute(script))


def create_event_store(connection: Connection, service: str) -> None:
    """Create the event store's tables and give the service's role its rights: the first revision of every service."""
    run_script(connection, "001_store.sql")
    run_script(connection, "002_grants.sql", app=f"{service}_app")


if __name__ == "__main__":
    upgrade(sys.argv[1], os.environ["HOTLINE_OWNER_DATABASE_URL"])
