"""Who reads what of a confidential matter in intake, and who learns who asked."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from hotline_chassis.devusers import DemoUser
from hotline_chassis.roles import Role
from hotline_events.testing_history import transferred

FACTS = {"name": "欧阳春晓", "phone": "0552-3115678"}
MATTER = {
    "channel": "phone",
    "read_back": True,
    "request_type": "report",
    "title": "举报某局长",
    "matter": "收受礼金。",
    "place": "市政府大院",
}
WITHHELD = ("title", "matter", "place", "reply", "requester_id", "call_id", "source_reference")
Desk = Any
"""What the fixture `desk` of conftest.py returns."""


async def a_matter(desk: Desk, level: str | None = None, *, by: str = "call_taker", **elements: str) -> tuple[UUID, UUID]:
    """Register a requester and a matter of this level."""
    person_id, request_id = uuid4(), uuid4()
    assert (await desk.ask("PUT", f"/persons/{person_id}", FACTS, by=by)).status_code == 201
    answer = await desk.ask("PUT", f"/requests/{request_id}", {**MATTER, "requester_id": str(person_id), **elements}, by=by)
    assert answer.status_code == 201, answer.text
    if level is not None:
        assert (await mark(desk, request_id, level)).status_code == 200
    await desk.catch_up()
    return person_id, request_id


async def mark(desk: Desk, request_id: UUID, level: str, by: str = "shift_leader") -> Any:
    body = {"level": level, "reason": "retaliation_feared"}
    return await desk.ask("POST", f"/requests/{request_id}/confidentiality", body, by=by)


async def identity(desk: Desk, person_id: UUID, by: str, request_id: UUID | None = None) -> Any:
    body = {"fields": ["name"], "purpose": "call_back", "request_id": request_id and str(request_id)}
    return await desk.ask("POST", f"/persons/{person_id}/identity", body, by=by)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("urn:hotline:problem:")


# Who of those that may read requests at all reads the words, level by level; the first contact is call_taker.
OPEN_TO = {
    "ordinary": {"call_taker", "call_taker_2", "shift_leader", "dispatcher", "revisit_agent", "inspector"},
    "sensitive": {"call_taker", "shift_leader", "dispatcher", "revisit_agent"},
    "secret": {"call_taker", "shift_leader"},
}


@pytest.mark.parametrize("level", OPEN_TO)
async def test_the_words_and_the_requester_are_shown_to_those_whom_the_level_allows(desk: Desk, level: str) -> None:
    """A145: the others see that there is a matter, and not what it says or whose it is."""
    _, request_id = await a_matter(desk, level)
    for user in OPEN_TO["ordinary"]:
        shown = (await desk.ask("GET", f"/requests/{request_id}", by=user)).json()
        (listed,) = (await desk.ask("GET", "/requests", by=user)).json()["items"]
        is_open = user in OPEN_TO[level]
        assert (shown["withheld"], listed["withheld"]) == (not is_open, not is_open), user
        assert (shown["title"], listed["title"]) == ((MATTER["title"],) * 2 if is_open else (None, None))
        if not is_open:
            assert [name for name in WITHHELD if shown[name] is not None] == []


@pytest.mark.parametrize("level", OPEN_TO)
async def test_who_may_not_read_the_matter_does_not_learn_who_asked(desk: Desk, level: str) -> None:
    """A144, A145: with the matter named or not; nothing is on record as read."""
    person_id, request_id = await a_matter(desk, level)
    for user in OPEN_TO["ordinary"]:
        answers = [await identity(desk, person_id, user, named) for named in (request_id, None)]
        if user in OPEN_TO[level]:
            assert [answer.json()["facts"] for answer in answers] == [{"name": FACTS["name"]}] * 2
        else:
            assert [code(answer) for answer in answers] == [(403, "confidential")] * 2
    read = [event for event in await desk.history() if event.name == "intake.person.identity_read"]
    assert len(read) == 2 * len(OPEN_TO[level])


async def test_a_matter_just_registered_guards_its_requester_before_any_read_model_knows_it(desk: Desk) -> None:
    """A144: and another's matter is no reason to read who somebody is."""
    person_id, request_id = await a_matter(desk)
    other, _ = await a_matter(desk)
    assert (await identity(desk, person_id, "revisit_agent", request_id)).status_code == 200
    assert code(await identity(desk, other, "revisit_agent", request_id)) == (422, "not_their_request")
    assert code(await identity(desk, other, "revisit_agent", uuid4())) == (422, "not_their_request")


async def test_a_level_and_an_accusation_hold_at_once_and_not_when_a_read_model_follows(desk: Desk) -> None:
    """A144, A145: identity, break-glass and relays are decided on the matter as it is stored."""
    person_id, request_id = await a_matter(desk)
    assert (await mark(desk, request_id, "secret")).status_code == 200
    for named in (request_id, None):
        assert code(await identity(desk, person_id, "dispatcher", named)) == (403, "confidential")
    relay = {
        "sender_id": str(person_id),
        "kind": "message",
        "channel": "phone",
        "content": "请回电",
        "addressee_kind": "department",
        "addressee": "roads",
        "because": "not_present",
        "request_id": str(request_id),
    }
    assert (await desk.ask("PUT", f"/relays/{uuid4()}", relay)).status_code == 201
    accused = {"field": "accused_department", "value": "roads", "reason": "mistyped"}
    assert (await desk.ask("POST", f"/requests/{request_id}/correct", accused)).status_code == 200
    assert code(await desk.ask("PUT", f"/relays/{uuid4()}", relay)) == (409, "relay_to_accused")
    await desk.hear("routing", transferred(request_id, "roads"))
    glass = {"request_id": str(request_id), "fields": ["phone"], "reason": "danger_to_life"}
    assert (await desk.ask("PUT", f"/break-glass/{uuid4()}", glass, by="handler@roads")).status_code in {403, 404}


async def test_the_office_names_who_may_read_a_secret_matter(desk: Desk) -> None:
    """A145: named, they read it and the requester; named no more, they do not."""
    person_id, request_id = await a_matter(desk, "secret")
    path = f"/requests/{request_id}/clearances/demo-dispatcher"
    assert (await desk.ask("PUT", path, {}, by="dispatcher")).status_code == 403
    assert (await desk.ask("PUT", path, {}, by="oversight_officer")).status_code == 201
    await desk.catch_up()
    assert (await desk.ask("GET", f"/requests/{request_id}", by="dispatcher")).json()["title"] == MATTER["title"]
    assert (await identity(desk, person_id, "dispatcher", request_id)).status_code == 200
    known = await desk.ask("GET", f"/requests/{request_id}/clearances", by="shift_leader")
    assert (known.json()["confidentiality"], known.json()["named"]) == ("secret", ["demo-dispatcher"])
    assert (await desk.ask("POST", f"{path}/withdraw", {}, by="shift_leader")).status_code == 200
    await desk.catch_up()
    assert (await desk.ask("GET", f"/requests/{request_id}", by="dispatcher")).json()["withheld"]
    assert code(await identity(desk, person_id, "dispatcher", request_id)) == (403, "confidential")


async def test_a_head_names_people_for_a_matter_that_lies_with_their_department(desk: Desk) -> None:
    """A145: one that they may read, and while it lies with them; of any other they learn nothing."""
    _, request_id = await a_matter(desk, "sensitive")
    path, head = f"/requests/{request_id}/clearances/demo-handler@roads", "head@roads"
    assert code(await desk.ask("PUT", path, {}, by=head)) == (404, "not_found")
    await desk.hear("routing", transferred(request_id, "roads"))
    assert (await desk.ask("PUT", path, {}, by=head)).status_code == 201
    assert code(await desk.ask("PUT", path, {}, by="head@parks")) == (404, "not_found")
    await mark(desk, request_id, "secret")
    await desk.catch_up()
    assert code(await desk.ask("POST", f"{path}/withdraw", {}, by=head)) == (404, "not_found")
    named = (await desk.ask("GET", f"/requests/{request_id}/clearances", by="shift_leader")).json()["named"]
    assert named == ["demo-handler@roads"]


async def test_a_level_is_raised_by_the_desk_and_lowered_by_the_office(desk: Desk) -> None:
    """A145."""
    _, request_id = await a_matter(desk)
    assert (await mark(desk, request_id, "sensitive", by="call_taker_2")).status_code == 200
    assert code(await mark(desk, request_id, "ordinary", by="call_taker_2")) == (409, "confidentiality_only_raised")
    assert (await mark(desk, request_id, "ordinary", by="oversight_officer")).status_code == 200
    assert code(await mark(desk, uuid4(), "secret")) == (404, "not_found")


async def test_in_need_the_glass_is_broken_for_a_confidential_matter(desk: Desk) -> None:
    """A130, A145: at once, on record, and to be ratified."""
    _, request_id = await a_matter(desk, "secret")
    body = {"request_id": str(request_id), "fields": ["phone"], "reason": "danger_to_life"}
    opened = await desk.ask("PUT", f"/break-glass/{uuid4()}", body, by="call_taker_2")
    assert opened.status_code == 201
    read = await desk.ask("POST", f"/break-glass/{opened.json()['id']}/identity", {}, by="call_taker_2")
    assert read.json()["facts"] == {"phone": FACTS["phone"]}


async def test_break_glass_is_no_purpose_that_one_simply_states(desk: Desk) -> None:
    """A130."""
    person_id, _ = await a_matter(desk)
    body = {"fields": ["name"], "purpose": "break_glass"}
    assert code(await desk.ask("POST", f"/persons/{person_id}/identity", body)) == (422, "invalid_input")


async def test_secret_matters_leave_in_no_export_and_are_told_to_no_caller(desk: Desk) -> None:
    """A145, A146, A148."""
    _, secret = await a_matter(desk, "secret")
    _, ordinary = await a_matter(desk)
    path = f"/exports/{uuid4()}"
    body = {"start": "2026-03-02T00:00:00Z", "end": "2026-03-03T00:00:00Z", "purpose": "statistics"}
    await desk.ask("PUT", path, body, by="oversight_officer")
    await desk.ask("POST", f"{path}/approve", {}, by="administrator")
    file = (await desk.ask("POST", f"{path}/fetch", {}, by="oversight_officer")).text
    assert (str(ordinary) in file, str(secret) in file) == (True, False)
    asked = {"request_id": str(secret), "asked_by": "requester", "claims": FACTS}
    assert code(await desk.ask("PUT", f"/disclosures/{uuid4()}", asked, by="call_taker_2")) == (403, "confidential")


async def export_of(desk: Desk, by: str) -> str:
    path = f"/exports/{uuid4()}"
    body = {"start": "2026-03-02T00:00:00Z", "end": "2026-03-03T00:00:00Z", "purpose": "statistics"}
    await desk.ask("PUT", path, body, by=by)
    await desk.ask("POST", f"{path}/approve", {}, by="administrator")
    answer = await desk.ask("POST", f"{path}/fetch", {}, by=by)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


async def test_a_matter_that_became_secret_or_accuses_ones_unit_a_moment_ago_leaves_in_no_export(desk: Desk) -> None:
    """A144, A145, A146: whether a read model has followed or not."""
    (_, ordinary), (_, secret), (_, accusing) = [await a_matter(desk) for _ in range(3)]
    leader = desk.sign_in(DemoUser(actor_id="roads-leader", role=Role.SHIFT_LEADER, display="", department="roads"))
    assert (await mark(desk, secret, "secret")).status_code == 200
    accuse = {"field": "accused_department", "value": "roads", "reason": "new_facts"}
    assert (await desk.ask("POST", f"/requests/{accusing}/correct", accuse)).status_code == 200
    for _ in ("before a read model follows", "after it"):
        for by, told in (("oversight_officer", {ordinary, accusing}), (leader, {ordinary})):
            file = await export_of(desk, by)
            assert {one for one in (ordinary, secret, accusing) if str(one) in file} == told
        await desk.catch_up()


async def test_a_matter_registered_a_moment_ago_guards_its_requester_when_none_is_named(desk: Desk) -> None:
    """A144, A145: before a read model knows whose it is; another person's guards nobody."""
    person_id, _ = await a_matter(desk)
    other, _ = await a_matter(desk)
    secret = {**MATTER, "requester_id": str(person_id), "confidentiality": "secret"}
    assert (await desk.ask("PUT", f"/requests/{uuid4()}", secret)).status_code == 201
    assert code(await identity(desk, person_id, "dispatcher")) == (403, "confidential")
    assert (await identity(desk, other, "dispatcher")).status_code == 200
    assert (await identity(desk, person_id, "shift_leader")).status_code == 200


async def test_those_who_watch_see_who_read_whose_identity_and_what_for(desk: Desk) -> None:
    """A144: never the facts themselves."""
    person_id, request_id = await a_matter(desk)
    for user in ("dispatcher", "revisit_agent", "dispatcher"):
        assert (await identity(desk, person_id, user, request_id)).status_code == 200
    await desk.catch_up()
    first = (await desk.ask("GET", f"/identity-readings?person_id={person_id}&limit=2", by="inspector")).json()
    rest = (await desk.ask("GET", f"/identity-readings?limit=2&cursor={first['next']}", by="inspector")).json()
    rows = [*first["items"], *rest["items"]]
    assert [row["read_by"] for row in rows] == ["demo-dispatcher", "demo-revisit_agent", "demo-dispatcher"]
    assert {(row["request_id"], row["purpose"], *row["fields"]) for row in rows} == {(str(request_id), "call_back", "name")}
    assert FACTS["name"] not in str(rows)
    agents = await desk.ask("GET", "/identity-readings?read_by=demo-revisit_agent&purpose=call_back", by="administrator")
    assert len(agents.json()["items"]) == 1
    assert (await desk.ask("GET", "/identity-readings", by="call_taker")).status_code == 403


async def test_for_people_of_the_accused_unit_neither_matter_nor_requester_is_there_whatever_their_role(desk: Desk) -> None:
    """A29, A144: a dispatcher and a revisit agent who belong to it meet what everyone meets who asks for nothing."""
    for role in (Role.DISPATCHER, Role.REVISIT_AGENT, Role.CALL_TAKER):
        user = desk.sign_in(DemoUser(actor_id=f"seconded-{role}", role=role, display="", department="roads"))
        person_id, request_id = await a_matter(desk, accused_department="roads")
        missing = await desk.ask("GET", f"/requests/{uuid4()}", by=user)
        theirs = await desk.ask("GET", f"/requests/{request_id}", by=user)
        assert (theirs.status_code, told(theirs)) == (404, told(missing))
        listed = (await desk.ask("GET", "/requests", by=user)).json()["items"]
        assert str(request_id) not in {row["request_id"] for row in listed}
        for named in (request_id, None):
            nobody = await identity(desk, uuid4(), user)
            assert told(await identity(desk, person_id, user, named)) == told(nobody)
        pop = await desk.ask("GET", f"/persons/{person_id}/screen-pop", by=user)
        assert (pop.json()["matters"], pop.json()["history"]) == (0, [])
        glass = {"request_id": str(request_id), "fields": ["name"], "reason": "danger_to_life"}
        refused = await desk.ask("PUT", f"/break-glass/{uuid4()}", glass, by=user)
        nothing = await desk.ask("PUT", f"/break-glass/{uuid4()}", {**glass, "request_id": str(uuid4())}, by=user)
        assert told(refused) == told(nothing)
    assert [event for event in await desk.history() if "identity" in event.name or "break_glass" in event.name] == []


def told(answer: Any) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name not in {"trace_id", "instance"}}


async def test_a_record_of_a_matter_is_screened_as_the_matter_itself(desk: Desk) -> None:
    """A144, A145: the accused unit meets no record; who may not read the words learns no ground."""
    accused = {"accused_department": "roads"}
    (_, hidden), (_, secret) = await a_matter(desk, **accused), await a_matter(desk, "secret")
    reader = desk.sign_in(DemoUser(actor_id="roads-leader", role=Role.SHIFT_LEADER, display="", department="roads"))
    for path in (f"/records/{hidden}", f"/records/{hidden}/acts", f"/records/{uuid4()}/acts"):
        assert code(await desk.ask("GET", path, by=reader)) == (404, "not_found")
    assert (await desk.ask("GET", f"/records/{secret}/acts", by=reader)).json()["items"] == []
    listed = (await desk.ask("GET", "/records", by=reader)).json()["items"]
    assert [row["request_id"] for row in listed] == [str(secret)]
    for by, withheld in (("call_taker", False), ("call_taker_2", True)):
        shown = (await desk.ask("GET", f"/records/{secret}", by=by)).json()
        assert (shown["withheld"], shown["ground"]) == (withheld, None)


async def test_what_is_about_a_complaint_is_never_relayed_to_the_department_that_it_accuses(desk: Desk) -> None:
    """A144, A145: refused when it is taken; what the department got before it was accused is not there any more."""
    _, accusing = await a_matter(desk, accused_department="roads")
    _, later = await a_matter(desk)
    _, secret = await a_matter(desk, "secret")
    about = {"kind": "absent_message", "channel": "phone", "content": "请回电。", "anonymous": True}

    async def take(request_id: UUID, relay_id: UUID) -> Any:
        to = {"addressee_kind": "department", "addressee": "roads", "request_id": str(request_id)}
        return await desk.ask("PUT", f"/relays/{relay_id}", {**about, **to, "sender_id": str(uuid4())})

    assert code(await take(accusing, uuid4())) == (409, "relay_to_accused")
    relays = {request_id: uuid4() for request_id in (later, secret)}
    for request_id, relay_id in relays.items():
        assert (await take(request_id, relay_id)).status_code == 201
    await desk.catch_up()
    path = f"/relays/{relays[later]}"
    assert (await desk.ask("GET", path, by="handler@roads")).json()["content"] == about["content"]
    accuse = {"field": "accused_department", "value": "roads", "reason": "new_facts"}
    corrected = await desk.ask("POST", f"/requests/{later}/correct", accuse)
    assert corrected.status_code == 200, corrected.text
    await desk.catch_up()
    assert code(await desk.ask("GET", path, by="handler@roads")) == (404, "not_found")
    for act, body in (("acknowledge", {}), ("answer", {"answer": "已回电。"})):
        for of in (relays[later], uuid4()):
            told = await desk.ask("POST", f"/relays/{of}/{act}", body, by="handler@roads")
            assert code(told) == (404, "relay_not_taken")
    for listed in ("/relays", "/relays/open"):
        (shown,) = (await desk.ask("GET", listed, by="handler@roads")).json()["items"]
        assert (shown["relay_id"], shown["withheld"]) == (str(relays[secret]), True)
        assert [shown[name] for name in ("content", "sender_id", "call_id")] == [None] * 3
    assert (await desk.ask("GET", path)).json()["content"] == about["content"]
