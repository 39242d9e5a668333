"""Versions, command ids, fingerprints and pages: what a client can rely on when it repeats, and what is refused."""

import re
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter, FastAPI, Request, Response

from hotline_chassis.api import create_api
from hotline_chassis.fields import Body, Text
from hotline_chassis.http import CommandId, ExpectedVersion, fingerprint, set_etag
from hotline_chassis.pagination import Page, PageOf
from hotline_chassis.roles import Role
from hotline_chassis.settings import Settings
from hotline_chassis.signin import Principal


class Matter(Body):
    matter: Annotated[str, Text(200)]


router = APIRouter(prefix="/matters")


@router.put("/{matter_id}")
async def put_matter(matter_id: UUID, body: Matter, response: Response, version: ExpectedVersion) -> dict[str, str]:
    set_etag(response, (version or 0) + 1)
    return {"id": str(matter_id), "matter": body.matter}


@router.post("/commands")
async def post_command(request: Request, body: Matter, command_id: CommandId) -> dict[str, str]:
    digest = await fingerprint(request, Principal(actor_id="taker", role=Role.CALL_TAKER))
    return {"command_id": str(command_id), "fingerprint": digest.hex(), "matter": body.matter}


@router.get("")
async def list_matters(page: Page) -> PageOf[str]:
    after = page.after(int, UUID)
    start = after[0] + 1 if after else 0
    rows = list(range(start, min(start + page.fetch, 10)))
    return page.page(rows, lambda row: (row, UUID(int=row)), str)


@pytest_asyncio.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app: FastAPI = create_api(settings, title="Matters", routers=[router])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as client:
        yield client


def problem(response: httpx.Response, status: int, code: str) -> dict[str, object]:
    assert response.status_code == status, response.text
    content: dict[str, object] = response.json()
    assert content["type"] == f"urn:hotline:problem:{code}"
    return content


def url() -> str:
    return f"/matters/{uuid4()}"


@pytest.mark.parametrize(("sent", "answered"), [('"3"', '"4"'), ('W/"3"', '"4"'), ("3", '"4"'), (None, '"1"')])
async def test_the_version_a_client_decided_on_travels_in_if_match(
    client: httpx.AsyncClient, sent: str | None, answered: str
) -> None:
    response = await client.put(url(), json={"matter": "x"}, headers={"if-match": sent} if sent else {})
    assert response.headers["etag"] == answered


@pytest.mark.parametrize("version", ["x", '"x"', '"-1"', "*", '"3", "4"', '"99999999999999999999"'])
async def test_rubbish_in_if_match_is_refused(client: httpx.AsyncClient, version: str) -> None:
    problem(await client.put(url(), json={"matter": "x"}, headers={"if-match": version}), 400, "bad_if_match")


async def test_a_repeat_has_the_same_fingerprint_and_another_content_has_not(client: httpx.AsyncClient) -> None:
    headers = {"idempotency-key": str(uuid4())}
    first = await client.post("/matters/commands", json={"matter": "x"}, headers=headers)
    again = await client.post("/matters/commands", json={"matter": "x"}, headers=headers)
    other = await client.post("/matters/commands", json={"matter": "y"}, headers=headers)
    assert first.json() == again.json()
    assert first.json()["command_id"] == headers["idempotency-key"]
    assert first.json()["fingerprint"] != other.json()["fingerprint"]


@pytest.mark.parametrize("headers", [{}, {"idempotency-key": "1"}])
async def test_a_command_without_a_usable_id_is_refused(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    problem(await client.post("/matters/commands", json={"matter": "x"}, headers=headers), 400, "bad_idempotency_key")


async def test_pages_follow_each_other_to_the_end(client: httpx.AsyncClient) -> None:
    seen: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(5):
        content = (await client.get("/matters", params={"limit": "4", **cursor})).json()
        seen += content["items"]
        if content["next"] is None:
            break
        cursor = {"cursor": content["next"]}
    assert seen == [str(number) for number in range(10)]


@pytest.mark.parametrize("cursor", ["", "x", "a" * 500, "W10", "WzFd", "WyIxIiwiMiJd", "%E4%BD%A0", "WzFlNTAwLCIxIl0"])
async def test_a_made_up_cursor_is_refused(client: httpx.AsyncClient, cursor: str) -> None:
    problem(await client.get(f"/matters?cursor={cursor}"), 400, "bad_cursor")


@pytest.mark.parametrize("limit", ["0", "201", "x"])
async def test_a_page_has_one_to_two_hundred_items(client: httpx.AsyncClient, limit: str) -> None:
    content = problem(await client.get("/matters", params={"limit": limit}), 422, "invalid_input")
    assert content["field"] == "query.limit"


async def test_the_documentation_asks_nothing_of_another_host(settings: Settings) -> None:
    """An office's network reaches no public host: script and style come from the service itself."""
    app = create_api(settings, title="Matters", routers=[router])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as reader:
        page = await reader.get("/docs")
        fetched = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert len(fetched) == 3
        for address in fetched:
            assert httpx.URL(address).host == "api"
            assert (await reader.get(address)).status_code == 200
    assert "content-security-policy" not in page.headers
