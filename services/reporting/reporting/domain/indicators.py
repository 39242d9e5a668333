"""The first indicators: telephone (T) and work orders (W). A pure function each, from counts to a ratio.

A window is [from, to) and meets the time at which something happened (`occurred_at`), not when it was entered; days are days
of the rule pack's time zone. No figure depends on when it is asked for: the same log and pack give the same figure for ever.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from reporting.domain.formulas import About, Counts, Formula, Ratio, Unit, formula, percent


@formula(
    variant="T1/queue-offered",
    name_zh="接通率",
    name_en="Connection rate",
    target=">= 95",
    source="GB/T 33358-2016; requirements A02",
    about=About.CALLS,
)
def t1(counts: Counts) -> Ratio:
    """Answered / offered. Offered: calls received in the window, less those abandoned in the voice menu; calls still
    waiting are offered and not answered. Answered: offered calls that a call taker joined, whenever that was. The standard's
    "any continuous 24 h" is a window of 24 hours.
    """
    return percent(counts.answered, counts.offered)


@formula(
    variant="T2/of-offered",
    name_zh="限时接听率（占呼入）",
    name_en="Answered within the limit, of offered",
    target="100",
    source="GB/T 33358-2016: each call answered within 15 s",
    about=About.CALLS,
)
def t2(counts: Counts) -> Ratio:
    """Offered calls (as T1) answered after a wait of at most the pack's `answer_seconds` / offered."""
    return percent(counts.answered_in_limit, counts.offered)


@formula(
    variant="T2b/of-answered",
    name_zh="应答及时率",
    name_en="Timely-answer rate",
    target=">= 80",
    source="12345 hotline work standard (T2b); no exclusion of incidents or of volume beyond seat capacity",
    about=About.CALLS,
)
def t2b(counts: Counts) -> Ratio:
    """Calls answered after a wait of at most the pack's `answer_seconds` / answered (as T1)."""
    return percent(counts.answered_in_limit, counts.answered)


@formula(
    variant="T6/no-menu-no-short",
    name_zh="放弃率",
    name_en="Abandonment rate",
    target="<= 5",
    source="CCAI data dictionary: aband / (handled + aband)",
    about=About.CALLS,
)
def t6(counts: Counts) -> Ratio:
    """Abandoned / (answered + abandoned), calls received in the window. Abandoned: the caller left in the queue or while it
    rang, after at least 5 s; those who left in the menu or sooner are in neither part.
    """
    return percent(counts.abandoned, counts.answered + counts.abandoned)


@formula(
    variant="T7/queue-wait",
    name_zh="平均应答速度",
    name_en="Average speed of answer",
    unit=Unit.SECONDS,
    target="<= 15",
    source="ASA: sum of wait(answered) / answered",
    about=About.CALLS,
)
def t7(counts: Counts) -> Ratio:
    """Seconds waited before the answer, summed over the answered calls (as T1) / answered."""
    return Ratio(_seconds(counts.wait_ms), counts.answered)


@formula(
    variant="T8/ended-calls",
    name_zh="平均处理时长",
    name_en="Average handling time",
    unit=Unit.SECONDS,
    source="AHT: (talk + hold + after-call work) / handled",
    about=About.CALLS,
)
def t8(counts: Counts) -> Ratio:
    """Seconds of talk, hold and wrap-up, summed over the handled calls / handled. Handled: calls received in the window,
    answered and ended; a wrap-up that is not recorded counts 0 s.
    """
    return Ratio(_seconds(counts.handle_ms), counts.handled)


@formula(
    variant="W1/dispatches",
    name_zh="签收及时率",
    name_en="Sign-off in time",
    source="W1: signed within limit / dispatched",
)
def w1(counts: Counts) -> Ratio:
    """Dispatches signed at or before their sign limit / dispatches. Dispatches: each time in the window that an order came
    to a department's queue, by transfer or for rework. A return is no signature; a limit still running counts as not met.
    """
    return percent(counts.signed_in_limit, counts.dispatched)


@formula(
    variant="W2/dispatches",
    name_zh="响应率",
    name_en="Response rate",
    target="100",
    source="W2: contacted caller within limit / dispatched in period; requirements A98",
)
def w2(counts: Counts) -> Ratio:
    """Dispatches whose department reached the caller at or before the contact limit / dispatches (as W1)."""
    return percent(counts.contacted_in_limit, counts.dispatched)


@formula(
    variant="W3/answers",
    name_zh="解决率",
    name_en="Resolution rate",
    target=">= 92",
    source="W3: revisited and caller says solved / revisited with an answer; requirements A105",
)
def w3(counts: Counts) -> Ratio:
    """Revisits made in the window whose caller said solved / revisits made in the window whose caller answered that
    question. Each round of rework has a revisit of its own.
    """
    return percent(counts.solved, counts.asked_solved)


@formula(
    variant="W4/answers",
    name_zh="满意率",
    name_en="Satisfaction rate",
    target=">= 90",
    source="W4: satisfied / revisited with an answer; requirements A106",
)
def w4(counts: Counts) -> Ratio:
    """Revisits made in the window whose caller said satisfied / revisits made in the window whose caller answered that
    question.
    """
    return percent(counts.satisfied, counts.asked_satisfied)


@formula(
    variant="W6/due-dispatches",
    name_zh="按时办结率",
    name_en="Handled in time",
    target=">= 99",
    source="W6: closed <= deadline / due in period",
)
def w6(counts: Counts) -> Ratio:
    """Dispatches whose department reported the matter handled at or before the resolve limit / dispatches whose resolve
    limit lies in the window. A dispatch that was given back or taken away, unreported, at or before its limit is in neither.
    """
    return percent(counts.due_met, counts.due)


@formula(
    variant="W7/registered-cut-off-at-end",
    name_zh="办结率",
    name_en="Handled of accepted",
    target=">= 98",
    source="W7: closed / accepted, cut-off stated",
)
def w7(counts: Counts) -> Ratio:
    """Requests handled before the cut-off / requests registered in the window; the cut-off is the window's end. Handled:
    answered directly, or reported handled by the department that last had the order dispatched to it before the cut-off; an
    order reopened since is not handled. A department's figure has the orders whose last dispatch before the cut-off was its.
    """
    return percent(counts.closed, counts.accepted)


@formula(
    variant="W8/dispatch-to-report",
    name_zh="平均办结时长",
    name_en="Average handling time of orders",
    unit=Unit.WORKING_DAYS,
    source="W8: sum of (close - dispatch in working days) / closed",
)
def w8(counts: Counts) -> Ratio:
    """Working days of the pack's calendar from a dispatch to its department's report, parts of a day included and summed
    exactly over the reports made in the window / reports. Each dispatch is measured on its own: returned ones never end here.
    """
    return Ratio(counts.working_days, counts.reported)


@formula(
    variant="W10/returned-dispatches",
    name_zh="退单率",
    name_en="Return rate",
    source="W10: returns / dispatched; whether a return was upheld is not counted here",
)
def w10(counts: Counts) -> Ratio:
    """Dispatches that the department gave back, whenever that was / dispatches (as W1)."""
    return percent(counts.returned, counts.dispatched)


@formula(
    variant="W13/revisited",
    name_zh="回访率",
    name_en="Revisit rate",
    target="100",
    source="W13: revisited / owed; requirements A100",
)
def w13(counts: Counts) -> Ratio:
    """Revisits that reached the caller, whenever that was / revisits owed: those that became owed (were scheduled, by a
    report of the department) in the window. An unreachable caller stays owed.
    """
    return percent(counts.revisited, counts.owed)


@formula(
    variant="W13/in-limit",
    name_zh="回访及时率",
    name_en="Revisit in time",
    target="100",
    source="W13: within 3 working days / owed; requirements A100, A101",
)
def w13_in_limit(counts: Counts) -> Ratio:
    """Revisits that reached the caller at or before their deadline / revisits owed (as W13/revisited)."""
    return percent(counts.revisited_in_limit, counts.owed)


FORMULAS: Sequence[Formula] = (t1, t2, t2b, t6, t7, t8, w1, w2, w3, w4, w6, w7, w8, w10, w13, w13_in_limit)


@dataclass(frozen=True, slots=True)
class Figure:
    """One indicator's outcome for one group."""

    formula: Formula
    ratio: Ratio


def figures(counts: Counts, *, of_department: bool) -> Iterator[Figure]:
    """Compute every indicator that such a group can have."""
    for each in FORMULAS:
        if not (of_department and each.about is About.CALLS):
            yield Figure(each, each(counts))


def _seconds(milliseconds: int) -> Fraction:
    return Fraction(milliseconds, 1000)
