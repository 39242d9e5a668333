"""A call at the desk over HTTP: what is said and done in it, who is served first, what was left out, numbers and visitors."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from hotline_events.aggregates import Submission
from hotline_events.testing import NOON, cause
from hotline_events.timers import Timers
from hotline_rules.pack import load_pack
from intake.domain import number
from intake.main import build_work

Desk = Any
"""What the fixture `desk` of conftest.py returns."""
FACTS = {"name": "欧阳春晓", "phone": "0552-3115678"}
SETTLED = {"consent": True, "estimated_ms": 30_000, "target_checked": True, "identity_checked": True}


async def done(desk: Desk, method: str, path: str, body: Any = None, *, by: str = "call_taker") -> Any:
    answer = await desk.ask(method, path, body, by=by)
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()


async def refused(desk: Desk, path: str, body: Any = None, *, by: str = "call_taker", method: str = "POST") -> Any:
    answer = await desk.ask(method, path, {} if body is None else body, by=by)
    assert answer.status_code >= 400, answer.text
    problem = answer.json()
    return (answer.status_code, problem["type"].rpartition(":")[2], problem.get("rule"), problem.get("missing"))


async def a_caller(desk: Desk) -> UUID:
    person_id = uuid4()
    await done(desk, "PUT", f"/persons/{person_id}", FACTS)
    return person_id


async def a_call(desk: Desk, *, seconds: float = 0, **body: Any) -> str:
    path = f"/calls/{uuid4()}"
    at = (NOON - timedelta(hours=1) + timedelta(seconds=seconds)).isoformat()
    await done(desk, "PUT", path, {"line": "12345", "occurred_at": at} | body)
    return path


async def an_answered_call(desk: Desk, **body: Any) -> str:
    path = await a_call(desk, caller_id=str(await a_caller(desk)))
    at = (NOON - timedelta(hours=1) + timedelta(seconds=4)).isoformat()
    await done(desk, "POST", f"{path}/answer", {"occurred_at": at, "ring_count": 1} | body)
    return path


async def say(desk: Desk, path: str, *scripts: str) -> None:
    for script in scripts:
        await done(desk, "POST", f"{path}/scripts", {"script": script, "agent_number": True})


async def names(desk: Desk) -> list[str]:
    return [event.name.removeprefix("intake.call.") for event in await desk.history()]


async def violations(desk: Desk, **query: str) -> list[tuple[str, str]]:
    await desk.catch_up()
    chosen = "&".join(f"{name}={value}" for name, value in query.items())
    found = await done(desk, "GET", f"/calls/violations?{chosen}", by="shift_leader")
    return [(one["rule"], one["step"]) for one in found["items"]]


async def test_a_day_of_a_call_that_is_passed_on(desk: Desk) -> None:
    """A08, A10, A45, A49, A50, A52, A53, A57: every step in its order, and nothing is left out."""
    path = await an_answered_call(desk)
    await say(desk, path, "greeting", "transfer")
    await done(desk, "POST", f"{path}/hold", {"reason": "looking_up", "consent": True, "estimated_ms": 20_000})
    await done(desk, "POST", f"{path}/hold-progress", {})
    await done(desk, "POST", f"{path}/resume", {"apologised": True})
    asked = {"kind": "superior", "consulted": "leader-1", "answer": "供水公司今晚抢修。"}
    await done(desk, "POST", f"{path}/consultations", asked)
    await done(desk, "POST", f"{path}/transfer", {"skill": "water_and_gas", **SETTLED})
    await done(desk, "POST", f"{path}/transfer/brief", {"brief": "解放路停水，来电人欧阳女士。"})
    await done(desk, "POST", f"{path}/transfer/connect", {})
    await done(desk, "POST", f"{path}/transfer/confirm", {})
    await done(desk, "POST", f"{path}/end", {"ended_by": "caller"})
    await done(desk, "POST", f"{path}/line-released", {})
    await done(desk, "POST", f"{path}/wrap-up", {"outcome": "transferred"})
    assert await violations(desk) == []
    shown = await done(desk, "GET", path)
    assert (shown["status"], shown["transfer_target"], shown["transfer_step"]) == ("wrapped_up", "desk-utilities", "confirmed")
    rows = await desk.rows("select payload::text from events")
    assert not any("欧阳" in row[0] or "停水" in row[0] or "抢修" in row[0] for row in rows)


async def test_a_step_that_comes_too_early_is_told_which_one_is_missing(desk: Desk) -> None:
    """A45, A49, A50, A52, A53, A58, A59."""
    path = await an_answered_call(desk)
    to = {"target": "8012", **SETTLED}
    assert await refused(desk, f"{path}/transfer", to) == (409, "call_step_missing", "A50", "transfer_phrase")
    await say(desk, path, "transfer")
    assert (await refused(desk, f"{path}/transfer", to | {"consent": False}))[3] == "consent"
    assert (await refused(desk, f"{path}/transfer", to | {"identity_checked": False}))[3] == "identity_check"
    assert (await refused(desk, f"{path}/transfer/brief", {"brief": "x"}))[3] == "prepared"
    await done(desk, "POST", f"{path}/transfer", to)
    assert (await refused(desk, f"{path}/transfer/connect"))[3] == "briefed"
    assert (await refused(desk, f"{path}/transfer/confirm"))[3] == "briefed"
    held = await refused(desk, f"{path}/hold", {"reason": "looking_up", "consent": False})
    assert held == (409, "hold_not_agreed", "A45", "consent")
    leader = await refused(desk, f"{path}/hunt", {"leader": "mayor"})
    assert leader == (409, "screening_missing", "A59", "screening")
    form = {"leader": "mayor", "unit": "市政府办公室", "position": "科长", "name": "李四"}
    await done(desk, "POST", f"{path}/screening", form)
    await done(desk, "POST", f"{path}/hunt", {"leader": "mayor"})
    tried = {"place": "mobile", "result": "answered", "caller_asked": True}
    assert await refused(desk, f"{path}/hunt/tries", tried) == (409, "hunt_out_of_order", "A58", "office")
    await done(desk, "POST", f"{path}/hunt/tries", {"place": "office", "result": "no_answer"})
    await done(desk, "POST", f"{path}/hunt/tries", tried)


async def test_a_leader_of_the_directory_is_one_whether_the_call_taker_says_so_or_not(desk: Desk) -> None:
    """A59: nobody gets round the screening by naming the telephone alone."""
    post = {"name_zh": "市长办公室", "name_en": "Mayor's office", "group": "leaders"}
    entries = [
        {"code": "mayor", "tier": "leader", **post},
        {"code": "roads", "tier": "published", "number": "0552-1234567", **post},
    ]
    await done(desk, "PUT", "/directory/1", {"entries": entries}, by="administrator")
    path = await an_answered_call(desk)
    await say(desk, path, "transfer")
    to = {"target": "mayor", **SETTLED}
    assert await refused(desk, f"{path}/transfer", to) == (409, "screening_missing", "A59", "screening")
    await done(desk, "POST", f"{path}/transfer", to | {"target": "roads"})
    await say(desk, path, "transfer")
    await done(desk, "POST", f"{path}/screening", {"leader": "mayor", "unit": "市政府", "position": "科长", "name": "李四"})
    await done(desk, "POST", f"{path}/transfer", to)


async def test_a_call_that_has_not_come_so_far_says_which_step_is_missing(desk: Desk) -> None:
    """A01, A35, A46: received, answered, held and ended come in this order."""
    path, served = f"/calls/{uuid4()}", {"outcome": "served"}
    assert (await refused(desk, f"{path}/answer", {"agent_id": "agent-7"}))[3] == "received"
    await done(desk, "PUT", path, {"line": "12345"})
    assert (await refused(desk, f"{path}/end", {"ended_by": "caller"}))[3] == "answered"
    await done(desk, "POST", f"{path}/answer", {"agent_id": "agent-7"})
    assert (await refused(desk, f"{path}/resume"))[3] == "held"
    assert (await refused(desk, f"{path}/wrap-up", served))[3] == "ended"
    await done(desk, "POST", f"{path}/end", {"ended_by": "caller"})
    await done(desk, "POST", f"{path}/wrap-up", served)


async def test_a_callee_who_declines_leaves_the_caller_a_choice(desk: Desk) -> None:
    """A07, A40, A51."""
    path = await an_answered_call(desk)
    await say(desk, path, "greeting", "transfer")
    await done(desk, "POST", f"{path}/transfer", {"target": "8012", **SETTLED})
    await done(desk, "POST", f"{path}/transfer/brief", {"brief": "停水"})
    await done(desk, "POST", f"{path}/extensions/ring", {"extension": "8012"})
    await done(desk, "POST", f"{path}/extensions/release", {"extension": "8012", "result": "no_answer"})
    await done(desk, "POST", f"{path}/alternative", {"choice": "wait"})
    await done(desk, "POST", f"{path}/transfer/decline", {"reason": "not_my_matter"})
    await done(desk, "POST", f"{path}/alternative", {"choice": "call_back"})
    promise = {"reason": "nobody_answered", "due_at": (NOON + timedelta(hours=2)).isoformat()}
    promise_id = uuid4()
    first = await done(desk, "PUT", f"{path}/promises/{promise_id}", promise)
    assert (await done(desk, "PUT", f"{path}/promises/{promise_id}", promise))["version"] == first["version"]
    promised = [event.event for event in await desk.history() if event.name == "intake.call.callback_promised"]
    assert [(one.promise_id, one.reason) for one in promised] == [(promise_id, "nobody_answered")]
    await done(desk, "POST", f"{path}/end", {"ended_by": "caller"})
    await done(desk, "POST", f"{path}/wrap-up", {"outcome": "call_back"})
    assert await violations(desk) == []


async def test_a_promise_is_one_promise_whatever_else_is_said_under_its_id(desk: Desk) -> None:
    """A18: another time, or another call, is another promise and needs an id of its own."""
    path, other = await an_answered_call(desk), await an_answered_call(desk)
    promise = {"reason": "other_department", "due_at": (NOON + timedelta(hours=2)).isoformat()}
    name = f"promises/{uuid4()}"
    await done(desk, "PUT", f"{path}/{name}", promise)
    await done(desk, "PUT", f"{path}/{name}", promise)
    later = promise | {"due_at": (NOON + timedelta(hours=3)).isoformat()}
    assert (await refused(desk, f"{path}/{name}", later, method="PUT"))[:2] == (422, "command_reused")
    assert (await refused(desk, f"{other}/{name}", promise, method="PUT"))[:2] == (422, "command_reused")
    assert (await names(desk)).count("callback_promised") == 1


async def test_a_caller_who_withholds_the_name_can_still_be_spoken_about(desk: Desk) -> None:
    """A10, A57: words about them are kept under a key of their own."""
    path = await a_call(desk)
    await done(desk, "POST", f"{path}/answer", {})
    asked = {"kind": "colleague", "consulted": "agent-8", "answer": "可以。"}
    assert (await refused(desk, f"{path}/consultations", asked))[1:] == ("caller_missing", "A10", "caller")
    somebody = str(uuid4())
    assert (await refused(desk, f"{path}/caller", {"caller_id": somebody}))[:2] == (422, "unknown_caller")
    await done(desk, "POST", f"{path}/caller", {"caller_id": somebody, "withheld": True})
    await done(desk, "POST", f"{path}/consultations", asked)
    nobody = f"/calls/{uuid4()}/caller"
    assert (await refused(desk, nobody, {"caller_id": str(uuid4()), "withheld": True}))[1] == "call_not_received"


async def test_whoever_has_the_call_is_told_how_to_address_the_caller_and_that_is_recorded(desk: Desk) -> None:
    """A10, A144: the surname alone, to nobody else, and on record."""
    path = await an_answered_call(desk)
    caller = (await desk.history())[-2].event.caller_id
    await done(desk, "POST", f"{path}/caller", {"caller_id": str(caller), "title": "ms"})
    told = await done(desk, "POST", f"{path}/address")
    assert (told["zh"], told["en"]) == ("欧阳女士", "Ms 欧阳")
    read = (await desk.history())[-1].event
    assert (read.person_id, list(read.fields), read.read_by) == (caller, ["name"], "demo-call_taker")
    assert (await refused(desk, f"{path}/address", by="call_taker_2"))[1] == "call_already_answered"
    await done(desk, "POST", f"{path}/end", {"ended_by": "caller"})
    assert (await refused(desk, f"{path}/address"))[1] == "call_over"


@pytest.mark.parametrize(
    ("scripts", "step", "exception"),
    [
        (("greeting", "silent_connected", "silent_redial", "closing"), "silent", "silent_call"),
        (("greeting", "harassment", "closing"), "harassment", "harassment"),
        (("greeting", "misdial", "closing"), "misdial", "misdial"),
    ],
)
async def test_a_call_taker_who_hangs_up_first_has_gone_the_path_of_an_exception(
    desk: Desk, scripts: Sequence[str], step: str, exception: str
) -> None:
    """A11, A12, A13, A14, A15."""
    path = await an_answered_call(desk)
    code, _, _, missing = await refused(desk, f"{path}/{step}")
    assert (code, missing in scripts) == (409, True)
    await say(desk, path, *scripts)
    await done(desk, "POST", f"{path}/{step}", {})
    await done(desk, "POST", f"{path}/end", {"ended_by": "agent", "exception": exception})
    await done(desk, "POST", f"{path}/wrap-up", {"outcome": step})
    assert await violations(desk) == []
    assert (await done(desk, "GET", path))["exception"] == exception


async def test_what_was_left_out_is_found_when_the_time_for_the_record_is_over(desk: Desk) -> None:
    """A02, A12, A18, A35: by the clock, when nobody completes the record."""
    path = await an_answered_call(desk, ring_count=7)
    await say(desk, path, "greeting")
    await done(desk, "POST", f"{path}/end", {"ended_by": "agent"})
    timers = Timers(desk.runtime.aggregates, desk.runtime.clock, "intake", build_work(desk.runtime).on_timer)
    while await timers.fire_due(NOON + timedelta(hours=1)):
        pass
    found = {("A02", "late_apology"), ("A11", "closing"), ("A12", "exception"), ("A18", "line_open_or_promise")}
    found.add(("A35", "wrap_up"))
    assert set(await violations(desk)) == found
    assert await violations(desk, rule="A12") == [("A12", "exception")]
    assert set(await violations(desk, call_id=path.rpartition("/")[2], agent_id="demo-call_taker")) == found
    assert await violations(desk, agent_id="agent-9") == []
    await done(desk, "POST", f"{path}/wrap-up", {"outcome": "answered"})
    assert set(await violations(desk)) == found


async def test_a_late_answer_is_apologised_for(desk: Desk) -> None:
    """A02."""
    path = await an_answered_call(desk, ring_count=4)
    await say(desk, path, "greeting")
    await done(desk, "POST", f"{path}/late-apology", {"reason": "all_agents_busy"})
    await done(desk, "POST", f"{path}/end", {"ended_by": "caller"})
    await done(desk, "POST", f"{path}/wrap-up", {"outcome": "answered"})
    assert await violations(desk) == []


async def test_a_record_names_an_outcome_of_the_rules(desk: Desk) -> None:
    """A66: any other word is refused, with those that there are."""
    path = await an_answered_call(desk)
    await done(desk, "POST", f"{path}/end", {"ended_by": "caller"})
    problem = (await desk.ask("POST", f"{path}/wrap-up", {"outcome": "not_our_business"})).json()
    told = (problem["status"], problem["type"].rpartition(":")[2], problem["field"], problem["rule"])
    assert told == (422, "unknown_outcome", "body.outcome", "A66")
    assert "call_back" in problem["detail"]
    assert "wrapped_up" not in await names(desk)
    await done(desk, "POST", f"{path}/wrap-up", {"outcome": "call_back"})


async def test_a_call_keeps_the_rules_that_were_in_force_when_it_came(desk: Desk) -> None:
    """A21, A152: entered after a change of rules, it is judged by those of its own day; a visitor likewise."""
    newer = replace(load_pack("default"), number="town/2", effective_from=NOON.date() - timedelta(days=1))
    desk.runtime.book.publish(newer)
    before = {"occurred_at": (NOON - timedelta(days=3)).isoformat()}
    path, entered = await a_call(desk), await a_call(desk, **before)
    for body in ({}, before):
        await done(desk, "PUT", f"/visits/{uuid4()}", {"desk": "hall_1", **body})
    assert [event.event.rule_version for event in await desk.history()] == ["town/2", "default/1", "town/2", "default/1"]
    await desk.catch_up()
    shown = [await done(desk, "GET", f"{one}/scripts?agent=7") for one in (path, entered)]
    assert [one["rule_version"] for one in shown] == ["town/2", "default/1"]


async def test_a_long_talk_is_noticed_and_the_line_is_kept_open(desk: Desk) -> None:
    """A17, A18, A48: the clocks of the answer fire while the call goes on."""
    path = await an_answered_call(desk, occurred_at=(NOON - timedelta(seconds=1)).isoformat())
    timers = Timers(desk.runtime.aggregates, desk.runtime.clock, "intake", build_work(desk.runtime).on_timer)
    assert await timers.fire_due(NOON + timedelta(seconds=178)) == 0
    assert await timers.fire_due(NOON + timedelta(seconds=180)) == 1
    assert await timers.fire_due(NOON + timedelta(seconds=300)) == 1
    await done(desk, "POST", f"{path}/line-open", {})
    assert (await names(desk))[-3:] == ["talk_notice_reached", "talk_action_reached", "line_kept_open"]
    await desk.catch_up()
    shown = await done(desk, "GET", path)
    assert (shown["noticed_at"], shown["action_due_at"]) == ("2026-03-02T04:02:59Z", "2026-03-02T04:04:59Z")


async def test_who_waits_is_served_by_priority_and_then_by_the_wait(desk: Desk) -> None:
    """A16, A63, A119: an emergency before distress, distress before a flag, the rest as they came."""
    paths = [await a_call(desk, seconds=place) for place in range(4)]
    paths.append(await a_call(desk, seconds=9, emergency=True))
    await done(desk, "POST", f"{paths[3]}/distress", {"emotion": "crying"})
    await done(desk, "POST", f"{paths[2]}/priority", {"priority": "flagged", "reason": "long_distance"})
    notice = {"ground": "long_distance", "notified": "agent-8"}
    await done(desk, "POST", f"{paths[2]}/waiting-notice", notice)
    assert (await refused(desk, f"{paths[0]}/waiting-notice", notice))[1:3] == ("caller_not_flagged", "A63")
    await done(desk, "POST", f"{paths[4]}/distress", {"emotion": "angry"})
    await desk.catch_up()
    wanted = [paths[place].rpartition("/")[2] for place in (4, 3, 2, 0, 1)]
    page = await done(desk, "GET", "/calls/queue?limit=3")
    rest = await done(desk, "GET", f"/calls/queue?limit=3&cursor={page['next']}")
    assert [one["call_id"] for one in page["items"] + rest["items"]] == wanted
    assert [one["priority"] for one in page["items"]] == ["emergency", "distress", "flagged"]
    await done(desk, "POST", f"{paths[4]}/answer", {})
    await desk.catch_up()
    assert (await done(desk, "GET", "/calls/queue"))["items"][0]["call_id"] == wanted[1]


async def test_the_scripts_of_a_call_are_filled_in_for_who_speaks_them(desk: Desk) -> None:
    """A08, A09, A113: in Chinese and English, from the call's own rule pack."""
    path = await an_answered_call(desk)
    await desk.catch_up()
    shown = await done(desk, "GET", f"{path}/scripts?agent=7&unit=供水公司")
    assert shown["rule_version"] == "default/1"
    assert shown["scripts"]["greeting"]["zh"] == "您好，12345，7号为您服务，请问有什么可以帮您？"
    assert shown["scripts"]["greeting"]["en"] == "Hello, 12345, agent 7 speaking. How may I help you?"
    assert "供水公司" in shown["scripts"]["transfer"]["zh"]
    assert "12345" in shown["scripts"]["revisit_opening"]["zh"]
    assert "{minutes}" in shown["scripts"]["hold"]["zh"]
    assert (await desk.ask("GET", f"/calls/{uuid4()}/scripts")).status_code == 404


async def test_a_transcript_proves_what_was_said_and_is_not_kept(desk: Desk) -> None:
    """A08, A09, A11."""
    path = await an_answered_call(desk)
    lines = [
        {"speaker": "agent", "text": "您好，12345，7号为您服务，请问有什么可以帮您？"},
        {"speaker": "caller", "text": "我叫欧阳春晓，感谢您的来电，再见。"},
    ]
    await done(desk, "POST", f"{path}/transcript", {"lines": lines, "agent_number": "7"})
    spoken = [event.event for event in await desk.history() if event.name == "intake.call.script_spoken"]
    assert [(one.script, one.agent_number, one.source) for one in spoken] == [("greeting", True, "transcript")]
    assert not any("欧阳" in row[0] for row in await desk.rows("select payload::text from events"))


async def test_a_transcript_may_come_when_the_record_is_complete(desk: Desk) -> None:
    """A08, A09, A14: once; the same again is nothing, another is refused, and what it proves is no violation any more."""
    path = await an_answered_call(desk)
    await done(desk, "POST", f"{path}/end", {"ended_by": "caller"})
    await done(desk, "POST", f"{path}/wrap-up", {"outcome": "answered"})
    assert set(await violations(desk)) == {("A08", "greeting"), ("A09", "agent_number")}
    lines = [{"speaker": "agent", "text": text} for text in ("您好，12345，7号为您服务，请问有什么可以帮您？", "你打错了！")]
    body = {"lines": lines, "agent_number": "7"}
    late = await done(desk, "POST", f"{path}/transcript", body, by="service@asr")
    assert await violations(desk) == [("A14", "banned_phrase")]
    assert (await done(desk, "POST", f"{path}/transcript", body, by="service@asr"))["version"] == late["version"]
    other = await refused(desk, f"{path}/transcript", {"lines": lines[:1], "agent_number": "7"}, by="service@asr")
    assert other == (409, "transcript_already_heard", "A08", None)


async def test_a_telephone_menu_is_off(desk: Desk) -> None:
    """A22."""
    path = await a_call(desk)
    assert await refused(desk, f"{path}/menu", {"option": "water"}) == (409, "telephone_menu_off", "A22", None)


async def a_harassing_call(desk: Desk, caller: UUID, place: int) -> None:
    path = await a_call(desk, seconds=place, caller_id=str(caller))
    await done(desk, "POST", f"{path}/answer", {})
    await say(desk, path, "harassment")
    await done(desk, "POST", f"{path}/harassment", {})


async def count(desk: Desk) -> None:
    """Do what the worker does because of a flagged call."""
    runtime = desk.runtime
    for envelope in await desk.history():
        for reaction in number.on_harassment_flagged(envelope, runtime.book):
            submission = Submission(command_id=uuid4(), fingerprint=bytes(32), cause=cause(envelope.id))
            await runtime.aggregates.execute(reaction.decider, reaction.aggregate_id, reaction.command, submission)


async def test_a_number_that_harasses_is_restricted_by_a_supervisor_and_its_calls_are_marked_and_not_dropped(
    desk: Desk,
) -> None:
    """A15: with a reason and an end, which the clock keeps."""
    caller = await a_caller(desk)
    restrict = {"reason": "repeated_harassment", "until": (NOON + timedelta(days=7)).isoformat()}
    path = f"/numbers/{caller}"
    assert (await refused(desk, f"{path}/restriction", restrict, by="shift_leader", method="PUT"))[1] == "number_unknown"
    for place in range(4):
        await a_harassing_call(desk, caller, place)
    await count(desk)
    early = await refused(desk, f"{path}/restriction", restrict, by="shift_leader", method="PUT")
    assert early[1:3] == ("harassment_not_frequent", "A15")
    await a_harassing_call(desk, caller, 4)
    await count(desk)
    assert (await refused(desk, f"{path}/restriction", restrict, method="PUT"))[0] == 403
    await done(desk, "PUT", f"{path}/restriction", restrict, by="shift_leader")
    again = await a_call(desk, seconds=60, caller_id=str(caller))
    await desk.catch_up()
    marked = await done(desk, "GET", again)
    assert (marked["status"], marked["restricted_until"]) == ("received", "2026-03-09T04:00:00Z")
    assert [one["call_id"] for one in (await done(desk, "GET", "/calls/queue"))["items"]] == [again.rpartition("/")[2]]
    (listed,) = (await done(desk, "GET", "/numbers?restricted=true"))["items"]
    assert (listed["flagged"], listed["restricted_by"]) == (5, "demo-shift_leader")
    timers = Timers(desk.runtime.aggregates, desk.runtime.clock, "intake", build_work(desk.runtime).on_timer)
    while await timers.fire_due(NOON + timedelta(days=7)):
        pass
    await desk.catch_up()
    assert (await done(desk, "GET", path))["restricted_until"] is None
    assert (await done(desk, "GET", again))["restricted_until"] is None


async def test_a_supervisor_lifts_a_restriction_that_was_a_mistake(desk: Desk) -> None:
    """A15."""
    caller = await a_caller(desk)
    for place in range(5):
        await a_harassing_call(desk, caller, place)
    await count(desk)
    restrict = {"reason": "insults", "until": (NOON + timedelta(days=7)).isoformat()}
    await done(desk, "PUT", f"/numbers/{caller}/restriction", restrict, by="shift_leader")
    await done(desk, "POST", f"/numbers/{caller}/lift", {"reason": "mistaken"}, by="shift_leader")
    lifted = await refused(desk, f"/numbers/{caller}/lift", {"reason": "mistaken"}, by="shift_leader")
    assert lifted[1] == "number_not_restricted"
    await desk.catch_up()
    assert (await done(desk, "GET", "/numbers?restricted=true"))["items"] == []


async def test_a_visitor_at_the_desk_is_told_why_they_wait(desk: Desk) -> None:
    """A158."""
    path = f"/visits/{uuid4()}"
    before = NOON - timedelta(minutes=10)
    await done(desk, "PUT", path, {"desk": "hall_1", "occurred_at": before.isoformat()})
    told = {"reason": "queue_before_you", "estimated_ms": 600_000}
    at = (before + timedelta(seconds=20)).isoformat()
    await done(desk, "POST", f"{path}/wait", told | {"occurred_at": at})
    await desk.catch_up()
    (waits,) = (await done(desk, "GET", "/visits"))["items"]
    assert (waits["reason"], waits["told_until"]) == ("queue_before_you", "2026-03-02T04:00:20Z")
    await done(desk, "POST", f"{path}/serve", {})
    await desk.catch_up()
    shown = await done(desk, "GET", path)
    assert (shown["waited_ms"], shown["unexplained"]) == (600_000, False)
    assert (await done(desk, "GET", "/visits"))["items"] == []
    assert (await refused(desk, f"/visits/{uuid4()}/serve"))[1] == "visitor_unknown"
    again = await desk.ask("PUT", path, {"desk": "hall_1", "occurred_at": before.isoformat()})
    assert again.status_code == 200
    assert {str(event.correlation_id) for event in await desk.history()} == {path.rpartition("/")[2]}


async def test_no_telephone_number_of_anybody_gets_into_an_event_as_an_extension(desk: Desk) -> None:
    """A144, A147: the problem says what to use instead."""
    number, call = "13912345678", f"/calls/{uuid4()}"
    for method, path, body in (
        ("POST", f"{call}/extensions/ring", {"extension": number}),
        ("POST", f"{call}/extensions/release", {"extension": "139-1234.5678", "result": "busy"}),
        ("POST", f"{call}/transfer", {"target": f"ext-{number}"}),
        ("POST", f"{call}/transfer/connect", {"target": number}),
        ("PUT", f"/extensions/{number}/do-not-disturb", {}),
        ("POST", f"/extensions/{number}/put-through", {}),
    ):
        answer = await desk.ask(method, path, body)
        told = [(one["rule"], one.get("limit")) for one in answer.json()["errors"]]
        assert answer.status_code == 422, path
        assert ("no_telephone_number", "a directory code or a person of the vault") in told, path
    assert await desk.history() == []
