"""Answering, holding and transferring a live call (A01-A24, A45-A63)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from hotline_rules.deadlines import Span
from hotline_rules.schema import Count, Few


class HuntPlace(StrEnum):
    """Where an absent leader is looked for, one after the other (A58)."""

    OFFICE = "office"
    MOBILE = "mobile"
    RESIDENCE = "residence"
    OTHER_DEPARTMENT = "other_department"


@dataclass(frozen=True, kw_only=True, slots=True)
class CallRules:
    """How a call is to be answered and carried on."""

    ring_limit: Count  # A01: rings in which a call is answered
    ring_milliseconds: Count  # one ring with its pause: 1 s on, 4 s off
    extension_ring_limit: Count  # A07: rings after which an unanswered extension is released
    answer_seconds: Count  # GB/T 33358
    talk_notice_seconds: Count  # A17: a hint to the agent
    talk_action_seconds: Count  # A18: stay and say so, or promise a call back
    progress_seconds: Count  # A47: longest hold without a word
    quick_hang_up_seconds: Count  # A14: a misdial ended sooner than this was cut off
    wrap_up_seconds: Count  # A35
    outcomes: tuple[str, ...]  # A66: what may come of a call; a refusal is none of them
    harassment_calls: Few  # A15: calls of one number within the window that may be flagged as harassment
    harassment_window: Span
    restriction_longest: Span  # A15: no restriction without an end
    keep_telephone_menu: bool  # A22: off (GB/T 33358)


@dataclass(frozen=True, kw_only=True, slots=True)
class TransferRules:
    """How a live call is passed on."""

    night_start: time  # A54: from here until night_end a mismatch is a message only
    night_end: time
    hunt: tuple[HuntPlace, ...]  # A58, in this order; urgent calls try all at once
    hunt_rings: Count  # A58: rings at each place
    skills: Mapping[str, tuple[str, ...]]  # A56: who can handle what, the first one first


@dataclass(frozen=True, kw_only=True, slots=True)
class Script:
    """What is said, in both languages; `{line}`, `{agent}`, `{unit}`, `{minutes}` and `{opens}` are filled in."""

    zh: str
    en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Texts:
    """The scripts by situation (A08-A14, A40, A46, A48, A52, A62, A113, A153), and what is not said."""

    scripts: Mapping[str, Script]
    misdial_banned: tuple[str, ...]  # A14: never said to somebody who dialled another number
