"""A stream that is watched live is told for as long as its reader may watch it, and no longer."""

import asyncio
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from hotline_chassis.access import AccessGate
from hotline_chassis.devissuer import Issuer
from hotline_chassis.keyset import KeySet
from hotline_chassis.rights import Right
from hotline_chassis.signin import CLOCK_SKEW, TokenVerifier
from hotline_chassis.sse import ServerEvent, event_stream

ISSUER = Issuer(url="http://issuer", audience="hotline", key=Ed25519PrivateKey.generate())
SOON = 0.02


@dataclass
class Watched:
    """A queue that a handler of roads watches; `taken` is what the hotline has taken from its users."""

    taken: list[tuple[str, str, str, str]] = field(default_factory=list)
    queue: asyncio.Queue[ServerEvent] = field(default_factory=asyncio.Queue)
    closed: bool = False

    async def execute(self, _statement: str) -> list[tuple[str, str, str, str]]:
        return self.taken

    async def told(self) -> AsyncGenerator[ServerEvent, None]:
        try:
            while True:
                yield await self.queue.get()
        finally:
            self.closed = True

    def tell(self, position: int) -> None:
        self.queue.put_nowait(ServerEvent(position=position, name="routing.work_order.transferred", data={}))

    def open(self, *, seconds: float = 600) -> StreamingResponse:
        """Watch with a token that is good for so long."""

        async def keys(_request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, json=ISSUER.jwks)

        async def stays() -> Any:
            await asyncio.sleep(3600)

        now = time.time()
        who = {"sub": "handler-3", "role": "department_handler", "department": "roads"}
        content = {"iss": ISSUER.url, "aud": ISSUER.audience, "iat": now - 60, "exp": now - CLOCK_SKEW + seconds, **who}
        token = jwt.encode(content, ISSUER.key, algorithm="EdDSA", headers={"kid": ISSUER.kid})
        app = FastAPI()
        known = KeySet("http://issuer/jwks.json", "EdDSA", transport=httpx.MockTransport(keys))
        app.state.verifier = TokenVerifier(known, issuer=ISSUER.url, audience=ISSUER.audience, algorithm="EdDSA")
        table: Any = self
        app.state.access = AccessGate(lambda: table, every=0)
        app.state.stopping = asyncio.Event()
        headers = [(b"authorization", f"Bearer {token}".encode())]
        request = Request({"type": "http", "app": app, "headers": headers}, stays)
        return event_stream(request, self.told(), right=Right.QUEUE_READ, heartbeat=60, look=SOON)


async def rest_of(response: StreamingResponse) -> list[str]:
    async with asyncio.timeout(10):
        return [str(chunk, "utf-8") for chunk in [chunk async for chunk in response.body_iterator] if isinstance(chunk, bytes)]


async def test_a_stream_ends_when_the_access_of_its_reader_is_taken() -> None:
    """A150: within a moment, though nothing happens in the queue."""
    watched = Watched()
    response = watched.open()
    chunks = aiter(response.body_iterator)
    await anext(chunks)
    watched.tell(7)
    told = await anext(chunks)
    assert isinstance(told, bytes)
    assert told.startswith(b"id: 7\n")
    watched.taken.append(("handler-3", "role", "department_handler", "roads"))
    assert await rest_of(response) == []
    assert watched.closed


async def test_nothing_is_told_any_more_to_whom_the_right_was_taken_from() -> None:
    """A150: not even what had happened before it was noticed."""
    watched = Watched()
    response = watched.open()
    await anext(aiter(response.body_iterator))
    watched.taken.append(("handler-3", "right", Right.QUEUE_READ.value, ""))
    watched.tell(8)
    assert await rest_of(response) == []


async def test_a_stream_ends_when_the_token_of_its_reader_runs_out() -> None:
    """A150: who is still let in comes back with a fresh one, and misses nothing."""
    watched = Watched()
    began = time.monotonic()
    assert await rest_of(watched.open(seconds=2)) == ["retry: 2000\n\n"]
    assert time.monotonic() - began >= 1
    assert watched.closed
