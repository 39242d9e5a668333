"""No personal datum is readable anywhere outside the vault's boxes, and after erasure nowhere at all (A144, A146, P1, P3).

People with unmistakable values go through the whole system; then everything that it has written, published, logged, measured
and traced is searched for those values.
"""

import asyncio
import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import create_async_engine

from hotline_chassis.keyring import Keyring
from hotline_cli.verify import verify_database
from hotline_embedded.city import MOMENT, City, Matter, databases_of
from hotline_embedded.collector import TraceCollector
from hotline_embedded.provision import KEYS, app
from hotline_events.sealing import label_of

FACTS = {
    "name": "欧阳观澜",
    "gender": "female",
    "phone": "0552-7316498",
    "address": "胜利西路九百一十七号",
    "organisation": "澜沧试制会社",
}
VALUES = [value for name, value in FACTS.items() if name != "gender"]
SAID = "本人{name},电话{phone},住{address},在{organisation}工作。".format(**FACTS)
# Words that people wrote: they name nobody, and still belong in a box only.
WORDS = ["路灯第七百零三次熄灭", "已答复第七百零三次", "退回理由第七百零三条", "回访记录第七百零三条"]
EVERYTHING = [*VALUES, *WORDS]
NOISE = 4096


@dataclass
class Told:
    """What went through the system, and every answer that a refusal gave on the way."""

    department: str
    person_id: UUID
    matter: Matter
    answered: UUID
    revisit_id: str
    problems: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
async def told(stack: City) -> Told:
    """Register a person, let them say who they are wherever text is taken, and read their identity once."""
    department, other = await stack.new_department("pd"), await stack.new_department("pd")
    person_id, answered = uuid4(), uuid4()
    await stack.tell("intake", "call_taker", f"/persons/{person_id}", FACTS)
    said = {"title": f"{SAID[:40]} {WORDS[0]}", "matter": f"{SAID} {WORDS[0]}", "place": FACTS["address"]}
    body = {"requester_id": str(person_id), "channel": "phone", "read_back": True, "request_type": "inquiry", **said}
    await stack.tell("intake", "call_taker", f"/requests/{answered}", body)
    await stack.tell("intake", "call_taker", f"/requests/{answered}/answer", {"reply": f"{SAID} {WORDS[1]}"})
    matter = await stack.new_matter(other, requester_id=person_id, anonymous=False, **said)
    await stack.act(other, matter, "return", {"reason": "not_ours", "note": f"{SAID} {WORDS[2]}"})
    await stack.transfer(matter, department)
    await stack.resolve(department, matter, f"{SAID} {WORDS[1]}")
    await stack.settled()
    (revisit,) = (await stack.ask("followup", "revisit_agent", f"/work-orders/{matter.work_order_id}/revisits"))["items"]
    result = Told(department, person_id, matter, answered, revisit["id"])
    await stack.drive(datetime.fromisoformat(revisit["due_at"]))
    answer = {"solved": True, "satisfied": False, "reason": f"{SAID} {WORDS[3]}"}
    await stack.tell("followup", "revisit_agent", f"/revisits/{revisit['id']}/revisit", answer)
    read = {"fields": ["name", "phone", "address"], "purpose": "call_back", "request_id": str(matter.request_id)}
    identity = await stack.tell("intake", "revisit_agent", f"/persons/{person_id}/identity", read)
    assert identity["facts"] == {name: FACTS[name] for name in ("name", "phone", "address")}
    result.problems = [answer.text async for answer in _refusals(stack, person_id)]
    await stack.settled()
    await stack.drive(MOMENT)
    return result


async def test_who_may_read_the_words_reads_them(stack: City, told: Told) -> None:
    """Otherwise the searches below would prove nothing."""
    request = await stack.ask("intake", "call_taker", f"/requests/{told.matter.request_id}")
    assert SAID in request["matter"]
    order = await stack.ask("routing", f"handler@{told.department}", f"/work-orders/{told.matter.work_order_id}")
    assert SAID in order["matter"]
    assert SAID in order["reply"]
    assert SAID in (await stack.ask("followup", "revisit_agent", f"/revisits/{told.revisit_id}"))["reason"]


@pytest.mark.usefixtures("told")
async def test_no_table_of_any_database_holds_them(stack: City) -> None:
    found = []
    for database in databases_of():
        tables = await stack.rows(
            database,
            """select format('%I.%I', schemaname, tablename) from pg_tables
                where schemaname not in ('pg_catalog', 'information_schema')""",
        )
        assert tables
        for (table,) in tables:
            # As text, and as the hexadecimal that bytes show as.
            patterns = [f"%{value}%" for value in EVERYTHING] + [f"%{value.encode().hex()}%" for value in EVERYTHING]
            statement = f"select count(*) from {table} as one where one::text like any($1)"
            if (await stack.rows(database, statement, patterns))[0][0]:
                found.append((database, table))
    assert found == []


@pytest.mark.usefixtures("told")
async def test_no_message_and_no_subject_carries_them(stack: City) -> None:
    for service in stack.services:
        for message in await stack.messages(service) if await stack.head(service) else []:
            headers = json.dumps(dict(message.headers or {}))
            assert _values_in(message.subject.encode() + headers.encode() + message.data) == [], message.subject


@pytest.mark.usefixtures("told")
async def test_no_log_holds_them(stack: City) -> None:
    logs = sorted(stack.logs.glob("*.log"))
    assert {"intake-api", "routing-worker", "followup-api", "reporting-worker", "postgres", "nats"} <= {
        log.stem for log in logs
    }
    assert [log.name for log in logs if _values_in(log.read_bytes())] == []


@pytest.mark.usefixtures("told")
async def test_no_file_of_the_whole_system_holds_them(stack: City) -> None:
    """Postgres's own files and its write-ahead log, NATS's store, every log: the bytes on the disk."""
    await stack.rows("intake", "checkpoint")
    found = await asyncio.to_thread(lambda: [file.name for file in _files(stack.root) if _in_file(file)])
    assert found == []


@pytest.mark.usefixtures("told")
async def test_no_metric_shows_them(stack: City) -> None:
    for service in stack.services:
        environment = stack.env(service)
        for port in (environment["HOTLINE_PORT"], environment["HOTLINE_HEALTH_PORT"]):
            async with httpx.AsyncClient() as client:
                page = await client.get(f"http://127.0.0.1:{port}/metrics")
            assert page.status_code == 200
            assert _values_in(page.content) == []


async def test_no_refusal_repeats_them(told: Told) -> None:
    assert told.problems
    assert [problem for problem in told.problems if _values_in(problem.encode())] == []


@pytest.mark.usefixtures("told")
async def test_no_trace_carries_them(stack: City, traces: TraceCollector) -> None:
    assert b"PUT /persons/{person_id}" in await _all_exported(stack, traces)
    assert _values_in(await _all_exported(stack, traces)) == []


async def test_reporting_was_never_given_a_key(stack: City, told: Told) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        await _keys_of(stack, "reporting", told.person_id)


async def test_reading_an_identity_is_a_recorded_act(stack: City, told: Told) -> None:
    """P1: which facts, what for, who, for which request; never the facts themselves."""
    read = [row for row in await stack.events_of("intake", f"person-{told.person_id}") if "identity_read" in row["name"]]
    (payload,) = [json.loads(row["payload"]) for row in read]
    assert sorted(payload["fields"]) == ["address", "name", "phone"]
    assert (payload["purpose"], payload["read_by"]) == ("call_back", "demo-revisit_agent")
    assert payload["request_id"] == str(told.matter.request_id)


async def test_after_erasure_nobody_can_open_a_copy_and_the_chain_is_whole(stack: City, told: Told) -> None:
    """P3: the key is gone for every service, every screen shows nothing, no new word can be sealed, and each hash holds."""
    boxes = [box for service in stack.services for box in await _boxes(stack, service, told.person_id)]
    assert len(boxes) >= 9
    await stack.tell("intake", "administrator", f"/persons/{told.person_id}/erase", {"reason": "requested_by_person"})
    await stack.settled()
    for service in ("intake", "routing", "followup"):
        assert await _keys_of(stack, service, told.person_id) == {}
    await _assert_screens_show_nothing(stack, told)
    taker = stack.client("intake", "call_taker")
    again = await taker.put(f"/persons/{told.person_id}", json={**FACTS, "phone": "1"})
    identity = await stack.client("intake", "call_taker").post(
        f"/persons/{told.person_id}/identity", json={"fields": ["name"], "purpose": "call_back"}
    )
    for refused in (again, identity):
        assert refused.status_code in {404, 409, 410, 422}, refused.text
        assert _values_in(refused.content) == []
    for service in stack.services:
        verdict = await verify_database(stack.postgres.dsn(service))
        assert verdict.whole, (service, verdict)
        assert verdict.verified == await stack.head(service)


async def _assert_screens_show_nothing(stack: City, told: Told) -> None:
    screens = [
        await stack.ask("intake", "call_taker", f"/requests/{told.matter.request_id}"),
        await stack.ask("intake", "call_taker", f"/requests/{told.answered}"),
        await stack.ask("intake", "call_taker", "/requests", limit=200),
        await stack.ask("routing", "dispatcher", f"/work-orders/{told.matter.work_order_id}"),
        await stack.ask("routing", f"handler@{told.department}", "/work-orders", limit=200),
        await stack.ask("followup", "revisit_agent", f"/revisits/{told.revisit_id}"),
        await stack.ask("reporting", "inspector", f"/timelines/{told.matter.request_id}"),
    ]
    assert [_values_in(json.dumps(screen, ensure_ascii=False).encode()) for screen in screens] == [[]] * len(screens)
    for screen in (screens[0], screens[3], screens[5]):
        assert screen["erased"] is True
    assert (screens[0]["title"], screens[3]["matter"], screens[5]["reason"]) == (None, None, None)


async def _all_exported(stack: City, traces: TraceCollector) -> bytes:
    """Return every trace so far: what was begun before is exported once a span begun now has arrived from every api."""
    marks = {service: f"{uuid4().hex}" for service in stack.services}
    for service, mark in marks.items():
        await stack.client(service).get("/dev/clock", headers={"traceparent": f"00-{mark}-00f067aa0ba902b7-01"})
    async with asyncio.timeout(20):
        while any(bytes.fromhex(mark) not in b"".join(traces.exported) for mark in marks.values()):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    return b"".join(traces.exported)


async def _refusals(stack: City, person_id: UUID) -> Any:
    """Say personal things where they do not belong, and yield the refusals."""
    taker = stack.client("intake", "call_taker")
    yield await taker.put(f"/persons/{person_id}", json={**FACTS, "phone": "0552-0000000"})
    yield await taker.put(f"/persons/{uuid4()}", json={**FACTS, FACTS["name"]: FACTS["phone"]})
    yield await taker.put(f"/persons/{uuid4()}", json={"name": [FACTS["name"]], "phone": {FACTS["phone"]: 1}})
    yield await taker.put(f"/calls/{uuid4()}", json={"line": SAID, "caller_id": FACTS["phone"]})
    yield await taker.put(f"/requests/{uuid4()}", json={"requester_id": SAID, "title": SAID * 9, "channel": FACTS["name"]})
    yield await taker.put(f"/calls/{uuid4()}", content=f'{{"line": "{SAID}"', headers={"content-type": "application/json"})
    yield await taker.get("/calls", params={"cursor": SAID, "status": FACTS["name"], "limit": FACTS["phone"]})
    agent = stack.client("followup", "revisit_agent")
    yield await agent.post(f"/revisits/{uuid4()}/revisit", json={"solved": SAID, "satisfied": False, "reason": SAID})
    yield await stack.client("routing", "dispatcher").get("/work-orders", params={"department": SAID, "cursor": SAID})


async def _boxes(stack: City, service: str, person_id: UUID) -> list[str]:
    """Return every sealed box of a person in a service's events."""
    rows = await stack.rows(service, "select payload::text from events where payload::text like $1", f"%s1.{person_id}.%")
    texts = [text for row in rows for text in json.loads(row[0]).values() if isinstance(text, str)]
    return [text for text in texts if text.startswith("s1.") and label_of(text).person_id == person_id]


async def _keys_of(stack: City, service: str, person_id: UUID) -> dict[UUID, bytes]:
    """Ask for a person's key as a service would."""
    engine = create_async_engine(stack.postgres.dsn(KEYS, app(service), driver="asyncpg"))
    try:
        kek = stack.root / "kek"
        return await Keyring(engine, _kek(kek)).get_many([person_id])
    finally:
        await engine.dispose()


def _kek(file: Path) -> bytes:
    return base64.b64decode(file.read_text())


def _values_in(content: bytes) -> list[str]:
    """Return which values stand in these bytes, as they are or as JSON or a URL would write them."""
    return [value for value, pattern in PATTERNS.items() if pattern.search(content)]


def _pattern(value: str) -> re.Pattern[bytes]:
    escaped = json.dumps(value)[1:-1].encode()
    in_urls = str(httpx.QueryParams({"v": value}))[2:].encode()
    return re.compile(b"|".join(map(re.escape, {value.encode(), escaped, in_urls, value.encode("utf-16-le")})))


PATTERNS = {value: _pattern(value) for value in EVERYTHING}


def _files(root: Path) -> Iterator[Path]:
    return (file for file in root.rglob("*") if file.is_file() and file.stat().st_size)


def _in_file(file: Path) -> bool:
    """Search a file piece by piece, the pieces overlapping."""
    before = b""
    with file.open("rb") as opened:
        while piece := opened.read(1 << 22):
            if _values_in(before + piece):
                return True
            before = piece[-NOISE:]
    return False
