"""Rows 6 and 7: commands over HTTP to one api process, beside the plainest program that stores a row."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from uuid import uuid4

from bench import Bench, raw_connection
from http_load import Connection, Load, connections, rate_of, request
from table import Row, compared

from hotline_chassis.tokens import fetch_demo_token
from hotline_embedded.ports import PortBook
from hotline_embedded.process import Process
from hotline_embedded.provision import app, owner
from hotline_embedded.service import Service
from hotline_embedded.stack import Stack

ROWS = (6, 7)

_CONNECTIONS = 64
_RECEIVE = {"line": "12345", "emergency": False, "occurred_at": "2026-03-02T04:00:00Z"}
_PLAIN_TABLE = """
create table plain_calls (call_id uuid primary key, line text not null, emergency boolean not null, taken_by text not null,
                          received_at timestamptz not null)"""


async def measure(bench: Bench) -> list[Row]:
    """Load one api process after the other; nothing else runs but Postgres and NATS."""
    stack = bench.stack(("intake",))
    for name, unit in stack.units.items():
        if name not in {"intake-api", "issuer"}:
            unit.stop()
    await _make_table(stack)
    token = fetch_demo_token(stack.issuer_url, "call_taker")
    creations, commands, plain = [], [], []
    with _plain(bench, stack) as port:
        for _ in range(bench.rounds):
            creations.append(await _create(stack.units["intake-api"].port, token, bench.seconds))
            commands.append(await _command(stack.units["intake-api"].port, token, bench.seconds))
            plain.append(await _create(port, token, bench.seconds))
    against = "FastAPI + SQLAlchemy, AsyncSession.add and commit of one row, same sign-in check, same server settings"
    asking = f"the load generator took {median(load.asking for load in creations):.0%} of a core"
    rates = [load.rate for load in plain]
    create = compared(
        6,
        f"PUT /calls/{{id}} at {_CONNECTIONS} connections, one api process",
        against,
        ([load.rate for load in creations], rates),
        unit="requests/s",
        at_least=2,
        notes=[asking],
    )
    change = compared(
        7,
        "a command on an existing matter (hold and resume in turn), the same way",
        "the same",
        ([load.rate for load in commands], rates),
        unit="requests/s",
        at_least=1,
    )
    return [create, change]


async def _create(port: int, token: str, seconds: float) -> Load:
    async def step(connection: Connection) -> None:
        status, body = await connection.ask(request("PUT", f"/calls/{uuid4()}", token, _RECEIVE))
        assert status == 201, body  # noqa: S101 - a refusal would be a fast nothing

    async with connections(port, _CONNECTIONS) as opened:
        return await rate_of(step, opened, seconds)


async def _command(port: int, token: str, seconds: float) -> Load:
    requests: dict[Connection, Iterator[bytes]] = {}

    async def step(connection: Connection) -> None:
        status, body = await connection.ask(next(requests[connection]))
        assert status == 200, body  # noqa: S101 - a refusal would be a fast nothing

    async with connections(port, _CONNECTIONS) as opened:
        for connection in opened:
            call = f"/calls/{uuid4()}"
            await connection.json(request("PUT", call, token, _RECEIVE))
            await connection.json(request("POST", f"{call}/answer", token, {"wait_ms": 900}))
            requests[connection] = _in_turn(call, token)
        return await rate_of(step, opened, seconds)


def _in_turn(call: str, token: str) -> Iterator[bytes]:
    hold = request("POST", f"{call}/hold", token, {"reason": "looking_up", "estimated_ms": 60_000})
    resume = request("POST", f"{call}/resume", token, {"held_ms": 900})
    while True:
        yield hold
        yield resume


async def _make_table(stack: Stack) -> None:
    async with raw_connection(stack.postgres.dsn("intake", owner("intake"))) as connection:
        await connection.execute(_PLAIN_TABLE)
        await connection.execute(f"grant insert on plain_calls to {app('intake')}")


@contextmanager
def _plain(bench: Bench, stack: Stack) -> Iterator[int]:
    """Run the peer's process on the same database server."""
    port = PortBook(bench.folder / "ports.json").port("plain")
    program = Path(__file__).with_name("plain_app.py")
    env = {**stack.env("intake"), "HOTLINE_PORT": str(port)}
    process = Process("plain", [sys.executable, str(program)], log=bench.folder / "plain.log", env=env)
    service = Service(process, port=port, ready_path="/openapi.json")
    service.start()
    try:
        yield port
    finally:
        service.stop()
