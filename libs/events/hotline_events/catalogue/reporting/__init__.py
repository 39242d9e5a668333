"""What reporting decides. One module an aggregate; importing this package registers all of them."""

from hotline_events.catalogue.reporting import calendar, commitment, rule_set
from hotline_events.catalogue.reporting.calendar import CalendarEvent, CalendarLoaded
from hotline_events.catalogue.reporting.commitment import CommitmentEvent, CommitmentItem, CommitmentPublished
from hotline_events.catalogue.reporting.rule_set import (
    RuleDifference,
    RuleDocument,
    RuleSetApproved,
    RuleSetChecked,
    RuleSetDrafted,
    RuleSetEvent,
    RuleSetPublished,
)

__all__ = [
    "CalendarEvent",
    "CalendarLoaded",
    "CommitmentEvent",
    "CommitmentItem",
    "CommitmentPublished",
    "RuleDifference",
    "RuleDocument",
    "RuleSetApproved",
    "RuleSetChecked",
    "RuleSetDrafted",
    "RuleSetEvent",
    "RuleSetPublished",
    "calendar",
    "commitment",
    "rule_set",
]
