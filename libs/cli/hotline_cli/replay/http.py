"""A lean HTTP client: keep-alive connections, one request at a time on each, nothing that a JSON API does not need.

A replay shares the machine with all the services it drives, so what the client costs is taken from them. Parsing is
httptools'; a broken or silent connection is an error, and whoever asked decides whether to ask again.
"""

import asyncio
import json
import ssl
from collections import deque
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import httptools

_TIMEOUT = 30.0
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body of an answer."""

    status: int
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004 - that is what ok means

    def json(self) -> dict[str, object]:
        content = json.loads(self.body)
        return content if isinstance(content, dict) else {}

    def items(self) -> list[dict[str, object]]:
        """Return the objects of an answer that is a page of a list, or a plain list as the indicators are."""
        content = json.loads(self.body)
        found = content.get("items") if isinstance(content, dict) else content
        return found if isinstance(found, list) else []


class _Connection(asyncio.Protocol):
    """One keep-alive connection; the parser calls its `on_…` methods."""

    def __init__(self) -> None:
        self.usable = True
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._body: list[bytes] = []
        self._parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a stream connection has one
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._break(ConnectionError(f"not HTTP: {error}"))

    def connection_lost(self, exc: Exception | None) -> None:
        self._break(ConnectionError(str(exc or "the server closed the connection")))

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        self.usable = self._parser.should_keep_alive()
        waiting, self._answer = self._answer, None
        answer = Answer(self._parser.get_status_code(), b"".join(self._body))
        self._body = []
        self._parser = httptools.HttpResponseParser(self)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    async def ask(self, request: bytes, seconds: float) -> Answer:
        if self._transport is None or not self.usable:
            raise ConnectionError("the connection is closed")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        try:
            async with asyncio.timeout(seconds):
                return await self._answer
        except BaseException:
            # An answer that comes later must not meet the next question.
            self.close()
            raise

    def close(self) -> None:
        self.usable = False
        if self._transport is not None:
            self._transport.close()

    def _break(self, error: ConnectionError) -> None:
        self.close()
        waiting, self._answer = self._answer, None
        if waiting is not None and not waiting.done():
            waiting.set_exception(error)


class Host:
    """One service's address and its idle connections."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError(f"{url!r} is not the address of an API")
        self._parts: SplitResult = parts
        self._name: str = parts.hostname
        self._idle: deque[_Connection] = deque()
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None

    async def ask(
        self, method: str, path: str, *, headers: dict[str, str], body: object = None, seconds: float = _TIMEOUT
    ) -> Answer:
        """Send one request and return its answer; raises OSError or TimeoutError when there is none."""
        request = self._written(method, path, headers, body)
        connection = await self._connection()
        answer = await connection.ask(request, seconds)
        if connection.usable:
            self._idle.append(connection)
        return answer

    async def close(self) -> None:
        while self._idle:
            self._idle.pop().close()
        await asyncio.sleep(0)

    def _written(self, method: str, path: str, headers: dict[str, str], body: object) -> bytes:
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        lines = [f"{method} {self._parts.path.rstrip('/')}{path} HTTP/1.1", f"Host: {self._parts.netloc}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body is not None:
            lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
        return "\r\n".join((*lines, "", "")).encode("ascii") + content

    async def _connection(self) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.usable:
                return connection
        port = self._parts.port or _PORTS[self._parts.scheme]
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(_Connection, self._name, port, ssl=self._tls)
        return connection
