"""What exchanges report: two real ones in their own words, and any order of delivery leads to the same call."""

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from hotline_events.catalogue import intake
from hotline_events.catalogue.intake import AbandonStage, EndedBy, LegResult
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON, given
from hotline_rules.pack import load_pack
from intake.adapters import exchange
from intake.adapters.exchange import BadReportError, ExchangeFormat
from intake.domain import call
from intake.domain.call import Fact, FactKind, picture_of

CALL, CALLER = UUID(int=1), UUID(int=2)
RULES = load_pack("default").calls
RECORDINGS = Path(__file__).parent / "recordings"
BUSY = {"DialStatus": "BUSY"}
START = datetime(2026, 11, 22, 1, 49, 45, tzinfo=UTC)


def recorded(form: ExchangeFormat, name: str) -> list[Fact]:
    """Read a recording of a real exchange, one fact a report, in the words of the hotline."""
    facts = []
    for number, line in enumerate((RECORDINGS / name).read_text().splitlines()):
        raw = json.loads(line)
        told = exchange.time_of(form, raw)
        at = datetime.fromtimestamp(told, UTC) if isinstance(told, float) else START + timedelta(seconds=raw["t"])
        for place, report in enumerate(exchange.normalised(form, raw)):
            named = report.through({"agent1": "agent-7", "1001": "agent-7"}, {"600": "12345"})
            facts.append(fact(f"{number}.{place}", named.kind, at, **said(named)))
    return facts


def said(report: exchange.Report) -> dict[str, Any]:
    names = ("line", "party", "extension", "by", "answered", "result", "ring_count", "emergency", "rings", "sequence")
    return {name: getattr(report, name) for name in names}


def fact(event_id: str, kind: FactKind, at: datetime, **more: Any) -> Fact:
    return Fact(event_id=event_id, kind=kind, at=at, **more)


def story(*lines: tuple[float, FactKind, Mapping[str, Any]]) -> list[Fact]:
    return [fact(str(number), kind, NOON + timedelta(seconds=at), **more) for number, (at, kind, more) in enumerate(lines)]


EVENTFUL = story(
    (0, FactKind.RECEIVED, {"line": "12345", "caller_id": CALLER}),
    (1, FactKind.QUEUED, {"line": "12345"}),
    (2, FactKind.RANG, {"party": "8012"}),
    (12, FactKind.RELEASED, {"party": "8012", "result": LegResult.NO_ANSWER}),
    (13, FactKind.RANG, {"party": "8013"}),
    (14, FactKind.RELEASED, {"party": "8013", "result": LegResult.BUSY}),
    (15, FactKind.RANG, {"party": "8014"}),
    (21, FactKind.ANSWERED, {"party": "agent-8"}),
    (60, FactKind.HELD, {}),
    (75, FactKind.RESUMED, {}),
    (80, FactKind.HELD, {}),
    (81, FactKind.CONSULTED, {"party": "leader-1"}),
    (90, FactKind.RESUMED, {}),
    (100, FactKind.HELD, {}),
    (110, FactKind.TRANSFERRED, {"party": "8099"}),
    (111, FactKind.RESUMED, {}),
    (150, FactKind.TRANSFERRED, {"party": "8100"}),
    (170, FactKind.HANG_UP_ASKED, {"by": EndedBy.AGENT}),
    (170, FactKind.ENDED, {}),
    (171, FactKind.LINE_CLOSED, {"party": "8100"}),
)
LEFT = story(
    (0, FactKind.RECEIVED, {"line": "12345"}),
    (3, FactKind.QUEUED, {}),
    (4, FactKind.RANG, {"party": "8012"}),
    (20, FactKind.ABANDONED, {"by": EndedBy.CALLER}),
    (20, FactKind.ENDED, {}),
)
OVERTAKEN = story(
    (0, FactKind.RECEIVED, {"line": "12345"}),
    (1, FactKind.QUEUED, {}),
    (2, FactKind.RANG, {"party": "8012"}),
    (8, FactKind.ANSWERED, {"party": "agent-7"}),
    (9, FactKind.ABANDONED, {"by": EndedBy.CALLER}),
)
PASSED_ON = story(
    (0, FactKind.RECEIVED, {"line": "12345"}),
    (2, FactKind.RANG, {"party": "8012"}),
    (8, FactKind.ANSWERED, {"party": "agent-7"}),
    (40, FactKind.RANG, {"party": "8099"}),
    (50, FactKind.TRANSFERRED, {"party": "agent-9", "extension": "8099"}),
    (90, FactKind.ENDED, {}),
)
CALLS = {
    "answered_and_abandoned": OVERTAKEN,
    "passed_on": PASSED_ON,
    "eventful": EVENTFUL,
    "abandoned": LEFT,
    "asterisk": recorded(ExchangeFormat.ASTERISK_AMI, "asterisk22.jsonl"),
    "freeswitch": recorded(ExchangeFormat.FREESWITCH_ESL, "freeswitch.jsonl"),
}


def delivered(batches: Sequence[Sequence[Fact]]) -> tuple[call.Call, list[Any]]:
    """Bring a call to each batch as it comes, with all that came before."""
    state, events, known = call.Call(), [], []
    for number, batch in enumerate(batches):
        known += batch
        picture = picture_of(known)
        if picture is not None:
            now = NOON + timedelta(hours=number)
            command = call.ReconcileCall(call_id=CALL, picture=picture, rules=RULES, rule_version="default/1", now=now)
            new = call.decide(state, command)
            state, events = call.decider.fold(new, state), events + new
            again = call.decide(state, command)
            assert again == []
    return state, events


def standing(state: call.Call) -> dict[str, Any]:
    """Return all that a call stands for, whatever way it came there."""
    steps, figures = state.steps, replace(state.figures, ring_ms=None)
    known = {"status": state.status, "agent": state.agent_id, "caller": state.caller_id, "figures": figures}
    return known | {
        "late": state.conduct.late,
        "released": state.conduct.released,
        "busy": state.conduct.overflowed,
        "legs": steps.released,
        "consulted": steps.consulted,
        "reached": steps.reached,
        "transfer": steps.transfer,
        "missed": steps.missed,
    }


@settings(max_examples=150, deadline=None)
@for_all(name=st.sampled_from(sorted(CALLS)), data=st.data())
def test_any_order_of_delivery_and_any_repetition_lead_to_the_same_call(name: str, data: st.DataObject) -> None:
    """A01, A12, A21: shuffled, cut into batches anywhere, and told more than once."""
    facts = CALLS[name]
    shuffled = data.draw(st.permutations(facts)) + data.draw(st.lists(st.sampled_from(facts), max_size=5))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(shuffled)), max_size=len(shuffled))))
    batches = [shuffled[start:end] for start, end in zip([0, *cuts], [*cuts, len(shuffled)], strict=True)]
    assert standing(delivered(batches)[0]) == standing(delivered([facts])[0])


def test_a_telephone_that_somebody_took_does_not_ring_when_its_ringing_is_told_last() -> None:
    """A07, A21: it is not given up as one that nobody answered."""
    rang, ended = PASSED_ON[3], PASSED_ON[-1]
    _, events = delivered([[one for one in PASSED_ON if one not in {rang, ended}], [rang]])
    assert [event.extension for event in events if isinstance(event, intake.CallExtensionRang)] == []


def test_a_ring_that_is_told_late_leaves_the_exchange_time_to_tell_of_the_answer() -> None:
    """A07, A21: a telephone is given up five rings after it rang, or after it was told when they are over by then."""
    _, events = delivered([PASSED_ON[:1], PASSED_ON[1:2]])
    (rang,) = [event for event in events if isinstance(event, intake.CallExtensionRang)]
    assert rang.release_at == NOON + timedelta(hours=1, seconds=25)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_call_told_event_by_event_as_it_happens_needs_no_correction(name: str) -> None:
    """A01: what is right the first time is told once."""
    _, events = delivered([[one] for one in sorted(CALLS[name], key=lambda one: one.order)])
    assert not [event for event in events if isinstance(event, intake.CallFiguresCorrected)]


@pytest.mark.parametrize(("name", "talk_ms"), [("asterisk", 3500), ("freeswitch", 3979)])
def test_a_recorded_call_of_a_real_exchange_has_its_figures(name: str, talk_ms: int) -> None:
    """A01, A12: Asterisk 22 with app_queue, FreeSWITCH with mod_callcenter."""
    state, _ = delivered([CALLS[name]])
    figures = state.figures
    assert (state.status, state.agent_id, figures.ring_count) == (call.Status.ENDED, "agent-7", 1)
    assert (figures.ended_by, figures.talk_ms, figures.hold_ms) == (EndedBy.CALLER, talk_ms, 0)
    assert figures.wait_ms is not None
    assert figures.wait_ms < 100
    assert state.conduct.released


def test_an_eventful_call_counts_every_ring_and_every_hold() -> None:
    """A01, A07, A61: rings from the first telephone on, whoever's it was; the fourth is late."""
    state, events = delivered([EVENTFUL])
    figures = state.figures
    assert (figures.wait_ms, figures.ring_count, state.conduct.late) == (20_000, 4, True)
    assert (figures.hold_ms, figures.talk_ms) == (36_000, 149_000 - 36_000)
    assert figures.ended_by is EndedBy.AGENT
    released = [event for event in events if isinstance(event, intake.CallExtensionReleased)]
    assert [(event.extension, event.result) for event in released] == [("8012", "no_answer"), ("8013", "busy")]
    assert [event.extension for event in events if isinstance(event, intake.CallBusyOverflowDetected)] == ["8013"]
    held = [event for event in events if isinstance(event, intake.CallHeld)]
    assert [event.consent for event in held] == [None, None, None]
    assert state.steps.missed == {"prepared", "briefed", "confirmed"}


@pytest.mark.parametrize(
    ("lines", "stage", "wait_ms"),
    [
        (LEFT, AbandonStage.RINGING, 17_000),
        ([one for one in LEFT if one.kind is not FactKind.RANG], AbandonStage.QUEUE, 17_000),
        ([LEFT[0], LEFT[3]], AbandonStage.MENU, 20_000),
        ([replace(LEFT[0], rings=True), LEFT[3]], AbandonStage.RINGING, 20_000),
        ([LEFT[0], replace(LEFT[4], answered=False)], AbandonStage.MENU, 20_000),
        ([LEFT[0], LEFT[4]], AbandonStage.MENU, 20_000),
    ],
)
def test_a_caller_who_left_before_an_answer_has_a_stage(lines: Sequence[Fact], stage: AbandonStage, wait_ms: int) -> None:
    """A03: only who had come further than the menu counts as offered."""
    state, _ = delivered([lines])
    assert (state.status, state.figures.stage, state.figures.wait_ms) == (call.Status.ABANDONED, stage, wait_ms)


@pytest.mark.parametrize(
    ("known", "waiting"),
    [
        ([7], {"7"}),
        ([0, 3], {"3"}),
        ([0, 8], {"8"}),
        ([0, 7, 9], {"9"}),
        ([0, 1, 18], {"18"}),
        ([0, 2, 18], {"18"}),
        ([0, 7, 18], set()),
    ],
)
def test_an_event_without_its_predecessor_waits_for_it(known: Sequence[int], waiting: set[str]) -> None:
    """A21: never lost, and applied when the predecessor comes."""
    facts = [EVENTFUL[number] for number in known]
    picture = picture_of(facts)
    assert (picture.waiting if picture else {one.event_id for one in facts}) == waiting


def test_an_answer_that_is_told_after_an_abandonment_corrects_it() -> None:
    """A01, A03: who was answered did not leave, whatever came first."""
    answer = next(one for one in OVERTAKEN if one.kind is FactKind.ANSWERED)
    state, events = delivered([[one for one in OVERTAKEN if one is not answer], [answer]])
    assert [type(event) for event in events[-2:]] == [intake.CallAbandoned, intake.CallAnswered]
    assert (state.status, state.figures.stage, state.figures.wait_ms) == (call.Status.ANSWERED, None, 7_000)


def test_a_caller_who_hangs_up_during_the_greeting_does_not_wait_for_ever() -> None:
    """A03: an Asterisk whose channel is up says no more than that it is gone."""
    number = {"Uniqueid": "1.0", "Linkedid": "1.0", "CallerIDNum": "5523115678"}
    raws = [{"Event": "Newchannel", "Exten": "600", **number}, {"Event": "Hangup", "ChannelState": "6", **number}]
    reports = [one for raw in raws for one in exchange.normalised(ExchangeFormat.ASTERISK_AMI, raw)]
    state, _ = delivered(
        [[fact(str(at), one.kind, NOON + timedelta(seconds=at), **said(one)) for at, one in enumerate(reports)]]
    )
    assert (state.status, state.figures.stage) == (call.Status.ABANDONED, AbandonStage.MENU)


def test_a_late_report_corrects_what_had_been_told() -> None:
    """A21: one event says all that changed."""
    late = next(one for one in EVENTFUL if one.kind is FactKind.HELD)
    _, events = delivered([[one for one in EVENTFUL if one is not late], [late]])
    (corrected,) = [one for one in events if isinstance(one, intake.CallFiguresCorrected)]
    assert (corrected.hold_ms, corrected.talk_ms) == (36_000, 113_000)
    assert (corrected.wait_ms, corrected.ended_by) == (None, None)


def test_a_complete_record_is_judged_again_by_what_the_exchange_tells_late() -> None:
    """A02, A12, A49: who hung up first, how long it rang and a transfer that nobody told of, each on record once."""
    seen = story(
        (0, FactKind.RECEIVED, {"line": "12345", "caller_id": CALLER}),
        (2, FactKind.RANG, {"party": "8012"}),
        (30, FactKind.ANSWERED, {"party": "agent-8"}),
        (60, FactKind.TRANSFERRED, {"party": "8099"}),
        (90, FactKind.HANG_UP_ASKED, {"by": EndedBy.AGENT}),
        (90, FactKind.ENDED, {}),
    )
    state, _ = delivered([seen[:1]])
    by_desk: list[Any] = [
        call.AnswerCall(
            call_id=CALL, agent_id="agent-8", wait_ms=4000, ring_count=1, rules=RULES, now=NOON + timedelta(seconds=30)
        ),
        call.EndCall(call_id=CALL, ended_by=EndedBy.CALLER, talk_ms=None, hold_ms=None, now=NOON + timedelta(seconds=90)),
        call.WrapUpCall(
            call_id=CALL,
            outcome="answered",
            wrap_up_ms=None,
            wrapped_by="agent-8",
            rules=RULES,
            now=NOON + timedelta(seconds=95),
        ),
    ]
    for command in by_desk:
        state = call.decider.fold(call.decide(state, command), state)
    assert not {"A02", "A12", "A49"} & {rule for rule, _ in state.conduct.violated}
    picture = picture_of(seen)
    assert picture is not None
    late = call.ReconcileCall(call_id=CALL, picture=picture, rules=RULES, rule_version=None, now=NOON)
    state = call.decider.fold(call.decide(state, late), state)
    assert {"A02", "A12", "A49"} <= {rule for rule, _ in state.conduct.violated}
    assert call.decide(state, late) == []


@pytest.mark.parametrize("told_after", [timedelta(minutes=3), timedelta(days=300)], ids=["live", "log"])
def test_who_hung_up_first_is_on_record_whenever_the_exchange_tells_it(told_after: timedelta) -> None:
    """A12, A21: also when the time for the record is over, and when it was over before anything was told."""
    *before, asked, ended = story(
        (0, FactKind.RECEIVED, {"line": "12345"}),
        (4, FactKind.ANSWERED, {"party": "agent-8"}),
        (90, FactKind.HANG_UP_ASKED, {"by": EndedBy.AGENT}),
        (90, FactKind.ENDED, {}),
    )
    first = ended.at + (timedelta(0) if told_after < timedelta(days=1) else told_after)
    state, found = call.Call(), []
    for known, now in (([*before, ended], first), ([*before, asked, ended], ended.at + told_after)):
        picture = picture_of(known)
        assert picture is not None
        tell = call.ReconcileCall(call_id=CALL, picture=picture, rules=RULES, rule_version=None, now=now)
        found = call.decide(state, tell)
        state = call.decider.fold(found, state)
    assert [(one.rule, one.step) for one in found if isinstance(one, intake.CallRuleViolated)] == [("A12", "exception")]
    assert call.decide(state, tell) == []


def test_a_fault_that_the_exchange_shows_to_be_none_is_taken_back() -> None:
    """A02, A11, A12: the desk thought that it had hung up first, and late; what nobody said stays left out."""
    seen = story(
        (0, FactKind.RECEIVED, {"line": "12345", "caller_id": CALLER}),
        (20, FactKind.RANG, {"party": "8012"}),
        (22, FactKind.ANSWERED, {"party": "agent-8"}),
        (90, FactKind.ENDED, {"by": EndedBy.CALLER}),
    )
    at = {seconds: NOON + timedelta(seconds=seconds) for seconds in (22, 90, 95)}
    state, _ = delivered([seen[:1]])
    by_desk: list[Any] = [
        call.AnswerCall(
            call_id=CALL, agent_id="agent-8", wait_ms=None, ring_count=None, told_by="agent-8", rules=RULES, now=at[22]
        ),
        call.EndCall(
            call_id=CALL, ended_by=EndedBy.AGENT, talk_ms=None, hold_ms=None, told_by="agent-8", rules=RULES, now=at[90]
        ),
        call.WrapUpCall(call_id=CALL, outcome="answered", wrap_up_ms=None, wrapped_by="agent-8", rules=RULES, now=at[95]),
    ]
    for command in by_desk:
        state = call.decider.fold(call.decide(state, command), state)
    assert {rule for rule, _ in state.conduct.violated} == {"A02", "A08", "A09", "A11", "A12"}
    picture = picture_of(seen)
    assert picture is not None
    late = call.ReconcileCall(call_id=CALL, picture=picture, rules=RULES, rule_version=None, now=NOON)
    found = call.decide(state, late)
    withdrawn = [one for one in found if isinstance(one, intake.CallViolationWithdrawn)]
    assert [(one.rule, one.step) for one in withdrawn] == [("A02", "late_apology"), ("A11", "closing"), ("A12", "exception")]
    state = call.decider.fold(found, state)
    assert {rule for rule, _ in state.conduct.violated} == {"A08", "A09"}
    assert call.decide(state, late) == []


def test_what_only_a_person_knows_stays_beside_what_the_exchange_saw() -> None:
    """A45, A46: consent and apology were told at the desk, the times come from the exchange."""
    start = [one for one in EVENTFUL if one.at <= NOON + timedelta(seconds=60)]
    state, _ = delivered([start])
    hold = call.HoldCall(
        call_id=CALL,
        reason="looking_up",
        estimated_ms=20_000,
        consent=True,
        held_by="agent-8",
        rules=RULES,
        now=NOON + timedelta(seconds=61),
    )
    agreed = call.decide(state, hold)
    assert [type(event) for event in agreed] == [intake.CallHoldAgreed]
    known = call.decider.fold(agreed, state)
    picture = picture_of(EVENTFUL)
    assert picture is not None
    rest = call.decide(known, call.ReconcileCall(call_id=CALL, picture=picture, rules=RULES, rule_version=None, now=NOON))
    assert call.decider.fold(rest, known).figures.hold_ms == 36_000


@pytest.mark.parametrize(
    ("form", "raw", "field", "rule"),
    [
        (ExchangeFormat.ASTERISK_AMI, {"Event": "Hold", "Uniqueid": "1.0"}, "raw.Linkedid", "missing"),
        (ExchangeFormat.ASTERISK_AMI, {"Event": "Hold", "Uniqueid": "1.0", "Linkedid": 7}, "raw.Linkedid", "string_type"),
        (ExchangeFormat.ASTERISK_AMI, {"Event": "AgentCalled", "Interface": ["PJSIP/8012"]}, "raw.Interface", "string_type"),
        (ExchangeFormat.FREESWITCH_ESL, {"Event-Name": "CHANNEL_CREATE"}, "raw.Call-Direction", "missing"),
        (ExchangeFormat.HOTLINE, {"call": "c-1", "kind": "sing"}, "raw.kind", "literal_error"),
        (ExchangeFormat.HOTLINE, {"call": "c-1", "kind": "answer"}, "raw.party", "missing"),
        (ExchangeFormat.HOTLINE, {"call": "c-1", "kind": "hang_up"}, "raw.by", "missing"),
        (ExchangeFormat.HOTLINE, {"call": "c-1", "kind": "ring", "colour": "red"}, "raw.colour", "unexpected_keyword_argument"),
    ],
)
def test_a_broken_report_names_its_field_and_its_rule(
    form: ExchangeFormat, raw: Mapping[str, Any], field: str, rule: str
) -> None:
    with pytest.raises(BadReportError) as broken:
        exchange.normalised(form, raw)
    assert (broken.value.field, broken.value.rule) == (field, rule)


ANYTHING = (None, True, 7, 1e308, float("nan"), "", "9" * 400, "9" * 5000, "1e400", [], ["x"], [[]], {}, {"x": None})


@pytest.mark.parametrize(
    ("name", "form"), [("asterisk22", ExchangeFormat.ASTERISK_AMI), ("freeswitch", ExchangeFormat.FREESWITCH_ESL)]
)
def test_whatever_stands_in_a_field_is_read_or_refused_by_name(name: str, form: ExchangeFormat) -> None:
    """A21: a collector that sends a list where a name belongs, or a number of 400 digits, breaks its own event and no more."""
    for line in (RECORDINGS / f"{name}.jsonl").read_text().splitlines():
        raw = json.loads(line)
        for field, value in itertools.product(raw, ANYTHING):
            changed = {**raw, field: value}
            exchange.time_of(form, changed)
            exchange.id_of(form, changed)
            try:
                exchange.normalised(form, changed)
            except BadReportError as broken:
                assert broken.field == f"raw.{field}"  # noqa: PT017 - most are read


@pytest.mark.parametrize(
    ("raw", "kind", "party"),
    [
        ({"Event": "Hold", "Uniqueid": "1.1", "Linkedid": "1.0"}, FactKind.HELD, None),
        ({"Event": "Unhold", "Uniqueid": "1.1", "Linkedid": "1.0"}, FactKind.RESUMED, None),
        (
            {"Event": "BlindTransfer", "Result": "Success", "TransfererLinkedid": "1.0", "Extension": "8099"},
            FactKind.TRANSFERRED,
            "8099",
        ),
        (
            {"Event": "BlindTransfer", "Result": "Success", "TransfererLinkedid": "1.0", "Extension": "13800138000"},
            FactKind.TRANSFERRED,
            "outside",
        ),
        (
            {"Event": "AgentRingNoAnswer", "Uniqueid": "1.0", "Linkedid": "1.0", "Interface": "PJSIP/8012"},
            FactKind.RELEASED,
            "8012",
        ),
        (
            {
                "Event": "DialEnd",
                "Uniqueid": "1.0",
                "Linkedid": "1.0",
                "DestChannel": "SIP/8012-0000002f",
                "DialStatus": "BUSY",
            },
            FactKind.RELEASED,
            "8012",
        ),
    ],
)
def test_asterisk_tells_of_holds_transfers_and_telephones_that_ring_in_vain(
    raw: Mapping[str, Any], kind: FactKind, party: str | None
) -> None:
    """A07, A45, A50: a number outside is somebody's, and stays out of every event."""
    (report,) = exchange.normalised(ExchangeFormat.ASTERISK_AMI, raw)
    named = report.through({}, {})
    assert (named.call, named.kind, named.party) == ("1.0", kind, party)


def passed_on(prepared: str, told: str, agents: Mapping[str, str], seconds: float = 60) -> list[object]:
    """Return a call that the desk passes on by its three steps, the connection told by the exchange in its own words."""
    start = [one for one in EVENTFUL if one.at <= NOON + timedelta(seconds=21)]
    state, events = delivered([start])
    by_desk = [
        intake.CallTransferPrepared(
            call_id=CALL, target=prepared, estimated_ms=1, prepared_by="agent-8", occurred_at=NOON + timedelta(seconds=40)
        ),
        intake.CallTransferBriefed(
            call_id=CALL,
            caller_id=CALLER,
            brief=Sealed(text="停水"),
            briefed_by="agent-8",
            occurred_at=NOON + timedelta(seconds=50),
        ),
    ]
    state = call.decider.fold(by_desk, state)
    raw = {"Event": "BlindTransfer", "Result": "Success", "TransfererLinkedid": "1.0", "Extension": told}
    (report,) = exchange.normalised(ExchangeFormat.ASTERISK_AMI, raw)
    named = report.through(agents, {})
    seen = [*start, fact("passed", named.kind, NOON + timedelta(seconds=seconds), **said(named))]
    picture = picture_of(seen)
    assert picture is not None
    command = call.ReconcileCall(call_id=CALL, picture=picture, rules=RULES, rule_version=None, now=NOON)
    found = call.decide(state, command)
    assert call.decide(call.decider.fold(found, state), command) == []
    return [*events, *by_desk, *found]


@pytest.mark.parametrize(
    ("prepared", "told", "taken_by"),
    [
        ("8012", "8012", "agent-9"),
        ("agent-9", "8012", None),
        ("desk-water", "8012", "agent-9"),
        ("water-company", "13800138000", "outside"),
    ],
)
def test_a_transfer_that_the_exchange_completes_under_another_name_misses_no_step(
    prepared: str, told: str, taken_by: str | None
) -> None:
    """A45, A49, A50: an extension and who sits at it are one callee; an unknown name completes the briefed transfer."""
    connected = passed_on(prepared, told, {"8012": "agent-9"})[-1]
    assert isinstance(connected, intake.CallTransferConnected)
    assert (connected.target, connected.taken_by, connected.missed) == (prepared, taken_by, ())


def test_a_connection_from_before_a_transfer_was_prepared_does_not_complete_it() -> None:
    """A50: pressed through without a word, and told late; the transfer that was prepared since goes on."""
    events = passed_on("8013", "8012", {"8012": "agent-9"}, seconds=30)
    connected = events[-1]
    assert isinstance(connected, intake.CallTransferConnected)
    assert (connected.target, connected.missed) == ("agent-9", ("prepared", "briefed"))
    transfer = call.decider.fold(events, call.Call()).steps.transfer
    assert transfer is not None
    assert (transfer.target, transfer.briefed, transfer.connected) == ("8013", True, False)


def test_a_call_of_a_reconciled_exchange_goes_on_at_the_desk() -> None:
    """A08, A35, A45-A47: the record is completed by a person, and what the exchange saw is judged with it."""
    _, events = delivered([EVENTFUL])
    wrap_up = call.WrapUpCall(
        call_id=CALL, outcome="answered", wrap_up_ms=None, wrapped_by="agent-8", rules=RULES, now=NOON + timedelta(seconds=200)
    )
    found = given(call.decider, *events).when(wrap_up).events
    assert [(event.rule, event.step) for event in found[1:]] == [
        ("A12", "exception"),
        ("A02", "late_apology"),
        ("A08", "greeting"),
        ("A09", "agent_number"),
        ("A11", "closing"),
        ("A45", "hold_consent"),
        ("A46", "resume_apology"),
        ("A49", "briefed"),
        ("A50", "confirmed"),
        ("A45", "prepared"),
    ]
