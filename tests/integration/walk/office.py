"""The running city as a walk meets it, one step after the other: commands, the business time, and what has been stored."""

import asyncio
import json
import re
from collections.abc import Coroutine, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx
from operations import Operation, operations_of

from hotline_embedded.city import MOMENT, City

DEPARTMENTS = ("walk-roads", "walk-parks", "walk-water")
# One category has a department of its own, another is claimed by two, so a dispatcher decides.
SCOPES = {"walk_lighting": DEPARTMENTS[:1], "walk_noise": DEPARTMENTS[:2]}
SERVICES = ("intake", "routing", "followup", "reporting")
# What would change the office for every other walk, or take the clock out of our hands.
LEFT_OUT = re.compile(
    r"/dev/clock|/departments/\{code\}(/close|/broker-user)?$|/(category|scope)-table/|/rule-sets?/|/calendar|/access|/erase$"
)
_EVENTS = """
select position, stream, version, name, payload::text, recorded_at, metadata::text from events
 where position > $1 order by position"""
T = TypeVar("T")
Event = dict[str, Any]


class Office:
    """A started city in a loop of its own, asked from code that waits."""

    def __init__(self, city: City, loop: asyncio.AbstractEventLoop) -> None:
        self._city = city
        self._loop = loop
        self.now = MOMENT
        self.operations: Sequence[Operation] = ()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)

    def open(self) -> None:
        """Register departments and tables, and learn every command there is."""
        for code in DEPARTMENTS:
            names = {"name_zh": f"{code}局", "name_en": f"Department {code}"}
            self.run(self._city.tell("routing", "administrator", f"/departments/{code}", names))
        categories = [{"code": code, "name_zh": code, "name_en": code} for code in SCOPES]
        scopes = [{"category": category, "department": code} for category, codes in SCOPES.items() for code in codes]
        self.run(self._city.tell("routing", "administrator", "/category-table/1", {"categories": categories}))
        self.run(self._city.tell("routing", "administrator", "/scope-table/1", {"scopes": scopes}))
        self.operations = [
            operation
            for service in SERVICES
            for operation in operations_of(service, self.run(self._document(service)))
            if not LEFT_OUT.search(operation.path)
        ]

    async def _document(self, service: str) -> Any:
        return (await self._city.client(service).get("/openapi.json")).json()

    def ask(self, service: str, user: str, method: str, path: str, body: object = None) -> httpx.Response:
        """Give a command or ask a question; whatever is answered is answered properly."""
        answer = self.run(self._city.client(service, user).request(method, path, json=body))
        told = f"{method} {path} {json.dumps(body, ensure_ascii=False)} by {user}: {answer.status_code} {answer.text[:500]}"
        assert answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR, told
        if answer.is_client_error:
            assert answer.headers["content-type"] == "application/problem+json", told
            assert {"type", "title", "status"} <= answer.json().keys(), told
        return answer

    def pass_time(self, span: timedelta) -> None:
        """Let the business time go on, and wait until what fell due has reached everyone."""
        self.begin_at(self.now + span)

    def begin_at(self, moment: datetime) -> None:
        self.now = moment
        self.run(self._city.drive(moment))

    def settle(self) -> None:
        """Wait until everybody has heard everything."""
        self.run(self._city.settled())

    def heads(self) -> dict[str, int]:
        return self.run(self._city.heads())

    def news(self, seen: dict[str, int]) -> list[Event]:
        """Return every event since these positions, a service's in its order, and move the positions on."""
        found = []
        for service in SERVICES:
            for row in self.run(self._city.rows(service, _EVENTS, seen[service])):
                seen[service] = row["position"]
                metadata, data = json.loads(row["metadata"]), json.loads(row["payload"])
                occurred_at = _moment(data.get("occurred_at") or metadata["time"])
                told = {"correlation": metadata["correlationid"], "data": data, "occurred_at": occurred_at}
                found.append({**{name: row[name] for name in ("stream", "version", "name", "recorded_at")}, **told})
        return found

    def dead_letters(self) -> Mapping[str, list[str]]:
        """Return what no service could react to."""
        statement = "select consumer || ' ' || aggregate || ' ' || error || ' ' || left(envelope, 400) as told from parked"
        return {service: [row["told"] for row in self.run(self._city.rows(service, statement))] for service in SERVICES}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
