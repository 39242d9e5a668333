"""The revisit desk over HTTP: who may, what is answered, what is refused and why."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from hotline_chassis.rule_book import table_of
from hotline_chassis.signin import rights_of_routes
from hotline_events.catalogue.intake import PersonErased
from hotline_events.testing import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AT_TWO = NOON + 2 * HOUR
NIGHT = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)  # 22:30 in Shanghai
YES = {"solved": True, "satisfied": True}


async def test_the_desk_reads_what_was_asked_and_what_was_told(desk: Any) -> None:
    owed = await desk.resolve()
    response = await desk.get(owed.path)
    shown = response.json()
    assert response.status_code == 200
    assert response.headers["etag"] == '"1"'
    assert (shown["title"], shown["reply"], shown["erased"]) == ("路灯不亮", "已更换灯泡", False)
    assert (shown["status"], shown["due_at"]) == ("scheduled", "2026-03-02T05:00:00Z")
    assert (shown["request_type"], shown["rule_version"]) == ("complaint", "default/1")


async def test_a_solved_matter_is_answered_with_its_version_and_seen_after_its_position(desk: Any) -> None:
    owed = await desk.resolve()
    answer = await desk.post(f"{owed.path}/revisit", YES, **{"if-match": '"1"'})
    assert answer.status_code == 200
    assert answer.json() == {"id": str(owed.revisit_id), "version": 3, "position": 3}
    assert answer.headers["etag"] == '"3"'
    await desk.catch_up()
    shown = (await desk.get(f"{owed.path}?after=3")).json()
    assert (shown["status"], shown["closed_as"], shown["solved"]) == ("closed", "solved", True)
    assert shown["revisited_by"] == "demo-revisit_agent"
    assert shown["revisited_at"] == "2026-03-02T06:00:00Z"


async def test_a_dissatisfied_callers_reason_is_kept_sealed_and_read_back(desk: Any) -> None:
    """A106, A108."""
    owed = await desk.resolve()
    body = {"solved": False, "satisfied": False, "reason": "还是不亮"}
    assert (await desk.post(f"{owed.path}/revisit", body)).status_code == 200
    await desk.catch_up()
    (shown,) = (await desk.get(f"/work-orders/{owed.work_order_id}/revisits")).json()["items"]
    assert (shown["reason"], shown["rework_round"], shown["status"]) == ("还是不亮", 2, "closed")
    rows = await desk.runtime.store.read_all(0)
    assert all("还是不亮" not in row.payload for row in rows)
    assert len({json.loads(row.metadata)["correlationid"] for row in rows}) == 1


async def test_a_dissatisfied_caller_without_a_reason_is_refused_by_name(desk: Any) -> None:
    """A106."""
    owed = await desk.resolve()
    before = await desk.stored()
    told = desk.problem(await desk.post(f"{owed.path}/revisit", {"solved": True, "satisfied": False}), 422, "reason_missing")
    assert (told["rule"], told["field"], told["title"]) == ("A106", "body.reason", "诉求人不满意的，应当询问并填写原因")
    assert await desk.stored() == before


async def test_quiet_hours_are_refused_by_name_and_the_end_of_the_service_is_exempt(desk: Any) -> None:
    """A101."""
    owed = await desk.resolve(at=NIGHT)
    await desk.drive(NIGHT + HOUR / 6)
    told = desk.problem(await desk.post(f"{owed.path}/revisit", YES), 409, "quiet_hours")
    assert (told["rule"], told["field"]) == ("A101", "body.occurred_at")
    desk.problem(await desk.post(f"{owed.path}/attempt", {"outcome": "busy"}), 409, "quiet_hours")
    at_once = {**YES, "immediate_after_service": True}
    assert (await desk.post(f"{owed.path}/revisit", at_once)).status_code == 200


async def test_attempts_are_counted_until_a_message_is_sent_and_the_caller_is_unreachable(desk: Any) -> None:
    """A100."""
    owed = await desk.resolve()
    for hours in (1, 20, 24):
        at = NOON + hours * HOUR
        await desk.drive(max(at, AT_TWO))
        answer = await desk.post(f"{owed.path}/attempt", {"outcome": "no_answer", "occurred_at": at.isoformat()})
        assert answer.status_code == 200, answer.text
    await desk.catch_up()
    shown = (await desk.get(owed.path)).json()
    assert (shown["status"], shown["attempts"], shown["last_outcome"]) == ("messaged", 3, "no_answer")
    assert (shown["message_sent_at"], shown["answer_by"]) == ("2026-03-03T04:00:00Z", "2026-03-10T16:00:00Z")
    desk.problem(await desk.post(f"{owed.path}/attempt", {"outcome": "busy"}), 409, "revisit_over")
    await desk.drive(NOON + timedelta(days=9))
    shown = (await desk.get(owed.path)).json()
    assert (shown["closed_as"], shown["closed_at"], shown["limit_passed_at"]) == ("unreachable", "2026-03-10T16:00:00Z", None)
    desk.problem(await desk.post(f"{owed.path}/revisit", YES), 409, "revisit_over")


YEAR_END = datetime(2026, 12, 28, 4, tzinfo=UTC)


async def messaged_at_the_years_end(desk: Any) -> Any:
    """The last of three calls is made two days before a year whose working days nobody knows yet."""
    owed = await desk.resolve(at=YEAR_END)
    await desk.drive(YEAR_END + 25 * HOUR)
    for hours in (1, 20, 24):
        body = {"outcome": "busy", "occurred_at": (YEAR_END + hours * HOUR).isoformat()}
        told = await desk.post(f"{owed.path}/attempt", body)
        assert told.status_code == 200, told.text
    await desk.drive(YEAR_END + 26 * HOUR)
    return owed


async def test_the_last_call_of_a_year_is_recorded_and_the_answer_is_awaited_until_a_day_that_the_calendar_tells(
    desk: Any,
) -> None:
    """A100, A114: the message goes out at once; only its last day waits for the office's table, and counts from the message."""
    owed = await messaged_at_the_years_end(desk)
    shown = (await desk.get(owed.path)).json()
    assert (shown["status"], shown["attempts"], shown["answer_by"]) == ("messaged", 3, None)
    assert shown["message_sent_at"] == "2026-12-29T04:00:00Z"
    await desk.drive(YEAR_END + 9 * DAY)
    assert (await desk.get(owed.path)).json()["status"] == "messaged"
    desk.runtime.book.load_calendar(2027, table_of(2027, ["2027-01-01"], []))
    await desk.runtime.store.execute("update timers set leased_until = leased_until - interval '30 seconds'")
    await desk.drive(YEAR_END + 9 * DAY + HOUR)
    shown = (await desk.get(owed.path)).json()
    assert (shown["status"], shown["answer_by"]) == ("messaged", "2027-01-06T16:00:00Z")
    await desk.drive(YEAR_END + 10 * DAY)
    shown = (await desk.get(owed.path)).json()
    assert (shown["closed_as"], shown["closed_at"]) == ("unreachable", "2027-01-06T16:00:00Z")
    assert shown["limit_passed_at"] is None


async def test_a_caller_answers_the_message_while_nobody_knows_how_long_they_may(desk: Any) -> None:
    """A100, A114: and what the calendar would have told is of no use any more."""
    owed = await messaged_at_the_years_end(desk)
    answered = await desk.post(f"{owed.path}/survey", {"solved": True, "satisfied": True, "channel": "sms"}, "service@sms")
    assert answered.status_code == 200, answered.text
    desk.runtime.book.load_calendar(2027, table_of(2027, ["2027-01-01"], []))
    await desk.drive(YEAR_END + 9 * DAY)
    shown = (await desk.get(owed.path)).json()
    assert (shown["closed_as"], shown["answer_by"]) == ("solved", None)


async def test_who_answers_the_message_by_themselves_is_heard_at_night_too(desk: Any) -> None:
    """A100, A101, A114."""
    owed = await desk.resolve()
    for hours in (1, 20, 24):
        at = NOON + hours * HOUR
        await desk.drive(max(at, AT_TWO))
        await desk.post(f"{owed.path}/attempt", {"outcome": "busy", "occurred_at": at.isoformat()})
    await desk.drive(NIGHT + 48 * HOUR)
    desk.problem(await desk.post(f"{owed.path}/revisit", YES), 409, "quiet_hours")
    by_sms = {"solved": False, "satisfied": False, "reason": "还是不亮", "channel": "sms"}
    desk.problem(await desk.post(f"{owed.path}/revisit", by_sms), 422, "invalid_input")
    desk.problem(await desk.post(f"{owed.path}/survey", {**by_sms, "channel": "pigeon"}, "service@sms"), 422, "invalid_input")
    assert (await desk.post(f"{owed.path}/survey", by_sms, "service@sms")).status_code == 200
    await desk.catch_up()
    shown = (await desk.get(owed.path)).json()
    assert (shown["status"], shown["answered_by"], shown["rework_round"], shown["fee_free"]) == ("closed", "sms", 2, True)
    assert (shown["revisited_by"], shown["reason_code"]) == ("demo-service@sms", "other")


async def test_an_attempt_too_early_is_refused(desk: Any) -> None:
    owed = await desk.resolve(at=AT_TWO)
    desk.problem(await desk.post(f"{owed.path}/attempt", {"outcome": "busy"}), 409, "revisit_not_due")


async def test_a_command_repeated_after_a_lost_answer_is_answered_alike_and_other_content_is_refused(desk: Any) -> None:
    owed = await desk.resolve()
    key = {"idempotency-key": str(uuid4())}
    first = await desk.post(f"{owed.path}/revisit", YES, **key)
    again = await desk.post(f"{owed.path}/revisit", YES, **key)
    assert first.json() == again.json()
    desk.problem(await desk.post(f"{owed.path}/revisit", {"solved": False, "satisfied": None}, **key), 422, "command_reused")
    desk.problem(await desk.post(f"{owed.path}/revisit", {"solved": None, "satisfied": None}), 409, "revisit_over")


async def test_a_decision_on_an_old_version_is_refused(desk: Any) -> None:
    owed = await desk.resolve()
    desk.problem(await desk.post(f"{owed.path}/revisit", YES, **{"if-match": '"7"'}), 412, "version_conflict")


async def test_the_worker_schedules_and_the_api_that_looked_too_early_still_finds_it(desk: Any) -> None:
    missing = f"/revisits/{uuid4()}"
    for path in (missing, f"{missing}/none"):
        desk.problem(await desk.get(path), 404, "not_found")
    desk.problem(await desk.post(f"{missing}/revisit", YES), 404, "not_found")
    desk.problem(await desk.post(f"{missing}/attempt", {"outcome": "busy"}), 404, "not_found")
    assert (await desk.get(f"/work-orders/{uuid4()}/revisits")).json()["items"] == []


async def test_the_list_shows_what_is_due_in_pages(desk: Any) -> None:
    departments = ["roads", "roads", "parks"]
    owed = [await desk.resolve(at=NOON + n * HOUR / 60, department=code) for n, code in enumerate(departments)]
    await desk.drive(AT_TWO)
    first = (await desk.get("/revisits?status=due&limit=2")).json()
    second = (await desk.get(f"/revisits?status=due&limit=2&cursor={first['next']}")).json()
    listed = [item["id"] for item in first["items"] + second["items"]]
    assert listed == [str(one.revisit_id) for one in owed]
    assert second["next"] is None
    (parks,) = (await desk.get("/revisits?department=parks")).json()["items"]
    assert (parks["id"], parks["title"]) == (str(owed[2].revisit_id), "路灯不亮")
    assert (await desk.get("/revisits?status=closed")).json() == {"items": [], "next": None}


async def test_an_erased_persons_words_are_gone_and_nothing_new_is_kept(desk: Any) -> None:
    """P3."""
    owed, cached = await desk.resolve(), await desk.resolve()
    await desk.get(owed.path)
    for one in (owed, cached):
        await desk.keyring.shred(one.person_id)
    erased = PersonErased(person_id=owed.person_id, reason="asked", occurred_at=AT_TWO)
    await desk.hear("intake", f"person-{owed.person_id}", erased)
    for one in (owed, cached):
        shown = (await desk.get(one.path)).json()
        assert (shown["title"], shown["reply"], shown["erased"]) == (None, None, True)
    body = {"solved": True, "satisfied": False, "reason": "等了两周"}
    desk.problem(await desk.post(f"{cached.path}/revisit", body), 409, "person_erased")
    assert (await desk.post(f"{cached.path}/revisit", YES)).status_code == 200


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"solved": "yes", "satisfied": None}, "body.solved", "bool_type"),
    ({"solved": True}, "body.satisfied", "missing"),
    ({**YES, "mood": "good"}, "body.mood", "extra_forbidden"),
    ({**YES, "reason": "长" * 4001}, "body.reason", "string_too_long"),
    ({**YES, "reason": "  "}, "body.reason", "string_too_short"),
    ({**YES, "occurred_at": "1969-12-31T00:00:00Z"}, "body.occurred_at", "not_before_1970"),
    ({**YES, "occurred_at": "2999-03-02T06:06:00Z"}, "body.occurred_at", "not_in_the_future"),
    ({**YES, "occurred_at": "2026-03-02T06:00:00"}, "body.occurred_at", "timezone_required"),
    ({**YES, "occurred_at": 7}, "body.occurred_at", "timestamp"),
]


async def test_input_that_cannot_be_right_is_refused_and_nothing_is_written(desk: Any) -> None:
    owed = await desk.resolve()
    before = await desk.stored()
    for body, field_name, rule in WRONG:
        told = desk.problem(await desk.post(f"{owed.path}/revisit", body), 422, "invalid_input")
        assert (told["field"], told["rule"]) == (field_name, rule)
    assert await desk.stored() == before


async def test_a_revisit_before_the_resolution_and_bad_queries_are_refused(desk: Any) -> None:
    owed = await desk.resolve()
    early = {**YES, "occurred_at": "2026-03-02T03:59:59Z"}
    desk.problem(await desk.post(f"{owed.path}/revisit", early), 422, "revisit_before_resolution")
    desk.problem(await desk.get("/revisits?cursor=rubbish"), 400, "bad_cursor")
    for query in ("status=lost", "department=%27", "after=-1", "limit=0"):
        desk.problem(await desk.get(f"/revisits?{query}"), 422, "invalid_input")


async def test_the_revisits_of_an_order_are_read_page_by_page_one_a_round(desk: Any) -> None:
    """A108."""
    owed = await desk.resolve()
    path = f"/work-orders/{owed.work_order_id}/revisits"
    no = {"solved": False, "satisfied": False, "reason": "还是不亮"}
    assert (await desk.post(f"{owed.path}/revisit", no)).status_code == 200
    again = await desk.resolve(work_order_id=owed.work_order_id, turn=2, at=NOON + DAY)
    first = (await desk.get(f"{path}?limit=1")).json()
    second = (await desk.get(f"{path}?limit=1&cursor={first['next']}")).json()
    assert [(page["items"][0]["id"], page["items"][0]["round"]) for page in (first, second)] == [
        (str(owed.revisit_id), 1),
        (str(again.revisit_id), 2),
    ]
    assert second["next"] is None
    desk.problem(await desk.get(f"{path}?cursor=x"), 400, "bad_cursor")


ROLES = [
    ("revisit_agent", 200, 200),
    ("shift_leader", 200, 404),
    ("inspector", 200, 403),
    ("oversight_officer", 200, 403),
    ("call_taker", 403, 200),
    ("dispatcher", 403, 403),
    ("administrator", 403, 403),
    ("handler@roads", 403, 403),
    ("head@roads", 403, 403),
    ("service@replay", 403, 403),
]


async def test_each_role_may_what_the_table_of_rights_says(desk: Any) -> None:
    """A68: beside the desk, only the call taker who met the caller first makes the revisit."""
    for user, reads, records in ROLES:
        owed = await desk.resolve()
        paths = ("/revisits", owed.path, f"/work-orders/{owed.work_order_id}/revisits")
        assert {(await desk.get(path, user)).status_code for path in paths} == {reads}, user
        attempt = await desk.post(f"{owed.path}/attempt", {"outcome": "busy"}, user)
        answer = await desk.post(f"{owed.path}/revisit", YES, user)
        assert {attempt.status_code, answer.status_code} == {records}, user


async def test_the_first_contact_keeps_the_duty_to_revisit_and_sees_nobody_elses(desk: Any) -> None:
    """A68, A112."""
    mine, done = await desk.resolve(), await desk.resolve(at=NOON + HOUR)
    theirs = await desk.resolve(first_contact="taker-9")
    await desk.post(f"{done.path}/revisit", YES, "call_taker")
    await desk.catch_up()
    (listed,) = (await desk.get("/revisits/mine", "call_taker")).json()["items"]
    assert (listed["id"], listed["first_contact"]) == (str(mine.revisit_id), "demo-call_taker")
    desk.problem(await desk.post(f"{theirs.path}/revisit", YES, "call_taker"), 404, "not_found")


async def test_the_desk_plans_by_half_days_and_sees_what_was_put_off(desk: Any) -> None:
    """A100, A101: an evening's result is put off over the night; a caller asks for the next afternoon."""
    noon, evening = await desk.resolve(), await desk.resolve(at=NOON + 9 * HOUR + HOUR / 2)
    asked = {"at": "2026-03-03T06:00:00Z", "because": "caller_asked"}
    assert (await desk.post(f"{noon.path}/plan", asked)).status_code == 200
    await desk.drive(datetime(2026, 3, 3, 1, tzinfo=UTC))
    halves = (await desk.get("/revisits/half-days")).json()["items"]
    assert [(half["day"], half["half"], half["owed"], half["due"]) for half in halves] == [
        ("2026-03-03", "morning", 1, 1),
        ("2026-03-03", "afternoon", 1, 0),
    ]
    since = halves[1]["starts_at"].replace("+00:00", "Z")
    (shown,) = (await desk.get(f"/revisits?due_from={since}")).json()["items"]
    assert (shown["id"], shown["due_at"], shown["call_by"]) == (str(noon.revisit_id), asked["at"], "2026-03-05T12:00:00Z")
    first = (await desk.get("/revisits/deferred?limit=1")).json()
    second = (await desk.get(f"/revisits/deferred?limit=1&cursor={first['next']}")).json()
    put_off = [(one["revisit_id"], one["because"], one["to_at"]) for one in first["items"] + second["items"]]
    assert sorted(put_off) == sorted(
        [
            (str(noon.revisit_id), "caller_asked", asked["at"]),
            (str(evening.revisit_id), "quiet_hours", "2026-03-03T00:00:00Z"),
        ]
    )
    (half,) = (await desk.get("/revisits/half-days?limit=1")).json()["items"]
    assert half == halves[0]


WRONG_PLANS = [
    ("2026-03-03T15:00:00Z", 409, "quiet_hours"),
    ("2026-03-05T12:30:00Z", 409, "planned_too_late"),
    ("2026-03-02T04:30:00Z", 409, "planned_backwards"),
    ("soon", 422, "invalid_input"),
]


async def test_a_plan_against_the_rules_is_refused_by_the_field(desk: Any) -> None:
    """A100, A101."""
    owed = await desk.resolve()
    before = await desk.stored()
    for at, status, code in WRONG_PLANS:
        told = desk.problem(await desk.post(f"{owed.path}/plan", {"at": at, "because": "desk_busy"}), status, code)
        assert told["field"] == "body.at"
    assert await desk.stored() == before


async def test_the_scripts_of_a_revisit_are_read_and_which_were_spoken_is_kept(desk: Any) -> None:
    """A113."""
    owed = await desk.resolve()
    spoken = (await desk.get(f"{owed.path}/scripts")).json()
    assert [one["script"] for one in spoken] == ["revisit_opening", "revisit_closing", "revisit_message"]
    assert spoken[0]["zh"].startswith("您好，这里是12345")
    assert spoken[0]["en"].startswith("Hello, this is 12345")
    desk.problem(await desk.post(f"{owed.path}/revisit", {**YES, "opened_with": "shouting"}), 422, "script_unknown")
    said = {**YES, "opened_with": "revisit_opening", "closed_with": "revisit_closing"}
    assert (await desk.post(f"{owed.path}/revisit", said)).status_code == 200
    await desk.catch_up()
    shown = (await desk.get(owed.path)).json()
    assert (shown["opened_with"], shown["closed_with"]) == ("revisit_opening", "revisit_closing")


async def test_the_six_questions_are_answered_and_shown(desk: Any) -> None:
    """A102, A103, A104, A105, A106: by name, and what makes no sense together is refused with what is missing."""
    owed = await desk.resolve()
    fee = {"fee_charged": True, "fee_shown": False, "fee_to_standard": True}
    told = desk.problem(await desk.post(f"{owed.path}/revisit", {**YES, **fee}), 422, "question_out_of_place")
    assert (told["rule"], told["field"], told["missing"]) == ("A104", "body.fee_charged", "on_site")
    said = {**YES, **fee, "on_site": True, "appointment_kept": False, "timely": True, "attitude": "fair"}
    assert (await desk.post(f"{owed.path}/revisit", said)).status_code == 200
    await desk.catch_up()
    shown = (await desk.get(owed.path)).json()
    assert {name: shown[name] for name in said} == said


async def test_an_unreasonable_demand_ends_only_when_a_second_person_agrees_and_the_caller_knows(desk: Any) -> None:
    """A69: the finding, its evidence, the second person, and the caller's knowledge of it."""
    owed = await desk.resolve()
    claim = {"ground": "out_of_scope", "evidence": "要求超出政策范围的补偿"}
    no = {"solved": False, "satisfied": False, "reason": "补偿太少", "exception": claim}
    assert (await desk.post(f"{owed.path}/revisit", no)).status_code == 200
    await desk.catch_up()
    (shown,) = (await desk.get("/revisits?status=in_review", "shift_leader")).json()["items"]
    assert (shown["exception_ground"], shown["evidence"]) == ("out_of_scope", "要求超出政策范围的补偿")
    told = desk.problem(await desk.post(f"{owed.path}/review", {"accept": True}, "shift_leader"), 409, "caller_not_told")
    assert (told["rule"], told["missing"]) == ("A69", "caller_told")
    agreed = {"accept": True, "caller_told": True}
    assert (await desk.post(f"{owed.path}/review", agreed, "shift_leader")).status_code == 200
    await desk.catch_up()
    shown = (await desk.get(owed.path)).json()
    assert (shown["closed_as"], shown["exception_accepted"], shown["reviewed_by"]) == (
        "exception",
        True,
        "demo-shift_leader",
    )
    desk.problem(await desk.post(f"{owed.path}/review", {"accept": False}, "shift_leader"), 409, "nothing_claimed")


async def test_every_route_asks_for_a_right(desk: Any) -> None:
    rights = list(rights_of_routes(desk.app))
    assert all(right is not None for _, _, right in rights)
    assert {path for _, path, _ in rights} >= {"/revisits", "/revisits/{revisit_id}/attempt", "/events", "/dev/clock"}
    assert (await desk.client.get("/revisits")).status_code == 401
