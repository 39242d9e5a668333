"""Break-glass, disclosures, exports and the directory over HTTP, as their users meet them."""

import csv
import io
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from hotline_events.catalogue.routing import WorkOrderReturned
from hotline_events.catalogue.routing.work_order import ReturnReason
from hotline_events.clock import FixedClock
from hotline_events.testing import NOON
from hotline_events.testing_history import transferred
from hotline_events.timers import Timers
from hotline_rules.pack import load_pack
from intake.main import build_work

FACTS = {"name": "欧阳春晓", "phone": "0552-3115678", "address": "解放路 118 号"}
MATTER = {
    "channel": "phone",
    "read_back": True,
    "request_type": "complaint",
    "title": "夜间施工",
    "matter": "楼下夜间施工扰民。",
}
RULES = load_pack("default")
Desk = Any
"""What the fixture `desk` of conftest.py returns."""


async def a_matter(desk: Desk, *, held_by: str | None = None, **facts: str) -> tuple[UUID, UUID]:
    """Register a requester and a matter, and say which department holds its order."""
    person_id, request_id = uuid4(), uuid4()
    assert (await desk.ask("PUT", f"/persons/{person_id}", facts or FACTS)).status_code == 201
    body = {**MATTER, "requester_id": str(person_id)}
    assert (await desk.ask("PUT", f"/requests/{request_id}", body)).status_code == 201
    await desk.catch_up()
    if held_by is not None:
        await desk.hear("routing", transferred(request_id, held_by))
    return person_id, request_id


async def break_glass(desk: Desk, request_id: UUID, by: str = "handler@roads") -> Any:
    body = {"request_id": str(request_id), "fields": ["phone", "name"], "reason": "danger_to_life"}
    return await desk.ask("PUT", f"/break-glass/{uuid4()}", body, by=by)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("urn:hotline:problem:")


def told(answer: Any) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name not in {"trace_id", "instance"}}


async def test_a_handler_breaks_the_glass_reads_on_record_and_the_head_ratifies(desk: Desk) -> None:
    """A130, A144: a day of it: taken, read twice, both readings on record, listed for those who watch, ratified."""
    person_id, request_id = await a_matter(desk, held_by="roads")
    opened = await break_glass(desk, request_id)
    assert opened.status_code == 201
    glass = f"/break-glass/{opened.json()['id']}"
    for _ in range(2):
        read = await desk.ask("POST", f"{glass}/identity", by="handler@roads")
        assert read.json()["facts"] == {"phone": FACTS["phone"], "name": FACTS["name"]}
    readings = [event.event for event in await desk.history() if event.name == "intake.person.identity_read"]
    assert [(one.person_id, one.purpose, one.read_by) for one in readings] == [
        (person_id, "break_glass", "demo-handler@roads")
    ] * 2
    assert code(await desk.ask("POST", f"{glass}/ratify", {}, by="head@parks")) == (404, "not_found")
    assert (await desk.ask("POST", f"{glass}/ratify", {}, by="head@roads")).status_code == 200
    await desk.catch_up()
    (row,) = (await desk.ask("GET", "/break-glass", by="inspector")).json()["items"]
    assert (row["status"], row["opened_by"], row["decided_by"]) == ("ratified", "demo-handler@roads", "demo-head@roads")
    assert FACTS["name"] not in str(row)
    assert (await desk.ask("GET", "/break-glass", by="head@parks")).json()["items"] == []


async def test_a_reading_that_was_rejected_cannot_be_repeated(desk: Desk) -> None:
    """A130: not even with the very request that was accepted before."""
    _, request_id = await a_matter(desk, held_by="roads")
    glass = f"/break-glass/{(await break_glass(desk, request_id)).json()['id']}"
    key = {"idempotency_key": str(uuid4())}
    assert (await desk.ask("POST", f"{glass}/identity", by="handler@roads", **key)).status_code == 200
    assert (await desk.ask("POST", f"{glass}/reject", {}, by="oversight_officer")).status_code == 200
    assert code(await desk.ask("POST", f"{glass}/identity", by="handler@roads", **key)) == (409, "break_glass_over")
    assert code(await desk.ask("POST", f"{glass}/ratify", {}, by="inspector")) == (409, "break_glass_decided")


async def test_what_nobody_ratified_in_three_days_is_flagged_and_ends(desk: Desk) -> None:
    """A130: by its timer."""
    _, request_id = await a_matter(desk, held_by="roads")
    glass = f"/break-glass/{(await break_glass(desk, request_id)).json()['id']}"
    later = FixedClock(RULES.after(RULES.privacy.ratify_break_glass, desk.runtime.clock.now()))
    work = build_work(desk.runtime)
    await Timers(desk.runtime.aggregates, later, "intake", work.on_timer).fire_due(later.now())
    await desk.catch_up()
    (row,) = (await desk.ask("GET", "/break-glass?status=lapsed", by="oversight_officer")).json()["items"]
    assert row["decided_at"] == row["ratify_by"]
    assert code(await desk.ask("POST", f"{glass}/identity", by="handler@roads")) == (409, "break_glass_over")


async def test_who_does_not_hold_the_matter_meets_one_that_is_not_there(desk: Desk) -> None:
    """A144: before it came and after it went, word for word."""
    _, request_id = await a_matter(desk)
    missing = told(await break_glass(desk, uuid4()))
    assert (missing["status"], told(await break_glass(desk, request_id))) == (404, missing)
    await desk.hear("routing", transferred(request_id, "roads"))
    opened = await break_glass(desk, request_id)
    assert opened.status_code == 201
    returned = WorkOrderReturned(
        work_order_id=uuid4(),
        request_id=request_id,
        requester_id=uuid4(),
        department="roads",
        reason=ReturnReason.NOT_OURS,
        returned_by="handler",
        occurred_at=NOON,
    )
    await desk.hear("routing", returned)
    answer = await desk.ask("POST", f"/break-glass/{opened.json()['id']}/identity", by="handler@roads")
    assert told(answer) == missing


async def test_the_record_itself_says_whether_a_caller_is_who_they_claim(desk: Desk) -> None:
    """A148: a third party hears nothing, a mismatch is on record, and what was claimed is kept nowhere."""
    _, request_id = await a_matter(desk)

    async def ask(asked_by: str, **claims: str) -> dict[str, Any]:
        body = {"request_id": str(request_id), "asked_by": asked_by, "claims": claims}
        answer = await desk.ask("PUT", f"/disclosures/{uuid4()}", body)
        assert answer.status_code == 201, answer.text
        return {name: answer.json()[name] for name in ("told", "reason")}

    mine = {"name": FACTS["name"], "phone": "0552 3115678"}
    assert await ask("requester", **mine) == {"told": True, "reason": None}
    assert await ask("third_party", **mine) == {"told": False, "reason": "third_party"}
    assert await ask("requester", **{**mine, "phone": "0552-9999999"}) == {"told": False, "reason": "identity_mismatch"}
    assert await ask("requester", name=FACTS["name"]) == {"told": False, "reason": "identity_unknown"}
    history = await desk.history()
    assert [event.event.purpose for event in history if event.name == "intake.person.identity_read"] == ["verify_caller"] * 2
    await desk.catch_up()
    shown = (await desk.ask("GET", f"/disclosures?request_id={request_id}", by="inspector")).json()["items"]
    assert [one["refused"] for one in shown] == ["identity_unknown", "identity_mismatch", "third_party", None]
    names = [event.name for event in history if ".disclosure." in event.name]
    assert names == ["intake.disclosure.made", *["intake.disclosure.refused"] * 3]
    assert "9999999" not in "".join(event.raw for event in history)


async def test_one_fact_proves_nobody_and_guessing_ends_for_the_day(desk: Desk) -> None:
    """A148: who left fewer facts than the rules ask for is told nothing; so many wrong claims, and no more are compared.

    No read model has to follow for that, and who repeats a question has the answer it had.
    """
    _, request_id = await a_matter(desk, phone=FACTS["phone"])
    _, guessed = await a_matter(desk)

    async def ask(about: UUID, **claims: str) -> str | None:
        body = {"request_id": str(about), "asked_by": "requester", "claims": claims}
        path = f"/disclosures/{uuid4()}"
        first, again = [await desk.ask("PUT", path, body) for _ in range(2)]
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()
        reason: str | None = first.json()["reason"]
        return reason

    assert await ask(request_id, phone=FACTS["phone"]) == "identity_unknown"
    assert await ask(request_id, phone=FACTS["phone"], name=FACTS["name"]) == "identity_unknown"
    for turn in range(RULES.privacy.disclosure_mismatches):
        assert await ask(guessed, name=FACTS["name"], phone=f"0552-{turn}") == "identity_mismatch"
    assert await ask(guessed, name=FACTS["name"], phone=FACTS["phone"]) == "too_many_mismatches"
    tomorrow = replace(desk.runtime, clock=FixedClock(desk.runtime.clock.now() + timedelta(days=1)))
    desk.app.state.runtime, desk.app.state.clock = tomorrow, tomorrow.clock.now
    desk.tokens.clear()
    assert await ask(guessed, name=FACTS["name"], phone=FACTS["phone"]) is None


async def test_a_disclosure_that_was_decided_stays_so(desk: Desk) -> None:
    """A148."""
    _, request_id = await a_matter(desk)
    path, body = f"/disclosures/{uuid4()}", {"request_id": str(request_id), "asked_by": "accused"}
    first, again = [await desk.ask("PUT", path, body) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    unknown = await desk.ask("PUT", f"/disclosures/{uuid4()}", {**body, "request_id": str(uuid4())})
    assert code(unknown) == (404, "not_found")


async def test_an_export_goes_through_two_people_and_bears_the_takers_mark(desk: Desk) -> None:
    """A146: no text and nobody's name in it, each fetching on record."""
    _, request_id = await a_matter(desk)
    path = f"/exports/{uuid4()}"
    body = {"start": "2026-03-02T00:00:00Z", "end": "2026-03-03T00:00:00Z", "purpose": "statistics"}
    assert (await desk.ask("PUT", path, body, by="oversight_officer")).status_code == 201
    assert code(await desk.ask("POST", f"{path}/approve", {}, by="oversight_officer")) == (409, "second_person")
    early = await desk.ask("POST", f"{path}/fetch", {}, by="oversight_officer")
    assert (code(early), early.json()["missing"]) == ((409, "export_not_approved"), "export.approved")
    assert (await desk.ask("POST", f"{path}/approve", {}, by="administrator")).status_code == 200
    assert code(await desk.ask("POST", f"{path}/fetch", {}, by="inspector")) == (404, "not_found")
    key = {"idempotency_key": str(uuid4())}
    answer = await desk.ask("POST", f"{path}/fetch", {}, by="oversight_officer", **key)
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["request_id"], row["watermark"]) == (str(request_id), answer.headers["x-watermark"])
    assert [word for word in (*FACTS.values(), *map(str, MATTER.values())) if word in answer.text] == ["phone", "complaint"]
    fetched = (await desk.history())[-1].event
    assert (fetched.watermark, fetched.rows, fetched.fetched_by) == (row["watermark"], 1, "demo-oversight_officer")
    await desk.catch_up()
    (listed,) = (await desk.ask("GET", "/exports?status=approved", by="administrator")).json()["items"]
    assert (listed["fetched"], listed["watermark"], listed["decided_by"]) == (1, row["watermark"], "demo-administrator")
    assert (await desk.ask("GET", "/exports", by="inspector")).json()["items"] == []
    desk.app.state.runtime = replace(desk.runtime, clock=FixedClock(desk.runtime.clock.now() + timedelta(days=1)))
    over = await desk.ask("POST", f"{path}/fetch", {}, by="oversight_officer", **key)
    assert code(over) == (409, "export_over")


async def test_an_export_of_more_rows_than_the_pack_allows_is_refused_whole(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A146."""
    for _ in range(2):
        await a_matter(desk)
    rules = replace(RULES, privacy=replace(RULES.privacy, export_rows=1))
    monkeypatch.setattr(type(desk.runtime.book), "in_force", lambda _book, _now: rules)
    path = f"/exports/{uuid4()}"
    body = {"start": "2026-03-02T00:00:00Z", "end": "2026-03-03T00:00:00Z", "purpose": "statistics"}
    await desk.ask("PUT", path, body, by="oversight_officer")
    await desk.ask("POST", f"{path}/approve", {}, by="administrator")
    assert code(await desk.ask("POST", f"{path}/fetch", {}, by="oversight_officer")) == (409, "export_too_large")


def an_entry(entry_code: str, tier: str = "published", **more: Any) -> dict[str, Any]:
    names = {"name_zh": f"{entry_code}值班室", "name_en": f"{entry_code} duty room"}
    return {"code": entry_code, **names, "group": "duty_rooms", "tier": tier, **more}


async def test_the_directory_is_searched_by_words_by_group_and_by_speed_dial(desk: Desk) -> None:
    """A159: and what it shows of a number that is told to nobody is that there is such a post (A147)."""
    entries = [an_entry("roads", number="0552-1", speed_dial=7) | {"number": "0552-3111111"}, an_entry("mayor", "leader")]
    entries.append({**an_entry("water", number="0552-3112222"), "group": "utilities"})
    assert (await desk.ask("PUT", "/directory/1", {"entries": entries}, by="administrator")).status_code == 201
    await desk.catch_up()

    async def found(query: str) -> list[tuple[str, str | None]]:
        items = (await desk.ask("GET", f"/directory?{query}")).json()["items"]
        return [(item["code"], item["number"]) for item in items]

    assert await found("") == [("mayor", None), ("roads", "0552-3111111"), ("water", "0552-3112222")]
    assert await found("group=utilities") == [("water", "0552-3112222")]
    assert await found("words=ROADS") == [("roads", "0552-3111111")]
    assert await found("words=值班室&limit=1") == [("mayor", None)]
    assert await found("speed_dial=7") == [("roads", "0552-3111111")]
    asked = await desk.ask("POST", "/directory/entries/mayor/number", {})
    assert asked.json() == {"code": "mayor", "number": None, "denied": True}
    assert (await desk.ask("POST", "/directory/entries/roads/number", {})).json()["number"] == "0552-3111111"
    denied = [event.event for event in await desk.history() if event.name == "intake.directory.lookup_denied"]
    assert [(one.code, one.asked_by) for one in denied] == [("mayor", "demo-call_taker")]


async def test_a_leaders_number_is_not_even_taken_in_and_versions_follow_each_other(desk: Desk) -> None:
    """A147, A149."""
    leader = {"entries": [an_entry("mayor", "leader", number="0552-3110000")]}
    assert code(await desk.ask("PUT", "/directory/1", leader, by="administrator")) == (422, "number_in_directory")
    assert code(await desk.ask("PUT", "/directory/2", {"entries": []}, by="administrator")) == (409, "directory_version")
    assert (await desk.ask("PUT", "/directory/1", {"entries": []}, by="shift_leader")).status_code == 403
    assert await desk.history() == []


async def test_a_directory_older_than_a_month_says_so_and_raises_the_alarm(desk: Desk) -> None:
    """A149."""
    await desk.ask("PUT", "/directory/1", {"entries": [an_entry("roads", number="0552-3111111")]}, by="administrator")
    later = FixedClock(RULES.after(RULES.privacy.directory_stale, desk.runtime.clock.now()))
    await Timers(desk.runtime.aggregates, later, "intake", build_work(desk.runtime).on_timer).fire_due(later.now())
    await desk.catch_up()
    assert [event.name for event in await desk.history()] == ["intake.directory.published", "intake.directory.went_stale"]
    assert not (await desk.ask("GET", "/directory")).json()["items"][0]["stale"]
    desk.app.state.runtime = replace(desk.runtime, clock=later)
    assert (await desk.ask("GET", "/directory")).json()["items"][0]["stale"]
