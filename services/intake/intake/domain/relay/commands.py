"""What may be asked of a relay, and what is refused about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypeAlias
from uuid import UUID

from hotline_events.catalogue.intake import AddresseeKind, Channel, RelayKind, RelayStep
from hotline_events.decider import RefusalError
from hotline_events.sealing import Sealed
from hotline_rules.pack import RulePack


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Who asks: the desk may write down what it was told, everybody else acts on what is meant for them alone."""

    actor_id: str
    role: str
    department: str | None = None
    desk: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeRelay:
    """Without an addressee a meeting notice goes to the post of the rules (A38)."""

    relay_id: UUID
    sender_id: UUID
    kind: RelayKind
    channel: Channel
    content: Sealed
    addressee_kind: AddresseeKind | None
    addressee: str | None
    department: str | None
    because: str | None
    call_id: UUID | None
    request_id: UUID | None
    meets_at: datetime | None
    place: Sealed | None
    attendees: Sealed | None
    document_reference: str | None
    pages: int | None
    answer_wanted: bool
    rules: RulePack
    taken_by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PassOn:
    relay_id: UUID
    relayed_to: str
    means: str
    relayed_by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeRelay:
    """`acknowledged_by` is who said so when the desk writes it down."""

    relay_id: UUID
    acknowledged_by: str | None
    whose: Whose
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRelay:
    relay_id: UUID
    answer: Sealed
    answered_by: str | None
    whose: Whose
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReceipt:
    relay_id: UUID
    asked: str
    arrived: bool
    rules: RulePack
    checked_by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteDelay:
    """The time of a step is over, if it is still the one that `due_at` says."""

    relay_id: UUID
    step: RelayStep
    due_at: datetime
    now: datetime


RelayCommand: TypeAlias = TakeRelay | PassOn | AcknowledgeRelay | AnswerRelay | CheckReceipt | NoteDelay


class RelayNotTakenError(RefusalError):
    """Nobody took anything under this id, or it is meant for somebody else."""

    code: ClassVar[str] = "relay_not_taken"
    status: ClassVar[int] = 404


class RelayAlreadyTakenError(RefusalError):
    """The id belongs to something else that was taken."""

    code: ClassVar[str] = "relay_already_taken"
    rule: ClassVar[str | None] = "A36"


class RelayIncompleteError(RefusalError):
    """What is relayed is written down with every element of its kind."""

    code: ClassVar[str] = "relay_incomplete"
    rule: ClassVar[str | None] = "A38"
    status: ClassVar[int] = 422

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__()
        self.missing = ", ".join(missing)


class AddresseeMissingError(RefusalError):
    """What was taken for nobody reaches nobody."""

    code: ClassVar[str] = "addressee_missing"
    rule: ClassVar[str | None] = "A36"
    field: ClassVar[str | None] = "body.addressee"
    status: ClassVar[int] = 422
    missing: str | None = "addressee"


class RelayNotPassedOnError(RefusalError):
    """Nobody can have it before it was passed on."""

    code: ClassVar[str] = "relay_not_passed_on"
    rule: ClassVar[str | None] = "A36"
    missing: str | None = "relayed"


class RelayNotMeantForThemError(RefusalError):
    """The desk cannot say for itself that somebody else has it: name who said so."""

    code: ClassVar[str] = "relay_not_meant_for_them"
    rule: ClassVar[str | None] = "A36"
    field: ClassVar[str | None] = "body.acknowledged_by"


class RelayAnsweredError(RefusalError):
    """It was answered."""

    code: ClassVar[str] = "relay_answered"
    rule: ClassVar[str | None] = "A39"


class RelayTimeRunsBackwardsError(RefusalError):
    """Nobody has something before it was taken."""

    code: ClassVar[str] = "relay_time_runs_backwards"
    rule: ClassVar[str | None] = "A39"
    field: ClassVar[str | None] = "body.occurred_at"
    status: ClassVar[int] = 422
