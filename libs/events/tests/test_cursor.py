"""A cursor's own fetch loop, without a server: when it waits on, and when it doubts."""

from types import SimpleNamespace

import pytest

from hotline_events.cursor import Cursor
from hotline_events.errors import GapError


class Consumer:
    """A consumer of the broker: what each fetch gives, and then how much it says is pending, and delivered up to where."""

    def __init__(self, *fetches: list[object], pending: int = 0, delivered: int = 0) -> None:
        self.fetches = list(fetches)
        self.pending = pending
        self.delivered = delivered

    async def fetch(self, timeout: float) -> list[object]:  # noqa: ASYNC109 - as it is called
        assert timeout > 0
        return self.fetches.pop(0)

    async def consumer_info(self) -> object:
        return SimpleNamespace(num_pending=self.pending, delivered=SimpleNamespace(stream_seq=self.delivered))


def message() -> object:
    return SimpleNamespace(metadata=SimpleNamespace(num_pending=0))


async def drained(consumer: Consumer) -> list[object]:
    """Drain until the consumer has nothing more to give, and return what was processed."""
    processed: list[object] = []

    async def process(messages: list[object]) -> None:
        processed.extend(messages)

    cursor = Cursor("intake", SimpleNamespace(name="test.follower"))
    await cursor._drain(consumer, process, lambda: bool(consumer.fetches))
    return processed


async def test_an_event_that_comes_just_when_a_fetch_gives_up_is_fetched_by_the_next_one():
    late = message()
    assert await drained(Consumer([], [late], pending=1)) == [late]


async def test_a_consumer_that_gives_nothing_twice_though_events_are_pending_is_doubted():
    with pytest.raises(GapError, match="1 events are pending"):
        await drained(Consumer([], [], [message()], pending=1))
    first = message()
    assert await drained(Consumer([], [first], [], [message()], pending=1)) != []


async def test_what_was_delivered_and_never_came_is_doubted_when_it_is_looked_for_twice():
    """The last events went to a connection that broke: nothing is pending, and nothing more may come for hours."""
    assert await drained(Consumer([], delivered=0)) == []
    assert await drained(Consumer([], delivered=2)) == []
    with pytest.raises(GapError, match="pending after 2, none came after 0"):
        await drained(Consumer([], [], delivered=2))
