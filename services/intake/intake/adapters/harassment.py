"""What intake does because of its own calls: a harassing call counts against its caller's number (A15)."""

from functools import partial

from hotline_chassis.runtime import Runtime
from hotline_events.reactions import Reactions
from intake.domain import number

NAME = "intake.harassment"
SOURCES = ("intake",)


def harassment_reactions(runtime: Runtime) -> Reactions:
    """Return the follower that counts harassing calls."""
    return Reactions(
        NAME,
        service="intake",
        sources=SOURCES,
        react=partial(number.on_harassment_flagged, book=runtime.book),
        store=runtime.store,
        aggregates=runtime.aggregates,
        committed=runtime.wake,
    )
