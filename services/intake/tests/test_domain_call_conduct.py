"""The rules of how a call is conducted: late answers, scripts, silent and harassing calls, priority, long talks, the end."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from hotline_events.catalogue import intake
from hotline_events.catalogue.intake import CallPriority, EndedBy, HangUpException
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON, given
from hotline_rules.pack import load_pack
from intake.domain import call, naming, transcript
from intake.domain.call import refusals
from intake.domain.refusals import (
    CallAbandonedError,
    CallAlreadyAnsweredError,
    CallNotAnsweredError,
    CallNotEndedError,
    CallOverError,
)

CALL, CALLER, PROMISE = UUID(int=1), UUID(int=2), UUID(int=3)
PACK = load_pack("default")
RULES = PACK.calls


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


RECEIVED = intake.CallReceived(call_id=CALL, line="12345", caller_id=CALLER, occurred_at=at(0))
ANSWERED = intake.CallAnswered(call_id=CALL, agent_id="agent-7", wait_ms=4000, ring_count=1, late=False, occurred_at=at(4))
LATE = replace(ANSWERED, wait_ms=25_000, ring_count=6, late=True, occurred_at=at(25))
TALKING = (RECEIVED, ANSWERED)
ENDED = intake.CallEnded(call_id=CALL, ended_by=EndedBy.CALLER, talk_ms=96_000, hold_ms=0, occurred_at=at(100))
HUNG_UP = replace(ENDED, ended_by=EndedBy.AGENT)
APOLOGISED = intake.CallLateAnswerApologised(
    call_id=CALL, reason=intake.LateReason.SHORT_STAFFED, apologised_by="agent-7", occurred_at=at(26)
)
SILENT = intake.CallSilenceHandled(call_id=CALL, handled_by="agent-7", occurred_at=at(60))
FLAGGED = intake.CallHarassmentFlagged(
    call_id=CALL, caller_id=CALLER, number_id=CALLER, flagged_by="agent-7", occurred_at=at(60)
)
WRAPPED = intake.CallWrappedUp(call_id=CALL, outcome="answered", wrap_up_ms=20_000, wrapped_by="agent-7", occurred_at=at(120))
wrap_up = call.WrapUpCall(call_id=CALL, outcome="answered", wrap_up_ms=None, wrapped_by="agent-7", rules=RULES, now=at(120))
settle = call.SettleCall(call_id=CALL, now=at(220))


def spoken(*scripts: str, agent_number: bool = True) -> tuple[intake.CallScriptSpoken, ...]:
    return tuple(
        intake.CallScriptSpoken(
            call_id=CALL,
            script=script,
            agent_number=agent_number,
            source=intake.ScriptSource.DECLARED,
            spoken_by="agent-7",
            occurred_at=at(30),
        )
        for script in scripts
    )


def speak(script: str, *, agent_number: bool = True) -> call.SpeakScript:
    return call.SpeakScript(
        call_id=CALL,
        script=script,
        agent_number=agent_number,
        source=intake.ScriptSource.DECLARED,
        scripts=PACK.texts.scripts,
        by="agent-7",
        now=at(30),
    )


def end(by: EndedBy = EndedBy.AGENT, **said: Any) -> call.EndCall:
    return call.EndCall(call_id=CALL, ended_by=by, talk_ms=None, hold_ms=None, rules=RULES, **said, now=at(100))


def violated(rule: str, step: str, seconds: float = 120) -> intake.CallRuleViolated:
    return intake.CallRuleViolated(call_id=CALL, rule=rule, step=step, agent_id="agent-7", occurred_at=at(seconds))


def left_out(*history: object) -> list[tuple[str, str]]:
    """Return what the wrap-up finds left out."""
    found = given(call.decider, *history).when(wrap_up)
    assert found.refusal is None
    return [(event.rule, event.step) for event in found.events if isinstance(event, intake.CallRuleViolated)]


@pytest.mark.parametrize(
    ("ring_ms", "rings", "late"), [(0, 1, False), (14_999, 3, False), (15_000, 4, True), (26_000, 6, True)]
)
def test_rings_that_the_exchange_does_not_count_follow_from_their_milliseconds(ring_ms: int, rings: int, late: bool) -> None:
    """A01: one ring with its pause is five seconds, and the fourth is late."""
    command = call.AnswerCall(
        call_id=CALL, agent_id="agent-7", wait_ms=ring_ms, ring_count=None, ring_ms=ring_ms, rules=RULES, now=at(ring_ms / 1000)
    )
    (answered,) = given(call.decider, RECEIVED).when(command).events
    assert (answered.ring_count, answered.late) == (rings, late)


def test_rings_that_nobody_counts_follow_from_the_wait() -> None:
    """A01, A02: a call taker who leaves the count out is late all the same; how long it rang is not made up."""
    command = call.AnswerCall(
        call_id=CALL, agent_id="agent-7", wait_ms=None, ring_count=None, told_by="agent-7", rules=RULES, now=at(25)
    )
    (late,) = given(call.decider, RECEIVED).when(command).events
    assert (late.wait_ms, late.ring_count, late.ring_ms, late.late) == (25_000, 6, None, True)
    (told,) = given(call.decider, RECEIVED).when(replace(command, wait_ms=14_999)).events
    assert (told.ring_count, told.late) == (3, False)
    rang = intake.CallExtensionRang(call_id=CALL, extension="8012", release_at=at(45), occurred_at=at(20))
    (queued,) = given(call.decider, RECEIVED, rang).when(command).events
    assert (queued.wait_ms, queued.ring_count, queued.late) == (25_000, 2, False)
    (logged,) = given(call.decider, RECEIVED).when(replace(command, told_by=None)).events
    assert (logged.wait_ms, logged.ring_count, logged.late) == (25_000, None, None), "a log's wait is a queue's"


def test_a_late_answer_is_apologised_for_with_its_reason() -> None:
    """A02."""
    apologise = call.ApologiseLate(call_id=CALL, reason=intake.LateReason.SHORT_STAFFED, by="agent-7", now=at(26))
    given(call.decider, RECEIVED, LATE).when(apologise).then(APOLOGISED)
    given(call.decider, RECEIVED, LATE, APOLOGISED).when(apologise).then_nothing()
    given(call.decider, *TALKING).when(apologise).then_rejected(refusals.NotLateError)
    given(call.decider, RECEIVED).when(apologise).then_rejected(CallNotAnsweredError)


def test_a_wrap_up_records_a_late_answer_that_nobody_apologised_for() -> None:
    """A02: the record is completed all the same, and says what was left out."""
    greeted = (RECEIVED, LATE, *spoken("greeting"))
    given(call.decider, *greeted, ENDED).when(wrap_up).then(WRAPPED, violated("A02", "late_apology"))
    assert left_out(*greeted, APOLOGISED, ENDED) == []


def test_a_greeting_names_the_agents_number_and_is_recorded_once() -> None:
    """A08, A09: by a script of the pack, whose sentence is the line's."""
    given(call.decider, *TALKING).when(speak("greeting")).then(*spoken("greeting"))
    given(call.decider, *TALKING, *spoken("greeting")).when(speak("greeting")).then_nothing()
    given(call.decider, *TALKING).when(speak("song")).then_rejected(refusals.UnknownScriptError)
    assert "{agent}" in PACK.script("greeting").zh
    assert left_out(*TALKING, *spoken("closing", agent_number=False), ENDED) == [("A08", "greeting"), ("A09", "agent_number")]
    assert left_out(*TALKING, *spoken("greeting"), ENDED) == []


def test_a_call_taker_who_ends_a_call_says_goodbye_first() -> None:
    """A11: a caller who hangs up does not leave time for it."""
    history = (*TALKING, *spoken("greeting", "silent_connected", "silent_redial"))
    assert ("A11", "closing") in left_out(*history, HUNG_UP)
    assert ("A11", "closing") not in left_out(*history, *spoken("closing"), HUNG_UP)
    assert ("A11", "closing") not in left_out(*history, ENDED)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("您好,12345,7号为您服务请问有什么可以帮您?……感谢您的来电、再见!", {"greeting": True, "closing": False}),
        ("您好，12345，8号为您服务，请问有什么可以帮您？", {"greeting": False}),
        ("Hello, 12345, agent 7 speaking. How may I help you?", {"greeting": True}),
        ("喂，说吧", {}),
    ],
)
def test_a_transcript_shows_which_scripts_were_spoken(said: str, found: Mapping[str, bool]) -> None:
    """A08, A09, A11: whatever the punctuation, in either language, with the agent's own number."""
    scripts = {name: PACK.script(name) for name in ("greeting", "closing")}
    assert transcript.scripts_in([said], scripts, "7") == found


def test_a_transcript_adds_only_what_nobody_had_told() -> None:
    """A08: declared first, proved by the transcript later."""
    hear = call.HearTranscript(call_id=CALL, found={"greeting": True, "closing": False}, by="service:asr", now=at(110))
    heard, *events = given(call.decider, *TALKING, *spoken("greeting"), ENDED).when(hear).events
    assert (heard.scripts, heard.agent_number, heard.rude) == (("closing", "greeting"), True, False)
    assert [(event.script, event.source) for event in events] == [("closing", intake.ScriptSource.TRANSCRIPT)]
    given(call.decider, *TALKING, heard, *events).when(replace(hear, now=at(115))).then_nothing()


def test_a_caller_is_named_or_withholds_the_name_and_is_one_person() -> None:
    """A10."""
    identify = call.IdentifyCaller(
        call_id=CALL, caller_id=CALLER, withheld=False, title=intake.CallerTitle.MS, by="agent-7", now=at(20)
    )
    events = given(call.decider, *TALKING).when(identify).events
    assert events[0].title is intake.CallerTitle.MS
    given(call.decider, *TALKING, *events).when(identify).then_nothing()
    given(call.decider, *TALKING, *events).when(replace(identify, caller_id=UUID(int=9))).then_rejected(
        refusals.CallerAlreadyKnownError
    )


@pytest.mark.parametrize(
    ("name", "title", "zh", "en"),
    [
        ("张三", intake.CallerTitle.MR, "张先生", "Mr 张"),
        ("欧阳春晓", intake.CallerTitle.MS, "欧阳女士", "Ms 欧阳"),
        ("欧阳", intake.CallerTitle.MS, "欧女士", "Ms 欧"),
        ("Li Ming Smith", None, "Smith同志", "Smith"),
    ],
)
def test_a_caller_is_addressed_by_surname_and_title(name: str, title: intake.CallerTitle | None, zh: str, en: str) -> None:
    """A10."""
    assert naming.address_of(name, title) == (zh, en)


def test_a_call_taker_who_hangs_up_first_without_an_exception_is_on_record() -> None:
    """A12: not refused, the caller is gone; not lost either."""
    (ended,) = given(call.decider, *TALKING).when(end()).events
    assert ended.settle_at == at(100 + RULES.wrap_up_seconds)
    given(call.decider, *TALKING, ended).when(settle).then(violated("A12", "exception", 220))
    given(call.decider, *TALKING, ended, violated("A12", "exception", 220)).when(settle).then_nothing()


@pytest.mark.parametrize("path", [SILENT, FLAGGED])
def test_a_call_taker_may_hang_up_first_after_the_path_of_an_exception(path: object) -> None:
    """A12, A13, A15."""
    history = (*TALKING, *spoken("greeting", "silent_connected", "silent_redial", "harassment", "closing"), path, HUNG_UP)
    assert left_out(*history) == []


def test_an_exception_that_is_only_claimed_excuses_nothing_but_a_line_fault() -> None:
    """A12: the step on record is the path that was not gone."""
    claimed = replace(HUNG_UP, exception=HangUpException.SILENT_CALL)
    greeted = (*TALKING, *spoken("greeting"))
    assert left_out(*greeted, claimed) == [("A12", "silent_call"), ("A11", "closing")]
    assert left_out(*greeted, replace(HUNG_UP, exception=HangUpException.LINE_FAULT)) == []


def test_why_a_call_taker_hung_up_may_be_said_after_the_exchange_reported_it() -> None:
    """A12: the exchange is faster than any screen."""
    greeted = (*TALKING, *spoken("greeting"))
    told = given(call.decider, *greeted, HUNG_UP).when(end(exception=HangUpException.LINE_FAULT, told_by="agent-7"))
    assert [event.exception for event in told.events] == ["line_fault"]
    assert left_out(*greeted, HUNG_UP, *told.events) == []
    given(call.decider, *TALKING, HUNG_UP).when(end()).then_nothing()


@pytest.mark.parametrize("number", range(4))
def test_a_silent_call_runs_through_its_whole_script(number: int) -> None:
    """A13: greet, "you are connected", ask to call again, say goodbye; the first step left out is named."""
    path = ("greeting", "silent_connected", "silent_redial", "closing")
    command = call.HandleSilence(call_id=CALL, by="agent-7", now=at(60))
    refused = given(call.decider, *TALKING, *spoken(*path[:number])).when(command)
    refused.then_rejected(refusals.ScriptMissingError)
    assert refused.refusal is not None
    assert refused.refusal.missing == path[number]
    given(call.decider, *TALKING, *spoken(*path)).when(command).then(SILENT)
    given(call.decider, *TALKING, SILENT).when(command).then_nothing()


def heard_late(*found: str, history: Sequence[object], seconds: float = 9000, **said: Any) -> list[Any]:
    """Return what comes of a transcript that comes hours after the call."""
    hear = call.HearTranscript(call_id=CALL, found=dict.fromkeys(found, True), by="service:asr", now=at(seconds), **said)
    result = given(call.decider, *history).when(hear)
    assert result.refusal is None
    return list(result.events)


def faults(events: Sequence[object]) -> list[tuple[str, str, bool]]:
    """Return which violations were found, and which were withdrawn."""
    judged = (intake.CallRuleViolated, intake.CallViolationWithdrawn)
    return [(one.rule, one.step, isinstance(one, judged[0])) for one in events if isinstance(one, judged)]


def test_a_transcript_that_comes_after_the_record_is_complete_judges_the_call_again() -> None:
    """A08, A09, A13, A14: what it proves was no violation, what it shows is one; once, and never by two transcripts."""
    declared = (*TALKING, *spoken(*call.SILENT_PATH, agent_number=False), SILENT, HUNG_UP)
    over = (*declared, *given(call.decider, *declared).when(wrap_up).events)
    assert faults(over) == [("A09", "agent_number", True)]
    events = heard_late("greeting", "closing", history=over, order=("closing", "greeting"), rude=True)
    assert faults(events) == [("A14", "banned_phrase", True), ("A09", "agent_number", False), ("A13", "silent_connected", True)]
    again = {"order": ("greeting", "closing"), "rude": True, "history": (*over, *events), "seconds": 9999}
    assert heard_late("greeting", "closing", **again) == []
    other = call.HearTranscript(call_id=CALL, found={"greeting": True}, by="service:asr", now=at(9999))
    given(call.decider, *over, *events).when(other).then_rejected(refusals.TranscriptHeardError)
    silent = (*TALKING, ENDED)
    over = (*silent, *given(call.decider, *silent).when(wrap_up).events)
    assert faults(over) == [("A08", "greeting", True), ("A09", "agent_number", True)]
    assert faults(heard_late("greeting", history=over)) == [("A08", "greeting", False), ("A09", "agent_number", False)]
    unknown = (RECEIVED, intake.CallAbandoned(call_id=CALL, stage=intake.AbandonStage.QUEUE, wait_ms=1, occurred_at=at(9)))
    given(call.decider, *unknown).when(other).then_rejected(CallAbandonedError)


def test_a_call_that_nobody_at_the_desk_told_of_is_judged_by_the_words_of_its_transcript() -> None:
    """A08, A09: of a log that is read in at once, of a live call once the time for its record is over."""
    (logged,) = given(call.decider, *TALKING).when(end(EndedBy.CALLER)).events
    assert logged.settle_at is None
    words = [("A08", "greeting", True), ("A09", "agent_number", True)]
    assert faults(heard_late(history=(*TALKING, logged))) == words
    (live,) = given(call.decider, *TALKING).when(end(EndedBy.CALLER, told_at=at(100))).events
    early = heard_late(history=(*TALKING, live), seconds=150)
    assert faults(early) == []
    assert faults(given(call.decider, *TALKING, live, *early).when(settle).events) == words
    held = intake.CallHeld(call_id=CALL, reason="told_by_exchange", estimated_ms=None, occurred_at=at(50))
    assert faults(heard_late("greeting", history=(*TALKING, held, logged))) == [], "whether the caller was asked is not known"
    told_late = heard_late(history=(*TALKING, live), seconds=100, told_at=at(9000))
    assert faults(told_late) == words


SILENT_LINES = {name: PACK.script(name).zh.format(line="12345", agent="7") for name in call.SILENT_PATH}


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        (("greeting", "silent_connected", "silent_redial", "closing"), None),
        (("greeting", "silent_connected", "greeting", "silent_connected", "silent_redial", "closing"), None),
        (("greeting", "silent_redial", "silent_connected", "closing"), "silent_redial"),
        (("silent_connected", "silent_redial", "closing"), "greeting"),
        (("closing", "greeting", "silent_connected", "silent_redial"), "closing"),
    ],
)
def test_the_lines_of_a_silent_call_are_said_in_the_order_of_the_script(said: Sequence[str], missing: str | None) -> None:
    """A13: the first line that a transcript does not have in its place is on record, whatever was declared."""
    lines = ["喂?", *(SILENT_LINES[name] for name in said)]
    scripts = {name: PACK.script(name) for name in call.SILENT_PATH}
    order = transcript.order_of(lines, scripts)
    assert tuple(order) == said
    hear = call.HearTranscript(call_id=CALL, found=dict.fromkeys(said, True), order=order, by="service:asr", now=at(70))
    handled = (*TALKING, *spoken(*call.SILENT_PATH), SILENT)
    heard = given(call.decider, *handled).when(hear).events
    assert heard[0].silent_missing == missing
    assert left_out(*handled, *heard, HUNG_UP) == ([("A13", missing)] if missing else [])
    assert left_out(*TALKING, *spoken(*call.SILENT_PATH), *heard, ENDED) == [], "nobody was silent"
    whole = replace(heard[0], silent_missing=None)
    assert left_out(*handled, *heard, whole, HUNG_UP) == []


def test_a_wrong_number_is_told_politely_and_not_cut_off() -> None:
    """A14: an end by the call taker before the pack's seconds is on record, even though a misdial excuses the end."""
    command = call.HandleMisdial(call_id=CALL, rules=RULES, by="agent-7", now=at(8))
    given(call.decider, *TALKING).when(command).then_rejected(refusals.ScriptMissingError)
    misdial = intake.CallMisdialHandled(call_id=CALL, no_sooner_than=at(14), handled_by="agent-7", occurred_at=at(8))
    given(call.decider, *TALKING, *spoken("misdial")).when(command).then(misdial)
    history = (*TALKING, *spoken("greeting", "misdial", "closing"), misdial)
    given(call.decider, *history).when(command).then_nothing()
    assert left_out(*history, replace(HUNG_UP, occurred_at=at(9))) == [("A14", "misdial_cut_off")]
    assert left_out(*history, replace(HUNG_UP, occurred_at=at(14))) == []


@pytest.mark.parametrize(
    ("said", "rude"),
    [
        (["喂？", "不对，没有，你打错了。"], True),
        (["你打错了！"], True),
        (["您好，这里是12345，您可能拨错了号码。谢谢您的来电，再见。"], False),
        (["这个不对", "没有这样的规定"], False),
    ],
)
def test_a_wrong_number_is_never_told_rudely(said: list[str], rude: bool) -> None:
    """A14: the transcript shows it; it is on record once, whatever else was said."""
    assert transcript.holds_any(said, PACK.texts.misdial_banned) is rude
    hear = call.HearTranscript(call_id=CALL, found={"greeting": True}, rude=rude, by="service:asr", now=at(90))
    events = given(call.decider, *TALKING).when(hear).events
    assert [event.step for event in events if isinstance(event, intake.CallRuleViolated)] == ["banned_phrase"] * rude
    given(call.decider, *TALKING, *events).when(hear).then_nothing()


def test_a_harassing_call_is_declined_politely_before_it_is_flagged() -> None:
    """A15."""
    flag = call.FlagHarassment(call_id=CALL, by="agent-7", now=at(60))
    given(call.decider, *TALKING).when(flag).then_rejected(refusals.ScriptMissingError)
    given(call.decider, *TALKING, *spoken("harassment")).when(flag).then(FLAGGED)
    given(call.decider, *TALKING, FLAGGED).when(flag).then_nothing()


def test_harassment_counts_against_the_number_whoever_the_caller_says_to_be() -> None:
    """A15, A23: also when the exchange tells the number only after the name was told."""
    somebody = UUID(int=9)
    identify = call.IdentifyCaller(call_id=CALL, caller_id=somebody, withheld=False, title=None, by="agent-7", now=at(20))
    flag = call.FlagHarassment(call_id=CALL, by="agent-7", now=at(60))
    (named,) = given(call.decider, *TALKING).when(identify).events
    assert named.number_id == CALLER
    flagged = replace(FLAGGED, caller_id=somebody)
    given(call.decider, *TALKING, named, *spoken("harassment")).when(flag).then(flagged)
    unknown = (replace(RECEIVED, caller_id=None), ANSWERED, replace(named, number_id=None), *spoken("harassment"))
    given(call.decider, *unknown).when(flag).then(replace(flagged, number_id=None))
    told = intake.CallFiguresCorrected(call_id=CALL, number_id=CALLER, occurred_at=at(40))
    given(call.decider, *unknown, told).when(flag).then(flagged)


def test_priority_only_rises() -> None:
    """A16, A119: distress raises it, an emergency pre-empts, and nothing lowers it again."""
    distress = call.TagDistress(call_id=CALL, emotion=intake.Emotion.CRYING, by="agent-7", now=at(3))
    tagged = given(call.decider, RECEIVED).when(distress).events
    given(call.decider, RECEIVED, *tagged).when(distress).then_nothing()

    def prioritise(priority: CallPriority) -> call.PrioritiseCall:
        return call.PrioritiseCall(call_id=CALL, priority=priority, reason="long_distance", by="agent-7", now=at(3))

    given(call.decider, RECEIVED, *tagged).when(prioritise(CallPriority.FLAGGED)).then_nothing()
    raised = given(call.decider, RECEIVED, *tagged).when(prioritise(CallPriority.EMERGENCY)).events
    assert [event.priority for event in raised] == [CallPriority.EMERGENCY]
    emergency = replace(RECEIVED, emergency=True)
    given(call.decider, emergency).when(prioritise(CallPriority.EMERGENCY)).then_nothing()
    given(call.decider, *TALKING, ENDED).when(distress).then_rejected(CallOverError)


def test_somebody_in_a_conversation_is_told_only_of_a_flagged_caller() -> None:
    """A63."""
    notify = call.NotifyWaiting(
        call_id=CALL, ground=intake.WaitingGround.LONG_DISTANCE, notified="agent-8", by="leader-1", now=at(9)
    )
    given(call.decider, RECEIVED).when(notify).then_rejected(refusals.NotFlaggedError)
    flagged = intake.CallPrioritised(
        call_id=CALL, priority=CallPriority.FLAGGED, reason="long_distance", prioritised_by="agent-8", occurred_at=at(3)
    )
    (told,) = given(call.decider, RECEIVED, flagged).when(notify).events
    assert told.notified == "agent-8"
    given(call.decider, RECEIVED, flagged, ANSWERED).when(notify).then_rejected(CallAlreadyAnsweredError)
    given(call.decider, RECEIVED, flagged, ANSWERED, ENDED).when(notify).then_rejected(CallOverError)


@pytest.mark.parametrize(("action", "event"), [(False, intake.CallTalkNoticeReached), (True, intake.CallTalkActionReached)])
def test_a_long_talk_is_noticed_while_it_lasts(action: bool, event: type[Any]) -> None:
    """A17, A18: a timer that fires late judges by its due time."""
    reach = call.ReachTalkLimit(call_id=CALL, action=action, now=at(184))
    reached = event(call_id=CALL, agent_id="agent-7", occurred_at=at(184))
    given(call.decider, *TALKING).when(reach).then(reached)
    given(call.decider, *TALKING, reached).when(reach).then_nothing()
    given(call.decider, *TALKING, ENDED).when(reach).then_nothing()
    given(call.decider, *TALKING, replace(ENDED, occurred_at=at(185))).when(reach).then(reached)


def test_an_answer_starts_the_clocks_of_a_long_talk() -> None:
    """A17, A18: at 180 and at 300 seconds, under the pack."""
    command = call.AnswerCall(call_id=CALL, agent_id="agent-7", wait_ms=None, ring_count=1, rules=RULES, now=at(4))
    (answered,) = given(call.decider, RECEIVED).when(command).events
    assert [(timer.kind, timer.due_at) for timer in call.decider.timers(answered)] == [
        ("talk_notice", at(184)),
        ("talk_action", at(304)),
    ]
    reactions = [call.on_timer(timer).command for timer in call.decider.timers(answered)]
    assert [reaction.action for reaction in reactions] == [False, True]


def test_at_the_action_point_the_line_is_kept_open_or_a_call_back_is_promised() -> None:
    """A18, A48, A153: either will do; neither is on record, the hint at 180 seconds alone is no fault."""
    due = intake.CallTalkActionReached(call_id=CALL, agent_id="agent-7", occurred_at=at(304))
    noticed = intake.CallTalkNoticeReached(call_id=CALL, agent_id="agent-7", occurred_at=at(184))
    over = replace(ENDED, occurred_at=at(400))
    later = replace(wrap_up, now=at(420))
    greeted = (*TALKING, *spoken("greeting"))
    kept = given(call.decider, *TALKING, due).when(call.KeepLineOpen(call_id=CALL, by="agent-7", now=at(310))).events
    promise = call.PromiseCallback(
        call_id=CALL, promise_id=PROMISE, reason="other_department", due_at=at(7200), by="agent-7", now=at(310)
    )
    promised = given(call.decider, *TALKING, due).when(promise).events
    assert promised[0].caller_id == CALLER
    for done in (kept, promised):
        assert len(given(call.decider, *greeted, due, *done, over).when(later).events) == 1
    assert [event.rule for event in given(call.decider, *greeted, due, over).when(later).events[1:]] == ["A18"]
    assert len(given(call.decider, *greeted, noticed, over).when(later).events) == 1
    given(call.decider, *TALKING, *promised).when(promise).then_nothing()
    given(call.decider, *TALKING).when(replace(promise, due_at=at(310))).then_rejected(refusals.PromisePastError)


def test_a_line_that_was_kept_open_before_the_talk_was_long_does_not_answer_for_it() -> None:
    """A18, A48: what was said while looking something up is no answer to the five minutes; the times count, not the order."""
    due = intake.CallTalkActionReached(call_id=CALL, agent_id="agent-7", occurred_at=at(304))
    talking = (RECEIVED, replace(ANSWERED, notice_at=at(184), action_at=at(304)), *spoken("greeting"))
    over = replace(ENDED, occurred_at=at(400))
    for seconds, rules in ((60, ["A18"]), (303, ["A18"]), (304, []), (310, [])):
        keep = call.KeepLineOpen(call_id=CALL, by="agent-7", now=at(seconds))
        kept = given(call.decider, *talking).when(keep).events
        for history in ((*talking, *kept, due, over), (*talking, due, *kept, over)):
            found = given(call.decider, *history).when(replace(wrap_up, now=at(420))).events
            assert [event.rule for event in found[1:]] == rules


def test_a_telephone_menu_is_kept_only_where_the_pack_says_so() -> None:
    """A22: off, as the national standard asks for."""
    choose = call.ChooseMenuOption(call_id=CALL, option="water", rules=RULES, now=at(1))
    given(call.decider, RECEIVED).when(choose).then_rejected(refusals.TelephoneMenuOffError)
    kept = replace(choose, rules=replace(RULES, keep_telephone_menu=True))
    chosen = intake.CallMenuOptionChosen(call_id=CALL, option="water", occurred_at=at(1))
    given(call.decider, RECEIVED).when(kept).then(chosen)
    given(call.decider, RECEIVED, chosen).when(kept).then_nothing()


def test_a_line_is_released_after_the_call_and_before_anybody_talks_about_it() -> None:
    """A24."""
    release = call.ReleaseLine(call_id=CALL, by="agent-7", now=at(101))
    given(call.decider, *TALKING).when(release).then_rejected(CallNotEndedError)
    (released,) = given(call.decider, *TALKING, ENDED).when(release).events
    given(call.decider, *TALKING, ENDED, released).when(release).then_nothing()
    consult = call.ConsultColleague(
        call_id=CALL,
        kind=intake.Consulted.COLLEAGUE,
        consulted="agent-8",
        answer=Sealed(text="修好了"),
        by="agent-7",
        now=at(105),
    )
    refused = given(call.decider, *TALKING, ENDED).when(consult)
    refused.then_rejected(refusals.LineNotReleasedError)
    assert refused.refusal is not None
    assert refused.refusal.missing == "line_released"
    assert len(given(call.decider, *TALKING, ENDED, released).when(consult).events) == 1


def test_who_greeted_nobody_and_said_nothing_of_it_is_on_record() -> None:
    """A08, A09, A11: to declare nothing is no way round the rule, once a person tells of the call at all."""
    assert left_out(*TALKING, ENDED) == [("A08", "greeting"), ("A09", "agent_number")]
    assert ("A11", "closing") in left_out(*TALKING, HUNG_UP)
    told = replace(ANSWERED, told_by="agent-7")
    found = given(call.decider, RECEIVED, told, ENDED).when(settle).events
    assert [(event.rule, event.step) for event in found] == [
        ("A08", "greeting"),
        ("A09", "agent_number"),
        ("A35", "wrap_up"),
    ]


def test_a_call_comes_to_one_of_the_outcomes_of_its_pack() -> None:
    """A66: that it was nobody's business is none of them."""
    history = (*TALKING, *spoken("greeting"), ENDED)
    refused = given(call.decider, *history).when(replace(wrap_up, outcome="not_our_business"))
    refused.then_rejected(refusals.UnknownOutcomeError)
    assert "request_registered, " in str(refused.refusal)
    given(call.decider, *history, WRAPPED).when(replace(wrap_up, outcome="refused")).then_rejected(refusals.UnknownOutcomeError)
    own = replace(wrap_up, outcome="referred", rules=replace(RULES, outcomes=("referred",)))
    assert [event.outcome for event in given(call.decider, *history).when(own).events] == ["referred"]


def test_a_record_that_nobody_saved_in_time_raises_the_alarm() -> None:
    """A35: by the clock, once; a record that was complete by then is no fault, one that is completed later is still late."""
    history = (*TALKING, *spoken("greeting"), ENDED)
    alarm = violated("A35", "wrap_up", 220)
    given(call.decider, *history).when(settle).then(alarm)
    given(call.decider, *history, alarm).when(settle).then_nothing()
    given(call.decider, *history, WRAPPED).when(settle).then_nothing()
    given(call.decider, *history, replace(WRAPPED, occurred_at=at(300))).when(settle).then(alarm)
    given(call.decider, *TALKING, ENDED).when(settle).then_nothing()


def test_the_time_for_a_record_runs_from_when_the_end_was_known() -> None:
    """A21, A35: a call that is entered after an outage is not late at once, and a log that is read in is not asked about."""
    told = replace(ANSWERED, told_by="agent-7")
    (late,) = given(call.decider, RECEIVED, told).when(end(EndedBy.CALLER, told_at=at(9000))).events
    assert late.settle_at == at(9000 + RULES.wrap_up_seconds)
    (live,) = given(call.decider, *TALKING).when(end(EndedBy.CALLER, told_at=at(101))).events
    assert live.settle_at == at(101 + RULES.wrap_up_seconds)
    (log,) = given(call.decider, *TALKING).when(end(EndedBy.CALLER, told_at=at(9000))).events
    assert log.settle_at is None


def test_of_a_call_that_only_machines_told_of_nothing_is_presumed() -> None:
    """A02, A08: nobody knows what was said in it."""
    machine = replace(wrap_up, wrapped_by=None)
    given(call.decider, RECEIVED, LATE, ENDED).when(machine).then(replace(WRAPPED, wrapped_by=None))
