"""Notices that each agent signs for, and playbooks that are worked off step by step (A142, A160, A161): given, when, then."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from hotline_events.catalogue.intake import (
    NoticeAcknowledged,
    NoticeKind,
    NoticePosted,
    NoticeWithdrawn,
    PlaybookClosed,
    PlaybookOpened,
    PlaybookPublished,
    PlaybookStep,
    PlaybookStepDone,
)
from hotline_events.decider import RefusalError
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON, Then, given
from intake.domain import notice, notice_refusals, playbook
from intake.domain.refusals import TimeRunsBackwardsError

RUN, NOTE, CALL = (UUID(int=number) for number in range(12, 15))


def refused(then: Then, error: type[RefusalError], missing: str) -> None:
    then.then_rejected(error)
    assert then.refusal is not None
    assert then.refusal.missing == missing


POSTED = NoticePosted(
    notice_id=NOTE,
    kind=NoticeKind.ADVISORY,
    lines=("duty",),
    text=Sealed("今日有重要接待"),
    starts_at=NOON,
    ends_at=NOON + timedelta(days=1),
    posted_by="leader",
    occurred_at=NOON,
)


def test_an_advisory_is_posted_for_the_shift_and_each_agent_signs_for_it() -> None:
    """A160, A142."""
    post = notice.PostNotice(
        notice_id=NOTE,
        kind=NoticeKind.ADVISORY,
        lines=("duty",),
        text=Sealed("今日有重要接待"),
        starts_at=NOON,
        ends_at=NOON + timedelta(days=1),
        by="leader",
        now=NOON,
    )
    read = notice.AcknowledgeNotice(notice_id=NOTE, staff_id="ann", now=NOON)
    signed = NoticeAcknowledged(notice_id=NOTE, staff_id="ann", occurred_at=NOON)
    given(notice.decider).when(post).then(POSTED)
    given(notice.decider, POSTED).when(post).then_rejected(notice_refusals.NoticeAlreadyPostedError)
    given(notice.decider).when(replace(post, ends_at=NOON)).then_rejected(notice_refusals.NoticeEndsError)
    given(notice.decider, POSTED).when(read).then(signed)
    given(notice.decider, POSTED, signed).when(read).then_nothing()
    given(notice.decider).when(read).then_rejected(notice_refusals.NoticeNotPostedError)
    given(notice.decider, POSTED).when(replace(read, now=NOON - timedelta(1))).then_rejected(TimeRunsBackwardsError)


def test_a_notice_is_withdrawn_once() -> None:
    """A160."""
    withdraw = notice.WithdrawNotice(notice_id=NOTE, by="leader", now=NOON)
    withdrawn = NoticeWithdrawn(notice_id=NOTE, withdrawn_by="leader", occurred_at=NOON)
    given(notice.decider, POSTED).when(withdraw).then(withdrawn)
    given(notice.decider, POSTED, withdrawn).when(withdraw).then_nothing()
    given(notice.decider).when(withdraw).then_rejected(notice_refusals.NoticeNotPostedError)


STEPS = tuple(PlaybookStep(step=step, text_zh=step, text_en=step) for step in ("assess", "notify", "log"))
PLAYBOOK = PlaybookPublished(
    playbook="gas_leak",
    playbook_version=1,
    title_zh="燃气泄漏",
    title_en="Gas leak",
    steps=STEPS,
    published_by="admin",
    occurred_at=NOON,
)
RUNNING = PlaybookOpened(
    run_id=RUN,
    playbook="gas_leak",
    playbook_version=1,
    steps=("assess", "notify", "log"),
    opened_by="ann",
    occurred_at=NOON,
)


def done(step: str) -> PlaybookStepDone:
    return PlaybookStepDone(run_id=RUN, step=step, skipped=False, done_by="ann", occurred_at=NOON)


def test_a_playbook_is_published_version_after_version() -> None:
    """A161."""
    publish_it = playbook.PublishPlaybook(
        playbook="gas_leak", title_zh="燃气泄漏", title_en="Gas leak", steps=STEPS, by="admin", now=NOON
    )
    given(playbook.playbook_decider).when(publish_it).then(PLAYBOOK)
    given(playbook.playbook_decider, PLAYBOOK).when(publish_it).then_nothing()
    shorter = replace(publish_it, steps=STEPS[:2])
    given(playbook.playbook_decider, PLAYBOOK).when(shorter).then(replace(PLAYBOOK, playbook_version=2, steps=STEPS[:2]))
    twice = replace(publish_it, steps=STEPS + STEPS)
    given(playbook.playbook_decider).when(twice).then_rejected(notice_refusals.PlaybookStepsError)


def test_a_playbook_is_worked_off_step_by_step() -> None:
    """A161: the answer names the step that comes first."""
    known = playbook.playbook_decider.fold([PLAYBOOK])
    start = playbook.OpenPlaybook(run_id=RUN, playbook="gas_leak", published=known, call_id=None, by="ann", now=NOON)
    close = playbook.ClosePlaybook(run_id=RUN, by="ann", now=NOON)

    def do(step: str) -> playbook.DoStep:
        return playbook.DoStep(run_id=RUN, step=step, skipped=False, by="ann", now=NOON)

    given(playbook.run_decider).when(start).then(RUNNING)
    given(playbook.run_decider, RUNNING).when(start).then_rejected(notice_refusals.PlaybookAlreadyOpenedError)
    unknown = replace(start, published=playbook.Playbook())
    given(playbook.run_decider).when(unknown).then_rejected(notice_refusals.PlaybookUnknownError)
    given(playbook.run_decider, RUNNING).when(do("assess")).then(done("assess"))
    given(playbook.run_decider, RUNNING, done("assess")).when(do("assess")).then_nothing()
    refused(given(playbook.run_decider, RUNNING).when(do("log")), notice_refusals.StepOutOfOrderError, "assess")
    refused(given(playbook.run_decider, RUNNING, done("assess")).when(close), notice_refusals.StepOutOfOrderError, "notify")
    given(playbook.run_decider, RUNNING).when(do("dance")).then_rejected(notice_refusals.UnknownStepError)
    given(playbook.run_decider).when(do("assess")).then_rejected(notice_refusals.PlaybookNotOpenedError)
    given(playbook.run_decider).when(close).then_rejected(notice_refusals.PlaybookNotOpenedError)
    whole = (RUNNING, *(done(step) for step in ("assess", "notify", "log")))
    closed = PlaybookClosed(run_id=RUN, closed_by="ann", occurred_at=NOON)
    given(playbook.run_decider, *whole).when(close).then(closed)
    given(playbook.run_decider, *whole, closed).when(close).then_nothing()
