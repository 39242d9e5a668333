"""Codes for names that a file spells out: departments, categories.

The same name gets the same code in every file; two names never share one, for what was lost on the way is kept as a hash.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable

_MOST = 32
_HASH = 6


def code_of(name: str) -> str:
    """Return a code of small letters, digits and hyphens, at most 32 long."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")
    is_whole = 0 < len(slug) <= _MOST and not any(ord(letter) > 127 for letter in name)  # noqa: PLR2004 - ASCII
    return slug if is_whole else with_hash(slug, name)


def codes_of(names: Iterable[str]) -> dict[str, str]:
    """Return a code for each name; names whose codes would be equal all get their hash added."""
    codes = {name: code_of(name) for name in sorted(set(names))}
    taken: dict[str, list[str]] = {}
    for name, code in codes.items():
        taken.setdefault(code, []).append(name)
    twice = {name for sharing in taken.values() if len(sharing) > 1 for name in sharing}
    return {name: with_hash(code, name) if name in twice else code for name, code in codes.items()}


def with_hash(slug: str, name: str) -> str:
    digest = hashlib.sha256(name.encode()).hexdigest()[:_HASH]
    return f"{slug[: _MOST - _HASH - 1].rstrip('-')}-{digest}".lstrip("-")
