"""The vault: identities are read for a purpose and on record, and erased everywhere for ever."""

import asyncio
import json
import logging
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from hotline_chassis.keyring import Keyring
from hotline_events.envelope import boxes_of
from hotline_events.sealing import KeyGoneError, unseal
from intake.domain import person
from intake.vault import Vault

FACTS = {
    "name": "欧阳春晓",
    "gender": "female",
    "phone": "0552-3115678",
    "address": "解放路 118 号 3 栋",
    "organisation": "第一小学家委会",
}
MATTER = {"channel": "web", "request_type": "complaint", "title": "夜间施工扰民", "matter": "欧阳春晓反映楼下夜间施工。"}
PERSONAL = [*(value for name, value in FACTS.items() if name != "gender"), *(MATTER[name] for name in ("title", "matter"))]
PERSONAL += [json.dumps(value).strip('"') for value in PERSONAL]
Desk = Any
"""What the fixture `desk` of conftest.py returns."""


async def a_person(desk: Desk, **facts: str) -> UUID:
    person_id = uuid4()
    answer = await desk.ask("PUT", f"/persons/{person_id}", facts or FACTS)
    assert answer.status_code == 201, answer.text
    return person_id


async def a_request(desk: Desk, requester_id: UUID) -> UUID:
    request_id = uuid4()
    answer = await desk.ask("PUT", f"/requests/{request_id}", {**MATTER, "requester_id": str(requester_id)})
    assert answer.status_code == 201, answer.text
    return request_id


async def read(desk: Desk, person_id: UUID, *fields: str, by: str = "revisit_agent") -> Any:
    return await desk.ask(
        "POST", f"/persons/{person_id}/identity", {"fields": fields or ["name", "phone"], "purpose": "revisit"}, by=by
    )


async def erase(desk: Desk, person_id: UUID) -> Any:
    body = {"reason": "requested_by_person"}
    return await desk.ask("POST", f"/persons/{person_id}/erase", body, by="administrator")


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("urn:hotline:problem:")


async def found_in_tables(desk: Desk, values: list[str]) -> list[tuple[str, str]]:
    """Search every table that the service can read for these values."""
    async with desk.runtime.engine.connect() as connection:
        names = await connection.execute(
            text("select schemaname || '.' || tablename from pg_tables where schemaname in ('public', 'views')")
        )
        found = []
        for table in [row[0] for row in names if "alembic" not in row[0]]:
            rows = await connection.execute(text(f"select t::text from {table} t"))
            whole = "\n".join(row[0] for row in rows)
            found += [(table, value) for value in values if value in whole]
        return found


async def test_facts_are_answered_for_a_purpose_and_only_on_record(desk: Desk) -> None:
    """A144: every answer is preceded by its record, a repeated question by another."""
    person_id = await a_person(desk)
    for position in (2, 3):
        answer = await read(desk, person_id)
        assert answer.json()["facts"] == {"name": FACTS["name"], "phone": FACTS["phone"]}
        assert answer.json()["position"] == position
    _, first, second = await desk.history()
    assert (first.event.fields, first.event.purpose, first.event.read_by) == (
        ("name", "phone"),
        "revisit",
        "demo-revisit_agent",
    )
    assert first.event == second.event
    assert first.id != second.id


async def test_no_reason_but_a_listed_one_opens_the_vault(desk: Desk) -> None:
    person_id = await a_person(desk)
    path = f"/persons/{person_id}/identity"
    curious = await desk.ask("POST", path, {"fields": ["name"], "purpose": "curiosity"})
    assert code(curious) == (422, "invalid_input")
    for by in ("handler@roads", "head@roads", "administrator", "oversight_officer", "service@web"):
        assert (await read(desk, person_id, by=by)).status_code == 403
    assert len(await desk.history()) == 1


async def test_a_reading_that_cannot_be_recorded_answers_nothing(desk: Desk) -> None:
    person_id = await a_person(desk, name=FACTS["name"])
    assert code(await read(desk, person_id, "phone")) == (409, "fact_not_kept")
    assert len(await desk.history()) == 1


async def test_no_personal_value_stands_in_a_table_a_log_or_an_event(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """A144, A146: searched for by value."""
    caplog.set_level(logging.DEBUG)
    person_id = await a_person(desk)
    request_id = await a_request(desk, person_id)
    await read(desk, person_id, *FACTS)
    await desk.ask("PUT", f"/persons/{person_id}", FACTS | {"name": 7})
    await desk.ask("PUT", f"/persons/{uuid4()}", FACTS | {"anonymous": True})
    await desk.catch_up()
    assert (await desk.ask("GET", f"/requests/{request_id}")).json()["title"] == MATTER["title"]
    assert ("public.events", "demo-call_taker") in await found_in_tables(desk, ["demo-call_taker"])
    assert await found_in_tables(desk, PERSONAL) == []
    assert [value for value in PERSONAL if value in caplog.text] == []
    for event in await desk.history():
        assert [value for value in PERSONAL if value in event.raw] == []


async def test_after_shredding_nothing_can_be_read_anywhere_and_the_statistics_stay(desk: Desk) -> None:
    """A146: facts, texts and every copy of them; the events and the counts are as they were."""
    person_id, neighbour = await a_person(desk), await a_person(desk)
    request_id, kept = await a_request(desk, person_id), await a_request(desk, neighbour)
    await desk.catch_up()
    before = await desk.rows("select position, payload::text, hash from events order by position")
    assert (await erase(desk, person_id)).status_code == 200
    assert code(await read(desk, person_id)) == (409, "person_erased")
    shown = (await desk.ask("GET", f"/requests/{request_id}")).json()
    assert (shown["title"], shown["matter"], shown["erased"]) == (None, None, True)
    await desk.catch_up()
    listed = (await desk.ask("GET", "/requests")).json()["items"]
    assert {item["request_id"]: item["title"] for item in listed} == {str(request_id): None, str(kept): MATTER["title"]}
    assert (await desk.rows("select position, payload::text, hash from events order by position"))[:-1] == before
    keyring = Keyring(desk.runtime.keyring._engine, bytes(range(32)))
    boxes = [box for event in await desk.history() for box in boxes_of(event.event) if str(person_id) in box]
    keys = await keyring.get_many([person_id, neighbour])
    assert len(boxes) == 2
    for box in boxes:
        with pytest.raises(KeyGoneError):
            unseal(box, keys)
    assert [row["person_id"] for row in await desk.rows("select person_id from persons")] == [neighbour]
    assert [row["person_id"] for row in await desk.rows("select person_id from person_keys", keys=True)] == [neighbour]


async def test_an_erased_person_stays_erased(desk: Desk) -> None:
    person_id = await a_person(desk)
    request_id = await a_request(desk, person_id)
    first = (await erase(desk, person_id)).json()
    again = (await erase(desk, person_id)).json()
    assert (first["version"], again["version"]) == (2, 2)
    assert code(await desk.ask("PUT", f"/persons/{person_id}", FACTS)) == (409, "person_erased")
    body = {**MATTER, "requester_id": str(person_id), "anonymous": True}
    assert code(await desk.ask("PUT", f"/requests/{uuid4()}", body)) == (409, "person_erased")
    assert code(await desk.ask("POST", f"/requests/{request_id}/answer", {"reply": "好"})) == (409, "person_erased")
    assert len(await desk.history()) == 3


async def test_an_erasure_cut_off_is_finished_by_its_repetition(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    person_id = await a_person(desk)

    async def crash(_vault: Vault, _person_id: UUID) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(Vault, "erase", crash)
        assert (await erase(desk, person_id)).status_code == 503
    assert len(await desk.rows("select 1 from persons")) == 1
    assert (await erase(desk, person_id)).status_code == 200
    assert await desk.rows("select 1 from persons") == []
    assert await desk.rows("select 1 from person_keys", keys=True) == []


async def test_a_registration_cut_off_leaves_nothing_that_counts(desk: Desk) -> None:
    """Facts stored by an attempt that was never accepted are nobody's, and go when another one is."""
    person_id = uuid4()
    vault = Vault(desk.runtime.store, desk.runtime.keyring)
    await vault.keep(person_id, bytes(32), {"name": "别人"})
    assert code(await read(desk, person_id)) == (404, "person_not_registered")
    answer = await desk.ask("PUT", f"/persons/{person_id}", FACTS)
    assert answer.status_code == 201
    assert (await read(desk, person_id)).json()["facts"]["name"] == FACTS["name"]
    assert len(await desk.rows("select 1 from persons")) == 1


async def test_of_two_who_register_one_id_at_once_one_is_accepted_with_their_own_facts(desk: Desk) -> None:
    for _ in range(5):
        person_id = uuid4()
        path = f"/persons/{person_id}"
        names = ["张三", "李四"]
        answers = await asyncio.gather(*(desk.ask("PUT", path, {"name": name}) for name in names))
        assert sorted(answer.status_code for answer in answers) == [201, 422]
        (accepted,) = [name for name, answer in zip(names, answers, strict=True) if answer.status_code == 201]
        assert (await read(desk, person_id, "name")).json()["facts"] == {"name": accepted}
        assert len(await desk.rows("select 1 from persons where person_id = $1", person_id)) == 1
        again = await desk.ask("PUT", path, {"name": accepted})
        assert again.status_code == 200


async def test_everyone_has_a_key_from_the_first_moment(desk: Desk) -> None:
    """A144: the anonymous too, so that their words can be sealed and forgotten."""
    person_id = uuid4()
    assert (await desk.ask("PUT", f"/persons/{person_id}", {"anonymous": True})).status_code == 201
    assert code(await desk.ask("PUT", f"/persons/{uuid4()}", {"anonymous": True, **FACTS})) == (422, "anonymous_with_facts")
    assert list(await desk.runtime.keys.get_many([person_id])) == [person_id]
    assert len(await desk.rows("select 1 from person_keys", keys=True)) == 1
    _, state = await desk.runtime.aggregates.load(person.decider, f"person-{person_id}")
    assert state == person.Person(registered=True)


async def test_facts_that_are_told_later_are_kept_and_the_last_word_counts(desk: Desk) -> None:
    """A25, A34, A146: a repeated attempt finishes, one that is refused leaves nothing, and erasing takes them too."""
    person_id = await a_person(desk, phone=FACTS["phone"])
    path, key = f"/persons/{person_id}/facts", {"idempotency_key": str(uuid4())}
    first = await desk.ask("POST", path, {"name": "欧阳", "gender": "female"}, **key)
    assert (first.status_code, first.json()["version"]) == (200, 2)
    assert (await desk.ask("POST", path, {"name": FACTS["name"]})).json()["version"] == 3
    assert (await desk.ask("POST", path, {"name": "欧阳", "gender": "female"}, **key)).json()["version"] == 2
    assert code(await desk.ask("POST", path, {"name": "别人"}, **key)) == (422, "command_reused")
    assert code(await desk.ask("POST", path, {})) == (422, "invalid_input")
    assert (await desk.ask("PUT", f"/persons/{person_id}", {"phone": FACTS["phone"]})).json()["version"] == 1
    kept = (await read(desk, person_id, "name", "gender", "phone")).json()["facts"]
    assert kept == {name: FACTS[name] for name in ("name", "gender", "phone")}
    assert len(await desk.rows("select 1 from added_facts")) == 2
    await erase(desk, person_id)
    assert await desk.rows("select 1 from added_facts") == []
    assert code(await desk.ask("POST", path, {"name": FACTS["name"]})) == (409, "person_erased")
    assert code(await desk.ask("POST", f"/persons/{uuid4()}/facts", {"name": "张三"})) == (404, "person_not_registered")
