"""The whole system as integration tests use it: signed-in clients of every role, its databases, and waits without sleeps.

Nothing here is another way in: what a test does to the city it does over HTTP or the broker. Databases are only looked at.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import nats
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig

from hotline_chassis.tokens import BearerAuth, demo_tokens
from hotline_embedded.postgres import TEST_SETTINGS
from hotline_embedded.provision import KEYS, SERVICES
from hotline_embedded.stack import Stack
from hotline_events.broker import stream_of

MOMENT = datetime(2026, 6, 2, 2, 0, tzinfo=UTC)
"""The business time at which a test's city stands until a test drives it: a Tuesday at ten in the morning in China."""


class CityError(AssertionError):
    """The city did not do in time what a test waited for, or answered with something else than success."""


CATEGORY = "city_lighting"
"""A category that every test's orders may have; no row of the scope table chooses a department for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """A registered matter and its order."""

    request_id: UUID
    requester_id: UUID
    work_order_id: UUID


class City(Stack):
    """A stack whose clients, tokens and connections live as long as it does.

    Tests share one city: each makes its own ids and its own departments, and finds nothing by counting.
    """

    def __init__(
        self,
        root: Path,
        *,
        postgres_settings: Mapping[str, str] = TEST_SETTINGS,
        extra_env: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(root, postgres_settings=postgres_settings, extra_env=extra_env)
        self._clients: dict[tuple[str, str | None], httpx.AsyncClient] = {}
        self._pools: dict[str, asyncpg.Pool[asyncpg.Record]] = {}

    def client(self, service: str, user: str | None = None) -> httpx.AsyncClient:
        """Return a client of a service's API, signed in as a demo user (`dispatcher`, `handler@roads`) or as nobody."""
        if (service, user) not in self._clients:
            auth = BearerAuth(demo_tokens(self.issuer_url, user)) if user else None
            self._clients[service, user] = httpx.AsyncClient(base_url=self.url(service), auth=auth, timeout=30)
        return self._clients[service, user]

    async def token(self, user: str) -> str:
        """Fetch a demo user's token."""
        return await demo_tokens(self.issuer_url, user).token()

    async def ask(self, service: str, user: str, path: str, **params: str | int) -> Any:  # noqa: ANN401 - an answer's JSON
        """Read something and return its JSON, or fail with the problem."""
        return _content(await self.client(service, user).get(path, params=params))

    async def tell(self, service: str, user: str, path: str, body: Mapping[str, Any] | None = None, *, method: str = "") -> Any:  # noqa: ANN401 - an answer's JSON
        """Give a command and return its answer's JSON, or fail with the problem. A path ending in an id is a creation."""
        method = method or ("PUT" if len(path.strip("/").split("/")) == 2 else "POST")  # noqa: PLR2004 - /things/{id}
        return _content(await self.client(service, user).request(method, path, json=body if body is not None else {}))

    async def drive(self, to: datetime) -> None:
        """Drive the business time of every service, and wait until what fell due has reached everyone."""
        for service in self.services:
            await self.tell(service, "administrator", "/dev/clock", {"now": to.isoformat()}, method="PUT")
        await self.settled()

    async def rows(self, database: str, statement: str, *values: object) -> list[asyncpg.Record]:
        """Look into a database as the superuser, who sees everything."""
        if database not in self._pools:
            self._pools[database] = await asyncpg.create_pool(self.postgres.dsn(database), min_size=1, max_size=4)
        found: list[asyncpg.Record] = await self._pools[database].fetch(statement, *values)
        return found

    async def head(self, service: str) -> int:
        """Return the position of a service's newest event."""
        return int((await self.rows(service, "select position from head"))[0][0])

    async def heads(self) -> dict[str, int]:
        return {service: await self.head(service) for service in self.services}

    async def settled(self, *, patience: float = 60) -> dict[str, int]:
        """Wait until every consumer has applied everything and nothing new came of it; return the heads then."""
        async with _patience(patience, "the city did not come to rest"):
            while True:
                before = await self.heads()
                behind = [await self._behind(reader, before) for reader in self.services]
                if not any(behind) and before == await self.heads():
                    return before
                await asyncio.sleep(0.02)

    async def events_of(self, service: str, stream: str) -> list[asyncpg.Record]:
        """Return a stream's events as they are stored, oldest first."""
        statement = """select position, stream, version, id, name, payload::text, metadata::text, recorded_at
                         from events where stream = $1 order by version"""
        return await self.rows(service, statement, stream)

    async def messages(self, service: str) -> list[Msg]:
        """Return everything that a service's stream carries, as the bootstrap user, who may read all of it."""
        user = "bootstrap"
        creds = self.root / "broker" / f"{user}.creds"
        client = await nats.connect(self.nats.url, user_credentials=creds, inbox_prefix=f"_INBOX_{user}".encode())
        try:
            js, stream = client.jetstream(), stream_of(service)
            last = (await js.stream_info(stream)).state.last_seq
            consumer = await js.add_consumer(stream, ConsumerConfig(ack_policy=AckPolicy.NONE, inactive_threshold=30))
            queue = await js.pull_subscribe_bind(consumer=consumer.name, stream=stream)
            found: list[Msg] = []
            while len(found) < last:
                found += await queue.fetch(500, timeout=5)
            return found
        finally:
            await client.close()

    async def new_department(self, prefix: str = "dep") -> str:
        """Register a department that no other test knows, and return its code."""
        code = f"{prefix}-{uuid4().hex[:10]}"
        names = {"name_zh": f"{code}局", "name_en": f"Department {code}"}
        await self.tell("routing", "administrator", f"/departments/{code}", names)
        return code

    async def new_matter(self, department: str | None = None, **elements: object) -> Matter:
        """Register an anonymous request for help, and let it lie in a department's hands when one is named."""
        request_id, requester_id = uuid4(), UUID(str(elements.pop("requester_id", uuid4())))
        body = {
            "requester_id": str(requester_id),
            "anonymous": True,
            "channel": "phone",
            "read_back": True,
            "request_type": "help",
            "title": "路灯不亮",
            "matter": "解放路口的路灯三天不亮。",
            **elements,
        }
        await self.tell("intake", "call_taker", f"/requests/{request_id}", body)
        work_order_id = await self.work_order_of(request_id)
        matter = Matter(request_id=request_id, requester_id=requester_id, work_order_id=work_order_id)
        if department is not None:
            await self.transfer(matter, department)
        return matter

    async def work_order_of(self, request_id: UUID, *, patience: float = 30) -> UUID:
        """Wait until routing has opened the order of a request."""
        path = f"/requests/{request_id}/work-order"
        async with _patience(patience, f"no order was opened for {request_id}"):
            while True:
                answer = await self.client("routing", "dispatcher").get(path, params={"wait": 5})
                if answer.status_code != httpx.codes.NOT_FOUND:
                    return UUID(_content(answer)["work_order_id"])

    async def transfer(self, matter: Matter, department: str) -> None:
        """Classify an order where that was not done yet, and put it into a department's hands."""
        await self._know_category()
        order = f"/work-orders/{matter.work_order_id}"
        await self.tell("routing", "dispatcher", f"{order}/classify", {"category": CATEGORY})
        await self.tell("routing", "dispatcher", f"{order}/transfer", {"department": department})

    async def act(self, department: str, matter: Matter, act: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401
        """Let a department's handler sign, contact, return or resolve."""
        return await self.tell("routing", f"handler@{department}", f"/work-orders/{matter.work_order_id}/{act}", body)

    async def resolve(self, department: str, matter: Matter, reply: str = "已更换灯泡。") -> Any:  # noqa: ANN401
        """Let a department do everything up to its report."""
        await self.act(department, matter, "sign")
        await self.act(department, matter, "contact")
        return await self.act(department, matter, "resolve", {"reply": reply})

    async def close(self) -> None:
        """Close clients and connections; the processes go with `stop`."""
        for client in self._clients.values():
            await client.aclose()
        for pool in self._pools.values():
            await pool.close()
        self._clients.clear()
        self._pools.clear()

    async def _know_category(self) -> None:
        """Add our category to the table, whatever else is in it."""
        table = await self.ask("routing", "administrator", "/category-table")
        if any(row["code"] == CATEGORY for row in table["categories"]):
            return
        rows = [*table["categories"], {"code": CATEGORY, "name_zh": "城市照明", "name_en": "City lighting"}]
        path = f"/category-table/{table['version'] + 1}"
        await self.tell("routing", "administrator", path, {"categories": rows})

    async def _behind(self, reader: str, heads: Mapping[str, int]) -> bool:
        """Tell whether a service's consumers, its parked events or its due timers still have something to do."""
        checkpoints = await self.rows(reader, "select source, position from checkpoints")
        if any(position < heads[source] for source, position in checkpoints if source in heads):
            return True
        waiting = """select exists (select from parked where not dead)
                         or exists (select from timers where due_at <= coalesce((select now from business_clock), now()))"""
        return bool((await self.rows(reader, waiting))[0][0])


def databases_of(services: Sequence[str] = SERVICES) -> tuple[str, ...]:
    """Return every database of a city, the keys' too."""
    return (*services, KEYS)


def _content(answer: httpx.Response) -> Any:  # noqa: ANN401 - an answer's JSON
    if not answer.is_success:
        request = answer.request
        raise CityError(f"{request.method} {request.url.path} was answered {answer.status_code}: {answer.text}")
    return answer.json()


@contextlib.asynccontextmanager
async def _patience(seconds: float, what: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise CityError(f"{what} within {seconds:g} s") from None
