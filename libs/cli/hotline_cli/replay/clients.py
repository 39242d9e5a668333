"""The people who act in a replay, each signed in, and the patience they have: every step may be repeated without harm."""

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Self
from uuid import UUID

import httpx

from hotline_chassis.tokens import TokenSource, demo_tokens
from hotline_cli.replay.http import Answer, Host

_PAUSES = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 2.0, 5.0, 5.0, 5.0, 10.0, 10.0, 10.0)
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_UNAUTHORIZED = 401


class AwayError(Exception):
    """A service did not answer for a long while; the replay can be taken up again later."""


class RefusedError(Exception):
    """A service would not take a step."""


class Clients:
    """Signed-in clients of the services, by the name of a demo user."""

    def __init__(self, urls: Mapping[str, str], issuer: str) -> None:
        self.urls = dict(urls)
        self._issuer = issuer
        self._hosts = {service: Host(url) for service, url in urls.items()}
        self._sign_in = httpx.AsyncClient(timeout=10)
        self._tokens: dict[str, TokenSource] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._sign_in.aclose()
        for host in self._hosts.values():
            await host.close()

    async def call(
        self, service: str, method: str, path: str, *, user: str, body: object = None, key: UUID | None = None
    ) -> Answer:
        """Ask until there is an answer: a server that is away or too busy is asked again, with growing pauses."""
        source = self._tokens.get(user) or self._tokens.setdefault(user, demo_tokens(self._issuer, user, client=self._sign_in))
        said = ""
        for pause in _PAUSES:
            try:
                headers = {"Authorization": f"Bearer {await source.token()}"}
                if key is not None:
                    headers["Idempotency-Key"] = str(key)
                answer = await self._hosts[service].ask(method, path, headers=headers, body=body)
                if answer.status == _UNAUTHORIZED:
                    source.drop()
                elif answer.status not in _AGAIN:
                    return answer
                said = f"it answered {answer.status}"
            except (OSError, TimeoutError, httpx.HTTPError) as error:
                said = type(error).__name__
            await asyncio.sleep(pause)
        raise AwayError(f"{service} ({self.urls[service]}): no answer to {method} {path.partition('?')[0]}: {said}")

    async def read(self, service: str, path: str, *, user: str) -> dict[str, object]:
        """Read something that must be there."""
        answer = await self.call(service, "GET", path, user=user)
        if not answer.ok:
            raise AwayError(f"{service}: GET {path} was answered with {answer.status}: {told(answer)}")
        return answer.json()

    async def pages(self, service: str, path: str, *, user: str) -> list[dict[str, object]]:
        """Read a list to its last page."""
        items: list[dict[str, object]] = []
        cursor = ""
        while True:
            page = await self.read(service, f"{path}{cursor}", user=user)
            found = page.get("items")
            items += found if isinstance(found, list) else []
            following = page.get("next")
            if not following:
                return items
            cursor = f"&cursor={following}"


def told(answer: Answer) -> str:
    """Say why something was refused: the problem's code, field and rule, never its text."""
    try:
        problem = answer.json()
    except ValueError:
        return f"status {answer.status}"
    kind = str(problem.get("type", "")).rpartition(":")[2]
    words = [kind, *(str(problem[name]) for name in ("field", "rule") if problem.get(name))]
    return ", ".join(dict.fromkeys(filter(None, words))) or f"status {answer.status}"
