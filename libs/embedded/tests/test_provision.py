"""Roles and databases: each service its own, and no way from one to another."""

import asyncpg
import pytest

from hotline_embedded.postgres import EmbeddedPostgres
from hotline_embedded.provision import SERVICES, provision
from hotline_embedded.secret_book import SecretBook


async def _as(postgres: EmbeddedPostgres, user: str, database: str) -> asyncpg.Connection:
    return await asyncpg.connect(postgres.dsn(database, user))


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("other", SERVICES)
@pytest.mark.parametrize("role", ["app", "owner"])
async def test_a_service_connects_to_its_own_database_only(
    provisioned: EmbeddedPostgres, service: str, other: str, role: str
) -> None:
    if service == other:
        await (await _as(provisioned, f"{service}_{role}", service)).close()
        return
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await _as(provisioned, f"{service}_{role}", other)


@pytest.mark.parametrize("database", ["postgres", "template1"])
async def test_a_service_does_not_connect_to_the_servers_own_databases(provisioned: EmbeddedPostgres, database: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await _as(provisioned, "intake_app", database)


async def test_a_service_creates_nothing_in_public_but_its_views_are_its_own(provisioned: EmbeddedPostgres) -> None:
    connection = await _as(provisioned, "intake_app", "intake")
    try:
        for statement in ("CREATE TABLE public.mine ()", "CREATE TEMPORARY TABLE mine ()", "CREATE ROLE mine"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        await connection.execute("CREATE SCHEMA rebuilt; CREATE TABLE rebuilt.calls (number int)")
        await connection.execute("ALTER TABLE rebuilt.calls SET SCHEMA views; DROP SCHEMA rebuilt; DROP TABLE calls")
        assert await connection.fetchval("SHOW search_path") == "views, public"
    finally:
        await connection.close()


async def test_the_owner_creates_tables_in_public_and_the_service_has_only_what_it_is_granted(
    provisioned: EmbeddedPostgres,
) -> None:
    owner = await _as(provisioned, "routing_owner", "routing")
    app = await _as(provisioned, "routing_app", "routing")
    try:
        await owner.execute("CREATE TABLE ledger (number int); GRANT SELECT, INSERT ON ledger TO routing_app")
        await app.execute("INSERT INTO ledger VALUES (1)")
        for statement in ("UPDATE ledger SET number = 2", "DELETE FROM ledger", "TRUNCATE ledger", "DROP TABLE ledger"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await app.execute(statement)
    finally:
        await owner.execute("DROP TABLE ledger")
        await owner.close()
        await app.close()


async def test_the_keys_database_lets_a_service_execute_what_it_was_granted_and_nothing_else(
    provisioned: EmbeddedPostgres,
) -> None:
    owner = await _as(provisioned, "keys_owner", "keys")
    app = await _as(provisioned, "intake_app", "keys")
    try:
        await owner.execute("CREATE TABLE held (number int)")
        await owner.execute("CREATE FUNCTION take() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'")
        for query in ("SELECT * FROM public.held", "SELECT public.take()", "CREATE TABLE public.mine ()"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await app.execute(query)
        await owner.execute("GRANT EXECUTE ON FUNCTION take() TO intake_app")
        assert await app.fetchval("SELECT take()") == 1
    finally:
        await owner.execute("DROP FUNCTION take(); DROP TABLE held")
        await owner.close()
        await app.close()


async def test_a_service_cannot_wait_for_ever(provisioned: EmbeddedPostgres) -> None:
    connection = await _as(provisioned, "followup_app", "followup")
    try:
        settings = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        assert [await connection.fetchval(f"SHOW {setting}") for setting in settings] == ["30s", "5s", "10s"]
    finally:
        await connection.close()


async def test_provisioning_again_changes_nothing(provisioned: EmbeddedPostgres, passwords: SecretBook) -> None:
    before = provisioned.dsn("intake", "intake_app")
    await provision(provisioned, passwords)
    assert provisioned.dsn("intake", "intake_app") == before
    await (await _as(provisioned, "intake_app", "intake")).close()
