"""Group commit: concurrent appends of one process share one call.

While one call commits, the next gathers. At most one command per stream and per command id is in a call; a command whose
version is refused is refused alone. An answer is given only after the commit. A call that was cut off is repeated: command
ids make the repetition answer what the first one did.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from types import TracebackType
from typing import Self

from hotline_events.errors import StoreUnavailableError
from hotline_events.store import Append, Outcome, Store

_log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class _Waiting:
    append: Append
    answer: asyncio.Future[Outcome]
    since: float = field(default_factory=monotonic)


class Appender:
    """Gathers appends and writes them. `committed` is called after each call that stored something (the relay's wake-up)."""

    def __init__(
        self,
        store: Store,
        *,
        committed: Callable[[], None] = lambda: None,
        max_events: int = 1500,
        patience: float = 8.0,
        calls: int = 2,
    ) -> None:
        self._store = store
        self._committed = committed
        self._max_events = max_events
        self._patience = patience
        self._calls = calls
        self._queue: deque[_Waiting] = deque()
        self._busy: set[object] = set()
        self._stir = asyncio.Event()
        self._workers: list[asyncio.Task[None]] = []
        self.batches = 0

    async def __aenter__(self) -> Self:
        """Start gathering."""
        self._workers = [asyncio.create_task(self._work(), name=f"appender-{n}") for n in range(self._calls)]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop. Commands still waiting are answered that the store is away."""
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        for waiting in self._queue:
            if not waiting.answer.done():
                waiting.answer.set_exception(StoreUnavailableError("the service is stopping"))

    async def append(self, append: Append) -> Outcome:
        """Store one command's events; answered after the commit. Raises StoreUnavailableError."""
        waiting = _Waiting(append, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._stir.set()
        return await waiting.answer

    async def _work(self) -> None:
        while True:
            batch = self._gather()
            if not batch:
                self._stir.clear()
                await self._stir.wait()
                continue
            names = {name for waiting in batch for name in (waiting.append.stream, waiting.append.command_id)}
            self._busy |= names
            try:
                await self._write(batch)
            finally:
                self._busy -= names
                self._stir.set()

    def _gather(self) -> list[_Waiting]:
        """Take the next commands: one a stream, none of a stream that is being written, none that nobody waits for."""
        batch: list[_Waiting] = []
        passed: list[_Waiting] = []
        streams = set(self._busy)
        events = 0
        while self._queue and events < self._max_events:
            waiting = self._queue.popleft()
            names = {waiting.append.stream, waiting.append.command_id}
            if waiting.answer.done():
                continue
            if names & streams:
                passed.append(waiting)
                streams.add(waiting.append.stream)
                continue
            streams |= names
            events += len(waiting.append.events)
            batch.append(waiting)
        self._queue.extendleft(reversed(passed))
        return batch

    async def _write(self, batch: list[_Waiting]) -> None:
        try:
            outcomes = await self._persist(batch)
        except asyncio.CancelledError:
            _fail(batch, StoreUnavailableError("the service is stopping"))
            raise
        except StoreUnavailableError as error:
            _fail(batch, error)
        except Exception as error:  # noqa: BLE001 - one bad command must not fail its neighbours: each is tried alone
            if len(batch) == 1:
                _fail(batch, error)
                return
            for waiting in batch:
                await self._write([waiting])
        else:
            self.batches += 1
            for waiting, outcome in zip(batch, outcomes, strict=True):
                if not waiting.answer.done():
                    waiting.answer.set_result(outcome)
            self._committed()

    async def _persist(self, batch: list[_Waiting]) -> list[Outcome]:
        """Write, and write again while the database is away, as long as the eldest command may wait."""
        until = min(waiting.since for waiting in batch) + self._patience
        pause = 0.05
        while True:
            try:
                return await self._store.write([waiting.append for waiting in batch])
            except StoreUnavailableError as error:
                if monotonic() + pause > until:
                    raise
                _log.warning("store away, repeating the call: %s", error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 0.5)


def _fail(batch: list[_Waiting], error: Exception) -> None:
    for waiting in batch:
        with contextlib.suppress(asyncio.InvalidStateError):
            waiting.answer.set_exception(error)
