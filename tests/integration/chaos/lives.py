"""The load: whole lives of calls and matters, lived at once by several clients, while the business clock moves on."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import httpx
from callers import Caller, RefusedError
from journal import Journal

from hotline_embedded.city import MOMENT, City
from hotline_embedded.provision import SERVICES

DEPARTMENTS = {"roads": "street_lighting", "water": "water_supply", "parks": "green_space"}
_TAKER, _DISPATCHER, _ADMINISTRATOR, _REVISITOR = "call_taker", "dispatcher", "administrator", "revisit_agent"
_STEP = timedelta(minutes=10)
_MORNING, _EVENING = 1, 12  # in UTC: nine in the morning and eight in the evening in China, away from quiet hours
_LATE = timedelta(days=4)


class BusinessTime:
    """The business time, driven on while everything breaks, so that timers fall due in the middle of it."""

    def __init__(self, city: City) -> None:
        self._city = city
        self.now = MOMENT

    async def run(self, *, every: float = 1.5) -> None:
        while True:
            await asyncio.sleep(every)
            target = self._next()
            if all(await asyncio.gather(*(self._drive(service, target) for service in SERVICES))):
                self.now = target

    def _next(self) -> datetime:
        later = self.now + _STEP
        if later.hour >= _EVENING:
            later = (later + timedelta(days=1)).replace(hour=_MORNING, minute=0)
        return later

    async def _drive(self, service: str, to: datetime) -> bool:
        client = self._city.client(service, _ADMINISTRATOR)
        with contextlib.suppress(httpx.HTTPError):
            return (await client.put("/dev/clock", json={"now": to.isoformat()}, timeout=6)).is_success
        return False


async def open_the_office(city: City) -> None:
    """Register departments and tables, so that a request with a category is transferred by itself."""
    for code in DEPARTMENTS:
        names = {"name_zh": f"部门 {code}", "name_en": f"Department {code}"}
        await city.tell("routing", _ADMINISTRATOR, f"/departments/{code}", names)
    categories = [{"code": code, "name_zh": code, "name_en": code} for code in DEPARTMENTS.values()]
    scopes = [{"category": category, "department": code} for code, category in DEPARTMENTS.items()]
    await city.tell("routing", _ADMINISTRATOR, "/category-table/1", {"categories": categories})
    await city.tell("routing", _ADMINISTRATOR, "/scope-table/1", {"scopes": scopes})


@dataclass(slots=True)
class Life:
    """One client in the middle of one life: its dice, and the time of its latest act."""

    caller: Caller
    dice: Random
    at: datetime

    def new_id(self) -> UUID:
        return UUID(int=self.dice.getrandbits(128), version=4)

    def then(self, **body: object) -> dict[str, object]:
        """Return the body of the next act, which happens a little later than the one before."""
        self.at += timedelta(seconds=self.dice.randint(1, 20))
        return {**body, "occurred_at": self.at.isoformat()}

    async def call(self) -> None:
        """Live a call: received, and abandoned or answered, sometimes held, ended, wrapped up."""
        call_id = self.new_id()
        stream = f"call-{call_id}"

        async def act(name: str, **body: object) -> None:
            await self.caller.tell("intake", _TAKER, f"/calls/{call_id}/{name}", self.then(**body), stream=stream)

        await self.caller.create("intake", _TAKER, f"/calls/{call_id}", self.then(line="12345"), stream=stream)
        if self.dice.random() < 0.2:
            await act("abandon", stage="queue")
            return
        await act("answer", ring_count=2)
        for _ in range(self.dice.choice((0, 0, 1, 2))):
            await act("hold", reason="looking_up")
            await act("resume")
        await act("end", ended_by="caller")
        await act("wrap-up", outcome="request_registered")

    async def matter(self) -> None:
        """Live a matter until its caller is content, or the rounds are used up; a few callers are then erased.

        Some are answered at first contact: with the registration, or a moment later and while routing opens an order.
        """
        request_id, requester_id = self.new_id(), self.new_id()
        department, category = self.dice.choice(sorted(DEPARTMENTS.items()))
        first_contact = self.dice.choices(("passed on", "answered", "answered later"), (8, 1, 1))[0]
        await self._register(request_id, requester_id, category, answered=first_contact == "answered")
        if first_contact == "answered later":
            path, body = f"/requests/{request_id}/answer", self.then(reply="已为您查询。")
            await self.caller.tell("intake", _TAKER, path, body, stream=f"request-{request_id}")
        if first_contact != "passed on":
            return
        handler = f"handler@{department}"
        path = f"/requests/{request_id}/work-order"
        order = await self.caller.see("routing", _DISPATCHER, path, wait=2)
        order_id = order["work_order_id"]
        if self.dice.random() < 0.2:
            handler = await self._give_back(order_id, handler)
        round_ = 1
        while round_:
            await self._handle(order_id, handler)
            round_ = await self._ask_the_caller(order_id, round_)
            await self._reopened(order_id, round_)
        if self.dice.random() < 0.2:
            path = f"/persons/{requester_id}/erase"
            body = {"reason": "requested_by_person"}
            await self.caller.tell("intake", _ADMINISTRATOR, path, body, stream=f"person-{requester_id}")

    async def _register(self, request_id: UUID, requester_id: UUID, category: str, *, answered: bool) -> None:
        named = self.dice.random() < 0.5
        if named:
            facts = {"name": "测试", "phone": "0552-3115678"}
            await self.caller.create("intake", _TAKER, f"/persons/{requester_id}", facts, stream=f"person-{requester_id}")
        body = self.then(
            requester_id=str(requester_id),
            anonymous=not named,
            channel="phone",
            read_back=True,
            request_type=self.dice.choice(("complaint", "help", "repair")),
            title="路灯不亮",
            matter="解放路口的路灯三天不亮。",
            category=category,
            **({"reply": "今晚恢复供水。"} if answered else {}),
        )
        await self.caller.create("intake", _TAKER, f"/requests/{request_id}", body, stream=f"request-{request_id}")

    async def _give_back(self, order_id: str, handler: str) -> str:
        """Let the department return the order and the dispatcher send it to another one; answer who handles it now."""
        other = self.dice.choice([code for code in sorted(DEPARTMENTS) if not handler.endswith(f"@{code}")])
        body = self.then(reason="not_enough_facts", note="未写明路灯位置。")
        await self._of_order(order_id, "return", handler, body)
        await self._of_order(order_id, "transfer", _DISPATCHER, self.then(department=other))
        return f"handler@{other}"

    async def _handle(self, order_id: str, handler: str) -> None:
        await self._of_order(order_id, "sign", handler, self.then())
        await self._of_order(order_id, "contact", handler, self.then())
        evidence = [str(UUID(int=self.dice.getrandbits(128)))]
        await self._of_order(order_id, "investigation", handler, self.then(finding="情况属实。", evidence=evidence))
        await self._of_order(order_id, "department-contact", _TAKER, self.then(contact="王科长"))
        await self._of_order(order_id, "resolve", handler, self.then(reply="已更换灯泡。"))

    async def _of_order(self, order_id: str, act: str, user: str, body: dict[str, object]) -> None:
        stream = f"work_order-{order_id}"
        await self.caller.tell("routing", user, f"/work-orders/{order_id}/{act}", body, stream=stream)

    async def _reopened(self, order_id: str, round_: int) -> None:
        """Wait until the order is in this round."""
        seen = 0
        while seen < round_:
            await asyncio.sleep(0.05)
            seen = (await self.caller.see("routing", _DISPATCHER, f"/work-orders/{order_id}"))["round"]

    async def _ask_the_caller(self, order_id: str, round_: int) -> int:
        """Record what the caller says of this round; answer the round of rework that follows, 0 when there is none."""
        revisit = None
        while revisit is None:
            found = await self.caller.see("followup", _REVISITOR, f"/work-orders/{order_id}/revisits")
            revisit = next((one for one in found["items"] if one["round"] == round_), None)
            await asyncio.sleep(0.05)
        solved = self.dice.random() < 0.6
        body = self.then(solved=solved, satisfied=solved, **({} if solved else {"reason": "还是不亮。"}))
        path, stream = f"/revisits/{revisit['id']}/revisit", f"revisit-{revisit['id']}"
        await self.caller.tell("followup", _REVISITOR, path, body, stream=stream)
        return 0 if solved or round_ > 2 else round_ + 1


async def live(number: int, seed: int, caller: Caller, time: BusinessTime, journal: Journal) -> None:
    """Be one client: one life after the other, for ever."""
    dice = Random(f"{seed}:{number}")
    while True:
        late = _LATE if dice.random() < 0.2 else timedelta()
        life = Life(caller=caller, dice=dice, at=time.now - late)
        kinds: dict[str, Callable[[], Awaitable[None]]] = {"calls": life.call, "matters": life.matter}
        # Every third client lives calls only, so that there is load while the matters of the others wait for routing.
        kind = "calls" if number % 3 == 0 else dice.choices(("calls", "matters"), (1, 4))[0]
        with contextlib.suppress(RefusedError):
            await kinds[kind]()
            journal.lives[kind] += 1
        await asyncio.sleep(dice.random() * 0.1)
