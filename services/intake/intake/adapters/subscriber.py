"""What intake does because of an event: only the healing of an erasure.

The api says that a person is erased and then destroys key and facts. If it dies in between, this follower of intake's own
stream completes the work; done twice it changes nothing, so it never asks whether it is needed.
"""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_chassis.unavailable import is_unavailable
from hotline_events.catalogue.intake import PersonErased
from hotline_events.envelope import Envelope
from hotline_events.errors import StoreUnavailableError
from hotline_events.projection import View
from intake.vault import Vault

NAME = "intake.erasures@1"
SOURCES = ("intake",)
_DDL = "create table if not exists erasures (person_id uuid primary key, erased_at timestamptz not null)"
_RECORD = "insert into erasures select * from unnest($1::uuid[], $2::timestamptz[]) on conflict do nothing"


def erasures(vault: Vault) -> View:
    """Return the follower that completes erasures and lists whom it has completed."""

    async def apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
        erased = [envelope.event for envelope in envelopes if isinstance(envelope.event, PersonErased)]
        for event in erased:
            await on_person_erased(vault, event)
        if erased:
            people, times = [event.person_id for event in erased], [event.occurred_at for event in erased]
            await connection.exec_driver_sql(_RECORD, (people, times))

    return View(name=NAME, tables=("erasures",), ddl=_DDL, sources=SOURCES, apply=apply)


async def on_person_erased(vault: Vault, event: PersonErased) -> None:
    """Destroy key and facts. A database that is away is waited for, never passed over."""
    try:
        await vault.erase(event.person_id)
    except Exception as error:
        if is_unavailable(error):
            raise StoreUnavailableError(type(error).__name__) from error
        raise
