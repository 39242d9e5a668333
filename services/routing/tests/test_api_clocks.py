"""Urging, supervision, extensions, reviews and closing over HTTP: what each answers and who meets which order."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from hotline_events.catalogue.intake import RequestType
from hotline_events.testing import NOON

ROADS, PARKS = "handler@roads", "handler@parks"
LATER = (NOON + timedelta(days=10)).isoformat()


def problem(answer: httpx.Response) -> tuple[int, str, str | None]:
    body = answer.json()
    return answer.status_code, body["type"].removeprefix("urn:hotline:problem:"), body.get("missing")


async def signed(desk: Any, kind: RequestType = RequestType.HELP) -> UUID:
    await desk.publish_tables("roads", "parks")
    order: UUID = await desk.register(request_type=kind)
    await desk.ask("POST", f"/work-orders/{order}/sign", {}, by=ROADS)
    return order


async def test_a_complaint_is_investigated_tracked_told_and_then_closes_on_an_exception(desk: Any) -> None:
    """A28, A69, A92, A93, A95, A98: each refusal names the step that is missing."""
    order = await signed(desk, RequestType.COMPLAINT)
    path = f"/work-orders/{order}"
    done = {"reply": "已处理。"}
    assert problem(await desk.ask("POST", f"{path}/resolve", done, by=ROADS)) == (
        409,
        "order_not_investigated",
        "verification",
    )
    finding = {"finding": "经核实属实。", "evidence": [str(uuid4())]}
    empty = await desk.ask("POST", f"{path}/investigation", {"finding": "属实"}, by=ROADS)
    assert (problem(empty)[:2], empty.json()["field"]) == ((422, "evidence_missing"), "body.evidence")
    for act, body, by in (
        ("investigation", finding, ROADS),
        ("resolve", done, ROADS),
        ("department-contact", {"contact": "王科长", "said": "已处理"}, "call_taker"),
    ):
        assert (await desk.ask("POST", f"{path}/{act}", body, by=by)).status_code == 200, act
    assert problem(await desk.ask("POST", f"{path}/close", {}, by="shift_leader")) == (409, "stage_missing", "feedback")
    assert (await desk.ask("POST", f"{path}/inform", {"said": "已告知"}, by="call_taker")).status_code == 200
    waits = await desk.ask("POST", f"{path}/close", {}, by="shift_leader")
    assert problem(waits) == (409, "caller_outcome_missing", "caller_outcome")
    withdrew = {"exception": "caller_withdrew", "note": "本人来电撤回。"}
    assert (await desk.ask("POST", f"{path}/close", withdrew, by="shift_leader")).status_code == 200
    await desk.project()
    shown = (await desk.ask("GET", f"{path}/handling")).json()
    assert [(item["act"], item["words"], item["subject"]) for item in shown["items"]] == [
        ("investigation_reported", "经核实属实。", None),
        ("department_contacted", "已处理", "王科长"),
        ("caller_informed", "已告知", None),
    ]
    assert (shown["missing"], (await desk.ask("GET", path)).json()["status"]) == ([], "closed")
    assert not any(word in event.raw for event in await desk.history() for word in ("属实", "王科长", "撤回"))


async def test_a_supervision_goes_from_its_opening_to_its_closing(desk: Any) -> None:
    """A91: 督办 by oversight, answered by the department, reviewed by the supervisor."""
    order, case = await signed(desk), uuid4()
    path = f"/work-orders/{order}/supervisions/{case}"
    opening = {"ground": "hot_issue", "instruction": "请周五前办结。"}
    assert (await desk.ask("PUT", path, opening, by="oversight_officer")).status_code == 201
    assert (await desk.ask("PUT", path, opening, by="oversight_officer")).status_code == 200
    other = f"/work-orders/{order}/supervisions/{uuid4()}"
    assert problem(await desk.ask("PUT", other, opening, by="oversight_officer"))[:2] == (409, "supervision_open")
    unanswered = await desk.ask("POST", f"{path}/close", {}, by="oversight_officer")
    assert problem(unanswered) == (409, "supervision_not_answered", "supervision_answer")
    assert (await desk.ask("POST", f"{path}/answer", {"answer": "在修"}, by=ROADS)).status_code == 200
    assert (await desk.ask("POST", f"{path}/send-back", {"reason": "何时"}, by="oversight_officer")).status_code == 200
    assert (await desk.ask("POST", f"{path}/answer", {"answer": "周五"}, by=ROADS)).status_code == 200
    assert (await desk.ask("POST", f"{path}/close", {}, by="oversight_officer")).status_code == 200
    await desk.project()
    (shown,) = (await desk.ask("GET", "/supervisions?status=closed", by=ROADS)).json()["items"]
    assert (shown["instruction"], shown["answer"], shown["department"]) == ("请周五前办结。", "周五", "roads")
    assert (await desk.ask("GET", "/supervisions", by=PARKS)).json()["items"] == []


async def test_the_next_department_reads_what_the_leader_asked_of_the_one_before(desk: Any) -> None:
    """A91: what was supervised is owed on, and its instruction with it."""
    order = await signed(desk)
    path = f"/work-orders/{order}/supervisions/{uuid4()}"
    opening = {"ground": "leader_instruction", "instruction": "请周五前办结。"}
    assert (await desk.ask("PUT", path, opening, by="oversight_officer")).status_code == 201
    for act, body, by in (("return", {"reason": "duplicate"}, ROADS), ("transfer", {"department": "parks"}, "dispatcher")):
        assert (await desk.ask("POST", f"/work-orders/{order}/{act}", body, by=by)).status_code == 200, act
    await desk.project()
    (shown,) = (await desk.ask("GET", "/supervisions?status=open", by=PARKS)).json()["items"]
    assert (shown["instruction"], shown["ground"]) == ("请周五前办结。", "leader_instruction")


async def test_an_extension_is_asked_explained_and_granted_by_somebody_else(desk: Any) -> None:
    """A70, A89."""
    order, extension = await signed(desk), uuid4()
    path = f"/work-orders/{order}/extensions/{extension}"
    asking = {"reason": "等配件", "until": LATER}
    assert (await desk.ask("PUT", path, asking, by=ROADS)).status_code == 201
    assert (await desk.ask("PUT", path, asking, by=ROADS)).status_code == 200
    early = await desk.ask("POST", f"{path}/grant", {}, by="dispatcher")
    assert problem(early) == (409, "deferral_not_explained", "deferral_explained")
    assert (await desk.ask("POST", f"{path}/explain", {"understood": True}, by=ROADS)).status_code == 200
    await desk.project()
    (waiting,) = (await desk.ask("GET", "/extensions?status=waiting")).json()["items"]
    assert (waiting["reason"], waiting["understood"]) == ("等配件", True)
    assert (await desk.ask("POST", f"{path}/grant", {}, by="dispatcher")).status_code == 200
    await desk.project()
    shown = (await desk.ask("GET", f"/work-orders/{order}")).json()
    assert shown["resolve_due_at"] == "2026-03-12T04:00:00Z"
    (ladder,) = (await desk.ask("GET", "/urging", by=ROADS)).json()["items"]
    assert (ladder["resolve_due_at"], ladder["next_rung"]) == (shown["resolve_due_at"], "reminder")
    late = f"/work-orders/{order}/extensions/{uuid4()}"
    assert problem(await desk.ask("PUT", late, asking, by=ROADS))[:2] == (409, "extensions_used_up")


async def test_the_desk_urges_when_the_caller_calls_again(desk: Any) -> None:
    """A90: the second time by the default pack opens supervision."""
    order = await signed(desk)
    key = str(uuid4())
    for _ in range(2):
        answer = await desk.ask(
            "POST", f"/work-orders/{order}/urge", {"reason": "又打来了"}, by="call_taker", idempotency_key=key
        )
        assert answer.status_code == 200
    await desk.ask("POST", f"/work-orders/{order}/urge", {}, by="call_taker")
    names = [name for name in await desk.names() if "urged" in name or "supervision" in name]
    assert names == ["work_order.urged", "work_order.urged", "work_order.supervision_opened"]


async def test_a_reply_is_reviewed_and_what_cannot_be_resolved_is_judged(desk: Any) -> None:
    """A97, A99, A69."""
    order = await signed(desk)
    path = f"/work-orders/{order}"
    filing = {"reason": "no_policy", "finding": "现行政策无此项补贴。", "evidence": [str(uuid4())]}
    for act, body, by in (
        ("unresolvable", filing, ROADS),
        ("unresolvable-review", {"agreed": True, "reply": "现行政策无此项补贴。"}, "inspector"),
        ("reply-review", {"result": "sent_back", "reason": "未说明依据"}, "inspector"),
        ("reply-correction", {"reply": "依据第三条。"}, ROADS),
        ("reply-review", {"result": "ok"}, "inspector"),
    ):
        answer = await desk.ask("POST", f"{path}/{act}", body, by=by)
        assert answer.status_code == 200, (act, answer.text)
    await desk.project()
    assert (await desk.ask("GET", path)).json()["reply"] == "依据第三条。"


ACTS: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "investigation", {"finding": "属实", "evidence": [str(UUID(int=1))]}),
    ("POST", "reply-correction", {"reply": "已换灯"}),
    ("POST", "unresolvable", {"reason": "no_policy", "finding": "无", "evidence": [str(UUID(int=1))]}),
    ("PUT", f"extensions/{UUID(int=2)}", {"reason": "等配件", "until": LATER}),
    ("POST", f"extensions/{UUID(int=2)}/explain", {"understood": True}),
    ("POST", f"supervisions/{UUID(int=2)}/answer", {"answer": "在修"}),
]


@pytest.mark.parametrize(("method", "act", "body"), ACTS)
async def test_another_departments_order_answers_like_a_missing_one(
    desk: Any, method: str, act: str, body: dict[str, Any]
) -> None:
    """Not by status, not by body, not by a version that fits or does not."""
    order, missing = await signed(desk), uuid4()
    before = await desk.names()
    for headers in ({}, {"if_match": '"3"'}, {"if_match": '"0"'}):
        answers = [await desk.ask(method, f"/work-orders/{one}/{act}", body, by=PARKS, **headers) for one in (order, missing)]
        contents = [{**answer.json(), "instance": "", "trace_id": ""} for answer in answers]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert contents[0] == contents[1]
    assert await desk.names() == before
    assert (await desk.ask("GET", f"/work-orders/{order}/handling", by=PARKS)).status_code == 404
