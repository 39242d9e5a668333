"""Tokens for machines: a service that reads another's history, a replay, the command line.

A token is fetched when it is first needed, kept, and renewed well before it expires; many callers share one fetch.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from typing import Final

import httpx

from hotline_chassis.settings import Settings, SettingsError

_EARLY: Final = 0.8


class TokenSource:
    """Fetches tokens of one identity from one token endpoint."""

    def __init__(
        self,
        token_url: str,
        form: Mapping[str, str],
        *,
        client: httpx.AsyncClient | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._token_url = token_url
        self._form = dict(form)
        self._client = client
        self._clock = clock
        self._token = ""
        self._renew_at = float("-inf")
        self._lock = asyncio.Lock()

    async def token(self) -> str:
        """Return a token that is still good for a while."""
        if self._clock() < self._renew_at:
            return self._token
        async with self._lock:
            if self._clock() >= self._renew_at:
                await self._fetch()
        return self._token

    def drop(self) -> None:
        """Forget the token: a service did not believe it, perhaps because the provider's keys changed."""
        self._renew_at = float("-inf")

    async def _fetch(self) -> None:
        asked_at = self._clock()
        if self._client is not None:
            answer = await self._client.post(self._token_url, data=self._form)
        else:
            async with httpx.AsyncClient(timeout=10) as client:
                answer = await client.post(self._token_url, data=self._form)
        self._token, lifetime = _read(answer)
        self._renew_at = asked_at + lifetime * _EARLY


class BearerAuth(httpx.Auth):
    """Signs each request of an `httpx.AsyncClient`; a token that is refused is renewed once."""

    def __init__(self, source: TokenSource) -> None:
        self._source = source

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        request.headers["authorization"] = f"Bearer {await self._source.token()}"
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED:
            self._source.drop()
            request.headers["authorization"] = f"Bearer {await self._source.token()}"
            yield request

    def sync_auth_flow(self, _request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        raise TypeError("a token source is for asynchronous clients")


def demo_tokens(issuer: str, username: str, *, client: httpx.AsyncClient | None = None) -> TokenSource:
    """Tokens of a demo user of the development issuer."""
    return TokenSource(f"{issuer.rstrip('/')}/token", {"username": username}, client=client)


def service_tokens(settings: Settings) -> TokenSource:
    """Tokens of this service: from the development issuer, or by client credentials from the real provider."""
    if settings.development and not settings.client_secret:
        return demo_tokens(settings.issuer, settings.client_id or f"service@{settings.service}")
    if not (settings.token_url and settings.client_id and settings.client_secret):
        raise SettingsError("HOTLINE_TOKEN_URL, HOTLINE_CLIENT_ID and HOTLINE_CLIENT_SECRET_FILE", "are needed here")
    return TokenSource(
        settings.token_url,
        {
            "grant_type": "client_credentials",
            "client_id": settings.client_id,
            "client_secret": settings.client_secret,
            "audience": settings.audience,
        },
    )


def fetch_demo_token(issuer: str, username: str) -> str:
    """Fetch one token of a demo user, for the command line."""
    answer = httpx.post(f"{issuer.rstrip('/')}/token", data={"username": username}, timeout=10)
    return _read(answer)[0]


def _read(answer: httpx.Response) -> tuple[str, float]:
    answer.raise_for_status()
    content = answer.json()
    return str(content["access_token"]), float(content.get("expires_in", 60))
