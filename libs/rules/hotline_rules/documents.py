"""The documents of a rule pack: its own and, where it says `extends`, the ones it inherits from.

A pack states only what differs. Sections are merged name by name, a list or a limit is replaced whole; what a pack is (number,
title, effective date, sources) is never inherited. The hash of a pack that stands alone is the sha256 of its bytes; of one that
extends another, the sha256 of its bytes, the other's hash in hex and a newline: `(cat own.yaml; echo $OTHER) | sha256sum`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

import yaml

from hotline_rules.deadlines import LimitUnit
from hotline_rules.yaml_source import Value, merged, parse

PACKS = Path(__file__).parent / "packs"
IDENTITY = ("number", "title", "effective_from", "sources")
EXTENDS = "extends"

Library: TypeAlias = Callable[[str], bytes | None]
"""Finds the document of a pack that another extends, by its name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """One file of a pack, as it was written."""

    name: str
    content: bytes


def shipped_packs() -> list[str]:
    """Names of the packs that come with the library."""
    return sorted(path.stem for path in PACKS.glob("*.yaml"))


def shipped_document(name: str) -> bytes | None:
    """Return the document of a shipped pack, or None when there is none of this name."""
    return (PACKS / f"{name}.yaml").read_bytes() if name in shipped_packs() else None


def documents_of(own: Document, library: Library = shipped_document) -> list[Document]:
    """Return the pack's own document and those it inherits from, nearest first."""
    found, inherited = [own], _extends(own)
    while inherited is not None:
        name = inherited.text()
        content = library(name)
        if content is None:
            inherited.refuse(f"there is no rule pack {name!r} to extend")
        document = Document(name=f"{name}.yaml", content=content)
        if document in found:
            inherited.refuse("a pack cannot extend itself")
        found.append(document)
        inherited = _extends(document)
    return found


def whole(documents: list[Document]) -> Value:
    """Return the rules that these documents, nearest first, give together."""
    *nearer, last = documents
    node = parse(last.name, last.content).node
    for document in reversed(nearer):
        node = merged(parse(document.name, document.content).node, _inheritable(node), tuple(LimitUnit))
    return Value(rule="", node=_without(node, (EXTENDS,)))


def content_hash(documents: list[Document]) -> str:
    """Return the hash that proves which texts, nearest first, a number stood for."""
    hashed = ""
    for document in reversed(documents):
        hashed = sha256(document.content + (f"{hashed}\n".encode() if hashed else b"")).hexdigest()
    return hashed


def _extends(document: Document) -> Value | None:
    return parse(document.name, document.content).section().get(EXTENDS)


def _inheritable(node: yaml.Node) -> yaml.Node:
    return _without(node, (*IDENTITY, EXTENDS))


def _without(node: yaml.Node, names: tuple[str, ...]) -> yaml.Node:
    if not isinstance(node, yaml.MappingNode):
        return node
    kept = [(key, value) for key, value in node.value if key.value not in names]
    return yaml.MappingNode(tag=node.tag, value=kept, start_mark=node.start_mark, end_mark=node.end_mark)
