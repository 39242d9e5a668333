"""Keeps the departments' durable queues equal to routing's departments: at start, on every change, and every half minute.

It looks only at a view that has caught up with the store: one that is being filled again would seem to say that departments
are gone, and their queues, with what was acknowledged in them, would be deleted.
"""

import asyncio
import logging
import time

from nats.errors import Error as NatsError

from hotline_chassis.runtime import Runtime
from hotline_events.departments import reconcile_departments
from hotline_events.errors import StoreUnavailableError
from routing.adapters.views import DEPARTMENTS, queries
from routing.adapters.views.departments import open_departments

EVERY = 30.0
_LOOK = 0.5
_log = logging.getLogger(__name__)


async def keep_queues(runtime: Runtime, *, every: float = EVERY) -> None:
    """Reconcile for ever."""
    done: list[str] | None = None
    done_at = time.monotonic()
    while True:
        try:
            codes = await _wanted(runtime)
            if codes is not None and (codes != done or time.monotonic() - done_at > every):
                await reconcile_once(runtime, codes)
                done, done_at = codes, time.monotonic()
        except (NatsError, StoreUnavailableError, TimeoutError, OSError) as error:
            done = None
            _log.warning("departments' queues wait: %s", type(error).__name__)
        await asyncio.sleep(_LOOK)


async def reconcile_once(runtime: Runtime, codes: list[str]) -> None:
    """Create the queues that are missing and delete those of closed departments."""
    changed = await reconcile_departments(runtime.client.jetstream(), codes)
    if changed.created or changed.deleted:
        _log.info("queues created: %s, deleted: %s", list(changed.created), list(changed.deleted))


async def _wanted(runtime: Runtime) -> list[str] | None:
    """Return the open departments as of the head, None while the view is behind it."""
    head = await runtime.store.head()
    for _ in range(50):
        if await queries.checkpoint(runtime.store, DEPARTMENTS) >= head.position:
            return await open_departments(runtime.store)
        await asyncio.sleep(0.02)
    return None
