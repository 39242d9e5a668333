"""Sends a plan's steps: those of one matter one after the other, different matters at once, in the order of business time."""

import asyncio
from collections import deque
from collections.abc import Callable

from hotline_cli.replay.clients import Clients, RefusedError, told
from hotline_cli.replay.dispatcher import Dispatcher
from hotline_cli.replay.matters import Matter, Rejected
from hotline_cli.replay.plan import Plan, Waterline
from hotline_cli.replay.steps import ORDER, Step

# Matters on their way at once, and steps that may wait behind an earlier one of their matter.
IN_FLIGHT = 64
AHEAD = 1000
_CREATED = 201

Resolved = Callable[[Matter, str], None]


class Runner:
    """`run` sends everything from the waterline on; `rows` counts finished matters, `refused` those cut short."""

    def __init__(
        self, plan: Plan, clients: Clients, waterline: Waterline, *, resolved: Resolved, speed: float | None = None
    ) -> None:
        self._plan = plan
        self._clients = clients
        self._resolved = resolved
        self._speed = speed
        self._slots = asyncio.Semaphore(IN_FLIGHT)
        self._ahead = asyncio.Semaphore(AHEAD)
        self._lanes: dict[int, deque[int]] = {}
        self._orders: dict[int, str] = {}
        self._fresh: set[int] = set()
        self._dispatcher = Dispatcher(clients)
        self._cut_short: set[int] = set()
        self._left = list(plan.length)
        self.waterline = waterline
        self.rows = 0
        self.refused: list[Rejected] = []
        for entry in plan.entries[: waterline.place]:
            self._count(entry.matter)

    async def run(self) -> None:
        begun, start = asyncio.get_running_loop().time(), self.waterline.place
        async with asyncio.TaskGroup() as group:
            for place in range(start, len(self._plan)):
                await self._pace(place, start, begun)
                await self._ahead.acquire()
                number = self._plan.entries[place].matter
                if number in self._lanes:
                    self._lanes[number].append(place)
                    continue
                self._lanes[number] = lane = deque([place])
                await self._slots.acquire()
                group.create_task(self._work(number, lane))

    async def _work(self, number: int, lane: deque[int]) -> None:
        """Send what waits in a matter's lane until it is empty; a failure to reach a service ends the whole run."""
        while lane:
            place = lane[0]
            if number not in self._cut_short:
                await self._send(number, place)
            lane.popleft()
            self._ahead.release()
            self.waterline.finish(place)
            self._count(number)
        del self._lanes[number]
        self._slots.release()

    async def _send(self, number: int, place: int) -> None:
        matter = self._plan.matters[number]
        step = self._plan.step(self._plan.entries[place])
        try:
            await self._ask(number, matter, step)
        except RefusedError as error:
            self._cut_short.add(number)
            self.refused.append(Rejected(line=matter.line, key=matter.key, column="", reason=str(error)))
            return
        if step.act == "resolve":
            self._resolved(matter, self._orders[number])

    async def _ask(self, number: int, matter: Matter, step: Step) -> None:
        path = step.path.replace(ORDER, await self._order(number)) if ORDER in step.path else step.path
        key = None if step.method == "PUT" else self._plan.script.id_of(matter.key, step.act)
        answer = await self._clients.call(step.service, step.method, path, user=step.user, body=step.body, key=key)
        if not answer.ok:
            raise RefusedError(f"{step.act} was refused: {told(answer)}")
        if answer.status == _CREATED:
            self._fresh.add(number)

    async def _order(self, number: int) -> str:
        """Return the id of the matter's work order; routing opens it a moment after the request is registered."""
        if number not in self._orders:
            request_id = str(self._plan.script.matter_id(self._plan.matters[number]))
            is_fresh = number in self._fresh
            self._fresh.discard(number)
            self._orders[number] = await self._dispatcher.order_of(request_id, is_fresh=is_fresh)
        return self._orders[number]

    def _count(self, number: int) -> None:
        self._left[number] -= 1
        if not self._left[number]:
            self.rows += 1
            self._orders.pop(number, None)

    async def _pace(self, place: int, start: int, begun: float) -> None:
        if self._speed is None:
            return
        entries = self._plan.entries
        due = begun + (entries[place].at - entries[start].at) / self._speed
        await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
