"""How published rules reach every process that decides: api and worker of each service.

A service follows reporting's stream into a table of its own, and each of its processes reads that table into its `RuleBook`:
when it starts, before it decides anything; and then again and again. Nobody is asked when something is to be decided.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.errors import NotFoundError as StreamNotFoundError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline_chassis.metrics import Gauge
from hotline_events.broker import stream_of
from hotline_events.catalogue.reporting import CalendarLoaded, RuleSetPublished
from hotline_events.cursor import Cursor, History
from hotline_events.envelope import Envelope, from_cloudevent
from hotline_events.errors import StoreUnavailableError
from hotline_events.projection import Projector, View
from hotline_events.store import Store
from hotline_rules.book import RuleBook
from hotline_rules.calendar import CalendarTable, DayKind
from hotline_rules.documents import Document
from hotline_rules.pack import read_documents
from hotline_rules.yaml_source import RulePackError

SOURCE = "reporting"
_EVERY = 0.5
_PAUSE = 0.2
_DDL = """
create table if not exists published_rules (
    position bigint primary key, kind text not null, key text not null, content text not null)
"""
_INSERT = text("insert into published_rules values (:position, :kind, :key, :content) on conflict do nothing")
_NEWS = """
select position, kind, content from published_rules
 where position > :seen or (select coalesce(max(position), 0) from published_rules) < :seen order by position"""
_unreadable = Gauge("hotline_unreadable_rule_packs", "Published rule packs that this process cannot read.")
_log = logging.getLogger(__name__)


def published_rules(service: str) -> View:
    """Return the view of what was published, for one service."""
    return View(name=f"{service}.published_rules@1", tables=("published_rules",), ddl=_DDL, sources=(SOURCE,), apply=_apply)


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    rows = []
    for envelope in envelopes:
        match envelope.event:
            case RuleSetPublished(number=key):
                kind = "pack"
            case CalendarLoaded(year=year):
                kind, key = "calendar", str(year)
            case _:
                continue
        content = json.dumps(asdict(envelope.event), ensure_ascii=False, default=str)
        rows.append({"position": envelope.position, "kind": kind, "key": key, "content": content})
    if rows:
        await connection.execute(_INSERT, rows)


class RuleKeeper:
    """Keeps one process's book up to what its service has heard."""

    def __init__(self, service: str, store: Store, book: RuleBook) -> None:
        self._view = published_rules(service)
        self._store = store
        self._book = book
        self._seen = 0
        self._listeners: list[Callable[[], None]] = []
        self.unreadable: dict[str, str] = {}

    def on_news(self, hear: Callable[[], None]) -> None:
        """Name what is called whenever the book has been told something that the office published."""
        self._listeners.append(hear)

    async def learn(self, engine: AsyncEngine, client: Client, history: History) -> None:
        """Read everything that reporting's stream holds now, before anything is decided. Waits for a broker that is away."""
        projector = Projector(engine, self._view)
        await projector.prepare()
        while (last := await _last_of(client)) is None:  # noqa: ASYNC110 - a broker that is away tells nobody
            await asyncio.sleep(_PAUSE)
        cursor = Cursor(SOURCE, projector, history=history)

        async def take(messages: list[Msg]) -> None:
            await cursor.take([from_cloudevent(message.data) for message in messages])

        if (await projector.checkpoint(SOURCE)).position < last:
            following = asyncio.create_task(cursor.follow(client, take, lambda: True))
            while (await projector.checkpoint(SOURCE)).position < last:  # noqa: ASYNC110 - another process may be first
                await asyncio.sleep(_PAUSE)
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
        await self.refresh()

    async def refresh(self) -> None:
        """Put what the service has heard since the last look into the book."""
        news = await self._store.execute(_NEWS, seen=self._seen)
        for position, kind, content in news:
            self._tell(kind, json.loads(content))
            self._seen = position
        for hear in self._listeners if news else ():
            hear()

    async def run(self) -> None:
        """Look again and again. A database that is away is asked again."""
        while True:
            await asyncio.sleep(_EVERY)
            try:
                await self.refresh()
            except StoreUnavailableError as error:
                _log.warning("the rules cannot be read: %s", error)

    def _tell(self, kind: str, content: dict[str, Any]) -> None:
        if kind == "calendar":
            self._book.load_calendar(content["year"], table_of(content["year"], content["holidays"], content["workdays"]))
            return
        number = content["number"]
        documents = [Document(name=one["name"], content=one["text"].encode()) for one in content["documents"]]
        try:
            pack = read_documents(documents)
        except RulePackError as wrong:
            self._refuse(number, str(wrong))
            return
        if pack.sha256 != content["sha256"]:
            self._refuse(number, "its text is not the one that was approved")
            return
        self.unreadable.pop(number, None)
        _unreadable.set(len(self.unreadable))
        self._book.publish(
            pack,
            effective_from=date.fromisoformat(content["effective_from"]),
            published_at=datetime.fromisoformat(content["occurred_at"]),
        )

    def _refuse(self, number: str, problem: str) -> None:
        """Keep deciding as before and say so loudly: a pack that this version cannot read must not be half used."""
        self.unreadable[number] = problem
        _unreadable.set(len(self.unreadable))
        _log.critical("the published rule pack %s cannot be read: %s", number, problem)


def table_of(year: int, holidays: Sequence[str | date], workdays: Sequence[str | date]) -> CalendarTable:
    """Return the office's table of a year: Monday to Friday but for these dates."""
    days = {date.fromisoformat(str(day)): DayKind.HOLIDAY for day in holidays}
    days |= {date.fromisoformat(str(day)): DayKind.WORKING for day in workdays}
    return CalendarTable(days=days, complete_years=frozenset({year}))


async def _last_of(client: Client) -> int | None:
    """Return the last position in reporting's stream, 0 where there is no stream yet, None while the broker does not answer."""
    try:
        return int((await client.jetstream().stream_info(stream_of(SOURCE))).state.last_seq)
    except StreamNotFoundError:
        return 0
    except Exception as error:  # noqa: BLE001 - whatever it is, the answer is the same: ask again
        _log.warning("the published rules wait for the broker: %s", type(error).__name__)
        return None
