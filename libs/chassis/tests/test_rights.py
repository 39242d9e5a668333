"""Rights stand in one table; every route has one; the development issuer exists in development only."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter, Depends, FastAPI

from hotline_chassis.api import create_api
from hotline_chassis.devissuer import Issuer, NotDevelopmentError, application, issuer_from_environment, load_key
from hotline_chassis.devusers import DEMO_USERS, find_user
from hotline_chassis.keyset import KeySet
from hotline_chassis.problems import ProblemError
from hotline_chassis.rights import RIGHTS, Right
from hotline_chassis.roles import Role
from hotline_chassis.settings import Settings
from hotline_chassis.signin import (
    Principal,
    TokenVerifier,
    require_department,
    requires,
    rights_of_routes,
    route_right,
)
from hotline_chassis.tokens import BearerAuth, demo_tokens


def test_every_right_is_in_the_table_and_every_role_has_one() -> None:
    assert set(RIGHTS) == set(Right)
    assert all(RIGHTS.values())
    assert {role for roles in RIGHTS.values() for role in roles} == set(Role)


def test_service_accounts_read_no_identity_and_handle_no_order() -> None:
    service = Principal(actor_id="service", role=Role.SERVICE)
    refused = {Right.PERSON_READ, Right.PERSON_ERASE, Right.ORDER_HANDLE, Right.QUEUE_READ, Right.REPORT_READ}
    assert not any(service.may(right) for right in refused)
    assert {right for right in Right if Role.SERVICE in RIGHTS[right]} >= {Right.HISTORY_READ}


def test_another_departments_thing_is_as_missing_as_a_missing_one() -> None:
    roads = Principal(actor_id="r", role=Role.DEPARTMENT_HANDLER, department="roads")
    require_department(roads, "roads")
    require_department(Principal(actor_id="d", role=Role.DISPATCHER), "parks")
    for other in ("parks", None):
        with pytest.raises(ProblemError) as refusal:
            require_department(roads, other)
        assert (refusal.value.status, refusal.value.code, refusal.value.detail) == (404, "not_found", None)


router = APIRouter(prefix="/calls")


@router.get("/{call_id}")
async def show(call_id: str, principal: Annotated[Principal, Depends(requires(Right.CALL_READ))]) -> dict[str, str]:
    return {"call": call_id, "by": principal.actor_id}


@router.delete("/{call_id}", dependencies=[Depends(requires(Right.PERSON_ERASE))])
async def erase(call_id: str) -> str:
    return call_id


@router.get("")
async def forgotten() -> None:
    """A route without a right: what the enumeration must find."""


@pytest.fixture
def app(settings: Settings, issuer: Issuer) -> FastAPI:
    keys = KeySet("http://issuer/jwks.json", "EdDSA", transport=httpx.ASGITransport(application(issuer)))
    verifier = TokenVerifier(keys, issuer="http://issuer", audience="hotline", algorithm="EdDSA")
    return create_api(settings, title="Calls", routers=[router], verifier=verifier)


@pytest_asyncio.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as client:
        yield client


def test_every_route_is_enumerated_with_its_right(app: FastAPI) -> None:
    assert set(rights_of_routes(app)) == {
        ("GET", "/calls/{call_id}", Right.CALL_READ),
        ("DELETE", "/calls/{call_id}", Right.PERSON_ERASE),
        ("GET", "/calls", None),
    }
    assert [route_right(route) for route in router.routes] == [Right.CALL_READ, Right.PERSON_ERASE, None]


@pytest.mark.parametrize("header", [{}, {"authorization": "Basic eA=="}, {"authorization": "Bearer"}])
async def test_without_a_bearer_token_the_answer_is_401(client: httpx.AsyncClient, header: dict[str, str]) -> None:
    response = await client.get("/calls/1", headers=header)
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert response.json()["type"] == "urn:hotline:problem:sign_in_needed"


@pytest.mark.parametrize("name", sorted(DEMO_USERS))
async def test_a_role_may_exactly_what_the_table_says(client: httpx.AsyncClient, issuer: Issuer, name: str) -> None:
    user = DEMO_USERS[name]
    response = await client.get("/calls/1", headers={"authorization": f"Bearer {issuer.token(user)}"})
    assert response.status_code == (200 if user.role in RIGHTS[Right.CALL_READ] else 403)


async def test_the_development_issuer_signs_in_demo_users_and_nobody_else(client: httpx.AsyncClient, issuer: Issuer) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application(issuer)), base_url="http://issuer") as provider:
        source = demo_tokens("http://issuer", "call_taker", client=provider)
        response = await client.get("/calls/1", auth=BearerAuth(source))
        assert response.json() == {"call": "1", "by": "demo-call_taker"}
        assert await source.token() == await source.token()
        assert (await provider.post("/token", data={"username": "nobody"})).status_code == 400
        assert (await provider.get("/.well-known/openid-configuration")).json()["jwks_uri"] == "http://issuer/jwks.json"
        assert "演示用户" in (await provider.get("/")).text
        assert "d" not in (await provider.get("/jwks.json")).json()["keys"][0]


def test_every_role_has_a_demo_user_and_any_department_its_people() -> None:
    names = [*DEMO_USERS, "handler@roads", "head@roads", "service@replay"]
    assert {user.role for name in names if (user := find_user(name))} == set(Role)
    head = find_user("head@DPW-311")
    assert head is not None
    assert head.department == "DPW-311"
    assert find_user("handler@roads;drop") is None


@pytest.mark.parametrize("mode", [None, "", "production", "Development"])
def test_the_development_issuer_exists_only_in_development(mode: str | None, tmp_path: Path) -> None:
    environment = {"HOTLINE_PORT": "1", "HOTLINE_DEVISSUER_KEY_FILE": str(tmp_path / "key")}
    with pytest.raises(NotDevelopmentError):
        issuer_from_environment(environment if mode is None else {**environment, "HOTLINE_MODE": mode})


def test_the_development_key_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "key.pem"
    first, second = load_key(file), load_key(file)
    assert first.private_bytes_raw() == second.private_bytes_raw()
    assert file.stat().st_mode & 0o777 == 0o600
