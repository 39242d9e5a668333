"""Recreate a wiped or foreign JetStream stream from the tables. The record is in Postgres; the transport may be lost."""

import asyncio
import logging

from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from hotline_events.broker import create_stream, stream_config, stream_of
from hotline_events.errors import HotlineError
from hotline_events.store import Store

_log = logging.getLogger(__name__)


class NotEmptiedError(HotlineError):
    """The broker created the stream again with messages of the deleted one."""


async def refill(js: JetStreamContext, store: Store, service: str, *, first: int = 1, replicas: int = 1, tries: int = 5) -> int:
    """Delete the service's stream, if there is one, and create it to start at position `first`, in the store's epoch.

    `first` is the oldest position still needed; the relay then publishes from there. Deleting a stream deletes its durable
    consumers: routing's reconciliation creates the departments' anew. Returns the position the table is at.

    The server removes a deleted stream's files after its answer, and once gave a new stream the messages of the old one: a
    stream that is not empty is deleted again, up to `tries` times; then NotEmptiedError.
    """
    head = await store.head()
    config = stream_config(service, first_sequence=first, epoch=(head.epoch, head.epoch_start), replicas=replicas)
    for _ in range(tries):
        try:
            await js.delete_stream(stream_of(service))
        except NotFoundError:
            _log.info("there was no stream %s", stream_of(service))
        created = await create_stream(js, config)
        if created.state.last_seq == first - 1:
            return head.position
        _log.warning("the stream %s came back with messages up to %s", stream_of(service), created.state.last_seq)
        await asyncio.sleep(0.2)
    message = f"the broker keeps messages of the deleted stream {stream_of(service)}: restart it and refill again"
    raise NotEmptiedError(message)
