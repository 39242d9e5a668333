"""Per-person data keys: what makes a person's sealed words readable, and their destruction final.

A data key lies in the keys database wrapped by the key-encryption key and bound to its person, so a row copied to
another person does not open. Services reach the rows through functions only. Opened keys are kept in process for
five seconds; who hears that a person was erased calls `forget` at once.
"""

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.ext.asyncio import AsyncEngine

KEY_BYTES: Final = 32
_FORMAT: Final = b"\x01"
_MARK_BYTES: Final = 4
_NONCE_BYTES: Final = 12
_TTL: Final = 5.0
_MOST_KEYS: Final = 10_000

_CREATE: Final = text("SELECT create_person_key(:person_id, :wrapped)")
_GET: Final = text("SELECT person_id, wrapped_key FROM get_person_keys(:person_ids)").bindparams(
    bindparam("person_ids", type_=ARRAY(PG_UUID(as_uuid=True)))
)
_SHRED: Final = text("SELECT shred_person_key(:person_id)")


class KeyShreddedError(Exception):
    """The person was erased; their id never gets a key again."""


class WrongKekError(Exception):
    """A stored key was wrapped by another key-encryption key, or belongs to another person."""


class Keyring:
    """The data keys that one service may use. `engine` is connected to the keys database as the service's role."""

    def __init__(self, engine: AsyncEngine, kek: bytes, *, clock: Callable[[], float] = time.monotonic) -> None:
        # Each use is one statement of one function, so there is nothing to commit and no lock outlives a round trip.
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._kek = kek
        self._clock = clock
        self._opened: OrderedDict[UUID, tuple[bytes, float]] = OrderedDict()

    async def create(self, person_id: UUID) -> bytes:
        """Give the person a data key, or answer the one they have; an erased person is refused."""
        if known := self._recall(person_id):
            return known
        wrapped = wrap(self._kek, person_id, secrets.token_bytes(KEY_BYTES))
        async with self._engine.connect() as connection:
            stored = await connection.scalar(_CREATE, {"person_id": person_id, "wrapped": wrapped})
        if stored is None:
            raise KeyShreddedError(str(person_id))
        return self._remember(person_id, unwrap(self._kek, person_id, stored))

    async def get_many(self, person_ids: Iterable[UUID]) -> dict[UUID, bytes]:
        """Return the keys there are; an erased or unknown person is simply missing."""
        wanted = set(person_ids)
        keys = {person_id: key for person_id in wanted if (key := self._recall(person_id))}
        if missing := wanted - keys.keys():
            async with self._engine.connect() as connection:
                rows = (await connection.execute(_GET, {"person_ids": list(missing)})).all()
            for person_id, wrapped in rows:
                keys[person_id] = self._remember(person_id, unwrap(self._kek, person_id, wrapped))
        return keys

    async def shred(self, person_id: UUID) -> bool:
        """Destroy the person's key for ever; answers whether there was one. Repeating it changes nothing."""
        self.forget(person_id)
        async with self._engine.connect() as connection:
            existed = await connection.scalar(_SHRED, {"person_id": person_id})
        self.forget(person_id)
        return bool(existed)

    def forget(self, person_id: UUID) -> None:
        """Drop the opened key from this process."""
        self._opened.pop(person_id, None)

    def _recall(self, person_id: UUID) -> bytes | None:
        found = self._opened.get(person_id)
        if found is None:
            return None
        key, until = found
        if until <= self._clock():
            del self._opened[person_id]
            return None
        return key

    def _remember(self, person_id: UUID, key: bytes) -> bytes:
        self._opened[person_id] = (key, self._clock() + _TTL)
        self._opened.move_to_end(person_id)
        if len(self._opened) > _MOST_KEYS:
            self._opened.popitem(last=False)
        return key


def wrap(kek: bytes, person_id: UUID, key: bytes) -> bytes:
    """Encrypt a data key with AES-256-GCM, bound to its person."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _FORMAT + _mark(kek) + nonce + AESGCM(kek).encrypt(nonce, key, person_id.bytes)


def unwrap(kek: bytes, person_id: UUID, wrapped: bytes) -> bytes:
    head, body = wrapped[: 1 + _MARK_BYTES], wrapped[1 + _MARK_BYTES :]
    if head != _FORMAT + _mark(kek):
        raise WrongKekError(str(person_id))
    try:
        return AESGCM(kek).decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], person_id.bytes)
    except InvalidTag as error:
        raise WrongKekError(str(person_id)) from error


def _mark(kek: bytes) -> bytes:
    """Name a key-encryption key without telling anything of it, so that the wrong one is an error that says so."""
    return hashlib.sha256(b"hotline kek " + kek).digest()[:_MARK_BYTES]
