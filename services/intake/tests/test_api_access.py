"""An administrator narrows what a user may do, over HTTP."""

from typing import Any
from uuid import uuid4

import pytest

Desk = Any
"""What the fixture `desk` of conftest.py returns."""
TAKER = "/access/demo-call_taker"


@pytest.fixture(autouse=True)
def _look_at_once(desk: Desk) -> None:
    desk.app.state.access.every = 0


async def tell(desk: Desk, path: str, body: dict[str, Any] | None = None, by: str = "administrator") -> Any:
    answer = await desk.ask("POST", path, body or {}, by=by)
    await desk.catch_up()
    return answer


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("urn:hotline:problem:")


async def test_a_revoked_role_lets_its_user_do_nothing_and_nobody_else_notices(desk: Desk) -> None:
    """A150."""
    assert (await tell(desk, f"{TAKER}/roles/call_taker/revoke", {"reason": "left"})).status_code == 200
    for method, path, body in (("GET", "/requests", None), ("PUT", f"/persons/{uuid4()}", {"anonymous": True})):
        assert code(await desk.ask(method, path, body)) == (403, "access_revoked")
        assert (await desk.ask(method, path, body, by="call_taker_2")).status_code < 300
    assert (await tell(desk, f"{TAKER}/roles/call_taker/grant")).status_code == 200
    assert (await desk.ask("GET", "/requests")).status_code == 200


async def test_a_withdrawn_right_is_the_only_one_that_ends(desk: Desk) -> None:
    """A150."""
    assert (await tell(desk, f"{TAKER}/rights/request_read/withdraw", {"reason": "misuse"})).status_code == 200
    assert code(await desk.ask("GET", "/requests")) == (403, "access_revoked")
    assert (await desk.ask("GET", "/calls")).status_code == 200
    assert (await tell(desk, f"{TAKER}/rights/request_read/return")).status_code == 200
    assert (await desk.ask("GET", "/requests")).status_code == 200


async def test_what_was_taken_from_whom_is_listed_for_those_who_watch(desk: Desk) -> None:
    """A150."""
    body = {"reason": "other_post", "department": "roads"}
    await tell(desk, "/access/demo-handler@roads/roles/department_handler/revoke", body)
    await tell(desk, f"{TAKER}/rights/export_ask/withdraw", {"reason": "misuse"})
    first = (await desk.ask("GET", "/access?limit=1", by="oversight_officer")).json()
    (row,) = first["items"]
    assert (row["actor_id"], row["kind"], row["what"], row["taken_by"]) == (
        "demo-call_taker",
        "right",
        "export_ask",
        "demo-administrator",
    )
    (row,) = (await desk.ask("GET", f"/access?cursor={first['next']}", by="oversight_officer")).json()["items"]
    assert (row["what"], row["of_department"]) == ("department_handler", "roads")
    assert (await desk.ask("GET", "/access?actor_id=demo-dispatcher", by="administrator")).json()["items"] == []


async def test_only_an_administrator_changes_access_and_never_their_own(desk: Desk) -> None:
    """A150."""
    path = f"{TAKER}/roles/call_taker/revoke"
    assert code(await tell(desk, path, {"reason": "left"}, by="oversight_officer")) == (403, "forbidden")
    own = "/access/demo-administrator/roles/administrator/revoke"
    assert code(await tell(desk, own, {"reason": "left"})) == (409, "own_access")
    assert code(await tell(desk, f"{TAKER}/roles/king/revoke", {"reason": "left"})) == (422, "invalid_input")
    assert await desk.history() == []
