"""Recreate a wiped or foreign JetStream stream from the tables. The record is in Postgres; the transport may be lost."""

import logging

from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from hotline_events.broker import create_stream, stream_config, stream_of
from hotline_events.store import Store

_log = logging.getLogger(__name__)


async def refill(js: JetStreamContext, store: Store, service: str, *, first: int = 1, replicas: int = 1) -> int:
    """Delete the service's stream, if there is one, and create it to start at position `first`, in the store's epoch.

    `first` is the oldest position still needed; the relay then publishes from there. Deleting a stream deletes its durable
    consumers: routing's reconciliation creates the departments' anew. Returns the position the table is at.
    """
    head = await store.head()
    try:
        await js.delete_stream(stream_of(service))
    except NotFoundError:
        _log.info("there was no stream %s", stream_of(service))
    config = stream_config(service, first_sequence=first, epoch=(head.epoch, head.epoch_start), replicas=replicas)
    await create_stream(js, config)
    return head.position
