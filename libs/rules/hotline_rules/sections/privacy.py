"""Confidentiality, break-glass, exports, directory (A130, A144-A150)."""

from dataclasses import dataclass

from hotline_rules.deadlines import Span
from hotline_rules.schema import Count, Few


@dataclass(frozen=True, kw_only=True, slots=True)
class PrivacyRules:
    """Who may see what, and for how long without asking."""

    ratify_break_glass: Span  # A130: three days, else it is flagged
    export_valid: Span  # A146: how long an approved export may be fetched
    export_rows: Count
    disclosure_facts: Count  # A148: how many facts a caller must know before anything is told
    disclosure_mismatches: Few  # A148: so many wrong claims about a matter in a day, and no more are compared
    screen_pop_rows: Count  # A23: how many matters and notes are shown when somebody rings
    directory_stale: Span  # A149
