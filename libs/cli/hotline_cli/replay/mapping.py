"""A mapping: the YAML document that says what the columns of a file mean. It is checked whole before a row is read.

Every refusal names the document, the line and the rule; see `hotline_cli/mappings/` for mappings that explain themselves.
"""

import codecs
import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from hotline_cli.replay.expressions import Expression, Moment
from hotline_events.catalogue.intake import Channel, RequestType
from hotline_rules.yaml_source import RulePackError, Value, parse

_WAYS = ("column", "columns", "separator", "fixed", "values", "patterns", "absent", "default", "longest", "if_possible")
_MOMENT = ("column", "columns", "format", "at", "days_after", "if_possible")
_COMMON = ("name", "kind", "title", "timezone", "key")
_FILE = ("unused", "encoding", "delimiter")
_YES_NO = ("yes", "no", "unknown")
_CALL_WORDS = ("answered", "abandoned", "skipped")

MappingError = RulePackError


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What every mapping says: its name makes the ids, its key makes a row the same row in every run."""

    name: str
    title: str
    key: tuple[str, ...]
    columns: Mapping[str, int]
    needed: AbstractSet[str]
    unused: frozenset[str]
    encoding: str
    delimiter: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the caller is taken to have said at the revisit."""

    solved: Expression
    satisfied: Expression
    reason: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestMapping:
    """A file of requests: the record's elements, the department that handled it, when what happened, the reply."""

    common: Common
    record: Mapping[str, Expression]
    department: Expression
    registered: Moment
    signed: Moment
    contacted: Moment
    resolved: Moment
    reply: Expression
    revisit: Answers | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMapping:
    """A log of calls: when each came, how long it was in the menu, in the queue and with an agent, and how it ended."""

    common: Common
    line: Expression
    agent: Expression
    received: Moment
    menu: str
    wait: str
    talk: str
    outcome: Expression
    menu_when_no_wait: bool
    wrap_up_seconds: int
    wrap_up_outcome: str


AnyMapping = RequestMapping | CallMapping


def load_mapping(path: Path) -> AnyMapping:
    """Read and check a mapping; a bare name such as `san_francisco_311` is one of those that ship."""
    if not path.is_file():
        shipped_in = files("hotline_cli") / "mappings"
        shipped = shipped_in / f"{path.name.removesuffix('.yaml')}.yaml"
        if not shipped.is_file():
            names = sorted(one.name.removesuffix(".yaml") for one in shipped_in.iterdir())
            raise MappingError(str(path), 1, "", f"there is no such file; these mappings ship: {', '.join(names)}")
        return read_mapping(shipped.name, shipped.read_bytes())
    return read_mapping(path.name, path.read_bytes())


def read_mapping(file: str, document: bytes) -> AnyMapping:
    """Check a mapping's text."""
    root = parse(file, document)
    kind = root.section().get("kind")
    if kind is None:
        root.refuse("'kind' is missing")
    if _word(kind, ("requests", "calls")) == "requests":
        return _Reader(root).requests()
    return _Reader(root).calls()


class _Reader:
    """Walks one document; remembers each column and the line that first asks for it."""

    def __init__(self, root: Value) -> None:
        self._root = root
        self._columns: dict[str, int] = {}
        self._needed: set[str] = set()
        self._zone = ZoneInfo("UTC")

    def requests(self) -> RequestMapping:
        top = self._root.fields((*_COMMON, "record", "department", "times", "reply"), (*_FILE, "revisit"))
        common = self._start(top)
        times = top["times"].fields(("registered",), ("signed", "contacted", "resolved"))
        moments = {name: self._moment(value) for name, value in times.items()}
        untold = Moment(timezone=self._zone)
        return RequestMapping(
            common=common,
            record=self._record(top["record"]),
            department=self._expression(top["department"], required=True),
            reply=self._expression(top["reply"], required=True),
            revisit=self._answers(top["revisit"]) if "revisit" in top else None,
            registered=moments["registered"],
            signed=moments.get("signed", untold),
            contacted=moments.get("contacted", untold),
            resolved=moments.get("resolved", untold),
        )

    def calls(self) -> CallMapping:
        needed = ("line", "agent", "received", "seconds", "outcome", "wrap_up", "menu_when_no_wait")
        top = self._root.fields((*_COMMON, *needed), _FILE)
        common = self._start(top)
        durations = top["seconds"].fields(("menu", "wait", "talk"))
        wrap_up = top["wrap_up"].fields(("seconds", "outcome"))
        return CallMapping(
            common=common,
            line=self._expression(top["line"], required=True),
            agent=self._expression(top["agent"], required=True),
            received=self._moment(top["received"]),
            menu=self._column(durations["menu"]),
            wait=self._column(durations["wait"]),
            talk=self._column(durations["talk"]),
            outcome=self._expression(top["outcome"], required=True, words=_CALL_WORDS),
            menu_when_no_wait=_word(top["menu_when_no_wait"], ("yes", "no")) == "yes",
            wrap_up_seconds=wrap_up["seconds"].number(),
            wrap_up_outcome=wrap_up["outcome"].text(),
        )

    def _start(self, top: Mapping[str, Value]) -> Common:
        self._zone = top["timezone"].zone()
        key = top["key"]
        keys = tuple(map(self._column, _list_or_one(key)))
        if not keys:
            key.refuse("a column is expected, or several: without one all rows are the same")
        return Common(
            name=top["name"].text(),
            title=top["title"].text(),
            key=keys,
            columns=self._columns,
            needed=self._needed,
            unused=frozenset(item.text() for item in top["unused"].items()) if "unused" in top else frozenset(),
            encoding=_encoding(top["encoding"]) if "encoding" in top else "utf-8-sig",
            delimiter=_delimiter(top["delimiter"]) if "delimiter" in top else ",",
            document=self._root.file,
        )

    def _record(self, value: Value) -> dict[str, Expression]:
        needed = ("channel", "request_type", "title", "matter", "category")
        fields = value.fields(needed, ("place", "area", "source_reference"))
        words = {"channel": tuple(Channel), "request_type": tuple(RequestType)}
        return {name: self._expression(each, required=name in needed, words=words.get(name)) for name, each in fields.items()}

    def _answers(self, value: Value) -> Answers:
        fields = value.fields(("solved", "satisfied", "reason"))
        return Answers(
            solved=self._expression(fields["solved"], required=True, words=_YES_NO),
            satisfied=self._expression(fields["satisfied"], required=True, words=_YES_NO),
            reason=self._expression(fields["reason"], required=True),
        )

    def _column(self, value: Value, *, needed: bool = True) -> str:
        name = value.text()
        self._columns.setdefault(name, value.node.start_mark.line + 1)
        if needed:
            self._needed.add(name)
        return name

    def _columns_of(self, value: Value, fields: Mapping[str, Value]) -> tuple[str, ...]:
        """Read which columns it is made of; with `if_possible` a file without them is read as if they were empty."""
        if ("column" in fields) == ("columns" in fields):
            value.refuse("either 'column' or 'columns' is needed")
        needed = not _if_possible(fields)
        items = [fields["column"]] if "column" in fields else fields["columns"].items()
        return tuple(self._column(item, needed=needed) for item in items)

    def _moment(self, value: Value) -> Moment:
        fields = value.fields((), _MOMENT)
        return Moment(
            columns=self._columns_of(value, fields),
            timezone=self._zone,
            formats=tuple(map(_format, _list_or_one(fields["format"]))) if "format" in fields else (),
            at=fields["at"].clock() if "at" in fields else None,
            days_after=self._column(fields["days_after"]) if "days_after" in fields else None,
            optional_outside=_if_possible(fields),
        )

    def _expression(self, value: Value, *, required: bool, words: Iterable[str] | None = None) -> Expression:
        fields = value.fields((), _WAYS)
        if "fixed" in fields:
            value.fields(("fixed",))
            return Expression(fixed=_word(fields["fixed"], words))
        if required and "default" not in fields and _if_possible(fields):
            fields["if_possible"].refuse("an element that every matter has needs a 'default' beside it")
        if words is not None and not {"values", "patterns", "default"} & set(fields):
            value.refuse(f"'values' or 'patterns' must lead to one of {', '.join(words)}")
        return Expression(
            columns=self._columns_of(value, fields),
            separator=str(fields["separator"].node.value) if "separator" in fields else " ",
            values=_values(fields["values"], words) if "values" in fields else None,
            patterns=_patterns(fields["patterns"], words) if "patterns" in fields else (),
            absent=frozenset(item.text() for item in fields["absent"].items()) if "absent" in fields else frozenset(),
            default=_word(fields["default"], words) if "default" in fields else None,
            required=required,
            longest=fields["longest"].number(least=1) if "longest" in fields else None,
        )


def _list_or_one(value: Value) -> list[Value]:
    return [value] if isinstance(value.node, yaml.ScalarNode) else value.items()


def _if_possible(fields: Mapping[str, Value]) -> bool:
    return "if_possible" in fields and fields["if_possible"].yes_no()


def _encoding(value: Value) -> str:
    name = value.text()
    try:
        codecs.lookup(name)
    except LookupError:
        value.refuse(f"{name!r} is not an encoding; gb18030 reads what Chinese offices write, utf-8 everything newer")
    return name


def _delimiter(value: Value) -> str:
    text = str(value.node.value) if isinstance(value.node, yaml.ScalarNode) else ""
    if len(text) != 1:
        value.refuse(f"one character between two cells is expected, not {text!r}")
    return text


def _format(value: Value) -> str:
    form = value.text()
    try:
        read = datetime.strptime(datetime(2001, 2, 3, 4, 5, 6).strftime(form), form)  # noqa: DTZ001,DTZ007 - only its date
    except ValueError as error:
        value.refuse(f"not a format of a time: {error}")
    if read.date() != date(2001, 2, 3):
        value.refuse(f"it does not tell year, month and day: {form!r}")
    return form


def _word(value: Value, words: Iterable[str] | None) -> str:
    text = value.text()
    if words is not None and text not in (known := tuple(map(str, words))):
        value.refuse(f"{text!r} is not one of {', '.join(known)}")
    return text


def _values(value: Value, words: Iterable[str] | None) -> dict[str, str]:
    return {name: _word(each, words) for name, each in value.section().items()}


def _patterns(value: Value, words: Iterable[str] | None) -> tuple[tuple[re.Pattern[str], str], ...]:
    found = []
    for item in value.items():
        fields = item.fields(("match", "value"))
        try:
            pattern = re.compile(fields["match"].text(), re.IGNORECASE)
        except re.error as error:
            fields["match"].refuse(f"not a regular expression: {error}")
        found.append((pattern, _word(fields["value"], words)))
    return tuple(found)
