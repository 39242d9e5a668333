"""Ed25519 keys and signed claims in the two encodings that NATS reads: nkeys and its kind of JWT."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import nkeys

_SEED_BYTES = 32


class KeyRole(Enum):
    """What a key is for; the first letter of its public form says it (O, A, U)."""

    OPERATOR = nkeys.PREFIX_BYTE_OPERATOR
    ACCOUNT = nkeys.PREFIX_BYTE_ACCOUNT
    USER = nkeys.PREFIX_BYTE_USER


@dataclass(frozen=True, kw_only=True, slots=True)
class NatsKey:
    """A key pair by its seed; the seed never shows in a log line or a traceback."""

    seed: str
    public: str

    def __repr__(self) -> str:
        return f"NatsKey({self.public})"

    def sign(self, content: bytes) -> bytes:
        signature: bytes = nkeys.from_seed(bytearray(self.seed.encode())).sign(content)
        return signature


def new_key(role: KeyRole) -> NatsKey:
    return key_of(nkeys.encode_seed(secrets.token_bytes(_SEED_BYTES), role.value).decode())


def key_of(seed: str) -> NatsKey:
    """Read a seed; one that is damaged raises nkeys.NkeysError."""
    pair = nkeys.from_seed(bytearray(seed.encode()))
    return NatsKey(seed=seed, public=pair.public_key.decode().rstrip("="))


def signed_claims(issuer: NatsKey, *, subject: str, name: str, nats: Mapping[str, Any]) -> str:
    """Encode claims of version 2, signed by the issuer over header and body."""
    claims: dict[str, Any] = {"iat": int(time.time()), "iss": issuer.public, "name": name, "sub": subject}
    claims["nats"] = {**nats, "version": 2}
    claims["jti"] = base64.b32encode(hashlib.sha256(_json(claims)).digest()).decode().rstrip("=")
    content = f"{_base64(_json({'typ': 'JWT', 'alg': 'ed25519-nkey'}))}.{_base64(_json(claims))}"
    return f"{content}.{_base64(issuer.sign(content.encode()))}"


def claims_of(token: str) -> dict[str, Any]:
    """Read a token's claims without checking who signed it."""
    body = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


def creds_text(user_jwt: str, seed: str) -> str:
    """Write token and seed as the .creds file that every NATS client reads."""
    return (
        f"-----BEGIN NATS USER JWT-----\n{user_jwt}\n------END NATS USER JWT------\n\n"
        "************************* IMPORTANT *************************\n"
        "This file is a password. Keep it where only its user can read it.\n\n"
        f"-----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
    )


def user_of(creds: str) -> str:
    """Tell the public key of a .creds text's user: what a revocation names."""
    lines = creds.splitlines()
    user: str = claims_of(lines[lines.index("-----BEGIN NATS USER JWT-----") + 1])["sub"]
    return user


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
