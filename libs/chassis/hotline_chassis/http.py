"""What commands and reads need from HTTP: expected versions, command ids, fingerprints, and where a stream went on.

A client makes its ids itself, so every command can be repeated after a lost answer; `If-Match` carries the version the
client decided on, and `ETag` the version it left behind.
"""

import hashlib
import re
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Header, Query, Request, Response
from pydantic import WithJsonSchema

from hotline_chassis.problems import ProblemError
from hotline_chassis.signin import Principal

# Quotes belong to an entity tag, yet a bare number can only mean one thing and many clients send it.
_ETAG: Final = re.compile(r'(?:W/)?"([0-9]{1,18})"|([0-9]{1,18})')
_MOST_POSITION: Final = 2**63 - 1


IfMatch = Annotated[
    str | None,
    Header(description="The version this decision was made on.", examples=['"3"']),
    WithJsonSchema({"type": "string", "pattern": '^((W/)?"[0-9]{1,18}"|[0-9]{1,18})$', "examples": ['"3"']}),
]
IdempotencyKey = Annotated[
    str | None,
    Header(description="The command's id, a UUID made by the client; a repeat must carry the same."),
    WithJsonSchema({"type": "string", "format": "uuid"}),
]


def version_in(if_match: str | None) -> int | None:
    """Read an If-Match header; rubbish is refused with 400."""
    if if_match is None:
        return None
    match = _ETAG.fullmatch(if_match.strip())
    if match is None:
        raise ProblemError(400, "bad_if_match", field="header.if-match", rule="version_in_quotes")
    return int(match[1] or match[2])


def command_id_in(idempotency_key: str | None) -> UUID | None:
    """Read an Idempotency-Key header; what is no UUID is refused with 400."""
    if idempotency_key is None:
        return None
    try:
        return UUID(idempotency_key.strip().strip('"'))
    except ValueError as error:
        raise ProblemError(400, "bad_idempotency_key", field="header.idempotency-key", rule="uuid") from error


async def _if_match(if_match: IfMatch = None) -> int | None:
    return version_in(if_match)


async def _idempotency_key(idempotency_key: IdempotencyKey = None) -> UUID | None:
    return command_id_in(idempotency_key)


async def _needed_key(idempotency_key: IdempotencyKey = None) -> UUID:
    key = command_id_in(idempotency_key)
    if key is None:
        raise ProblemError(400, "bad_idempotency_key", field="header.idempotency-key", rule="missing")
    return key


async def _last_event_id(
    last_event_id: Annotated[
        str | None,
        Header(description="The id of the last event that arrived."),
        WithJsonSchema({"type": "string", "pattern": "^[0-9]{1,18}$"}),
    ] = None,
) -> int | None:
    if not last_event_id:
        return None
    if not last_event_id.isascii() or not last_event_id.isdecimal() or len(last_event_id) > 18:  # noqa: PLR2004 - bigint
        raise ProblemError(400, "bad_last_event_id", field="header.last-event-id", rule="position")
    return int(last_event_id)


ExpectedVersion = Annotated[int | None, Depends(_if_match)]
"""The version in `If-Match`, or none when the client did not send one. Rubbish is refused with 400."""
CommandId = Annotated[UUID, Depends(_needed_key)]
"""The UUID in `Idempotency-Key`; a request without one is refused with 400."""
OptionalCommandId = Annotated[UUID | None, Depends(_idempotency_key)]
"""The UUID in `Idempotency-Key`, where the client may leave it out."""
LastEventId = Annotated[int | None, Depends(_last_event_id)]
"""Where a server-sent stream broke off: the position after which it goes on."""
AfterPosition = Annotated[
    int | None,
    Query(ge=0, le=_MOST_POSITION, description="Answer only when this position has been applied."),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": _MOST_POSITION}),
]
"""`?after=<position>`: a read that must see its own write."""


def set_etag(response: Response, version: int) -> None:
    response.headers["etag"] = f'"{version}"'


async def fingerprint(request: Request, principal: Principal) -> bytes:
    """Digest what was asked and by whom, so that a repeated id with other content is told from a repeat."""
    digest = hashlib.sha256()
    for part in (request.method.encode(), request.scope["path"].encode(), principal.actor_id.encode()):
        digest.update(len(part).to_bytes(4) + part)
    digest.update(await request.body())
    return digest.digest()
