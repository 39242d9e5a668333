"""Suggestions, apologies and promises over HTTP: each list is somebody's work, and a department meets its own only."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from hotline_events.catalogue.intake import (
    Channel,
    Confidentiality,
    CorrectionReason,
    RequestCorrected,
    RequestRegistered,
    RequestType,
)
from hotline_events.catalogue.intake.call import CallbackPromised
from hotline_events.catalogue.routing import WorkOrderCallerContacted, WorkOrderClosed, WorkOrderTransferred
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON

HOUR = timedelta(hours=1)
AT_TWO = NOON + 2 * HOUR
ROADS, PARKS = "handler@roads", "handler@parks"
SAID = {"solved": True, "satisfied": True}


async def suggested(desk: Any) -> tuple[str, dict[str, Any]]:
    """Let a caller suggest something, and return the path of it with what the department is shown."""
    owed = await desk.resolve()
    words = {**SAID, "suggestion": "希望公布维修进度"}
    assert (await desk.post(f"{owed.path}/revisit", words)).status_code == 200
    await desk.catch_up()
    (shown,) = (await desk.get("/suggestions?status=forwarded", ROADS)).json()["items"]
    return f"/suggestions/{shown['id']}", shown


async def test_a_suggestion_lies_before_its_department_until_it_is_acknowledged(desk: Any) -> None:
    """A107."""
    path, shown = await suggested(desk)
    assert (shown["words"], shown["department"], shown["acknowledge_by"]) == (
        "希望公布维修进度",
        "roads",
        "2026-03-09T16:00:00Z",
    )
    assert "requester_id" not in shown
    answer = await desk.post(f"{path}/acknowledge", {"reply": "已列入计划"}, ROADS)
    assert answer.status_code == 200
    await desk.catch_up()
    read = (await desk.get(f"{path}?after={answer.json()['position']}", "head@roads")).json()
    assert (read["status"], read["reply"], read["acknowledged_by"]) == ("acknowledged", "已列入计划", "demo-handler@roads")
    assert (await desk.post(f"{path}/acknowledge", {}, ROADS)).json()["version"] == 2
    await desk.drive(NOON + timedelta(days=9))
    assert (await desk.get(path)).json()["overdue_at"] is None


async def test_a_suggestion_nobody_acknowledged_is_overdue(desk: Any) -> None:
    """A107: at the deadline itself, and still to be acknowledged."""
    path, _ = await suggested(desk)
    await desk.drive(NOON + timedelta(days=9))
    assert (await desk.get(path)).json()["overdue_at"] == "2026-03-09T16:00:00Z"
    assert (await desk.post(f"{path}/acknowledge", {}, ROADS)).status_code == 200


async def test_anothers_suggestion_and_apology_answer_as_ones_that_do_not_exist(desk: Any) -> None:
    """A107, A110, A144: lists, details and acts, whatever version is sent along."""
    path, _ = await suggested(desk)
    apology = await ordered(desk)
    assert [(await desk.get(name, PARKS)).json()["items"] for name in ("/suggestions", "/apologies")] == [[], []]
    assert (await desk.get("/suggestions?department=roads", PARKS)).json()["items"] == []
    for kind, mine, act, body in (
        ("suggestions", path, "acknowledge", {}),
        ("apologies", apology, "report", {"proof": "已道歉"}),
    ):
        for other in (mine, f"/{kind}/{uuid4()}"):
            for sent in ({}, {"if-match": '"1"'}, {"if-match": '"7"'}):
                desk.problem(await desk.post(f"{other}/{act}", body, PARKS, **sent), 404, "not_found")
            desk.problem(await desk.get(other, PARKS), 404, "not_found")


async def test_what_a_department_owes_for_a_matter_that_turns_out_to_accuse_it_is_not_there_any_more(desk: Any) -> None:
    """A144: neither to be read nor to be acted on."""
    suggestion, shown = await suggested(desk)
    apology = await ordered(desk)
    told = (await desk.get(apology, ROADS)).json()
    for request_id in (shown["request_id"], told["request_id"]):
        accused = RequestCorrected(
            request_id=UUID(request_id),
            requester_id=uuid4(),
            field="accused_department",
            became_value="roads",
            reason=CorrectionReason.NEW_FACTS,
            signed_by="taker-1",
            occurred_at=AT_TWO,
        )
        await desk.hear("intake", f"request-{request_id}", accused)
    for path, act, body in ((suggestion, "acknowledge", {}), (apology, "report", {"proof": "已道歉"})):
        desk.problem(await desk.get(path, ROADS), 404, "not_found")
        desk.problem(await desk.post(f"{path}/{act}", body, ROADS), 404, "not_found")


async def ordered(desk: Any) -> str:
    """Let a caller complain of the handlers' manners, and return the path of the apology."""
    owed = await desk.resolve()
    rude = {"solved": True, "satisfied": False, "reason": "态度恶劣", "reason_code": "attitude", "attitude": "bad"}
    assert (await desk.post(f"{owed.path}/revisit", rude)).status_code == 200
    await desk.catch_up()
    (shown,) = (await desk.get("/apologies?status=ordered", ROADS)).json()["items"]
    assert (shown["work_order_id"], shown["due_at"]) == (str(owed.work_order_id), "2026-03-05T16:00:00Z")
    return f"/apologies/{shown['id']}"


async def test_an_apology_is_over_when_a_second_person_accepts_its_proof(desk: Any) -> None:
    """A110: ordered, reported with proof, sent back, reported again, confirmed."""
    path = await ordered(desk)
    told = desk.problem(await desk.post(f"{path}/confirm", {"accept": True}), 409, "apology_not_reported")
    assert (told["rule"], told["missing"]) == ("A110", "apology_done")
    for proof, accept, status in (("电话道歉", False, "ordered"), ("上门道歉，照片 A-17", True, "confirmed")):
        assert (await desk.post(f"{path}/report", {"proof": proof}, ROADS)).status_code == 200
        await desk.catch_up()
        shown = (await desk.get(path)).json()
        assert (shown["status"], shown["proof"], shown["done_by"]) == ("done", proof, "demo-handler@roads")
        assert (await desk.post(f"{path}/confirm", {"accept": accept}, "shift_leader")).status_code == 200
        await desk.catch_up()
        assert (await desk.get(path)).json()["status"] == status
    desk.problem(await desk.post(f"{path}/report", {"proof": "又一次"}, "head@roads"), 409, "apology_over")
    rows = await desk.runtime.store.read_all(0)
    assert all("照片" not in row.payload for row in rows)


async def test_an_apology_that_nobody_made_is_overdue(desk: Any) -> None:
    """A110."""
    path = await ordered(desk)
    await desk.drive(NOON + timedelta(days=5))
    assert (await desk.get(path, ROADS)).json()["overdue_at"] == "2026-03-05T16:00:00Z"


async def promised(desk: Any, due_at: datetime = AT_TWO + HOUR) -> str:
    """Let a call taker promise a call back, and return the path of the promise."""
    event = CallbackPromised(
        promise_id=uuid4(),
        call_id=uuid4(),
        caller_id=uuid4(),
        reason="needs_other_department",
        due_at=due_at,
        promised_by="taker-1",
        occurred_at=NOON,
    )
    await desk.hear("intake", f"call-{event.call_id}", event)
    return f"/promises/{event.promise_id}"


async def test_a_promise_is_warned_of_attempted_and_kept(desk: Any) -> None:
    """A18, A153: a morning of the telephone desk."""
    path = await promised(desk)
    await desk.drive(AT_TWO + HOUR - timedelta(minutes=15))
    (near,) = (await desk.get("/promises?status=near", "call_taker")).json()["items"]
    assert (f"/promises/{near['id']}", near["reason"], near["immediate"]) == (path, "needs_other_department", False)
    assert (await desk.post(f"{path}/attempt", {"outcome": "busy"}, "call_taker")).status_code == 200
    assert (await desk.post(f"{path}/keep", {}, "shift_leader")).status_code == 200
    await desk.drive(AT_TWO + 2 * HOUR)
    shown = (await desk.get(path)).json()
    assert (shown["status"], shown["late"], shown["broken_at"]) == ("kept", False, None)
    assert [(one["attempt"], one["outcome"]) for one in shown["history"]] == [(1, "busy")]
    assert (await desk.post(f"{path}/keep", {}, "call_taker")).json()["version"] == shown["version"]
    desk.problem(await desk.post(f"{path}/attempt", {"outcome": "no_answer"}, "call_taker"), 409, "promise_over")


async def test_whom_to_call_back_is_withheld_of_a_matter_that_is_not_for_the_reader(desk: Any) -> None:
    """A144, A145: of a matter that came by the call in which the promise was given, too; who wrote it down reads it."""
    path, other = await promised(desk), await promised(desk)
    first = (await desk.get(path)).json()
    request = RequestRegistered(
        request_id=uuid4(),
        requester_id=uuid4(),
        channel=Channel.PHONE,
        request_type=RequestType.REPORT,
        title=Sealed(box="s1.title"),
        matter=Sealed(box="s1.matter"),
        call_id=first["call_id"],
        confidentiality=Confidentiality.SECRET,
        first_contact="demo-call_taker",
        occurred_at=NOON,
    )
    await desk.hear("intake", f"request-{request.request_id}", request)
    shown = (await desk.get(path, "call_taker_2")).json()
    assert (shown["withheld"], shown["caller_id"], shown["call_id"]) == (True, None, None)
    listed = (await desk.get("/promises", "call_taker_2")).json()["items"]
    assert {f"/promises/{one['id']}": one["withheld"] for one in listed} == {path: True, other: False}
    for user in ("call_taker", "shift_leader"):
        assert (await desk.get(path, user)).json()["caller_id"] == first["caller_id"]


async def test_a_promise_nobody_kept_is_broken_and_can_be_kept_late(desk: Any) -> None:
    """A18, A153."""
    path = await promised(desk)
    await desk.drive(AT_TWO + 2 * HOUR)
    (broken,) = (await desk.get("/promises?status=broken")).json()["items"]
    assert broken["broken_at"] == broken["due_at"] == "2026-03-02T07:00:00Z"
    assert (await desk.post(f"{path}/keep", {})).status_code == 200
    await desk.catch_up()
    shown = (await desk.get(path)).json()
    assert (shown["status"], shown["late"], shown["broken_at"]) == ("kept", True, "2026-03-02T07:00:00Z")
    desk.problem(await desk.post(f"/promises/{uuid4()}/keep", {}), 404, "not_found")


async def test_a_matter_relayed_at_once_owes_a_call_by_night_and_by_day(desk: Any) -> None:
    """A85, A101: quiet hours bind service-quality revisits, not the answer to an emergency."""
    night = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # 23:00 in Shanghai
    relayed = WorkOrderTransferred(
        work_order_id=uuid4(),
        request_id=uuid4(),
        department="water",
        hop=1,
        round=1,
        sign_due_at=night + HOUR,
        contact_due_at=night + HOUR,
        resolve_due_at=night + HOUR,
        answer_class="immediate",
        transferred_by="dispatcher-1",
        rule_version="default/1",
        occurred_at=night,
    )
    await desk.drive(night)
    await desk.hear("routing", f"work_order-{relayed.work_order_id}", relayed)
    usual = await promised(desk, due_at=night - 2 * HOUR)
    desk.problem(await desk.post(f"{usual}/keep", {}), 409, "quiet_hours")
    *_, owed = (await desk.get("/promises?status=open")).json()["items"]
    assert (owed["immediate"], owed["reason"], owed["due_at"]) == (True, "immediate_relay", "2026-03-02T17:00:00Z")
    assert (await desk.post(f"/promises/{owed['id']}/attempt", {"outcome": "busy"})).status_code == 200
    called = WorkOrderCallerContacted(
        work_order_id=relayed.work_order_id,
        request_id=relayed.request_id,
        department="water",
        contacted_by="handler-3",
        occurred_at=night + HOUR,
    )
    await desk.hear("routing", f"work_order-{relayed.work_order_id}", called)
    kept = (await desk.get(f"/promises/{owed['id']}")).json()
    assert (kept["status"], kept["kept_by"], kept["late"]) == ("kept", "handler-3", False)


async def test_whose_order_was_closed_by_hand_is_not_called_any_more(desk: Any) -> None:
    """A69: the caller wishes no contact; their revisit ends with the order, and no limit passes."""
    owed, closing = await desk.resolve(), {"department": "roads", "round": 1, "occurred_at": AT_TWO}
    by_hand = WorkOrderClosed(work_order_id=owed.work_order_id, request_id=owed.request_id, closed_by="leader-1", **closing)
    await desk.hear("routing", f"work_order-{owed.work_order_id}", by_hand)
    await desk.drive(NOON + timedelta(days=9))
    shown = (await desk.get(owed.path)).json()
    assert (shown["status"], shown["closed_as"], shown["limit_passed_at"]) == ("closed", "order_closed", None)
    desk.problem(await desk.post(f"{owed.path}/revisit", SAID), 409, "revisit_over")
