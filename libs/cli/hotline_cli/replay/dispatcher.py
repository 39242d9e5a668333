"""How a replay learns the ids of work orders: as a dispatcher does, by looking at the newest orders from time to time.

One look shows many; asking for each order by itself would have routing look for each one again and again until it is opened.
"""

import asyncio
from dataclasses import dataclass

from hotline_cli.replay.clients import Clients, RefusedError, told
from hotline_cli.replay.steps import DISPATCHER

_PAUSE = 0.04
_LONGEST_PAUSE = 0.5
_PAGE = 200
_MORE = 20
_LOOKS = 25
_WAIT_SECONDS = 3
_TRIES = 12
_MISSING = 404
# What routing cannot decide yet waits there, and its log says for what.
NOT_OPENED = "no work order was opened: is the working-day calendar of its year loaded? see routing-worker.log"


@dataclass(slots=True)
class _Awaited:
    seen: asyncio.Future[str]
    looks: int = 0


class Dispatcher:
    """`order_of` answers when the order has been seen."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._awaited: dict[str, _Awaited] = {}
        self._looking: asyncio.Task[None] | None = None

    async def order_of(self, request_id: str, *, is_fresh: bool) -> str:
        """Return the id of a request's order. One registered just now is among the newest; an older one is asked for."""
        if is_fresh:
            awaited = self._awaited[request_id] = _Awaited(asyncio.get_running_loop().create_future())
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._look())
            order: str = await awaited.seen
            if order:
                return order
        return await self._ask(request_id)

    async def _look(self) -> None:
        """Look at the newest orders while somebody waits; who has waited for many looks, or at the end, is told to ask."""
        pause = _PAUSE
        try:
            while self._awaited:
                await asyncio.sleep(pause)
                before = len(self._awaited)
                for item in await self._newest(min(_PAGE, before + _MORE)):
                    self._answer(str(item["request_id"]), str(item["work_order_id"]))
                pause = _PAUSE if len(self._awaited) < before else min(pause * 1.5, _LONGEST_PAUSE)
                for request_id, awaited in list(self._awaited.items()):
                    awaited.looks += 1
                    if awaited.looks > _LOOKS:
                        self._answer(request_id, "")
        finally:
            for request_id in list(self._awaited):
                self._answer(request_id, "")

    async def _newest(self, most: int) -> list[dict[str, object]]:
        page = await self._clients.read("routing", f"/work-orders?limit={most}", user=DISPATCHER)
        items = page.get("items")
        return items if isinstance(items, list) else []

    def _answer(self, request_id: str, order: str) -> None:
        awaited = self._awaited.pop(request_id, None)
        if awaited is not None and not awaited.seen.done():
            awaited.seen.set_result(order)

    async def _ask(self, request_id: str) -> str:
        path = f"/requests/{request_id}/work-order?wait={_WAIT_SECONDS}"
        for _ in range(_TRIES):
            answer = await self._clients.call("routing", "GET", path, user=DISPATCHER)
            if answer.ok:
                return str(answer.json()["work_order_id"])
            if answer.status != _MISSING:
                raise RefusedError(f"no work order: {told(answer)}")
        raise RefusedError(NOT_OPENED)
