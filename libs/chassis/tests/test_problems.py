"""Every way a request can be wrong gets a problem that names field and rule, no 5xx, and no word of what was sent."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, ClassVar, Literal
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter, FastAPI, Response

from hotline_chassis.api import create_api
from hotline_chassis.fields import Body, Text, UtcDatetime, Whole
from hotline_chassis.http import ExpectedVersion, set_etag
from hotline_chassis.settings import Settings
from hotline_events.decider import RefusalError
from hotline_events.errors import CommandReusedError, NotFoundError, StoreUnavailableError, VersionConflictError

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ENGLISH = {"accept-language": "en"}


class LineClosedError(RefusalError):
    code: ClassVar[str] = "line_closed"
    rule: ClassVar[str | None] = "A21"
    field: ClassVar[str | None] = "line"


class UnknownLineError(RefusalError):
    status: ClassVar[int] = 422


class Lamp(StrEnum):
    RED = "red"
    GREEN = "green"
    AMBER = "amber"


class Caller(Body):
    name: Annotated[str, Text(20)]


class Matter(Body):
    matter: Annotated[str, Text(200)]
    received_at: UtcDatetime = NOW
    urgency: Whole = 1
    caller: Caller | None = None
    tags: tuple[Annotated[str, Text(20)], ...] = ()
    lamp: Literal[Lamp.RED, Lamp.GREEN] | None = None


router = APIRouter(prefix="/matters")


@router.put("/{matter_id}")
async def put_matter(matter_id: UUID, body: Matter, response: Response, version: ExpectedVersion) -> dict[str, object]:
    set_etag(response, (version or 0) + 1)
    return {"id": str(matter_id), "matter": body.matter, "received_at": body.received_at.isoformat()}


@router.get("/fail/{how}")
async def fail(how: str) -> None:
    errors = {
        "refused": LineClosedError("the line is closed"),
        "unknown": UnknownLineError("there is no such line"),
        "conflict": VersionConflictError("call-1", 1, 2),
        "reused": CommandReusedError(UUID(int=1)),
        "missing": NotFoundError("call 1"),
        "away": StoreUnavailableError("lost"),
        "lost": ConnectionRefusedError("no database at secret-host"),
        "bug": RuntimeError("Zhang San, 13800138000"),
    }
    raise errors[how]


@pytest.fixture(scope="module")
def app(settings: Settings) -> FastAPI:
    return create_api(settings, title="Matters", routers=[router], clock=lambda: NOW)


@pytest_asyncio.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as client:
        yield client


def problem(response: httpx.Response, status: int, code: str) -> dict[str, object]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    content: dict[str, object] = response.json()
    assert content["type"] == f"urn:hotline:problem:{code}"
    assert content["status"] == status
    assert len(str(content["trace_id"])) == 32
    return content


def url() -> str:
    return f"/matters/{uuid4()}"


async def test_a_right_matter_is_taken_with_its_next_version(client: httpx.AsyncClient) -> None:
    response = await client.put(
        url(), json={"matter": " 路灯不亮 ", "received_at": "2026-03-02T16:59:00+08:00"}, headers={"if-match": '"3"'}
    )
    assert response.status_code == 200
    assert response.headers["etag"] == '"4"'
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.json()["matter"] == "路灯不亮"
    assert response.json()["received_at"] == "2026-03-02T08:59:00+00:00"


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"",
        b"[1,",
        b'{"matter": \xff}',
        b'{"matter": "\x00"}',
        b"[" * 100_000,
        b'{"urgency": ' + b"9" * 5000 + b"}",
    ],
)
async def test_what_is_not_json_is_refused(client: httpx.AsyncClient, raw: bytes) -> None:
    response = await client.put(url(), content=raw, headers={"content-type": "application/json"})
    assert response.status_code in {400, 422}
    assert response.headers["content-type"] == "application/problem+json"


async def test_broken_json_is_told_as_such(client: httpx.AsyncClient) -> None:
    response = await client.put(url(), content=b'{"matter":', headers={"content-type": "application/json"})
    assert problem(response, 400, "malformed_json")["field"] == "body"


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        ({"colour": "red"}, "body.colour", "extra_forbidden"),
        ({"张三 13800138000": 1}, "body.?", "extra_forbidden"),
        ({"matter": 5}, "body.matter", "string_type"),
        ({"matter": "   "}, "body.matter", "string_too_short"),
        ({"matter": "x" * 201}, "body.matter", "string_too_long"),
        ({"matter": "a\0b"}, "body.matter", "no_nul"),
        ({"tags": ["fine", "a\0b"]}, "body.tags.1", "no_nul"),
        ({"caller": {"name": "a\0b"}}, "body.caller.name", "no_nul"),
        ({"urgency": "1"}, "body.urgency", "int_type"),
        ({"urgency": True}, "body.urgency", "int_type"),
        ({"received_at": "2026-03-02T09:05:01Z"}, "body.received_at", "not_in_the_future"),
        ({"received_at": "1969-12-31T23:59:59Z"}, "body.received_at", "not_before_1970"),
        ({"received_at": "0001-01-01T00:00:00+14:00"}, "body.received_at", "timestamp"),
        ({"received_at": "2026-03-02T09:00:00"}, "body.received_at", "timezone_required"),
        ({"received_at": "2026-02-30T09:00:00Z"}, "body.received_at", "datetime_from_date_parsing"),
        ({"received_at": 1700000000}, "body.received_at", "timestamp"),
        ({"received_at": "1700000000"}, "body.received_at", "timestamp"),
    ],
)
async def test_input_that_breaks_a_rule_is_refused_by_field_and_rule(
    client: httpx.AsyncClient, change: dict[str, object], field: str, rule: str
) -> None:
    response = await client.put(url(), json={"matter": "路灯不亮", **change})
    content = problem(response, 422, "invalid_input")
    assert (content["field"], content["rule"]) == (field, rule)
    assert "13800138000" not in response.text


async def test_the_words_that_a_field_may_have_are_told_as_a_client_writes_them(client: httpx.AsyncClient) -> None:
    content = problem(await client.put(url(), json={"matter": "路灯不亮", "lamp": "amber"}), 422, "invalid_input")
    assert content["errors"] == [{"field": "body.lamp", "rule": "literal_error", "limit": "'red' or 'green'"}]


@pytest.mark.parametrize("field", ["matter", "colour"])
async def test_a_lone_surrogate_is_refused_and_never_an_error(client: httpx.AsyncClient, field: str) -> None:
    raw = json.dumps({"matter": "x", field: "\ud800"}).encode()
    response = await client.put(url(), content=raw, headers={"content-type": "application/json"})
    problem(response, 422, "invalid_input")
    response = await client.put(url(), content=b'{"matter": "x", "\\ud800": 1}', headers={"content-type": "application/json"})
    problem(response, 422, "invalid_input")


async def test_a_time_five_minutes_ahead_is_a_slow_clock_and_taken(client: httpx.AsyncClient) -> None:
    ahead = (NOW + timedelta(minutes=5)).isoformat()
    assert (await client.put(url(), json={"matter": "x", "received_at": ahead})).status_code == 200


async def test_a_text_of_a_megabyte_is_refused_before_it_is_read(client: httpx.AsyncClient) -> None:
    problem(await client.put(url(), json={"matter": "x" * 1_000_000}), 413, "body_too_large")


async def test_a_streamed_megabyte_of_unknown_length_is_refused(client: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"matter": "'
        for _ in range(1000):
            yield b"x" * 1000
        yield b'"}'

    response = await client.put(url(), content=chunks(), headers={"content-type": "application/json"})
    problem(response, 413, "body_too_large")


async def test_another_content_type_is_refused(client: httpx.AsyncClient) -> None:
    problem(
        await client.put(url(), content=b"matter=x", headers={"content-type": "text/plain"}),
        415,
        "unsupported_media_type",
    )
    problem(await client.put(url(), content=b"matter=x"), 415, "unsupported_media_type")


async def test_a_nul_in_the_address_is_refused(client: httpx.AsyncClient) -> None:
    problem(await client.get("/matters/fail/bug?cursor=%00"), 422, "invalid_input")
    problem(await client.get("/matters/fail/%00"), 422, "invalid_input")


async def test_an_id_that_is_none_is_refused(client: httpx.AsyncClient) -> None:
    content = problem(await client.put("/matters/17", json={"matter": "x"}), 422, "invalid_input")
    assert (content["field"], content["rule"]) == ("path.matter_id", "uuid_parsing")


async def test_unknown_paths_and_methods_are_problems_too(client: httpx.AsyncClient) -> None:
    problem(await client.get("/nothing"), 404, "not_found")
    response = await client.delete("/matters/fail/bug")
    problem(response, 405, "method_not_allowed")
    assert response.headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("refused", 409, "line_closed"),
        ("unknown", 422, "refused"),
        ("conflict", 409, "version_conflict"),
        ("reused", 422, "command_reused"),
        ("missing", 404, "not_found"),
        ("away", 503, "unavailable"),
        ("lost", 503, "unavailable"),
        ("bug", 500, "internal_error"),
    ],
)
async def test_every_error_has_its_problem(client: httpx.AsyncClient, how: str, status: int, code: str) -> None:
    response = await client.get(f"/matters/fail/{how}")
    content = problem(response, status, code)
    assert "13800138000" not in response.text
    assert "secret-host" not in response.text
    assert ("retry-after" in response.headers) == (status == 503)
    if how == "refused":
        assert (content["field"], content["rule"], content["detail"]) == ("line", "A21", "the line is closed")


async def test_a_conflict_is_412_when_the_client_named_a_version(client: httpx.AsyncClient) -> None:
    response = await client.get("/matters/fail/conflict", headers={"if-match": '"1"'})
    problem(response, 412, "version_conflict")


async def test_titles_are_chinese_unless_english_is_asked_for(client: httpx.AsyncClient) -> None:
    assert (await client.get("/nothing")).json()["title"] == "未找到"
    assert (await client.get("/nothing", headers=ENGLISH)).json()["title"] == "Not found"
    both = await client.get("/nothing", headers={"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"})
    assert both.json()["title"] == "未找到"
    assert both.headers["content-language"] == "zh-CN"


async def test_a_problem_joins_the_trace_of_its_request(client: httpx.AsyncClient) -> None:
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    response = await client.get("/nothing", headers={"traceparent": f"00-{trace_id}-00f067aa01f902b7-01"})
    assert response.json()["trace_id"] == trace_id


async def test_an_unexpected_error_is_logged_without_its_text(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    await client.get("/matters/fail/bug")
    (record,) = [record for record in caplog.records if record.name == "hotline_chassis.guard"]
    assert vars(record)["error"] == "builtins.RuntimeError"
    assert "13800138000" not in str(vars(record))


async def test_the_openapi_document_names_the_problems_of_every_route(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    responses = document["paths"]["/matters/{matter_id}"]["put"]["responses"]
    assert {"400", "401", "403", "404", "409", "412", "413", "422", "503"} <= responses.keys()
    assert list(responses["422"]["content"]) == ["application/problem+json"]
    assert document["components"]["schemas"]["Problem"]["examples"]


async def test_health_and_metrics_answer_without_sign_in(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health/live")).json() == {"status": "live"}
    assert (await client.get("/health/ready")).json() == {"status": "ready", "checks": {}}
    assert 'route="/matters/{matter_id}"' in (await client.get("/metrics")).text
