"""Coverage of a line against a slow oracle that asks of every single minute who was there (A06)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from hotline_rules.pack import load_pack
from intake.domain.coverage import Interval, Turn, gaps, uncovered
from intake.domain.roster import ShiftSpan, shifts_of

RULES = load_pack("default")
FIRST = date(2026, 2, 13)  # Friday, a make-up Saturday, then the Spring Festival: two, two, three, three shifts
MINUTE = timedelta(minutes=1)
BEGINNING = datetime.fromisoformat("2026-02-13T08:30+08:00").astimezone(UTC)


@dataclass(frozen=True)
class Story:
    """What one person did in a shift, in minutes from its start; None is never."""

    span: ShiftSpan
    checked_in: int
    left: int | None
    approved: int | None
    on_roster: bool
    pauses: tuple[tuple[int, int | None], ...]

    def at(self, minutes: int | None) -> datetime | None:
        return None if minutes is None else self.span.starts_at + MINUTE * minutes

    def turn(self) -> Turn:
        """Say it as the read model does."""
        start = self.span.starts_at
        rostered_from = datetime(1970, 1, 1, tzinfo=UTC) if self.on_roster else self.at(self.approved)
        pauses = tuple((start + MINUTE * began, self.at(ended)) for began, ended in self.pauses)
        return Turn(
            signed_in_at=start + MINUTE * self.checked_in,
            rostered_from=rostered_from,
            left_at=self.at(self.left),
            breaks=pauses,
        )

    def answers(self, moment: datetime) -> bool:
        """Tell, of one minute alone, whether this person answered the line."""
        minute = (moment - self.span.starts_at) // MINUTE
        there = self.checked_in <= minute and (self.left is None or minute < self.left)
        rostered = self.on_roster or (self.approved is not None and self.approved <= minute)
        paused = any(began <= minute and (ended is None or minute < ended) for began, ended in self.pauses)
        return there and rostered and not paused


@st.composite
def stories(draw: st.DrawFn) -> Story:
    day = FIRST + timedelta(days=draw(st.integers(0, 3)))
    span = draw(st.sampled_from(shifts_of(day, RULES)))
    length = (span.ends_at - span.starts_at) // MINUTE
    checked_in = draw(st.integers(-20, 60))
    left = draw(st.none() | st.integers(checked_in, length + 45))
    on_roster = draw(st.booleans())
    cuts = sorted(draw(st.lists(st.integers(checked_in, length), max_size=4, unique=True)))
    pauses: list[tuple[int, int | None]] = list(zip(cuts[::2], cuts[1::2], strict=False))
    if len(cuts) % 2:
        pauses.append((cuts[-1], None))
    approved = None if on_roster else draw(st.none() | st.integers(-30, length))
    return Story(span, checked_in, left, approved, on_roster, tuple(pauses))


def oracle(window: Interval, people: Iterable[Story]) -> list[Interval]:
    """Walk through every minute of the window."""
    known = list(people)
    found: list[Interval] = []
    moment = window.start
    while moment < window.end:
        if not any(one.answers(moment) for one in known):
            if found and found[-1].end == moment:
                found[-1] = Interval(found[-1].start, moment + MINUTE)
            else:
                found.append(Interval(moment, moment + MINUTE))
        moment += MINUTE
    return found


@settings(max_examples=150, deadline=None)
@given(st.lists(stories(), max_size=12), st.integers(0, 2 * 1440), st.integers(1, 2 * 1440))
def test_coverage_agrees_with_asking_of_every_minute_who_was_there(people: list[Story], start: int, length: int) -> None:
    """A06: over shifts across midnight, swaps that take effect, breaks, people who come late and stay longer."""
    window = Interval(BEGINNING + MINUTE * start, BEGINNING + MINUTE * (start + length))
    assert uncovered(window, [one.turn() for one in people]) == oracle(window, people)


@settings(max_examples=50, deadline=None)
@given(st.lists(stories(), max_size=8), stories())
def test_one_more_person_never_leaves_a_line_less_covered(people: list[Story], another: Story) -> None:
    """A06: coverage only grows with every turn."""
    window = Interval(BEGINNING, BEGINNING + timedelta(days=4))
    fewer = uncovered(window, [one.turn() for one in people])
    more = uncovered(window, [one.turn() for one in (*people, another)])
    assert all(any(old.start <= new.start and new.end <= old.end for old in fewer) for new in more)


def test_shifts_that_are_all_kept_leave_no_gap_from_one_day_to_the_next() -> None:
    """A06, A135: the shifts of a working day, a make-up workday and a festival tile the clock."""
    spans = [span for day in range(4) for span in shifts_of(FIRST + timedelta(days=day), RULES)]
    window = Interval(spans[0].starts_at, spans[-1].ends_at)
    assert len(spans) == 2 + 2 + 3 + 3
    assert gaps(window, [Interval(span.starts_at, span.ends_at) for span in spans]) == []
    without = [Interval(span.starts_at, span.ends_at) for span in spans if span is not spans[3]]
    assert gaps(window, without) == [Interval(spans[3].starts_at, spans[3].ends_at)]
