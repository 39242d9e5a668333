"""A shift is changed while it runs, and swaps are approved: given, when, then."""

from typing import Any

from hotline_events.catalogue.intake import (
    PostsChanged,
    SwapDenied,
)
from hotline_events.testing import given
from intake.domain import duty_refusals, shift
from intake.domain.shift.posts import DenySwap


def test_the_roster_is_changed_while_it_runs_and_says_from_when(duty: Any) -> None:
    """A136: live change with its effective time and its author."""
    changed = PostsChanged(
        shift_id=duty.ID,
        line="duty",
        removed="ann",
        added="cy",
        tier="duty_officer",
        reason="ill",
        effective_at=duty.clock("10:00"),
        absent_from=duty.clock("10:10"),
        changed_by="leader",
        occurred_at=duty.clock("09:00"),
    )
    given(shift.decider, duty.OPENED).when(duty.change("ann", "cy")).then(changed)
    given(shift.decider, duty.OPENED, changed).when(duty.change("ann", "cy")).then_nothing()
    given(shift.decider, duty.OPENED, changed).when(duty.change("ann", at="11:00")).then_rejected(
        duty_refusals.NotRosteredError
    )
    refusals = duty_refusals
    given(shift.decider, duty.OPENED).when(duty.change()).then_rejected(refusals.NothingToChangeError)
    given(shift.decider, duty.OPENED).when(duty.change("ann", "bob")).then_rejected(refusals.DuplicatePostError)
    given(shift.decider, duty.OPENED).when(duty.change("leader")).then_rejected(refusals.LastOfTierError)
    given(shift.decider, duty.OPENED).when(duty.change(added="cy")).then_rejected(refusals.UnknownTierError)
    given(shift.decider, duty.OPENED).when(duty.change("ann", "cy", at="17:30")).then_rejected(refusals.ShiftOverError)
    given(shift.decider).when(duty.change("ann", "cy")).then_rejected(refusals.ShiftNotOpenedError)
    (more,) = given(shift.decider, duty.OPENED).when(duty.change(added="cy", tier="duty_officer")).events
    assert (more.removed, more.added) == (None, "cy")


def test_a_swap_is_asked_for_and_approved_by_a_second_person(duty: Any) -> None:
    """A138: nobody replaces anybody on their own."""
    given(shift.decider, duty.OPENED).when(duty.ask()).then(duty.ASKED)
    given(shift.decider, duty.OPENED, duty.ASKED).when(duty.ask()).then_nothing()
    given(shift.decider, duty.OPENED, duty.ASKED).when(duty.approve()).then(duty.APPROVED)
    given(shift.decider, duty.OPENED, duty.ASKED, duty.APPROVED).when(duty.approve()).then_nothing()
    for self_serving in ("ann", "cy"):
        given(shift.decider, duty.OPENED, duty.ASKED).when(duty.approve(self_serving)).then_rejected(
            duty_refusals.SecondPersonError
        )
    duty.refused(given(shift.decider, duty.OPENED).when(duty.approve()), duty_refusals.SwapNotAskedError, "swap_asked")
    given(shift.decider, duty.OPENED).when(duty.ask(by="eve")).then_rejected(duty_refusals.SwapNotOwnError)
    given(shift.decider, duty.OPENED).when(duty.ask(to_staff="bob")).then_rejected(duty_refusals.DuplicatePostError)
    given(shift.decider, duty.OPENED).when(duty.ask("eve", from_staff="eve")).then_rejected(duty_refusals.NotRosteredError)
    given(shift.decider, duty.OPENED, duty.ASKED).when(duty.approve(at="17:30")).then_rejected(duty_refusals.ShiftOverError)
    given(shift.decider, duty.OPENED, duty.ASKED, duty.APPROVED).when(duty.check_in("cy", "08:15")).then(duty.came("cy"))


def test_a_swap_is_denied_for_a_reason(duty: Any) -> None:
    """A138: what was denied is not approved afterwards."""
    deny = DenySwap(shift_id=duty.ID, swap_id=duty.SWAP, reason="understaffed", by="leader", now=duty.clock("08:00"))
    denied = SwapDenied(
        shift_id=duty.ID, swap_id=duty.SWAP, reason="understaffed", denied_by="leader", occurred_at=duty.clock("08:00")
    )
    given(shift.decider, duty.OPENED, duty.ASKED).when(deny).then(denied)
    given(shift.decider, duty.OPENED, duty.ASKED, denied).when(deny).then_nothing()
    given(shift.decider, duty.OPENED, duty.ASKED, denied).when(duty.approve()).then_rejected(duty_refusals.SwapDecidedError)
