"""The departments' durable queues follow the departments, and never what a view does not know yet."""

import asyncio
from typing import Any

from nats.js import JetStreamContext

from hotline_events.bootstrap import ensure_streams
from hotline_events.departments import reconcile_departments
from routing.adapters.reconciling import keep_queues


async def durables(js: JetStreamContext) -> list[str]:
    return sorted(info.name for info in await js.consumers_info("ROUTING"))


async def becomes(js: JetStreamContext, expected: list[str]) -> None:
    for _ in range(100):
        if await durables(js) == expected:
            return
        await asyncio.sleep(0.05)
    assert await durables(js) == expected


async def test_queues_come_and_go_with_the_departments(desk: Any) -> None:
    js = desk.runtime.client.jetstream()
    await ensure_streams(js)
    await desk.publish_tables("roads", "parks")
    await desk.project()
    keeping = asyncio.create_task(keep_queues(desk.runtime, every=0.2))
    try:
        await becomes(js, ["parks", "roads"])
        await desk.ask("POST", "/departments/parks/close", by="administrator")
        await desk.project()
        await becomes(js, ["roads"])
        await js.delete_consumer("ROUTING", "roads")
        await becomes(js, ["roads"])
    finally:
        keeping.cancel()


async def test_a_view_that_is_behind_deletes_no_queue(desk: Any) -> None:
    """A view that is filled anew knows no department yet; what departments have acknowledged must survive that."""
    js = desk.runtime.client.jetstream()
    await ensure_streams(js)
    await reconcile_departments(js, ["roads"])
    await desk.publish_tables("roads")
    keeping = asyncio.create_task(keep_queues(desk.runtime, every=0.1))
    try:
        await asyncio.sleep(2.5)
        assert await durables(js) == ["roads"]
        await desk.project()
        await asyncio.sleep(1)
        assert await durables(js) == ["roads"]
    finally:
        keeping.cancel()
