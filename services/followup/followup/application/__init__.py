"""Followup's use cases: each is one command on one aggregate, in the matter's own correlation, under the matter's own pack."""

from typing import Protocol, TypeVar
from uuid import UUID

from followup.domain.refusals import CalendarUnknownError, PersonErasedError
from hotline_events.aggregates import Aggregates, Done, Submission
from hotline_events.decider import Decider
from hotline_events.sealing import KeyGoneError
from hotline_rules.book import RuleBook
from hotline_rules.calendar import UnknownCalendarYearError
from hotline_rules.pack import RulePack


class UnderPack(Protocol):
    """A state that knows under which pack its matter began."""

    @property
    def rule_version(self) -> str | None:
        """Return the pack's number, None when nothing has begun."""


C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E")
P = TypeVar("P", bound=UnderPack)


async def act(
    aggregates: Aggregates, decider: Decider[C, S, E], aggregate_id: UUID, command: C, submission: Submission
) -> Done:
    """Decide, with the correlation that the matter has had since the call that began it.

    Refused when the caller was erased and words about them cannot be kept, or when a limit would end in a year whose working
    days are not known.
    """
    try:
        return await aggregates.execute_in_story(decider, aggregate_id, command, submission)
    except KeyGoneError as error:
        raise PersonErasedError from error
    except UnknownCalendarYearError as unknown:
        raise CalendarUnknownError(str(unknown.year)) from unknown


async def rules_of(aggregates: Aggregates, book: RuleBook, decider: Decider[C, P, E], aggregate_id: UUID) -> RulePack:
    """Return the pack under which a matter began; for what has not begun, which every command refuses, the first one."""
    stream = decider.stream(aggregate_id)
    _, state = await aggregates.load(decider, stream)
    if state.rule_version is None:  # it may have begun since this process looked
        aggregates.forget(stream)
        _, state = await aggregates.load(decider, stream)
    return book.of(state.rule_version)
