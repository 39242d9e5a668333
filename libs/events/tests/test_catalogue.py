"""The contract between services: names, golden files, the envelope."""

import json
import os
import re
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from hotline_events.catalogue.intake import CallReceived, RequestRegistered
from hotline_events.envelope import (
    StoredEvent,
    decode_payload,
    encode_metadata,
    encode_payload,
    from_cloudevent,
    from_row,
    to_cloudevent,
)
from hotline_events.errors import UnknownVersionError
from hotline_events.registry import all_types, subject_of
from hotline_events.sealing import BoxLabel, KeyGoneError, Sealed, SealError, seal, unseal
from hotline_events.testing import NOON, cause, sample_of

GOLDEN = Path(__file__).parent / "golden"
KEY = bytes(range(32))


class EveryKey(dict):
    """The same key for everyone: golden files must be readable for ever."""

    def get(self, _person, _default=None):
        return KEY


def stored(event, *, stream="test-1", version=1) -> StoredEvent:
    from hotline_events.registry import type_of

    kind = type_of(event)
    return StoredEvent(
        position=7,
        stream=stream,
        version=version,
        id=UUID(int=7),
        name=kind.name,
        schema_version=kind.version,
        payload=encode_payload(event, stream=stream, version=version, keys=EveryKey()),
        metadata=encode_metadata(event, cause(UUID(int=9))),
        recorded_at=NOON,
        hash=bytes(32),
    )


def open_texts(event):
    """The event with its boxes opened: nonces differ, texts must not."""
    from dataclasses import replace

    from hotline_events.registry import type_of

    names = [name for name in type_of(event).sealed_fields if getattr(event, name) is not None]
    return replace(event, **{name: Sealed(text=unseal(getattr(event, name).box, EveryKey())) for name in names})


def shape_of(payload):
    """The names of the fields, those inside rows of a table included."""
    if isinstance(payload, dict):
        return {name: shape_of(value) for name, value in payload.items()}
    return [shape_of(value) for value in payload] if isinstance(payload, list) else None


@pytest.mark.parametrize("name", all_types())
def test_every_current_shape_has_a_golden_file_that_decodes_to_the_same_event(name):
    """A version that gains optional fields gains a file (`.v1.2.json`); older files are never edited and still decode."""
    kind = all_types()[name]
    event = sample_of(kind.cls)
    row = stored(event)
    payload = json.loads(row.payload)
    files = sorted(GOLDEN.glob(f"{name}.v{kind.version}*.json"))
    golden = [json.loads(path.read_text("utf-8")) for path in files]
    if os.environ.get("HOTLINE_ADD_GOLDEN") and all(shape_of(one["payload"]) != shape_of(payload) for one in golden):
        content = {"name": name, "schema_version": kind.version, "stream": row.stream, "version": row.version}
        golden.append({**content, "payload": payload, "metadata": json.loads(row.metadata)})
        turn = f".{len(golden)}" if files else ""
        path = GOLDEN / f"{name}.v{kind.version}{turn}.json"
        path.write_text(json.dumps(golden[-1], indent=1, ensure_ascii=False) + "\n", "utf-8")
    same = [one for one in golden if shape_of(one["payload"]) == shape_of(payload)]
    assert same, "a changed shape needs a golden file of its own, or is a new version"
    assert open_texts(from_row(golden_row(same[-1])).event) == event


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_every_version_ever_released_still_decodes(path):
    golden = json.loads(path.read_text("utf-8"))
    assert decode_payload(golden_row(golden)).occurred_at.tzinfo is not None


def golden_row(golden) -> StoredEvent:
    return StoredEvent(
        position=7,
        stream=golden["stream"],
        version=golden["version"],
        id=UUID(int=7),
        name=golden["name"],
        schema_version=golden["schema_version"],
        payload=json.dumps(golden["payload"], ensure_ascii=False),
        metadata=json.dumps(golden["metadata"], ensure_ascii=False),
        recorded_at=NOON,
        hash=bytes(32),
    )


@pytest.mark.parametrize("name", all_types())
def test_any_cloudevents_sdk_reads_our_envelope(name):
    row = stored(sample_of(all_types()[name].cls))
    body = to_cloudevent(row, epoch=1, epoch_start=0)
    event = JSONFormat().read(CloudEvent, body)
    assert event.get_type() == name
    assert event.get_subject() == row.stream
    assert all(re.fullmatch("[a-z0-9]{1,20}", attribute) for attribute in json.loads(body) if attribute != "data")


def test_subjects_always_have_five_tokens():
    assert subject_of("routing.work_order.transferred", "roads") == "hotline.routing.work_order.transferred.roads"
    assert subject_of("intake.call.received", None) == "hotline.intake.call.received._"


def test_an_unknown_name_is_passed_and_an_unknown_version_stops():
    body = json.loads(to_cloudevent(stored(sample_of(CallReceived)), epoch=1, epoch_start=0))
    assert from_cloudevent(json.dumps({**body, "type": "intake.call.sung"})).event is None
    with pytest.raises(UnknownVersionError):
        from_cloudevent(json.dumps({**body, "schemaversion": 99}))


def registered(person: UUID) -> RequestRegistered:
    from dataclasses import replace

    return replace(sample_of(RequestRegistered), requester_id=person)


def test_free_text_is_stored_only_as_ciphertext():
    event = registered(uuid4())
    payload = encode_payload(event, stream="request-1", version=1, keys=EveryKey())
    assert "原文" not in payload
    assert "原文" not in repr(event)


def test_without_the_persons_key_nothing_can_be_sealed_or_opened():
    person = uuid4()
    with pytest.raises(KeyGoneError):
        encode_payload(registered(person), stream="request-1", version=1, keys={})
    box = seal("text", BoxLabel(person, "request-1", 1, "matter"), KEY)
    with pytest.raises(KeyGoneError):
        unseal(box, {})


def test_a_box_opens_only_where_it_was_made():
    """Moved to another stream, version or field, or changed by a byte, it does not open."""
    person = uuid4()
    box = seal("text", BoxLabel(person, "request-1", 1, "matter"), KEY)
    assert unseal(box, {person: KEY}) == "text"
    for wrong in (box.replace("request-1", "request-2"), box.replace(".matter.", ".title."), box[:-6] + "AAAA=="):
        with pytest.raises(SealError):
            unseal(wrong, {person: KEY})


def test_a_box_in_another_event_is_refused_on_read():
    row = stored(registered(uuid4()), stream="request-1")
    with pytest.raises(SealError):
        decode_payload(row._replace(stream="request-2"))


def test_an_older_version_is_upcast_step_by_step_on_read_and_the_stored_row_never_changes(monkeypatch):
    """A new shape is version + 1 and one step: version 1 had `number`, version 2 `line_number`, version 3 has `line`."""
    from dataclasses import replace

    from hotline_events import registry, upcasts

    def rename(old: str, new: str):
        return lambda payload: {new if name == old else name: value for name, value in payload.items()}

    current = replace(registry.type_of(CallReceived), version=3)
    monkeypatch.setitem(registry._by_name, current.name, current)
    monkeypatch.setitem(upcasts.UPCASTS, (current.name, 1), rename("number", "line_number"))
    monkeypatch.setitem(upcasts.UPCASTS, (current.name, 2), rename("line_number", "line"))
    event = sample_of(CallReceived)
    newest = stored(event)._replace(schema_version=3)
    for version, name in ((1, "number"), (2, "line_number"), (3, "line")):
        row = newest._replace(schema_version=version, payload=newest.payload.replace('"line":', f'"{name}":'))
        assert decode_payload(row) == event
        assert from_row(row).event == event
        assert f'"{name}":' in from_row(row).raw
