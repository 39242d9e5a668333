"""Sign-in: a bearer token becomes a principal, and a route's right is checked against the one table.

A token is believed only when the provider's key signed it with the one algorithm we pinned, for us, from the issuer we
know, and for no longer than a quarter of an hour. A verified token is remembered by its hash until it expires.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import jwt
from fastapi import FastAPI, Request
from fastapi.openapi.models import HTTPBearer
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.security.base import SecurityBase

from hotline_chassis.access import AccessGate
from hotline_chassis.keyset import KeySet
from hotline_chassis.problems import ProblemError, not_found
from hotline_chassis.rights import RIGHTS, Right
from hotline_chassis.roles import DEPARTMENT_ROLES, Role
from hotline_chassis.settings import Algorithm, Settings

MAX_LIFETIME: Final = 15 * 60
CLOCK_SKEW: Final = 30
_MOST_TOKENS: Final = 4096
_LONGEST_TOKEN: Final = 4096
_LONGEST_NAME: Final = 128
_DOCUMENTATION: Final = frozenset(
    {"/docs", *(f"/swagger/{name}" for name in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png"))}
)
_WITHOUT_RIGHT: Final = frozenset({"/health/live", "/health/ready", "/metrics"}) | _DOCUMENTATION


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asks: an opaque id, a role, and the department where the role belongs to one. No personal data."""

    actor_id: str
    role: Role
    department: str | None = None

    def may(self, right: Right) -> bool:
        return self.role in RIGHTS[right]

    @property
    def bound_to(self) -> str | None:
        """The only department whose rows this principal may see, or none when it may see every department's."""
        return self.department if self.role in DEPARTMENT_ROLES else None


class TokenVerifier:
    """Verifies tokens of one issuer for one audience."""

    def __init__(
        self,
        keys: KeySet,
        *,
        issuer: str,
        audience: str,
        algorithm: Algorithm,
        max_lifetime: int = MAX_LIFETIME,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._algorithm = algorithm
        self._max_lifetime = max_lifetime
        self._clock = clock
        self._verified: OrderedDict[bytes, tuple[Principal, float]] = OrderedDict()

    async def verify(self, token: str) -> Principal:
        """Return the principal of a token, or refuse with 401 without saying what exactly was wrong with it."""
        if len(token) > _LONGEST_TOKEN:
            raise _not_signed_in()
        digest = hashlib.sha256(token.encode()).digest()
        known = self._verified.get(digest)
        if known and known[1] > self._clock():
            return known[0]
        claims = await self._claims(token)
        principal = _principal(claims)
        self._verified[digest] = (principal, float(claims["exp"]))
        if len(self._verified) > _MOST_TOKENS:
            self._verified.popitem(last=False)
        return principal

    async def _claims(self, token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            kid = header.get("kid")
            if header.get("alg") != self._algorithm or not isinstance(kid, str) or "crit" in header:
                raise _not_signed_in()
            key = await self._keys.find(kid)
            if key is None:
                raise _not_signed_in()
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[self._algorithm],
                issuer=self._issuer,
                audience=self._audience,
                leeway=CLOCK_SKEW,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise _not_signed_in() from error
        if float(claims["exp"]) - float(claims["iat"]) > self._max_lifetime:
            raise _not_signed_in()
        return claims


class Requires(SecurityBase):
    """The dependency of a route: signed in, and with this right. `Depends(requires(Right.CALL_READ))`."""

    def __init__(self, right: Right) -> None:
        self.right = right
        self.model = HTTPBearer(bearerFormat="JWT", description="A short-lived token of the sign-in provider.")
        self.scheme_name = "bearer"

    async def __call__(self, request: Request) -> Principal:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _not_signed_in()
        verifier: TokenVerifier = request.app.state.verifier
        principal = await verifier.verify(token.strip())
        if self.right not in RIGHTS or not principal.may(self.right):
            raise ProblemError(403, "forbidden", rule=self.right)
        gate: AccessGate = request.app.state.access
        role, department = principal.role, principal.department
        if await gate.stops(principal.actor_id, role=role, department=department, right=self.right):
            raise ProblemError(403, "access_revoked", rule="A150")
        return principal


def requires(right: Right) -> Requires:
    return Requires(right)


async def may_still(request: Request, right: Right) -> bool:
    """Say whether whoever asked still may: their token is good, and nothing was taken from them since (A150)."""
    try:
        await requires(right)(request)
    except ProblemError:
        return False
    return True


def verifier_of(settings: Settings) -> TokenVerifier:
    keys = KeySet(settings.jwks_url, settings.jwt_algorithm)
    return TokenVerifier(keys, issuer=settings.issuer, audience=settings.audience, algorithm=settings.jwt_algorithm)


def require_department(principal: Principal, department: str | None) -> None:
    """Refuse another department's thing with the very answer for a thing that does not exist."""
    if principal.role in DEPARTMENT_ROLES and (department is None or principal.department != department):
        raise not_found()


def route_right(route: object) -> Right | None:
    """Return the right that a route asks for, or none: every route but health and documentation must have one."""
    pending = [getattr(route, "dependant", None)]
    while pending:
        dependant = pending.pop()
        if dependant is None:
            continue
        if isinstance(dependant.call, Requires):
            return dependant.call.right
        pending.extend(dependant.dependencies)
    return None


def rights_of_routes(app: FastAPI) -> Iterator[tuple[str, str, Right | None]]:
    """Enumerate method, path and right of every route of an application, those of included routers too."""
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute) and context.path not in _WITHOUT_RIGHT:
            for method in sorted(context.methods or ()):
                yield method, str(context.path), route_right(context)


def _principal(claims: dict[str, Any]) -> Principal:
    try:
        role = Role(str(claims.get("role")))
    except ValueError as error:
        raise _not_signed_in() from error
    department = claims.get("department")
    actor_id = claims["sub"]
    named = department is None or (isinstance(department, str) and 0 < len(department) <= _LONGEST_NAME)
    if not named or not actor_id or len(actor_id) > _LONGEST_NAME or (role in DEPARTMENT_ROLES and department is None):
        raise _not_signed_in()
    return Principal(actor_id=actor_id, role=role, department=department)


def _not_signed_in() -> ProblemError:
    return ProblemError(401, "sign_in_needed", headers={"WWW-Authenticate": 'Bearer realm="hotline"'})
