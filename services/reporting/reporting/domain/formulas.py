"""What an indicator is: a ratio of counts with a formula id, a variant id, and everything one must know to recompute it.

The same name has several formulas in the field, so a figure without its variant means nothing. The docstring of a formula's
function is its definition and is shown to readers. Source: indicators.md, requirements A95-A100.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

SHORT_ABANDON_MS = 5_000
"""A caller who leaves the queue sooner than this has not waited: T6 leaves the call out. The only place of this figure."""


class Unit(StrEnum):
    """What a value counts."""

    PERCENT = "%"
    SECONDS = "s"
    WORKING_DAYS = "WD"


class About(StrEnum):
    """What is counted: calls belong to no department, so their indicators are never a department's."""

    CALLS = "calls"
    ORDERS = "orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What was counted for one group (everything, a department, a day) in one window."""

    offered: int = 0
    answered: int = 0
    answered_in_limit: int = 0
    wait_ms: int = 0
    abandoned: int = 0
    handled: int = 0
    handle_ms: int = 0
    dispatched: int = 0
    signed_in_limit: int = 0
    contacted_in_limit: int = 0
    returned: int = 0
    due: int = 0
    due_met: int = 0
    accepted: int = 0
    closed: int = 0
    reported: int = 0
    working_days: Fraction = Fraction(0)
    owed: int = 0
    revisited: int = 0
    revisited_in_limit: int = 0
    asked_solved: int = 0
    solved: int = 0
    asked_satisfied: int = 0
    satisfied: int = 0


@dataclass(frozen=True, slots=True)
class Ratio:
    """Numerator over denominator, both in the unit they are counted in; the value of an empty one is nothing, never 0/0."""

    numerator: int | Fraction
    denominator: int
    scale: int = 1

    @property
    def value(self) -> float | None:
        """Return the value in the formula's unit, None when there was nothing to count."""
        return None if self.denominator == 0 else float(Fraction(self.scale) * self.numerator / self.denominator)


Measure = Callable[[Counts], Ratio]


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """One variant of one indicator: how it is called, counted, aimed at, and where it comes from."""

    id: str
    variant: str
    name_zh: str
    name_en: str
    unit: Unit
    target: str | None
    source: str
    about: About = About.ORDERS
    definition: str = ""
    measure: Measure

    def __call__(self, counts: Counts) -> Ratio:
        """Compute the indicator."""
        return self.measure(counts)


def formula(
    *,
    variant: str,
    name_zh: str,
    name_en: str,
    source: str,
    target: str | None = None,
    unit: Unit = Unit.PERCENT,
    about: About = About.ORDERS,
) -> Callable[[Measure], Formula]:
    """Make a formula of a function; its id is the variant's first part, its definition the function's docstring."""

    def of(measure: Measure) -> Formula:
        return Formula(
            id=variant.partition("/")[0],
            variant=variant,
            name_zh=name_zh,
            name_en=name_en,
            unit=unit,
            target=target,
            source=source,
            about=about,
            definition=" ".join((inspect.getdoc(measure) or "").split()),
            measure=measure,
        )

    return of


def percent(part: int, whole: int) -> Ratio:
    """Return a share in per cent."""
    return Ratio(part, whole, 100)
