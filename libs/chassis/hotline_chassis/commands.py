"""From a request to a submission: who asks, by which command id, for which version, in which trace."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID, uuid4, uuid5

from fastapi import Depends, Request

from hotline_chassis.http import IdempotencyKey, IfMatch, command_id_in, fingerprint, version_in
from hotline_chassis.signin import Principal
from hotline_chassis.telemetry import current_traceparent
from hotline_events.aggregates import Submission
from hotline_events.envelope import Actor, Cause

_CREATIONS = UUID("6f1d1f0e-0d0c-5f0a-9b0e-12345c0de001")


@dataclass(frozen=True, slots=True)
class Submitting:
    """What a route needs to hand a command in. Only the right's dependency knows the principal, so it is passed on."""

    request: Request
    command_id: UUID | None
    expected_version: int | None

    async def by(self, principal: Principal, *, creates: str | None = None, correlation: UUID | None = None) -> Submission:
        """Return the submission of this request.

        A creation's command id follows from the stream it creates, so that a repeated PUT needs no header. The
        correlation id is the matter's where there is one, else the command's.
        """
        command_id = creation_id(creates) if creates else self.command_id or uuid4()
        return Submission(
            command_id=command_id,
            fingerprint=await fingerprint(self.request, principal),
            expected_version=self.expected_version,
            cause=Cause(
                correlation_id=correlation or command_id,
                causation_id=command_id,
                actor=Actor(principal.actor_id, principal.role, principal.department),
                traceparent=current_traceparent(),
            ),
        )


def creation_id(stream: str) -> UUID:
    """Return the command id of creating this stream over HTTP: the same for every attempt."""
    return uuid5(_CREATIONS, stream)


async def _submitting(request: Request, idempotency_key: IdempotencyKey = None, if_match: IfMatch = None) -> Submitting:
    return Submitting(request, command_id_in(idempotency_key), version_in(if_match))


Submit = Annotated[Submitting, Depends(_submitting)]
"""In a route: `submission = await submit.by(principal)`. Reads `Idempotency-Key` and `If-Match`."""
