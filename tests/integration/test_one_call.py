"""One call's whole life on the running system: received, classified, transferred, resolved, revisited, with one rework.

The correlation is the call's from its first event to its last, each cause is named, and a trace crosses all services.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from hotline_embedded.city import CATEGORY, MOMENT, City, Matter

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
LIFE = [
    "intake.call.received",
    "intake.call.answered",
    "intake.request.registered",
    "intake.call.ended",
    "intake.call.wrapped_up",
    "intake.call.rule_violated",  # nobody told of a greeting
    "intake.call.rule_violated",  # nor of the agent's number
    "routing.work_order.opened",
    "routing.work_order.classified",
    "routing.work_order.transferred",
    "routing.work_order.signed",
    "routing.work_order.caller_contacted",
    "routing.work_order.investigation_reported",
    "routing.work_order.department_contacted",
    "routing.work_order.resolved",
    "followup.revisit.scheduled",
    "followup.revisit.came_due",
    "followup.revisit.attempted",
    "followup.revisit.came_due",
    "followup.revisit.revisited",
    "followup.revisit.rework_ordered",
    "routing.work_order.reopened",
    "routing.work_order.signed",
    "routing.work_order.investigation_reported",
    "routing.work_order.department_contacted",
    "routing.work_order.resolved",
    "followup.revisit.scheduled",
    "followup.revisit.came_due",
    "followup.revisit.revisited",
    "followup.revisit.closed",
    "routing.work_order.closed",
]


@dataclass
class Life:
    """A call that has been lived through, and what the desk saw on the way."""

    call_id: UUID
    department: str
    matter: Matter
    revisits: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture(scope="module")
async def life(stack: City) -> Life:
    """Live through one call: the caller is not satisfied at first, and is the second time."""
    department = await stack.new_department("life")
    call_id = uuid4()
    matter = await _call(stack, call_id)
    await stack.transfer(matter, department)
    lived = Life(call_id, department, matter)
    await stack.act(department, matter, "sign")
    await stack.act(department, matter, "contact")
    await stack.act(department, matter, "investigation", {"finding": "灯确实不亮。", "evidence": [str(uuid4())]})
    contact = f"/work-orders/{matter.work_order_id}/department-contact"
    await stack.tell("routing", "call_taker", contact, {"contact": "王科长"})
    await stack.act(department, matter, "contact")
    await stack.act(department, matter, "resolve", {"reply": "已派人查看。"})
    first = await _due_revisit(stack, lived)
    await stack.tell("followup", "revisit_agent", f"/revisits/{first['id']}/attempt", {"outcome": "no_answer"})
    again = await _due_revisit(stack, lived)
    answer = {"solved": False, "satisfied": False, "reason": "灯还是不亮。"}
    await stack.tell("followup", "revisit_agent", f"/revisits/{again['id']}/revisit", answer)
    await stack.settled()
    await stack.act(department, matter, "sign")
    await stack.act(department, matter, "investigation", {"finding": "灯泡已坏。", "evidence": [str(uuid4())]})
    await stack.tell("routing", "call_taker", contact, {"contact": "王科长"})
    await stack.act(department, matter, "resolve", {"reply": "已更换灯泡。"})
    second = await _due_revisit(stack, lived)
    await stack.tell("followup", "revisit_agent", f"/revisits/{second['id']}/revisit", {"solved": True, "satisfied": True})
    await stack.settled()
    lived.events = await _everything_about(stack, lived)
    await stack.drive(MOMENT)
    return lived


async def test_the_timeline_tells_every_step_in_its_order(stack: City, life: Life) -> None:
    timeline = await stack.ask("reporting", "oversight_officer", f"/timelines/{life.matter.request_id}")
    assert sorted(entry["name"] for entry in timeline["entries"]) == sorted(LIFE)
    for service in ("routing", "followup"):
        told = [entry["name"] for entry in timeline["entries"] if entry["source"] == service]
        assert told == [name for name in LIFE if name.startswith(service)]
    times = [datetime.fromisoformat(entry["occurred_at"]) for entry in timeline["entries"]]
    assert times == sorted(times)
    assert "灯" not in json.dumps(timeline, ensure_ascii=False)


async def test_the_order_ends_closed_in_its_second_round(stack: City, life: Life) -> None:
    order = await stack.ask("routing", "dispatcher", f"/work-orders/{life.matter.work_order_id}")
    assert (order["status"], order["round"], order["hop"]) == ("closed", 2, 1)
    assert (order["department"], order["category"]) == (life.department, CATEGORY)
    assert (order["matter"], order["reply"]) == ("路灯不亮,已经三天。", "已更换灯泡。")
    revisits = (await stack.ask("followup", "revisit_agent", f"/work-orders/{life.matter.work_order_id}/revisits"))["items"]
    assert [(one["round"], one["solved"], one["attempts"]) for one in revisits] == [(1, False, 1), (2, True, 0)]
    assert revisits[0]["reason"] == "灯还是不亮。"


async def test_everything_is_one_correlation_from_the_call_on(life: Life) -> None:
    assert sorted(event["name"] for event in life.events) == sorted(LIFE)
    assert {event["correlationid"] for event in life.events} == {str(life.call_id)}


async def test_every_reaction_names_the_event_that_caused_it(life: Life) -> None:
    by_id = {event["id"]: event["name"] for event in life.events}
    caused = {(by_id.get(event["causationid"]), event["name"]) for event in life.events}
    assert {
        ("intake.request.registered", "routing.work_order.opened"),
        ("routing.work_order.resolved", "followup.revisit.scheduled"),
        ("followup.revisit.rework_ordered", "routing.work_order.reopened"),
        ("followup.revisit.closed", "routing.work_order.closed"),
    } <= caused


async def test_a_trace_goes_on_through_the_services_that_react(life: Life) -> None:
    """The registration came with a trace of its own; the order was opened within it, in another process."""
    traces = {event["name"]: event.get("traceparent", "").split("-")[1:2] for event in life.events}
    assert traces["intake.request.registered"] == [TRACE]
    assert traces["routing.work_order.opened"] == [TRACE]
    by_name = {event["id"]: event for event in life.events}
    for event in life.events:
        cause = by_name.get(event["causationid"])
        if cause is not None:
            assert event["traceparent"].split("-")[1] == cause["traceparent"].split("-")[1]


async def test_who_did_it_stands_with_every_act(life: Life) -> None:
    actors = {event["name"]: (event["actorrole"], event.get("actordepartment")) for event in life.events}
    assert actors["intake.call.received"] == ("call_taker", None)
    assert actors["routing.work_order.transferred"] == ("dispatcher", None)
    assert actors["routing.work_order.resolved"] == ("department_handler", life.department)
    assert actors["routing.work_order.opened"] == ("service", None)
    assert actors["followup.revisit.revisited"] == ("revisit_agent", None)


@pytest.mark.parametrize("service", ["intake", "routing", "followup"])
async def test_what_is_published_is_what_is_stored_at_the_sequence_of_its_position(
    stack: City, life: Life, service: str
) -> None:
    messages = {message.metadata.sequence.stream: message for message in await stack.messages(service)}
    for event in life.events:
        if event["name"].startswith(service):
            published = json.loads(messages[event["position"]].data)
            assert (published["id"], published["type"]) == (event["id"], event["name"])
            assert messages[event["position"]].subject == f"hotline.{event['name']}.{event.get('department', '_')}"


async def test_the_department_was_told_its_own_part_of_the_life(stack: City, life: Life) -> None:
    statement = "select name from views.queue_events where department = $1 order by position"
    told = [row["name"] for row in await stack.rows("routing", statement, life.department)]
    assert told == [name for name in LIFE if name in set(told)]


async def _call(stack: City, call_id: UUID) -> Matter:
    """Receive and answer a call, register what the caller says, and end it."""
    await stack.tell("intake", "call_taker", f"/calls/{call_id}", {"line": "12345"})
    await stack.tell("intake", "call_taker", f"/calls/{call_id}/answer", {"wait_ms": 4000, "ring_count": 1})
    request_id, requester_id = uuid4(), uuid4()
    registered = await stack.client("intake", "call_taker").put(
        f"/requests/{request_id}",
        json={
            "requester_id": str(requester_id),
            "anonymous": True,
            "channel": "phone",
            "read_back": True,
            "request_type": "complaint",
            "title": "路灯不亮",
            "matter": "路灯不亮,已经三天。",
            "call_id": str(call_id),
        },
        headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"},
    )
    assert registered.status_code == 201, registered.text
    await stack.tell("intake", "call_taker", f"/calls/{call_id}/end", {"ended_by": "caller", "talk_ms": 90_000})
    await stack.tell("intake", "call_taker", f"/calls/{call_id}/wrap-up", {"outcome": "request_registered"})
    work_order_id = await stack.work_order_of(request_id)
    return Matter(request_id=request_id, requester_id=requester_id, work_order_id=work_order_id)


async def _due_revisit(stack: City, life: Life) -> dict[str, Any]:
    """Wait for the newest revisit of the order, drive the clock to its time, and see it on the desk's list."""
    await stack.settled()
    revisits = (await stack.ask("followup", "revisit_agent", f"/work-orders/{life.matter.work_order_id}/revisits"))["items"]
    revisit_id = max(revisits, key=lambda one: one["round"])["id"]
    rows = await stack.rows(
        "followup", "select max(due_at) from timers where stream = $1 and kind like '%due%'", f"revisit-{revisit_id}"
    )
    await stack.drive(rows[0][0])
    shown: dict[str, Any] = await stack.ask("followup", "revisit_agent", f"/revisits/{revisit_id}")
    assert shown["status"] == "due"
    life.revisits.append(shown)
    return shown


async def _everything_about(stack: City, life: Life) -> list[dict[str, Any]]:
    """Collect the stored events of all streams of this life, with their metadata."""
    revisits = {revisit["id"] for revisit in life.revisits}
    streams = {
        "intake": [f"call-{life.call_id}", f"request-{life.matter.request_id}"],
        "routing": [f"work_order-{life.matter.work_order_id}"],
        "followup": [f"revisit-{revisit_id}" for revisit_id in revisits],
    }
    return [
        {**json.loads(row["metadata"]), "id": str(row["id"]), "name": row["name"], "position": row["position"]}
        for service, names in streams.items()
        for name in names
        for row in await stack.events_of(service, name)
    ]
