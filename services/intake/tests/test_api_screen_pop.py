"""What a call taker sees of a caller when they ring, and what they note (A23)."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from hotline_events.catalogue.followup import PromiseMade
from hotline_events.catalogue.intake import CallReceived
from hotline_events.catalogue.intake.call import CallbackPromised
from hotline_events.testing import NOON
from hotline_events.testing_history import transferred

FACTS = {"name": "欧阳春晓", "phone": "0552-3115678"}
MATTER = {
    "channel": "phone",
    "read_back": True,
    "request_type": "complaint",
    "title": "夜间施工",
    "matter": "楼下夜间施工扰民。",
}
Desk = Any
"""What the fixture `desk` of conftest.py returns."""


@pytest.fixture
async def person_id(desk: Desk) -> UUID:
    made = uuid4()
    assert (await desk.ask("PUT", f"/persons/{made}", FACTS)).status_code == 201
    return made


async def register(desk: Desk, person_id: UUID, **elements: str) -> UUID:
    request_id = uuid4()
    body = {**MATTER, "requester_id": str(person_id), **elements}
    assert (await desk.ask("PUT", f"/requests/{request_id}", body)).status_code == 201
    await desk.catch_up()
    return request_id


async def pop(desk: Desk, person_id: UUID, by: str = "call_taker") -> Any:
    answer = await desk.ask("GET", f"/persons/{person_id}/screen-pop", by=by)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_history_shows_where_each_matter_stands_and_not_a_word_of_it(desk: Desk, person_id: UUID) -> None:
    """A23: nor who the caller is; that is a reading on record."""
    waiting, answered = await register(desk, person_id), await register(desk, person_id, reply="今晚停工。")
    await register(desk, person_id)
    await desk.hear("routing", transferred(waiting, "roads"))
    shown = await pop(desk, person_id)
    assert shown["matters"] == 3
    assert {row["request_id"]: row["status"] for row in shown["history"]} == {
        **{row["request_id"]: "registered" for row in shown["history"]},
        str(waiting): "transferred",
        str(answered): "answered",
    }
    assert [word for word in (*FACTS.values(), MATTER["title"], MATTER["matter"]) if word in str(shown)] == []


async def test_a_matter_that_is_not_for_this_reader_is_not_even_counted(desk: Desk, person_id: UUID) -> None:
    """A23, A145."""
    secret = await register(desk, person_id)
    mark = {"level": "secret", "reason": "retaliation_feared"}
    await desk.ask("POST", f"/requests/{secret}/confidentiality", mark, by="shift_leader")
    await desk.catch_up()
    assert (await pop(desk, person_id, by="call_taker_2"))["matters"] == 0
    assert (await pop(desk, person_id, by="shift_leader"))["matters"] == 1


async def test_a_promise_is_open_until_it_is_kept(desk: Desk, person_id: UUID) -> None:
    """A23: the most urgent first."""
    promises = [
        CallbackPromised(
            promise_id=uuid4(),
            call_id=uuid4(),
            caller_id=person_id if known else None,
            reason="looking_up",
            due_at=NOON + timedelta(hours=hours),
            promised_by="agent-7",
            occurred_at=NOON,
        )
        for hours, known in ((2, True), (1, True), (3, False))
    ]
    await desk.hear("intake", *promises)
    shown = (await pop(desk, person_id))["promises"]
    assert [row["promise_id"] for row in shown] == [str(promises[1].promise_id), str(promises[0].promise_id)]


async def test_promises_and_notes_of_a_matter_that_is_not_for_this_reader_are_not_shown(desk: Desk, person_id: UUID) -> None:
    """A144, A145: whether it was given for the matter or in the call that the matter came by."""
    call = f"/calls/{(call_id := uuid4())}"
    promise = {"reason": "other_department", "due_at": (NOON + timedelta(hours=1)).isoformat()}
    await desk.ask("PUT", call, {"line": "12345", "caller_id": str(person_id)})
    await desk.ask("POST", f"{call}/answer", {})
    assert (await desk.ask("PUT", f"{call}/promises/{uuid4()}", promise)).status_code == 200
    note = {"note": "怕被报复,请勿回拨单位电话。", "call_id": str(call_id)}
    assert (await desk.ask("PUT", f"/persons/{person_id}/notes/{uuid4()}", note)).status_code == 201
    secret = await register(desk, person_id, call_id=str(call_id))
    of_matter = PromiseMade(
        promise_id=uuid4(),
        request_id=secret,
        caller_id=person_id,
        reason="relayed",
        warn_at=NOON,
        due_at=NOON + timedelta(hours=2),
        promised_by="agent-7",
        rule_version="default/1",
        occurred_at=NOON,
    )
    await desk.hear("followup", of_matter)
    shown = await pop(desk, person_id, by="call_taker_2")
    assert (len(shown["promises"]), len(shown["notes"])) == (2, 1)
    mark = {"level": "secret", "reason": "retaliation_feared"}
    await desk.ask("POST", f"/requests/{secret}/confidentiality", mark, by="shift_leader")
    await desk.catch_up()
    shown = await pop(desk, person_id, by="call_taker_2")
    assert (shown["promises"], shown["notes"]) == ([], [])
    shown = await pop(desk, person_id, by="shift_leader")
    assert (len(shown["promises"]), len(shown["notes"])) == (2, 1)


async def test_a_note_is_sealed_shown_at_the_next_call_and_goes_with_the_person(desk: Desk, person_id: UUID) -> None:
    """A23, A146."""
    path, said = f"/persons/{person_id}/notes/{uuid4()}", {"note": "听力不好,请慢些说。", "call_id": str(uuid4())}
    first, again = [await desk.ask("PUT", path, said) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 200)
    await desk.catch_up()
    (shown,) = (await pop(desk, person_id, by="call_taker_2"))["notes"]
    assert (shown["note"], shown["taken_by"], shown["call_id"]) == (said["note"], "demo-call_taker", said["call_id"])
    assert [event for event in await desk.history() if said["note"] in event.raw] == []
    erase = {"reason": "requested_by_person"}
    await desk.ask("POST", f"/persons/{person_id}/erase", erase, by="administrator")
    refused = await desk.ask("PUT", f"/persons/{person_id}/notes/{uuid4()}", said)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:hotline:problem:person_erased")
    await desk.catch_up()
    assert (await pop(desk, person_id))["notes"] == []


async def test_of_somebody_unknown_there_is_nothing_to_show_and_nothing_to_note(desk: Desk) -> None:
    """A23."""
    for method, path, body in (
        ("GET", f"/persons/{uuid4()}/screen-pop", None),
        ("PUT", f"/persons/{uuid4()}/notes/{uuid4()}", {"note": "听力不好"}),
        ("GET", f"/calls/{uuid4()}/screen-pop", None),
    ):
        assert (await desk.ask(method, path, body)).status_code == 404, path
    assert await desk.history() == []


async def test_the_screen_opens_with_the_call_and_a_withheld_number_shows_nothing(desk: Desk, person_id: UUID) -> None:
    """A23."""
    request_id = await register(desk, person_id)
    calls = {caller: uuid4() for caller in (person_id, None)}
    heard = [
        CallReceived(call_id=call_id, line="12345", caller_id=caller, occurred_at=NOON) for caller, call_id in calls.items()
    ]
    await desk.hear("intake", *heard)
    known = (await desk.ask("GET", f"/calls/{calls[person_id]}/screen-pop")).json()
    assert [row["request_id"] for row in known["history"]] == [str(request_id)]
    withheld = (await desk.ask("GET", f"/calls/{calls[None]}/screen-pop")).json()
    assert (withheld["person_id"], withheld["matters"], withheld["history"]) == (None, 0, [])
