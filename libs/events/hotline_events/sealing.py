"""Sealed fields: free text that may name people, readable only with the data key of the person it belongs to.

A box says which person, stream, version and field it was made for, and is bound to them (AES-256-GCM, additional data):
moved into another event it does not open. Deleting the person's key makes every copy of every box unreadable, while the
bytes, and so the hash chain, stay as they are (ADR 6).
"""

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic_core import CoreSchema, core_schema

from hotline_events.errors import HotlineError

_FORMAT = "s1"
_NONCE = 12


class SealError(HotlineError):
    """A box is damaged, or was made for another place than where it stands."""


class KeyGoneError(HotlineError):
    """The person's key was deleted (erased) or is not given to this service: the text can never be read here."""

    def __init__(self, person_id: UUID) -> None:
        super().__init__("the text belongs to a person whose key is gone")
        self.person_id = person_id


@dataclass(frozen=True, slots=True)
class Sealed:
    """Free text: open (`text`) where it was just written, closed (`box`) in every stored or published event."""

    text: str | None = None
    box: str | None = None

    def __repr__(self) -> str:
        """Show nothing of the text: a sealed field must not reach a log by accident."""
        return "Sealed(…)"

    @classmethod
    def of(cls, text: str | None) -> "Sealed | None":
        """Return the words as a sealed field, None where somebody said nothing."""
        return None if text is None else cls(text)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> CoreSchema:  # noqa: ANN401 - pydantic's hook
        """Store the box as a plain string, and refuse to store an open text."""
        return core_schema.no_info_plain_validator_function(
            _from_stored,
            serialization=core_schema.plain_serializer_function_ser_schema(_to_stored, return_schema=core_schema.str_schema()),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _core: CoreSchema, _handler: Any) -> dict[str, Any]:  # noqa: ANN401 - its hook
        """Describe a box for whoever reads our documents."""
        return {
            "type": "string",
            "pattern": "^s1\\.",
            "description": "Sealed free text: `s1.<person>.<stream>.<version>.<field>.<AES-256-GCM, base64url>`.",
        }


def _from_stored(value: object) -> Sealed:
    if isinstance(value, Sealed):
        return value
    if not isinstance(value, str) or not value.startswith(_FORMAT + "."):
        message = "not a sealed box"
        raise ValueError(message)
    return Sealed(box=value)


def _to_stored(value: Sealed) -> str:
    if value.box is None:
        message = "an open text was about to be stored"
        raise ValueError(message)
    return value.box


def box_of(sealed: Sealed | None) -> str | None:
    """Return the box of a stored field for a read model, None where the field is empty."""
    return None if sealed is None else sealed.box


@dataclass(frozen=True, slots=True)
class BoxLabel:
    """What a box says about itself; all of it is authenticated."""

    person_id: UUID
    stream: str
    version: int
    field: str

    def text(self) -> str:
        """Return the label as it stands at the front of the box."""
        return f"{_FORMAT}.{self.person_id}.{self.stream}.{self.version}.{self.field}"


def seal(text: str, label: BoxLabel, key: bytes) -> str:
    """Encrypt a text for one field of one event. Key: 32 bytes. The nonce is random, the label is bound to it."""
    nonce = os.urandom(_NONCE)
    words = label.text()
    sealed = AESGCM(key).encrypt(nonce, text.encode(), words.encode())
    return f"{words}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def label_of(box: str) -> BoxLabel:
    """Read the label of a box without opening it."""
    try:
        form, person, stream, version, field, _ = box.split(".")
        if form != _FORMAT:
            raise ValueError(form)  # noqa: TRY301 - one place says what a broken box is
        return BoxLabel(UUID(person), stream, int(version), field)
    except ValueError as error:
        message = "not a sealed box"
        raise SealError(message) from error


def unseal(box: str, keys: Mapping[UUID, bytes]) -> str:
    """Open a box. Raises KeyGoneError when its person's key is not among the keys, SealError when it was tampered with."""
    label = label_of(box)
    key = keys.get(label.person_id)
    if key is None:
        raise KeyGoneError(label.person_id)
    try:
        raw = base64.urlsafe_b64decode(box.rsplit(".", 1)[1])
        return AESGCM(key).decrypt(raw[:_NONCE], raw[_NONCE:], label.text().encode()).decode()
    except (InvalidTag, ValueError) as error:
        message = "the box was changed or moved"
        raise SealError(message) from error
