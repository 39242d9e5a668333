"""Reads a throw-away JetStream consumer: one lingering request is open at a time, and what it brings is taken by the batch.

nats-py's own `fetch` makes two tasks and a random id for every message, which cost more than decoding it, and asks anew for
each batch. Here the server sends what is published at once; while one batch is worked on the next one comes.
"""

import asyncio
import contextlib
import json
from collections import deque
from types import TracebackType
from typing import Self

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.js.api import ConsumerInfo, Header, StatusCode

from hotline_events.errors import GapError

_EXPIRES = 15.0
_OVER = (StatusCode.NO_MESSAGES, StatusCode.REQUEST_TIMEOUT)


class Pull:
    """What a consumer delivers, in order. Nothing is acknowledged, so whoever reads must prove that nothing is missing."""

    def __init__(self, client: Client, stream: str, consumer: str, *, most: int) -> None:
        self._client = client
        self._named = (stream, consumer)
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
        self._request = json.dumps({"batch": most, "expires": int(_EXPIRES * 1e9)}).encode()
        self._inbox = client.new_inbox()
        self._most = most
        self._subscription: Subscription | None = None
        self._messages: deque[Msg] = deque()
        self._owed = 0
        self._refused: str | None = None
        self._stir = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Listen for what the requests will bring."""
        self._subscription = await self._client.subscribe(self._inbox, cb=self._take)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Listen no more."""
        with contextlib.suppress(NatsError):
            if self._subscription is not None:
                await self._subscription.unsubscribe()

    async def fetch(self, timeout: float) -> list[Msg]:  # noqa: ASYNC109 - an empty answer, no error, is what it gives then
        """Return the next messages as soon as there are some, at most `most`; none when nothing came in time.

        Raises GapError when the server refuses: the consumer is gone.
        """
        try:
            async with asyncio.timeout(timeout):
                while not self._messages:
                    self._stir.clear()
                    await self._ask()
                    if not self._messages:
                        await self._stir.wait()
        except TimeoutError:
            return []
        batch = [self._messages.popleft() for _ in range(min(self._most, len(self._messages)))]
        if len(self._messages) < self._most:
            await self._ask()
        return batch

    async def consumer_info(self) -> ConsumerInfo:
        """Return what the server knows of the consumer; an error when it is gone."""
        info: ConsumerInfo = await self._client.jetstream().consumer_info(*self._named)
        return info

    async def _ask(self) -> None:
        """Open a request, unless one is open."""
        if self._refused is not None:
            raise GapError(self._refused)
        if self._owed <= 0:
            await self._client.publish(self._next, self._request, self._inbox)
            self._owed += self._most

    async def _take(self, message: Msg) -> None:
        status = message.headers and message.headers.get(Header.STATUS)
        if not status:
            self._messages.append(message)
            self._owed -= 1
        elif status in _OVER:
            self._owed = 0
        elif status != StatusCode.CONTROL_MESSAGE:
            self._refused = f"{self._next}: {status} {message.headers and message.headers.get(Header.DESCRIPTION)}"
        self._stir.set()
