"""Revisits, and what they lead to (A100-A114)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from hotline_rules.deadlines import Span
from hotline_rules.schema import Count


class RevisitStart(StrEnum):
    """Where the clock of a revisit starts (A100)."""

    RESULT = "result"  # the department reports its result
    ACCEPTANCE = "acceptance"  # the matter was registered
    LIMIT = "limit"  # the limit of the handling runs out, or the result is reported later


@dataclass(frozen=True, kw_only=True, slots=True)
class RevisitRules:
    """When, how often and of whom a requester is revisited, beside the limit and the quiet hours."""

    starts: RevisitStart
    earliest_delay: Span  # after the result was reported
    immediate_within: Span  # A101: what still counts as the very end of the service
    schedule_by: time  # A.9: on the last day the call is planned for before this
    attempts: Count  # A100; each on another half-day, then a message
    message_script: str  # A100, A113: what the message says that is sent when nobody was reached
    answer_message_within: Span  # A100: until then the caller may still answer, and the matter stays open
    noon: time  # parts a day into its two halves
    sampled_permille: Mapping[str, int]  # A112: by kind of request, `any` for the rest; 1000 = everyone
    sampling_seed: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RedressRules:
    """What is owed to a caller who was served badly."""

    rework_rounds: int  # A108
    free_from_round: Count  # A109
    apology: Span  # A110
    suggestion_acknowledge: Span  # A107
    promise_warning: Span  # A18, A153: the desk is warned this long before a promised call
