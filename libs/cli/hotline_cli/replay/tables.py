"""Before the first matter: the departments, the categories and the scope table that a file needs, published as data.

What others published stays; a next version is published only where something is missing or different.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hotline_cli.replay.clients import AwayError, Clients, told
from hotline_cli.replay.codes import codes_of
from hotline_cli.replay.http import Answer
from hotline_cli.replay.matters import Matter, RequestMatter
from hotline_cli.replay.steps import Codes

ADMINISTRATOR = "administrator"
_AT_ONCE = 16
_TRIES = 5
_CONFLICT = 409
Table = dict[str, dict[str, Any]]


def codes_for(matters: Iterable[Matter]) -> Codes:
    """Choose the codes of the file's names.

    A category is transferred by the scope table only when the whole file knows one department for it.
    """
    handled_by: dict[str, set[str]] = defaultdict(set)
    for matter in matters:
        if isinstance(matter, RequestMatter):
            handled_by[matter.record["category"]].add(matter.department)
    departments = {name for names in handled_by.values() for name in names}
    return Codes(
        departments=codes_of(departments),
        categories=codes_of(handled_by),
        automatic=frozenset(category for category, names in handled_by.items() if len(names) == 1),
    )


def scopes_for(matters: Iterable[Matter], codes: Codes) -> dict[str, str]:
    """Return the department code of each category that the scope table transfers."""
    return {
        codes.categories[matter.record["category"]]: codes.departments[matter.department]
        for matter in matters
        if isinstance(matter, RequestMatter) and matter.record["category"] in codes.automatic
    }


class Publisher:
    """Publishes what is missing, as the administrator."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    async def publish(self, codes: Codes, scopes: Mapping[str, str]) -> None:
        await self._departments(codes.departments)
        categories = {code: _category(code, name) for name, code in codes.categories.items()}
        await self._table("category-table", "categories", "code", categories)
        rows = {category: {"category": category, "department": code, "area": None} for category, code in scopes.items()}
        await self._table("scope-table", "scopes", "category", rows, replaced=frozenset(categories))

    async def _departments(self, codes: Mapping[str, str]) -> None:
        items = await self._clients.pages("routing", "/departments?limit=200", user=ADMINISTRATOR)
        known = {str(item["code"]): (item["name_zh"], item["name_en"]) for item in items}
        missing = [(code, name) for name, code in codes.items() if known.get(code) != (name, name)]
        at_once = asyncio.Semaphore(_AT_ONCE)

        async def name_it(code: str, name: str) -> None:
            async with at_once:
                body = {"name_zh": name, "name_en": name}
                _must(await self._put(f"/departments/{code}", body), f"department {code}")

        await asyncio.gather(*(name_it(code, name) for code, name in missing))

    async def _table(self, table: str, rows: str, key: str, wanted: Table, *, replaced: frozenset[str] = frozenset()) -> None:
        """Put the wanted rows in place of those with the same key; another publisher in between means another try."""
        for _ in range(_TRIES):
            present = await self._clients.read("routing", f"/{table}", user=ADMINISTRATOR)
            found = present.get(rows)
            known = [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
            kept = [row for row in known if row[key] not in wanted and row[key] not in replaced]
            said = [_as_known(row, known) for row in wanted.values()]
            if all(row in known for row in said) and len(kept) + len(said) == len(known):
                return
            version = present.get("version")
            following = (version if isinstance(version, int) else 0) + 1
            rest = {name: value for name, value in present.items() if name not in {"version", rows}}
            answer = await self._put(f"/{table}/{following}", {**rest, rows: [*kept, *said]})
            if answer.status != _CONFLICT:
                _must(answer, table)
                return
        raise AwayError(f"routing: somebody else goes on publishing the {table}")

    async def _put(self, path: str, body: Mapping[str, Any]) -> Answer:
        return await self._clients.call("routing", "PUT", path, user=ADMINISTRATOR, body=body)


def _as_known(row: Mapping[str, Any], known: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return a row as the table has it, with what the office added to it; else as it is wanted."""
    return next((one for one in known if row.items() <= one.items()), row)


def _category(code: str, name: str) -> dict[str, Any]:
    return {"code": code, "name_zh": name, "name_en": name, "parent": None}


def _must(answer: Answer, what: str) -> None:
    if not answer.ok:
        raise AwayError(f"routing refused {what}: {told(answer)}")
