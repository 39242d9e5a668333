"""Scripts as they are spoken: filled in for the call taker, and found again in a transcript (A08, A09, A11).

A transcript holds a script when it has the fixed words of it, in their order, whatever the punctuation.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from hotline_rules.sections.calls import Script

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_AGENT = "agent"
_NOWHERE = "(?!)"


def filled(template: str, known: Mapping[str, str]) -> str:
    """Fill in what is known; what is not stays in its braces, for the call taker to say."""
    return _PLACEHOLDER.sub(lambda found: known.get(found[1]) or found[0], template)


def scripts_in(said: Sequence[str], scripts: Mapping[str, Script], agent_number: str) -> Mapping[str, bool]:
    """Return the scripts that were spoken, in either language, and whether the agent's number was said in each."""
    spoken = _plain("".join(said))
    found: dict[str, bool] = {}
    for name, script in scripts.items():
        for template in (script.zh, script.en):
            if _holds(spoken, template, None):
                numbered = f"{{{_AGENT}}}" in template and _holds(spoken, template, agent_number)
                found[name] = found.get(name, False) or numbered
    return found


def order_of(said: Sequence[str], scripts: Mapping[str, Script]) -> Sequence[str]:
    """Return these scripts, in either language, as they followed each other and as often as they were spoken (A13)."""
    spoken = _plain("".join(said))
    found = {
        (match.start(), name)
        for name, script in scripts.items()
        for template in (script.zh, script.en)
        for match in re.finditer(_pattern(template, None), spoken)
    }
    return [name for _, name in sorted(found)]


def holds_any(said: Sequence[str], phrases: Sequence[str]) -> bool:
    """Say whether one of these phrases was spoken, within what was said in one go."""
    return any(_plain(phrase) in _plain(line) for line in said for phrase in phrases if _plain(phrase))


def _holds(spoken: str, template: str, agent_number: str | None) -> bool:
    """Say whether the fixed words of a template were spoken, in their order; with a number, that number in its place."""
    return re.search(_pattern(template, agent_number), spoken) is not None


def _pattern(template: str, agent_number: str | None) -> str:
    """Return what finds a script in plain text; one without a fixed word is found nowhere."""
    parts = _PLACEHOLDER.split(template)
    fixed = [re.escape(_plain(part)) for part in parts[::2]]
    names = parts[1::2]
    filled = [re.escape(_plain(agent_number)) if name == _AGENT and agent_number is not None else ".{0,60}?" for name in names]
    pattern = fixed[0] + "".join(gap + words for gap, words in zip(filled, fixed[1:], strict=True))
    return pattern if any(fixed) else _NOWHERE


def _plain(text: str) -> str:
    """Leave only letters and digits, in one form and case."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).lower() if sign.isalnum())
