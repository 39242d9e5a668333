"""A playbook and one use of it: the steps are worked off in their order, each with who did it and when (A161)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.intake import (
    PlaybookClosed,
    PlaybookOpened,
    PlaybookPublished,
    PlaybookRunEvent,
    PlaybookStep,
    PlaybookStepDone,
)
from hotline_events.decider import Decider
from intake.domain.notice_refusals import (
    PlaybookAlreadyOpenedError,
    PlaybookNotOpenedError,
    PlaybookStepsError,
    PlaybookUnknownError,
    StepOutOfOrderError,
    UnknownStepError,
)
from intake.domain.refusals import TimeRunsBackwardsError


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishPlaybook:
    playbook: str
    title_zh: str
    title_en: str
    steps: tuple[PlaybookStep, ...]
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    """The playbook as it was published last."""

    version: int = 0
    title: tuple[str, str] | None = None
    steps: tuple[PlaybookStep, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPlaybook:
    run_id: UUID
    playbook: str
    published: Playbook
    call_id: UUID | None
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DoStep:
    run_id: UUID
    step: str
    skipped: bool
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePlaybook:
    run_id: UUID
    by: str
    now: datetime


RunCommand: TypeAlias = OpenPlaybook | DoStep | ClosePlaybook


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The number of each step, how many are done, and when the last one was."""

    steps: Mapping[str, int] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    playbook: str | None = None
    done: int = 0
    since: datetime | None = None
    closed: bool = False


def decide_playbook(playbook: Playbook, command: PublishPlaybook) -> list[PlaybookPublished]:
    match command:
        case PublishPlaybook():
            if len({step.step for step in command.steps}) < len(command.steps):
                raise PlaybookStepsError
            if (playbook.title, playbook.steps) == ((command.title_zh, command.title_en), command.steps):
                return []
            return [
                PlaybookPublished(
                    playbook=command.playbook,
                    playbook_version=playbook.version + 1,
                    title_zh=command.title_zh,
                    title_en=command.title_en,
                    steps=command.steps,
                    published_by=command.by,
                    occurred_at=command.now,
                )
            ]
        case _:
            assert_never(command)


def evolve_playbook(_playbook: Playbook, event: PlaybookPublished) -> Playbook:
    return Playbook(version=event.playbook_version, title=(event.title_zh, event.title_en), steps=event.steps)


def decide_run(run: Run, command: RunCommand) -> list[PlaybookRunEvent]:
    match command:
        case OpenPlaybook():
            return _open(run, command)
        case DoStep():
            return _do_step(run, command)
        case ClosePlaybook():
            return _close(run, command)
        case _:
            assert_never(command)


def evolve_run(run: Run, event: PlaybookRunEvent) -> Run:
    match event:
        case PlaybookOpened():
            steps = {step: number for number, step in enumerate(event.steps)}
            return Run(steps=steps, order=event.steps, playbook=event.playbook, since=event.occurred_at)
        case PlaybookStepDone():
            return replace(run, done=run.done + 1, since=event.occurred_at)
        case PlaybookClosed():
            return replace(run, closed=True, since=event.occurred_at)
        case _:
            assert_never(event)


def _open(run: Run, command: OpenPlaybook) -> list[PlaybookRunEvent]:
    if run.playbook is not None:
        raise PlaybookAlreadyOpenedError
    if command.published.version == 0:
        raise PlaybookUnknownError
    return [
        PlaybookOpened(
            run_id=command.run_id,
            playbook=command.playbook,
            playbook_version=command.published.version,
            steps=tuple(step.step for step in command.published.steps),
            call_id=command.call_id,
            opened_by=command.by,
            occurred_at=command.now,
        )
    ]


def _check_opened(run: Run, now: datetime) -> None:
    if run.since is None:
        raise PlaybookNotOpenedError
    if now < run.since:
        raise TimeRunsBackwardsError


def _do_step(run: Run, command: DoStep) -> list[PlaybookRunEvent]:
    if run.since is None:
        raise PlaybookNotOpenedError
    number = run.steps.get(command.step)
    if number is None:
        raise UnknownStepError
    if number < run.done:
        return []
    _check_opened(run, command.now)
    if number > run.done:
        raise StepOutOfOrderError(run.order[run.done])
    return [
        PlaybookStepDone(
            run_id=command.run_id,
            step=command.step,
            skipped=command.skipped,
            done_by=command.by,
            occurred_at=command.now,
        )
    ]


def _close(run: Run, command: ClosePlaybook) -> list[PlaybookRunEvent]:
    if run.closed:
        return []
    _check_opened(run, command.now)
    if run.done < len(run.order):
        raise StepOutOfOrderError(run.order[run.done])
    return [PlaybookClosed(run_id=command.run_id, closed_by=command.by, occurred_at=command.now)]


playbook_decider: Decider[PublishPlaybook, Playbook, PlaybookPublished] = Decider(
    "playbook", decide_playbook, evolve_playbook, Playbook()
)
run_decider: Decider[RunCommand, Run, PlaybookRunEvent] = Decider("playbook_run", decide_run, evolve_run, Run())
