"""What is recorded of a call that reached the caller, and what follows (A101, A105, A106, A108): each as a sentence."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from followup.domain.refusals import (
    QuietHoursError,
    ReasonMissingError,
    RevisitBeforeResolutionError,
    RevisitOverError,
    UnknownRevisitError,
)
from followup.domain.revisit import (
    AttemptRevisit,
    EndWithOrder,
    PassLimit,
    RecordRevisit,
    decider,
)
from hotline_events.catalogue.followup import (
    AttemptOutcome,
    ClosedAs,
)
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON, given
from hotline_events.testing_revisits import (
    DEADLINE,
    DUE,
    MESSAGED,
    MINUTE,
    attempted,
    came_due,
    closed,
    revisited,
    rework,
    scheduled,
    shanghai,
)
from hotline_rules.pack import load_pack

RULES = load_pack("default")


def attempt(now: datetime, outcome: AttemptOutcome = AttemptOutcome.NO_ANSWER) -> AttemptRevisit:
    return AttemptRevisit(outcome=outcome, attempted_by="agent-7", rules=RULES, now=now)


def record(
    now: datetime = DUE,
    *,
    solved: bool | None = True,
    satisfied: bool | None = True,
    why: Sealed | None = None,
    at_once: bool = False,
) -> RecordRevisit:
    return RecordRevisit(
        solved=solved,
        satisfied=satisfied,
        revisited_by="agent-7",
        rules=RULES,
        now=now,
        reason=why,
        immediate_after_service=at_once,
    )


def test_a_solved_matter_is_closed() -> None:
    """A105."""
    given(decider, scheduled(), came_due()).when(record()).then(revisited(), closed())


def test_a_matter_that_is_not_solved_goes_back_for_another_round() -> None:
    """A108: the same order, the next round."""
    no = record(solved=False, satisfied=None)
    given(decider, scheduled()).when(no).then(revisited(solved=False, satisfied=None), rework(2))
    second = revisited(turn=2, solved=False, satisfied=None)
    given(decider, scheduled(2)).when(no).then(second, rework(3))


def test_a_matter_that_is_not_solved_after_the_last_round_is_closed_as_exhausted() -> None:
    """A108: the pack allows two reworks."""
    no = record(solved=False, satisfied=None)
    expected = revisited(turn=3, solved=False, satisfied=None)
    given(decider, scheduled(3)).when(no).then(expected, closed(ClosedAs.ROUNDS_EXHAUSTED, turn=3))


def test_a_caller_without_an_opinion_leaves_nothing_to_order() -> None:
    """A105: no answer is no no; W3 does not count it."""
    expected = revisited(solved=None, satisfied=None)
    given(decider, scheduled()).when(record(solved=None, satisfied=None)).then(expected, closed(ClosedAs.UNANSWERED))


def test_who_is_dissatisfied_is_asked_why() -> None:
    """A106."""
    given(decider, scheduled()).when(record(satisfied=False)).then_rejected(ReasonMissingError)
    why = Sealed("等了两周")
    given(decider, scheduled()).when(record(satisfied=False, why=why)).then(revisited(satisfied=False, why=why), closed())


@pytest.mark.parametrize(
    ("clock", "allowed"),
    [
        pytest.param((21, 59, 59), True, id="21:59:59"),
        pytest.param((22, 0, 0), False, id="22:00"),
        pytest.param((23, 59, 59), False, id="23:59:59"),
        pytest.param((0, 0, 0), False, id="00:00"),
        pytest.param((7, 59, 59), False, id="07:59:59"),
        pytest.param((8, 0, 0), True, id="08:00"),
    ],
)
def test_nobody_is_revisited_in_quiet_hours(clock: tuple[int, int, int], *, allowed: bool) -> None:
    """A101: [22:00, 08:00) of the caller's own clock."""
    moment = shanghai(2026, 3, 3, *clock)
    outcome = given(decider, scheduled()).when(record(moment))
    if allowed:
        outcome.then(revisited(moment), closed(at=moment))
    else:
        outcome.then_rejected(QuietHoursError)


def test_the_revisit_at_the_very_end_of_the_service_is_exempt_from_quiet_hours() -> None:
    """A101: what the end is, the pack says; hours later it is a revisit like any other."""
    done, late = shanghai(2026, 3, 2, 22), shanghai(2026, 3, 2, 23)
    expected = revisited(late, at_once=True)
    given(decider, scheduled(at=done)).when(record(late, at_once=True)).then(expected, closed(at=late))
    given(decider, scheduled(at=done)).when(record(late + MINUTE, at_once=True)).then_rejected(QuietHoursError)
    given(decider, scheduled()).when(record(late, at_once=True)).then_rejected(QuietHoursError)


def test_quiet_hours_are_those_of_the_packs_own_city() -> None:
    """A101: noon in Shanghai is eight in the evening in San Francisco; an hour past 22:00 there is refused."""
    rules = load_pack("san_francisco")
    pacific = ZoneInfo("America/Los_Angeles")
    night = replace(record(datetime(2026, 3, 2, 22, 0, tzinfo=pacific)), rules=rules)
    given(decider, scheduled()).when(night).then_rejected(QuietHoursError)
    given(decider, scheduled()).when(replace(night, rules=RULES)).then(revisited(night.now), closed(at=night.now))


def test_nobody_is_asked_about_a_result_that_was_not_reported_yet() -> None:
    given(decider, scheduled()).when(record(NOON - MINUTE)).then_rejected(RevisitBeforeResolutionError)


def test_a_caller_who_was_asked_is_not_asked_again() -> None:
    given(decider, scheduled(), revisited(), closed()).when(record(DUE + MINUTE)).then_rejected(RevisitOverError)
    ordered = (scheduled(), revisited(solved=False), rework(2))
    given(decider, *ordered).when(record(DUE + MINUTE)).then_rejected(RevisitOverError)


def test_an_answer_that_is_known_is_not_recorded_again() -> None:
    given(decider, scheduled(), revisited(), closed()).when(record()).then_nothing()


def test_an_attempt_does_not_keep_a_caller_from_being_reached() -> None:
    soon = DUE + 5 * MINUTE
    history = (scheduled(), came_due(), attempted(1, DUE, DUE + 240 * MINUTE))
    given(decider, *history).when(record(soon)).then(revisited(soon), closed(at=soon))


def test_whose_order_was_closed_by_hand_is_left_alone() -> None:
    """A69: a leader documents why; nobody calls, and the matter ends in time."""
    ended = closed(ClosedAs.ORDER_CLOSED, NOON + MINUTE)
    given(decider, scheduled()).when(EndWithOrder(now=NOON + MINUTE)).then(ended)
    given(decider, *MESSAGED).when(EndWithOrder(now=NOON + MINUTE)).then(ended)
    given(decider, scheduled(), ended).when(EndWithOrder(now=NOON + MINUTE)).then_nothing()
    given(decider, scheduled(), ended).when(attempt(DUE)).then_rejected(RevisitOverError)
    given(decider, scheduled(), ended).when(PassLimit(now=DEADLINE)).then_nothing()
    given(decider, scheduled(), revisited(), closed()).when(EndWithOrder(now=DUE)).then_nothing()
    given(decider).when(EndWithOrder(now=DUE)).then_nothing()


def test_what_was_never_scheduled_is_not_revisited() -> None:
    given(decider).when(record()).then_rejected(UnknownRevisitError)
