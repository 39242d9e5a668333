"""Row 9: whole lives of matters over HTTP, every service on this machine, and what each process takes of it."""

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from uuid import uuid4

import psutil
from bench import Bench
from http_load import Connection, Load, connections, rate_of, request
from table import Row

from hotline_chassis.tokens import fetch_demo_token
from hotline_embedded.stack import Stack

ROWS = (9,)

_AT_ONCE = 16
_DEPARTMENT = "bench-lighting"
_USERS = ("call_taker", "dispatcher", f"handler@{_DEPARTMENT}", "revisit_agent", "administrator")


@dataclass(frozen=True, slots=True)
class Desks:
    """One connection to each service that takes part in a life, and the tokens of who acts."""

    intake: Connection
    routing: Connection
    followup: Connection
    tokens: Mapping[str, str]


async def measure(bench: Bench) -> list[Row]:
    """Let matters be registered, transferred by the scope table, signed, resolved and revisited, many at once."""
    stack = bench.stack()
    tokens = {user: fetch_demo_token(stack.issuer_url, user) for user in _USERS}
    ports = {name: stack.units[f"{name}-api"].port for name in ("intake", "routing", "followup")}
    async with connections(ports["routing"], 1) as (routing,):
        await _set_up(routing, tokens["administrator"])
    rates, shares = [], []
    for _ in range(bench.rounds):
        before, started = cpu_seconds(stack), time.perf_counter()
        rates.append((await _live(ports, tokens, bench.seconds * 2)).rate)
        took = time.perf_counter() - started
        shares.append({name: (used - before[name]) / took for name, used in cpu_seconds(stack).items()})
    share = {name: median(one[name] for one in shares) for name in shares[0]}
    listed = ", ".join(f"{name} {part:.0%}" for name, part in sorted(share.items(), key=lambda item: -item[1]))
    row = Row(
        number=9,
        what=f"whole lives over HTTP, {_AT_ONCE} at once, all services on the machine",
        ours=f"{median(rates):,.1f} lives/s",
        aim="(printed)",
        rounds={"lives/s": rates, **{name: [one[name] for one in shares] for name in shares[0]}},
        notes=[f"share of one core: {listed}"],
    )
    return [row]


async def _set_up(routing: Connection, token: str) -> None:
    department = {"name_zh": "路灯管理处", "name_en": "Street lighting"}
    await routing.json(request("PUT", f"/departments/{_DEPARTMENT}", token, department))
    category = {"code": "street_lighting", "name_zh": "路灯", "name_en": "Street lights"}
    await routing.json(request("PUT", "/category-table/1", token, {"categories": [category]}))
    scope = {"category": "street_lighting", "department": _DEPARTMENT}
    await routing.json(request("PUT", "/scope-table/1", token, {"scopes": [scope]}))


async def _live(ports: Mapping[str, int], tokens: Mapping[str, str], seconds: float) -> Load:
    async with (
        connections(ports["intake"], _AT_ONCE) as intake,
        connections(ports["routing"], _AT_ONCE) as routing,
        connections(ports["followup"], _AT_ONCE) as followup,
    ):
        desks = {
            first: Desks(first, second, third, tokens) for first, second, third in zip(intake, routing, followup, strict=True)
        }
        return await rate_of(lambda connection: _life(desks[connection]), intake, seconds)


async def _life(desks: Desks) -> None:
    """One matter from its registration to the caller's answer."""
    token = desks.tokens
    request_id = uuid4()
    registered = {
        "requester_id": str(uuid4()),
        "anonymous": True,
        "channel": "phone",
        "read_back": True,
        "request_type": "help",
        "title": "路灯不亮",
        "matter": "解放路口的路灯三天不亮。",
        "category": "street_lighting",
    }
    await desks.intake.json(request("PUT", f"/requests/{request_id}", token["call_taker"], registered))
    order = await desks.routing.json(request("GET", f"/requests/{request_id}/work-order?wait=5", token["dispatcher"]))
    path = f"/work-orders/{order['work_order_id']}"
    handler = token[f"handler@{_DEPARTMENT}"]
    await desks.routing.json(request("POST", f"{path}/sign", handler, {}))
    await desks.routing.json(request("POST", f"{path}/resolve", handler, {"reply": "已更换灯泡。"}))
    asked = request("GET", f"{path}/revisits", token["revisit_agent"])
    while not (found := (await desks.followup.json(asked))["items"]):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    answer = {"solved": True, "satisfied": True, "immediate_after_service": True}
    await desks.followup.json(request("POST", f"/revisits/{found[0]['id']}/revisit", token["revisit_agent"], answer))


def cpu_seconds(stack: Stack) -> dict[str, float]:
    """Return the processor time that every process has taken so far, Postgres with all its own processes."""
    used = {name: _used(psutil.Process(process.pid)) for name, process in stack.processes.items() if process.alive}
    own = psutil.Process(os.getpid()).cpu_times()
    return {**used, "load generator": own.user + own.system}


def _used(process: psutil.Process) -> float:
    times = process.cpu_times()
    total = times.user + times.system + times.children_user + times.children_system
    for child in process.children(recursive=True):
        try:
            spent = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += spent.user + spent.system
    return total
