"""The departments' queues: one durable consumer for each, kept equal to routing's table of departments."""

from collections.abc import Iterable
from dataclasses import dataclass

from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, ConsumerInfo, DeliverPolicy

from hotline_events.broker_rights import DEPARTMENT_STREAM, checked_code

ACK_WAIT_SECONDS = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Reconciled:
    """What a reconciliation did; a second one right after it does nothing."""

    created: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def department_subject(code: str) -> str:
    """Return the subjects of everything that routing says to one department."""
    return f"hotline.routing.*.*.{checked_code(code)}"


def department_consumer(code: str, *, start_sequence: int | None = None) -> ConsumerConfig:
    """Configure a department's queue: nothing in it is ever given up on, and nothing counts as read without an answer."""
    by_sequence = DeliverPolicy.BY_START_SEQUENCE
    return ConsumerConfig(
        durable_name=code,
        filter_subject=department_subject(code),
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ACK_WAIT_SECONDS,
        max_deliver=-1,
        deliver_policy=DeliverPolicy.ALL if start_sequence is None else by_sequence,
        opt_start_seq=start_sequence,
    )


async def reconcile_departments(js: JetStreamContext, codes: Iterable[str], *, start_sequence: int | None = None) -> Reconciled:
    """Create the queues that are missing, delete those whose department is gone, leave the rest as they are.

    Every code is checked before anything is changed. `start_sequence` is where new queues begin: after a wiped stream was
    refilled, the oldest order not yet signed. Throw-away consumers of other services are nobody's queue and are not touched.
    """
    wanted = {checked_code(code) for code in codes}
    present = {info.name for info in await _consumers(js) if info.config.durable_name}
    for code in sorted(wanted - present):
        await js.add_consumer(DEPARTMENT_STREAM, department_consumer(code, start_sequence=start_sequence))
    for code in sorted(present - wanted):
        await js.delete_consumer(DEPARTMENT_STREAM, code)
    return Reconciled(
        created=tuple(sorted(wanted - present)),
        deleted=tuple(sorted(present - wanted)),
        kept=tuple(sorted(wanted & present)),
    )


async def _consumers(js: JetStreamContext) -> list[ConsumerInfo]:
    """Read the list page by page; a city has more departments than one page holds."""
    found: dict[str, ConsumerInfo] = {}
    while page := await js.consumers_info(DEPARTMENT_STREAM, offset=len(found)):
        before = len(found)
        found.update({info.name: info for info in page})
        if len(found) == before:
            break
    return list(found.values())
