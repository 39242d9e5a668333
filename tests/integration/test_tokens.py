"""A token is believed only from our issuer, for us, in time, under the one algorithm: every other one is 401, everywhere."""

import base64
import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hotline_chassis.devissuer import Issuer, load_key
from hotline_chassis.devusers import DEMO_USERS
from hotline_embedded.city import City

ADMINISTRATOR = DEMO_USERS["administrator"]
DOORS = (
    ("intake", "GET", "/calls"),
    ("routing", "GET", "/departments"),
    ("followup", "GET", "/revisits"),
    ("reporting", "GET", "/reports/open-orders"),
)
Forge = Callable[[Issuer], str]


def _claims(issuer: Issuer, **changes: object) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(issuer.token(ADMINISTRATOR), options={"verify_signature": False})
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


def _stranger(issuer: Issuer) -> Issuer:
    return Issuer(url=issuer.url, audience=issuer.audience, key=Ed25519PrivateKey.generate())


def _signed(issuer: Issuer, claims: Mapping[str, Any], **header: object) -> str:
    return jwt.encode(dict(claims), issuer.key, algorithm="EdDSA", headers={"kid": issuer.kid, **header})


def _unsigned(issuer: Issuer, algorithm: str) -> str:
    parts = ({"alg": algorithm, "typ": "JWT", "kid": issuer.kid}, _claims(issuer))
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts) + "."


def _by_the_public_key(issuer: Issuer) -> str:
    """Sign with the published key as if it were a shared secret: the classic confusion of algorithms."""
    public = issuer.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    return jwt.encode(_claims(issuer), public, algorithm="HS256", headers={"kid": issuer.kid})


def _tampered(issuer: Issuer) -> str:
    header, _, signature = issuer.token(DEMO_USERS["call_taker"]).split(".")
    body = base64.urlsafe_b64encode(json.dumps(_claims(issuer)).encode()).rstrip(b"=").decode()
    return f"{header}.{body}.{signature}"


FORGED: Mapping[str, Forge] = {
    "expired": lambda issuer: issuer.token(ADMINISTRATOR, now=time.time() - 3600),
    "not yet valid": lambda issuer: issuer.token(ADMINISTRATOR, now=time.time() + 3600),
    "living too long": lambda issuer: _signed(issuer, _claims(issuer, exp=int(time.time()) + 86_400)),
    "without an end": lambda issuer: _signed(issuer, _claims(issuer, exp=None)),
    "of a foreign key": lambda issuer: _signed(_stranger(issuer), _claims(issuer)),
    "of a foreign key that claims ours": lambda issuer: jwt.encode(
        _claims(issuer), Ed25519PrivateKey.generate(), algorithm="EdDSA", headers={"kid": issuer.kid}
    ),
    "of another issuer": lambda issuer: _signed(issuer, _claims(issuer, iss="https://elsewhere.example")),
    "for another audience": lambda issuer: _signed(issuer, _claims(issuer, aud="payroll")),
    "for nobody": lambda issuer: _signed(issuer, _claims(issuer, sub="")),
    "of no role": lambda issuer: _signed(issuer, _claims(issuer, role=None)),
    "of an invented role": lambda issuer: _signed(issuer, _claims(issuer, role="mayor")),
    "of a department's role without a department": lambda issuer: _signed(issuer, _claims(issuer, role="department_head")),
    "without algorithm": lambda issuer: _unsigned(issuer, "none"),
    "without algorithm, in capitals": lambda issuer: _unsigned(issuer, "NONE"),
    "unsigned": lambda issuer: _unsigned(issuer, "EdDSA"),
    "signed with the public key": _by_the_public_key,
    "changed after signing": _tampered,
    "with a critical header we do not know": lambda issuer: _signed(issuer, _claims(issuer), crit=["b64"], b64=True),
    "no token": lambda _issuer: "rubbish",
    "too many parts": lambda issuer: issuer.token(ADMINISTRATOR) + ".more",
    "too long": lambda issuer: issuer.token(ADMINISTRATOR) + "A" * 10_000,
}


@pytest.fixture
def issuer(stack: City) -> Issuer:
    """Return the issuer's own key: only who holds it could make such tokens, and even then they are refused."""
    return Issuer(url=stack.issuer_url, audience="hotline", key=load_key(stack.root / "issuer.pem"))


async def test_the_key_in_these_tests_is_the_right_one(stack: City, issuer: Issuer) -> None:
    for answer in (await _knock(stack, issuer.token(ADMINISTRATOR))).values():
        assert answer.status_code in {200, 403}, answer.text


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
async def test_a_token_that_is_not_ours_opens_no_door(stack: City, issuer: Issuer, forge: Forge) -> None:
    token = forge(issuer)
    for service, answer in (await _knock(stack, token)).items():
        assert answer.status_code == 401, service
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["type"] == "urn:hotline:problem:sign_in_needed"
        assert token not in answer.text


async def test_a_command_with_a_forged_token_writes_nothing(stack: City, issuer: Issuer) -> None:
    before = await stack.settled()
    for forge in FORGED.values():
        headers = {"authorization": f"Bearer {forge(issuer)}"}
        answer = await stack.client("routing").put(
            f"/departments/forged-{uuid4().hex[:8]}", json={"name_zh": "伪造", "name_en": "Forged"}, headers=headers
        )
        assert answer.status_code == 401
    assert await stack.heads() == before


@pytest.mark.parametrize("scheme", ["Basic", "bearer2", "", "Token"])
async def test_another_scheme_is_not_believed(stack: City, issuer: Issuer, scheme: str) -> None:
    headers = {"authorization": f"{scheme} {issuer.token(ADMINISTRATOR)}".strip()}
    assert (await stack.client("intake").get("/calls", headers=headers)).status_code == 401


async def _knock(stack: City, token: str) -> dict[str, httpx.Response]:
    headers = {"authorization": f"Bearer {token}"}
    return {service: await stack.client(service).request(method, path, headers=headers) for service, method, path in DOORS}
