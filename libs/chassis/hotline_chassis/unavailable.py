"""Which errors mean that a server behind us is away for the moment, so that the client should simply try again."""

from typing import Final

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

# Connection lost (08), server shutting down or starting (57P), lock or statement timeout, too many connections.
_AWAY: Final = ("08", "57P", "57014", "55P03", "53", "25P03", "40001", "40P01")
_ALWAYS: Final = (ConnectionError, TimeoutError, PoolTimeoutError)


def is_unavailable(error: BaseException) -> bool:
    """Say whether repeating the same request later can succeed without anybody changing anything."""
    if isinstance(error, _ALWAYS):
        return True
    if isinstance(error, asyncpg.InterfaceError):
        return not isinstance(error, ValueError)  # a value of the wrong type stays wrong
    if isinstance(error, asyncpg.PostgresError):
        return str(error.sqlstate or "").startswith(_AWAY)
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return True
        original = error.orig
        sqlstate = getattr(original, "sqlstate", None) or getattr(original, "pgcode", None)
        return bool(sqlstate and str(sqlstate).startswith(_AWAY)) or _caused_by_absence(original)
    return False


def _caused_by_absence(original: BaseException | None) -> bool:
    cause = original.__cause__ if original is not None else None
    return cause is not None and is_unavailable(cause)
