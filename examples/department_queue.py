"""Drain one department's queue: print a line for each event, then acknowledge it.

    NATS_URL=nats://127.0.0.1:4222 NATS_CREDS=roads.creds DEPARTMENT=roads python department_queue.py

With ONCE=1 it ends when the queue is empty; otherwise it waits for more until it is interrupted.
"""

import asyncio
import json
import os

import nats


async def main() -> None:
    department = os.environ["DEPARTMENT"]
    # A department may receive on its own inbox only.
    client = await nats.connect(
        os.environ["NATS_URL"], user_credentials=os.environ["NATS_CREDS"], inbox_prefix=f"_INBOX_{department}"
    )
    queue = await client.jetstream().pull_subscribe_bind(consumer=department, stream="ROUTING")
    while True:
        try:
            messages = await queue.fetch(50, timeout=2)
        except TimeoutError:  # the queue is empty
            if os.environ.get("ONCE"):
                break
            continue
        for message in messages:
            event = json.loads(message.data)
            print(event.get("time"), event.get("type"), event.get("subject"), flush=True)
            # Acknowledge only what is safely noted: an event that is not acknowledged comes again after 30 seconds.
            await message.ack_sync()
    await client.close()


if __name__ == "__main__":
    asyncio.run(main())
