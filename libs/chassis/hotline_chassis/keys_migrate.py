"""Brings the keys database to the current schema; any number of times: `python -m hotline_chassis.keys_migrate`.

Runs as keys_owner with HOTLINE_OWNER_DATABASE_URL. The roles of the services must exist: the provisioning makes them.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Final

import asyncpg

SCHEMA: Final = Path(__file__).parent / "sql" / "keys.sql"
_LOCK: Final = 1_234_500


async def migrate(url: str) -> None:
    """Apply the whole schema in one transaction; two runs at once wait for each other."""
    connection = await asyncpg.connect(url.replace("postgresql+asyncpg://", "postgresql://", 1))
    try:
        async with connection.transaction():
            await connection.execute("SET LOCAL lock_timeout = '10s'")
            await connection.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
            await connection.execute(SCHEMA.read_text())
    finally:
        await connection.close()


def main() -> None:
    url = os.environ.get("HOTLINE_OWNER_DATABASE_URL")
    if not url:
        sys.exit("HOTLINE_OWNER_DATABASE_URL is not set")
    asyncio.run(migrate(url))


if __name__ == "__main__":
    main()
