"""A token is believed only when everything about it is right; every other one is 401 and says no more."""

import base64
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Annotated, Any

import httpx
import jwt
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import APIRouter, Depends, FastAPI

from hotline_chassis.api import create_api
from hotline_chassis.devissuer import Issuer, NotDevelopmentError, application, issuer_from_environment, load_key
from hotline_chassis.devusers import DEMO_USERS, find_user
from hotline_chassis.keyset import KeySet
from hotline_chassis.problems import ProblemError
from hotline_chassis.rights import RIGHTS, Right
from hotline_chassis.roles import Role
from hotline_chassis.settings import settings_from_environment
from hotline_chassis.signin import (
    Principal,
    TokenVerifier,
    require_department,
    requires,
    rights_of_routes,
    route_right,
)
from hotline_chassis.tokens import BearerAuth, demo_tokens

ISSUER = Issuer(url="http://issuer", audience="hotline", key=Ed25519PrivateKey.generate())
STRANGER = Issuer(url="http://issuer", audience="hotline", key=Ed25519PrivateKey.generate())


def claims(**changes: object) -> dict[str, Any]:
    now = int(time.time())
    content = {
        "iss": "http://issuer",
        "aud": "hotline",
        "sub": "taker-1",
        "role": "call_taker",
        "iat": now,
        "nbf": now,
        "exp": now + 600,
        **changes,
    }
    return {name: value for name, value in content.items() if value is not None}


def signed(content: dict[str, Any], issuer: Issuer = ISSUER, kid: str | None = None) -> str:
    return jwt.encode(content, issuer.key, algorithm="EdDSA", headers={"kid": kid or ISSUER.kid})


def by_hand(header: dict[str, str], content: dict[str, Any], signature: bytes = b"") -> str:
    def part(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    return ".".join([part(json.dumps(header).encode()), part(json.dumps(content).encode()), part(signature)])


def with_public_key_as_secret() -> str:
    secret = ISSUER.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return jwt.encode(claims(), base64.b64encode(secret).decode(), algorithm="HS256", headers={"kid": ISSUER.kid})


class Provider:
    """The provider's JWKS endpoint; counts how often it is asked and can be taken away."""

    def __init__(self, issuer: Issuer = ISSUER) -> None:
        self.issuers = [issuer]
        self.asked = 0
        self.away = False

    async def answer(self, _request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.away:
            return httpx.Response(503)
        return httpx.Response(200, json={"keys": [key for issuer in self.issuers for key in issuer.jwks["keys"]]})


@pytest.fixture
def provider() -> Provider:
    return Provider()


def verifier(provider: Provider, clock: Callable[[], float] = time.monotonic) -> TokenVerifier:
    keys = KeySet("http://issuer/jwks.json", "EdDSA", transport=httpx.MockTransport(provider.answer), clock=clock)
    return TokenVerifier(keys, issuer="http://issuer", audience="hotline", algorithm="EdDSA")


async def test_a_right_token_becomes_its_principal(provider: Provider) -> None:
    token = signed(claims(role="department_head", department="roads"))
    expected = Principal(actor_id="taker-1", role=Role.DEPARTMENT_HEAD, department="roads")
    believes = verifier(provider)
    assert await believes.verify(token) == expected
    assert await believes.verify(token) is await believes.verify(token)
    assert provider.asked == 1


NOW = int(time.time())


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(signed(claims(exp=NOW - 60, iat=NOW - 600, nbf=None)), id="expired"),
        pytest.param(signed(claims(iss="http://elsewhere")), id="foreign issuer"),
        pytest.param(signed(claims(), STRANGER), id="foreign key"),
        pytest.param(signed(claims(aud="bank")), id="wrong audience"),
        pytest.param(signed(claims(aud=None)), id="no audience"),
        pytest.param(signed(claims(exp=None)), id="lives for ever"),
        pytest.param(signed(claims(exp=NOW + 3600)), id="lives too long"),
        pytest.param(signed(claims(iat=NOW + 3600, exp=NOW + 4000, nbf=None)), id="issued in the future"),
        pytest.param(signed(claims(nbf=NOW + 300)), id="not yet valid"),
        pytest.param(signed(claims(), kid="another"), id="unknown kid"),
        pytest.param(signed(claims(role="emperor")), id="unknown role"),
        pytest.param(signed(claims(role=None)), id="no role"),
        pytest.param(signed(claims(role="department_head")), id="department role without department"),
        pytest.param(signed(claims(department=["roads", "parks"])), id="two departments"),
        pytest.param(signed(claims(sub="")), id="nobody"),
        pytest.param(by_hand({"alg": "none", "kid": ISSUER.kid}, claims()), id="alg none"),
        pytest.param(by_hand({"alg": "None", "kid": ISSUER.kid}, claims()), id="alg None"),
        pytest.param(with_public_key_as_secret(), id="HS256 with the public key"),
        pytest.param(signed(claims())[:-4] + "AAAA", id="broken signature"),
        pytest.param("x.y.z", id="rubbish"),
        pytest.param("你好", id="not ascii"),
        pytest.param("x" * 100_000, id="endless"),
    ],
)
async def test_a_token_that_is_wrong_in_any_way_is_not_believed(provider: Provider, token: str) -> None:
    with pytest.raises(ProblemError) as refusal:
        await verifier(provider).verify(token)
    assert refusal.value.status == 401
    assert refusal.value.headers["WWW-Authenticate"].startswith("Bearer")
    assert refusal.value.detail is None


async def test_a_remembered_token_is_checked_again_when_it_expires(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [float(NOW)]
    believes = verifier(provider)
    monkeypatch.setattr(believes, "_clock", lambda: now[0])
    token = signed(claims())
    await believes.verify(token)
    checked: list[str] = []

    async def claims_of(token: str) -> dict[str, Any]:
        checked.append(token)
        raise ProblemError(401, "sign_in_needed")

    monkeypatch.setattr(believes, "_claims", claims_of)
    await believes.verify(token)
    now[0] += 601
    with pytest.raises(ProblemError):
        await believes.verify(token)
    assert checked == [token]


async def test_an_rsa_provider_is_believed_when_rsa_is_pinned_and_not_otherwise(provider: Provider) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    jwk = {**jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key(), as_dict=True), "kid": "r", "use": "sig"}

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"keys": [jwk]})

    token = jwt.encode(claims(), private, algorithm="RS256", headers={"kid": "r"})
    keys = KeySet("http://issuer/jwks.json", "RS256", transport=httpx.MockTransport(answer))
    believes = TokenVerifier(keys, issuer="http://issuer", audience="hotline", algorithm="RS256")
    assert (await believes.verify(token)).role is Role.CALL_TAKER
    with pytest.raises(ProblemError):
        await verifier(provider).verify(token)


async def test_a_new_key_is_found_but_invented_ones_do_not_hammer_the_provider(provider: Provider) -> None:
    now = [0.0]
    believes = verifier(provider, clock=lambda: now[0])
    await believes.verify(signed(claims()))
    provider.issuers.append(STRANGER)
    now[0] = 11
    assert (await believes.verify(signed(claims(), STRANGER, STRANGER.kid))).actor_id == "taker-1"
    for number in range(20):
        with pytest.raises(ProblemError):
            await believes.verify(signed(claims(sub=str(number)), kid=f"invented-{number}"))
    assert provider.asked == 2


async def test_a_provider_that_is_away_does_not_sign_anyone_out(provider: Provider) -> None:
    now = [0.0]
    believes = verifier(provider, clock=lambda: now[0])
    await believes.verify(signed(claims()))
    provider.away = True
    now[0] = 10_000
    assert (await believes.verify(signed(claims(sub="another")))).actor_id == "another"


async def test_without_any_key_the_answer_is_503_and_not_401(provider: Provider) -> None:
    provider.away = True
    with pytest.raises(ProblemError) as refusal:
        await verifier(provider).verify(signed(claims()))
    assert refusal.value.status == 503


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
def app(provider: Provider) -> FastAPI:
    environment = {
        "HOTLINE_SERVICE": "intake",
        "HOTLINE_DATABASE_URL": "postgresql+asyncpg://localhost/none",
        "HOTLINE_NATS_URL": "nats://localhost",
        "HOTLINE_ISSUER": "http://issuer",
        "HOTLINE_JWKS_URL": "http://issuer/jwks.json",
    }
    settings = settings_from_environment(environment)
    return create_api(settings, title="Calls", routers=[router], verifier=verifier(provider))


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
async def test_a_role_may_exactly_what_the_table_says(client: httpx.AsyncClient, name: str) -> None:
    user = DEMO_USERS[name]
    response = await client.get("/calls/1", headers={"authorization": f"Bearer {ISSUER.token(user)}"})
    assert response.status_code == (200 if user.role in RIGHTS[Right.CALL_READ] else 403)


async def test_the_development_issuer_signs_in_demo_users_and_nobody_else(client: httpx.AsyncClient) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application(ISSUER)), base_url="http://issuer") as issuer:
        source = demo_tokens("http://issuer", "call_taker", client=issuer)
        response = await client.get("/calls/1", auth=BearerAuth(source))
        assert response.json() == {"call": "1", "by": "demo-call_taker"}
        assert await source.token() == await source.token()
        assert (await issuer.post("/token", data={"username": "nobody"})).status_code == 400
        assert (await issuer.get("/.well-known/openid-configuration")).json()["jwks_uri"] == "http://issuer/jwks.json"
        assert "演示用户" in (await issuer.get("/")).text
        assert "d" not in (await issuer.get("/jwks.json")).json()["keys"][0]


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
