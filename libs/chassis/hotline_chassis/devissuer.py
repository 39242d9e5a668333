"""A sign-in provider for development: fixed demo users of every role, no passwords, and never outside development.

It speaks what a real OpenID provider speaks (discovery, JWKS, a token endpoint), so nothing else in the system knows
the difference. `python -m hotline_chassis.devissuer`; refuses to start unless HOTLINE_MODE is development.
"""

import html
import os
import re
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from jwt.algorithms import OKPAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from hotline_chassis.devusers import DEMO_USERS, DemoUser, find_user

LIFETIME: Final = 15 * 60
_MOST_BODY: Final = 4096
_NO_STORE: Final = {"Cache-Control": "no-store"}


class NotDevelopmentError(Exception):
    """The development issuer was started outside development."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Signs tokens for demo users with one Ed25519 key."""

    url: str
    audience: str
    key: Ed25519PrivateKey

    @property
    def kid(self) -> str:
        raw = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return raw.hex()[:16]

    @property
    def jwks(self) -> dict[str, Any]:
        jwk = OKPAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [{**jwk, "kid": self.kid, "use": "sig", "alg": "EdDSA"}]}

    @property
    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/jwks.json",
            "token_endpoint": f"{self.url}/token",
            "id_token_signing_alg_values_supported": ["EdDSA"],
            "response_types_supported": ["token"],
            "subject_types_supported": ["public"],
            "grant_types_supported": ["password", "client_credentials"],
        }

    def token(self, user: DemoUser, *, now: float | None = None) -> str:
        issued_at = int(time.time() if now is None else now)
        claims = {
            "iss": self.url,
            "aud": self.audience,
            "sub": user.actor_id,
            "iat": issued_at,
            "nbf": issued_at,
            "exp": issued_at + LIFETIME,
            "role": str(user.role),
            **({"department": user.department} if user.department else {}),
        }
        return jwt.encode(claims, self.key, algorithm="EdDSA", headers={"kid": self.kid})


def application(issuer: Issuer) -> Starlette:
    async def discovery(_request: Request) -> Response:
        return JSONResponse(issuer.discovery)

    async def jwks(_request: Request) -> Response:
        return JSONResponse(issuer.jwks)

    async def token(request: Request) -> Response:
        user = find_user(await _username(request))
        if user is None:
            return JSONResponse({"error": "invalid_grant"}, 400, _NO_STORE)
        answer = {"access_token": issuer.token(user), "token_type": "Bearer", "expires_in": LIFETIME}
        return JSONResponse(answer, headers=_NO_STORE)

    async def users(_request: Request) -> Response:
        return HTMLResponse(_page(issuer))

    return Starlette(
        routes=[
            Route("/", users),
            Route("/.well-known/openid-configuration", discovery),
            Route("/jwks.json", jwks),
            Route("/token", token, methods=["POST"]),
        ]
    )


def load_key(file: Path) -> Ed25519PrivateKey:
    """Read the signing key, or make it at the first start; only its owner may read the file."""
    if file.exists():
        key = load_pem_private_key(file.read_bytes(), None)
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError("the development issuer's key file holds another kind of key")
        return key
    key = Ed25519PrivateKey.generate()
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
        handle.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    draft.replace(file)
    return key


def issuer_from_environment(environment: Mapping[str, str]) -> Issuer:
    """Build the issuer, or refuse: demo users without passwords must not exist in production."""
    if environment.get("HOTLINE_MODE") != "development":
        raise NotDevelopmentError("the development issuer runs only with HOTLINE_MODE=development")
    host = environment.get("HOTLINE_HOST", "127.0.0.1")
    url = environment.get("HOTLINE_ISSUER") or f"http://{host}:{environment['HOTLINE_PORT']}"
    key = load_key(Path(environment["HOTLINE_DEVISSUER_KEY_FILE"]))
    return Issuer(url=url.rstrip("/"), audience=environment.get("HOTLINE_AUDIENCE") or "hotline", key=key)


def main() -> None:
    try:
        issuer = issuer_from_environment(os.environ)
    except NotDevelopmentError as error:
        sys.exit(str(error))
    except KeyError as error:
        sys.exit(f"{error.args[0]} is not set")
    host = os.environ.get("HOTLINE_HOST", "127.0.0.1")
    port = int(os.environ["HOTLINE_PORT"])
    uvicorn.run(application(issuer), host=host, port=port, access_log=False, log_level="warning")


async def _username(request: Request) -> str:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BODY:
            return ""
    form = parse_qs(body.decode("latin-1"))
    name = (form.get("username") or form.get("client_id") or [""])[0]
    return name if re.fullmatch(r"[\x21-\x7e]{1,100}", name) else ""


def _page(issuer: Issuer) -> str:
    rows = "".join(
        f"<tr><td><code>{html.escape(name)}</code><td>{html.escape(user.display)}<td><code>{user.role}</code></tr>"
        for name, user in DEMO_USERS.items()
    )
    return f"""<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>演示用户 Demo users</title>
<h1>演示用户 <small lang="en">Demo users</small></h1>
<p>仅供开发环境使用,无需密码。<span lang="en">Development only, no passwords.</span></p>
<table border="1" cellpadding="6"><tr><th>用户名 User<th>说明 Who<th>角色 Role</tr>{rows}
<tr><td><code>handler@&lt;部门&gt;</code><td>承办部门经办人 Department handler<td><code>department_handler</code></tr>
<tr><td><code>head@&lt;部门&gt;</code><td>承办部门负责人 Department head<td><code>department_head</code></tr>
<tr><td><code>service@&lt;名称&gt;</code><td>服务账号 Service account<td><code>service</code></tr></table>
<pre>curl -d username=call_taker {html.escape(issuer.url)}/token</pre></html>"""


if __name__ == "__main__":
    main()
