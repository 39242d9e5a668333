"""A person's key opens their words until it is destroyed, and then never again; each service may only what it needs."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline_chassis.keyring import Keyring, KeyShreddedError, WrongKekError, unwrap, wrap
from hotline_chassis.keys_migrate import migrate
from hotline_embedded.fixtures import Databases, TestDatabase
from hotline_embedded.provision import app

KEK = bytes(range(32))
Engines = Callable[[str], AsyncEngine]


@pytest_asyncio.fixture(scope="session")
async def keys(lasting_databases: Databases) -> TestDatabase:
    return await lasting_databases.fresh("keys")


def keyring(databases: Databases, keys: TestDatabase, engine_for: Engines, service: str, kek: bytes = KEK) -> Keyring:
    return Keyring(engine_for(databases.url(keys.name, app(service))), kek)


async def rows(keys: TestDatabase, sql: str, *values: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(keys.owner_url.replace("+asyncpg", ""))
    try:
        found: list[asyncpg.Record] = await connection.fetch(sql, *values)
        return found
    finally:
        await connection.close()


async def test_a_person_keeps_one_key_that_other_services_can_read(
    databases: Databases, keys: TestDatabase, engine_for: Engines
) -> None:
    person, nobody = uuid4(), uuid4()
    intake = keyring(databases, keys, engine_for, "intake")
    created = await asyncio.gather(*(keyring(databases, keys, engine_for, "intake").create(person) for _ in range(8)))
    assert set(created) == {await intake.create(person)}
    assert len(created[0]) == 32
    for service in ("intake", "routing", "followup"):
        found = await keyring(databases, keys, engine_for, service).get_many([person, nobody])
        assert found == {person: created[0]}


async def test_the_database_holds_no_key_that_opens_anything_by_itself(
    databases: Databases, keys: TestDatabase, engine_for: Engines
) -> None:
    person = uuid4()
    key = await keyring(databases, keys, engine_for, "intake").create(person)
    (row,) = await rows(keys, "SELECT wrapped_key FROM person_keys WHERE person_id = $1", person)
    assert key not in row["wrapped_key"]
    assert unwrap(KEK, person, row["wrapped_key"]) == key


async def test_a_shredded_key_is_gone_from_its_row_and_never_comes_back(
    databases: Databases, keys: TestDatabase, engine_for: Engines
) -> None:
    person = uuid4()
    intake = keyring(databases, keys, engine_for, "intake")
    await intake.create(person)
    assert await intake.shred(person) is True
    assert await intake.shred(person) is False
    assert await rows(keys, "SELECT 1 FROM person_keys WHERE person_id = $1", person) == []
    assert await intake.get_many([person]) == {}
    with pytest.raises(KeyShreddedError):
        await intake.create(person)


async def test_creating_and_shredding_at_once_leaves_no_key(
    databases: Databases, keys: TestDatabase, engine_for: Engines
) -> None:
    intake = keyring(databases, keys, engine_for, "intake")
    people = [uuid4() for _ in range(40)]
    racing = [action(person) for person in people for action in (intake.create, intake.shred)]
    await asyncio.gather(*racing, return_exceptions=True)
    assert await rows(keys, "SELECT 1 FROM person_keys WHERE person_id = ANY ($1)", people) == []


async def test_a_service_may_call_its_own_functions_and_nothing_else(
    databases: Databases, keys: TestDatabase, engine_for: Engines
) -> None:
    person = uuid4()
    await keyring(databases, keys, engine_for, "intake").create(person)
    for service in ("routing", "followup"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            await keyring(databases, keys, engine_for, service).create(uuid4())
        with pytest.raises(ProgrammingError, match="permission denied"):
            await keyring(databases, keys, engine_for, service).shred(person)
    with pytest.raises(ProgrammingError, match="permission denied"):
        await keyring(databases, keys, engine_for, "reporting").get_many([person])
    for service in ("intake", "reporting"):
        connection = await asyncpg.connect(databases.url(keys.name, app(service)).replace("+asyncpg", ""))
        try:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch("SELECT * FROM person_keys")
        finally:
            await connection.close()


async def test_opened_keys_are_kept_for_a_minute_and_forgotten_on_request(
    databases: Databases, keys: TestDatabase, engine_for: Engines
) -> None:
    now = [0.0]
    person, other = uuid4(), uuid4()
    intake = keyring(databases, keys, engine_for, "intake")
    expected = {person: await intake.create(person), other: await intake.create(other)}
    routing = Keyring(engine_for(databases.url(keys.name, app("routing"))), KEK, clock=lambda: now[0])
    assert await routing.get_many([person, other]) == expected
    await intake.shred(person)
    await intake.shred(other)
    assert await routing.get_many([person, other]) == expected
    routing.forget(person)
    assert await routing.get_many([person, other]) == {other: expected[other]}
    now[0] = 61
    assert await routing.get_many([person, other]) == {}


async def test_the_migration_can_be_run_again(databases: Databases, keys: TestDatabase, engine_for: Engines) -> None:
    person = uuid4()
    key = await keyring(databases, keys, engine_for, "intake").create(person)
    await asyncio.gather(migrate(keys.owner_url), migrate(keys.owner_url))
    assert await keyring(databases, keys, engine_for, "intake").get_many([person]) == {person: key}


def test_a_wrapped_key_opens_for_its_person_and_its_kek_alone() -> None:
    person = uuid4()
    wrapped = wrap(KEK, person, b"k" * 32)
    assert unwrap(KEK, person, wrapped) == b"k" * 32
    for kek, who, what in (
        (KEK, uuid4(), wrapped),
        (bytes(32), person, wrapped),
        (KEK, person, wrapped[:-1] + b"\0"),
        (KEK, person, b""),
    ):
        with pytest.raises(WrongKekError):
            unwrap(kek, who, what)
