"""The department that a matter accuses learns nothing of it, by any way of any service: not who complained, not that one did.

Every read there is, taken from the services' own documents, is asked as people of the accused department about everything that
the matter left behind. Where they may ask at all, the answer is the one for what does not exist (A29, A144).
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from hotline_embedded.city import City, Matter

FACTS = {"name": "司马听雨", "phone": "0552-8461357", "address": "淮河路七百二十一号"}
WORDS = "窗口人员第六百一十九次推诿"
ROLES = ("handler", "head")
# A stream has no end; what it is fed from is asked beside it.
ENDLESS = re.compile(r"/stream$|^/events$|^/dev/clock$")


@dataclass
class Complaint:
    """A complaint about one department that another one handled, and what it left behind."""

    accused: str
    handling: str
    person_id: UUID
    matter: Matter
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def telling(self) -> list[str]:
        """Return whatever would tell somebody of the matter or of who complained."""
        left = [value for value in self.ids.values() if value != self.accused]
        return [*FACTS.values(), WORDS, *left]


@pytest.fixture(scope="module")
async def complaint(stack: City) -> Complaint:
    accused, handling = await stack.new_department("acc"), await stack.new_department("han")
    person_id = uuid4()
    await stack.tell("intake", "call_taker", f"/persons/{person_id}", FACTS)
    said = {"title": WORDS, "matter": f"{WORDS},本人{FACTS['name']}。"}
    matter = await stack.new_matter(
        requester_id=person_id, anonymous=False, accused_department=accused, confidentiality="sensitive", **said
    )
    await stack.transfer(matter, handling)
    await stack.resolve(handling, matter, f"已约谈,{WORDS}")
    await stack.settled()
    (revisit,) = (await stack.ask("followup", "revisit_agent", f"/work-orders/{matter.work_order_id}/revisits"))["items"]
    ids = {
        "request_id": str(matter.request_id),
        "person_id": str(person_id),
        "work_order_id": str(matter.work_order_id),
        "revisit_id": revisit["id"],
        "code": accused,
        "department": accused,
    }
    return Complaint(accused, handling, person_id, matter, ids)


async def test_the_matter_is_not_transferred_to_whom_it_accuses(stack: City, complaint: Complaint) -> None:
    """A29, A144: otherwise the reads below would prove little."""
    fresh = await stack.new_matter(accused_department=complaint.accused)
    await stack.transfer(fresh, complaint.handling)
    client = stack.client("routing", "dispatcher")
    path = f"/work-orders/{fresh.work_order_id}/transfer"
    refused = await client.post(path, json={"department": complaint.accused})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:hotline:problem:accused_department")


async def test_who_handles_it_reads_the_words_and_not_who_said_them(stack: City, complaint: Complaint) -> None:
    """A144: the identity takes a break-glass, which is on record."""
    head = f"head@{complaint.handling}"
    order = await stack.ask("routing", head, f"/work-orders/{complaint.matter.work_order_id}")
    assert WORDS in order["title"]
    assert str(complaint.person_id) not in json.dumps(order)
    body = {"request_id": complaint.ids["request_id"], "fields": ["phone"], "reason": "on_site_visit"}
    glass = await stack.tell("intake", head, f"/break-glass/{uuid4()}", body)
    read = await stack.tell("intake", head, f"/break-glass/{glass['id']}/identity", method="POST")
    assert read["facts"] == {"phone": FACTS["phone"]}


@pytest.mark.parametrize("role", ROLES)
async def test_no_read_of_any_service_tells_the_accused_department_anything(
    stack: City, complaint: Complaint, role: str
) -> None:
    """A29, A144: and what is asked by its id answers word for word as what does not exist."""
    user, asked = f"{role}@{complaint.accused}", 0
    for service in stack.services:
        client = stack.client(service, user)
        document = (await stack.client(service).get("/openapi.json")).json()
        for path in _reads(document):
            answer = await client.get(_about(path, complaint.ids), params=_window(document, path))
            assert answer.status_code < 500, (service, path, answer.text)
            told = answer.text.replace(answer.request.url.path, "")
            assert [word for word in complaint.telling if word in told] == [], (service, path)
            if answer.status_code != httpx.codes.FORBIDDEN and _names_a_thing(path):
                missing = await client.get(_about(path, _invented(complaint.ids)), params=_window(document, path))
                assert _comparable(answer) == _comparable(missing), (service, path)
                asked += 1
    assert asked >= 2


@pytest.mark.parametrize("role", ROLES)
async def test_no_act_of_the_accused_department_tells_it_anything(stack: City, complaint: Complaint, role: str) -> None:
    """A130, A144: nor the break-glass, nor acting on the order."""
    user, missing = f"{role}@{complaint.accused}", str(uuid4())
    order, request = complaint.ids["work_order_id"], complaint.ids["request_id"]
    glass = {"fields": ["name"], "reason": "danger_to_life"}
    for service, method, path, about, body in (
        ("routing", "POST", "/work-orders/{}/sign", order, {}),
        ("routing", "POST", "/work-orders/{}/return", order, {"reason": "not_ours"}),
        ("routing", "POST", "/work-orders/{}/resolve", order, {"reply": "已处理"}),
        ("intake", "PUT", f"/break-glass/{uuid4()}", request, {**glass, "request_id": request}),
    ):
        client = stack.client(service, user)
        theirs = await client.request(method, path.format(about), json=body)
        other = {**body, "request_id": missing} if "request_id" in body else body
        nothing = await client.request(method, path.format(missing), json=other)
        assert theirs.status_code in {403, 404}, (path, theirs.text)
        assert _comparable(theirs) == _comparable(nothing), path


async def test_the_accused_departments_queue_at_the_broker_has_heard_nothing_of_it(stack: City, complaint: Complaint) -> None:
    """A144."""
    subjects = [message.subject for message in await stack.messages("routing") if str(complaint.matter.work_order_id).encode()
                in message.data]  # fmt: skip
    assert subjects
    assert [subject for subject in subjects if subject.endswith(f".{complaint.accused}")] == []


def _reads(document: dict[str, Any]) -> Iterator[str]:
    for path, operations in document["paths"].items():
        if "get" in operations and not ENDLESS.search(path):
            yield path


def _about(path: str, ids: dict[str, str]) -> str:
    """Fill in what the matter left behind; of anything else a made-up id."""
    return re.sub(r"{(\w+)}", lambda name: ids.get(name[1], "00000000-0000-0000-0000-000000000404"), path)


def _invented(ids: dict[str, str]) -> dict[str, str]:
    return {name: value if name in {"code", "department"} else str(uuid4()) for name, value in ids.items()}


def _names_a_thing(path: str) -> bool:
    return any(f"{{{name}}}" in path for name in ("request_id", "person_id", "work_order_id", "revisit_id"))


def _window(document: dict[str, Any], path: str) -> dict[str, str | int]:
    """Return what a read must be told: the widest window and page that it takes."""
    known: dict[str, str | int] = {"from": "2026-05-01T00:00:00+08:00", "to": "2026-07-01T00:00:00+08:00", "limit": 200}
    names = [parameter["name"] for parameter in document["paths"][path]["get"].get("parameters", [])]
    return {name: known[name] for name in names if name in known}


def _comparable(answer: httpx.Response) -> tuple[int, Any]:
    told = answer.json() if answer.text else None
    if isinstance(told, dict):
        told = {name: value for name, value in told.items() if name not in {"trace_id", "instance"}}
    return answer.status_code, told
