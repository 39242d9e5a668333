"""The one step that creates the streams: `python -m hotline_events.bootstrap`. Running it again changes nothing."""

import asyncio
import os

from hotline_events.broker import SERVICES, BrokerAddress, connect, ensure_streams


async def bootstrap(address: BrokerAddress, *, replicas: int = 1) -> list[str]:
    """Create what is missing and return it."""
    client = await connect(address)
    try:
        return await ensure_streams(client.jetstream(), SERVICES, replicas=replicas)
    finally:
        await client.close()


if __name__ == "__main__":
    where = BrokerAddress(
        url=os.environ["HOTLINE_NATS_URL"],
        name="bootstrap",
        credentials=os.environ.get("HOTLINE_NATS_CREDS", ""),
    )
    asyncio.run(bootstrap(where, replicas=int(os.environ.get("HOTLINE_STREAM_REPLICAS", "1"))))
