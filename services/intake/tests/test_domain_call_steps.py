"""The rules of holding and passing on a live call: consent, progress, three steps of a transfer, leaders, advice."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from hotline_events.catalogue import intake
from hotline_events.catalogue.intake import Alternative, EndedBy, LegResult
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON, given
from hotline_rules.pack import load_pack
from hotline_rules.sections.calls import HuntPlace
from intake.domain import call
from intake.domain.call import refusals
from intake.domain.refusals import CallNotAnsweredError, CallNotReceivedError, CallOverError

CALL, CALLER = UUID(int=1), UUID(int=2)
PACK = load_pack("default")
RULES = PACK.calls
BRIEF = Sealed(text="反映路灯不亮")


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


RECEIVED = intake.CallReceived(call_id=CALL, line="12345", caller_id=CALLER, occurred_at=at(0))
ANSWERED = intake.CallAnswered(call_id=CALL, agent_id="agent-7", wait_ms=4000, ring_count=1, occurred_at=at(4))
TALKING = (RECEIVED, ANSWERED)
ENDED = intake.CallEnded(call_id=CALL, ended_by=EndedBy.CALLER, talk_ms=196_000, hold_ms=0, occurred_at=at(200))
PHRASE = intake.CallScriptSpoken(
    call_id=CALL,
    script="transfer",
    agent_number=True,
    source=intake.ScriptSource.DECLARED,
    spoken_by="agent-7",
    occurred_at=at(30),
)
PREPARED = intake.CallTransferPrepared(
    call_id=CALL, target="8012", estimated_ms=30_000, prepared_by="agent-7", occurred_at=at(40)
)
BRIEFED = intake.CallTransferBriefed(call_id=CALL, caller_id=CALLER, brief=BRIEF, briefed_by="agent-7", occurred_at=at(50))
CONNECTED = intake.CallTransferConnected(call_id=CALL, target="8012", connected_by="agent-7", occurred_at=at(60))
CONFIRMED = intake.CallTransferConfirmed(call_id=CALL, confirmed_by="agent-7", occurred_at=at(70))
DECLINED = intake.CallTransferDeclined(call_id=CALL, target="8012", reason="not_mine", occurred_at=at(60))
RANG = intake.CallExtensionRang(call_id=CALL, extension="8012", release_at=at(77), occurred_at=at(52))
GREETED = (*TALKING, replace(PHRASE, script="greeting"))
STEPS = (PREPARED, BRIEFED, CONNECTED, CONFIRMED)
READY = (*TALKING, PHRASE)

hold = call.HoldCall(
    call_id=CALL, reason="looking_up", estimated_ms=20_000, consent=True, held_by="agent-7", rules=RULES, now=at(60)
)
HELD = intake.CallHeld(
    call_id=CALL,
    reason="looking_up",
    estimated_ms=20_000,
    consent=True,
    held_by="agent-7",
    progress_by=at(60 + RULES.progress_seconds),
    occurred_at=at(60),
)
resume = call.ResumeCall(call_id=CALL, held_ms=None, apologised=True, resumed_by="agent-7", now=at(80))
prepare = call.PrepareTransfer(
    call_id=CALL,
    target="8012",
    unit=None,
    skill=None,
    leader=None,
    consent=True,
    estimated_ms=30_000,
    target_checked=True,
    identity_checked=True,
    skills=PACK.transfers.skills,
    by="agent-7",
    now=at(40),
)
brief = call.BriefTransfer(call_id=CALL, brief=BRIEF, by="agent-7", now=at(50))
connect = call.ConnectTransfer(call_id=CALL, target=None, by="agent-7", now=at(60))
confirm = call.ConfirmTransfer(call_id=CALL, by="agent-7", now=at(70))
decline = call.DeclineTransfer(call_id=CALL, reason="not_mine", by="agent-7", now=at(60))
wrap_up = call.WrapUpCall(call_id=CALL, outcome="answered", wrap_up_ms=None, wrapped_by="agent-7", rules=RULES, now=at(220))


def left_out(*history: object) -> list[tuple[str, str]]:
    found = given(call.decider, *history).when(wrap_up)
    assert found.refusal is None
    return [(event.rule, event.step) for event in found.events if isinstance(event, intake.CallRuleViolated)]


def missing(*history: object, when: object) -> str | None:
    refusal = given(call.decider, *history).when(when).refusal
    assert isinstance(refusal, refusals.StepMissingError)
    return refusal.missing


def test_a_caller_who_agreed_waits_and_knows_how_long() -> None:
    """A45."""
    given(call.decider, *TALKING).when(hold).then(HELD)
    given(call.decider, *TALKING, HELD).when(hold).then_nothing()
    given(call.decider, RECEIVED).when(hold).then_rejected(CallNotAnsweredError)


@pytest.mark.parametrize(("said", "step"), [({"consent": False}, "consent"), ({"estimated_ms": None}, "estimate")])
def test_nobody_waits_who_said_no_or_does_not_know_how_long(said: dict[str, Any], step: str) -> None:
    """A45."""
    assert missing(*TALKING, when=replace(hold, **said)) == step


def test_a_hold_that_nobody_asked_for_is_on_record_whoever_told_of_it() -> None:
    """A45: pressing the key of the telephone without a word breaks the rule as the key of the screen does."""
    unasked = replace(HELD, consent=None)
    back = intake.CallResumed(call_id=CALL, held_ms=20_000, apologised=True, resumed_by="agent-7", occurred_at=at(80))
    assert left_out(*GREETED, unasked, back, ENDED) == [("A45", "hold_consent")]
    assert left_out(*GREETED, replace(unasked, held_by=None), back, ENDED) == [("A45", "hold_consent")]


SEEN = replace(HELD, consent=None, held_by=None, estimated_ms=None)
BACK = intake.CallResumed(call_id=CALL, held_ms=60_000, occurred_at=at(120))


def test_a_hold_that_only_the_exchange_saw_owes_consent_progress_and_apology() -> None:
    """A45, A46, A47: the key pressed and nothing clicked, for longer than the pack's seconds."""
    all_three = [("A45", "hold_consent"), ("A46", "resume_apology"), ("A47", "hold_progress")]
    assert left_out(*GREETED, SEEN, BACK, ENDED) == all_three
    assert left_out(*GREETED, SEEN, replace(BACK, occurred_at=at(80)), ENDED) == all_three[:2]
    machine = replace(wrap_up, wrapped_by=None)
    assert len(given(call.decider, *TALKING, SEEN, BACK, ENDED).when(machine).events) == 1


def test_a_hold_that_serves_a_transfer_owes_no_consent_and_no_apology_of_its_own() -> None:
    """A45, A46, A49: who waits for a transfer agreed to it, before the key was pressed or while it was."""
    prepared = (*GREETED, PREPARED, BRIEFED)
    held, back = replace(SEEN, occurred_at=at(52)), replace(BACK, occurred_at=at(61))
    assert left_out(*prepared, held, CONNECTED, back, CONFIRMED, ENDED) == []
    assert left_out(*prepared, held, CONNECTED, CONFIRMED, ENDED) == []
    assert left_out(*prepared, CONNECTED, CONFIRMED, SEEN, BACK, ENDED) == []
    early = replace(SEEN, occurred_at=at(35), progress_by=at(80))
    assert left_out(*GREETED, early, PREPARED, BRIEFED, CONNECTED, back, CONFIRMED, ENDED) == []


def test_an_apology_may_be_told_before_the_exchange_reports_the_end_of_the_hold() -> None:
    """A46: each time, not for the first hold alone."""
    held, back = replace(SEEN, consent=True, estimated_ms=1), replace(BACK, occurred_at=at(80))
    history: list[Any] = [*GREETED]
    for _ in range(2):
        speak = call.SpeakScript(
            call_id=CALL,
            script="hold_resume",
            agent_number=False,
            source=intake.ScriptSource.DECLARED,
            scripts=PACK.texts.scripts,
            by="agent-7",
            now=at(79),
        )
        history.append(held)
        history += given(call.decider, *history).when(speak).events
        history.append(back)
    assert left_out(*history, ENDED) == []


def test_consent_and_apology_may_be_told_after_the_exchange_reported_the_hold() -> None:
    """A45, A46: the exchange is faster than any screen, and what only the call taker knows is not lost."""
    seen = replace(HELD, consent=None, held_by=None, estimated_ms=None, progress_by=None)
    (agreed,) = given(call.decider, *TALKING, seen).when(hold).events
    assert (agreed.estimated_ms, agreed.progress_by) == (20_000, at(60 + RULES.progress_seconds))
    given(call.decider, *TALKING, seen, agreed).when(hold).then_nothing()
    back = intake.CallResumed(call_id=CALL, held_ms=20_000, occurred_at=at(80))
    (sorry,) = given(call.decider, *TALKING, seen, agreed, back).when(resume).events
    assert sorry.script == "hold_resume"
    given(call.decider, *TALKING, seen, agreed, back, sorry).when(resume).then_nothing()


def test_whoever_comes_back_apologises_for_the_wait() -> None:
    """A46."""
    (silent,) = given(call.decider, *TALKING, HELD).when(replace(resume, apologised=None)).events
    (sorry,) = given(call.decider, *TALKING, HELD).when(resume).events
    assert left_out(*GREETED, HELD, silent, ENDED) == [("A46", "resume_apology")]
    assert left_out(*GREETED, HELD, sorry, ENDED) == []


@pytest.mark.parametrize(
    ("told_at", "back_at", "found"), [((), 104, False), ((), 106, True), ((100,), 144, False), ((100,), 150, True)]
)
def test_a_waiting_caller_hears_something_within_the_packs_seconds(told_at: tuple[int, ...], back_at: int, found: bool) -> None:
    """A47: forty-five seconds after the hold began, or after the last word."""
    history: list[Any] = [*TALKING, HELD]
    for seconds in told_at:
        tell = call.GiveProgress(call_id=CALL, rules=RULES, by="agent-7", now=at(seconds))
        history += given(call.decider, *history).when(tell).events
    history += given(call.decider, *history).when(replace(resume, now=at(back_at))).events
    assert (("A47", "hold_progress") in left_out(*history, ENDED)) is found


def test_progress_is_given_to_somebody_who_waits() -> None:
    """A47."""
    tell = call.GiveProgress(call_id=CALL, rules=RULES, by="agent-7", now=at(100))
    given(call.decider, *TALKING).when(tell).then_rejected(refusals.NotHeldNowError)


def test_a_transfer_is_prepared_briefed_connected_and_confirmed() -> None:
    """A45, A49, A50, A52, A53: a day of a transfer, each step told once."""
    history: tuple[object, ...] = READY
    for command, event in zip((prepare, brief, connect, confirm), STEPS, strict=True):
        given(call.decider, *history).when(command).then(event)
        history = (*history, event)
        given(call.decider, *history).when(command).then_nothing()
    assert left_out(*history, greeting(), ENDED) == []


def greeting() -> intake.CallScriptSpoken:
    return replace(PHRASE, script="greeting")


@pytest.mark.parametrize(
    ("said", "step"),
    [
        ({"consent": False}, "consent"),
        ({"estimated_ms": None}, "estimate"),
        ({"target_checked": False}, "target_check"),
        ({"identity_checked": False}, "identity_check"),
        ({"leader": "mayor"}, "screening"),
    ],
)
def test_what_was_not_settled_before_a_transfer_is_named(said: dict[str, Any], step: str) -> None:
    """A45, A53, A59."""
    assert missing(*READY, when=replace(prepare, **said)) == step


def test_the_phrase_comes_before_the_transfer() -> None:
    """A52: nobody is passed on without a word."""
    assert missing(*TALKING, when=prepare) == "transfer_phrase"


def test_each_step_of_a_transfer_needs_the_one_before() -> None:
    """A49, A50."""
    assert missing(*READY, when=brief) == "prepared"
    assert missing(*READY, PREPARED, when=connect) == "briefed"
    assert missing(*READY, PREPARED, when=confirm) == "briefed"
    assert missing(*READY, PREPARED, BRIEFED, when=confirm) == "connected"
    assert missing(*READY, PREPARED, when=decline) == "briefed"
    nobody = replace(RECEIVED, caller_id=None)
    assert missing(nobody, ANSWERED, PHRASE, PREPARED, when=brief) == "caller"


def test_a_call_that_ends_with_a_step_missing_says_which() -> None:
    """A50: nobody made sure that both hear each other."""
    history = (*READY, greeting(), PREPARED, BRIEFED)
    assert left_out(*history, CONNECTED, ENDED) == [("A50", "confirmed")]
    assert left_out(*history, ENDED) == [("A50", "connected")]
    again = replace(PREPARED, target="8013", occurred_at=at(80))
    assert left_out(*history, CONNECTED, again, ENDED) == [("A50", "confirmed")]


def test_a_transfer_that_only_the_exchange_saw_is_kept_with_what_it_leaves_out() -> None:
    """A49: pressed through without a word."""
    machine = replace(connect, by=None, target="8012")
    (seen,) = given(call.decider, *READY).when(machine).events
    assert seen.missed == ("prepared", "briefed")
    given(call.decider, *READY, seen).when(machine).then_nothing()
    assert left_out(*READY, greeting(), seen, ENDED) == [("A49", "briefed"), ("A45", "prepared"), ("A50", "confirmed")]


def test_a_callee_may_decline_and_the_caller_is_offered_something_else() -> None:
    """A40, A51."""
    choose = call.ChooseAlternative(call_id=CALL, choice=Alternative.MESSAGE, by="agent-7", now=at(65))
    history = (*READY, greeting(), PREPARED, BRIEFED)
    given(call.decider, *history).when(decline).then(DECLINED)
    given(call.decider, *history, DECLINED).when(decline).then_nothing()
    given(call.decider, *history).when(choose).then_rejected(refusals.NothingToOfferError)
    (chosen,) = given(call.decider, *history, DECLINED).when(choose).events
    assert chosen.choice is Alternative.MESSAGE
    assert left_out(*history, DECLINED, ENDED) == [("A40", "alternative_offer")]
    assert left_out(*history, DECLINED, chosen, ENDED) == []


def test_an_extension_that_rings_in_vain_is_released_after_five_rings() -> None:
    """A07, A40: by the exchange or by the clock, once; then the caller is offered something else."""
    ring = call.RingExtension(call_id=CALL, extension="8012", rules=RULES, now=at(52))
    history = (*READY, greeting(), PREPARED, BRIEFED)
    given(call.decider, *history).when(ring).then(RANG)
    given(call.decider, *history, RANG).when(ring).then_nothing()
    (timer,) = call.decider.timers(RANG)
    assert timer.due_at == at(52 + 5 * 5)
    due = call.on_timer(timer).command
    released = intake.CallExtensionReleased(
        call_id=CALL, extension="8012", result=LegResult.NO_ANSWER, rang_at=at(52), occurred_at=at(77)
    )
    given(call.decider, *history, RANG).when(due).then(released)
    given(call.decider, *history, RANG, released).when(due).then_nothing()
    given(call.decider, *history, RANG, CONNECTED).when(due).then_nothing()
    assert ("A40", "alternative_offer") in left_out(*history, RANG, released, ENDED)
    busy = call.ReleaseExtension(call_id=CALL, extension="8012", result=LegResult.BUSY, now=at(53))
    assert given(call.decider, *history, RANG).when(busy).events[0].result is LegResult.BUSY
    given(call.decider, *history, RANG, released).when(busy).then_nothing()
    given(call.decider, *history).when(busy).then_rejected(refusals.NotRingingError)


def test_a_callee_whom_the_exchange_knows_by_another_name_rang_in_vain_all_the_same() -> None:
    """A40: what began to ring once the transfer was prepared rang for it; while another telephone rings, it has not failed."""

    def rang(name: str, seconds: float) -> intake.CallExtensionRang:
        return replace(RANG, extension=name, occurred_at=at(seconds))

    def gave_up(name: str, seconds: float) -> intake.CallExtensionReleased:
        return intake.CallExtensionReleased(
            call_id=CALL, extension=name, result=LegResult.NO_ANSWER, rang_at=at(seconds), occurred_at=at(77)
        )

    owed, history = ("A40", "alternative_offer"), (*READY, PREPARED, BRIEFED)
    assert owed in left_out(*history, rang("agent-9", 52), gave_up("agent-9", 52), ENDED)
    assert owed not in left_out(*history, rang("agent-9", 3), gave_up("agent-9", 3), ENDED)
    group = (*history, rang("agent-9", 52), rang("agent-10", 52), gave_up("agent-9", 52))
    assert owed not in left_out(*group, ENDED)
    assert owed in left_out(*group, gave_up("agent-10", 52), ENDED)
    assert owed not in left_out(*group, gave_up("agent-10", 52), CONNECTED, ENDED)


def test_a_caller_who_rather_waits_keeps_the_transfer() -> None:
    """A40."""
    released = intake.CallExtensionReleased(call_id=CALL, extension="8012", result=LegResult.BUSY, occurred_at=at(55))
    wait = call.ChooseAlternative(call_id=CALL, choice=Alternative.WAIT, by="agent-7", now=at(56))
    history = (*READY, PREPARED, BRIEFED, RANG, released)
    waits = given(call.decider, *history).when(wait).events
    given(call.decider, *history, *waits).when(connect).then(CONNECTED)


def test_before_another_transfer_the_caller_hears_the_phrase_again() -> None:
    """A52: and the same words are on record a second time."""
    history = (*READY, PREPARED, BRIEFED, DECLINED)
    assert missing(*history, when=replace(prepare, target="8013")) == "transfer_phrase"
    say = call.SpeakScript(
        call_id=CALL,
        script="transfer",
        agent_number=True,
        source=intake.ScriptSource.DECLARED,
        scripts=PACK.texts.scripts,
        by="agent-7",
        now=at(30),
    )
    given(call.decider, *READY).when(say).then_nothing()
    given(call.decider, *history).when(say).then(PHRASE)
    (prepared,) = given(call.decider, *history, PHRASE).when(replace(prepare, target="8013")).events
    assert prepared.target == "8013"


def test_a_transfer_by_skill_goes_to_whoever_has_it() -> None:
    """A56: by the pack's matrix, the first one first."""
    by_skill = replace(prepare, target=None, skill="english")
    (prepared,) = given(call.decider, *READY).when(by_skill).events
    assert (prepared.target, prepared.skill) == (PACK.transfers.skills["english"][0], "english")
    given(call.decider, *READY).when(replace(by_skill, skill="juggling")).then_rejected(refusals.UnknownSkillError)


def test_a_colleague_or_superior_is_asked_instead_of_guessing() -> None:
    """A57: who, when, and the answer, which is sealed."""
    consult = call.ConsultColleague(
        call_id=CALL, kind=intake.Consulted.SUPERIOR, consulted="leader-1", answer=BRIEF, by="agent-7", now=at(90)
    )
    (asked,) = given(call.decider, *TALKING).when(consult).events
    assert (asked.consulted, asked.answer, asked.occurred_at) == ("leader-1", BRIEF, at(90))
    assert missing(replace(RECEIVED, caller_id=None), ANSWERED, when=consult) == "caller"


def screening() -> call.ScreenForLeader:
    words = Sealed(text="市政府办公室")
    return call.ScreenForLeader(call_id=CALL, leader="mayor", unit=words, position=words, name=words, by="agent-7", now=at(20))


def tried(place: HuntPlace, result: LegResult = LegResult.NO_ANSWER, *, asked: bool = True) -> call.TryPlace:
    return call.TryPlace(call_id=CALL, place=place, result=result, caller_asked=asked, by="agent-7", now=at(30))


def hunting(*, urgent: bool = False) -> list[Any]:
    history: list[Any] = [*TALKING]
    history += given(call.decider, *history).when(screening()).events
    begin = call.BeginHunt(call_id=CALL, leader="mayor", urgent=urgent, places=PACK.transfers.hunt, by="agent-7", now=at(25))
    return history + list(given(call.decider, *history).when(begin).events)


def test_who_asks_for_a_leader_is_screened_before_anything_else() -> None:
    """A59."""
    begin = call.BeginHunt(call_id=CALL, leader="mayor", urgent=False, places=PACK.transfers.hunt, by="agent-7", now=at(25))
    assert missing(*TALKING, when=begin) == "screening"
    (screened,) = given(call.decider, *TALKING).when(screening()).events
    given(call.decider, *TALKING, screened).when(screening()).then_nothing()
    to_leader = replace(prepare, leader="mayor")
    assert given(call.decider, *READY, screened).when(to_leader).refusal is None


def test_a_leader_is_looked_for_at_one_place_after_the_other() -> None:
    """A58: office, then the caller is asked and the mobile tried, then the residence or another department."""
    history = hunting()
    assert missing(*history, when=tried(HuntPlace.MOBILE)) == "office"
    history += given(call.decider, *history).when(tried(HuntPlace.OFFICE)).events
    assert missing(*history, when=tried(HuntPlace.MOBILE, asked=False)) == "ask_caller"
    given(call.decider, *history).when(tried(HuntPlace.OFFICE)).then_rejected(refusals.PlaceNotHuntedError)
    found = given(call.decider, *history).when(tried(HuntPlace.MOBILE, LegResult.ANSWERED)).events
    given(call.decider, *history, *found).when(tried(HuntPlace.RESIDENCE)).then_rejected(refusals.PlaceNotHuntedError)
    assert missing(*TALKING, when=tried(HuntPlace.OFFICE)) == "hunt"


def test_each_place_of_a_hunt_rings_three_times() -> None:
    """A58: at the office three rings, then elsewhere."""
    ring = call.RingExtension(call_id=CALL, extension="8001", rules=RULES, hunt_rings=PACK.transfers.hunt_rings, now=at(30))
    (rang,) = given(call.decider, *hunting()).when(ring).events
    assert rang.release_at == at(30 + 3 * 5)


def test_an_urgent_call_rings_everywhere_at_once() -> None:
    """A58."""
    history = hunting(urgent=True)
    assert given(call.decider, *history).when(tried(HuntPlace.RESIDENCE, asked=False)).refusal is None


def test_a_hunt_in_vain_ends_with_an_offer() -> None:
    """A40, A58."""
    history = hunting()
    for place in PACK.transfers.hunt:
        history += given(call.decider, *history).when(tried(place)).events
    choose = call.ChooseAlternative(call_id=CALL, choice=Alternative.CALL_BACK, by="agent-7", now=at(65))
    assert given(call.decider, *history).when(choose).refusal is None


def test_a_telephone_does_not_ring_for_a_call_that_is_over() -> None:
    """A07."""
    ring = call.RingExtension(call_id=CALL, extension="8012", rules=RULES, now=at(252))
    given(call.decider, *TALKING, ENDED).when(ring).then_rejected(CallOverError)


def test_nothing_happens_to_a_call_that_never_reached_the_line_whoever_tells_of_it() -> None:
    """A50: not even what a machine reports of a transfer."""
    connected = call.ConnectTransfer(call_id=CALL, target="8012", by=None, now=at(60))
    given(call.decider).when(connected).then_rejected(CallNotReceivedError)
