"""The damage: servers crash and come back, processes are killed or frozen, one victim every one to three seconds."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from random import Random

from hotline_embedded.city import City

_PAUSE = (1.0, 3.0)
_AT_ONCE = (0.0, 0.6)
_DOUBLE = 0.3  # so often two hits come at once: a process starts while its database is away
_FROZEN = (2.0, 4.0)
_CRASHES = 3  # of each server, for one kill and one freezing of each process: everybody stands on the servers


class Hits:
    """Hits the city with seeded dice, and does what an orchestrator does: what has ended is started again."""

    def __init__(self, city: City, seed: int) -> None:
        self._city = city
        self._dice = Random(f"hits:{seed}")
        self._suffering: dict[str, asyncio.Task[None]] = {}
        self._over = asyncio.Event()
        self._began = time.monotonic()
        self.given: Counter[tuple[str, str]] = Counter()
        self.ended_by_itself: Counter[str] = Counter()
        self.log: list[str] = []

    async def run(self) -> None:
        """Hit for ever. One hit does not wait for another's end."""
        how: dict[str, Callable[[str, float], Awaitable[None]]] = {
            "crashed": self._crash,
            "killed": self._kill,
            "frozen": self._freeze,
        }
        deck: list[tuple[str, str]] = []
        while True:
            await asyncio.sleep(self._dice.uniform(*(_AT_ONCE if self._dice.random() < _DOUBLE else _PAUSE)))
            deck = deck or self._deck()
            victim, what = deck.pop()
            seconds = self._dice.uniform(*_FROZEN)
            if victim in self._suffering:
                deck.insert(0, (victim, what))
                continue
            self.given[victim, what] += 1
            self._note(f"{victim} {what}")
            self._suffering[victim] = asyncio.create_task(self._suffer(victim, how[what](victim, seconds)))

    async def keep_up(self) -> None:
        """Start again whatever has ended by itself, as an orchestrator would, for ever."""
        while True:
            for name, unit in self._city.units.items():
                if name not in self._suffering and unit.process.has_failed:
                    self.ended_by_itself[name] += 1
                    self._note(f"{name} ended by itself with status {unit.process.status}")
                    await asyncio.to_thread(unit.spawn)
            await asyncio.sleep(0.3)

    async def cease(self) -> None:
        """Let everything run again and return when all of it is ready."""
        self._over.set()
        await asyncio.gather(*self._suffering.values())
        self._note("nothing is hit any more")
        waiting = dict(self._city.units)
        async with asyncio.timeout(90):
            while waiting:
                for name in [name for name, unit in waiting.items() if await asyncio.to_thread(unit.is_ready)]:
                    del waiting[name]
                    self._note(f"{name} is ready")
                await asyncio.sleep(0.1)

    def _deck(self) -> list[tuple[str, str]]:
        """Return every hit there is in a random order: nobody is spared in a run of a minute."""
        servers = [(name, "crashed") for name in ("postgres", "nats")] * _CRASHES
        deck = servers + [(name, what) for name in sorted(self._city.units) for what in ("killed", "frozen")]
        self._dice.shuffle(deck)
        return deck

    async def _suffer(self, victim: str, hit: Awaitable[None]) -> None:
        try:
            await hit
        finally:
            del self._suffering[victim]

    async def _crash(self, server: str, _seconds: float) -> None:
        """Crash a server as a power cut would, then start it on what is left on the disk."""
        if server == "postgres":
            await asyncio.to_thread(self._city.postgres.crash)
            await asyncio.to_thread(self._city.postgres.start)
        else:
            await asyncio.to_thread(self._city.nats.kill)
            await asyncio.to_thread(self._city.nats.start)

    async def _kill(self, name: str, _seconds: float) -> None:
        unit = self._city.units[name]
        await asyncio.to_thread(unit.process.kill)
        await asyncio.to_thread(unit.spawn)

    async def _freeze(self, name: str, seconds: float) -> None:
        process = self._city.units[name].process
        process.freeze()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), seconds)
        process.thaw()

    def _note(self, what: str) -> None:
        self.log.append(f"{time.monotonic() - self._began:6.1f} s  {what}")
