"""Rules change by draft, check, approval of a second person and effective date; calendars and commitments (A162)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from hotline_events.catalogue.reporting import (
    CalendarLoaded,
    CommitmentItem,
    CommitmentPublished,
    RuleDifference,
    RuleSetApproved,
    RuleSetChecked,
    RuleSetDrafted,
    RuleSetPublished,
)
from hotline_events.testing import NOON, Given, given
from hotline_rules.documents import Document
from hotline_rules.pack import load_pack, parse_pack, read_documents
from reporting.application import Dispatch, WhatIf, what_if
from reporting.domain import calendar, commitment, rule_set
from reporting.domain.rule_set import (
    ApproveRuleSet,
    CheckRuleSet,
    DraftRuleSet,
    EffectiveDatePastError,
    PublishRuleSet,
    RuleNumberTakenError,
    RuleSetFixedError,
    RuleSetStepMissingError,
    RuleSetUnknownError,
    RuleTextRefusedError,
    WriterApprovesError,
)

DEFAULT = load_pack("default")
TEXT = """extends: default
number: town/1
title: A town
effective_from: 2026-03-01
sources: [its own]
limits:
  any:
    resolve: {working_days: 3}
"""
TODAY = date(2026, 3, 2)
PACK = parse_pack("town/1.yaml", TEXT.encode())

DRAFTED = RuleSetDrafted(number="town/1", text=TEXT, drafted_by="admin-1", occurred_at=NOON)
CHECKED = RuleSetChecked(
    number="town/1",
    sha256=PACK.sha256,
    against="default/1",
    differences=(RuleDifference(rule="limits.any.resolve.working_days", before="5", after="3"),),
    checked_by="admin-1",
    occurred_at=NOON,
)
APPROVED = RuleSetApproved(number="town/1", sha256=PACK.sha256, approved_by="oversight-1", occurred_at=NOON)


def draft(text: str = TEXT, by: str = "admin-1") -> DraftRuleSet:
    return DraftRuleSet(number="town/1", text=text, by=by, now=NOON)


def check(known: str | None = None) -> CheckRuleSet:
    return CheckRuleSet(rules=DEFAULT, known=known, by="admin-1", now=NOON)


def publish(day: date | None = TODAY) -> PublishRuleSet:
    return PublishRuleSet(effective_from=day, today=TODAY, by="oversight-1", now=NOON)


def rules(*history: object) -> Given:
    return given(rule_set.decider, *history)


def published() -> RuleSetPublished:
    (event,) = rules(DRAFTED, CHECKED, APPROVED).when(publish()).events
    assert isinstance(event, RuleSetPublished)
    return event


def test_rules_go_from_a_draft_to_their_effective_date() -> None:
    """A152, A162."""
    rules().when(draft()).then(DRAFTED)
    rules(DRAFTED).when(check()).then(CHECKED)
    rules(DRAFTED, CHECKED).when(ApproveRuleSet(by="oversight-1", now=NOON)).then(APPROVED)
    event = published()
    assert (event.number, event.sha256, event.effective_from) == ("town/1", PACK.sha256, TODAY)


def test_what_is_published_carries_all_it_needs_to_be_read() -> None:
    """A152: its hash proves it, and what a service ships makes no difference."""
    documents = [Document(name=one.name, content=one.text.encode()) for one in published().documents]
    assert [document.name for document in documents] == ["town/1.yaml", "default.yaml"]
    read = read_documents(documents)
    assert (read.sha256, read.figures) == (PACK.sha256, PACK.figures)


def test_each_step_that_is_done_already_changes_nothing() -> None:
    rules(DRAFTED).when(draft()).then_nothing()
    rules(DRAFTED, CHECKED).when(check()).then_nothing()
    rules(DRAFTED, CHECKED, APPROVED).when(ApproveRuleSet(by="oversight-2", now=NOON)).then_nothing()
    rules(DRAFTED, CHECKED, APPROVED, published()).when(publish()).then_nothing()


def test_a_draft_may_be_written_anew_until_it_is_approved_and_is_checked_again() -> None:
    """A162."""
    other = TEXT.replace("working_days: 3", "working_days: 4")
    anew = RuleSetDrafted(number="town/1", text=other, drafted_by="admin-2", occurred_at=NOON)
    rules(DRAFTED, CHECKED).when(draft(other, "admin-2")).then(anew)
    rules(DRAFTED, CHECKED, anew).when(ApproveRuleSet(by="oversight-1", now=NOON)).then_rejected(RuleSetStepMissingError)
    rules(DRAFTED, CHECKED, APPROVED).when(draft(other)).then_rejected(RuleSetFixedError)
    rules(DRAFTED, CHECKED, APPROVED, published()).when(draft(other)).then_rejected(RuleSetFixedError)


@pytest.mark.parametrize("writer", ["admin-1", "admin-2"])
def test_nobody_approves_what_they_wrote_at(writer: str) -> None:
    """A162: neither the last one who wrote at it nor anyone before."""
    first = RuleSetDrafted(number="town/1", text="number: town/1", drafted_by="admin-2", occurred_at=NOON)
    rules(first, DRAFTED, CHECKED).when(ApproveRuleSet(by=writer, now=NOON)).then_rejected(WriterApprovesError)
    rules(first, DRAFTED, CHECKED).when(ApproveRuleSet(by="oversight-1", now=NOON)).then(APPROVED)


@pytest.mark.parametrize(
    ("history", "missing"),
    [((DRAFTED,), "checked"), ((DRAFTED, CHECKED), "approved"), ((DRAFTED, CHECKED, DRAFTED), "checked")],
)
def test_a_step_that_is_missing_is_named(history: tuple[object, ...], missing: str) -> None:
    """A162."""
    refused = rules(*history).when(publish())
    refused.then_rejected(RuleSetStepMissingError)
    assert refused.refusal is not None
    assert refused.refusal.missing == missing


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("    resolve: {working_days: 3}", "    resolved: {working_days: 3}", "line 8, limits.any.resolved: it is not a rule"),
        ("    resolve: {working_days: 3}", "    resolve: {working_days: soon}", "line 8, limits.any.resolve.working_days"),
        ("title: A town", "title: [", "line"),
        ("extends: default", "extends: nobody", "line 1, extends: there is no rule pack"),
    ],
)
def test_a_bad_text_is_refused_with_the_line_that_is_wrong(old: str, new: str, told: str) -> None:
    """A152, A162."""
    wrong = RuleSetDrafted(number="town/1", text=TEXT.replace(old, new), drafted_by="admin-1", occurred_at=NOON)
    refused = rules(wrong).when(check())
    refused.then_rejected(RuleTextRefusedError)
    assert told in str(refused.refusal)


def test_a_number_stands_for_one_text_for_ever() -> None:
    """A152: neither the number of another text, nor a text that names another number."""
    rules(DRAFTED).when(check(known="0" * 64)).then_rejected(RuleNumberTakenError)
    rules(DRAFTED).when(check(known=PACK.sha256)).then(CHECKED)
    other = RuleSetDrafted(number="town/2", text=TEXT, drafted_by="admin-1", occurred_at=NOON)
    rules(other).when(check()).then_rejected(RuleNumberTakenError)


def test_rules_never_take_effect_in_the_past_and_only_once() -> None:
    """A162."""
    rules(DRAFTED, CHECKED, APPROVED).when(publish(TODAY - timedelta(days=1))).then_rejected(EffectiveDatePastError)
    rules(DRAFTED, CHECKED, APPROVED, published()).when(publish(TODAY + timedelta(days=1))).then_rejected(RuleSetFixedError)


def test_a_pack_without_a_date_of_publication_takes_effect_on_its_own_or_today_if_that_is_past() -> None:
    """A152, A162."""
    (today,) = rules(DRAFTED, CHECKED, APPROVED).when(publish(None)).events
    assert (PACK.effective_from, today.effective_from) == (date(2026, 3, 1), TODAY)
    rules(DRAFTED, CHECKED, APPROVED, today).when(publish(None)).then_nothing()
    new_year = replace(DRAFTED, text=TEXT.replace("effective_from: 2026-03-01", "effective_from: 2027-01-01"))
    (checked,) = rules(new_year).when(check()).events
    (later,) = rules(new_year, checked, APPROVED).when(publish(None)).events
    assert later.effective_from == date(2027, 1, 1)


def test_what_was_never_drafted_cannot_go_on() -> None:
    for command in (check(), ApproveRuleSet(by="oversight-1", now=NOON), publish()):
        rules().when(command).then_rejected(RuleSetUnknownError)


def test_what_if_counts_the_orders_whose_limit_would_move() -> None:
    """A162: five working days from Monday noon end on the next Monday at midnight, three on Thursday."""
    due = NOON + timedelta(days=7, hours=12)
    quick, slow = NOON + timedelta(days=2), NOON + timedelta(days=5)
    orders = [
        Dispatch(dispatched_at=NOON, resolve_due_at=due, request_type="help", channel="web", resolved_at=moment)
        for moment in (quick, slow, None)
    ]
    expected = WhatIf(orders=3, due_earlier=3, due_later=0, late_as_it_was=1, late_under_it=2)
    assert what_if(PACK, orders, now=NOON + timedelta(days=30)) == expected
    assert what_if(DEFAULT, orders, now=NOON) == WhatIf(orders=3)
    assert what_if(PACK, [], now=NOON) == WhatIf()


HOLIDAY, MAKE_UP = date(2031, 1, 1), date(2031, 1, 5)


def load(holidays: set[date], workdays: set[date]) -> calendar.LoadCalendar:
    return calendar.LoadCalendar(year=2031, holidays=frozenset(holidays), workdays=frozenset(workdays), by="admin-1", now=NOON)


def test_the_office_loads_the_days_of_a_year_and_may_load_them_anew() -> None:
    loaded = CalendarLoaded(year=2031, holidays=(HOLIDAY,), workdays=(MAKE_UP,), loaded_by="admin-1", occurred_at=NOON)
    given(calendar.decider).when(load({HOLIDAY}, {MAKE_UP})).then(loaded)
    given(calendar.decider, loaded).when(load({HOLIDAY}, {MAKE_UP})).then_nothing()
    anew = CalendarLoaded(year=2031, holidays=(HOLIDAY,), workdays=(), loaded_by="admin-1", occurred_at=NOON)
    given(calendar.decider, loaded).when(load({HOLIDAY}, set())).then(anew)


def test_a_table_has_days_of_its_own_year_and_each_once() -> None:
    given(calendar.decider).when(load({date(2030, 1, 1)}, set())).then_rejected(calendar.DayOfOtherYearError)
    given(calendar.decider).when(load({HOLIDAY}, {HOLIDAY})).then_rejected(calendar.DayTwiceError)


def promise(version: int, rule: str | None) -> commitment.PublishCommitment:
    items = (CommitmentItem(zh="五个工作日内办结。", en="Resolved within five working days.", rule=rule),)
    return commitment.PublishCommitment(commitment_version=version, items=items, rules=DEFAULT, by="oversight-1", now=NOON)


def test_a_commitment_is_published_in_versions_and_quotes_the_rules() -> None:
    """A156."""
    (first,) = given(commitment.decider).when(promise(1, "limits.any.resolve")).events
    assert isinstance(first, CommitmentPublished)
    assert (first.commitment_version, first.rule_version, first.items[0].figure) == (1, "default/1", "5 working_days")
    given(commitment.decider, first).when(promise(1, "limits.any.resolve")).then_nothing()
    given(commitment.decider, first).when(promise(1, None)).then_rejected(commitment.CommitmentVersionError)
    given(commitment.decider, first).when(promise(3, None)).then_rejected(commitment.CommitmentVersionError)
    (second,) = given(commitment.decider, first).when(promise(2, None)).events
    assert (second.commitment_version, second.items[0].figure) == (2, None)


def test_a_commitment_cannot_quote_a_rule_that_is_not_there() -> None:
    """A156."""
    given(commitment.decider).when(promise(1, "limits.any.nothing")).then_rejected(commitment.NoSuchRuleError)
