"""Who is asked (A112): every complaint and rework, also what becomes a complaint later, and the rest by a draw to repeat."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from followup.domain.refusals import QuietHoursError, RevisitOverError
from followup.domain.revisit import (
    ChangeType,
    ComeDue,
    EndWithOrder,
    PassLimit,
    RecordRevisit,
    ScheduleRevisit,
    decider,
)
from followup.domain.revisit.planning import is_drawn, sampled_permille
from hotline_events.catalogue.followup import ClosedAs, RevisitClosed, RevisitNotSampled, RevisitScheduled
from hotline_events.catalogue.intake import RequestType
from hotline_events.testing import NOON, given
from hotline_rules.book import RuleBook
from hotline_rules.pack import load_pack

RULES = load_pack("default")
ORDER, CALLER = UUID(int=2), UUID(int=4)
MATTER: dict[str, Any] = {
    "revisit_id": UUID(int=1),
    "work_order_id": ORDER,
    "request_id": UUID(int=3),
    "department": "roads",
}
PERSON: dict[str, Any] = {"requester_id": CALLER}
HOUR = timedelta(hours=1)
DUE = NOON + HOUR


def schedule(turn: int = 1, **more: Any) -> ScheduleRevisit:
    wanted: dict[str, Any] = {**MATTER, **PERSON, "round": turn, "rules": RULES, "now": NOON, **more}
    return ScheduleRevisit(**wanted)


def answer(now: datetime = DUE, **said: Any) -> RecordRevisit:
    return RecordRevisit(solved=True, satisfied=True, revisited_by="agent-7", rules=RULES, now=now, **said)


def sampling(permille: int) -> Any:
    some = {**RULES.revisit.sampled_permille, "any": permille, "help": permille}
    return replace(RULES, revisit=replace(RULES.revisit, sampled_permille=some))


def test_every_complaint_and_every_rework_is_revisited_whatever_the_pack_draws() -> None:
    """A112."""
    none = replace(sampling(0), revisit=replace(RULES.revisit, sampled_permille={"any": 0, "complaint": 0}))
    for command in (
        schedule(rules=none, request_type=RequestType.COMPLAINT),
        schedule(rules=none, request_type=None),
        schedule(2, rules=none, request_type=RequestType.HELP),
    ):
        assert [type(event).__name__ for event in given(decider).when(command).events] == ["RevisitScheduled"]
    assert sampled_permille(schedule(request_type=RequestType.HELP)) == 1000, "the default pack samples everyone"


def test_a_matter_that_was_not_drawn_still_ends_with_the_reason_on_record() -> None:
    """A69, A112: the order closes, by a documented exception."""
    help_ = schedule(rules=sampling(0), request_type=RequestType.HELP)
    left_out = RevisitNotSampled(**MATTER, **PERSON, round=1, sampled_permille=0, rule_version="default/1", occurred_at=NOON)
    ended = RevisitClosed(**MATTER, round=1, closed_as=ClosedAs.NOT_SAMPLED, occurred_at=NOON)
    given(decider).when(help_).then(left_out, ended)
    given(decider, left_out, ended).when(help_).then_nothing()
    given(decider, left_out, ended).when(answer()).then_rejected(RevisitOverError)
    given(decider, left_out, ended).when(ComeDue(now=DUE)).then_rejected(RevisitOverError)


def test_the_draw_can_be_repeated_by_anyone_and_takes_about_its_share() -> None:
    """A112: by the pack's seed and the order alone."""
    orders = [uuid5(ORDER, str(number)) for number in range(4000)]
    drawn = [order for order in orders if is_drawn("default/1", order, 250)]
    assert drawn == [order for order in orders if is_drawn("default/1", order, 250)]
    assert drawn != [order for order in orders if is_drawn("default/2", order, 250)]
    assert 900 < len(drawn) < 1100
    assert set(drawn) <= {order for order in orders if is_drawn("default/1", order, 500)}, (
        "a larger share keeps the smaller one"
    )


def book(permille: int) -> RuleBook:
    return RuleBook(sampling(permille))


def left_out() -> list[Any]:
    """A wish for help that the draw left out; its order is closed."""
    command = schedule(rules=sampling(0), request_type=RequestType.HELP, first_contact="taker-1")
    return decider.decide(decider.initial, command)


def becomes(kind: RequestType, now: datetime = NOON + 30 * HOUR, permille: int = 0) -> ChangeType:
    return ChangeType(to_type=kind, book=book(permille), now=now)


def test_what_becomes_a_complaint_after_the_draw_left_it_out_is_revisited_all_the_same() -> None:
    """A112, A68: its limit counts from when it became one; the pack is the one that the matter began under."""
    given(decider, *left_out()).when(becomes(RequestType.COMPLAINT)).then(
        RevisitScheduled(
            **MATTER,
            **PERSON,
            round=1,
            due_at=RULES.revisit_at(NOON + 30 * HOUR),
            deadline_at=datetime(2026, 3, 6, 16, 0, tzinfo=UTC),
            call_by=datetime(2026, 3, 6, 12, 0, tzinfo=UTC),
            first_contact="taker-1",
            resolved_at=NOON,
            rule_version="default/1",
            occurred_at=NOON + 30 * HOUR,
        )
    )


def test_a_complaint_that_the_draw_had_left_out_is_asked_like_any_other() -> None:
    """A100, A112: it comes due, its limit passes, it is answered, and hears of its kind no second time."""
    history = left_out()
    history += decider.decide(decider.fold(history), becomes(RequestType.COMPLAINT))
    owed = history[-1]
    given(decider, *history).when(becomes(RequestType.COMPLAINT)).then_nothing()
    assert len(given(decider, *history).when(ComeDue(now=owed.due_at)).events) == 1
    assert len(given(decider, *history).when(PassLimit(now=owed.deadline_at)).events) == 1
    told = given(decider, *history).when(answer(owed.due_at)).events
    assert [type(event).__name__ for event in told] == ["Revisited", "RevisitClosed"]
    assert told[-1].closed_as is ClosedAs.SOLVED


def test_a_late_complaint_is_no_reason_to_call_by_night() -> None:
    """A101, A112: the very end of the service was when the result was reported."""
    night = datetime(2026, 3, 3, 14, 10, tzinfo=UTC)  # 22:10 in Shanghai
    history = left_out()
    history += decider.decide(decider.fold(history), becomes(RequestType.COMPLAINT, night))
    at_once = answer(night + HOUR / 6, immediate_after_service=True)
    given(decider, *history).when(at_once).then_rejected(QuietHoursError)


def test_another_kind_is_drawn_as_it_would_have_been_from_the_start() -> None:
    """A112: by the same seed, under the share of the kind that the matter has now."""
    given(decider, *left_out()).when(becomes(RequestType.REPORT)).then(
        *given(decider, *left_out()).when(becomes(RequestType.COMPLAINT)).events
    )
    given(decider, *left_out()).when(becomes(RequestType.INQUIRY)).then_nothing()


def test_a_kind_that_changes_changes_nothing_where_nobody_was_left_out() -> None:
    """A112: before the result, after a draw that took the matter, and after a leader closed the order by hand."""
    owed = decider.decide(decider.initial, schedule(request_type=RequestType.HELP))
    given(decider).when(becomes(RequestType.COMPLAINT)).then_nothing()
    given(decider, *owed).when(becomes(RequestType.COMPLAINT)).then_nothing()
    by_hand = RevisitClosed(**MATTER, round=1, closed_as=ClosedAs.ORDER_CLOSED, occurred_at=DUE)
    given(decider, *left_out()).when(EndWithOrder(now=DUE)).then(by_hand)
    given(decider, *left_out(), by_hand).when(EndWithOrder(now=DUE)).then_nothing()
    given(decider, *left_out(), by_hand).when(becomes(RequestType.COMPLAINT)).then_nothing()
