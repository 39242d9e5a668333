"""A load generator that costs little: kept-alive connections over bare asyncio protocols, one request in flight on each."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self, cast

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length:"
_WARM_UP = 0.5


class Connection(asyncio.Protocol):
    """One kept-alive HTTP/1.1 connection to a server that answers with a content length."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    @classmethod
    async def to(cls, port: int) -> Self:
        """Open a connection to a port on loopback."""
        _, connection = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what to write to."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but its class

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail the request in flight."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError())

    def data_received(self, data: bytes) -> None:
        """Finish the answer when all of it is there."""
        self._received += data
        end = self._received.find(_HEAD_END)
        if end < 0 or self._answer is None:
            return
        head = bytes(self._received[:end]).lower()
        start = head.index(_LENGTH) + len(_LENGTH)
        length = int(head[start:].split(b"\r\n", 1)[0])
        if len(self._received) < end + 4 + length:
            return
        body = bytes(self._received[end + 4 : end + 4 + length])
        self._received.clear()
        if not self._answer.done():  # nobody waits any longer when the load has been stopped
            self._answer.set_result((int(head[9:12]), body))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send one request; return status and body."""
        assert self._transport is not None  # noqa: S101 - it is made before anyone holds it
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    async def json(self, request: bytes) -> Any:  # noqa: ANN401 - an answer's JSON
        """Send one request that must succeed; return what it answers."""
        status, body = await self.ask(request)
        assert status in {200, 201}, (status, request, body)  # noqa: S101 - a refusal would be a fast nothing
        return json.loads(body)

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()


def request(method: str, path: str, token: str, body: object = None) -> bytes:
    """Return the bytes of a request."""
    head = f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n"
    if body is None:
        return f"{head}\r\n".encode()
    content = json.dumps(body).encode()
    return f"{head}content-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n".encode() + content


@asynccontextmanager
async def connections(port: int, count: int) -> AsyncIterator[Sequence[Connection]]:
    """Open so many connections, and close them."""
    opened = [await Connection.to(port) for _ in range(count)]
    try:
        yield opened
    finally:
        for connection in opened:
            connection.close()


@dataclass(frozen=True, slots=True)
class Load:
    """How many requests a second were answered, and which part of a core it took to ask them."""

    rate: float
    asking: float


async def rate_of(step: Callable[[Connection], Awaitable[None]], opened: Sequence[Connection], seconds: float) -> Load:
    """Repeat a step on every connection at once, and count the steps after a short warm-up."""
    counts = [0] * len(opened)

    async def repeat(number: int, connection: Connection) -> None:
        while True:
            await step(connection)
            counts[number] += 1

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(repeat(number, connection)) for number, connection in enumerate(opened)]
        await asyncio.sleep(_WARM_UP)
        before, started, used = sum(counts), time.perf_counter(), time.process_time()
        await asyncio.sleep(seconds)
        load = Load(
            (sum(counts) - before) / (time.perf_counter() - started),
            (time.process_time() - used) / (time.perf_counter() - started),
        )
        for task in tasks:
            task.cancel()
    return load
