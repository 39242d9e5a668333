"""One report of an exchange in the hotline's words, before it is known who the caller is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from hotline_events.catalogue.intake import EndedBy, LegResult
from intake.domain.call import FactKind

OUTSIDE = "outside"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LONG_NUMBER = re.compile(r"\d{7,}")
_UNKNOWN = frozenset({"", "<unknown>", "anonymous", "unavailable", "restricted", "private", "unknown"})


class ExchangeFormat(StrEnum):
    """In whose words an exchange reports: those of two real ones, or the hotline's own."""

    ASTERISK_AMI = "asterisk_ami"
    FREESWITCH_ESL = "freeswitch_esl"
    HOTLINE = "hotline"


class BadReportError(ValueError):
    """A raw event that says less than it must. `field` is the field at fault, `rule` what is wrong with it."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(rule)
        self.field = field
        self.rule = rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What happened to the call that the exchange calls `call`. `number` is the caller's: it goes to the vault alone.

    `party` is whom it is about, and `extension` the telephone, once both are named as the hotline does.
    """

    call: str
    kind: FactKind
    line: str | None = None
    number: str | None = None
    party: str | None = None
    extension: str | None = None
    by: EndedBy | None = None
    answered: bool | None = None
    result: LegResult | None = None
    ring_count: int | None = None
    emergency: bool = False
    rings: bool = False
    sequence: int = 0

    def through(self, agents: Mapping[str, str], lines: Mapping[str, str]) -> "Report":
        """Name agents and lines as the hotline does. What is still a telephone number is somebody's and stays out of it."""
        party = self.party and agents.get(self.party, agents.get(plain_name(self.party), plain_name(self.party)))
        if party is not None and (not _NAME.fullmatch(party) or (_LONG_NUMBER.search(party) and party not in agents.values())):
            party = OUTSIDE
        line = self.line and lines.get(self.line, self.line)
        if line is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", line):
            line = None
        extension = self.party and plain_name(self.party)
        if extension is not None and (not _NAME.fullmatch(extension) or _LONG_NUMBER.search(extension)):
            extension = None
        return replace(self, party=party or None, extension=extension, line=line)


def plain_name(name: str) -> str:
    """Take the name of a telephone out of a channel or an address: `PJSIP/8012-0000002f` and `8012@default` are 8012."""
    name = name.rpartition("/")[2].partition("@")[0]
    return re.sub(r"-[0-9a-f]{8}(;[12])?$", "", name)


def number_of(value: object) -> str | None:
    """Return a caller's number, None when it was withheld."""
    number = str(value or "").strip()
    return None if number.lower() in _UNKNOWN or len(number) > 40 else number  # noqa: PLR2004 - what the vault keeps


def needed(raw: Mapping[str, Any], field: str) -> str:
    """Return a field that must be there."""
    value = raw.get(field)
    if not isinstance(value, str) or not value:
        raise BadReportError(f"raw.{field}", "missing" if value is None or value == "" else "string_type")
    if len(value) > 200:  # noqa: PLR2004 - no id or name is longer
        raise BadReportError(f"raw.{field}", "string_too_long")
    return value


def text_of(raw: Mapping[str, Any], field: str) -> str:
    """Return a field as text, empty when it is not there."""
    value = raw.get(field)
    return value if isinstance(value, str) else ""
