"""What holds after any sequence of commands on a revisit, however late they are and however they interleave."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from followup.domain.revisit import (
    AttemptRevisit,
    Claim,
    ComeDue,
    GiveUp,
    PassLimit,
    PlanRevisit,
    RecordRevisit,
    ReviewException,
    RevisitCommand,
    ScheduleRevisit,
    decider,
    timers,
)
from hotline_events.catalogue.followup import (
    AnswerChannel,
    AttemptOutcome,
    Deferral,
    ExceptionGround,
    RevisitAttempted,
    RevisitClosed,
    RevisitDeferred,
    Revisited,
    RevisitScheduled,
    ReworkOrdered,
)
from hotline_events.decider import RefusalError
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON
from hotline_rules.pack import load_pack, shipped_packs

PACKS = [load_pack(name) for name in shipped_packs()]
MATTER: dict[str, Any] = {
    "revisit_id": UUID(int=1),
    "work_order_id": UUID(int=2),
    "request_id": UUID(int=3),
    "requester_id": UUID(int=4),
    "department": "roads",
}
MINUTES = st.integers(0, 6 * 24 * 60)
MAYBE = st.sampled_from([True, False, None])


class RevisitMachine(RuleBasedStateMachine):
    """A desk that does whatever it likes, with a clock that only goes on."""

    @initialize(rules=st.sampled_from(PACKS), minutes=MINUTES, turn=st.integers(1, 4))
    def begin(self, rules: Any, minutes: int, turn: int) -> None:
        self.rules, self.turn = rules, turn
        self.now = NOON + timedelta(minutes=minutes)
        self.history: list[Any] = []
        self.give(ScheduleRevisit(**MATTER, round=turn, rules=rules, now=self.now))

    def give(self, command: RevisitCommand) -> None:
        try:
            events = decider.decide(decider.fold(self.history), command)
        except RefusalError:
            return
        self.history += events
        assert decider.decide(decider.fold(self.history), command) == [] or isinstance(
            command, RecordRevisit | AttemptRevisit | PlanRevisit | ReviewException
        ), "what a clock or a resolution said once is said once"

    @rule(minutes=MINUTES)
    def wait(self, minutes: int) -> None:
        until = self.now + timedelta(minutes=minutes)
        due = [timer for event in self.history for timer in timers(event) if self.now < timer.due_at <= until]
        commands = {"come_due": ComeDue, "limit": PassLimit, "answer_by": GiveUp}
        for timer in sorted(due, key=lambda timer: timer.due_at):
            self.give(commands[timer.kind.partition(".")[2]](now=timer.due_at))
        self.now = until

    @rule(outcome=st.sampled_from(AttemptOutcome))
    def attempt(self, outcome: AttemptOutcome) -> None:
        self.give(AttemptRevisit(outcome=outcome, attempted_by="agent-7", rules=self.rules, now=self.now))

    @rule(minutes=MINUTES, because=st.sampled_from(Deferral))
    def plan(self, minutes: int, because: Deferral) -> None:
        at = self.now + timedelta(minutes=minutes)
        self.give(PlanRevisit(at=at, because=because, planned_by="agent-7", rules=self.rules, now=self.now))

    @rule(
        solved=MAYBE,
        satisfied=MAYBE,
        channel=st.sampled_from(AnswerChannel),
        at_once=st.booleans(),
        claims=st.booleans(),
        late=st.integers(0, 300),
    )
    def record(
        self,
        solved: bool | None,
        satisfied: bool | None,
        channel: AnswerChannel,
        *,
        at_once: bool,
        claims: bool,
        late: int,
    ) -> None:
        claim = Claim(ground=ExceptionGround.OUT_OF_SCOPE, evidence=Sealed("依据"))
        self.give(
            RecordRevisit(
                solved=solved,
                satisfied=satisfied,
                reason=Sealed("原因"),
                claim=claim if claims else None,
                channel=channel,
                immediate_after_service=at_once,
                revisited_by="agent-7",
                rules=self.rules,
                now=self.now - timedelta(minutes=late),
            )
        )

    @rule(accept=st.booleans(), told=st.booleans(), by=st.sampled_from(["agent-7", "leader-1"]))
    def review(self, *, accept: bool, told: bool, by: str) -> None:
        self.give(ReviewException(accept=accept, caller_told=told, reviewed_by=by, rules=self.rules, now=self.now))

    def heard(self, *kinds: type) -> list[Any]:
        return [event for event in self.history if isinstance(event, kinds)]

    @invariant()
    def nobody_is_called_in_quiet_hours(self) -> None:
        """A101: neither attempted nor asked nor planned for, but at the very end of the service or when they call us."""
        for event in self.heard(Revisited):
            ours = event.channel is AnswerChannel.CALL
            end = self.rules.after(self.rules.revisit.immediate_within, self.heard(RevisitScheduled)[0].occurred_at)
            exempt = event.immediate_after_service and event.occurred_at <= end
            assert exempt or not (ours and self.rules.quiet_hours.contains(event.occurred_at))
        assert not any(self.rules.quiet_hours.contains(event.occurred_at) for event in self.heard(RevisitAttempted))
        assert not any(self.rules.quiet_hours.contains(event.to_at) for event in self.heard(RevisitDeferred))

    @invariant()
    def attempts_fall_on_different_half_days_and_are_limited(self) -> None:
        """A100."""
        tried = self.heard(RevisitAttempted)
        assert [event.attempt for event in tried] == list(range(1, len(tried) + 1))
        assert len(tried) <= self.rules.revisit.attempts
        halves = [self.half_day(event.occurred_at) for event in tried]
        assert len(set(halves)) == len(halves)

    def half_day(self, moment: datetime) -> tuple[Any, bool]:
        local = moment.astimezone(self.rules.timezone)
        return local.date(), local.time() < self.rules.revisit.noon

    @invariant()
    def a_matter_ends_once_and_its_round_only_grows(self) -> None:
        """A69, A108: one answer, one end; rework is the next round, and never more than the pack allows."""
        assert len(self.heard(Revisited)) <= 1
        ends = self.heard(RevisitClosed, ReworkOrdered)
        assert len(ends) <= 1
        for end in ends:
            grown = isinstance(end, ReworkOrdered)
            assert end.round == self.turn + grown
            assert not grown or self.turn <= self.rules.redress.rework_rounds

    @invariant()
    def clocks_never_run_backwards(self) -> None:
        """A100: due times only move on, and the deadline stands after every one that was planned in time."""
        for owed in self.heard(RevisitScheduled):
            assert owed.occurred_at <= owed.due_at <= owed.call_by <= owed.deadline_at
        for put_off in self.heard(RevisitDeferred):
            assert put_off.from_at < put_off.to_at
        tried = self.heard(RevisitAttempted)
        assert all(event.next_at is None or event.next_at > event.occurred_at for event in tried)


RevisitMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
TestRevisitAlways = RevisitMachine.TestCase


@given(rules=st.sampled_from(PACKS), minutes=st.integers(0, 300 * 24 * 60))
def test_every_result_is_owed_a_call_outside_quiet_hours_and_before_the_last_evening(rules: Any, minutes: int) -> None:
    """A100, A101, A152: under every pack that ships, at whatever minute of the year the result is reported."""
    now = NOON - timedelta(days=60) + timedelta(minutes=minutes)
    owed, *put_off = decider.decide(decider.initial, ScheduleRevisit(**MATTER, round=1, rules=rules, now=now))
    assert not rules.quiet_hours.contains(owed.due_at)
    last_evening = owed.call_by.astimezone(rules.timezone).time()
    assert last_evening <= rules.revisit.schedule_by or owed.call_by == owed.due_at
    assert len(put_off) == (owed.due_at > rules.after(rules.revisit.earliest_delay, now))
