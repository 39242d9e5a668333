"""How far a replay is, what it remembers of it, and how patient its clients are, against a server that fails on purpose."""

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from hotline_cli.replay.clients import Clients, told
from hotline_cli.replay.http import Answer
from hotline_cli.replay.journal import Journal, identity_of
from hotline_cli.replay.matters import CallMatter, Rejected
from hotline_cli.replay.plan import Plan, Waterline
from hotline_cli.replay.reasons import in_both
from hotline_cli.replay.steps import Codes, Script
from hotline_embedded.ports import free_port

NOON = datetime(2016, 7, 13, 12, tzinfo=UTC)
SCRIPT = Script(mapping="calls", codes=Codes(departments={}, categories={}, automatic=frozenset()))


def _call(number: int) -> CallMatter:
    received = NOON + timedelta(minutes=number)
    return CallMatter(
        key=str(number),
        line=number + 2,
        phone_line="1",
        agent="a",
        answered=True,
        received_at=received,
        reached_at=received + timedelta(seconds=90),
        wait_ms=90_000,
        talk_ms=60_000,
        in_menu=False,
        wrap_up_ms=0,
        wrap_up_outcome="served",
    )


def test_the_plan_is_in_the_order_of_time_and_each_matter_in_its_own() -> None:
    plan = Plan([_call(number) for number in range(5)], SCRIPT)
    assert [entry.at for entry in plan.entries] == sorted(entry.at for entry in plan.entries)
    for number in range(5):
        assert [entry.step for entry in plan.entries if entry.matter == number] == [0, 1, 2, 3]
    assert plan.before(NOON) == 0
    assert plan.before(NOON + timedelta(days=1)) == len(plan) == 20


def test_the_waterline_never_passes_what_is_not_entered() -> None:
    plan = Plan([_call(number) for number in range(20)], SCRIPT)
    waterline = Waterline(plan, 0)
    places = list(range(len(plan)))
    random.Random(7).shuffle(places)
    missing = set(places)
    reached = waterline.moment
    assert reached is None
    for place in places:
        waterline.finish(place)
        missing.discard(place)
        first = min(missing, default=None)
        if first:
            reached = waterline.moment
            assert reached is not None
            assert plan.time(first - 1) - timedelta(milliseconds=1) <= reached < plan.time(first)
    assert waterline.complete
    assert waterline.moment == plan.time(-1)


def test_a_journal_is_found_again_only_by_the_same_file_mapping_limit_and_system(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("a")
    same = identity_of(file, "m", None, {"intake": "http://a"})
    assert same == identity_of(file, "m", None, {"intake": "http://a"})
    assert same != identity_of(file, "m", 5, {"intake": "http://a"})
    assert same != identity_of(file, "m", None, {"intake": "http://b"})
    file.write_text("b")
    assert same != identity_of(file, "m", None, {"intake": "http://a"})
    journal = Journal(tmp_path, "m", same)
    assert not journal.read().complete
    refused = Rejected(line=2, key="1", column="", reason="sign was refused: not_found")
    journal.write(NOON, [refused], complete=False)
    assert journal.read().until == NOON
    assert journal.read().refused == (refused,)
    (tmp_path / f"m-{same[:16]}.json").write_text("{ broken")
    assert journal.read().until is None


class Moody:
    """A server that is away at first, forgets tokens, closes connections and sends in pieces."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.keys: set[str] = set()

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/token", self.token, methods=["POST"]),
                Route("/{mood}", self.answer, methods=["GET", "POST"]),
            ]
        )

    async def token(self, request: Request) -> Response:
        self.seen["token"] += 1
        return JSONResponse({"access_token": (await request.body()).decode(), "expires_in": 900})

    async def answer(self, request: Request) -> Response:
        mood = request.path_params["mood"]
        self.seen[mood] += 1
        self.keys.add(request.headers.get("idempotency-key", ""))
        first = self.seen[mood] == 1
        if mood == "away" and first:
            return JSONResponse({"status": 503}, 503)
        if mood == "forgetful" and first:
            return JSONResponse({"status": 401}, 401)
        if mood == "closing":
            return JSONResponse({"n": self.seen[mood]}, headers={"connection": "close"})
        if mood == "pieces":
            return StreamingResponse(iter([b'{"a', b'":', b"1}"]), media_type="application/json")
        if mood == "strict":
            return JSONResponse({"type": "urn:hotline:problem:quiet_hours", "rule": "A101", "detail": "王"}, 409)
        return JSONResponse({"mood": mood})


@pytest.fixture
def moody() -> Iterator[tuple[Moody, str]]:
    server_of, port = Moody(), free_port()
    server = uvicorn.Server(uvicorn.Config(server_of.app(), host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server_of, f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture
async def clients(moody: tuple[Moody, str]) -> AsyncIterator[Clients]:
    async with Clients({"intake": moody[1]}, moody[1]) as made:
        yield made


@pytest.mark.parametrize(("mood", "asked"), [("away", 2), ("forgetful", 2), ("calm", 1)])
async def test_a_client_asks_again_with_the_same_key_until_there_is_an_answer(
    clients: Clients, moody: tuple[Moody, str], mood: str, asked: int
) -> None:
    key = uuid4()
    answer = await clients.call("intake", "POST", f"/{mood}", user="call_taker", body={"text": "喂"}, key=key)
    assert answer.json() == {"mood": mood}
    assert moody[0].seen[mood] == asked
    assert moody[0].keys == {str(key)}


async def test_connections_are_kept_shared_and_replaced_when_the_server_closes_them(clients: Clients) -> None:
    answers = await asyncio.gather(*(clients.call("intake", "GET", "/closing", user="call_taker") for _ in range(10)))
    assert sorted(int(str(answer.json()["n"])) for answer in answers) == list(range(1, 11))
    pieces = await asyncio.gather(*(clients.call("intake", "GET", "/pieces", user="call_taker") for _ in range(10)))
    assert all(answer.json() == {"a": 1} for answer in pieces)


async def test_many_callers_share_one_sign_in(clients: Clients, moody: tuple[Moody, str]) -> None:
    await asyncio.gather(*(clients.call("intake", "GET", "/calm", user="dispatcher") for _ in range(10)))
    assert moody[0].seen["token"] == 1


async def test_a_refusal_is_told_by_code_and_rule_and_never_by_its_text(clients: Clients) -> None:
    answer = await clients.call("intake", "GET", "/strict", user="call_taker")
    assert told(answer) == "quiet_hours, A101"


def test_a_row_that_has_changed_since_it_was_replayed_is_told_as_such() -> None:
    reason = told(Answer(422, b'{"type": "urn:hotline:problem:command_reused", "rule": "command_reused"}'))
    assert in_both(f"register was refused: {reason}") == (
        "此行已回放过，内容与当时不同 replayed before with other content (register was refused: command_reused)"
    )
