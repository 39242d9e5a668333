"""Bad input: a problem that names field and rule, never a 5xx, and nothing written by it."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from hotline_embedded.city import City

PROBLEM = "application/problem+json"
CALL = {"line": "12345"}


def request_body(**changes: object) -> dict[str, object]:
    return {
        "requester_id": str(uuid4()),
        "anonymous": True,
        "channel": "phone",
        "read_back": True,
        "request_type": "complaint",
        "title": "路灯不亮",
        "matter": "解放路口的路灯三天不亮。",
        **changes,
    }


@pytest.fixture
async def nothing_is_written(stack: City) -> AsyncIterator[None]:
    """Prove that no service stored an event while the test ran."""
    before = await stack.settled()
    yield
    assert await stack.heads() == before


def assert_problem(answer: httpx.Response, status: int, field: str | None = None, rule: str | None = None) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    told = answer.json()
    assert told["status"] == status
    assert told["title"]
    assert told["type"].startswith("urn:hotline:problem:")
    if field is not None:
        assert (told.get("field"), told.get("rule")) == (field, rule)


MALFORMED = {
    "a cut off object": b'{"line": "12345"',
    "no JSON at all": b"line=12345",
    "an empty body": b"",
    "bytes that are no text": b'{"line": "\xff\xfe"}',
    "a word": b"nonsense",
    "very deep brackets": b"[" * 100_000,
    "NaN": b'{"line": NaN}',
    "a list": b"[]",
    "null": b"null",
}


@pytest.mark.usefixtures("nothing_is_written")
@pytest.mark.parametrize("content", MALFORMED.values(), ids=MALFORMED.keys())
async def test_what_is_no_json_object_is_refused(stack: City, content: bytes) -> None:
    headers = {"content-type": "application/json"}
    taker = stack.client("intake", "call_taker")
    answer = await taker.put(f"/calls/{uuid4()}", content=content, headers=headers)
    assert answer.status_code in {400, 422}
    assert_problem(answer, answer.status_code)
    assert answer.json()["field"].startswith("body")
    assert answer.json()["rule"]


@pytest.mark.usefixtures("nothing_is_written")
async def test_another_media_type_is_refused(stack: City) -> None:
    taker = stack.client("intake", "call_taker")
    answer = await taker.put(f"/calls/{uuid4()}", content=b"<line/>", headers={"content-type": "text/xml"})
    assert_problem(answer, 415, "content-type", "content_type")


WRONG_CALLS: dict[str, tuple[dict[str, Any], str, str]] = {
    "an unknown field": ({**CALL, "colour": "red"}, "body.colour", "extra_forbidden"),
    "a missing field": ({}, "body.line", "missing"),
    "a number for a text": ({"line": 12345}, "body.line", "string_type"),
    "an empty text": ({"line": ""}, "body.line", "string_too_short"),
    "a text of blanks": ({"line": "   "}, "body.line", "string_too_short"),
    "a list for a text": ({"line": ["12345"]}, "body.line", "string_type"),
    "a text for yes or no": ({**CALL, "emergency": "yes"}, "body.emergency", "bool_type"),
    "an id that is none": ({**CALL, "caller_id": "7"}, "body.caller_id", "uuid_parsing"),
    "a time of the future": ({**CALL, "occurred_at": "2099-01-01T00:00:00Z"}, "body.occurred_at", "not_in_the_future"),
    "a time before 1970": ({**CALL, "occurred_at": "1969-12-31T23:59:59Z"}, "body.occurred_at", "not_before_1970"),
    "a time without zone": ({**CALL, "occurred_at": "2026-03-02T04:00:00"}, "body.occurred_at", "timezone_required"),
    "a day that is none": ({**CALL, "occurred_at": "2026-02-30T04:00:00Z"}, "body.occurred_at", "datetime_from_date_parsing"),
    "a number for a time": ({**CALL, "occurred_at": 1_700_000_000}, "body.occurred_at", "timestamp"),
    "NUL": ({"line": "1\u00002"}, "body.line", "no_nul"),
}


@pytest.mark.usefixtures("nothing_is_written")
@pytest.mark.parametrize(("body", "field", "rule"), WRONG_CALLS.values(), ids=WRONG_CALLS.keys())
async def test_a_wrong_field_is_named_with_the_rule_that_it_breaks(
    stack: City, body: dict[str, Any], field: str, rule: str
) -> None:
    answer = await stack.client("intake", "call_taker").put(f"/calls/{uuid4()}", json=body)
    assert_problem(answer, 422)
    assert answer.json()["field"] == field
    assert answer.json()["rule"].startswith(rule.partition("_from_")[0])


@pytest.mark.usefixtures("nothing_is_written")
@pytest.mark.parametrize("surrogate", [r"\ud800", r"\udfff\ud800"])
async def test_a_text_that_is_no_unicode_is_refused(stack: City, surrogate: str) -> None:
    content = json.dumps(request_body(matter="HERE")).replace("HERE", surrogate)
    answer = await stack.client("intake", "call_taker").put(
        f"/requests/{uuid4()}", content=content, headers={"content-type": "application/json"}
    )
    assert answer.status_code in {400, 422}
    assert answer.json()["field"].startswith("body")


@pytest.mark.usefixtures("nothing_is_written")
async def test_a_text_of_a_megabyte_is_refused_before_it_is_read(stack: City) -> None:
    taker = stack.client("intake", "call_taker")
    answer = await taker.put(f"/requests/{uuid4()}", json=request_body(matter="长" * 400_000))
    assert_problem(answer, 413, "body", "at_most_262144_bytes")

    async def in_pieces() -> AsyncIterator[bytes]:
        for piece in [b'{"line":"'] + [b"1" * 65_536] * 16 + [b'"}']:
            yield piece

    answer = await taker.put(f"/calls/{uuid4()}", content=in_pieces(), headers={"content-type": "application/json"})
    assert_problem(answer, 413)


@pytest.mark.usefixtures("nothing_is_written")
async def test_a_text_that_is_too_long_is_told_its_limit(stack: City) -> None:
    taker = stack.client("intake", "call_taker")
    answer = await taker.put(f"/requests/{uuid4()}", json=request_body(matter="长" * 20_001))
    assert_problem(answer, 422, "body.matter", "string_too_long")
    assert answer.json()["errors"][0]["limit"] == 20_000
    assert "长" not in answer.text


@pytest.mark.usefixtures("nothing_is_written")
@pytest.mark.parametrize(
    "path", ["/calls/7", "/calls/%00", f"/calls/{uuid4()}%00", "/requests/../../etc", f"/calls/{'9' * 4000}"]
)
async def test_an_id_that_is_none_is_refused(stack: City, path: str) -> None:
    answer = await stack.client("intake", "call_taker").put(path, json=CALL)
    assert answer.status_code in {404, 405, 422}
    assert_problem(answer, answer.status_code)


@pytest.mark.usefixtures("nothing_is_written")
@pytest.mark.parametrize(
    ("service", "user", "path", "field"),
    [
        ("intake", "call_taker", "/calls?cursor=made-up", "query.cursor"),
        ("intake", "call_taker", "/calls?limit=100000", "query.limit"),
        ("intake", "call_taker", "/calls?status=asleep", "query.status"),
        ("intake", "call_taker", "/requests?after=-1", "query.after"),
        ("routing", "dispatcher", "/work-orders?cursor=W10", "query.cursor"),
        ("routing", "dispatcher", "/work-orders?status=asleep", "query.status"),
        ("followup", "revisit_agent", "/revisits?cursor=%7B%7D", "query.cursor"),
        ("reporting", "shift_leader", "/indicators?from=yesterday&to=2026-01-01T00:00:00Z", "query.from"),
        ("reporting", "shift_leader", "/indicators?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "query.to"),
        ("reporting", "shift_leader", "/reports/open-orders?cursor=bm9uZQ", "query.cursor"),
    ],
)
async def test_a_query_that_makes_no_sense_is_refused(stack: City, service: str, user: str, path: str, field: str) -> None:
    answer = await stack.client(service, user).get(path)
    assert answer.status_code in {400, 422}
    assert_problem(answer, answer.status_code)
    assert answer.json()["field"] == field
    assert answer.json()["rule"]


async def test_a_wrong_version_is_refused_and_changes_nothing(stack: City) -> None:
    call_id, taker = uuid4(), stack.client("intake", "call_taker")
    await stack.tell("intake", "call_taker", f"/calls/{call_id}", CALL)
    before = await stack.settled()
    stale = await taker.post(f"/calls/{call_id}/answer", json={}, headers={"if-match": '"7"'})
    assert_problem(stale, 412)
    rubbish = await taker.post(f"/calls/{call_id}/answer", json={}, headers={"if-match": "latest"})
    assert_problem(rubbish, 400, "header.if-match", "version_in_quotes")
    assert await stack.heads() == before


async def test_an_id_that_was_used_for_something_else_is_refused(stack: City) -> None:
    call_id, taker, key = uuid4(), stack.client("intake", "call_taker"), {"idempotency-key": str(uuid4())}
    first = await taker.put(f"/calls/{call_id}", json=CALL)
    assert first.status_code == 201
    assert (await taker.post(f"/calls/{call_id}/answer", json={"wait_ms": 100}, headers=key)).status_code == 200
    before = await stack.settled()

    again = await taker.put(f"/calls/{call_id}", json=CALL)
    assert (again.status_code, again.json()) == (200, first.json())
    assert_problem(await taker.put(f"/calls/{call_id}", json={"line": "110"}), 422)
    assert_problem(await taker.post(f"/calls/{call_id}/answer", json={"wait_ms": 900}, headers=key), 422)
    assert_problem(
        await taker.post(f"/calls/{call_id}/answer", json={}, headers={"idempotency-key": "mine"}),
        400,
        "header.idempotency-key",
        "uuid",
    )
    assert await stack.heads() == before


@pytest.mark.usefixtures("nothing_is_written")
async def test_what_is_not_there_cannot_be_changed(stack: City) -> None:
    nobody = uuid4()
    for service, user, path, body in (
        ("intake", "call_taker", f"/calls/{nobody}/answer", {}),
        ("intake", "call_taker", f"/requests/{nobody}/answer", {"reply": "已答复"}),
        ("intake", "administrator", f"/persons/{nobody}/erase", {"reason": "court_order"}),
        ("routing", "dispatcher", f"/work-orders/{nobody}/classify", {"category": "street_lighting"}),
        ("routing", "handler@roads", f"/work-orders/{nobody}/sign", {}),
        ("followup", "revisit_agent", f"/revisits/{nobody}/revisit", {"solved": True, "satisfied": True}),
    ):
        answer = await stack.client(service, user).post(path, json=body)
        assert answer.status_code in {404, 409}, (path, answer.text)
        assert_problem(answer, answer.status_code)


async def test_an_unknown_department_or_category_takes_no_order(stack: City) -> None:
    matter = await stack.new_matter(await stack.new_department("bad"))
    before = await stack.settled()
    order, dispatcher = f"/work-orders/{matter.work_order_id}", stack.client("routing", "dispatcher")
    answer = await dispatcher.post(f"{order}/transfer", json={"department": "never-heard-of"})
    assert_problem(answer, 422, "body.department", "department_open")
    answer = await dispatcher.post(f"{order}/classify", json={"category": "never_heard_of"})
    assert_problem(answer, 422, "body.category", "A73")
    table = await stack.ask("routing", "administrator", "/scope-table")
    scopes = [{"category": "never_heard_of", "department": "never-heard-of"}]
    path = f"/scope-table/{table['version'] + 1}"
    answer = await stack.client("routing", "administrator").put(path, json={"scopes": scopes})
    assert answer.status_code in {409, 422}
    assert_problem(answer, answer.status_code)
    assert answer.json()["rule"]
    far = await stack.client("routing", "administrator").put(f"/scope-table/{table['version'] + 7}", json={"scopes": []})
    assert far.status_code in {409, 422}
    assert far.json()["rule"]
    assert await stack.heads() == before
