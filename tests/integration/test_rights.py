"""Every endpoint and every role in a table (A144-A146): an endpoint that is missing from it fails the test.

The tables in `rights` are written by hand, a file a concern, and say who is meant to get in; they are not computed from the
table in `hotline_chassis.rights`.
"""

import asyncio
import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from hotline_chassis.roles import Role
from hotline_chassis.signin import rights_of_routes
from hotline_embedded.city import City

DEPARTMENT = "rights-roads"
# The columns of the tables, in this order: who asks.
USERS = (
    "call_taker",
    "shift_leader",
    "dispatcher",
    f"handler@{DEPARTMENT}",
    f"head@{DEPARTMENT}",
    "revisit_agent",
    "inspector",
    "oversight_officer",
    "administrator",
    "service@anything",
)
TABLES = Path(__file__).parent / "rights"
Endpoint = tuple[str, str, str]
REFUSED = {401, 403}


def _table() -> Iterator[tuple[Endpoint, tuple[bool, ...]]]:
    for file in sorted(TABLES.glob("*.txt")):
        for line in file.read_text().splitlines():
            if line.startswith("#"):
                continue
            service, method, path, *marks = line.split()
            assert len(marks) == len(USERS), line
            yield (service, method, path), tuple(mark == "x" for mark in marks)


ALLOWED: Mapping[Endpoint, tuple[bool, ...]] = dict(_table())


def _app(service: str, stack: City, environment: pytest.MonkeyPatch) -> FastAPI:
    with environment.context() as patch:
        for name, value in stack.env(service).items():
            patch.setenv(name, value)
        app: FastAPI = importlib.import_module(f"{service}.main").api()
        return app


def test_every_role_has_a_column() -> None:
    assert len(USERS) == len(Role)


def test_every_endpoint_has_a_right_and_stands_in_the_table(stack: City, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {
        (service, method, path): right
        for service in stack.services
        for method, path, right in rights_of_routes(_app(service, stack, monkeypatch))
    }
    assert [endpoint for endpoint, right in found.items() if right is None] == []
    assert sorted(found.keys() - ALLOWED.keys()) == []
    assert sorted(ALLOWED.keys() - found.keys()) == []


async def test_every_endpoint_lets_in_exactly_the_roles_of_the_table(stack: City) -> None:
    answers = await asyncio.gather(*(_row(stack, endpoint) for endpoint in ALLOWED))
    wrong = [
        (*endpoint, user, status)
        for endpoint, statuses in zip(ALLOWED, answers, strict=True)
        for user, allowed, status in zip(USERS, ALLOWED[endpoint], statuses, strict=True)
        if (status in REFUSED or status >= 500 if allowed else status != 403)
    ]
    assert wrong == []


async def test_no_endpoint_answers_anyone_who_is_not_signed_in(stack: City) -> None:
    async with httpx.AsyncClient(timeout=30) as client:
        answers = [await _status(client, f"{stack.url(service)}{_path(path)}", method) for service, method, path in ALLOWED]
        assert set(answers) == {401}


async def _row(stack: City, endpoint: Endpoint) -> list[int]:
    """Ask an endpoint as everyone, with a body that says nothing: whoever may do it is told what is missing."""
    service, method, path = endpoint
    return [await _status(stack.client(service, user), _path(path), method) for user in USERS]


async def _status(client: httpx.AsyncClient, path: str, method: str) -> int:
    """Return the status alone: a stream of events has no end to wait for."""
    body = {} if method in {"PUT", "POST"} else None
    async with client.stream(method, path, json=body) as answer:
        return answer.status_code


def _path(path: str) -> str:
    for name in ("code", "department"):
        path = path.replace(f"{{{name}}}", DEPARTMENT)
    path = path.replace("{table_version}", "1")
    while "{" in path:
        before, _, rest = path.partition("{")
        path = before + str(UUID(int=404)) + rest.partition("}")[2]
    return path
