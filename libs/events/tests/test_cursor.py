"""A cursor's own fetch loop, without a server: when it waits on, and when it doubts."""

from types import SimpleNamespace

import pytest

from hotline_events.cursor import Cursor
from hotline_events.errors import GapError


class Subscription:
    """A consumer of the broker: what each fetch gives (None: nothing in time), and how much it says is pending after that."""

    def __init__(self, *fetches: list[object] | None, pending: int) -> None:
        self.fetches = list(fetches)
        self.pending = pending

    async def fetch(self, _count: int, *, timeout: float) -> list[object]:  # noqa: ASYNC109 - as nats-py names it
        assert timeout > 0
        answer = self.fetches.pop(0)
        if answer is None:
            raise TimeoutError
        return answer

    async def consumer_info(self) -> object:
        return SimpleNamespace(num_pending=self.pending)


def message() -> object:
    return SimpleNamespace(metadata=SimpleNamespace(num_pending=0))


async def drained(subscription: Subscription) -> list[object]:
    """Drain until the subscription has nothing more to give, and return what was processed."""
    processed: list[object] = []

    async def process(messages: list[object]) -> None:
        processed.extend(messages)

    cursor = Cursor("intake", SimpleNamespace(name="test.follower"))
    await cursor._drain(subscription, process, lambda: bool(subscription.fetches))
    return processed


async def test_an_event_that_comes_just_when_a_fetch_gives_up_is_fetched_by_the_next_one():
    late = message()
    assert await drained(Subscription(None, [late], pending=1)) == [late]


async def test_a_consumer_that_gives_nothing_twice_though_events_are_pending_is_doubted():
    with pytest.raises(GapError, match="1 events are pending"):
        await drained(Subscription(None, None, [message()], pending=1))
    first = message()
    assert await drained(Subscription(None, [first], None, [message()], pending=1)) != []
