"""Emergencies, escalations and instructions as their users meet them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from hotline_events.catalogue.intake import Channel, CorrectionReason, RequestRegistered, RequestType, RequestTypeChanged
from hotline_events.clock import FixedClock
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON
from hotline_events.timers import Timers
from routing.main import build_work

HOUR = timedelta(hours=1)


async def fire(desk: Any, at: timedelta) -> None:
    """Fire what is due by then."""
    timers = Timers(desk.runtime.aggregates, desk.runtime.clock, "routing", build_work(desk.runtime).on_timer)
    while await timers.fire_due(NOON + at):
        pass


async def test_an_emergency_from_its_declaration_to_its_end(desk: Any) -> None:
    """A79, A80, A81: three parties in parallel, each timed; a heartbeat; a vehicle."""
    await desk.publish_tables("gas", "parks")
    order = await desk.register()
    declared = await desk.ask("POST", f"/work-orders/{order}/emergency", {}, by="call_taker")
    assert declared.status_code == 200, declared.text
    path = f"/emergencies/{declared.json()['id']}"
    assert (await desk.ask("POST", f"{path}/settle", {})).json()["missing"] == "acknowledge:crew"
    for party, by in (("crew", "handler@gas"), ("department", "head@gas")):
        assert (await desk.ask("POST", f"{path}/acknowledge", {"party": party}, by=by)).status_code == 200
    vehicle = await desk.ask("POST", f"{path}/vehicle", {"vehicle": "crew-07"}, by="handler@gas")
    note = await desk.ask("POST", f"{path}/field-report", {"note": "现场已围挡。"}, by="handler@gas")
    assert (vehicle.status_code, note.status_code) == (200, 200)
    await fire(desk, HOUR)
    await desk.project()
    shown = (await desk.ask("GET", path)).json()
    assert [(notice["party"], notice["missed"]) for notice in shown["notices"]] == [
        ("crew", False),
        ("department", False),
        ("leader", True),
    ]
    assert (shown["vehicles"], shown["heartbeats_missed"]) == (["crew-07"], 2)
    assert (await desk.ask("GET", "/emergencies?is_open=true")).json()["items"] == [shown]
    assert (await desk.ask("POST", f"{path}/acknowledge", {"party": "leader"}, by="shift_leader")).status_code == 200
    assert (await desk.ask("POST", f"{path}/settle", {}, by="head@gas")).status_code == 200
    await desk.project()
    assert (await desk.ask("GET", "/emergencies?is_open=true")).json()["items"] == []
    assert (await desk.ask("GET", "/emergencies/overdue")).json()["items"] == []
    stored = b"".join(event.raw.encode() for event in await desk.history())
    assert "现场已围挡".encode() not in stored


async def test_a_matter_registered_as_an_emergency_is_declared_at_once(desk: Any) -> None:
    """A79: for the department that the scope table names, in the very moment of the registration."""
    await desk.publish_tables("gas", "parks")
    person = uuid4()
    request = RequestRegistered(
        request_id=uuid4(),
        requester_id=person,
        channel=Channel.PHONE,
        request_type=RequestType.HELP,
        title=Sealed("燃气泄漏"),
        matter=Sealed("楼道里有浓重的燃气味。"),
        category="lighting",
        emergency=True,
        first_contact="agent-7",
        occurred_at=NOON,
    )
    key = await desk.intake_keys.create(person)
    await desk.hear(request, f"request-{request.request_id}", key=key)
    await desk.project()
    (shown,) = (await desk.ask("GET", "/emergencies", by="handler@gas")).json()["items"]
    assert (shown["request_id"], shown["department"]) == (str(request.request_id), "gas")
    assert {notice["told_at"] for notice in shown["notices"]} == {shown["declared_at"]}


async def test_an_emergency_that_nobody_was_known_for_reaches_the_department_that_gets_the_order(desk: Any) -> None:
    """A79, A80: with the order, it ends too."""
    await desk.publish_tables("gas", "parks")
    order = await desk.register("noise")
    declared = await desk.ask("POST", f"/work-orders/{order}/emergency", {})
    path = f"/emergencies/{declared.json()['id']}"
    assert (await desk.ask("POST", f"{path}/acknowledge", {"party": "crew"}, by="handler@parks")).status_code == 404
    moved = await desk.ask("POST", f"/work-orders/{order}/transfer", {"department": "parks"})
    assert moved.status_code == 200, moved.text
    await desk.follow()
    for party in ("crew", "department"):
        known = await desk.ask("POST", f"{path}/acknowledge", {"party": party}, by="handler@parks")
        assert known.status_code == 200, known.text
    await desk.project()
    assert [one["department"] for one in (await desk.ask("GET", "/emergencies?is_open=true")).json()["items"]] == ["parks"]
    for act, body in (("sign", {}), ("contact", {}), ("resolve", {"reply": "已处理。"})):
        assert (await desk.ask("POST", f"/work-orders/{order}/{act}", body, by="handler@parks")).status_code == 200
    await desk.follow()
    await desk.project()
    assert (await desk.ask("GET", "/emergencies?is_open=true")).json()["items"] == []


async def test_what_turns_out_to_be_an_emergency_repair_is_declared_for_whoever_holds_the_order(desk: Any) -> None:
    """A30, A79."""
    await desk.publish_tables("gas", "parks")
    person = uuid4()
    order = await desk.register(requester_id=person)
    await desk.project()
    request = (await desk.ask("GET", f"/work-orders/{order}")).json()["request_id"]
    changed = RequestTypeChanged(
        request_id=UUID(request),
        requester_id=person,
        from_type=RequestType.HELP,
        to_type=RequestType.EMERGENCY_REPAIR,
        reason=CorrectionReason.NEW_FACTS,
        changed_by="agent-7",
        occurred_at=NOON,
    )
    await desk.hear(changed, f"request-{request}")
    await desk.follow()
    await desk.project()
    (shown,) = (await desk.ask("GET", "/emergencies", by="handler@gas")).json()["items"]
    assert (shown["work_order_id"], len(shown["notices"])) == (str(order), 3)
    assert (await desk.names())[-1] == "work_order.emergency_declared"


async def test_nothing_is_declared_or_reported_upwards_for_an_order_that_has_ended(desk: Any) -> None:
    """A79, A82: what was before stays as it was."""
    await desk.publish_tables("roads")
    order, before, after = await desk.register(), uuid4(), uuid4()
    body = {"work_order_id": str(order), "flag": "hot"}
    assert (await desk.ask("PUT", f"/escalations/{before}", body)).status_code == 201
    for act, said in (("sign", {}), ("resolve", {"reply": "已处理。"})):
        await desk.ask("POST", f"/work-orders/{order}/{act}", said, by="handler@roads")
    for method, path, said in (("PUT", f"/escalations/{after}", body), ("POST", f"/work-orders/{order}/emergency", {})):
        refused = await desk.ask(method, path, said)
        assert (refused.status_code, refused.json()["rule"]) == (409, "A108")
    assert (await desk.ask("PUT", f"/escalations/{before}", body)).status_code == 200


async def test_another_departments_emergency_is_answered_like_a_missing_one(desk: Any) -> None:
    """A79, A144."""
    await desk.publish_tables("gas", "parks")
    order = await desk.register()
    declared = await desk.ask("POST", f"/work-orders/{order}/emergency", {})
    await desk.project()
    there, missing = f"/emergencies/{declared.json()['id']}", f"/emergencies/{uuid4()}"
    for method, tail, body in (("GET", "", None), ("POST", "/acknowledge", {"party": "crew"}), ("POST", "/settle", {})):
        theirs = (await desk.ask(method, there + tail, body, by="head@parks")).json()
        nobodys = (await desk.ask(method, missing + tail, body, by="head@parks")).json()
        assert {**theirs, "instance": "", "trace_id": ""} == {**nobodys, "instance": "", "trace_id": ""}
    assert (await desk.ask("GET", "/emergencies", by="head@parks")).json()["items"] == []
    assert (await desk.ask("GET", "/emergencies/overdue", by="head@parks")).json()["items"] == []


async def test_a_matter_climbs_by_itself_faster_in_a_sensitive_period(desk: Any) -> None:
    """A82, A83."""
    await desk.publish_tables("roads", "parks")
    order, one, other = await desk.register(), uuid4(), uuid4()
    body = {"work_order_id": str(order), "flag": "hot"}
    assert (await desk.ask("PUT", f"/escalations/{one}", body)).status_code == 201
    assert (await desk.ask("PUT", f"/escalations/{one}", body)).status_code == 200
    period = {"name_zh": "防汛期", "name_en": "Flood season", "starts_at": "2026-03-01T00:00:00Z"}
    path = f"/sensitive-periods/{uuid4()}"
    wrong = await desk.ask("PUT", path, {**period, "ends_at": "2026-02-01T00:00:00Z"}, by="oversight_officer")
    assert (wrong.status_code, wrong.json()["field"], wrong.json()["rule"]) == (422, "body.ends_at", "A83")
    opened = await desk.ask("PUT", path, {**period, "ends_at": "2026-04-01T00:00:00Z"}, by="oversight_officer")
    assert opened.status_code == 201, opened.text
    assert (await desk.ask("PUT", f"/escalations/{other}", body)).status_code == 201
    await fire(desk, 2 * HOUR)
    await desk.project()
    shown = {item["escalation_id"]: item for item in (await desk.ask("GET", "/escalations?is_open=true")).json()["items"]}
    assert (shown[str(one)]["level"], shown[str(one)]["climbed"]) == ("shift_leader", 0)
    assert (shown[str(other)]["level"], shown[str(other)]["climbed"], shown[str(other)]["sensitive"]) == ("duty_chief", 2, True)
    early = {"occurred_at": NOON.isoformat()}
    assert (await desk.ask("POST", f"/escalations/{other}/answer", early, by="head@roads")).json()["rule"] == "A82"
    head = await desk.ask("POST", f"/escalations/{one}/answer", {}, by="head@roads")
    told = {name: head.json()[name] for name in ("type", "detail", "missing", "rule")}
    assert (head.status_code, told) == (403, {
        "type": "urn:hotline:problem:not_this_level", "detail": "shift_leader", "missing": "shift_leader", "rule": "A82",
    })  # fmt: skip
    assert (shown[str(one)]["may_answer"], shown[str(other)]["may_answer"]) == (["shift_leader"], ["oversight_officer"])
    assert (await desk.ask("POST", f"/escalations/{one}/pass-on", {}, by="shift_leader")).status_code == 200
    assert (await desk.ask("POST", f"/escalations/{one}/answer", {}, by="head@roads")).status_code == 200
    assert (await desk.ask("POST", f"/escalations/{other}/answer", {}, by="head@parks")).status_code == 404
    assert (await desk.ask("POST", f"{path}/close", {}, by="oversight_officer")).status_code == 200
    await desk.project()
    (late,) = (await desk.ask("GET", "/escalations?is_open=true")).json()["items"]
    assert late["escalation_id"] == str(other)
    assert (await desk.ask("POST", f"/escalations/{other}/answer", early, by="shift_leader")).status_code == 200
    await desk.project()
    found = (await desk.ask("GET", "/escalations?is_open=false&level=shift_leader")).json()["items"]
    assert [(one["escalation_id"], one["may_answer"]) for one in found] == [(str(other), [])]
    (shown_period,) = (await desk.ask("GET", "/sensitive-periods")).json()["items"]
    assert shown_period["ends_at"] == NOON.isoformat().replace("+00:00", "Z")


async def test_an_escalation_goes_where_its_order_goes_and_ends_with_it(desk: Any) -> None:
    """A82."""
    await desk.publish_tables("roads", "parks")
    order, one = await desk.register(), uuid4()
    await desk.ask("PUT", f"/escalations/{one}", {"work_order_id": str(order), "flag": "hot"}, by="head@roads")

    async def told(by: str) -> list[Any]:
        await desk.follow()
        await desk.project()
        return list((await desk.ask("GET", "/escalations?is_open=true", by=by)).json()["items"])

    assert [item["escalation_id"] for item in await told("head@roads")] == [str(one)]
    await desk.ask("POST", f"/work-orders/{order}/return", {"reason": "duplicate"}, by="handler@roads")
    assert (await told("head@roads"), [item["department"] for item in await told("shift_leader")]) == ([], [None])
    assert (await desk.ask("POST", f"/work-orders/{order}/transfer", {"department": "parks"})).status_code == 200
    assert (await told("head@roads"), len(await told("head@parks"))) == ([], 1)
    assert (await desk.ask("POST", f"/escalations/{one}/answer", {}, by="head@roads")).status_code == 404
    for act, said in (("sign", {}), ("resolve", {"reply": "已处理。"})):
        await desk.ask("POST", f"/work-orders/{order}/{act}", said, by="handler@parks")
    assert await told("head@parks") == []
    (shown,) = (await desk.ask("GET", "/escalations", by="head@parks")).json()["items"]
    assert (shown["closed_at"], shown["answered_at"], shown["due_at"]) == ("2026-03-02T04:00:00Z", None, None)
    refused = await desk.ask("POST", f"/escalations/{one}/pass-on", {}, by="shift_leader")
    assert (refused.status_code, refused.json()["type"].endswith("escalation_closed")) == (409, True)
    await fire(desk, 99 * HOUR)
    assert "escalation.climbed" not in await desk.names()


async def test_a_department_raises_its_own_orders_only(desk: Any) -> None:
    """A82, A144."""
    await desk.publish_tables("roads", "parks")
    body = {"work_order_id": str(await desk.register()), "flag": "difficult"}
    assert (await desk.ask("PUT", f"/escalations/{uuid4()}", body, by="head@parks")).status_code == 404
    assert (await desk.ask("PUT", f"/escalations/{uuid4()}", body, by="head@roads")).status_code == 201


async def test_a_superiors_instruction_reaches_the_departments_and_is_acknowledged(desk: Any) -> None:
    """A64: the words are readable for those it was relayed to, and stored for nobody else."""
    await desk.publish_tables("roads", "parks")
    superior, path = uuid4(), f"/instructions/{uuid4()}"
    body = {"superior_id": str(superior), "words": "今晚之前把积水点查一遍。", "reported_to": "leader-1"}
    refused = await desk.ask("PUT", path, body, by="call_taker")
    assert (refused.status_code, refused.json()["field"]) == (422, "body.superior_id")
    assert refused.json()["title"] == "没有登记这位领导,或其信息已被清除,请先登记", refused.text
    await desk.intake_keys.create(superior)
    assert (await desk.ask("PUT", path, body, by="call_taker")).status_code == 201
    unknown = await desk.ask("POST", f"{path}/relay", {"department": "nowhere"})
    assert (unknown.status_code, unknown.json()["field"]) == (422, "body.department")
    assert (await desk.ask("POST", f"{path}/relay", {"department": "roads"})).status_code == 200
    assert (await desk.ask("POST", f"{path}/acknowledge", {}, by="head@parks")).status_code == 404
    await fire(desk, 3 * HOUR)
    assert (await desk.ask("POST", f"{path}/acknowledge", {}, by="head@roads")).status_code == 200
    await desk.project()
    (shown,) = (await desk.ask("GET", "/instructions", by="handler@roads")).json()["items"]
    assert (shown["words"], [relay["missed"] for relay in shown["relays"]]) == ("今晚之前把积水点查一遍。", [True])
    assert (await desk.ask("GET", "/instructions", by="handler@parks")).json()["items"] == []
    assert "积水" not in "".join(event.raw for event in await desk.history())


async def test_sensitive_periods_and_overdue_emergencies_are_read_page_by_page(desk: Any) -> None:
    """A80, A83: the latest period and the oldest emergency first, every one once."""
    await desk.publish_tables("gas")
    for month in ("06", "07", "08"):
        dates = {"starts_at": f"2026-{month}-01T00:00:00Z", "ends_at": f"2026-{month}-20T00:00:00Z"}
        period = {"name_zh": "防汛期", "name_en": "Flood season", **dates}
        opened = await desk.ask("PUT", f"/sensitive-periods/{uuid4()}", period, by="oversight_officer")
        assert opened.status_code == 201, opened.text
    orders = [str(await desk.register()) for _ in range(3)]
    for order in orders:
        assert (await desk.ask("POST", f"/work-orders/{order}/emergency", {})).status_code == 200
    await desk.project()
    desk.app.state.runtime = replace(desk.runtime, clock=FixedClock(NOON + HOUR))

    async def read(path: str, name: str) -> list[str]:
        found, following = [], ""
        while True:
            page = (await desk.ask("GET", f"{path}?limit=2{following}")).json()
            found += [item[name] for item in page["items"]]
            if page["next"] is None:
                return found
            following = f"&cursor={page['next']}"

    assert await read("/emergencies/overdue", "work_order_id") == orders
    assert [day[5:7] for day in await read("/sensitive-periods", "starts_at")] == ["08", "07", "06"]
    assert (await desk.ask("GET", "/sensitive-periods?cursor=x")).status_code == 400
