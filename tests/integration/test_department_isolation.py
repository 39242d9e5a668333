"""Department A sees nothing of department B by any path over HTTP: lists, details, acts, reports, streams, error texts.

What the broker refuses is in `test_department_broker.py`.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from hotline_embedded.city import City, Matter

WINDOW = {"from": "2026-05-01T00:00:00+08:00", "to": "2026-07-01T00:00:00+08:00"}
SECRET = "乙局独有的事由"
ROLES = ("handler", "head")


@dataclass(frozen=True)
class TwoDepartments:
    """A, which asks, and B, whose matter lies beside A's own. A third order wandered from B to A."""

    a: str
    b: str
    of_a: Matter
    of_b: Matter
    wandered: Matter


@pytest.fixture(scope="module")
async def two(stack: City) -> TwoDepartments:
    a, b = await stack.new_department("a"), await stack.new_department("b")
    of_a = await stack.new_matter(a)
    of_b = await stack.new_matter(b, title=SECRET, matter=SECRET)
    await stack.act(b, of_b, "sign")
    wandered = await stack.new_matter(b)
    await stack.act(b, wandered, "return", {"reason": "not_ours", "note": SECRET})
    await stack.transfer(wandered, a)
    await stack.settled()
    return TwoDepartments(a, b, of_a, of_b, wandered)


def names_b(text: str, two: TwoDepartments) -> list[str]:
    """Return what an answer says of B: its code, its matters' ids, its words."""
    said = (two.b, SECRET, str(two.of_b.request_id), str(two.of_b.requester_id), str(two.of_b.work_order_id))
    return [word for word in said if word in text]


@pytest.mark.parametrize("role", ROLES)
async def test_lists_and_reports_show_a_department_its_own_rows_only(stack: City, two: TwoDepartments, role: str) -> None:
    user = f"{role}@{two.a}"
    answers = [
        await stack.client(service, user).get(path, params=params)
        for service, path, params in (
            ("routing", "/work-orders", {"limit": 200}),
            ("routing", "/work-orders", {"status": "signed"}),
            ("routing", f"/departments/{two.a}/queue", {}),
            ("routing", "/departments", {}),
            ("routing", "/scope-table", {}),
            ("reporting", "/reports/open-orders", {}),
            ("reporting", "/reports/departments", WINDOW),
            ("reporting", "/reports/days", WINDOW),
            ("reporting", "/indicators", WINDOW),
        )
    ]
    assert [answer.status_code for answer in answers] == [200] * len(answers)
    assert [names_b(answer.text, two) for answer in answers] == [[]] * len(answers)
    mine = {str(two.of_a.work_order_id), str(two.wandered.work_order_id)}
    for answer in (answers[0], answers[2], answers[5]):
        assert {row["work_order_id"] for row in answer.json()["items"]} == mine
    assert [row["code"] for row in answers[3].json()["items"]] == [two.a]
    assert [row["department"] for row in answers[6].json()["rows"]] == [two.a]


@pytest.mark.parametrize("role", ROLES)
async def test_a_filter_for_another_department_finds_nothing_or_no_such_department(
    stack: City, two: TwoDepartments, role: str
) -> None:
    """Naming B and naming a department that does not exist give the same answer."""
    user = f"{role}@{two.a}"
    for service, path, params in (
        ("routing", "/work-orders", {}),
        ("reporting", "/reports/open-orders", {}),
        ("reporting", "/reports/days", WINDOW),
        ("reporting", "/indicators", WINDOW),
    ):
        named, invented = [
            await stack.client(service, user).get(path, params={**params, "department": department})
            for department in (two.b, "never-heard-of")
        ]
        assert comparable(named, two.b) == comparable(invented, "never-heard-of")
        assert names_b(named.text.replace(two.b, ""), two) == []
        assert not named.is_success or named.json()["items"] == []


@pytest.mark.parametrize("role", ROLES)
async def test_anothers_order_answers_to_everything_as_one_that_does_not_exist(
    stack: City, two: TwoDepartments, role: str
) -> None:
    client = stack.client("routing", f"{role}@{two.a}")
    acts: list[tuple[str, str, dict[str, Any] | None, dict[str, str]]] = [
        ("GET", "/work-orders/{order}", None, {}),
        ("GET", "/requests/{request}/work-order", None, {}),
        ("POST", "/work-orders/{order}/sign", {}, {}),
        ("POST", "/work-orders/{order}/sign", {}, {"if-match": '"1"'}),
        ("POST", "/work-orders/{order}/sign", {}, {"if-match": '"4"'}),
        ("POST", "/work-orders/{order}/contact", {}, {}),
        ("POST", "/work-orders/{order}/return", {"reason": "not_ours"}, {}),
        ("POST", "/work-orders/{order}/resolve", {"reply": "已处理"}, {}),
        ("POST", "/work-orders/{order}/resolve", {"reply": "已处理", "occurred_at": "1999-01-01T00:00:00Z"}, {}),
    ]
    before = await stack.head("routing")
    for method, path, body, headers in acts:
        anothers, missing = [
            await client.request(method, path.format(order=order, request=request), json=body, headers=headers)
            for order, request in ((two.of_b.work_order_id, two.of_b.request_id), (uuid4(), uuid4()))
        ]
        assert anothers.status_code == 404, (method, path, anothers.text)
        assert comparable(anothers) == comparable(missing), (method, path)
        assert set(anothers.headers) == set(missing.headers)
    assert await stack.head("routing") == before


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("path", ["/departments/{code}/queue", "/departments/{code}/queue/stream"])
async def test_anothers_queue_is_as_unknown_as_one_that_does_not_exist(
    stack: City, two: TwoDepartments, role: str, path: str
) -> None:
    client = stack.client("routing", f"{role}@{two.a}")
    anothers, missing = [await client.get(path.format(code=code)) for code in (two.b, "never-heard-of")]
    assert (anothers.status_code, missing.status_code) == (404, 404)
    assert comparable(anothers) == comparable(missing)


async def test_a_head_makes_a_broker_user_of_its_own_department_only(stack: City, two: TwoDepartments) -> None:
    key = {"public_key": "UDGV3WW6UESCEWLSYOORO372AR34XQS2PQGJLPUPHPAOF7CIV23DKU5H"}
    client = stack.client("routing", f"head@{two.a}")
    assert (await client.put(f"/departments/{two.a}/broker-user", json=key)).status_code == 200
    anothers, missing = [await client.put(f"/departments/{code}/broker-user", json=key) for code in (two.b, "never-heard-of")]
    assert anothers.status_code == 404
    assert comparable(anothers) == comparable(missing)


async def test_an_order_that_wandered_brings_nothing_of_where_it_was(stack: City, two: TwoDepartments) -> None:
    """A gets the matter, not the words and the name of the department that gave it back; B no longer sees the order."""
    order = (await stack.client("routing", f"handler@{two.a}").get(f"/work-orders/{two.wandered.work_order_id}")).text
    assert names_b(order, two) == []
    answer = await stack.client("routing", f"handler@{two.b}").get(f"/work-orders/{two.wandered.work_order_id}")
    assert answer.status_code == 404


async def test_a_department_reads_no_matter_where_it_is_no_department(stack: City, two: TwoDepartments) -> None:
    """Requests, timelines, revisits and the exports for rebuilds are not for departments at all."""
    for service, path in (
        ("intake", f"/requests/{two.of_b.request_id}"),
        ("intake", "/events"),
        ("routing", "/events"),
        ("followup", f"/work-orders/{two.of_b.work_order_id}/revisits"),
        ("reporting", f"/timelines/{two.of_b.request_id}"),
        ("reporting", "/events"),
    ):
        answer = await stack.client(service, f"head@{two.a}").get(path)
        assert answer.status_code == 403
        assert names_b(answer.text.replace(path, ""), two) == []


async def test_the_stream_of_a_queue_tells_what_happens_to_its_own_orders_only(stack: City, two: TwoDepartments) -> None:
    """A watches live, from the beginning; then both departments act."""
    client = stack.client("routing", f"handler@{two.a}")
    path = f"/departments/{two.a}/queue/stream"
    async with asyncio.timeout(30), client.stream("GET", path, headers={"last-event-id": "0"}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        events = _events(answer)
        told = [await anext(events) for _ in range(2)]
        await stack.act(two.b, two.of_b, "contact")
        await stack.act(two.a, two.of_a, "sign")
        told.append(await anext(events))
    assert [event["name"] for event in told] == [
        "routing.work_order.transferred",
        "routing.work_order.transferred",
        "routing.work_order.signed",
    ]
    assert {event["work_order_id"] for event in told} == {str(two.of_a.work_order_id), str(two.wandered.work_order_id)}
    async with client.stream("GET", path, headers={"last-event-id": str(told[1]["position"])}) as answer:
        assert (await anext(_events(answer)))["position"] == told[2]["position"]


def comparable(answer: httpx.Response, named: str = "") -> tuple[int, dict[str, Any]]:
    """Return what an answer says, without what differs between any two requests: its trace and the path asked for."""
    told = json.loads(answer.text.replace(named, "…") if named else answer.text)
    return answer.status_code, {name: value for name, value in told.items() if name not in {"trace_id", "instance"}}


async def _events(answer: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """Read server-sent events: the position is the id, the rest is the data."""
    position = 0
    async for line in answer.aiter_lines():
        if line.startswith("id: "):
            position = int(line[4:])
        elif line.startswith("data: "):
            yield {**json.loads(line[6:]), "position": position}
