"""Somebody asks how a matter stands: only the requester, whose identity agrees with the record, is told (A148).

The record says whether it agrees, not the one who asks for it: what the caller claims is compared with the vault. All that is
asked about one matter is one stream, so that guesses are counted as they come.
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
from hotline_rules.schema import MOST_FEW


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


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForDisclosure:
    """`most` claims about the matter may differ from the record since `today` began; then no more are compared."""

    disclosure_id: UUID
    request_id: UUID
    call_id: UUID | None
    asked_by: AskedBy
    identity: Identity
    today: datetime
    most: int
    decided_by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosures:
    """What was asked about one matter: when claims differed from the record, as many as the rules can ask for."""

    differed: tuple[datetime, ...] = ()

    def guessed(self, today: datetime, most: int) -> bool:
        """Say whether so many claims differed since the day began that no further one is compared."""
        return sum(at >= today for at in self.differed) >= most


_REFUSALS: dict[AskedBy | Identity, DisclosureRefusal] = {
    AskedBy.THIRD_PARTY: DisclosureRefusal.THIRD_PARTY,
    AskedBy.ACCUSED: DisclosureRefusal.ACCUSED,
    Identity.DIFFERS: DisclosureRefusal.IDENTITY_MISMATCH,
    Identity.UNKNOWN: DisclosureRefusal.IDENTITY_UNKNOWN,
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


def decide(disclosures: Disclosures, command: AskForDisclosure) -> list[DisclosureEvent]:
    reason = _REFUSALS.get(command.asked_by)
    if reason is None and disclosures.guessed(command.today, command.most):
        reason = DisclosureRefusal.TOO_MANY_MISMATCHES
    reason = reason or _REFUSALS.get(command.identity)
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


def evolve(disclosures: Disclosures, event: DisclosureEvent) -> Disclosures:
    if isinstance(event, DisclosureRefused) and event.reason is DisclosureRefusal.IDENTITY_MISMATCH:
        return Disclosures(differed=(*disclosures.differed, event.occurred_at)[-MOST_FEW:])
    return disclosures


decider: Decider[DisclosureCommand, Disclosures, DisclosureEvent] = Decider("disclosure", decide, evolve, Disclosures())
