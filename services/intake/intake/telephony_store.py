"""Where the events of exchanges are kept, as they came and as what they mean, and who rings from which number.

An event is told by its exchange and its id there; a repetition is found by both, and one that says something else under the
same id by its digest and its time. Numbers are found by an HMAC under a key of their own, which lies in the keys database.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter

from hotline_chassis.keyring import Keyring, KeyShreddedError
from hotline_events.sealing import BoxLabel, seal
from hotline_events.store import Store
from intake.domain.call import Fact

_NUMBERS_KEY = UUID("5b6b0c6e-8f0f-5d53-9a51-12345c0de003")
_FACTS = TypeAdapter(tuple[Fact, ...])
_INSERT = """
insert into telephony_events (exchange, event_id, digest, call_id, happened_at, facts, raw)
select * from unnest(cast(:exchanges as text[]), cast(:event_ids as text[]), cast(:digests as bytea[]),
                     cast(:call_ids as uuid[]), cast(:times as timestamptz[]), cast(:facts as json[]), cast(:raws as text[]))
on conflict do nothing returning event_id"""
_SETTLE = """
update telephony_events set waits = (event_id = any(:waiting))
 where call_id = :call_id and waits is distinct from (event_id = any(:waiting))"""
_WAITING = """
select exchange, event_id, call_id, happened_at, facts::text, received_at from telephony_events
 where waits and (received_at, exchange, event_id) > (:received_at, :exchange, :event_id)
 order by received_at, exchange, event_id limit :limit"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An event as it is kept: whose call, when, what it means, and the raw text of it."""

    exchange: str
    event_id: str
    call_id: UUID
    person_id: UUID
    happened_at: datetime
    facts: tuple[Fact, ...]
    raw: str

    @property
    def digest(self) -> bytes:
        """Return what tells a repetition from another event under the same id."""
        return hashlib.sha256(self.raw.encode()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingEvent:
    """An event whose predecessor has not come."""

    exchange: str
    event_id: str
    call_id: UUID
    happened_at: datetime
    kinds: tuple[str, ...]
    received_at: datetime


class TelephonyStore:
    """The tables `telephony_events` and `telephony_numbers` of intake."""

    def __init__(self, store: Store, keyring: Keyring) -> None:
        self._store = store
        self._keyring = keyring

    async def digest_of(self, number: str) -> bytes:
        """Return what a number is found by."""
        key = await self._keyring.create(_NUMBERS_KEY)
        return hmac.new(key, number.encode(), hashlib.sha256).digest()

    async def person_of(self, digest: bytes, candidate: UUID) -> UUID:
        """Return who rings from a number; the candidate when nobody has yet."""
        await self._store.execute(
            "insert into telephony_numbers values (:digest, :person_id) on conflict do nothing",
            digest=digest,
            person_id=candidate,
        )
        rows = await self._store.execute("select person_id from telephony_numbers where digest = :digest", digest=digest)
        return UUID(str(rows[0][0])) if rows else candidate

    async def forget(self, person_id: UUID) -> None:
        """Forget from which number an erased person rang."""
        await self._store.execute("delete from telephony_numbers where person_id = :person_id", person_id=person_id)

    async def known(self, exchange: str, event_ids: Sequence[str]) -> Mapping[str, tuple[bytes, datetime]]:
        """Return the digests of those events that have come before, and when each happened."""
        rows = await self._store.execute(
            "select event_id, digest, happened_at from telephony_events"
            " where exchange = :exchange and event_id = any(:event_ids)",
            exchange=exchange,
            event_ids=list(event_ids),
        )
        return {event_id: (bytes(digest), happened_at) for event_id, digest, happened_at in rows}

    async def keep(self, events: Sequence[Kept]) -> None:
        """Keep events for good; one that is there stays as it is."""
        boxes = [await self._sealed(event) for event in events]
        await self._store.execute(
            _INSERT,
            exchanges=[event.exchange for event in events],
            event_ids=[event.event_id for event in events],
            digests=[event.digest for event in events],
            call_ids=[event.call_id for event in events],
            times=[event.happened_at for event in events],
            facts=[_FACTS.dump_json(event.facts).decode() for event in events],
            raws=boxes,
        )

    async def facts_of(self, call_id: UUID) -> list[Fact]:
        """Return everything that was told of a call."""
        rows = await self._store.execute("select facts::text from telephony_events where call_id = :call_id", call_id=call_id)
        return [fact for (facts,) in rows for fact in _FACTS.validate_json(facts)]

    async def settle(self, call_id: UUID, waiting: Sequence[str]) -> None:
        """Note which events of a call still wait for a predecessor."""
        await self._store.execute(_SETTLE, call_id=call_id, waiting=list(waiting))

    async def waiting(self, after: tuple[datetime, str, str] | None, limit: int) -> Sequence[WaitingEvent]:
        """Return the events that wait for a predecessor, the longest first."""
        received_at, exchange, event_id = after or (datetime.fromisoformat("1970-01-01T00:00:00Z"), "", "")
        rows = await self._store.execute(_WAITING, received_at=received_at, exchange=exchange, event_id=event_id, limit=limit)
        return [
            WaitingEvent(
                exchange=row.exchange,
                event_id=row.event_id,
                call_id=row.call_id,
                happened_at=row.happened_at,
                kinds=tuple(fact["kind"] for fact in json.loads(row.facts)),
                received_at=row.received_at,
            )
            for row in rows
        ]

    async def _sealed(self, event: Kept) -> str:
        """Seal the raw text with the caller's key, that of the call itself where the number is withheld."""
        owner = event.person_id
        try:
            key = await self._keyring.create(owner)
        except KeyShreddedError:
            owner = event.call_id
            key = await self._keyring.create(owner)
        return seal(event.raw, BoxLabel(owner, f"call-{event.call_id}", 0, "raw"), key)
