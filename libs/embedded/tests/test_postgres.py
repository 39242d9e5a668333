"""The embedded Postgres: real servers, started, crashed and restarted."""

import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import psutil
import pytest

from hotline_embedded.postgres import TEST_SETTINGS, EmbeddedPostgres
from hotline_embedded.process import ProcessEndedError


async def _value(postgres: EmbeddedPostgres, query: str) -> object:
    connection = await asyncpg.connect(postgres.dsn())
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_what_was_committed_survives_an_immediate_stop_and_the_port_stays(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(tmp_path / "postgres")
    postgres.start()
    try:
        port = postgres.port
        await _value(postgres, "CREATE TABLE kept AS SELECT 7 AS number")
        postgres.crash()
        assert not postgres.process.alive
        assert not postgres.process.has_failed, "who is crashed on purpose has not failed"
        postgres.start()
        assert postgres.port == port
        assert await _value(postgres, "SELECT number FROM kept") == 7
    finally:
        postgres.stop()


async def test_a_stop_is_clean_and_stopping_again_is_nothing(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(tmp_path / "postgres", settings=TEST_SETTINGS)
    postgres.start()
    postgres.stop()
    postgres.stop()
    assert postgres.process.status == 0
    assert not (postgres.data / "postmaster.pid").exists()


async def test_it_syncs_to_disk_and_checks_its_pages_unless_told_otherwise(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(tmp_path / "postgres", settings={"shared_buffers": "32MB"})
    postgres.start()
    try:
        assert await _value(postgres, "SHOW fsync") == "on"
        assert await _value(postgres, "SHOW full_page_writes") == "on"
        assert await _value(postgres, "SHOW synchronous_commit") == "on"
        assert await _value(postgres, "SHOW data_checksums") == "on"
        assert await _value(postgres, "SHOW shared_buffers") == "32MB"
    finally:
        postgres.stop()


async def test_nobody_enters_without_the_password_and_there_is_no_socket_file(postgres: EmbeddedPostgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(host="127.0.0.1", port=postgres.port, user="postgres", password="guess")
    assert await _value(postgres, "SHOW unix_socket_directories") == ""
    assert await _value(postgres, "SHOW listen_addresses") == "127.0.0.1"


def test_it_never_runs_as_root_and_only_the_owner_reads_the_passwords(postgres: EmbeddedPostgres) -> None:
    assert psutil.Process(postgres.process.pid).uids().real != 0
    assert (postgres.data.parent / "secrets.json").stat().st_mode & 0o077 == 0


async def test_the_orphan_of_a_killed_run_is_cleared_even_if_it_is_frozen(tmp_path: Path) -> None:
    """The parent's death cannot end a frozen server, so the next start must."""
    abandon = (
        "import os, pathlib, sys; from hotline_embedded.postgres import *;"
        "server = EmbeddedPostgres(pathlib.Path(sys.argv[1]), settings=TEST_SETTINGS); server.start();"
        "server.process.freeze(); print(server.process.pid, server.port, flush=True); os.kill(os.getpid(), 9)"
    )
    command = [sys.executable, "-c", abandon, str(tmp_path / "postgres")]
    run = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    orphan, port = map(int, run.stdout.split())
    assert psutil.pid_exists(orphan)

    postgres = EmbeddedPostgres(tmp_path / "postgres", settings=TEST_SETTINGS)
    postgres.start()
    try:
        assert not psutil.pid_exists(orphan)
        assert postgres.port == port
        assert await _value(postgres, "SELECT 1") == 1
    finally:
        postgres.stop()


def test_a_folder_that_was_cut_short_while_it_was_made_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "postgres.unfinished" / "base").mkdir(parents=True)
    postgres = EmbeddedPostgres(tmp_path / "postgres", settings=TEST_SETTINGS)
    postgres.start()
    postgres.stop()
    assert os.listdir(tmp_path / "postgres")  # noqa: PTH208  (only that it is not empty)


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(tmp_path / "postgres", settings={"shared_buffers": "nonsense"})
    with pytest.raises(ProcessEndedError, match="shared_buffers"):
        postgres.start()
