"""Somebody asks how a matter stands: only the requester, whose identity agrees with the record, is told (A148).

The record says whether it agrees, not the one who asks for it: what the caller claims is compared with the vault.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from unicodedata import normalize
from uuid import UUID

from hotline_events.catalogue.intake.disclosure import (
    DisclosureEvent,
    DisclosureMade,
    DisclosureRefusal,
    DisclosureRefused,
)
from hotline_events.decider import Decider


class AskedBy(StrEnum):
    """In what relation to the matter somebody asks."""

    REQUESTER = "requester"
    THIRD_PARTY = "third_party"
    ACCUSED = "accused"


class Identity(StrEnum):
    """What comparing what the caller says with the record gave."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNKNOWN = "unknown"
    GUESSED = "guessed"
    """So many claims about the matter differed today that no further one is compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForDisclosure:
    disclosure_id: UUID
    request_id: UUID
    call_id: UUID | None
    asked_by: AskedBy
    identity: Identity
    decided_by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """What was decided about it."""

    told: bool | None = None
    reason: DisclosureRefusal | None = None


_REFUSALS: dict[AskedBy | Identity, DisclosureRefusal] = {
    AskedBy.THIRD_PARTY: DisclosureRefusal.THIRD_PARTY,
    AskedBy.ACCUSED: DisclosureRefusal.ACCUSED,
    Identity.DIFFERS: DisclosureRefusal.IDENTITY_MISMATCH,
    Identity.UNKNOWN: DisclosureRefusal.IDENTITY_UNKNOWN,
    Identity.GUESSED: DisclosureRefusal.TOO_MANY_MISMATCHES,
}
DisclosureCommand: TypeAlias = AskForDisclosure


def compare(claims: Mapping[str, str], facts: Mapping[str, str], *, enough: int) -> Identity:
    """Compare what a caller claims with those of the claimed facts that are kept: enough of them, and every one must agree."""
    if not facts or len(facts) < enough:
        return Identity.UNKNOWN
    agrees = all(_plain(claims[name]) == _plain(kept) for name, kept in facts.items())
    return Identity.AGREES if agrees else Identity.DIFFERS


def _plain(said: str) -> str:
    """Return a fact without what people write differently: case, spaces, dashes, full-width forms."""
    return "".join(sign for sign in normalize("NFKC", said).casefold() if sign.isalnum())


def decide(disclosure: Disclosure, command: DisclosureCommand) -> list[DisclosureEvent]:
    if disclosure.told is not None:
        return []
    reason = _REFUSALS.get(command.asked_by) or _REFUSALS.get(command.identity)
    if reason is not None:
        return [
            DisclosureRefused(
                disclosure_id=command.disclosure_id,
                request_id=command.request_id,
                call_id=command.call_id,
                reason=reason,
                refused_by=command.decided_by,
                occurred_at=command.now,
            )
        ]
    return [
        DisclosureMade(
            disclosure_id=command.disclosure_id,
            request_id=command.request_id,
            call_id=command.call_id,
            made_by=command.decided_by,
            occurred_at=command.now,
        )
    ]


def evolve(_disclosure: Disclosure, event: DisclosureEvent) -> Disclosure:
    if isinstance(event, DisclosureRefused):
        return Disclosure(told=False, reason=event.reason)
    return Disclosure(told=True)


decider: Decider[DisclosureCommand, Disclosure, DisclosureEvent] = Decider("disclosure", decide, evolve, Disclosure())
