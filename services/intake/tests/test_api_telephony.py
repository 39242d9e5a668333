"""Telephone events over HTTP: batches of real exchanges, repeated, late and in any order; nothing lost, no number told."""

import asyncio
import json
import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from hotline_events.catalogue.intake import CallEnded, CallReceived, CallRuleViolated
from hotline_events.testing import NOON
from hotline_rules.pack import load_pack

RECORDINGS = Path(__file__).parent / "recordings"
Desk = Any
"""What the fixture `desk` of conftest.py returns."""
NUMBER = "0552-3115678"
AGENTS = dict.fromkeys(("8012", "1001", "agent1"), "agent-7")
MACHINE = "service@exchange"


def happened(seconds: float, kind: str, **more: Any) -> dict[str, Any]:
    """Return one event in the hotline's words, an hour ago."""
    at = NOON - timedelta(hours=1) + timedelta(seconds=seconds)
    raw = {"call": "c-1", "kind": kind, **more}
    return {"event_id": f"{kind}-{seconds}", "occurred_at": at.isoformat(), "raw": raw}


DAY = [
    happened(0, "ring", line="12345", number=NUMBER),
    happened(4, "answer", party="8012"),
    happened(60, "hold"),
    happened(80, "resume"),
    happened(120, "hang_up", by="caller"),
]


async def report(desk: Desk, *events: dict[str, Any], form: str = "hotline", by: str = MACHINE, status: int = 200) -> Any:
    body = {"exchange": "hall-1", "format": form, "agents": AGENTS, "events": list(events)}
    answer = await desk.ask("POST", "/telephony/events", body, by=by)
    assert answer.status_code == status, answer.text
    return answer.json().get("results", answer.json())


def outcomes(results: list[dict[str, Any]]) -> list[str]:
    return [result["outcome"] for result in results]


async def shown(desk: Desk, call_id: str) -> Any:
    await desk.catch_up()
    return (await desk.ask("GET", f"/calls/{call_id}")).json()


async def test_a_day_of_one_call_told_by_its_exchange(desk: Desk) -> None:
    """A01, A12: rings and wait, hold and talk, and who hung up, from the events alone."""
    results = await report(desk, *DAY)
    assert outcomes(results) == ["applied"] * 5
    (call_id,) = {result["call_id"] for result in results}
    call = await shown(desk, call_id)
    assert (call["status"], call["agent_id"], call["line"]) == ("ended", "agent-7", "12345")
    assert (call["wait_ms"], call["ring_count"], call["late"]) == (4000, 1, False)
    assert (call["talk_ms"], call["hold_ms"], call["ended_by"]) == (96_000, 20_000, "caller")


async def test_a_batch_that_comes_again_is_nothing(desk: Desk) -> None:
    """A21: whole, in part, or cut otherwise."""
    await report(desk, *DAY)
    before = [event.id for event in await desk.history()]
    assert outcomes(await report(desk, *DAY)) == ["repeated"] * 5
    assert outcomes(await report(desk, DAY[3], DAY[3], DAY[0])) == ["repeated"] * 3
    assert [event.id for event in await desk.history()] == before


async def test_events_in_any_order_lead_to_the_same_call_and_none_is_lost(desk: Desk) -> None:
    """A21: what comes before its predecessor waits for it, and is listed meanwhile."""
    assert outcomes(await report(desk, DAY[4], DAY[3])) == ["waiting", "waiting"]
    listed = (await desk.ask("GET", "/telephony/waiting", by="shift_leader")).json()["items"]
    assert sorted(one["event_id"] for one in listed) == sorted([DAY[4]["event_id"], DAY[3]["event_id"]])
    assert await desk.history() == []
    assert outcomes(await report(desk, DAY[0])) == ["applied"]
    results = await report(desk, DAY[1], DAY[2])
    assert (await desk.ask("GET", "/telephony/waiting", by="shift_leader")).json()["items"] == []
    call = await shown(desk, results[0]["call_id"])
    assert (call["status"], call["talk_ms"], call["hold_ms"]) == ("ended", 96_000, 20_000)


async def test_events_of_one_call_told_at_once_by_many_lead_to_the_same_call(desk: Desk) -> None:
    """A21: each event in a request of its own, all together."""
    shuffled = random.Random(7).sample(DAY, len(DAY))
    results = await asyncio.gather(*(report(desk, event) for event in shuffled + DAY))
    call = await shown(desk, results[0][0]["call_id"])
    assert (call["status"], call["wait_ms"], call["talk_ms"], call["hold_ms"]) == ("ended", 4000, 96_000, 20_000)
    assert (await desk.ask("GET", "/telephony/waiting", by="shift_leader")).json()["items"] == []


@pytest.mark.parametrize(
    ("broken", "field", "rule"),
    [
        ({"raw": {"call": "c-1", "kind": "sing"}}, "raw.kind", "literal_error"),
        ({"raw": {"kind": "hold"}}, "raw.call", "missing"),
        ({"occurred_at": "2036-03-02T04:00:00Z", "raw": {"call": "c-1", "kind": "hold"}}, "occurred_at", "not_in_the_future"),
        ({"occurred_at": "yesterday", "raw": {"call": "c-1", "kind": "hold"}}, "occurred_at", "timestamp"),
        ({"occurred_at": None, "raw": {"call": "c-1", "kind": "hold"}}, "occurred_at", "missing"),
        ({"raw": {"call": ["c-1"], "kind": "hold"}}, "raw.call", "string_type"),
        ({"raw": {"call": "c-1", "kind": "menu", "party": "water"}}, "raw.kind", "A22"),
    ],
)
async def test_one_broken_event_is_named_and_the_rest_lands(desk: Desk, broken: dict[str, Any], field: str, rule: str) -> None:
    """A21, A22: by its index, its field and its rule."""
    wrong = {**DAY[2], "event_id": "broken", **broken}
    results = await report(desk, DAY[0], wrong, DAY[1])
    assert outcomes(results) == ["applied", "refused", "applied"]
    assert (results[1]["field"], results[1]["rule"]) == (f"events.1.{field}", rule)
    assert len(await desk.rows("select 1 from telephony_events")) == 2


async def test_an_id_of_another_event_is_refused_and_changes_nothing(desk: Desk) -> None:
    await report(desk, *DAY)
    other = {**DAY[0], "raw": {**DAY[0]["raw"], "line": "12306"}}
    (result,) = await report(desk, other)
    assert (result["outcome"], result["rule"], result["field"]) == ("refused", "event_reused", "events.0.event_id")
    assert (await shown(desk, (await report(desk, DAY[0]))[0]["call_id"]))["line"] == "12345"
    assert outcomes(await report(desk, {**other, "event_id": "x"}, {**DAY[2], "event_id": "x"}))[1] == "refused"


async def test_an_event_that_happened_at_another_time_is_another_one(desk: Desk) -> None:
    """A21: under an id that was told, beside it in a batch, and told by two at once; nobody believes that both count."""
    await report(desk, *DAY[:2])
    later = {**DAY[1], "occurred_at": DAY[2]["occurred_at"]}
    assert outcomes([*await report(desk, later), *await report(desk, DAY[1])]) == ["refused", "repeated"]
    assert outcomes(await report(desk, DAY[2], {**DAY[2], "occurred_at": DAY[3]["occurred_at"]})) == ["applied", "refused"]
    ends = [{**DAY[4], "raw": {**DAY[4]["raw"], "by": by}} for by in ("caller", "agent")]
    told = await asyncio.gather(*(report(desk, end) for end in ends))
    assert sorted(outcomes([result for results in told for result in results])) == ["applied", "refused"]


async def test_the_number_is_in_the_vault_and_nowhere_else(desk: Desk) -> None:
    """A144, A146: neither in an event nor readable beside it; the same number is the same caller; erased, it is forgotten."""
    await report(desk, *DAY)
    second = [{**event, "event_id": f"2-{event['event_id']}", "raw": {**event["raw"], "call": "c-2"}} for event in DAY]
    await report(desk, *second)
    received = [event.event for event in await desk.history() if isinstance(event.event, CallReceived)]
    assert len(received) == 2
    (caller,) = {event.caller_id for event in received}
    for table in ("events", "telephony_events", "telephony_numbers", "persons"):
        rows = await desk.rows(f"select t::text from {table} as t")
        assert rows
        assert not any("3115678" in row[0] for row in rows)
    asked = {"fields": ["phone"], "purpose": "call_back"}
    assert (await desk.ask("POST", f"/persons/{caller}/identity", asked)).json()["facts"] == {"phone": NUMBER}
    erased = {"reason": "requested_by_person"}
    assert (await desk.ask("POST", f"/persons/{caller}/erase", erased, by="administrator")).status_code == 200
    third = {**DAY[0], "event_id": "3", "raw": {**DAY[0]["raw"], "call": "c-3"}}
    await report(desk, third)
    again = [event.event for event in await desk.history() if isinstance(event.event, CallReceived)][-1]
    assert again.caller_id not in {None, caller}


@pytest.mark.parametrize(("name", "form"), [("asterisk22", "asterisk_ami"), ("freeswitch", "freeswitch_esl")])
async def test_a_recording_of_a_real_exchange_is_taken_in_as_it_is(desk: Desk, name: str, form: str) -> None:
    """A01, A12: what tells nothing of a call is passed over, and told so."""
    events = []
    for line in (RECORDINGS / f"{name}.jsonl").read_text().splitlines():
        raw = json.loads(line)
        at = NOON - timedelta(hours=1) + timedelta(seconds=raw["t"])
        events.append({"occurred_at": at.isoformat(), "raw": raw})
    results = await report(desk, *events, form=form)
    assert set(outcomes(results)) == {"applied", "ignored"}
    (call_id,) = {result["call_id"] for result in results if result["outcome"] == "applied"}
    call = await shown(desk, call_id)
    assert (call["status"], call["agent_id"], call["ended_by"]) == ("ended", "agent-7", "caller")
    assert 3000 < call["talk_ms"] < 4000
    assert outcomes(await report(desk, *events, form=form)).count("repeated") == outcomes(results).count("applied")
    assert sum(isinstance(event.event, CallEnded) for event in await desk.history()) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body.exchange"),
        ({"exchange": "hall-1", "format": "morse", "events": DAY}, "body.format"),
        ({"exchange": "hall-1", "format": "hotline", "events": []}, "body.events"),
        ({"exchange": "hall-1", "format": "hotline", "events": ["ring"]}, "body.events.0"),
        ({"exchange": "hall 1", "format": "hotline", "events": DAY}, "body.exchange"),
        ({"exchange": "h", "format": "hotline", "events": DAY, "agents": {"8012": "Zhang San"}}, "body.agents.?"),
    ],
)
async def test_a_batch_that_is_no_batch_is_refused_as_a_whole(desk: Desk, body: Any, field: str) -> None:
    answer = await desk.ask("POST", "/telephony/events", body, by=MACHINE)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert await desk.rows("select 1 from telephony_events") == []


async def test_only_a_machine_speaks_for_an_exchange(desk: Desk) -> None:
    await report(desk, DAY[0], by="call_taker", status=403)


async def test_a_call_of_the_exchange_goes_on_at_the_desk(desk: Desk) -> None:
    """A45, A46: the call taker tells what no machine knows, and completes the record."""
    call_id = UUID((await report(desk, *DAY[:3]))[0]["call_id"])
    hold = {"reason": "looking_up", "consent": True, "estimated_ms": 30_000}
    assert (await desk.ask("POST", f"/calls/{call_id}/hold", hold)).status_code == 200
    await report(desk, *DAY[3:])
    assert (await desk.ask("POST", f"/calls/{call_id}/wrap-up", {"outcome": "answered"})).status_code == 200
    events = await desk.history()
    faults = [event.event.rule for event in events if isinstance(event.event, CallRuleViolated)]
    names = [event.name.removeprefix("intake.call.") for event in events if not isinstance(event.event, CallRuleViolated)]
    assert names[-5:] == ["held", "hold_agreed", "resumed", "ended", "wrapped_up"]
    assert faults == ["A08", "A09", "A46"]  # no greeting, number or apology was told of; the consent was


async def test_a_menu_is_kept_by_the_rules_of_its_own_day(desk: Desk) -> None:
    """A21, A22: reported after the office had given its menu up."""
    kept = replace(load_pack("default"), number="town/menu", effective_from=NOON.date() - timedelta(days=9))
    kept = replace(kept, calls=replace(kept.calls, keep_telephone_menu=True))
    for pack, days in ((kept, 9), (replace(load_pack("default"), number="town/plain"), 3)):
        desk.runtime.book.publish(pack, effective_from=NOON.date() - timedelta(days=days))
    for days, became in ((5, "applied"), (1, "refused")):
        at = {"occurred_at": (NOON - timedelta(days=days)).isoformat()}
        arrived = {**happened(0, "ring", line="12345"), "event_id": f"{days}-1", **at}
        told = {**happened(0, "menu", party="water"), "event_id": f"{days}-2", **at}
        for event in (arrived, told):
            event["raw"] |= {"call": f"c-{days}"}
        assert outcomes(await report(desk, arrived, told)) == ["applied", became]


async def test_the_record_of_a_caller_whom_the_exchange_knew_by_the_number_alone_can_be_complete(desk: Desk) -> None:
    """A25, A34: the caller says their name; until then the record names what it lacks."""
    await report(desk, *DAY)
    (caller,) = [event.event.caller_id for event in await desk.history() if isinstance(event.event, CallReceived)]
    path = f"/requests/{UUID(int=7)}"
    praise = {"channel": "phone", "read_back": True, "request_type": "praise", "title": "感谢", "matter": "路灯修得快。"}
    body = {**praise, "requester_id": str(caller), "reply": "谢谢您的肯定。"}
    assert (await desk.ask("PUT", path, body)).status_code == 201
    lacking = await desk.ask("POST", f"{path}/complete", {})
    assert (lacking.status_code, lacking.json()["missing"]) == (409, "name, gender")
    assert (await desk.ask("POST", f"/persons/{caller}/facts", {"name": "张三", "gender": "male"})).status_code == 200
    await desk.catch_up()
    assert (await desk.ask("GET", f"/records/{UUID(int=7)}")).json()["missing"] == []
    assert (await desk.ask("POST", f"{path}/complete", {})).status_code == 200


async def test_who_gave_a_name_is_met_again_at_the_next_call_and_the_number_stays_the_number(desk: Desk) -> None:
    """A15, A23: history at the second screen pop; harassment counts against the number, whoever the caller says to be."""
    named, pack = UUID(int=8), desk.runtime.book.in_force(NOON).calls
    assert (await desk.ask("PUT", f"/persons/{named}", {"name": "张三", "phone": NUMBER})).status_code == 201
    praise = {"channel": "web", "request_type": "praise", "title": "感谢", "matter": "路灯修得快。"}
    matter = await desk.ask("PUT", f"/requests/{UUID(int=7)}", {**praise, "requester_id": str(named)})
    assert matter.status_code == 201
    for turn in range(pack.harassment_calls):
        ring = [{**event, "event_id": f"{turn}-{event['event_id']}"} for event in DAY[:2]]
        ring = [{**event, "raw": {**event["raw"], "call": f"c-{turn}"}} for event in ring]
        call = f"/calls/{(await report(desk, *ring))[0]['call_id']}"
        await desk.catch_up()
        shown = (await desk.ask("GET", f"{call}/screen-pop")).json()
        assert (shown["matters"], shown["person_id"] == str(named)) == ((1, True) if turn else (0, False))
        who = {"caller_id": str(named)} if turn == 0 else {"caller_id": str(UUID(int=90 + turn)), "withheld": True}
        assert (await desk.ask("POST", f"{call}/caller", who)).status_code == 200
        assert (await desk.ask("POST", f"{call}/scripts", {"script": "harassment"})).status_code == 200
        assert (await desk.ask("POST", f"{call}/harassment", {})).status_code == 200
    await desk.react()
    await desk.catch_up()
    (number,) = (await desk.ask("GET", "/numbers", by="shift_leader")).json()["items"]
    assert (number["flagged"], number["frequent"]) == (pack.harassment_calls, True)
    restrict = {"reason": "repeated_harassment", "until": (NOON + timedelta(days=1)).isoformat().replace("+00:00", "Z")}
    path = f"/numbers/{number['number_id']}/restriction"
    assert (await desk.ask("PUT", path, restrict, by="shift_leader")).status_code == 200
    await desk.catch_up()
    call_shown = (await desk.ask("GET", call)).json()
    assert (call_shown["number_id"], call_shown["restricted_until"]) == (number["number_id"], restrict["until"])
    assert (await desk.ask("GET", f"{call}/screen-pop")).json()["restriction"]["until"] == restrict["until"]
    assert (await desk.ask("GET", f"/persons/{named}/screen-pop")).json()["restriction"] is not None
