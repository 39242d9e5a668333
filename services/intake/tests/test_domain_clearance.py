"""A matter's level and the people named for it, as sentences."""

from dataclasses import replace
from uuid import UUID

from hotline_events.catalogue.intake import Confidentiality
from hotline_events.catalogue.intake.clearance import ClearanceGranted, ClearanceWithdrawn, ConfidentialityMarked
from hotline_events.testing import NOON, given
from intake.domain import clearance

REQUEST = UUID(int=1)
GRANT = clearance.GrantClearance(request_id=REQUEST, actor_id="handler-3", by="leader-1", now=NOON)
WITHDRAW = clearance.WithdrawClearance(request_id=REQUEST, actor_id="handler-3", by="leader-1", now=NOON)
GRANTED = ClearanceGranted(request_id=REQUEST, actor_id="handler-3", granted_by="leader-1", occurred_at=NOON)
WITHDRAWN = ClearanceWithdrawn(request_id=REQUEST, actor_id="handler-3", withdrawn_by="leader-1", occurred_at=NOON)
MARK = clearance.MarkConfidentiality(
    request_id=REQUEST,
    registered=Confidentiality.ORDINARY,
    level=Confidentiality.SECRET,
    reason=clearance.MarkReason.RETALIATION_FEARED,
    may_lower=False,
    by="agent-7",
    now=NOON,
)
MARKED = ConfidentialityMarked(
    request_id=REQUEST,
    from_level=Confidentiality.ORDINARY,
    to_level=Confidentiality.SECRET,
    reason="retaliation_feared",
    marked_by="agent-7",
    occurred_at=NOON,
)


def test_people_are_named_for_a_matter_and_named_no_more() -> None:
    """A145."""
    given(clearance.decider).when(GRANT).then(GRANTED)
    given(clearance.decider, GRANTED).when(GRANT).then_nothing()
    given(clearance.decider, GRANTED).when(WITHDRAW).then(WITHDRAWN)
    given(clearance.decider).when(WITHDRAW).then_nothing()
    given(clearance.decider, GRANTED, WITHDRAWN).when(GRANT).then(GRANTED)


def test_anyone_at_the_desk_makes_a_matter_more_confidential_and_only_the_office_less() -> None:
    """A145."""
    given(clearance.decider).when(MARK).then(MARKED)
    given(clearance.decider, MARKED).when(MARK).then_nothing()
    lower = replace(MARK, level=Confidentiality.SENSITIVE)
    given(clearance.decider, MARKED).when(lower).then_rejected(clearance.OnlyRaisedError)
    lowered = replace(MARKED, from_level=Confidentiality.SECRET, to_level=Confidentiality.SENSITIVE)
    given(clearance.decider, MARKED).when(replace(lower, may_lower=True)).then(lowered)


def test_a_matter_never_marked_has_the_level_it_was_registered_with() -> None:
    """A145."""
    given(clearance.decider).when(replace(MARK, registered=Confidentiality.SECRET)).then_nothing()
    lower = replace(MARK, registered=Confidentiality.SECRET, level=Confidentiality.ORDINARY)
    given(clearance.decider).when(lower).then_rejected(clearance.OnlyRaisedError)
