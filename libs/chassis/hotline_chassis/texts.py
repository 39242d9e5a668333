"""Texts that people read, by code, from gettext catalogues: Chinese unless the reader asks for English.

Catalogues are `.po` files and are read as they are at start, so a clean clone needs no compile step. A code that has no
text in any catalogue is answered with the fallback, so that a new refusal is never without words.
"""

import io
import re
from collections.abc import Iterable
from gettext import GNUTranslations
from pathlib import Path
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

CHINESE: Final = "zh-CN"
ENGLISH: Final = "en"
OWN_CATALOGUES: Final = Path(__file__).parent / "locale"
_RANGE: Final = re.compile(r"([A-Za-z-]{1,16}|\*)(?:\s*;\s*q\s*=\s*([01](?:\.\d{0,3})?))?")


class Texts:
    """The catalogues of the chassis and of one service."""

    def __init__(self, *directories: Path) -> None:
        found = (OWN_CATALOGUES, *directories)
        self._texts = {
            CHINESE: _load(directory / "zh_CN" for directory in found),
            ENGLISH: _load(directory / "en" for directory in found),
        }

    def text(self, code: str, language: str, fallback: str | None = None) -> str:
        translated = self._texts[language].gettext(code)
        return translated if translated != code else fallback or code


def language_of(accept_language: str | None) -> str:
    """Choose Chinese unless English is asked for with more weight."""
    weights = {"zh": 0.0, "en": 0.0}
    for part in (accept_language or "")[:200].split(","):
        match = _RANGE.fullmatch(part.strip())
        if match:
            primary = match[1].split("-")[0].lower()
            weight = float(match[2] or 1)
            if primary in weights:
                weights[primary] = max(weights[primary], weight)
    return ENGLISH if weights["en"] > weights["zh"] else CHINESE


def _load(directories: Iterable[Path]) -> GNUTranslations:
    whole = _read()
    for directory in directories:
        for file in sorted(directory.glob("LC_MESSAGES/*.po")):
            more = _read(file)
            more.add_fallback(whole)
            whole = more
    return whole


def _read(file: Path | None = None) -> GNUTranslations:
    compiled = io.BytesIO()
    source = io.BytesIO(file.read_bytes() if file else b"")
    write_mo(compiled, read_po(source))
    compiled.seek(0)
    return GNUTranslations(compiled)
