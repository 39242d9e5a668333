"""A database that is away: told by one error whatever the driver says, and waited for by what is just starting."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from hotline_events.errors import CheckpointMovedError, StoreUnavailableError

T = TypeVar("T")
_CHECKPOINT_MOVED = "HL001"
_TRANSIENT = ("08", "57", "53", "55", "40")
_log = logging.getLogger(__name__)


@contextmanager
def naming_errors() -> Iterator[None]:
    """Let every way in which a database can be away leave the block as StoreUnavailableError: repeat, nothing is wrong."""
    try:
        yield
    except DBAPIError as error:
        raise _named(error) from error
    except (OSError, TimeoutError, PoolTimeoutError) as error:
        raise StoreUnavailableError(type(error).__name__) from error


async def patiently(step: Callable[[], Awaitable[T]], *, pause: float = 0.3) -> T:
    """Take a step of starting up. A process that starts while its database is away waits, and is not ready until then."""
    while True:
        try:
            return await step()
        except StoreUnavailableError as error:
            _log.warning("starting waits for the database: %s", error)
            await asyncio.sleep(pause)


def _named(error: DBAPIError) -> Exception:
    """Tell a database that is away (repeat) from one that refuses (a defect, or another worker)."""
    state = getattr(error.orig, "sqlstate", None)
    if state == _CHECKPOINT_MOVED:
        return CheckpointMovedError(str(error.orig))
    if state is None or state.startswith(_TRANSIENT):
        return StoreUnavailableError(state or type(error.orig).__name__)
    return error
