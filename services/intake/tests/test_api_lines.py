"""Lines, outages, missed calls, units and extensions over HTTP: who may do what, what is refused, what is shown."""

from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

import httpx

from hotline_events.aggregates import Submission
from hotline_events.catalogue.intake import AbandonStage, CallAbandoned, CallReceived, MissedCallRecorded
from hotline_events.testing import cause
from intake.domain import call

NOON = datetime.fromisoformat("2026-03-02T04:00:00+00:00")  # in Shanghai


class Desk(Protocol):
    async def ask(self, method: str, path: str, body: Any = None, *, by: str = "call_taker") -> httpx.Response: ...
    async def catch_up(self) -> None: ...
    async def react(self) -> None: ...
    async def fire(self, now: datetime) -> int: ...
    async def history(self, after: int = 0) -> list[Any]: ...


def at(minutes: int) -> str:
    return (NOON + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


async def tell(desk: Desk, method: str, path: str, body: Any = None, *, by: str = "administrator") -> dict[str, Any]:
    answer = await desk.ask(method, path, body or {}, by=by)
    assert answer.status_code in {200, 201}, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def ask(desk: Desk, path: str, by: str = "call_taker") -> Any:
    await desk.catch_up()
    answer = await desk.ask("GET", path, by=by)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def publish(desk: Desk, line: str, kind: str, **more: Any) -> None:
    facts = {"kind": kind, "name_zh": "值班电话", "name_en": "Duty line", "round_the_clock": kind != "office", **more}
    await tell(desk, "PUT", f"/lines/{line}", facts)


def refused(answer: httpx.Response, status: int, code: str, missing: str | None = None) -> None:
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (status, f"urn:hotline:problem:{code}"), answer.text
    assert problem.get("missing") == missing
    assert problem["title"] != code


async def test_an_administrator_publishes_a_line_and_its_greeting_is_what_a_caller_hears(desk: Desk) -> None:
    """A08, A09: the script names the line and leaves a place for the agent's number."""
    await publish(desk, "12345", "hotline")
    await publish(desk, "12345", "hotline")
    (shown,) = (await ask(desk, "/lines"))["items"]
    assert (shown["line"], shown["greeting"], shown["version"]) == ("12345", "greeting", 1)
    route = await ask(desk, "/lines/12345/route")
    assert "值班电话" in route["script_zh"]
    assert "{agent}" in route["script_zh"]
    refused(await desk.ask("GET", "/lines/none"), 404, "not_found")
    body = {"kind": "hotline", "name_zh": "一", "name_en": "One", "greeting": "nonsense"}
    refused(await desk.ask("PUT", "/lines/1", body, by="administrator"), 422, "unknown_greeting")
    assert (await desk.ask("PUT", "/lines/1", body)).status_code == 403


async def test_forwarding_is_refused_for_duty_lines_ever_and_for_offices_in_working_time(desk: Desk) -> None:
    """A04, A05."""
    await publish(desk, "duty", "duty")
    await publish(desk, "office", "office")
    evening = {"to_line": "duty", "starts_at": at(7 * 60), "ends_at": at(12 * 60)}
    afternoon = {"to_line": "duty", "starts_at": at(60), "ends_at": at(120)}
    answer = await desk.ask("PUT", "/lines/duty/forwarding", {**evening, "to_line": "office"}, by="administrator")
    refused(answer, 409, "duty_line_forwarded")
    refused(await desk.ask("PUT", "/lines/office/forwarding", afternoon, by="administrator"), 409, "office_line_forwarded")
    refused(await desk.ask("PUT", "/lines/none/forwarding", evening, by="administrator"), 404, "line_not_published")
    await tell(desk, "PUT", "/lines/office/forwarding", evening)
    assert (await ask(desk, f"/lines/office/route?at={at(8 * 60)}"))["forwarded_to"] == "duty"
    await tell(desk, "POST", "/lines/office/forwarding/clear")
    assert (await ask(desk, f"/lines/office/route?at={at(8 * 60)}"))["target"] == "nobody"


async def test_a_schedule_says_who_takes_calls_from_its_date_on(desk: Desk) -> None:
    """A60: with the public notice; what lies before it is not rewritten."""
    await publish(desk, "duty", "duty")
    spans = [
        {"start": "08:30", "end": "17:30", "target": "duty_chief"},
        {"start": "17:30", "end": "08:30", "target": "duty_room"},
    ]
    schedule = {"spans": spans, "effective_at": at(60), "notice_zh": "调整接听时间", "notice_en": "New hours"}
    refused(
        await desk.ask("POST", "/lines/duty/routes", {**schedule, "spans": spans[:1]}, by="administrator"), 422, "route_spans"
    )
    assert (await desk.ask("POST", "/lines/duty/routes", {**schedule, "notice_zh": ""}, by="administrator")).status_code == 422
    await tell(desk, "POST", "/lines/duty/routes", schedule)
    assert (await ask(desk, "/lines/duty/route"))["target"] == "duty_room"
    assert (await ask(desk, f"/lines/duty/route?at={at(61)}"))["target"] == "duty_chief"


async def test_an_outage_is_reported_bridged_and_restored_and_may_be_entered_afterwards(desk: Desk) -> None:
    """A20, A21: the window is known by its events; a call entered late keeps the time at which it came."""
    await publish(desk, "duty", "duty")
    fault, holder, call_id = uuid4(), uuid4(), uuid4()
    faults = f"/lines/duty/faults/{fault}"
    refused(
        await desk.ask("POST", f"{faults}/restore", {}, by="shift_leader"), 409, "fault_not_reported", "line_fault_reported"
    )
    await tell(desk, "PUT", faults, {"fault": "no_dial_tone", "told": "telecom", "occurred_at": at(-60)}, by="call_taker")
    notice = {"notice_zh": "线路故障", "notice_en": "Out of order", "occurred_at": at(-55)}
    await tell(desk, "POST", f"{faults}/notice", notice, by="shift_leader")
    bridge = {"agent_id": "agent-9", "holder_id": str(holder), "occurred_at": at(-50)}
    refused(await desk.ask("POST", f"{faults}/fallback", bridge, by="shift_leader"), 422, "unknown_holder")
    await tell(desk, "PUT", f"/persons/{holder}", {"phone": "13900001111"}, by="call_taker")
    await tell(desk, "POST", f"{faults}/fallback", bridge, by="shift_leader")
    assert (await ask(desk, f"/lines/duty/route?at={at(-30)}"))["staff"] == ["agent-9"]
    await tell(desk, "POST", f"{faults}/restore", {"occurred_at": at(-10)}, by="shift_leader")
    await tell(desk, "PUT", f"/calls/{call_id}", {"line": "duty", "occurred_at": at(-30)}, by="call_taker")
    (outage,) = (await ask(desk, "/lines/duty/outages"))["items"]
    late = (await desk.history())[-1]
    assert datetime.fromisoformat(outage["began_at"]) <= late.occurred_at < datetime.fromisoformat(outage["restored_at"])
    assert late.recorded_at > late.occurred_at
    assert (outage["notice_zh"], outage["agent_id"]) == ("线路故障", "agent-9")
    assert "13900001111" not in str([event.raw for event in await desk.history()])


async def test_every_missed_call_of_a_duty_line_becomes_a_task_to_call_back(desk: Desk) -> None:
    """A05: whichever is entered first, and however often the worker hears of it."""
    await publish(desk, "duty", "duty")
    await publish(desk, "12345", "hotline")
    missed, hotline = uuid4(), uuid4()
    for call_id, line in ((missed, "duty"), (hotline, "12345")):
        await tell(desk, "PUT", f"/calls/{call_id}", {"line": line}, by="call_taker")
        await tell(desk, "POST", f"/calls/{call_id}/abandon", {"stage": "ringing", "wait_ms": 4000}, by="call_taker")
    await desk.react()
    await desk.react()
    (task,) = (await ask(desk, "/missed-calls?line=duty"))["items"]
    assert (task["call_id"], task["attempts"], task["overdue_at"]) == (str(missed), 0, None)
    await tell(desk, "POST", f"/missed-calls/{missed}/call-back", {"outcome": "no_answer"}, by="call_taker")
    assert await desk.fire(NOON + timedelta(minutes=15)) == 1
    (task,) = (await ask(desk, "/missed-calls"))["items"]
    assert (task["attempts"], task["overdue_at"] is not None) == (1, True)
    await tell(desk, "POST", f"/missed-calls/{missed}/call-back", {"outcome": "reached"}, by="call_taker")
    assert (await ask(desk, "/missed-calls"))["items"] == []
    assert (await ask(desk, "/missed-calls?still_open=false"))["items"][0]["outcome"] == "reached"
    answer = await desk.ask("POST", f"/missed-calls/{hotline}/call-back", {"outcome": "reached"})
    refused(answer, 404, "missed_call_unknown")


async def test_an_office_that_does_not_answer_and_a_shared_telephone_raise_alarms(desk: Desk) -> None:
    """A04, A61."""
    await publish(desk, "duty", "duty", handset="desk_1")
    await desk.catch_up()
    await publish(desk, "office", "office", handset="desk_1")
    talking, engaged = uuid4(), uuid4()
    await tell(desk, "PUT", f"/calls/{talking}", {"line": "duty", "occurred_at": at(-5)}, by="call_taker")
    await tell(desk, "POST", f"/calls/{talking}/answer", {"occurred_at": at(-4)}, by="call_taker")
    await tell(desk, "PUT", f"/calls/{engaged}", {"line": "office", "occurred_at": at(-3)}, by="call_taker")
    gone = {"stage": "ringing", "occurred_at": at(-2)}
    await tell(desk, "POST", f"/calls/{engaged}/abandon", gone, by="call_taker")
    await desk.react()
    alarms = (await ask(desk, "/lines/office/alarms"))["items"]
    assert [(alarm["kind"], alarm["other_lines"]) for alarm in alarms] == [
        ("handset_shared", ["duty"]),
        ("left_unattended", None),
        ("engaged", ["duty"]),
    ]
    assert alarms[1]["waited_ms"] == 60_000


async def test_a_unit_tells_when_it_opens_next(desk: Desk) -> None:
    """A62: at noon on a Monday it is closed until half past one."""
    hours = [
        {"days": "working_days", "start": "09:00", "end": "12:00"},
        {"days": "working_days", "start": "13:30", "end": "17:00"},
    ]
    unit = {"name_zh": "税务局", "name_en": "Tax", "hours": hours}
    await tell(desk, "PUT", "/units/tax", unit)
    shown = await ask(desk, "/units/tax/hours")
    assert (shown["is_open"], datetime.fromisoformat(shown["opens_at"])) == (False, NOON + timedelta(minutes=90))
    assert shown["script_zh"] == "现在不是税务局的办公时间，将于2026-03-02 13:30开始办公。"
    assert (await ask(desk, f"/units/tax/hours?at={at(120)}"))["is_open"] is True
    told = {"call_id": str(uuid4())}
    await tell(desk, "POST", "/units/tax/out-of-hours", told, by="call_taker")
    refused(await desk.ask("POST", "/units/none/out-of-hours", told), 404, "unit_unknown")
    refused(await desk.ask("GET", "/units/tax/hours?at=2031-03-02T00:00:00Z"), 409, "calendar_unknown")
    await publish(desk, "taxline", "office", unit="tax")
    route = await ask(desk, "/lines/taxline/route")
    assert (route["target"], datetime.fromisoformat(route["opens_at"])) == ("nobody", NOON + timedelta(minutes=90))


async def test_at_night_and_when_left_alone_a_message_is_taken(desk: Desk) -> None:
    """A54, A55: 2 March 2026, 01:00 in Shanghai is night."""
    night, message, call_id = at(-11 * 60), uuid4(), uuid4()
    through = {"call_id": str(call_id), "matches": False, "importance": "urgent", "occurred_at": night}
    refused(await desk.ask("POST", "/extensions/2001/put-through", through), 409, "night_transfer_blocked", "message_taken")
    left = {"call_id": str(call_id), "because": "night_mismatch", "message": "请明早回电", "occurred_at": night}
    await tell(desk, "PUT", f"/extensions/2001/messages/{message}", left, by="call_taker")
    await tell(desk, "PUT", f"/extensions/2001/messages/{message}", left, by="call_taker")
    (shown,) = (await ask(desk, "/extensions/2001/messages?waiting=true"))["items"]
    assert shown["message"] == "请明早回电"
    await tell(desk, "POST", f"/extensions/2001/messages/{message}/pass-on", by="call_taker")
    await tell(desk, "PUT", f"/extensions/2001/messages/{message}", left, by="call_taker")
    assert (await ask(desk, "/extensions/2001/messages?waiting=true"))["items"] == []
    await tell(desk, "PUT", "/extensions/2001/do-not-disturb", {"ends_at": at(60)}, by="call_taker")
    day = {"call_id": str(call_id), "matches": True}
    refused(await desk.ask("POST", "/extensions/2001/put-through", day), 409, "do_not_disturb", "message_taken")
    await tell(desk, "POST", "/extensions/2001/put-through", {**day, "importance": "life_in_danger"}, by="call_taker")
    assert "请明早回电" not in str([event.raw for event in await desk.history()])
    await tell(desk, "POST", "/extensions/2001/do-not-disturb/clear", by="call_taker")


async def test_a_missed_call_is_known_even_when_the_exchange_reports_its_arrival_last(desk: Any) -> None:
    """A05, A21: the abandonment stands before the arrival, and the task is one."""
    await publish(desk, "duty", "duty")
    call_id, moment = uuid4(), NOON
    gone = CallAbandoned(call_id=call_id, stage=AbandonStage.RINGING, wait_ms=9000, occurred_at=moment)
    came = CallReceived(call_id=call_id, line="duty", occurred_at=moment - timedelta(seconds=9))
    aggregates = desk.runtime.aggregates
    for number, event in enumerate((gone, came)):
        stream = call.decider.stream(call_id)
        submission = Submission(command_id=uuid4(), fingerprint=b"", cause=cause(call_id))
        await aggregates.append(call.decider, (stream, number, call.Call()), [event], submission)
        await desk.react()
    recorded = [one.event for one in await desk.history() if isinstance(one.event, MissedCallRecorded)]
    assert [(one.call_id, one.waited_ms, one.occurred_at) for one in recorded] == [(call_id, 9000, moment)]


async def test_a_call_reaches_whoever_is_not_to_be_disturbed_only_once_it_was_put_through(desk: Desk) -> None:
    """A54, A55: a transfer is prepared past the wish not to be disturbed, and at night, only by what was recorded there."""
    transfer = {
        "target": "2002", "consent": True, "estimated_ms": 30_000, "target_checked": True, "identity_checked": True,
    }  # fmt: skip
    await tell(desk, "PUT", "/extensions/2002/do-not-disturb", {"ends_at": at(60)}, by="call_taker")
    for begins_at, through in ((0, {"matches": True, "importance": "life_in_danger"}), (-600, {"matches": True})):
        call_id = uuid4()
        begun = {"occurred_at": at(begins_at)}
        await tell(desk, "PUT", f"/calls/{call_id}", {"line": "12345", **begun}, by="call_taker")
        await tell(desk, "POST", f"/calls/{call_id}/answer", {"ring_count": 1, **begun}, by="call_taker")
        await tell(desk, "POST", f"/calls/{call_id}/scripts", {"script": "transfer", **begun}, by="call_taker")
        path = f"/calls/{call_id}/transfer"
        refused(await desk.ask("POST", path, {**transfer, **begun}), 409, "call_step_missing", "put_through")
        body = {"call_id": str(call_id), **through, **begun}
        await tell(desk, "POST", "/extensions/2002/put-through", body, by="call_taker")
        await tell(desk, "POST", path, {**transfer, **begun}, by="call_taker")
        await tell(desk, "POST", "/extensions/2002/do-not-disturb/clear", by="call_taker")
