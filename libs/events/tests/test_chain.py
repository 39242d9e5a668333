"""The offline verifier finds the first bad position after any edit, deletion, reordering or cut (P4)."""

import asyncio
import json
from datetime import UTC, datetime

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hotline_cli.verify import read_anchors, verify_database, verify_export
from hotline_events.chain import anchor_of, to_file
from hotline_events.envelope import to_cloudevent

_SUPERUSER_EDITS = {
    "a flipped byte": ("update events set payload = replace(payload::text, '12345', '12346')::json where position = 7", 7),
    "a changed time": ("update events set recorded_at = recorded_at + interval '1 microsecond' where position = 7", 7),
    "a deleted row": ("delete from events where position = 9", 9),
    "two swapped rows": (
        """update events set position = 1000 where position = 4; update events set position = 4 where position = 11;
           update events set position = 11 where position = 1000""",
        4,
    ),
    "a cut tail": ("delete from events where position > 17", 18),
}


async def tamper(databases, database, statement: str) -> None:
    """Change history as only someone with the server itself can: past the triggers."""
    connection = await asyncpg.connect(databases.postgres.dsn(database.name))
    await connection.execute("set session_replication_role = replica; alter table events disable trigger all")
    await connection.execute(statement)
    await connection.close()


async def test_an_untouched_chain_is_whole(desk_for):
    async with desk_for() as desk:
        await asyncio.gather(*(desk.receive(3) for _ in range(50)))
        verdict = await verify_database(desk.database.app_url)
        assert verdict.whole
        assert (verdict.verified, verdict.head) == (150, (await desk.store.head()).hash)


@pytest.mark.parametrize("edit", _SUPERUSER_EDITS)
async def test_the_verifier_names_the_first_bad_position_after(desk_for, databases, edit):
    statement, position = _SUPERUSER_EDITS[edit]
    async with desk_for() as desk:
        await asyncio.gather(*(desk.receive(2) for _ in range(10)))
        await tamper(databases, desk.database, statement)
        verdict = await verify_database(desk.database.app_url)
        assert verdict.bad_position == position, verdict.reason


async def test_an_export_verifies_byte_for_byte_and_a_changed_one_does_not(desk_for, tmp_path):
    async with desk_for() as desk:
        await asyncio.gather(*(desk.receive(2) for _ in range(10)))
        lines = [to_cloudevent(row, epoch=1, epoch_start=0).decode() for row in await desk.store.read_all(0)]
    export = tmp_path / "export.ndjson"
    export.write_text("\n".join(lines) + "\n", "utf-8")
    assert verify_export(export).whole
    lines[12] = lines[12].replace('"line":"12345"', '"line":"12346"')
    export.write_text("\n".join(lines) + "\n", "utf-8")
    assert verify_export(export).bad_position == 13


async def test_a_history_rewritten_with_its_hashes_does_not_match_the_anchor(desk_for, tmp_path):
    """Whoever recomputes every hash from a position on is found by an anchor that lies elsewhere."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    path = tmp_path / "anchors.jsonl"
    async with desk_for() as desk, desk_for() as forged:
        await asyncio.gather(*(desk.receive(2) for _ in range(10)))
        await asyncio.gather(*(forged.receive(2) for _ in range(12)))
        await to_file(path)(anchor_of("intake", await desk.store.head(), datetime.now(UTC), key))
        anchors = read_anchors(path, public)
        assert (await verify_database(desk.database.app_url, anchors)).whole
        assert (await verify_database(forged.database.app_url, anchors)).bad_position == 20
        longer = [anchors[0], type(anchors[0])(99, anchors[0].hash)]
        assert (await verify_database(desk.database.app_url, longer)).bad_position == 21


async def test_an_anchor_that_was_edited_is_refused(desk_for, tmp_path):
    key = Ed25519PrivateKey.generate()
    path = tmp_path / "anchors.jsonl"
    async with desk_for() as desk:
        await desk.receive(2)
        await to_file(path)(anchor_of("intake", await desk.store.head(), datetime.now(UTC), key))
    line: dict[str, object] = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**line, "position": 1}) + "\n", "utf-8")
    with pytest.raises(ValueError, match="line 1"):
        read_anchors(path, key.public_key().public_bytes_raw())
