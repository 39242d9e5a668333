"""The vault: who a person is, in one box sealed with the person's own key (A144, A146).

An attempt stores its facts before its event is appended and is found again by its fingerprint, so a crash in between leaves a
row that no registered person points to, and repeating the attempt finishes it. What was told later lies beside it, attempt by
attempt, and counts in the order in which it was accepted. Erasing deletes the key and the rows.
"""

import json
from collections.abc import Mapping
from uuid import UUID

from hotline_chassis.commands import creation_id
from hotline_chassis.keyring import Keyring, KeyShreddedError
from hotline_events.aggregates import Submission
from hotline_events.sealing import BoxLabel, KeyGoneError, seal, unseal
from hotline_events.store import Store
from intake.domain.refusals import PersonErasedError


class Vault:
    """The facts of persons. `store` is the service's own database, `keyring` holds the keys beside it."""

    def __init__(self, store: Store, keyring: Keyring) -> None:
        self._store = store
        self._keyring = keyring

    async def give_key(self, person_id: UUID) -> bytes:
        """Give the person a data key, or return the one they have. An erased person is refused."""
        try:
            return await self._keyring.create(person_id)
        except KeyShreddedError as error:
            raise PersonErasedError from error

    async def keep(self, person_id: UUID, fingerprint: bytes, facts: Mapping[str, str]) -> None:
        """Store what one attempt to register said. Repeating the attempt changes nothing."""
        await self._store.execute(
            """insert into public.persons (person_id, fingerprint, facts) values (:person_id, :fingerprint, :facts)
               on conflict do nothing""",
            person_id=person_id,
            fingerprint=fingerprint,
            facts=await self._sealed(person_id, facts),
        )

    async def add(self, person_id: UUID, attempt: Submission, facts: Mapping[str, str]) -> None:
        """Store what one attempt to add facts said. Repeating the attempt changes nothing."""
        await self._store.execute(
            """insert into public.added_facts (person_id, command_id, fingerprint, facts)
               values (:person_id, :command_id, :fingerprint, :facts) on conflict do nothing""",
            person_id=person_id,
            command_id=attempt.command_id,
            fingerprint=attempt.fingerprint,
            facts=await self._sealed(person_id, facts),
        )

    async def drop_added(self, person_id: UUID, attempt: Submission) -> None:
        """Delete what a refused attempt to add facts had stored."""
        await self._store.execute(
            """delete from public.added_facts where person_id = :person_id and command_id = :command_id
                  and fingerprint = :fingerprint""",
            person_id=person_id,
            command_id=attempt.command_id,
            fingerprint=attempt.fingerprint,
        )

    async def drop_others(self, person_id: UUID, fingerprint: bytes) -> None:
        """Delete what refused or abandoned attempts had stored, once one was accepted."""
        await self._store.execute(
            "delete from public.persons where person_id = :person_id and fingerprint <> :fingerprint",
            person_id=person_id,
            fingerprint=fingerprint,
        )

    async def drop(self, person_id: UUID, fingerprint: bytes) -> None:
        """Delete what a refused attempt had stored."""
        await self._store.execute(
            "delete from public.persons where person_id = :person_id and fingerprint = :fingerprint",
            person_id=person_id,
            fingerprint=fingerprint,
        )

    async def read(self, person_id: UUID) -> Mapping[str, str]:
        """Return what the accepted attempts told, the last word on each. Call it only after the reading was recorded."""
        rows = await self._store.execute(
            """select told.facts
                 from (select fingerprint, facts, cast(:creation as uuid) as id from public.persons where person_id = :person_id
                       union all
                       select fingerprint, facts, command_id from public.added_facts where person_id = :person_id) told
                 join public.commands on commands.id = told.id and commands.fingerprint = told.fingerprint
                order by commands.position""",
            person_id=person_id,
            creation=creation_id(f"person-{person_id}"),
        )
        if not rows:
            raise PersonErasedError
        try:
            keys = await self._keyring.get_many([person_id])
            facts: dict[str, str] = {}
            for (box,) in rows:
                facts |= json.loads(unseal(box, keys))
        except KeyGoneError as error:
            raise PersonErasedError from error
        return facts

    async def erase(self, person_id: UUID) -> None:
        """Destroy the key, then the rows. Repeating it changes nothing."""
        await self._keyring.shred(person_id)
        for table in ("persons", "added_facts", "telephony_numbers"):
            await self._store.execute(f"delete from public.{table} where person_id = :person_id", person_id=person_id)

    async def _sealed(self, person_id: UUID, facts: Mapping[str, str]) -> str:
        key = await self.give_key(person_id)
        return seal(json.dumps(dict(facts), ensure_ascii=False), BoxLabel(person_id, f"person-{person_id}", 0, "facts"), key)
