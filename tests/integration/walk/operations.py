"""Every command of every service: who may give it, and a body that its schema allows.

The commands come from the OpenAPI documents and the tables of rights, so one that is added is walked without a word here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

RIGHTS = Path(__file__).parents[1] / "rights"
COLUMNS = (
    "call_taker",
    "shift_leader",
    "dispatcher",
    "handler@{department}",
    "head@{department}",
    "revisit_agent",
    "inspector",
    "oversight_officer",
    "administrator",
    "service@walk",
)
_MOSTLY, _SOMETIMES = 0.9, 0.35
Schema = Mapping[str, Any]
Known = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One command: where it is given, by whom, and what its body looks like."""

    service: str
    method: str
    path: str
    users: tuple[str, ...]
    body: Schema | None
    definitions: Schema

    @property
    def name(self) -> str:
        return f"{self.service} {self.method} {self.path}"

    @property
    def ids(self) -> list[str]:
        """Return the names of what stands in the path."""
        return re.findall(r"{(\w+)}", self.path)


def users_of() -> dict[tuple[str, str, str], tuple[str, ...]]:
    """Return who may do what, from the tables of rights."""
    found = {}
    for file in sorted(RIGHTS.glob("*.txt")):
        for line in file.read_text().splitlines():
            if not line.startswith("#"):
                service, method, path, *marks = line.split()
                users = tuple(user for user, mark in zip(COLUMNS, marks, strict=True) if mark == "x")
                found[service, method, path] = users
    return found


def operations_of(service: str, document: Mapping[str, Any]) -> Iterator[Operation]:
    """Return the commands of a service: everything that is not a question."""
    users = users_of()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method == "get":
                continue
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            yield Operation(
                service=service,
                method=method.upper(),
                path=path,
                users=users[service, method.upper(), path],
                body=content.get("schema"),
                definitions=document.get("components", {}).get("schemas", {}),
            )


class Bodies:
    """Draws bodies: ids are those that are known, words are the schema's own examples, the rest is what the schema allows."""

    def __init__(self, luck: Random, known: Known, words: Mapping[str, Sequence[Any]], definitions: Schema) -> None:
        self._luck = luck
        self._known = known
        self._words = words
        self._definitions = definitions

    def of(self, schema: Schema, name: str = "") -> Any:
        """Draw a value of this schema for a field of this name."""
        if "$ref" in schema:
            found = {**self._definitions[schema["$ref"].rpartition("/")[2]], **{k: v for k, v in schema.items() if k != "$ref"}}
            return self.of(found, name)
        if name in self._words:
            return self._luck.choice(self._words[name])
        for several in ("anyOf", "oneOf", "allOf"):
            if several in schema:
                return self._one_of(schema, schema[several], name)
        if "enum" in schema:
            return self._luck.choice(schema["enum"])
        if "const" in schema:
            return schema["const"]
        return self._plain(schema, name)

    def _one_of(self, schema: Schema, kinds: Sequence[Schema], name: str) -> Any:
        kind = self._luck.choice(kinds)
        if kind.get("type") == "null":
            return None
        return self.of({"examples": schema.get("examples", []), **kind}, name)

    def _plain(self, schema: Schema, name: str) -> Any:
        match schema.get("type"):
            case "object":
                return self._object(schema)
            case "array":
                least = max(schema.get("minItems", 0), self._luck.choice((0, 1, 1, 1)))
                return [self.of(schema.get("items", {}), name.removesuffix("s")) for _ in range(least)]
            case "boolean":
                return self._luck.choice((True, False))
            case "integer" | "number":
                least = int(schema.get("minimum", 0))
                return self._luck.randint(least, min(int(schema.get("maximum", least + 300)), least + 300))
            case "null":
                return None
            case _:
                return self._text(schema, name)

    def _text(self, schema: Schema, name: str) -> str:
        if schema.get("format") == "uuid" or name.endswith("_id"):
            known = self._known.get(name, ())
            return str(self._luck.choice(known) if known and self._luck.random() < _MOSTLY else uuid4())
        examples = [one for one in schema.get("examples", ()) if isinstance(one, str)]
        return self._luck.choice(examples) if examples else "walk"

    def _object(self, schema: Schema) -> dict[str, Any]:
        needed = set(schema.get("required", ()))
        drawn = {}
        for name, kind in schema.get("properties", {}).items():
            if name in needed or (name != "occurred_at" and self._luck.random() < _SOMETIMES):
                drawn[name] = self.of(kind, name)
        return drawn
