"""Rule sets: how a rule pack changes, from draft to effective date (A152, A162)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from hotline_events.registry import event


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDocument:
    """One file of a pack, as it was written."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDifference:
    """A figure that would change; None where one of the two has no such figure."""

    rule: str
    before: str | None = None
    after: str | None = None


@event("reporting.rule_set.drafted")
class RuleSetDrafted:
    """Somebody wrote, or wrote anew, the text of a pack (A162)."""

    number: str
    text: str
    drafted_by: str
    occurred_at: datetime


@event("reporting.rule_set.checked")
class RuleSetChecked:
    """The text is a valid pack; what it would change against the pack in force is listed (A162)."""

    number: str
    sha256: str
    against: str
    differences: tuple[RuleDifference, ...]
    checked_by: str
    occurred_at: datetime


@event("reporting.rule_set.approved")
class RuleSetApproved:
    """A second person approved the text that was checked (A162)."""

    number: str
    sha256: str
    approved_by: str
    occurred_at: datetime


@event("reporting.rule_set.published")
class RuleSetPublished:
    """From `effective_from` on, what begins is decided by this pack; `documents` are its own text and all it extends (A152)."""

    number: str
    sha256: str
    effective_from: date
    documents: tuple[RuleDocument, ...]
    published_by: str
    occurred_at: datetime


RuleSetEvent: TypeAlias = RuleSetDrafted | RuleSetChecked | RuleSetApproved | RuleSetPublished
