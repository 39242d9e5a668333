"""The outermost layer of every API, in plain ASGI: what no request may do, and what every answer carries.

Here a request joins its trace and gets its span, a body is measured while it streams, an unexpected error becomes a
problem that says nothing of its text, and the security headers are set.
"""

import logging
import time
from typing import Final

from fastapi import FastAPI
from opentelemetry import context as otel_context
from opentelemetry.trace import SpanKind, set_span_in_context
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hotline_chassis.fields import clock_of_request
from hotline_chassis.logs import describe
from hotline_chassis.metrics import requests_seconds
from hotline_chassis.problems import ProblemError, problem_of, problem_response
from hotline_chassis.telemetry import parse_traceparent, start_span

MAX_BODY: Final = 256 * 1024
_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_METHODS: Final = _WITH_BODY | {"GET", "HEAD", "OPTIONS"}
_ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
_DOCUMENTATION: Final = "/docs"
_log = logging.getLogger(__name__)


class Guard:
    """Wraps an application. `content_types` are the media types that a request's body may have."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_body: int = MAX_BODY,
        content_types: tuple[str, ...] = ("application/json",),
    ) -> None:
        self._app = app
        self._max_body = max_body
        self._content_types = frozenset(content_types)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        method = scope["method"] if scope["method"] in _METHODS else "_"
        span = start_span(method, parent=parse_traceparent(headers.get("traceparent")), kind=SpanKind.SERVER)
        token = otel_context.attach(set_span_in_context(span))
        exchange = _Exchange(scope, receive, send, self._max_body)
        started = time.perf_counter()
        try:
            await self._answer(exchange, headers)
        finally:
            route = getattr(scope.get("route"), "path", "_")
            span.update_name(f"{method} {route}")
            span.set_attribute("http.route", route)
            span.set_attribute("http.response.status_code", exchange.status)
            otel_context.detach(token)
            span.end()
            requests_seconds.labels(method, route, str(exchange.status)).observe(time.perf_counter() - started)

    async def _answer(self, exchange: "_Exchange", headers: Headers) -> None:
        app: FastAPI = exchange.scope["app"]
        clock = getattr(app.state, "clock", None)
        token = clock_of_request.set(clock)
        try:
            self._check(exchange.scope, headers)
            await self._app(exchange.scope, exchange.receive, exchange.send)
        except Exception as error:  # noqa: BLE001 - nothing may leave without a problem
            await exchange.fail(error)
        finally:
            clock_of_request.reset(token)

    def _check(self, scope: Scope, headers: Headers) -> None:
        if "\0" in scope["path"] or b"%00" in scope.get("query_string", b""):
            raise ProblemError(422, "invalid_input", field="url", rule="no_nul")
        if scope["method"] not in _WITH_BODY:
            return
        length = headers.get("content-length")
        if length is not None and (not length.isdecimal() or int(length[:20]) > self._max_body):
            raise ProblemError(413, "body_too_large", field="body", rule=f"at_most_{self._max_body}_bytes")
        has_body = length not in {None, "0"} or "transfer-encoding" in headers
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        if has_body and media_type not in self._content_types:
            raise ProblemError(415, "unsupported_media_type", field="content-type", rule="content_type")


class _Exchange:
    """One request and its answer: counts the body, remembers the status, adds the headers."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, max_body: int) -> None:
        self.scope = scope
        self.status = 0
        self._receive = receive
        self._send = send
        self._left = max_body
        self._max_body = max_body

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                # The framework lets exactly this class pass through its own handling of broken bodies.
                raise HTTPException(413)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            present = {name for name, _ in message.get("headers", ())}
            if self.scope["path"] == _DOCUMENTATION:
                present.add(b"content-security-policy")
            added = [header for header in _ALWAYS if header[0] not in present]
            message = {**message, "headers": [*message.get("headers", ()), *added]}
        await self._send(message)

    async def fail(self, error: Exception) -> None:
        problem = problem_of(error)
        if problem.code == "internal_error":
            _log.error("unexpected error", extra=describe(error))
        if self.status:
            # Too late for a problem: the broken connection is the only way left to say so.
            raise ConnectionAbortedError from None
        await problem_response(self.scope, problem)(self.scope, self._receive, self.send)
