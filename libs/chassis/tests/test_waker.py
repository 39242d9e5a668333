"""The ping after a commit: one at a time, and none forgotten."""

import asyncio

from hotline_chassis.runtime import _waker


class SlowBroker:
    """A broker whose answers wait until they are let go."""

    def __init__(self) -> None:
        self.told = 0
        self.let_go = asyncio.Event()

    async def publish(self, _subject: str, _body: bytes) -> None:
        self.told += 1

    async def flush(self, timeout: float) -> None:  # noqa: ASYNC109 - as nats-py names it
        assert timeout > 0
        await self.let_go.wait()


async def test_what_is_committed_during_a_ping_is_told_by_one_more():
    broker = SlowBroker()
    wake = _waker(broker, "intake")
    wake()
    await asyncio.sleep(0)
    assert broker.told == 1
    wake()
    wake()
    await asyncio.sleep(0)
    assert broker.told == 1
    broker.let_go.set()
    for _ in range(5):
        await asyncio.sleep(0)
    assert broker.told == 2
    wake()
    for _ in range(5):
        await asyncio.sleep(0)
    assert broker.told == 3
