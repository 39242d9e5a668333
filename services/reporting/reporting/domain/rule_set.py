"""A rule set: the text of one rule pack on its way from draft to effective date (A152, A162).

Drafted, checked, approved by somebody who never wrote at it, published. Its stream is the pack's number, so a number stands for
one text for ever. Reading the text is pure, so the check is decided here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, TypeAlias, assert_never

from hotline_events.catalogue.reporting import (
    RuleDifference,
    RuleDocument,
    RuleSetApproved,
    RuleSetChecked,
    RuleSetDrafted,
    RuleSetEvent,
    RuleSetPublished,
)
from hotline_events.decider import Decider, RefusalError
from hotline_rules.documents import Document, documents_of
from hotline_rules.pack import RulePack, parse_pack
from hotline_rules.yaml_source import RulePackError


class Step(StrEnum):
    """How far a rule set is."""

    NEW = "new"
    DRAFTED = "drafted"
    CHECKED = "checked"
    APPROVED = "approved"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRuleSet:
    number: str
    text: str
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRuleSet:
    """`known` is the hash of the pack that the number stands for already, where it does."""

    rules: RulePack
    known: str | None
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveRuleSet:
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishRuleSet:
    """`today` is the date of now at the place of the rules. Without a date it is that of the text, or today if that is past."""

    effective_from: date | None
    today: date
    by: str
    now: datetime


RuleSetCommand: TypeAlias = DraftRuleSet | CheckRuleSet | ApproveRuleSet | PublishRuleSet


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    number: str = ""
    step: Step = Step.NEW
    text: str = ""
    sha256: str | None = None
    writers: frozenset[str] = frozenset()
    effective_from: date | None = None


class RuleSetUnknownError(RefusalError):
    """There is no such rule set."""

    code: ClassVar[str] = "not_found"
    status: ClassVar[int] = 404


class RuleSetFixedError(RefusalError):
    """What was approved is not written at any more: the next change is the next number (A152)."""

    code: ClassVar[str] = "rule_set_fixed"
    rule: ClassVar[str | None] = "A152"


class RuleTextRefusedError(RefusalError):
    """The text is no rule pack; the detail names file, line and rule."""

    code: ClassVar[str] = "rule_text_refused"
    rule: ClassVar[str | None] = "A152"


class RuleNumberTakenError(RefusalError):
    """The number stands for another text already, or the text names another number (A152)."""

    code: ClassVar[str] = "rule_number_taken"
    rule: ClassVar[str | None] = "A152"


class RuleSetStepMissingError(RefusalError):
    """A step comes before this one: drafted, checked, approved, published (A162)."""

    code: ClassVar[str] = "rule_set_step_missing"
    rule: ClassVar[str | None] = "A162"

    def __init__(self, missing: Step) -> None:
        """Name the step."""
        super().__init__()
        self.missing = missing.value


class WriterApprovesError(RefusalError):
    """Nobody approves what they wrote at (A162)."""

    code: ClassVar[str] = "writer_approves"
    rule: ClassVar[str | None] = "A162"


class EffectiveDatePastError(RefusalError):
    """Rules do not change what has begun: they take effect today or later (A162)."""

    code: ClassVar[str] = "effective_date_past"
    rule: ClassVar[str | None] = "A162"
    field: ClassVar[str | None] = "body.effective_from"
    status: ClassVar[int] = 422


def decide(rule_set: RuleSet, command: RuleSetCommand) -> list[RuleSetEvent]:
    if isinstance(command, DraftRuleSet):
        return _draft(rule_set, command)
    if rule_set.step is Step.NEW:
        raise RuleSetUnknownError
    match command:
        case CheckRuleSet():
            return _check(rule_set, command)
        case ApproveRuleSet():
            return _approve(rule_set, command)
        case PublishRuleSet():
            return _publish(rule_set, command)
        case _:
            assert_never(command)


def evolve(rule_set: RuleSet, event: RuleSetEvent) -> RuleSet:
    match event:
        case RuleSetDrafted():
            writers = rule_set.writers | {event.drafted_by}
            return RuleSet(number=event.number, step=Step.DRAFTED, text=event.text, writers=writers)
        case RuleSetChecked():
            return replace(rule_set, step=Step.CHECKED, sha256=event.sha256)
        case RuleSetApproved():
            return replace(rule_set, step=Step.APPROVED)
        case RuleSetPublished():
            return replace(rule_set, step=Step.PUBLISHED, effective_from=event.effective_from)
        case _:
            assert_never(event)


def pack_of(rule_set: RuleSet) -> RulePack:
    """Read the text; what is wrong with it is refused with file, line and rule."""
    try:
        return parse_pack(_file(rule_set), rule_set.text.encode())
    except RulePackError as wrong:
        raise RuleTextRefusedError(str(wrong)) from wrong


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[RuleDifference, ...]:
    """Tell every figure that would change, by its path."""
    rules = sorted(rule for rule in {*before, *after} if before.get(rule) != after.get(rule))
    return tuple(RuleDifference(rule=rule, before=before.get(rule), after=after.get(rule)) for rule in rules)


def _draft(rule_set: RuleSet, command: DraftRuleSet) -> list[RuleSetEvent]:
    if rule_set.text == command.text:
        return []
    if rule_set.step in {Step.APPROVED, Step.PUBLISHED}:
        raise RuleSetFixedError
    return [RuleSetDrafted(number=command.number, text=command.text, drafted_by=command.by, occurred_at=command.now)]


def _check(rule_set: RuleSet, command: CheckRuleSet) -> list[RuleSetEvent]:
    if rule_set.step is not Step.DRAFTED:
        return []
    pack = pack_of(rule_set)
    if pack.number != rule_set.number or command.known not in {None, pack.sha256}:
        raise RuleNumberTakenError
    return [
        RuleSetChecked(
            number=rule_set.number,
            sha256=pack.sha256,
            against=command.rules.number,
            differences=differences(command.rules.figures, pack.figures),
            checked_by=command.by,
            occurred_at=command.now,
        )
    ]


def _approve(rule_set: RuleSet, command: ApproveRuleSet) -> list[RuleSetEvent]:
    if rule_set.step in {Step.APPROVED, Step.PUBLISHED}:
        return []
    if rule_set.step is not Step.CHECKED or rule_set.sha256 is None:
        raise RuleSetStepMissingError(Step.CHECKED)
    if command.by in rule_set.writers:
        raise WriterApprovesError
    return [RuleSetApproved(number=rule_set.number, sha256=rule_set.sha256, approved_by=command.by, occurred_at=command.now)]


def _publish(rule_set: RuleSet, command: PublishRuleSet) -> list[RuleSetEvent]:
    if rule_set.step is Step.PUBLISHED:
        if command.effective_from in (None, rule_set.effective_from):
            return []
        raise RuleSetFixedError
    if rule_set.step is not Step.APPROVED:
        raise RuleSetStepMissingError(Step.APPROVED if rule_set.step is Step.CHECKED else Step.CHECKED)
    if command.effective_from is not None and command.effective_from < command.today:
        raise EffectiveDatePastError
    pack = pack_of(rule_set)
    if pack.sha256 != rule_set.sha256:
        raise RuleSetStepMissingError(Step.CHECKED)  # what it extends has changed since it was checked
    documents = documents_of(Document(name=_file(rule_set), content=rule_set.text.encode()))
    return [
        RuleSetPublished(
            number=rule_set.number,
            sha256=pack.sha256,
            effective_from=command.effective_from or max(pack.effective_from, command.today),
            documents=tuple(RuleDocument(name=one.name, text=one.content.decode()) for one in documents),
            published_by=command.by,
            occurred_at=command.now,
        )
    ]


def _file(rule_set: RuleSet) -> str:
    return f"{rule_set.number}.yaml"


decider: Decider[RuleSetCommand, RuleSet, RuleSetEvent] = Decider("rule_set", decide, evolve, RuleSet())
