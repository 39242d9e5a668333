"""One replay from its file to its counts: tables first, then every step, with clocks, desk and journal alongside."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from hotline_cli.replay.clients import Clients
from hotline_cli.replay.clocks import Clock
from hotline_cli.replay.desk import Desk
from hotline_cli.replay.journal import Journal, Standing
from hotline_cli.replay.mapping import AnyMapping, RequestMapping
from hotline_cli.replay.matters import Reading, Rejected
from hotline_cli.replay.plan import Plan, Waterline
from hotline_cli.replay.runner import Runner
from hotline_cli.replay.steps import Script
from hotline_cli.replay.tables import Publisher, codes_for, scopes_for

_TICK = 0.1
_SAVE_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a replay is: rows whose last step is entered, steps entered and planned, revisits made, the business time."""

    rows: int
    steps: int
    planned: int
    revisits: int
    business_time: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a replay did: rows finished in all, rows entered by this run, and those that a service would not take."""

    rows: int
    entered: int
    revisits: int
    refused: Sequence[Rejected]
    business_time: datetime | None = None


class Session:
    """A replay against running services. Cancelling it is safe at any moment."""

    def __init__(self, clients: Clients, mapping: AnyMapping, reading: Reading, *, speed: float | None = None) -> None:
        self._clients = clients
        self._is_requests = isinstance(mapping, RequestMapping)
        self._codes = codes_for(reading.matters)
        self._scopes = scopes_for(reading.matters, self._codes)
        self._script = Script(mapping=mapping.common.name, codes=self._codes)
        self._matters = reading.within
        self._speed = speed
        self.plan = Plan(self._matters, self._script)
        self.end: datetime | None = None

    async def run(self, journal: Journal, tell: Callable[[Progress], None]) -> Outcome:
        standing = journal.read()
        if standing.complete:
            return Outcome(rows=len(self._matters), entered=0, revisits=0, refused=standing.refused)
        if self._is_requests:
            await Publisher(self._clients).publish(self._codes, self._scopes)
        return await self._enter(journal, standing, tell)

    async def _enter(self, journal: Journal, standing: Standing, tell: Callable[[Progress], None]) -> Outcome:
        start = self.plan.before(standing.until) if standing.until else 0
        waterline = Waterline(self.plan, start)
        desk = Desk(self._clients, self._script, self._matters, Clock(self._clients, "followup"))
        runner = Runner(self.plan, self._clients, waterline, resolved=desk.owe, speed=self._speed)
        runner.refused += standing.refused
        before = runner.rows
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(runner.run())
                group.create_task(self._follow(runner, desk, journal, tell))
        except BaseException:
            _save(journal, runner, desk)
            raise
        journal.write(waterline.moment, runner.refused, complete=True)
        return Outcome(
            rows=runner.rows,
            entered=runner.rows - before,
            revisits=desk.revisits,
            refused=runner.refused,
            business_time=self.end,
        )

    async def _follow(self, runner: Runner, desk: Desk, journal: Journal, tell: Callable[[Progress], None]) -> None:
        """Let clocks, desk and journal follow behind the entered steps until there are no more."""
        clocks = [Clock(self._clients, service) for service in ("routing", "reporting")]
        saved = 0.0
        while not runner.waterline.complete:
            await asyncio.sleep(_TICK)
            moment = runner.waterline.moment
            if moment is not None and self._is_requests:
                await asyncio.gather(clocks[0].drive(moment), desk.work_up_to(moment))
            tell(self._progress(runner, desk))
            if (now := asyncio.get_running_loop().time()) > saved + _SAVE_SECONDS:
                saved = now
                _save(journal, runner, desk)
        if self._is_requests and (moment := runner.waterline.moment) is not None:
            self.end = await desk.finish(moment)
            # From here on a person acts in all services at the same business time.
            clocks.append(Clock(self._clients, "intake"))
            await asyncio.gather(*(clock.drive(self.end) for clock in clocks))
        tell(self._progress(runner, desk))

    def _progress(self, runner: Runner, desk: Desk) -> Progress:
        return Progress(
            rows=runner.rows,
            steps=runner.waterline.finished,
            planned=len(self.plan),
            revisits=desk.revisits,
            business_time=runner.waterline.moment,
        )


def _save(journal: Journal, runner: Runner, desk: Desk) -> None:
    """Note the moment before which nothing is left to enter and no revisit is left to make."""
    reached = [moment for moment in (runner.waterline.moment, desk.settled) if moment is not None]
    if runner.waterline.moment is not None:
        journal.write(min(reached), runner.refused, complete=False)
