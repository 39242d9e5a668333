"""Indicators and clocks on cases computed by hand. Nothing counted gives nothing, never 0/0."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline_events.catalogue.routing import LimitKind
from hotline_events.testing import NOON
from hotline_rules.pack import load_pack
from reporting.domain.clocks import OrderClock
from reporting.domain.formulas import About, Counts, Ratio
from reporting.domain.indicators import FORMULAS, figures
from reporting.domain.working_time import Spans, working_days

COUNTED = Counts(
    offered=200,
    answered=190,
    answered_in_limit=152,
    wait_ms=1_900_500,
    abandoned=10,
    handled=180,
    handle_ms=36_000_900,
    dispatched=40,
    signed_in_limit=36,
    contacted_in_limit=30,
    returned=2,
    due=25,
    due_met=24,
    accepted=50,
    closed=49,
    reported=3,
    working_days=Fraction(7, 2),
    owed=16,
    revisited=12,
    revisited_in_limit=11,
    asked_solved=8,
    solved=7,
    asked_satisfied=5,
    satisfied=4,
)
BY_HAND = {
    "T1/queue-offered": (190, 200, 95.0),
    "T2/of-offered": (152, 200, 76.0),
    "T2b/of-answered": (152, 190, 80.0),
    "T6/no-menu-no-short": (10, 200, 5.0),
    "T7/queue-wait": (Fraction("1900.5"), 190, 10.002631578947368),
    "T8/ended-calls": (Fraction("36000.9"), 180, 200.005),
    "W1/dispatches": (36, 40, 90.0),
    "W2/dispatches": (30, 40, 75.0),
    "W3/answers": (7, 8, 87.5),
    "W4/answers": (4, 5, 80.0),
    "W6/due-dispatches": (24, 25, 96.0),
    "W7/registered-cut-off-at-end": (49, 50, 98.0),
    "W8/dispatch-to-report": (Fraction("3.5"), 3, 3.5 / 3),
    "W10/returned-dispatches": (2, 40, 5.0),
    "W13/revisited": (12, 16, 75.0),
    "W13/in-limit": (11, 16, 68.75),
}


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.variant)
def test_an_indicator_is_what_is_computed_by_hand(formula: object) -> None:
    ratio = formula(COUNTED)  # type: ignore[operator]
    numerator, denominator, value = BY_HAND[formula.variant]  # type: ignore[attr-defined]
    assert (ratio.numerator, ratio.denominator) == (numerator, denominator)
    assert ratio.value == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.variant)
def test_where_nothing_was_counted_an_indicator_has_no_value(formula: object) -> None:
    ratio = formula(Counts())  # type: ignore[operator]
    assert (ratio.numerator, ratio.denominator, ratio.value) == (0, 0, None)


def test_a_share_of_nothing_met_is_zero_and_not_nothing() -> None:
    assert Ratio(0, 3, 100).value == 0.0


def test_every_formula_says_what_it_is_in_both_languages_and_has_a_variant_of_its_own() -> None:
    assert len({formula.variant for formula in FORMULAS}) == len(FORMULAS)
    for formula in FORMULAS:
        assert formula.variant.startswith(formula.id + "/")
        assert formula.name_zh
        assert formula.name_en
        assert formula.definition.endswith(".")
        assert formula.source


def test_a_department_has_no_indicator_of_calls() -> None:
    """Calls belong to no department."""
    assert {figure.formula.about for figure in figures(COUNTED, of_department=True)} == {About.ORDERS}
    assert {figure.formula.about for figure in figures(COUNTED, of_department=False)} == set(About)


def test_a_clock_is_late_from_its_due_time_on_and_not_at_it() -> None:
    clock = OrderClock(limit=LimitKind.SIGN, due_at=NOON, done_at=None)
    assert clock.running
    assert clock.overdue(NOON - timedelta(hours=1)) == timedelta(0)
    assert clock.overdue(NOON) == timedelta(0)
    assert clock.overdue(NOON + timedelta(minutes=3)) == timedelta(minutes=3)


def test_a_clock_that_stopped_late_stays_late_by_as_much() -> None:
    clock = OrderClock(limit=LimitKind.CONTACT, due_at=NOON, done_at=NOON + timedelta(hours=2))
    assert not clock.running
    assert clock.overdue(NOON + timedelta(days=9)) == timedelta(hours=2)


MOMENTS = st.datetimes(datetime(2015, 12, 25), datetime(2016, 4, 5), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis adds it


@given(pairs=st.lists(st.tuples(MOMENTS, MOMENTS), max_size=12), pack=st.sampled_from(["default", "san_francisco"]))
def test_spans_summed_by_their_dates_are_worth_what_they_are_worth_one_by_one(
    pairs: list[tuple[datetime, datetime]], pack: str
) -> None:
    """W8, through holidays, make-up workdays and a day of 23 hours, exactly."""
    calendar = load_pack(pack).calendar
    grouped = defaultdict(list)
    for start, end in pairs:
        grouped[calendar.local_date(start), calendar.local_date(end)].append((start, end))
    total = Fraction(0)
    for (first, last), same in grouped.items():
        began = sum((since_midnight(start, calendar.timezone) for start, _ in same), Decimal(0))
        ended = sum((since_midnight(end, calendar.timezone) for _, end in same), Decimal(0))
        spans = Spans(first=first, last=last, number=len(same), began_after=began, ended_after=ended)
        total += working_days(spans, calendar)
    assert total == sum((calendar.exact_working_days_between(*pair) for pair in pairs), Fraction(0))


def since_midnight(moment: datetime, zone: ZoneInfo) -> Decimal:
    midnight = moment.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0).astimezone(UTC)
    return Decimal((moment - midnight) // timedelta(microseconds=1)) / 1_000_000
