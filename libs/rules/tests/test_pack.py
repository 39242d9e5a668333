"""Rule packs: the shipped ones say what the sources say, and a bad one is refused with the line that is wrong."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline_rules.calendar import SHANGHAI
from hotline_rules.deadlines import LimitKind, LimitUnit, Span
from hotline_rules.documents import PACKS, shipped_packs
from hotline_rules.limits import RequestType
from hotline_rules.pack import UnknownRulePackError, load_pack, parse_pack
from hotline_rules.yaml_source import RulePackError

DEFAULT = (PACKS / "default.yaml").read_text(encoding="utf-8")
WORKING = LimitUnit.WORKING_DAYS


def changed(old: str, new: str) -> bytes:
    assert old in DEFAULT
    return DEFAULT.replace(old, new, 1).encode()


def line_of(text: str, document: bytes) -> int:
    return document.decode()[: document.decode().index(text)].count("\n") + 1


def test_the_default_pack_has_the_limits_of_its_sources() -> None:
    """A01, A100, A101."""
    pack = load_pack("default")
    amounts = {kind: (limit.amount, limit.unit) for kind, limit in pack.limits.general.items()}
    assert amounts == {
        LimitKind.SIGN: (1, WORKING),
        LimitKind.RETURN: (2, WORKING),
        LimitKind.CONTACT: (1, WORKING),
        LimitKind.RESOLVE: (5, WORKING),
        LimitKind.REVISIT: (3, WORKING),
    }
    assert (pack.calls.ring_limit, pack.calls.answer_seconds) == (3, 15)
    assert pack.quiet_hours.contains(datetime(2021, 3, 3, 22, tzinfo=SHANGHAI))


@pytest.mark.parametrize("name", shipped_packs())
def test_every_shipped_pack_loads_and_is_known_by_its_own_bytes_and_those_it_inherits(name: str) -> None:
    """A152."""
    pack = load_pack(name)
    own = (PACKS / f"{name}.yaml").read_bytes()
    inherited = "" if name == "default" else sha256(DEFAULT.encode()).hexdigest() + "\n"
    assert pack.number.startswith(f"{name}/")
    assert pack.sha256 == sha256(own + inherited.encode()).hexdigest()


def test_the_san_francisco_pack_counts_that_city_s_days() -> None:
    pack = load_pack("san_francisco")
    thursday_evening = datetime(2017, 3, 10, 3, tzinfo=UTC)
    assert pack.due_at(LimitKind.RESOLVE, thursday_evening) == datetime(2017, 3, 17, 7, tzinfo=UTC)


def test_a_kind_of_request_may_have_a_limit_of_its_own() -> None:
    pack = parse_pack("own.yaml", changed("\ncalls:", "  emergency_repair:\n    resolve: {hours: 24}\n\ncalls:"))
    own = Span(amount=24, unit=LimitUnit.HOURS)
    assert pack.limit(LimitKind.RESOLVE, RequestType.EMERGENCY_REPAIR) == own
    assert pack.limit(LimitKind.SIGN, RequestType.EMERGENCY_REPAIR) == pack.limits.general[LimitKind.SIGN]
    assert pack.limit(LimitKind.RESOLVE, RequestType.HELP) == pack.limits.general[LimitKind.RESOLVE]


def test_a_revisit_waits_for_its_delay_and_for_the_morning() -> None:
    """A101."""
    pack = load_pack("default")
    noon, late = datetime(2021, 3, 3, 12, tzinfo=SHANGHAI), datetime(2021, 3, 3, 21, 30, tzinfo=SHANGHAI)
    assert pack.revisit_at(noon) == noon + timedelta(hours=1)
    assert pack.revisit_at(late) == datetime(2021, 3, 4, 8, tzinfo=SHANGHAI)
    assert pack.revisit_at(late + timedelta(hours=1), immediate_after_service=True) == late + timedelta(hours=1)


def test_a_pack_of_the_office_is_read_from_its_path(tmp_path: Path) -> None:
    path = tmp_path / "office.yaml"
    path.write_bytes(changed("number: default/1", "number: office/7"))
    assert load_pack(path).number == load_pack(str(path)).number == "office/7"


def test_a_pack_that_does_not_exist_is_refused_with_the_names_that_do() -> None:
    with pytest.raises(UnknownRulePackError, match=r"'nowhere'.*default.*san_francisco"):
        load_pack("nowhere")


def test_a_pack_carries_the_office_s_table_of_days() -> None:
    document = changed("  kind: china", "  kind: china\n  complete_years: [2027]\n  days: {2027-01-01: holiday}")
    due = parse_pack("office.yaml", document).due_at(LimitKind.SIGN, datetime(2026, 12, 31, 9, tzinfo=SHANGHAI))
    assert due == datetime(2027, 1, 5, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("old", "new", "rule", "problem"),
    [
        ("number: default/1", "number: Default", "number", "such as default/1"),
        ("effective_from: 2004-01-01", "effective_from: 2004-13-01", "effective_from", "a date such as"),
        ("timezone: Asia/Shanghai", "timezone: Asia/Nowhere", "timezone", "not a time zone"),
        ("timezone: Asia/Shanghai", "timezone: ../../etc/hosts", "timezone", "not a time zone"),
        ("kind: china", "kind: lunar", "calendar.kind", "not one of china, weekend"),
        ("kind: china", "kind: china\n  days: {2027-02-30: holiday}", "calendar.days.2027-02-30", "a date such as"),
        ("kind: china", "kind: china\n  days: {2027-02-03: maybe}", "calendar.days.2027-02-03", "working, holiday"),
        ('day_end: "24:00"', 'day_end: "25:00"', "calendar.day_end", "a time such as"),
        ('start: "22:00"', 'start: "8:00"', "quiet_hours.start", "a time such as"),
        ('start: "22:00"', 'start: "08:00"', "quiet_hours", "no time to call"),
        ("sign: {working_days: 1}", "sign: {working_days: 0}", "limits.any.sign.working_days", "at least 1"),
        ("harassment_calls: 5", "harassment_calls: 101", "calls.harassment_calls", "at most 100"),
        ("sign: {working_days: 1}", "sign: {working_days: 1.5}", "limits.any.sign.working_days", "whole number"),
        ("sign: {working_days: 1}", "sign: {working_days: 1, hours: 1}", "limits.any.sign", "exactly one"),
        ("sign: {working_days: 1}", "sign: 1", "limits.any.sign", "named values"),
        ("sign: {working_days: 1}", "signed: {working_days: 1}", "limits.any.signed", "not a rule"),
        ("ring_limit: 3", "ring_limit: three", "calls.ring_limit", "whole number"),
        ("talk_action_seconds: 300", "talk_action_seconds: 100", "calls.talk_action_seconds", "before"),
        ("heartbeat: {minutes: 30}", "heartbeat: {working_days: 1}", "orders.emergency.heartbeat", "in hours or less"),
        ("  rework_rounds: 2", "  rework_rounds: 2\n  rework_rounds: 3", "redress.rework_rounds", "written twice"),
        ("rework_rounds: 2", "rework_rounds:", "redress.rework_rounds", "missing"),
        ("rework_rounds: 2", "rework_round: 2", "redress.rework_round", "not a rule"),
    ],
)
def test_a_bad_rule_is_refused_with_file_line_and_name(old: str, new: str, rule: str, problem: str) -> None:
    document = changed(old, new)
    with pytest.raises(RulePackError) as refused:
        parse_pack("bad.yaml", document)
    wrong = refused.value
    assert (wrong.file, wrong.rule) == ("bad.yaml", rule)
    assert problem in wrong.problem
    first = line_of(new.split("\n", maxsplit=1)[0], document)
    assert first - 1 <= wrong.line <= first + new.count("\n") + 1
    assert f"bad.yaml, line {wrong.line}, {rule}:" in str(wrong)


def test_a_missing_rule_is_named() -> None:
    with pytest.raises(RulePackError, match="'rework_rounds' is missing"):
        parse_pack("bad.yaml", changed("rework_rounds: 2", ""))


def test_a_document_that_is_not_yaml_is_refused_with_its_line() -> None:
    with pytest.raises(RulePackError, match=r"bad.yaml, line 3, document: not YAML"):
        parse_pack("bad.yaml", b"number: default/1\ntitle: [\n")
    with pytest.raises(RulePackError, match="empty"):
        parse_pack("bad.yaml", b"")
    with pytest.raises(RulePackError, match="not YAML"):
        parse_pack("bad.yaml", b"[" * 20_000)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_whatever_break_the_reader(document: bytes) -> None:
    with pytest.raises(RulePackError):
        parse_pack("any.yaml", document)


def test_a_pack_that_says_who_answers_an_escalation_leaves_no_level_to_nobody() -> None:
    """A82, A152: one that was written before it could say so is read as before."""
    levels = load_pack("default").orders.escalation
    assert set(levels.answered_by) == set(levels.levels)
    line = "      duty_chief: [oversight_officer]\n"
    for wrong in ("", "      duty_chief: []\n", "      duty_chief: [mayor]\n"):
        with pytest.raises(RulePackError, match=r"duty_chief|mayor"):
            parse_pack("own.yaml", changed(line, wrong))
    start, end = DEFAULT.index("    answered_by:"), DEFAULT.index("    each: {hours: 4}")
    assert parse_pack("old.yaml", (DEFAULT[:start] + DEFAULT[end:]).encode()).orders.escalation.answered_by == {}
