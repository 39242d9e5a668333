"""What an administrator takes from a user in intake ends in every service, within moments (A150)."""

import asyncio

import httpx

from hotline_embedded.city import City

PATHS = {
    "intake": "/break-glass",
    "routing": "/work-orders",
    "reporting": "/reports/open-orders",
}


async def _until(stack: City, user: str, status: int) -> None:
    async with asyncio.timeout(20):
        for service, path in PATHS.items():
            while (answer := await stack.client(service, user).get(path)).status_code != status:  # noqa: ASYNC110 - another process decides
                await asyncio.sleep(0.1)
            if status == httpx.codes.FORBIDDEN:
                assert answer.json()["type"] == "urn:hotline:problem:access_revoked"


async def test_a_revoked_handler_is_stopped_by_every_service_and_let_in_again(stack: City) -> None:
    """A150: in the department named; the head of it and the same role elsewhere go on."""
    department = await stack.new_department("access")
    handler, head = f"handler@{department}", f"head@{department}"
    path = f"/access/demo-{handler}/roles/department_handler"
    await _until(stack, handler, httpx.codes.OK)
    await stack.tell("intake", "administrator", f"{path}/revoke", {"reason": "other_post", "department": department})
    await _until(stack, handler, httpx.codes.FORBIDDEN)
    await _until(stack, head, httpx.codes.OK)
    await stack.tell("intake", "administrator", f"{path}/grant", {"department": department})
    await _until(stack, handler, httpx.codes.OK)


async def test_the_stream_of_a_revoked_handler_ends(stack: City) -> None:
    """A150: it was open before, and nothing happens in the queue."""
    department = await stack.new_department("watched")
    user = f"handler@{department}"
    async with (
        asyncio.timeout(30),
        stack.client("routing", user).stream("GET", f"/departments/{department}/queue/stream") as told,
    ):
        assert told.status_code == httpx.codes.OK
        body = {"reason": "other_post", "department": department}
        await stack.tell("intake", "administrator", f"/access/demo-{user}/roles/department_handler/revoke", body)
        assert [line async for line in told.aiter_lines() if line.startswith("id:")] == []


async def test_a_right_withdrawn_from_a_revisit_agent_ends_in_followup(stack: City) -> None:
    """A150."""
    path, agent = "/access/demo-revisit_agent/rights/revisit_read", "revisit_agent"
    for act, status in (("withdraw", httpx.codes.FORBIDDEN), ("return", httpx.codes.OK)):
        body = {"reason": "misuse"} if act == "withdraw" else {}
        await stack.tell("intake", "administrator", f"{path}/{act}", body)
        async with asyncio.timeout(20):
            while (await stack.client("followup", agent).get("/revisits")).status_code != status:  # noqa: ASYNC110 - another process decides
                await asyncio.sleep(0.1)
