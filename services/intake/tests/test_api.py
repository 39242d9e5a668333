"""HTTP: what is answered, what is refused, what a repetition does, and who may."""

import asyncio
from typing import Any, Protocol
from uuid import UUID, uuid4

import httpx
import pytest

from hotline_chassis.rights import RIGHTS
from hotline_chassis.roles import Role
from hotline_chassis.signin import rights_of_routes


class Asks(Protocol):
    async def __call__(self, method: str, path: str, body: Any = None, *, by: str = ..., **headers: str) -> httpx.Response: ...


class Desk(Protocol):
    """What these tests use of the fixture `desk`."""

    ask: Asks
    app: Any
    client: httpx.AsyncClient
    tokens: dict[str, str]

    async def catch_up(self) -> None: ...
    async def history(self, after: int = 0) -> list[Any]: ...


MATTER = {"channel": "web", "request_type": "repair", "title": "路灯不亮", "matter": "解放路口的路灯三天不亮。"}

AGREED = {"consent": True, "estimated_ms": 20_000}


async def done(answer: Any, status: int = 200) -> Any:
    response = await answer
    assert response.status_code == status, response.text
    return response.json()


async def refused(answer: Any, status: int, code: str) -> Any:
    problem = await done(answer, status)
    assert problem["type"] == f"urn:hotline:problem:{code}"
    return problem


async def a_call(desk: Desk, **body: object) -> UUID:
    call_id = uuid4()
    await done(desk.ask("PUT", f"/calls/{call_id}", {"line": "12345", "occurred_at": "2026-03-02T03:00:00Z"} | body), 201)
    return call_id


async def a_request(desk: Desk, **body: object) -> UUID:
    request_id = uuid4()
    content = {**MATTER, "requester_id": str(uuid4()), "anonymous": True, **body}
    await done(desk.ask("PUT", f"/requests/{request_id}", content), 201)
    return request_id


async def test_a_call_goes_through_its_whole_life(desk: Desk) -> None:
    """A01, A08, A09, A12, A35, A45, A46: each step is a command, and reading shows where the call stands.

    Nobody told of a greeting or a number: both are on record beside the completed one.
    """
    call_id = await a_call(desk)
    steps = [
        ("answer", {"occurred_at": "2026-03-02T03:00:04Z", "ring_count": 1}, "answered"),
        ("hold", {"occurred_at": "2026-03-02T03:01:00Z", "reason": "looking_up", **AGREED}, "held"),
        ("resume", {"occurred_at": "2026-03-02T03:01:15Z", "apologised": True}, "answered"),
        ("end", {"occurred_at": "2026-03-02T03:02:00Z", "ended_by": "caller"}, "ended"),
        ("wrap-up", {"occurred_at": "2026-03-02T03:02:30Z", "outcome": "answered"}, "wrapped_up"),
    ]
    for number, (step, body, status) in enumerate(steps, 2):
        answer = await done(desk.ask("POST", f"/calls/{call_id}/{step}", body))
        version = number + 2 if step == "wrap-up" else number
        assert answer == {"id": str(call_id), "version": version, "position": version}
        await desk.catch_up()
        shown = await desk.ask("GET", f"/calls/{call_id}?after={answer['position']}")
        assert (shown.json()["status"], shown.headers["etag"]) == (status, f'"{version}"')
    call = shown.json()
    assert (call["wait_ms"], call["talk_ms"], call["hold_ms"], call["wrap_up_ms"]) == (4000, 101_000, 15_000, 30_000)
    assert call["agent_id"] == "demo-call_taker"
    assert [event.event.rule for event in (await desk.history())[-2:]] == ["A08", "A09"]


async def test_a_creation_is_answered_again_and_its_id_serves_nothing_else(desk: Desk) -> None:
    path, body = f"/calls/{uuid4()}", {"line": "12345"}
    first = await done(desk.ask("PUT", path, body), 201)
    assert await done(desk.ask("PUT", path, body), 200) == first
    await refused(desk.ask("PUT", path, body | {"emergency": True}), 422, "command_reused")
    assert len(await desk.history()) == 1


@pytest.mark.parametrize(
    ("body", "headers", "status", "code", "field"),
    [
        ({"line": "12345", "colour": "red"}, {}, 422, "invalid_input", "body.colour"),
        ({"line": "call 13800138000"}, {}, 422, "invalid_input", "body.line"),
        ({"line": "12345", "emergency": "yes"}, {}, 422, "invalid_input", "body.emergency"),
        ({"line": "12345", "occurred_at": "2026-03-02T04:06:00Z"}, {}, 422, "invalid_input", "body.occurred_at"),
        ([], {}, 422, "invalid_input", "body"),
        ({"line": "12345"}, {"if_match": '"3"'}, 412, "version_conflict", None),
        ({"line": "12345"}, {"if_match": "three"}, 400, "bad_if_match", "header.if-match"),
    ],
)
async def test_a_call_that_cannot_be_received_leaves_nothing(
    desk: Desk, *, body: object, headers: dict[str, str], status: int, code: str, field: str | None
) -> None:
    problem = await refused(desk.ask("PUT", f"/calls/{uuid4()}", body, **headers), status, code)
    assert problem.get("field") == field
    assert "13800138000" not in str(problem)
    assert await desk.history() == []


@pytest.mark.parametrize("content", [b"", b"{", b'{"line":"\\ud800"}', b"\xff"])
async def test_a_call_in_broken_json_is_refused(desk: Desk, content: bytes) -> None:
    await desk.ask("GET", "/calls")
    headers = {"authorization": f"Bearer {desk.tokens['call_taker']}", "content-type": "application/json"}
    await refused(desk.client.put(f"/calls/{uuid4()}", content=content, headers=headers), 400, "malformed_json")


async def test_the_document_tells_of_the_body_that_the_busiest_route_reads_by_itself(desk: Desk) -> None:
    operation = desk.app.openapi()["paths"]["/calls/{call_id}"]["put"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert set(schema["properties"]) == {"line", "caller_id", "emergency", "occurred_at"}
    assert all("examples" in str(described) for described in schema["properties"].values())
    assert [parameter["name"] for parameter in operation["parameters"]] == ["call_id", "if-match"]


async def test_creations_raced_by_sixteen_clients_happen_once(desk: Desk) -> None:
    path = f"/calls/{uuid4()}"
    answers = await asyncio.gather(*(desk.ask("PUT", path, {"line": "12345"}) for _ in range(16)))
    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
    assert len(await desk.history()) == 1


async def test_a_command_is_repeated_by_its_key_and_bound_to_its_version(desk: Desk) -> None:
    call_id = await a_call(desk)
    key = {"idempotency_key": str(uuid4())}
    path = f"/calls/{call_id}/answer"
    first = await done(desk.ask("POST", path, {"wait_ms": 4000}, **key))
    assert await done(desk.ask("POST", path, {"wait_ms": 4000}, **key)) == first
    await refused(desk.ask("POST", path, {"wait_ms": 4001}, **key), 422, "command_reused")
    await refused(desk.ask("POST", f"/calls/{call_id}/end", {"ended_by": "agent"}, if_match='"1"'), 412, "version_conflict")
    assert (await done(desk.ask("POST", f"/calls/{call_id}/end", {"ended_by": "agent"}, if_match='"2"')))["version"] == 3


async def test_two_call_takers_who_answer_at_once_do_not_both_have_the_call(desk: Desk) -> None:
    call_id = await a_call(desk)
    answers = await asyncio.gather(
        *(desk.ask("POST", f"/calls/{call_id}/answer", {}, by=by) for by in ("call_taker", "call_taker_2"))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


@pytest.mark.parametrize(
    ("step", "body", "status", "code"),
    [
        ("end", {"ended_by": "caller"}, 409, "call_not_answered"),
        ("answer", {"occurred_at": "2026-03-02T02:59:59Z"}, 422, "time_runs_backwards"),
        ("answer", {"occurred_at": "2026-03-02T04:06:00Z"}, 422, "invalid_input"),
        ("answer", {"occurred_at": "1969-12-31T23:59:59Z"}, 422, "invalid_input"),
        ("answer", {"wait_ms": -1}, 422, "invalid_input"),
        ("answer", {"agent": "x"}, 422, "invalid_input"),
        ("hold", {"reason": "call 13800138000"}, 422, "invalid_input"),
        ("abandon", {"stage": "lost"}, 422, "invalid_input"),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_is_written(
    desk: Desk, step: str, body: dict[str, object], status: int, code: str
) -> None:
    call_id = await a_call(desk)
    problem = await refused(desk.ask("POST", f"/calls/{call_id}/{step}", body), status, code)
    assert "13800138000" not in str(problem)
    assert len(await desk.history()) == 1


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/calls/{}/answer", {}),
        ("GET", "/calls/{}", None),
        ("POST", "/requests/{}/answer", {"reply": "好"}),
        ("GET", "/requests/{}", None),
        ("POST", "/persons/{}/identity", {"fields": ["name"], "purpose": "call_back"}),
    ],
)
async def test_nothing_is_found_where_nothing_is(desk: Desk, method: str, path: str, body: object) -> None:
    await desk.catch_up()
    assert (await desk.ask(method, path.format(uuid4()), body)).status_code == 404
    assert await desk.history() == []


async def test_calls_are_listed_newest_first_page_by_page(desk: Desk) -> None:
    ids = [await a_call(desk, occurred_at=f"2026-03-02T03:0{minute}:00Z") for minute in range(5)]
    await done(desk.ask("POST", f"/calls/{ids[0]}/abandon", {"stage": "queue"}))
    await desk.catch_up()
    seen: list[str] = []
    cursor = ""
    while True:
        page = await done(desk.ask("GET", f"/calls?limit=2{cursor}"))
        seen += [call["call_id"] for call in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == [str(call_id) for call_id in reversed(ids)]
    waiting = await done(desk.ask("GET", "/calls?status=open"))
    assert [call["call_id"] for call in waiting["items"]] == seen[:4]
    assert len((await done(desk.ask("GET", "/calls?status=abandoned")))["items"]) == 1
    await refused(desk.ask("GET", "/calls?cursor=WzFd"), 400, "bad_cursor")


async def test_a_matter_is_registered_read_and_answered(desk: Desk) -> None:
    """A25, A37, A67: base elements in, the same out; the requester is an id."""
    requester = str(uuid4())
    request_id = await a_request(desk, requester_id=requester, place="解放路口", source_reference="6115873")
    answer = await done(desk.ask("POST", f"/requests/{request_id}/answer", {"reply": "今晚恢复"}))
    await desk.catch_up()
    shown = await done(desk.ask("GET", f"/requests/{request_id}?after={answer['position']}", by="dispatcher"))
    assert {name: shown[name] for name in MATTER} == MATTER
    assert (shown["place"], shown["reply"], shown["erased"]) == ("解放路口", "今晚恢复", False)
    assert shown["requester_id"] == requester
    assert not {"name", "gender", "phone", "address", "organisation"} & shown.keys()
    listed = await done(desk.ask("GET", "/requests"))
    assert [item["title"] for item in listed["items"]] == ["路灯不亮"]
    await refused(desk.ask("POST", f"/requests/{request_id}/answer", {"reply": "好"}), 409, "request_already_answered")


async def test_the_first_contact_is_who_answered_the_call(desk: Desk) -> None:
    """A65: the first who heard of it, not who typed it in; the correlation is the call's from the first event on."""
    call_id = await a_call(desk)
    await done(desk.ask("POST", f"/calls/{call_id}/answer", {}, by="call_taker_2"))
    request_id = await a_request(desk, channel="phone", read_back=True, call_id=str(call_id))
    await done(desk.ask("POST", f"/requests/{request_id}/answer", {"reply": "好"}))
    events = await desk.history()
    assert [event.event.first_contact for event in events if event.name == "intake.request.registered"] == ["demo-call_taker_2"]
    assert {event.correlation_id for event in events} == {call_id}


async def test_a_matter_needs_a_requester_whom_the_vault_knows(desk: Desk) -> None:
    body = {**MATTER, "requester_id": str(uuid4())}
    await refused(desk.ask("PUT", f"/requests/{uuid4()}", body), 422, "unknown_requester")
    assert await desk.history() == []


async def test_an_anonymous_requester_is_registered_on_the_way_once(desk: Desk) -> None:
    """A144: who gives no name gets an id and a key too."""
    requester, path = str(uuid4()), f"/requests/{uuid4()}"
    body = {**MATTER, "requester_id": requester, "anonymous": True}
    first = await done(desk.ask("PUT", path, body), 201)
    assert await done(desk.ask("PUT", path, body), 200) == first
    await a_request(desk, requester_id=requester, anonymous=False)
    names = [event.name for event in await desk.history()]
    assert names == ["intake.person.registered", "intake.request.registered", "intake.request.registered"]


async def test_texts_may_be_long_but_not_endless(desk: Desk) -> None:
    body = {**MATTER, "requester_id": str(uuid4()), "anonymous": True}
    path = f"/requests/{uuid4()}"
    problem = await refused(desk.ask("PUT", path, body | {"matter": "灯" * 20_001}), 422, "invalid_input")
    assert problem["field"] == "body.matter"
    await refused(desk.ask("PUT", path, body | {"matter": "a" * 1_000_000}), 413, "body_too_large")
    await done(desk.ask("PUT", path, body | {"matter": "灯" * 20_000}), 201)


async def test_a_read_that_waits_for_what_never_comes_is_told_to_try_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hotline_chassis.answers._PATIENCE", 0.05)
    await desk.catch_up()
    answer = await desk.ask("GET", "/calls?after=7")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


async def test_every_route_has_a_right_and_who_lacks_it_is_refused(desk: Desk) -> None:
    routes = list(rights_of_routes(desk.app))
    assert len(routes) > 40
    for method, path, right in routes:
        assert right is not None, path
        if Role.DEPARTMENT_HANDLER in RIGHTS[right]:
            continue
        body: object = None if method == "GET" else {}
        answer = await desk.ask(method, path.format_map(AnyId()), body, by="handler@roads")
        assert answer.status_code == 403, path
    assert await desk.history() == []


class AnyId(dict[str, str]):
    def __missing__(self, _name: str) -> str:
        return str(UUID(int=1))
