"""NATS as this system uses it: one stream a service, atomic batches fenced by the last sequence, wake-up pings.

Streams are created here and nowhere else: a subscriber that declares one would overwrite its limits (traps).
"""

import asyncio
import json
import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nats
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig, StreamInfo
from nats.js.errors import NotFoundError as StreamNotFoundError
from nats.js.errors import ServerError

from hotline_events.errors import HotlineError

SERVICES = ("intake", "routing", "followup", "reporting")
BATCH = 200
_DAY = 86_400
_STORE_NOT_CREATED = 10049
_log = logging.getLogger(__name__)


class PublishRefusedError(HotlineError):
    """JetStream refused an atomic batch: someone else published, or the stream is not as expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAddress:
    """Where NATS is and as whom to sign in; `name` is the user's own inbox prefix."""

    url: str
    name: str
    credentials: str = ""

    @property
    def inbox_prefix(self) -> str:
        """Return the only inbox this user may receive on."""
        return f"_INBOX_{self.name}"


def stream_of(service: str) -> str:
    """Return the JetStream stream of a service."""
    return service.upper()


def wake_subject(service: str) -> str:
    """Return the core subject on which a service's processes tell each other that something was committed."""
    return f"wake.{service}"


async def connect(address: BrokerAddress) -> Client:
    """Connect, and go on reconnecting for ever: a process that gives up would live on uselessly (traps)."""

    async def on_error(error: Exception) -> None:
        _log.warning("broker: %s", error)

    credentials = str(Path(address.credentials)) if address.credentials else None
    return await nats.connect(
        address.url,
        name=address.name,
        user_credentials=credentials,
        inbox_prefix=address.inbox_prefix.encode(),
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.2,
        connect_timeout=2,
        pending_size=16 << 20,
        error_cb=on_error,
    )


def stream_config(
    service: str, *, first_sequence: int = 1, epoch: tuple[int, int] = (1, 0), replicas: int = 1, max_age_days: int = 90
) -> StreamConfig:
    """Return the one configuration of a service's stream. `max_age_days` bounds the transport; the record is in Postgres."""
    return StreamConfig(
        name=stream_of(service),
        subjects=[f"hotline.{service}.>"],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        discard=DiscardPolicy.OLD,
        max_age=max_age_days * _DAY,
        num_replicas=replicas,
        duplicate_window=0,
        deny_delete=True,
        allow_atomic=True,
        first_seq=first_sequence if first_sequence > 1 else None,
        metadata={"epoch": str(epoch[0]), "epoch_start": str(epoch[1])},
    )


async def ensure_streams(js: JetStreamContext, services: Sequence[str] = SERVICES, *, replicas: int = 1) -> list[str]:
    """Create the streams that are missing; leave every existing one as it is. Returns the created ones."""
    created = []
    for service in services:
        try:
            await js.stream_info(stream_of(service))
        except StreamNotFoundError:
            await create_stream(js, stream_config(service, replicas=replicas))
            created.append(stream_of(service))
    return created


async def create_stream(js: JetStreamContext, config: StreamConfig, *, tries: int = 20) -> StreamInfo:
    """Create a stream. Right after a deletion the server may still be removing its files, and is asked again."""
    for _ in range(tries - 1):
        try:
            return await js.add_stream(config)
        except ServerError as error:
            if error.err_code != _STORE_NOT_CREATED:
                raise
            await asyncio.sleep(0.1)
    return await js.add_stream(config)


def epoch_of(info: StreamInfo) -> tuple[int, int]:
    """Return the epoch whose events a stream carries, and the position after which it began."""
    about = info.config.metadata or {}
    return int(about.get("epoch", "1")), int(about.get("epoch_start", "0"))


async def publish_batch(client: Client, messages: Sequence[tuple[str, bytes]], *, after: int, patience: float = 5.0) -> int:
    """Publish (subject, body) pairs as one atomic batch right after sequence `after`; return the last sequence.

    All of it is stored or none. Raises PublishRefusedError when the stream's last sequence is not `after`.
    """
    batch_id = uuid.uuid4().hex
    last = len(messages)
    for number, (subject, body) in enumerate(messages, 1):
        headers = {"Nats-Batch-Id": batch_id, "Nats-Batch-Sequence": str(number)}
        if number == 1:
            headers["Nats-Expected-Last-Sequence"] = str(after)
        if number < last:
            await client.publish(subject, body, headers=headers)
            continue
        headers["Nats-Batch-Commit"] = "1"
        reply = json.loads((await client.request(subject, body, headers=headers, timeout=patience)).data)
        if "error" in reply:
            raise PublishRefusedError(str(reply["error"]))
        return int(reply["seq"])
    return after
