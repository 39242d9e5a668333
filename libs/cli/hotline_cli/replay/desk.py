"""The revisit desk of a replay: follows behind the entered acts with followup's clock and makes each revisit when it is due.

The clock never passes the deadline of a revisit that is still to be made, nor a resolution whose revisit is not yet seen, so
everything falls when it would have fallen.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hotline_cli.replay.clients import Clients, RefusedError, told
from hotline_cli.replay.clocks import Clock
from hotline_cli.replay.matters import Matter, RequestMatter, Told
from hotline_cli.replay.steps import Script, written

REVISIT_AGENT = "revisit_agent"
_SHORTLY = timedelta(seconds=1)
_AT_ONCE = 24
_PATIENCE = 400
_OVER = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A revisit to be made."""

    revisit_id: str
    request_id: str
    due_at: datetime
    deadline_at: datetime


@dataclass(slots=True)
class _Unseen:
    """A resolution whose revisit has not been seen: looked for in the list first, then by its order."""

    order: str
    resolved_at: datetime
    looks: int = 0


class Desk:
    """`owe` is told of each resolution; `work_up_to` brings followup's clock to a moment and makes what comes due."""

    def __init__(self, clients: Clients, script: Script, matters: Iterable[Matter], clock: Clock) -> None:
        self._clients = clients
        self._script = script
        self._clock = clock
        self._told: dict[str, tuple[str, Told, datetime]] = {}
        for matter in matters:
            if isinstance(matter, RequestMatter) and matter.told is not None and matter.resolved_at is not None:
                self._told[str(script.matter_id(matter))] = (matter.key, matter.told, matter.resolved_at)
        self._unseen: dict[str, _Unseen] = {}
        self._owed: dict[str, Owed] = {}
        self._made: set[str] = set()
        self._at_once = asyncio.Semaphore(_AT_ONCE)
        self.revisits = 0

    def owe(self, matter: Matter, order: str) -> None:
        request_id = str(self._script.matter_id(matter))
        if request_id in self._told:
            self._unseen[request_id] = _Unseen(order, self._told[request_id][2])

    @property
    def settled(self) -> datetime | None:
        """Return the moment before which nothing is left to do here; None when that is everything so far."""
        waiting = [unseen.resolved_at for unseen in self._unseen.values()]
        waiting += [self._told[owed.request_id][2] for owed in self._owed.values()]
        return min(waiting, default=None)

    async def work_up_to(self, moment: datetime) -> None:
        """Bring the clock as near to the moment as what is not yet seen allows."""
        if self._told:
            await self._look()
        if self._unseen:
            moment = min(moment, *(unseen.resolved_at for unseen in self._unseen.values()))
        while True:
            nearest = min((owed.deadline_at for owed in self._owed.values()), default=moment + _SHORTLY)
            first = min((owed.due_at for owed in self._owed.values()), default=moment)
            step = min(moment, max(nearest - _SHORTLY, first))
            await self._clock.drive(step)
            await self._make([owed for owed in self._owed.values() if owed.due_at <= step])
            if step == moment:
                return

    async def finish(self, moment: datetime) -> datetime:
        """Make every revisit that is owed, past the last act of the file; return where the clock stands then."""
        for _ in range(_PATIENCE):
            await self.work_up_to(moment)
            if not self._unseen:
                break
            await asyncio.sleep(0.05)
        else:
            raise RefusedError(f"{len(self._unseen)} resolutions were never given a revisit")
        last = max((owed.due_at for owed in self._owed.values()), default=moment)
        await self.work_up_to(max(moment, last))
        return max(moment, last)

    async def _look(self) -> None:
        """See which revisits are scheduled; ask by its order for one that the list has not shown."""
        for item in await self._clients.pages("followup", "/revisits?status=scheduled&limit=200", user=REVISIT_AGENT):
            self._note(item)
        late = []
        for request_id, unseen in self._unseen.items():
            unseen.looks += 1
            if unseen.looks > 3 and unseen.looks % 3 == 0:  # noqa: PLR2004 - the list is a moment behind
                late.append((request_id, unseen.order))
        await asyncio.gather(*(self._ask(*each) for each in late[:_AT_ONCE]))

    async def _ask(self, request_id: str, order: str) -> None:
        answer = await self._clients.call("followup", "GET", f"/work-orders/{order}/revisits", user=REVISIT_AGENT)
        for item in answer.items() if answer.ok else ():
            if item["status"] == "closed":
                self._unseen.pop(request_id, None)
            else:
                self._note(item)

    def _note(self, item: dict[str, Any]) -> None:
        request_id, revisit_id = str(item["request_id"]), str(item["id"])
        if request_id not in self._told or item["round"] != 1:
            return
        self._unseen.pop(request_id, None)
        if revisit_id not in self._made:
            due, deadline = (datetime.fromisoformat(str(item[name])) for name in ("due_at", "deadline_at"))
            self._owed[revisit_id] = Owed(revisit_id=revisit_id, request_id=request_id, due_at=due, deadline_at=deadline)

    async def _make(self, due: list[Owed]) -> None:
        await asyncio.gather(*map(self._revisit, due))

    async def _revisit(self, owed: Owed) -> None:
        key, said, _ = self._told[owed.request_id]
        body: dict[str, Any] = {"solved": said.solved, "satisfied": said.satisfied, "occurred_at": written(owed.due_at)}
        if said.satisfied is False:
            body["reason"] = said.reason
        async with self._at_once:
            answer = await self._clients.call(
                "followup",
                "POST",
                f"/revisits/{owed.revisit_id}/revisit",
                user=REVISIT_AGENT,
                body=body,
                key=self._script_id(key),
            )
        if not answer.ok and answer.status != _OVER:
            raise RefusedError(f"a revisit was refused: {told(answer)}")
        del self._owed[owed.revisit_id]
        self._made.add(owed.revisit_id)
        self.revisits += 1

    def _script_id(self, key: str) -> UUID:
        return self._script.id_of(key, "revisit")
