"""What an office decides in a morning, for tests of read models: rules, a calendar, commitments."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from hotline_events.catalogue.reporting import (
    CalendarLoaded,
    CommitmentItem,
    CommitmentPublished,
    RuleDifference,
    RuleDocument,
    RuleSetApproved,
    RuleSetChecked,
    RuleSetDrafted,
    RuleSetPublished,
)

BY = "oversight-1"
SHA = "ab" * 32


def office_events(start: datetime) -> Iterator[tuple[str, object]]:
    """Return each stream and event: a pack goes all the way, another stays a draft, two versions of the commitments."""
    at = [start + timedelta(hours=hour) for hour in range(8)]
    town = "rule_set-town-1"
    yield town, RuleSetDrafted(number="town/1", text="number: town/1", drafted_by=BY, occurred_at=at[0])
    yield town, RuleSetDrafted(number="town/1", text="title: Town", drafted_by=BY, occurred_at=at[1])
    yield (
        town,
        RuleSetChecked(
            number="town/1",
            sha256=SHA,
            against="default/1",
            differences=(RuleDifference(rule="calls.ring_limit", before="3", after="4"),),
            checked_by=BY,
            occurred_at=at[2],
        ),
    )
    yield town, RuleSetApproved(number="town/1", sha256=SHA, approved_by=BY, occurred_at=at[3])
    yield (
        town,
        RuleSetPublished(
            number="town/1",
            sha256=SHA,
            effective_from=start.date(),
            documents=(RuleDocument(name="town/1.yaml", text="title: Town"),),
            published_by=BY,
            occurred_at=at[4],
        ),
    )
    yield "rule_set-town-2", RuleSetDrafted(number="town/2", text="number: town/2", drafted_by=BY, occurred_at=at[5])
    yield (
        "calendar-2026",
        CalendarLoaded(year=2026, holidays=(start.date(),), workdays=(), loaded_by=BY, occurred_at=at[5]),
    )
    item = CommitmentItem(zh="三声内接听。", en="Answered within three rings.")
    for number in (1, 2):
        yield (
            "commitment-main",
            CommitmentPublished(
                commitment_version=number,
                items=(item,) * number,
                rule_version="default/1",
                published_by=BY,
                occurred_at=at[5 + number],
            ),
        )
