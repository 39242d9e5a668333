"""`hotline docs`: write the documents that are generated, or check that they are current.

`docs/events.md` lists the catalogue, `docs/asyncapi/<service>.json` (AsyncAPI 3.0) every channel with who sends and who reads,
`docs/requirements.md` each rule of the source documents with its proofs: the check names those that nothing proves.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from pydantic import TypeAdapter

import hotline_events.catalogue  # noqa: F401 - registers every event
from hotline_cli.readers import Reader, readers
from hotline_cli.requirements import missing_rules, requirements_page
from hotline_events.broker import SERVICES
from hotline_events.registry import EventType, all_types, fields_of


@click.command()
@click.option(
    "--folder", type=click.Path(path_type=Path), default=Path("docs"), show_default=True, help="写到此目录。Where to."
)
@click.option("--check", is_flag=True, help="只检查是否最新。Only say whether they are current; status 1 when not.")
def docs(folder: Path, *, check: bool) -> None:
    """生成事件与接口文档。Generate the documents of events, channels and interfaces."""
    outdated = []
    for path, content in documents(folder):
        if check and (not path.exists() or path.read_text("utf-8") != content):
            outdated.append(path)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, "utf-8")
    if outdated:
        names = ", ".join(str(path) for path in outdated)
        raise click.ClickException(f"not current: {names}. Run `make events`.")
    if missing := missing_rules(folder.resolve().parent):
        complaint = f"{len(missing)} rules are neither proved nor rejected: {', '.join(missing)}"
        if check:
            raise click.ClickException(complaint)
        click.echo(complaint, err=True)
    click.echo("current" if check else f"written to {folder}")


def documents(folder: Path) -> Iterator[tuple[Path, str]]:
    """Return every generated document with its path."""
    yield folder / "events.md", events_page()
    yield folder / "requirements.md", requirements_page(folder.resolve().parent)
    for service in SERVICES:
        yield folder / "asyncapi" / f"{service}.json", _json(asyncapi(service))


def events_page() -> str:
    """Return the catalogue as a page: name, version, owner, readers, fields."""
    lines = [
        "# Events",
        "",
        "Generated from the catalogue by `make events`; CI fails when it differs. Every event travels in the envelope of",
        "`docs/architecture.md`. *Sealed* text is readable only with the person's data key.",
    ]
    for kind in all_types().values():
        heard = ", ".join(f"`{reader.name}`" for reader in readers() if kind.service in reader.sources)
        lines += ["", f"## `{kind.name}` v{kind.version}", "", _first_paragraph(kind), "", f"Read by {heard}.", ""]
        lines += ["| field | type | |", "|---|---|---|"]
        lines += [
            f"| `{name}` | {_type_name(hint)} | {_note(kind, name, needed=needed)} |" for name, hint, needed in fields_of(kind)
        ]
    return "\n".join(lines) + "\n"


def _first_paragraph(kind: EventType) -> str:
    return " ".join((kind.cls.__doc__ or "").split())


def _type_name(hint: Any) -> str:  # noqa: ANN401 - a type
    if isinstance(hint, type) and not getattr(hint, "__args__", ()):
        return hint.__name__
    text = str(hint).replace("typing.", "").replace("NoneType", "None")
    return re.sub(r"\b[a-z_]+\.", "", text).replace("|", "or")


def _note(kind: EventType, name: str, *, needed: bool) -> str:
    notes = [] if needed else ["optional"]
    if name in kind.sealed_fields:
        notes.append(f"sealed with the key of `{kind.sealed_by}`")
    return ", ".join(notes)


def asyncapi(service: str) -> dict[str, Any]:
    """Return the AsyncAPI 3.0 document of one service: the channels it sends on and the ones it reads."""
    kinds = [kind for kind in all_types().values() if kind.service == service]
    own = [reader for reader in readers() if reader.service == service]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"Hotline {service}: events",
            "version": "1",
            "description": "CloudEvents 1.0, structured mode, on NATS JetStream. The sequence in the stream is the position.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {**{kind.name: _channel(kind) for kind in kinds}, **{source: _source(source) for source in _heard(own)}},
        "operations": {
            **{f"send {kind.name}": {"action": "send", "channel": {"$ref": f"#/channels/{kind.name}"}} for kind in kinds},
            **{f"{reader.name} reads {source}": _reading(reader, source) for reader in own for source in reader.sources},
        },
        "components": {"messages": {kind.name: _message(kind) for kind in kinds}, "schemas": _schemas(kinds)},
    }


def _heard(own: list[Reader]) -> list[str]:
    return sorted({source for reader in own for source in reader.sources})


def _channel(kind: EventType) -> dict[str, Any]:
    return {
        "address": f"hotline.{kind.name}.{{department}}",
        "description": _first_paragraph(kind),
        "parameters": {"department": {"description": "The department concerned, `_` where there is none."}},
        "messages": {kind.name: {"$ref": f"#/components/messages/{kind.name}"}},
    }


def _source(source: str) -> dict[str, Any]:
    return {"address": f"hotline.{source}.>", "description": f"Every event of {source}, in commit order."}


def _reading(reader: Reader, source: str) -> dict[str, Any]:
    return {"action": "receive", "channel": {"$ref": f"#/channels/{source}"}, "summary": reader.what}


def _message(kind: EventType) -> dict[str, Any]:
    return {
        "name": kind.name,
        "contentType": "application/cloudevents+json",
        "payload": {
            "allOf": [
                {"$ref": "#/components/schemas/Envelope"},
                {
                    "properties": {
                        "type": {"const": kind.name},
                        "schemaversion": {"const": kind.version},
                        "data": {"$ref": f"#/components/schemas/{kind.cls.__name__}"},
                    }
                },
            ]
        },
    }


def _schemas(kinds: list[EventType]) -> dict[str, Any]:
    schemas: dict[str, Any] = {"Envelope": _ENVELOPE}
    for kind in kinds:
        schema = TypeAdapter(kind.cls).json_schema(ref_template="#/components/schemas/{model}", mode="validation")
        schemas |= schema.pop("$defs", {})
        schemas[kind.cls.__name__] = schema
    return dict(sorted(schemas.items()))


_TEXT = {"type": "string"}
_NUMBER = {"type": "integer"}
_ENVELOPE: dict[str, Any] = {
    "type": "object",
    "description": "The CloudEvents 1.0 envelope of every event.",
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "format": "uuid", "description": "UUIDv7."},
        "source": _TEXT,
        "type": _TEXT,
        "subject": {"type": "string", "description": "The stream: `<aggregate>-<id>`."},
        "time": {"type": "string", "format": "date-time", "description": "When it happened (occurred_at)."},
        "recordedat": {"type": "string", "format": "date-time", "description": "When it was stored."},
        "datacontenttype": {"const": "application/json"},
        "schemaversion": _NUMBER,
        "streamversion": _NUMBER,
        "position": {"type": "integer", "description": "Gapless, in commit order; equals the JetStream sequence."},
        "epoch": {"type": "integer", "description": "Changes at every restore of the store."},
        "epochstart": _NUMBER,
        "chainhash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "correlationid": _TEXT,
        "causationid": _TEXT,
        "actorid": _TEXT,
        "actorrole": _TEXT,
        "actordepartment": _TEXT,
        "department": _TEXT,
        "ruleversion": _TEXT,
        "traceparent": _TEXT,
        "data": {"type": "object"},
    },
    "required": ["specversion", "id", "source", "type", "subject", "time", "position", "epoch", "data"],
}


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
