"""The sign-in provider's public keys: fetched once, kept, and asked for again when a token names a key not yet known.

A stranger who invents key ids cannot make us hammer the provider: between two fetches lies a pause. Keys that the
provider withdraws are forgotten within `max_age`.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any, Final

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK, PyJWTError

from hotline_chassis.problems import ProblemError
from hotline_chassis.settings import Algorithm

PublicKey = Ed25519PublicKey | RSAPublicKey

_KINDS: Final[dict[Algorithm, type[Ed25519PublicKey] | type[RSAPublicKey]]] = {
    "EdDSA": Ed25519PublicKey,
    "RS256": RSAPublicKey,
}
_LEAST_RSA_BITS: Final = 2048
_log = logging.getLogger(__name__)


class KeySet:
    """The keys behind one JWKS address, of one algorithm; keys of any other kind are not seen."""

    def __init__(
        self,
        url: str,
        algorithm: Algorithm,
        *,
        pause: float = 10.0,
        max_age: float = 600.0,
        timeout: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._url = url
        self._algorithm: Algorithm = algorithm
        self._pause = pause
        self._max_age = max_age
        self._timeout = timeout
        self._clock = clock
        self._transport = transport
        self._keys: dict[str, PublicKey] = {}
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._lock = asyncio.Lock()

    async def find(self, kid: str) -> PublicKey | None:
        """Return the key of this id, or none when the provider does not have it."""
        age = self._clock() - self._fetched_at
        if kid not in self._keys or age > self._max_age:
            async with self._lock:
                await self._refresh(kid)
        if not self._keys:
            raise ProblemError(503, "unavailable", headers={"Retry-After": "2"})
        return self._keys.get(kid)

    async def _refresh(self, kid: str) -> None:
        now = self._clock()
        fresh = now - self._fetched_at <= self._max_age
        # Before the first success the provider may just be starting, and every request waits for it: ask more often.
        pause = self._pause if self._keys else min(self._pause, 0.5)
        if (kid in self._keys and fresh) or now - self._tried_at < pause:
            return
        self._tried_at = now
        try:
            async with httpx.AsyncClient(timeout=self._timeout, transport=self._transport) as client:
                answer = await client.get(self._url)
                answer.raise_for_status()
                self._keys = self._read(answer.json())
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError):
            # The old keys go on working: the provider's outage must not become ours.
            _log.warning("the sign-in provider's keys could not be fetched")
        else:
            self._fetched_at = now

    def _read(self, document: dict[str, Any]) -> dict[str, PublicKey]:
        keys: dict[str, PublicKey] = {}
        for entry in document["keys"]:
            if entry.get("use", "sig") != "sig" or not isinstance(entry.get("kid"), str):
                continue
            try:
                key = PyJWK(entry, algorithm=self._algorithm).key
            except (PyJWTError, ValueError):
                continue
            if isinstance(key, _KINDS[self._algorithm]) and _is_strong(key):
                keys[entry["kid"]] = key
        return keys


def _is_strong(key: PublicKey) -> bool:
    return not isinstance(key, RSAPublicKey) or key.key_size >= _LEAST_RSA_BITS
