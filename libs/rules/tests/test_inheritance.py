"""A pack states only what differs from the one it extends, and a mistake is still named with its own file and line."""

import pytest

from hotline_rules.deadlines import LimitKind, LimitUnit, Span
from hotline_rules.documents import PACKS, shipped_document
from hotline_rules.pack import RulePack, load_pack, parse_pack
from hotline_rules.sections.orders import ReturnGround
from hotline_rules.yaml_source import RulePackError

HEAD = "extends: default\nnumber: town/1\ntitle: A town\neffective_from: 2021-01-01\nsources: [its own]\n"
DEFAULT = load_pack("default")
WRONG = (PACKS / "default.yaml").read_text("utf-8").replace("ring_limit: 3", "ring_limit: -1", 1)


def town(rules: str) -> RulePack:
    return parse_pack("town.yaml", (HEAD + rules).encode())


def test_a_pack_is_silent_by_inheriting() -> None:
    """A152: the rest of the section, and the other sections, are those of the pack it extends."""
    pack = town("calls:\n  ring_limit: 5\n")
    assert (pack.calls.ring_limit, pack.calls.answer_seconds) == (5, DEFAULT.calls.answer_seconds)
    assert (pack.orders, pack.revisit, pack.limits) == (DEFAULT.orders, DEFAULT.revisit, DEFAULT.limits)


def test_a_limit_and_a_list_are_replaced_whole() -> None:
    pack = town("limits:\n  any:\n    resolve: {hours: 24}\norders:\n  returns:\n    grounds: [not_ours]\n")
    assert pack.limit(LimitKind.RESOLVE) == Span(amount=24, unit=LimitUnit.HOURS)
    assert pack.limit(LimitKind.SIGN) == DEFAULT.limit(LimitKind.SIGN)
    assert pack.orders.returns.grounds == (ReturnGround.NOT_OURS,)
    assert pack.orders.returns.arbitrate_at == DEFAULT.orders.returns.arbitrate_at


def test_a_pack_may_extend_one_that_extends_another() -> None:
    middle = (HEAD.replace("town/1", "middle/1") + "calls: {ring_limit: 5}\nduty: {tiers: [chief]}\n").encode()
    own = (HEAD.replace("default", "middle") + "calls: {answer_seconds: 20}\n").encode()
    pack = parse_pack("town.yaml", own, lambda name: middle if name == "middle" else shipped_document(name))
    assert (pack.number, pack.calls.ring_limit, pack.calls.answer_seconds) == ("town/1", 5, 20)
    assert (pack.duty.tiers, pack.duty.check_in_before) == (("chief",), DEFAULT.duty.check_in_before)
    other = parse_pack("town.yaml", own, lambda name: middle + b"# x\n" if name == "middle" else shipped_document(name))
    assert (other.calls, other.sha256 == pack.sha256) == (pack.calls, False)


@pytest.mark.parametrize(
    ("rules", "line", "rule", "problem"),
    [
        ("calls:\n  ring_limits: 3\n", 7, "calls.ring_limits", "not a rule"),
        ("calls:\n  ring_limit: none\n", 7, "calls.ring_limit", "whole number"),
        ("calls: 3\n", 6, "calls", "named values"),
        ("call: {}\n", 6, "call", "not a rule"),
        ("limits:\n  any:\n    sign: {hours: 1, minutes: 1}\n", 8, "limits.any.sign", "exactly one"),
        ("calls:\n  ring_limit: 3\n  ring_limit: 4\n", 8, "calls.ring_limit", "written twice"),
        ("duty:\n  tiers: duty_chief\n", 7, "duty.tiers", "a list"),
    ],
)
def test_a_mistake_is_named_with_the_file_and_line_that_made_it(rules: str, line: int, rule: str, problem: str) -> None:
    """A152."""
    with pytest.raises(RulePackError, match=problem) as refused:
        town(rules)
    assert (refused.value.file, refused.value.line, refused.value.rule) == ("town.yaml", line, rule)


def test_a_mistake_in_the_extended_pack_is_named_there() -> None:
    with pytest.raises(RulePackError, match="whole number") as refused:
        parse_pack("town.yaml", HEAD.encode(), lambda _name: WRONG.encode())
    assert (refused.value.file, refused.value.line) == ("default.yaml", WRONG[: WRONG.index("ring_limit")].count("\n") + 1)


@pytest.mark.parametrize(
    "name", ["number: town/1\n", "title: A town\n", "effective_from: 2021-01-01\n", "sources: [its own]\n"]
)
def test_what_a_pack_is_cannot_be_inherited(name: str) -> None:
    with pytest.raises(RulePackError, match=f"'{name.partition(':')[0]}' is missing"):
        parse_pack("town.yaml", HEAD.replace(name, "").encode())


def test_a_pack_that_is_not_there_and_one_that_extends_itself_are_refused_with_the_line() -> None:
    with pytest.raises(RulePackError, match="no rule pack 'nowhere'") as refused:
        parse_pack("town.yaml", HEAD.replace("default", "nowhere").encode())
    assert refused.value.line == 1
    with pytest.raises(RulePackError, match="cannot extend itself"):
        parse_pack("town.yaml", HEAD.encode(), lambda _name: HEAD.encode())
