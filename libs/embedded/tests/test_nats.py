"""The embedded NATS: real servers with JetStream on disk."""

import json
import urllib.request
from pathlib import Path

import nats
import pytest
from nats.errors import Error as NatsError

from hotline_embedded.nats import EmbeddedNats
from hotline_embedded.process import ProcessEndedError


async def test_an_acknowledged_message_survives_a_kill_and_the_port_stays(tmp_path: Path) -> None:
    server = EmbeddedNats(tmp_path / "nats")
    server.start()
    try:
        port = server.port
        client = await nats.connect(server.url)
        stream = client.jetstream()
        await stream.add_stream(name="KEPT", subjects=["kept.>"])
        acknowledged = await stream.publish("kept.one", b"1")
        await client.close()
        server.kill()
        server.start()
        assert server.port == port
        client = await nats.connect(server.url)
        assert (await client.jetstream().get_msg("KEPT", acknowledged.seq)).data == b"1"
        await client.close()
    finally:
        server.stop()


def test_every_acknowledgement_is_synced_and_large_events_pass(tmp_path: Path) -> None:
    server = EmbeddedNats(tmp_path / "nats")
    server.start()
    try:
        with urllib.request.urlopen(f"{server.monitoring_url}/varz") as answer:
            variables = json.load(answer)
    finally:
        server.stop()
    assert variables["jetstream"]["config"]["sync_always"] is True
    assert variables["max_payload"] == 8 * 1024 * 1024
    assert variables["host"] == "127.0.0.1"


async def test_accounts_in_the_extra_configuration_are_enforced(tmp_path: Path) -> None:
    server = EmbeddedNats(tmp_path / "nats", config_extra='authorization { user: clerk, password: "right" }')
    server.start()
    try:
        with pytest.raises(NatsError):
            await nats.connect(server.url, allow_reconnect=False)
        client = await nats.connect(server.url, user="clerk", password="right")
        await client.close()
    finally:
        server.stop()


def test_a_configuration_that_is_wrong_is_shown(tmp_path: Path) -> None:
    server = EmbeddedNats(tmp_path / "nats", config_extra="no_such_option: 1")
    with pytest.raises(ProcessEndedError, match="no_such_option"):
        server.start()
