"""What the hotline promises to the public: published whole, version after version, each promise true to the rules (A156)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from hotline_events.catalogue.reporting import CommitmentEvent, CommitmentItem, CommitmentPublished
from hotline_events.decider import Decider, RefusalError
from hotline_rules.pack import RulePack

MAIN = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishCommitment:
    """Replace the commitments. An item that names a rule quotes what the pack says of it."""

    commitment_version: int
    items: tuple[CommitmentItem, ...]
    rules: RulePack
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    version: int = 0
    published: CommitmentPublished | None = None


class CommitmentVersionError(RefusalError):
    """The version handed in does not follow the present one (A156)."""

    code: ClassVar[str] = "commitment_version"
    rule: ClassVar[str | None] = "present_version_plus_one"
    field: ClassVar[str | None] = "path.commitment_version"


class NoSuchRuleError(RefusalError):
    """A promise quotes a rule that the pack in force does not have (A156)."""

    code: ClassVar[str] = "no_such_rule"
    rule: ClassVar[str | None] = "A156"
    field: ClassVar[str | None] = "body.items"
    status: ClassVar[int] = 422


def decide(commitment: Commitment, command: PublishCommitment) -> list[CommitmentEvent]:
    items = tuple(_quoting(item, command.rules) for item in command.items)
    known = commitment.published
    if known and (known.commitment_version, known.items) == (command.commitment_version, items):
        return []
    if command.commitment_version != commitment.version + 1:
        raise CommitmentVersionError
    return [
        CommitmentPublished(
            commitment_version=command.commitment_version,
            items=items,
            rule_version=command.rules.number,
            published_by=command.by,
            occurred_at=command.now,
        )
    ]


def evolve(_commitment: Commitment, event: CommitmentEvent) -> Commitment:
    return Commitment(version=event.commitment_version, published=event)


def _quoting(item: CommitmentItem, rules: RulePack) -> CommitmentItem:
    if item.rule is None:
        return replace(item, figure=None)
    figure = rules.figure(item.rule)
    if figure is None:
        raise NoSuchRuleError
    return replace(item, figure=figure)


decider: Decider[PublishCommitment, Commitment, CommitmentEvent] = Decider("commitment", decide, evolve, Commitment())
