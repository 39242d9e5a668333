"""What the hotline has taken from users whom the sign-in provider lets in, enforced by every service alike (A150).

Each service follows intake's events into one small table, and each api process looks at it once a second: a revoked role ends
everywhere within moments, without asking another service. A table that was never read lets nobody in.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_events.catalogue.intake.access import RightReturned, RightWithdrawn, RoleGranted, RoleRevoked
from hotline_events.envelope import Envelope
from hotline_events.errors import StoreUnavailableError
from hotline_events.projection import View
from hotline_events.store import Store

NAME: Final = "access@1"
EVERYWHERE: Final = ""
_DDL = """
create table if not exists access_restrictions (actor_id text, kind text, what text, of_department text, reason text not null,
    taken_by text not null, taken_at timestamptz not null, primary key (actor_id, kind, what, of_department))
"""
_TAKE = """
insert into access_restrictions
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
    on conflict do nothing"""
_GIVE = """
delete from access_restrictions using unnest($1::text[], $2::text[], $3::text[], $4::text[]) given (actor, kind, what, of_it)
 where access_restrictions.actor_id = given.actor and access_restrictions.kind = given.kind
   and access_restrictions.what = given.what and access_restrictions.of_department = given.of_it"""
_Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Taken:
    """One thing taken from a user: a role (`of_department` is empty for everywhere) or a right."""

    kind: str
    what: str
    of_department: str

    def stops(self, *, role: str, department: str | None, right: str) -> bool:
        """Say whether it stops somebody who has this role in this department from using this right."""
        if self.kind == "right":
            return self.what == right
        return self.what == role and self.of_department in (EVERYWHERE, department)


class AccessGate:
    """Knows what was taken from whom, no older than `every` seconds."""

    def __init__(self, store: Callable[[], Store | None], *, every: float = 1.0) -> None:
        self.every = every
        self._store = store
        self._taken: Mapping[str, Sequence[Taken]] | None = None
        self._read_at = 0.0
        self._turn = asyncio.Lock()

    async def stops(self, actor_id: str, *, role: str, department: str | None, right: str) -> bool:
        """Say whether the hotline stops this user here. An application without a database has nothing to look at."""
        store = self._store()
        if store is None:
            return False
        taken = await self._present(store)
        return any(one.stops(role=role, department=department, right=right) for one in taken.get(actor_id, ()))

    async def _present(self, store: Store) -> Mapping[str, Sequence[Taken]]:
        async with self._turn:
            if self._taken is None or time.monotonic() - self._read_at >= self.every:
                try:
                    self._taken = await _read(store)
                except StoreUnavailableError:
                    if self._taken is None:
                        raise
                self._read_at = time.monotonic()
            return self._taken


async def _read(store: Store) -> Mapping[str, Sequence[Taken]]:
    taken: dict[str, list[Taken]] = defaultdict(list)
    for actor_id, *what in await store.execute("select actor_id, kind, what, of_department from access_restrictions"):
        taken[actor_id].append(Taken(*what))
    return taken


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    changes: dict[_Key, tuple[Any, ...] | None] = {}
    for envelope in envelopes:
        match envelope.event:
            case RoleRevoked() as event:
                key = (event.actor_id, "role", event.role, event.of_department or EVERYWHERE)
                changes[key] = (event.reason, event.revoked_by, event.occurred_at)
            case RoleGranted() as event:
                changes[event.actor_id, "role", event.role, event.of_department or EVERYWHERE] = None
            case RightWithdrawn() as event:
                key = (event.actor_id, "right", event.right, EVERYWHERE)
                changes[key] = (event.reason, event.withdrawn_by, event.occurred_at)
            case RightReturned() as event:
                changes[event.actor_id, "right", event.right, EVERYWHERE] = None
            case _:
                continue
    taken = [(*key, *why) for key, why in changes.items() if why is not None]
    given = [key for key, why in changes.items() if why is None]
    if taken:
        await connection.exec_driver_sql(_TAKE, tuple(list(column) for column in zip(*taken, strict=True)))
    if given:
        await connection.exec_driver_sql(_GIVE, tuple(list(column) for column in zip(*given, strict=True)))


VIEW = View(name=NAME, tables=("access_restrictions",), ddl=_DDL, sources=("intake",), apply=_apply)
