"""Routing over HTTP: what each act answers, what is refused how, and that a department meets its own orders only."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from hotline_chassis.sse import ServerEvent
from hotline_events.broker_auth import DepartmentSigner
from hotline_events.broker_keys import KeyRole, claims_of, new_key
from hotline_events.catalogue.intake import PersonErased
from hotline_events.catalogue.routing import WorkOrderSigned
from hotline_events.testing import NOON
from routing.adapters.api.queues import told

ROADS, PARKS = "handler@roads", "handler@parks"
ACTS: list[tuple[str, dict[str, Any]]] = [
    ("sign", {}),
    ("contact", {}),
    ("return", {"reason": "not_enough_facts"}),
    ("resolve", {"reply": "已更换灯泡。"}),
]


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("urn:hotline:problem:")


async def test_an_order_goes_from_its_request_to_its_resolution(desk: Any) -> None:
    """A73, A74, W1, W2, A95."""
    await desk.publish_tables("roads", "parks")
    order = await desk.register()
    for version, (act, body) in enumerate([ACTS[0], ACTS[1], ACTS[3]], 4):
        answer = await desk.ask("POST", f"/work-orders/{order}/{act}", body, by=ROADS)
        assert (answer.status_code, answer.json()["version"], answer.headers["etag"]) == (200, version, f'"{version}"')
        assert answer.json()["id"] == str(order)
    await desk.project()
    shown = (await desk.ask("GET", f"/work-orders/{order}?after={answer.json()['position']}")).json()
    assert (shown["status"], shown["department"], shown["reply"]) == ("resolved", "roads", "已更换灯泡。")
    assert (shown["title"], shown["place"], shown["erased"]) == ("路灯不亮", None, False)
    assert (shown["hop"], shown["round"], shown["transferred_at"]) == (1, 1, "2026-03-02T04:00:00Z")
    found = await desk.ask("GET", f"/requests/{shown['request_id']}/work-order?wait=1")
    assert found.json() == shown


async def test_a_returned_order_is_transferred_again_by_a_dispatcher(desk: Any) -> None:
    """W10: the note is sealed, the reason is not. The next department is not told what the one before it said."""
    await desk.publish_tables("roads", "parks")
    order = await desk.register()
    body = {"reason": "not_enough_facts", "note": "在公园哪一侧不明。"}
    assert (await desk.ask("POST", f"/work-orders/{order}/return", body, by=ROADS)).status_code == 200
    assert (await desk.ask("POST", f"/work-orders/{order}/transfer", {"department": "parks"})).status_code == 200
    await desk.project()
    shown = (await desk.ask("GET", f"/work-orders/{order}")).json()
    assert (shown["hop"], shown["return_reason"], shown["return_note"]) == (2, "not_enough_facts", "在公园哪一侧不明。")
    shown = (await desk.ask("GET", f"/work-orders/{order}", by=PARKS)).json()
    assert (shown["hop"], shown["returned_at"], shown["return_reason"], shown["return_note"]) == (2, None, None, None)
    assert not any("公园" in event.raw for event in await desk.history())
    assert (await desk.ask("GET", f"/work-orders/{order}", by=ROADS)).status_code == 404


async def test_a_dispatcher_classifies_what_nothing_classified(desk: Any) -> None:
    await desk.publish_tables("roads", "parks")
    order = await desk.register(None)
    transfer = await desk.ask("POST", f"/work-orders/{order}/transfer", {"department": "parks"})
    assert problem(transfer) == (409, "order_not_classified")
    unknown = await desk.ask("POST", f"/work-orders/{order}/classify", {"category": "witchcraft"})
    assert problem(unknown) == (422, "unknown_category")
    assert unknown.json()["field"] == "body.category"
    assert (await desk.ask("POST", f"/work-orders/{order}/classify", {"category": "noise"})).json()["version"] == 2
    nobody = await desk.ask("POST", f"/work-orders/{order}/transfer", {"department": "nobody"})
    assert problem(nobody) == (422, "unknown_department")
    assert (await desk.ask("POST", f"/work-orders/{order}/transfer", {"department": "parks"})).status_code == 200
    again = await desk.ask("POST", f"/work-orders/{order}/transfer", {"department": "parks"})
    assert (again.status_code, again.json()["version"]) == (200, 3)


@pytest.mark.parametrize(("act", "body"), ACTS)
async def test_another_departments_order_answers_like_a_missing_one(desk: Any, act: str, body: dict[str, Any]) -> None:
    """Not by status, not by body, not by a version that fits or does not."""
    await desk.publish_tables("roads", "parks")
    order, missing = await desk.register(), uuid4()
    for headers in ({}, {"if_match": '"3"'}, {"if_match": '"0"'}, {"if_match": '"7"'}):
        answers = [(await desk.ask("POST", f"/work-orders/{one}/{act}", body, by=PARKS, **headers)) for one in (order, missing)]
        assert {answer.status_code for answer in answers} == {404}
        contents = [{**answer.json(), "instance": "", "trace_id": ""} for answer in answers]
        assert contents[0] == contents[1]
    assert "work_order.signed" not in await desk.names()


async def test_a_department_reads_its_own_orders_only(desk: Any) -> None:
    await desk.publish_tables("roads", "parks")
    order = await desk.register()
    await desk.project()
    request = (await desk.ask("GET", f"/work-orders/{order}")).json()["request_id"]
    for path in (f"/work-orders/{order}", f"/requests/{request}/work-order", "/departments/roads/queue"):
        assert (await desk.ask("GET", path, by=ROADS)).status_code == 200
        assert problem(await desk.ask("GET", path, by=PARKS)) == (404, "not_found")
    assert problem(await desk.ask("GET", "/departments/roads/queue/stream", by=PARKS)) == (404, "not_found")
    for query in ("", "?department=roads", "?status=transferred"):
        assert len((await desk.ask("GET", f"/work-orders{query}", by=ROADS)).json()["items"]) == 1
        assert (await desk.ask("GET", f"/work-orders{query}", by=PARKS)).json() == {"items": [], "next": None}
    assert [row["code"] for row in (await desk.ask("GET", "/departments", by=PARKS)).json()["items"]] == ["parks"]
    scopes = (await desk.ask("GET", "/scope-table", by=PARKS)).json()["scopes"]
    assert {row["department"] for row in scopes} == {"parks"}


async def test_lists_and_queues_go_on_page_by_page(desk: Any) -> None:
    await desk.publish_tables("roads")
    orders = [str(await desk.register()) for _ in range(5)]
    await desk.project()
    for path, by in (("/work-orders?limit=2", "dispatcher"), ("/departments/roads/queue?limit=2", ROADS)):
        seen, cursor = [], ""
        while cursor is not None:
            page = (await desk.ask("GET", f"{path}{cursor and '&cursor=' + cursor}", by=by)).json()
            seen += [row["work_order_id"] for row in page["items"]]
            cursor = page["next"]
        assert sorted(seen) == sorted(orders)
        assert by == ROADS or seen == orders[::-1]
    assert problem(await desk.ask("GET", "/work-orders?cursor=x")) == (400, "bad_cursor")


async def test_an_act_may_be_repeated_and_its_id_not_reused(desk: Any) -> None:
    await desk.publish_tables("roads")
    order, key = await desk.register(), str(uuid4())
    await desk.ask("POST", f"/work-orders/{order}/sign", {}, by=ROADS)
    path = f"/work-orders/{order}/resolve"
    first = await desk.ask("POST", path, {"reply": "修好了"}, by=ROADS, idempotency_key=key)
    again = await desk.ask("POST", path, {"reply": "修好了"}, by=ROADS, idempotency_key=key)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    other = await desk.ask("POST", path, {"reply": "没修好"}, by=ROADS, idempotency_key=key)
    assert problem(other) == (422, "command_reused")
    assert problem(await desk.ask("POST", path, {"reply": "修好了"}, by=ROADS)) == (409, "order_resolved")


async def test_a_version_that_others_moved_on_is_refused(desk: Any) -> None:
    await desk.publish_tables("roads")
    order = await desk.register()
    old = await desk.ask("POST", f"/work-orders/{order}/sign", {}, by=ROADS, if_match='"2"')
    assert problem(old) == (412, "version_conflict")
    assert (await desk.ask("POST", f"/work-orders/{order}/sign", {}, by=ROADS, if_match='"3"')).status_code == 200


async def test_of_two_departments_heads_at_once_one_signs_and_one_finds_it_so(desk: Any) -> None:
    """Real concurrency on one order: both are answered, one event is stored."""
    await desk.publish_tables("roads", "parks")
    order = await desk.register()
    answers = await asyncio.gather(
        *(desk.ask("POST", f"/work-orders/{order}/sign", {}, by=by) for by in (ROADS, "head@roads", ROADS, "head@roads"))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["version"] for answer in answers} == {4}
    assert sum(isinstance(event.event, WorkOrderSigned) for event in await desk.history()) == 1


async def test_a_transfer_and_a_signature_at_once_leave_one_of_them(desk: Any) -> None:
    await desk.publish_tables("roads", "parks")
    order = await desk.register()
    moved, signed = await asyncio.gather(
        desk.ask("POST", f"/work-orders/{order}/transfer", {"department": "parks"}),
        desk.ask("POST", f"/work-orders/{order}/sign", {}, by=ROADS),
    )
    assert (moved.status_code, signed.status_code) in {(200, 404), (409, 200)}


async def test_after_erasure_no_text_is_shown_and_none_is_taken(desk: Any) -> None:
    """P3: the order goes on without a word about the person."""
    await desk.publish_tables("roads")
    person = uuid4()
    order = await desk.register(requester_id=person)
    await desk.ask("POST", f"/work-orders/{order}/sign", {}, by=ROADS)
    await desk.intake_keys.shred(person)
    await desk.hear(PersonErased(person_id=person, reason="asked", occurred_at=NOON), f"person-{person}")
    desk.runtime.keyring.forget(person)
    await desk.project()
    shown = (await desk.ask("GET", f"/work-orders/{order}", by=ROADS)).json()
    assert (shown["title"], shown["matter"], shown["erased"]) == (None, None, True)
    answer = await desk.ask("POST", f"/work-orders/{order}/resolve", {"reply": "修好了"}, by=ROADS)
    assert problem(answer) == (409, "requester_erased")


async def test_tables_and_departments_are_published_once_and_only_rightly(desk: Any) -> None:
    await desk.publish_tables("roads")
    row = {"code": "lighting", "name_zh": "照明", "name_en": "Lighting"}
    rows = [{"code": code, "name_zh": code, "name_en": code} for code in ("lighting", "noise")]
    office = {"by": "administrator"}
    assert (await desk.ask("PUT", "/category-table/1", {"categories": rows}, **office)).status_code == 200
    other = await desk.ask("PUT", "/category-table/1", {"categories": [row]}, **office)
    assert problem(other) == (422, "command_reused")
    assert problem(await desk.ask("PUT", "/category-table/3", {"categories": [row]}, **office)) == (409, "table_version")
    twice = await desk.ask("PUT", "/category-table/2", {"categories": [row, row]}, **office)
    assert problem(twice) == (422, "duplicate_row")
    nobody = {"scopes": [{"category": "lighting", "department": "nobody"}]}
    assert problem(await desk.ask("PUT", "/scope-table/2", nobody, **office)) == (422, "unknown_department")
    names = {"name_zh": "roads处", "name_en": "roads"}
    assert (await desk.ask("PUT", "/departments/roads", names, **office)).status_code == 200
    assert problem(await desk.ask("PUT", "/departments/intake", names, **office)) == (422, "department_code")
    assert problem(await desk.ask("POST", "/departments/nowhere/close", **office)) == (404, "not_found")
    assert (await desk.ask("POST", "/departments/roads/close", **office)).status_code == 200
    assert problem(await desk.ask("PUT", "/departments/roads", names, **office)) == (409, "department_closed")
    assert (await desk.ask("GET", "/category-table")).json()["version"] == 1
    await desk.project()
    (shown,) = (await desk.ask("GET", "/departments")).json()["items"]
    assert (shown["code"], shown["is_open"]) == ("roads", False)


async def test_a_department_makes_its_own_broker_user_and_no_other(desk: Any) -> None:
    await desk.publish_tables("roads", "parks")
    body = {"public_key": new_key(KeyRole.USER).public}
    path = "/departments/roads/broker-user"
    assert problem(await desk.ask("PUT", path, body, by="head@roads")) == (503, "unavailable")
    account = new_key(KeyRole.ACCOUNT)
    desk.app.state.signer = DepartmentSigner.of(new_key(KeyRole.ACCOUNT).seed, account.public)
    for by in ("head@roads", "administrator"):
        answer = await desk.ask("PUT", path, body, by=by)
        claims = claims_of(answer.json()["jwt"])
        assert (claims["name"], claims["sub"], claims["nats"]["issuer_account"]) == (
            "roads",
            body["public_key"],
            account.public,
        )
    assert problem(await desk.ask("PUT", path, body, by="head@parks")) == (404, "not_found")
    assert problem(await desk.ask("PUT", "/departments/nowhere/broker-user", body, by="administrator")) == (404, "not_found")
    bad = await desk.ask("PUT", path, {"public_key": "U" + "A" * 55}, by="head@roads")
    assert (problem(bad), bad.json()["field"]) == ((422, "invalid_input"), "body.public_key")


async def test_a_queue_is_told_live_from_where_its_reader_broke_off(desk: Any) -> None:
    """The position is the event's id; another department's events never come."""
    await desk.publish_tables("roads", "parks")
    order = await desk.register()
    await desk.project()
    source = told(desk.runtime.store, "roads", 0)
    seen: list[ServerEvent] = [await anext(source)]
    waiting = asyncio.ensure_future(anext(source))
    await desk.ask("POST", f"/work-orders/{order}/return", {"reason": "not_enough_facts"}, by=ROADS)
    await desk.ask("POST", f"/work-orders/{order}/transfer", {"department": "parks"})
    await desk.project()
    seen.append(await asyncio.wait_for(waiting, 60))
    assert [event.name for event in seen] == ["routing.work_order.transferred", "routing.work_order.returned"]
    assert seen[0].data["work_order_id"] == order
    await source.aclose()
    again = told(desk.runtime.store, "roads", seen[0].position)
    assert (await anext(again)).position == seen[1].position
    await again.aclose()
    elsewhere = told(desk.runtime.store, "parks", 0)
    assert (await anext(elsewhere)).data["department"] == "parks"
    await elsewhere.aclose()


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("sign", {"occurred_at": "2026-03-02T05:00:00Z"}, (422, "invalid_input")),
        ("sign", {"occurred_at": "2026-03-01T05:00:00Z"}, (422, "before_dispatch")),
        ("sign", {"who": "me"}, (422, "invalid_input")),
        ("return", {"reason": "no_desire"}, (422, "invalid_input")),
        ("resolve", {"reply": " "}, (422, "invalid_input")),
        ("resolve", {"reply": "字" * 20_001}, (422, "invalid_input")),
        ("resolve", {"reply": "未签收"}, (409, "order_not_signed")),
    ],
)
async def test_bad_input_is_refused_and_nothing_is_written(
    desk: Any, path: str, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    await desk.publish_tables("roads")
    order = await desk.register()
    before = await desk.names()
    assert problem(await desk.ask("POST", f"/work-orders/{order}/{path}", body, by=ROADS)) == expected
    assert await desk.names() == before


async def test_a_missing_order_is_not_found(desk: Any) -> None:
    for path in (f"/work-orders/{UUID(int=1)}", f"/requests/{UUID(int=1)}/work-order?wait=0.05"):
        assert problem(await desk.ask("GET", path)) == (404, "not_found")
    answer = await desk.ask("POST", f"/work-orders/{UUID(int=1)}/classify", {"category": "lighting"})
    assert problem(answer) == (404, "not_found")
