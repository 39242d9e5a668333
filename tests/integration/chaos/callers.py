"""Clients as they should be: they make the ids, and repeat what was not answered under the same id until it is."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx
from journal import Command, Journal

from hotline_chassis.commands import creation_id
from hotline_embedded.city import City

PATIENCE = 4.0
_AGAIN = (502, 503, 504)
_NOT_FOUND = 404
_SERVER_ERROR = 500


class RefusedError(Exception):
    """A service refused what it should have taken; the journal has it, the life ends."""


class Caller:
    """Sends commands to the city and notes what came of them."""

    def __init__(self, city: City, journal: Journal) -> None:
        self._city = city
        self._journal = journal

    async def create(self, service: str, user: str, path: str, body: Mapping[str, object], *, stream: str) -> None:
        """Create a thing whose id stands in the path."""
        await self._send(
            Command(
                service=service,
                user=user,
                method="PUT",
                path=path,
                body=dict(body),
                command_id=creation_id(stream),
                stream=stream,
            )
        )

    async def tell(self, service: str, user: str, path: str, body: Mapping[str, object], *, stream: str) -> None:
        """Let something happen to a thing that exists."""
        await self._send(
            Command(
                service=service,
                user=user,
                method="POST",
                path=path,
                body=dict(body),
                command_id=uuid4(),
                stream=stream,
            )
        )

    async def see(self, service: str, user: str, path: str, **params: object) -> Any:
        """Read something, as soon as there is something to read."""
        while True:
            answer = await self._attempt(service, user, "GET", path, params=params)
            if answer is not None and answer.is_success:
                return answer.json()
            if answer is not None and answer.status_code not in (*_AGAIN, _NOT_FOUND):
                self._journal.refused[f"GET {service}: {_told(answer)}"] += 1
                raise RefusedError(path)
            await asyncio.sleep(0.05)

    async def _send(self, command: Command) -> None:
        self._journal.send(command)
        headers = {} if command.method == "PUT" else {"idempotency-key": str(command.command_id)}
        attempts = 0
        while True:
            attempts += 1
            self._journal.attempts += 1
            answer = await self._attempt(
                command.service, command.user, command.method, command.path, json=command.body, headers=headers
            )
            if answer is not None and answer.is_success:
                told = answer.json()
                self._journal.acknowledge(command, version=told["version"], position=told["position"], attempts=attempts)
                return
            if answer is not None and answer.status_code not in _AGAIN:
                self._journal.refuse(command, f"{_told(answer)} at attempt {min(attempts, 2)}{'+' * (attempts > 1)}")
                raise RefusedError(command.path)
            await asyncio.sleep(min(0.05 * attempts, 0.5))

    async def _attempt(self, service: str, user: str, method: str, path: str, **options: Any) -> httpx.Response | None:
        """Ask once; None when there was no answer, so that nobody knows what happened."""
        try:
            answer = await self._city.client(service, user).request(method, path, timeout=PATIENCE, **options)
        except httpx.HTTPError as error:
            self._journal.no_answer[type(error).__name__] += 1
            return None
        if answer.status_code in _AGAIN:
            self._journal.no_answer[str(answer.status_code)] += 1
        return answer


def _told(answer: httpx.Response) -> str:
    """Say how an answer refused, without its texts."""
    try:
        problem = answer.json()
    except ValueError:
        return str(answer.status_code)
    return f"{answer.status_code} {str(problem.get('type', '')).rpartition(':')[2]} {problem.get('rule', '')}".strip()
