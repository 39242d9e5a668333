"""What intake does because of its own events: an erasure that a crash cut off is completed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline_chassis.keyring import Keyring
from hotline_embedded.fixtures import Databases
from hotline_embedded.provision import app
from hotline_events.catalogue.intake import PersonErased, PersonRegistered
from hotline_events.cursor import Checkpoint
from hotline_events.errors import StoreUnavailableError
from hotline_events.projection import Projector
from hotline_events.store import Store
from hotline_events.testing import NOON, enveloped
from intake.adapters.subscriber import erasures
from intake.vault import Vault

KEK = bytes(range(32))
Engines = Callable[[str], AsyncEngine]


def erased(person_id: UUID) -> list[Any]:
    stream = f"person-{person_id}"
    events = [
        PersonRegistered(person_id=person_id, anonymous=False, fields=("name",), occurred_at=NOON),
        PersonErased(person_id=person_id, reason="court_order", occurred_at=NOON),
    ]
    return [enveloped(event, position=number, stream=stream, version=number) for number, event in enumerate(events, 1)]


async def test_an_erasure_cut_off_by_a_crash_is_completed_once_and_for_ever(databases: Databases, engine_for: Engines) -> None:
    """P3: the event was stored, the process died; the follower destroys key and facts, however often it is told."""
    engine = engine_for((await databases.fresh("intake")).app_url)
    keys = await databases.fresh("keys")
    keyring = Keyring(engine_for(databases.url(keys.name, app("intake"))), KEK)
    vault = Vault(Store(engine), keyring)
    person = uuid4()
    await vault.keep(person, bytes(32), {"name": "张三"})
    projector = Projector(engine, erasures(vault))
    await projector.prepare()
    await projector.apply("intake", erased(person), Checkpoint(0, 1))
    async with projector.transaction() as connection:
        await erasures(vault).apply(connection, erased(person))
    assert await keyring.get_many([person]) == {}
    async with engine.connect() as connection:
        assert (await connection.execute(text("select count(*) from persons"))).scalar_one() == 0
        assert [row[0] for row in await connection.execute(text("select person_id from erasures"))] == [person]


async def test_an_erasure_waits_for_keys_that_are_away_and_passes_nothing_over(
    databases: Databases, engine_for: Engines
) -> None:
    engine = engine_for((await databases.fresh("intake")).app_url)
    away = Keyring(engine_for("postgresql+asyncpg://nobody@127.0.0.1:1/keys"), KEK)
    projector = Projector(engine, erasures(Vault(Store(engine), away)))
    await projector.prepare()
    with pytest.raises(StoreUnavailableError):
        await projector.apply("intake", erased(uuid4()), Checkpoint(0, 1))
    assert await projector.checkpoint("intake") == Checkpoint(0, 1)
