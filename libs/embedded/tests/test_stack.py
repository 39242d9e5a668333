"""The servers of the stack without the services: what every service's process will find."""

import json
import os
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nats
import psutil
import pytest
from nats.errors import Error as NatsError

from hotline_embedded.postgres import TEST_SETTINGS
from hotline_embedded.stack import Stack
from hotline_embedded.supervisor import AlreadyRunningError


@pytest.fixture(scope="module")
def stack(session_path: Path) -> Iterator[Stack]:
    with Stack(session_path / "stack", services=(), postgres_settings=TEST_SETTINGS) as running:
        yield running


def test_the_issuer_signs_and_its_keys_are_where_the_services_look(stack: Stack) -> None:
    with urllib.request.urlopen(f"{stack.issuer_url}/jwks.json") as answer:
        assert json.load(answer)["keys"]


async def test_a_service_reaches_the_streams_as_itself_and_nobody_without_credentials(stack: Stack) -> None:
    with pytest.raises(NatsError):
        await nats.connect(stack.nats.url, allow_reconnect=False)
    creds = stack.root / "broker" / "routing.creds"
    client = await nats.connect(stack.nats.url, user_credentials=creds, inbox_prefix="_INBOX_routing", allow_reconnect=False)
    try:
        assert (await client.jetstream().stream_info("INTAKE")).config.name == "INTAKE"
        with pytest.raises((NatsError, TimeoutError)):
            await client.jetstream(timeout=0.5).delete_stream("INTAKE")
    finally:
        await client.close()


def test_every_process_is_in_reach_by_its_name(stack: Stack) -> None:
    assert set(stack.processes) == {"postgres", "nats", "issuer"}
    assert all(psutil.pid_exists(process.pid) for process in stack.processes.values())


def test_a_killed_process_stays_down_until_it_is_started_again(stack: Stack) -> None:
    issuer = stack.units["issuer"]
    issuer.process.kill()
    assert not issuer.is_ready()
    issuer.start()
    assert issuer.is_ready()


def test_a_second_run_in_the_folder_is_refused_and_disturbs_nothing(stack: Stack) -> None:
    with pytest.raises(AlreadyRunningError, match=str(os.getpid())):
        Stack(stack.root, services=()).start()
    assert all(process.alive for process in stack.processes.values())


def test_a_second_run_after_the_first_uses_the_same_data_ports_and_passwords(tmp_path: Path) -> None:
    seen = []
    for _ in range(2):
        with Stack(tmp_path, services=(), postgres_settings=TEST_SETTINGS) as stack:
            seen.append((stack.postgres.dsn("intake", "intake_app"), stack.nats.url, stack.issuer_url))
    assert seen[0] == seen[1]


def test_a_start_that_fails_leaves_nothing_running(tmp_path: Path) -> None:
    before = {child.pid for child in psutil.Process().children()}
    stack = Stack(tmp_path, services=("no_such_service",), postgres_settings=TEST_SETTINGS)
    with pytest.raises(Exception, match="no_such_service"):
        stack.start()
    time.sleep(0.1)
    assert {child.pid for child in psutil.Process().children()} <= before
