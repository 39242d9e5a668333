"""A token is believed only when everything about it is right; every other one is 401 and says no more."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hotline_chassis.devissuer import Issuer
from hotline_chassis.keyset import KeySet
from hotline_chassis.problems import ProblemError
from hotline_chassis.roles import Role
from hotline_chassis.signin import (
    Principal,
    TokenVerifier,
)

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
    now = [time.time()]
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
    now[0] += 700
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
