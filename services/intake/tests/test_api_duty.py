"""Duty over HTTP: the night of 1 March 2026 and the day after it, as those on duty live it."""

from datetime import UTC, date, datetime
from typing import Any, Protocol
from uuid import UUID, uuid4

import httpx

from hotline_events.catalogue.followup import PromiseKept
from hotline_events.testing import NOON
from intake.domain.roster import shift_id_of

SUNDAY, MONDAY = date(2026, 3, 1), date(2026, 3, 2)
NIGHT, DAY = shift_id_of("duty", SUNDAY, "night"), shift_id_of("duty", MONDAY, "day")
TAKER, OTHER, LEADER = "demo-call_taker", "demo-call_taker_2", "demo-shift_leader"
INVENTORY = {"items": [{"item": name, "in_order": True} for name in ("telephone", "headset", "computer", "keys", "logbook")]}


class Desk(Protocol):
    async def ask(self, method: str, path: str, body: Any = None, *, by: str = "call_taker") -> httpx.Response: ...
    async def catch_up(self) -> None: ...
    async def react(self) -> None: ...
    async def fire(self, now: datetime) -> int: ...
    async def history(self, after: int = 0) -> list[Any]: ...


def clock(text: str, day: date = MONDAY) -> str:
    return datetime.fromisoformat(f"{day}T{text}+08:00").astimezone(UTC).isoformat().replace("+00:00", "Z")


async def tell(desk: Desk, method: str, path: str, body: Any = None, *, by: str = "call_taker") -> dict[str, Any]:
    answer = await desk.ask(method, path, body or {}, by=by)
    assert answer.status_code in {200, 201}, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def ask(desk: Desk, path: str, by: str = "shift_leader") -> Any:
    await desk.catch_up()
    answer = await desk.ask("GET", path, by=by)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(answer: httpx.Response, status: int, code: str, missing: str | None = None) -> None:
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (status, f"urn:hotline:problem:{code}"), answer.text
    assert problem.get("missing") == missing
    assert problem["title"] != code


def tiers(*officers: str) -> dict[str, list[str]]:
    return {"duty_chief": ["chief"], "shift_leader": [LEADER], "duty_officer": list(officers)}


async def rostered(desk: Desk) -> None:
    """Publish a line of 24 hours, and the rosters of a Sunday and a Monday."""
    facts = {"kind": "duty", "name_zh": "值班电话", "name_en": "Duty line"}
    await tell(desk, "PUT", "/lines/duty", facts, by="administrator")
    sunday = {"early": tiers("x"), "late": tiers("y"), "night": tiers(TAKER)}
    await tell(desk, "PUT", f"/lines/duty/rosters/{SUNDAY}", {"shifts": sunday}, by="shift_leader")
    monday = {"day": tiers(OTHER), "night": tiers("z")}
    await tell(desk, "PUT", f"/lines/duty/rosters/{MONDAY}", {"shifts": monday}, by="shift_leader")


async def check_in(desk: Desk, shift: UUID, at: str, by: str, **body: Any) -> None:
    await tell(desk, "POST", f"/shifts/{shift}/check-in", {"occurred_at": at, **body}, by=by)


async def test_a_shift_leader_publishes_a_roster_of_the_days_own_shifts(desk: Desk) -> None:
    """A134, A135: a Sunday has three shifts, a Monday two."""
    await rostered(desk)
    await rostered(desk)
    shifts = (await ask(desk, "/shifts?line=duty"))["items"]
    assert [(shift["day"], shift["name"]) for shift in shifts] == [
        ("2026-03-02", "night"),
        ("2026-03-02", "day"),
        ("2026-03-01", "night"),
        ("2026-03-01", "late"),
        ("2026-03-01", "early"),
    ]
    assert [shift["follows"] for shift in shifts[1:3]] == [str(NIGHT), str(shift_id_of("duty", SUNDAY, "late"))]
    assert len((await ask(desk, "/shifts?mine=true", "call_taker"))["items"]) == 1
    path, monday = f"/lines/duty/rosters/{MONDAY}", {"day": tiers(OTHER), "night": tiers("z")}
    refused(
        await desk.ask("PUT", path, {"shifts": {"day": tiers("x"), "night": tiers("x")}}, by="shift_leader"),
        409,
        "roster_already_published",
    )
    tuesday = "/lines/duty/rosters/2026-03-03"
    refused(await desk.ask("PUT", tuesday, {"shifts": {"day": tiers("x")}}, by="shift_leader"), 422, "roster_shifts")
    body = {"shifts": {**monday, "day": {"duty_chief": ["chief"], "duty_officer": ["x"]}}}
    refused(await desk.ask("PUT", tuesday, body, by="shift_leader"), 422, "tier_missing", "shift_leader")
    refused(
        await desk.ask("PUT", f"/lines/none/rosters/{MONDAY}", {"shifts": monday}, by="shift_leader"), 404, "line_not_published"
    )
    refused(
        await desk.ask("PUT", "/lines/duty/rosters/2031-03-03", {"shifts": monday}, by="shift_leader"), 409, "calendar_unknown"
    )
    assert (await desk.ask("PUT", tuesday, {"shifts": monday})).status_code == 403


async def test_the_worker_opens_the_shifts_of_a_roster_that_a_crash_left_unopened(desk: Desk) -> None:
    """A134: opening them again is nothing."""
    await rostered(desk)
    before = len((await ask(desk, "/shifts?line=duty"))["items"])
    await desk.react()
    assert len((await ask(desk, "/shifts?line=duty"))["items"]) == before == 5


async def test_a_night_is_handed_over_to_the_day(desk: Desk) -> None:
    """A137, A139, A140, A141, A142: nobody leaves before the relief has come, has read everything, and has signed."""
    await rostered(desk)
    call_id, notice_id = uuid4(), uuid4()
    await check_in(desk, NIGHT, clock("00:15"), "call_taker")
    await tell(desk, "PUT", f"/calls/{call_id}", {"line": "duty", "occurred_at": clock("02:00")})
    await tell(desk, "POST", f"/calls/{call_id}/answer", {"occurred_at": clock("02:01")})
    advisory = {
        "kind": "advisory",
        "lines": ["duty"],
        "text": "今日有重要接待",
        "starts_at": clock("00:00"),
        "ends_at": clock("20:00"),
    }
    await tell(desk, "PUT", f"/notices/{notice_id}", advisory, by="shift_leader")
    end = {"occurred_at": clock("08:31")}
    refused(await desk.ask("POST", f"/shifts/{NIGHT}/end", end), 409, "shift_end_blocked", "handover_offered")

    offer = {"to_staff": OTHER, "relief_shift_id": str(DAY), "note": "3号工单待跟进", "occurred_at": clock("08:10")}
    refused(await desk.ask("POST", f"/shifts/{NIGHT}/handover", offer), 409, "handover_not_ready", "inventory_checked")
    await tell(desk, "POST", f"/shifts/{NIGHT}/inventory", {**INVENTORY, "occurred_at": clock("08:05")})
    assert (await ask(desk, f"/shifts/{NIGHT}/open-items", "call_taker")) == [{"kind": "call", "item_id": str(call_id)}]
    await tell(desk, "POST", f"/shifts/{NIGHT}/handover", offer)
    refused(await desk.ask("POST", f"/shifts/{NIGHT}/end", end), 409, "shift_end_blocked", "relief_checked_in")

    accept, then = f"/shifts/{NIGHT}/handovers/{TAKER}/accept", {"occurred_at": clock("08:28")}
    refused(await desk.ask("POST", accept, then, by="call_taker_2"), 409, "relief_not_ready", "relief_checked_in")
    await check_in(desk, DAY, clock("08:18"), "call_taker_2")
    refused(await desk.ask("POST", accept, then, by="call_taker_2"), 409, "relief_not_ready", "log_read")
    await tell(desk, "POST", f"/shifts/{DAY}/log-read", {"occurred_at": clock("08:20")}, by="call_taker_2")
    await desk.catch_up()
    refused(await desk.ask("POST", accept, then, by="call_taker_2"), 409, "relief_not_ready", "notices_acknowledged")
    (unread,) = (await ask(desk, "/notices?line=duty&unread=true", "call_taker_2"))["items"]
    assert unread["text"] == "今日有重要接待"
    await tell(desk, "POST", f"/notices/{notice_id}/acknowledge", by="call_taker_2")
    await desk.catch_up()
    refused(await desk.ask("POST", accept, then, by="shift_leader"), 403, "not_the_relief")
    refused(await desk.ask("POST", f"/shifts/{NIGHT}/end", end), 409, "shift_end_blocked", "handover_accepted")
    await tell(desk, "POST", accept, then, by="call_taker_2")
    await tell(desk, "POST", f"/shifts/{NIGHT}/end", end)

    (handover,) = await ask(desk, f"/shifts/{NIGHT}/handovers")
    raw = str([event.raw for event in await desk.history()])
    assert "3号工单待跟进" not in raw
    assert "今日有重要接待" not in raw
    assert (handover["status"], handover["note"]) == ("accepted", "3号工单待跟进")
    assert handover["items"] == [{"kind": "call", "item_id": str(call_id)}]
    assert [reader["staff_id"] for reader in await ask(desk, f"/notices/{notice_id}/readers")] == [OTHER]
    on_duty = await ask(desk, f"/lines/duty/duty?at={clock('08:29')}")
    assert {one["staff_id"] for one in on_duty if one["present"]} == {TAKER, OTHER}
    assert {one["staff_id"] for one in await ask(desk, f"/lines/duty/duty?at={clock('09:00')}") if one["present"]} == {OTHER}
    window = f"since={clock('00:30')}&until={clock('11:30')}"
    assert (await ask(desk, f"/lines/duty/coverage?{window}")) == {"planned_gaps": [], "actual_gaps": []}


async def test_whatever_is_unfinished_is_handed_over_and_the_relief_stands_by_its_matters(desk: Any) -> None:
    """A140, A65: what is overdue, and what was wrapped up without its record, most of all; what was kept no more."""
    await rostered(desk)
    await check_in(desk, NIGHT, clock("00:15"), "call_taker")
    call_id, request_id, relay_id, due, kept = (uuid4() for _ in range(5))
    path = f"/calls/{call_id}"
    await tell(desk, "PUT", path, {"line": "duty", "occurred_at": clock("02:00")})
    await tell(desk, "POST", f"{path}/answer", {"occurred_at": clock("02:01")})
    for promise_id in (due, kept):
        promise = {"reason": "cannot_answer_now", "due_at": clock("03:00"), "occurred_at": clock("02:02")}
        await tell(desk, "PUT", f"{path}/promises/{promise_id}", promise)
    spoken = {"channel": "phone", "read_back": True, "request_type": "complaint", "title": "夜间施工", "matter": "扰民。"}
    whose = {"requester_id": str(uuid4()), "anonymous": True, "call_id": str(call_id)}
    await tell(desk, "PUT", f"/requests/{request_id}", {**spoken, **whose})
    await tell(desk, "POST", f"{path}/end", {"ended_by": "caller", "occurred_at": clock("02:05")})
    await tell(desk, "POST", f"{path}/wrap-up", {"outcome": "call_back"})
    message = {"kind": "absent_message", "channel": "phone", "content": "请回电", "because": "no_answer"}
    left = {**message, "sender_id": str(uuid4()), "anonymous": True, "addressee_kind": "staff", "addressee": "chief"}
    await tell(desk, "PUT", f"/relays/{relay_id}", left)
    await desk.hear("followup", PromiseKept(promise_id=kept, late=False, kept_by=TAKER, occurred_at=NOON))
    items = [
        {"kind": kind, "item_id": str(one)} for kind, one in (("promise", due), ("relay", relay_id), ("request", request_id))
    ]
    assert (await ask(desk, f"/shifts/{NIGHT}/open-items", "call_taker")) == items

    await tell(desk, "POST", f"/shifts/{NIGHT}/inventory", {**INVENTORY, "occurred_at": clock("08:05")})
    offer = {"to_staff": OTHER, "relief_shift_id": str(DAY), "occurred_at": clock("08:10")}
    await tell(desk, "POST", f"/shifts/{NIGHT}/handover", offer)
    await check_in(desk, DAY, clock("08:18"), "call_taker_2")
    await tell(desk, "POST", f"/shifts/{DAY}/log-read", {"occurred_at": clock("08:20")}, by="call_taker_2")
    then = {"occurred_at": clock("08:28")}
    await tell(desk, "POST", f"/shifts/{NIGHT}/handovers/{TAKER}/accept", then, by="call_taker_2")
    await desk.react()
    assert (await ask(desk, f"/records/{request_id}"))["co_owners"] == [OTHER]


async def test_what_is_still_unfinished_goes_on_from_handover_to_handover(desk: Any) -> None:
    """A139, A140: what came before the check-in, what came up between offer and signature, and what one had signed for."""
    await rostered(desk)
    early, late = uuid4(), uuid4()

    async def answered(call_id: UUID, at: str) -> None:
        await tell(desk, "PUT", f"/calls/{call_id}", {"line": "duty", "occurred_at": clock(at)})
        await tell(desk, "POST", f"/calls/{call_id}/answer", {"occurred_at": clock(at)})

    async def handed(shift: UUID, to: tuple[str, UUID], at: tuple[str, ...], by: str) -> None:
        await desk.catch_up()
        await tell(desk, "POST", f"/shifts/{shift}/inventory", {**INVENTORY, "occurred_at": clock(at[0])}, by=by)
        offer = {"to_staff": to[0], "relief_shift_id": str(to[1]), "occurred_at": clock(at[0])}
        await tell(desk, "POST", f"/shifts/{shift}/handover", offer, by=by)

    async def signed(of: tuple[UUID, str], own: UUID, at: str, by: str) -> None:
        await check_in(desk, own, clock(at), by)
        await tell(desk, "POST", f"/shifts/{own}/log-read", {"occurred_at": clock(at)}, by=by)
        await desk.catch_up()
        await tell(desk, "POST", f"/shifts/{of[0]}/handovers/{of[1]}/accept", {"occurred_at": clock(at)}, by=by)

    await answered(early, "00:05")
    await check_in(desk, NIGHT, clock("00:15"), "call_taker")
    await handed(NIGHT, (OTHER, DAY), ("08:05",), "call_taker")
    await answered(late, "08:10")
    await signed((NIGHT, TAKER), DAY, "08:18", "call_taker_2")
    (handover,) = await ask(desk, f"/shifts/{NIGHT}/handovers")
    assert {item["item_id"] for item in handover["items"]} == {str(early), str(late)}
    assert await ask(desk, f"/shifts/{NIGHT}/open-items", "call_taker") == []

    await tell(desk, "POST", f"/calls/{early}/end", {"ended_by": "caller", "occurred_at": clock("08:30")})
    await tell(desk, "POST", f"/calls/{early}/wrap-up", {"outcome": "call_back"})
    left = [{"kind": "call", "item_id": str(late)}]
    assert await ask(desk, f"/shifts/{DAY}/open-items", "call_taker_2") == left


async def test_a_handover_is_refused_for_a_reason_that_is_sealed(desk: Desk) -> None:
    """A140."""
    await rostered(desk)
    await check_in(desk, NIGHT, clock("00:15"), "call_taker")
    await tell(desk, "POST", f"/shifts/{NIGHT}/inventory", {**INVENTORY, "occurred_at": clock("08:05")})
    offer = {"to_staff": OTHER, "relief_shift_id": str(DAY), "occurred_at": clock("08:10")}
    await tell(desk, "POST", f"/shifts/{NIGHT}/handover", offer)
    refuse = {"reason": "钥匙未交", "occurred_at": clock("08:20")}
    await tell(desk, "POST", f"/shifts/{NIGHT}/handovers/{TAKER}/refuse", refuse, by="call_taker_2")
    await tell(desk, "POST", f"/shifts/{NIGHT}/handover", {**offer, "occurred_at": clock("08:22")})
    first, second = await ask(desk, f"/shifts/{NIGHT}/handovers")
    assert (first["status"], first["refusal"], second["status"]) == ("refused", "钥匙未交", "offered")


async def test_faults_of_duty_are_told_apart(desk: Desk) -> None:
    """A06, A137, A138, A143: late, absent, uncovered, and standing in without approval."""
    await rostered(desk)
    early = shift_id_of("duty", SUNDAY, "early")
    await check_in(desk, early, clock("08:45", SUNDAY), "call_taker", stands_in_for="x")
    await check_in(desk, DAY, clock("08:25"), "call_taker_2")
    await desk.fire(datetime.fromisoformat(clock("09:00")))
    await desk.fire(datetime.fromisoformat(clock("09:00")))
    faults = (await ask(desk, "/duty-faults?limit=200", "inspector"))["items"]
    told = {(fault["kind"], fault["shift_id"], fault["staff_id"]) for fault in faults}
    assert ("substitution", str(early), TAKER) in told
    assert ("absence", str(early), "x") in told
    assert ("gap", str(early), None) in told
    assert ("late", str(DAY), OTHER) in told
    assert ("absence", str(DAY), OTHER) not in told
    assert [fault["shift_id"] for fault in faults if fault["kind"] == "gap"] == [str(early)]
    (late,) = (await ask(desk, f"/duty-faults?kind=late&staff_id={OTHER}"))["items"]
    assert late["late_ms"] == 5 * 60_000
    notices = (await ask(desk, "/chief-notices", "oversight_officer"))["items"]
    assert {notice["staff_id"] for notice in notices} == {"chief"}
    assert notices[0]["script_zh"] == "您好，今天是您的总值班，请您按时到岗。"
    window = f"since={clock('00:30')}&until={clock('12:00')}"
    (gap,) = (await ask(desk, f"/lines/duty/coverage?{window}"))["actual_gaps"]
    assert (gap["start"], gap["end"]) == (clock("00:30"), clock("08:25"))


async def test_a_morning_to_which_nobody_comes_and_nobody_stayed_is_a_gap(desk: Desk) -> None:
    """A06, A138, A139: the day follows a rostered night, and neither has anybody."""
    await rostered(desk)
    await desk.fire(datetime.fromisoformat(clock("09:00")))
    await desk.react()
    gaps = (await ask(desk, "/duty-faults?kind=gap&limit=200"))["items"]
    (gap,) = (fault for fault in gaps if fault["shift_id"] == str(DAY))
    assert (gap["began_at"], gap["detected_at"]) == (clock("08:30"), clock("08:40"))


async def test_a_line_of_24_hours_without_a_roster_for_the_coming_day_is_listed(desk: Desk) -> None:
    """A06, A134: at noon on Monday nobody is rostered for Tuesday; an office that closes is not listed."""
    await rostered(desk)
    office = {"kind": "office", "name_zh": "办公电话", "name_en": "Office", "round_the_clock": False}
    await tell(desk, "PUT", "/lines/office", office, by="administrator")
    (listed,) = (await ask(desk, "/unrostered-lines"))["items"]
    assert (listed["line"], listed["rostered_until"]) == ("duty", clock("08:30", date(2026, 3, 3)))
    assert (await ask(desk, f"/unrostered-lines?at={clock('20:00')}"))["items"] == []
    tuesday = {"day": tiers(OTHER), "night": tiers("z")}
    await tell(desk, "PUT", "/lines/duty/rosters/2026-03-03", {"shifts": tuesday}, by="shift_leader")
    assert (await ask(desk, "/unrostered-lines"))["items"] == []


async def test_only_a_shift_leader_takes_an_absence_back(desk: Desk) -> None:
    """A137, A138: who was found absent cannot say at noon that they came in time."""
    await rostered(desk)
    await desk.fire(datetime.fromisoformat(clock("09:00")))
    path = f"/duty-faults?kind=absence&staff_id={OTHER}"
    await check_in(desk, DAY, clock("08:15"), "call_taker_2")
    (absence,) = (await ask(desk, path))["items"]
    assert absence["withdrawn_at"] is None
    (late,) = (await ask(desk, f"/duty-faults?kind=late&staff_id={OTHER}"))["items"]
    assert late["began_at"] == clock("12:00")
    vouched = {"staff_id": OTHER, "occurred_at": clock("08:15")}
    assert (await desk.ask("POST", f"/shifts/{DAY}/arrivals", vouched, by="call_taker_2")).status_code == 403
    await tell(desk, "POST", f"/shifts/{DAY}/arrivals", vouched, by="shift_leader")
    (absence,) = (await ask(desk, path))["items"]
    assert absence["withdrawn_at"] == clock("08:15")


async def test_who_is_found_away_is_absent_until_they_are_back(desk: Desk) -> None:
    """A138, A06: the line is uncovered for that time."""
    await rostered(desk)
    await check_in(desk, DAY, clock("08:15"), "call_taker_2")
    found = {"staff_id": OTHER, "occurred_at": clock("10:00")}
    assert (await desk.ask("POST", f"/shifts/{DAY}/absences", found)).status_code == 403
    await tell(desk, "POST", f"/shifts/{DAY}/absences", found, by="inspector")
    await check_in(desk, DAY, clock("10:20"), "call_taker_2")
    window = f"since={clock('08:30')}&until={clock('12:00')}"
    (gap,) = (await ask(desk, f"/lines/duty/coverage?{window}"))["actual_gaps"]
    assert (gap["start"], gap["end"]) == (clock("10:00"), clock("10:20"))
    kinds = [fault["kind"] for fault in (await ask(desk, "/duty-faults"))["items"]]
    assert sorted(kinds) == ["absence", "gap", "late"]


async def test_a_leader_of_two_shifts_goes_on_without_handing_over_to_themselves(desk: Desk) -> None:
    """A138, A139: once they are checked in at the next one, where they are reported from then on."""
    await rostered(desk)
    await check_in(desk, NIGHT, clock("00:15"), "shift_leader")
    await desk.catch_up()
    missed = {"staff_id": LEADER, "occurred_at": clock("08:45")}
    refused(await desk.ask("POST", f"/shifts/{DAY}/absences", missed, by="inspector"), 409, "at_post_beside")
    end = {"occurred_at": clock("08:50")}
    refused(
        await desk.ask("POST", f"/shifts/{NIGHT}/end", end, by="shift_leader"), 409, "shift_end_blocked", "handover_offered"
    )
    await check_in(desk, DAY, clock("08:48"), "shift_leader")
    await tell(desk, "POST", f"/shifts/{NIGHT}/end", end, by="shift_leader")


async def test_a_swap_needs_a_second_person_and_the_roster_keeps_its_history(desk: Desk) -> None:
    """A136, A138."""
    await rostered(desk)
    swap = f"/shifts/{DAY}/swaps/{uuid4()}"
    asking = {"from_staff": OTHER, "to_staff": TAKER, "reason": "family", "occurred_at": clock("08:00")}
    refused(await desk.ask("POST", f"{swap}/approve", {}, by="shift_leader"), 404, "swap_not_asked", "swap_asked")
    await tell(desk, "PUT", swap, asking, by="call_taker_2")
    assert (await desk.ask("POST", f"{swap}/approve", {}, by="call_taker_2")).status_code == 403
    await tell(desk, "POST", f"{swap}/approve", {"occurred_at": clock("08:05")}, by="shift_leader")
    refused(await desk.ask("POST", f"{swap}/deny", {"reason": "no"}, by="shift_leader"), 409, "swap_decided")
    await check_in(desk, DAY, clock("08:15"), "call_taker")
    change = {"added": "w", "tier": "duty_officer", "reason": "busy", "effective_at": clock("13:00")}
    await tell(desk, "POST", f"/shifts/{DAY}/posts", change, by="shift_leader")
    shown = await ask(desk, f"/shifts/{DAY}")
    officers = [(post["staff_id"], post["reason"]) for post in shown["posts"] if post["tier"] == "duty_officer"]
    assert officers == [(OTHER, None), (TAKER, "swap"), ("w", "busy")]
    assert shown["swaps"][0]["status"] == "approved"
    assert [one["staff_id"] for one in shown["presences"]] == [TAKER]
    rostered_at_noon = {one["staff_id"] for one in await ask(desk, "/lines/duty/duty") if one["rostered"]}
    assert rostered_at_noon == {"chief", LEADER, TAKER}
    refused(await desk.ask("POST", f"/shifts/{uuid4()}/posts", change, by="shift_leader"), 404, "shift_not_opened")


async def test_a_break_is_refused_to_the_last_one_at_a_line_of_24_hours(desk: Desk) -> None:
    """A136, A06."""
    await rostered(desk)
    await check_in(desk, DAY, clock("08:15"), "call_taker_2")
    meal = {"reason": "meal", "occurred_at": clock("11:30")}
    refused(await desk.ask("POST", f"/shifts/{DAY}/break", meal, by="call_taker_2"), 409, "break_leaves_gap")
    added = {"added": TAKER, "tier": "duty_officer", "reason": "busy", "occurred_at": clock("09:00")}
    await tell(desk, "POST", f"/shifts/{DAY}/posts", added, by="shift_leader")
    await check_in(desk, DAY, clock("09:00"), "call_taker")
    await tell(desk, "POST", f"/shifts/{DAY}/break", meal, by="call_taker_2")
    assert (await ask(desk, "/lines/duty/route"))["staff"] == [TAKER]
    await tell(desk, "POST", f"/shifts/{DAY}/break/end", {"occurred_at": clock("11:50")}, by="call_taker_2")
    assert (await ask(desk, "/lines/duty/route"))["staff"] == [TAKER, OTHER]
    assert (await ask(desk, "/lines/duty/route"))["overflow_to"] == ["chief"]


async def test_a_playbook_is_opened_and_worked_off(desk: Desk) -> None:
    """A161."""
    steps = [{"step": step, "text_zh": "做", "text_en": "Do"} for step in ("assess", "notify")]
    book = {"title_zh": "燃气泄漏", "title_en": "Gas leak", "steps": steps}
    run_id = uuid4()
    run = f"/playbook-runs/{run_id}"
    refused(await desk.ask("PUT", run, {"playbook": "gas_leak"}), 404, "playbook_unknown")
    await tell(desk, "PUT", "/playbooks/gas_leak", book, by="administrator")
    await tell(desk, "PUT", run, {"playbook": "gas_leak"})
    refused(await desk.ask("POST", f"{run}/steps/notify", {}), 409, "step_out_of_order", "assess")
    await tell(desk, "POST", f"{run}/steps/assess")
    refused(await desk.ask("POST", f"{run}/close", {}), 409, "step_out_of_order", "notify")
    await tell(desk, "POST", f"{run}/steps/notify", {"skipped": True})
    await tell(desk, "POST", f"{run}/close")
    shown = await ask(desk, run)
    assert [(step["step"], step["skipped"]) for step in shown["done"]] == [("assess", False), ("notify", True)]
    assert shown["run_id"] == str(run_id)
    assert shown["closed_at"] is not None
    assert [book["playbook"] for book in (await ask(desk, "/playbooks"))["items"]] == ["gas_leak"]


async def test_a_notice_is_withdrawn(desk: Desk) -> None:
    """A160."""
    notice = f"/notices/{uuid4()}"
    advisory = {"kind": "service_change", "text": "明日系统升级", "ends_at": clock("20:00")}
    refused(await desk.ask("POST", f"{notice}/acknowledge", {}), 404, "notice_not_posted")
    await tell(desk, "PUT", notice, advisory, by="shift_leader")
    await tell(desk, "PUT", notice, advisory, by="shift_leader")
    assert len((await ask(desk, "/notices", "call_taker"))["items"]) == 1
    await tell(desk, "POST", f"{notice}/withdraw", by="shift_leader")
    assert (await ask(desk, "/notices", "call_taker"))["items"] == []
