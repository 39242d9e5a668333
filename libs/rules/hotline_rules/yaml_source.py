"""Reading a YAML rule document so that every refusal names the file, the line and the rule.

The document is walked as nodes, not as plain values, because only nodes know their line.
"""

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import NoReturn, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

Choice = TypeVar("Choice", bound=StrEnum)
CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
WHOLE_NUMBER = re.compile(r"0|[1-9]\d{0,8}")
END_OF_DAY = "24:00"


class RulePackError(ValueError):
    """A rule document cannot be used; nothing of it takes effect."""

    def __init__(self, file: str, line: int, rule: str, problem: str) -> None:
        """Say where to look and what is wrong there."""
        super().__init__(f"{file}, line {line}, {rule or 'document'}: {problem}")
        self.file = file
        self.line = line
        self.rule = rule
        self.problem = problem


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """One node of the document and the path of rules that leads to it; the node's mark knows its file and line."""

    rule: str
    node: yaml.Node

    @property
    def file(self) -> str:
        """What a refusal calls the document that says this."""
        return str(self.node.start_mark.name)

    def refuse(self, problem: str) -> NoReturn:
        """Refuse the whole document because of this node."""
        raise RulePackError(self.file, self.node.start_mark.line + 1, self.rule, problem)

    def text(self) -> str:
        """Read a text that is not empty."""
        if not isinstance(self.node, yaml.ScalarNode):
            self.refuse("a single value is expected")
        text = str(self.node.value).strip()
        if not text:
            self.refuse("a value is missing")
        return text

    def number(self, *, least: int = 0, most: int | None = None) -> int:
        """Read a whole number that is not below the least, nor above the most."""
        text = self.text()
        if not WHOLE_NUMBER.fullmatch(text) or int(text) < least:
            self.refuse(f"a whole number of at least {least} is expected, not {text!r}")
        if most is not None and int(text) > most:
            self.refuse(f"a whole number of at most {most} is expected, not {text!r}")
        return int(text)

    def yes_no(self) -> bool:
        """Read yes or no."""
        text = self.text()
        if text not in {"yes", "no"}:
            self.refuse(f"yes or no is expected, not {text!r}")
        return text == "yes"

    def day(self) -> date:
        """Read a date written YYYY-MM-DD."""
        text = self.text()
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.refuse(f"a date such as 2020-01-19 is expected, not {text!r}")

    def clock(self) -> time:
        """Read a time of day written HH:MM."""
        text = self.text()
        if not CLOCK.fullmatch(text):
            self.refuse(f"a time such as 08:00 is expected, not {text!r}")
        return time.fromisoformat(text)

    def day_end(self) -> time | None:
        """Read a time of day at which a day is over; 24:00 is None."""
        if self.text() == END_OF_DAY:
            return None
        if (clock := self.clock()) == time():
            self.refuse("a day that is over at 00:00 has no time in it; write 24:00")
        return clock

    def zone(self) -> ZoneInfo:
        """Read a time zone by its IANA name."""
        name = self.text()
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.refuse(f"{name!r} is not a time zone")

    def choice(self, choices: type[Choice]) -> Choice:
        """Read one of the fixed words."""
        text = self.text()
        try:
            return choices(text)
        except ValueError:
            self.refuse(f"{text!r} is not one of {', '.join(choices)}")

    def items(self) -> list["Value"]:
        """Read a list; each item keeps its own line."""
        if not isinstance(self.node, yaml.SequenceNode):
            self.refuse("a list is expected")
        return [Value(rule=f"{self.rule}[{index}]", node=node) for index, node in enumerate(self.node.value)]

    def section(self) -> dict[str, "Value"]:
        """Read named values; a name written twice is refused, because only one of the two could hold."""
        if not isinstance(self.node, yaml.MappingNode):
            self.refuse("named values are expected")
        found: dict[str, Value] = {}
        for key, node in self.node.value:
            name = str(key.value)
            value = Value(rule=f"{self.rule}.{name}".lstrip("."), node=node)
            if name in found:
                Value(rule=value.rule, node=key).refuse("it is written twice")
            found[name] = value
        return found

    def fields(self, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, "Value"]:
        """Read named values of which the required ones must be there and no other than the optional ones may be."""
        required = tuple(required)
        found = self.section()
        for name, value in found.items():
            if name not in required and name not in optional:
                value.refuse(f"it is not a rule; known here: {', '.join((*required, *optional))}")
        for name in required:
            if name not in found:
                self.refuse(f"{name!r} is missing")
        return found


def parse(file: str, text: str | bytes) -> Value:
    """Parse a document into its root node."""
    try:
        node = _compose(file, text)
    except yaml.MarkedYAMLError as broken:
        line = broken.problem_mark.line + 1 if broken.problem_mark else 1
        raise RulePackError(file, line, "", f"not YAML: {broken.problem}") from broken
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as broken:
        raise RulePackError(file, 1, "", f"not YAML: {broken}") from broken
    if node is None:
        raise RulePackError(file, 1, "", "the document is empty")
    return Value(rule="", node=node)


def _compose(file: str, text: str | bytes) -> yaml.Node | None:
    loader = yaml.SafeLoader(text)
    loader.name = file
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


def merged(own: yaml.Node, inherited: yaml.Node, whole: Container[str] = ()) -> yaml.Node:
    """Return the document that says what `own` says, and what it inherits where it is silent.

    Named values are merged name by name, anything else is replaced whole: lists, single values, and those named values whose
    names are all in `whole`. Each node keeps its file and line, so a refusal still points at who wrote it.
    """
    if not (isinstance(own, yaml.MappingNode) and isinstance(inherited, yaml.MappingNode)) or _is_whole(own, whole):
        return own
    before = {str(key.value): node for key, node in inherited.value}
    said = {str(key.value) for key, _node in own.value}
    pairs = [
        (key, merged(node, before[str(key.value)], whole) if str(key.value) in before else node) for key, node in own.value
    ]
    pairs += [(key, node) for key, node in inherited.value if str(key.value) not in said]
    return yaml.MappingNode(tag=own.tag, value=pairs, start_mark=own.start_mark, end_mark=own.end_mark)


def figures(value: Value, path: str = "") -> Iterator[tuple[str, str]]:
    """Return every single value of a document with the path of names that leads to it; the items of a list as one text."""
    node = value.node
    if isinstance(node, yaml.MappingNode):
        for name, inner in value.section().items():
            yield from figures(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(node, yaml.SequenceNode):
        items = [dict(figures(item)) for item in value.items()]
        yield path, "; ".join(", ".join(f"{name} {text}".strip() for name, text in item.items()) for item in items)
    else:
        yield path, str(node.value)


def _is_whole(node: yaml.MappingNode, whole: Container[str]) -> bool:
    return bool(node.value) and all(str(key.value) in whole for key, _node in node.value)
