"""A town that lives by a seed: calls and matters as they may really go, for tests and for load."""

# ruff: noqa: PLR2004, S311 - chances and durations are the play itself, and its dice are no secrets

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hotline_events.catalogue import followup, intake, routing
from hotline_events.sealing import Sealed
from hotline_events.testing_history import History, moment_of
from hotline_events.testing_office import office_events

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DEPARTMENTS = ("parks", "roads", "water")


class Town:
    """Plays a town's calls and matters into a history, by a seed. Every step is one that the services would allow."""

    def __init__(self, seed: int) -> None:
        self.history = History()
        self.random = random.Random(seed)
        self._ids = iter(range(1, 1_000_000))
        self._due: list[tuple[datetime, int, str, Any]] = []
        for code in DEPARTMENTS:
            registered = routing.DepartmentRegistered(
                department=code, name_zh=f"{code}处", name_en=code.title(), occurred_at=MONDAY
            )
            self.tell(f"department-{code}", registered)

    def play(self, *, calls: int, matters: int, days: int = 12) -> History:
        """Let that many calls and matters happen within so many days."""
        for stream, event in office_events(MONDAY):
            self.tell(stream, event)
        for _ in range(calls):
            self._call(self._moment(days))
        for _ in range(matters):
            self._matter(self._moment(days))
        for _, _, stream, event in sorted(self._due, key=lambda due: due[:2]):
            self.history.add(stream, event)
        return self.history

    def tell(self, stream: str, event: object) -> None:
        self._due.append((moment_of(event), len(self._due), stream, event))

    def new_id(self) -> UUID:
        return UUID(int=next(self._ids) << 64)

    def _moment(self, days: int) -> datetime:
        return MONDAY + timedelta(seconds=self.random.randrange(days * 86_400))

    def hours(self, most: int) -> timedelta:
        return timedelta(milliseconds=self.random.randrange(1, most * 3_600_000))

    def _call(self, at: datetime) -> UUID:
        call_id, chance = self.new_id(), self.random.random()
        stream, wait_ms = f"call-{call_id}", self.random.randrange(40_000)
        self.tell(stream, intake.CallReceived(call_id=call_id, line="12345", occurred_at=at))
        then = at + timedelta(milliseconds=wait_ms)
        if chance < 0.3:
            stage = self.random.choice(list(intake.AbandonStage))
            self.tell(stream, intake.CallAbandoned(call_id=call_id, stage=stage, wait_ms=wait_ms, occurred_at=then))
        elif chance < 0.95:
            self.tell(stream, intake.CallAnswered(call_id=call_id, agent_id="agent-1", wait_ms=wait_ms, occurred_at=then))
            self._end(call_id, then, chance)
        return call_id

    def _end(self, call_id: UUID, then: datetime, chance: float) -> None:
        if chance < 0.9:
            talk, hold = self.random.randrange(300_000), self.random.randrange(60_000)
            then += timedelta(milliseconds=talk + hold)
            ended = intake.CallEnded(
                call_id=call_id, ended_by=intake.EndedBy.CALLER, talk_ms=talk, hold_ms=hold, occurred_at=then
            )
            self.tell(f"call-{call_id}", ended)
        if chance < 0.8:
            wrapped = intake.CallWrappedUp(call_id=call_id, outcome="registered", wrap_up_ms=20_000, occurred_at=then)
            self.tell(f"call-{call_id}", wrapped)

    def _matter(self, at: datetime) -> None:
        request_id, order_id, person = self.new_id(), self.new_id(), self.new_id()
        call_id = self._call(at - timedelta(minutes=5)) if self.random.random() < 0.5 else None
        registered = intake.RequestRegistered(
            request_id=request_id,
            requester_id=person,
            channel=intake.Channel.PHONE if call_id else intake.Channel.WEB,
            request_type=intake.RequestType.COMPLAINT,
            title=Sealed(text="路灯不亮"),
            matter=Sealed(text="长安路十号门前的路灯三天没有亮"),
            call_id=call_id,
            first_contact="agent-1",
            occurred_at=at,
        )
        self.tell(f"request-{request_id}", registered)
        if self.random.random() < 0.15:
            answered = intake.RequestAnsweredDirectly(
                request_id=request_id,
                requester_id=person,
                reply=Sealed(text="今晚修"),
                answered_by="agent-1",
                occurred_at=at + self.hours(1),
            )
            self.tell(f"request-{request_id}", answered)
            return
        self._order(_Matter(self, request_id, order_id, person), at)
        if self.random.random() < 0.2:
            erased = intake.PersonErased(person_id=person, reason="request", occurred_at=at + timedelta(days=20))
            self.tell(f"person-{person}", erased)

    def _order(self, matter: "_Matter", at: datetime) -> None:
        opened = routing.WorkOrderOpened(
            work_order_id=matter.order_id,
            request_id=matter.request_id,
            requester_id=matter.person,
            request_type=intake.RequestType.COMPLAINT,
            channel=intake.Channel.WEB,
            registered_at=at,
            occurred_at=at,
        )
        matter.order(opened)
        if self.random.random() < 0.05:
            return
        for table_version in range(1, self.random.choice((1, 1, 2)) + 1):
            classified = routing.WorkOrderClassified(
                **matter.ids, category=f"c-{table_version}", table_version=table_version, classified_by="x", occurred_at=at
            )
            matter.order(classified)
        matter.at = at
        matter.run()


@dataclass(slots=True)
class _Matter:
    """One order's way through departments, revisits and rework, until it is closed or the story breaks off."""

    town: Town
    request_id: UUID
    order_id: UUID
    person: UUID
    at: datetime = MONDAY
    hop: int = 0
    round: int = 1
    department: str = ""

    @property
    def ids(self) -> dict[str, Any]:
        return {"work_order_id": self.order_id, "request_id": self.request_id}

    def order(self, event: object) -> None:
        self.town.tell(f"work_order-{self.order_id}", event)

    def pass_time(self, most: int) -> datetime:
        self.at += self.town.hours(most)
        return self.at

    def breaks_off(self) -> bool:
        return self.town.random.random() < 0.08

    def run(self) -> None:
        self.transfer()
        while not self.breaks_off():
            if self.town.random.random() < 0.2 and self.hop < 4:
                self.give_back()
            elif not self.handle() or not self.revisit():
                return

    def limits(self) -> dict[str, Any]:
        return {
            "sign_due_at": self.at + timedelta(hours=24),
            "contact_due_at": self.at + timedelta(hours=30),
            "resolve_due_at": self.at + timedelta(hours=72),
            "rule_version": "default/1",
            "occurred_at": self.at,
        }

    def transfer(self) -> None:
        self.hop += 1
        self.department = self.town.random.choice(DEPARTMENTS)
        self.order(
            routing.WorkOrderTransferred(
                **self.ids,
                department=self.department,
                hop=self.hop,
                round=self.round,
                transferred_by="dispatcher",
                **self.limits(),
            )
        )

    def give_back(self) -> None:
        self.order(
            routing.WorkOrderReturned(
                **self.ids,
                requester_id=self.person,
                department=self.department,
                reason=routing.ReturnReason.NOT_OURS,
                note=Sealed(text="不归我们管"),
                returned_by="handler",
                occurred_at=self.pass_time(90),
            )
        )
        if not self.breaks_off():
            self.pass_time(5)
            self.transfer()

    def handle(self) -> bool:
        if self.town.random.random() < 0.9:
            self.order(
                routing.WorkOrderSigned(
                    **self.ids, department=self.department, signed_by="handler", occurred_at=self.pass_time(30)
                )
            )
        if self.town.random.random() < 0.8:
            self.order(
                routing.WorkOrderCallerContacted(
                    **self.ids, department=self.department, contacted_by="handler", occurred_at=self.pass_time(10)
                )
            )
        if self.breaks_off():
            return False
        self.order(
            routing.WorkOrderResolved(
                **self.ids,
                requester_id=self.person,
                department=self.department,
                round=self.round,
                reply=Sealed(text="已经修好"),
                resolved_by="handler",
                occurred_at=self.pass_time(60),
            )
        )
        return not self.breaks_off()

    def revisit(self) -> bool:
        """Revisit; answer whether rework was ordered."""
        revisit_id = self.town.new_id()
        facts: dict[str, Any] = {"revisit_id": revisit_id, **self.ids, "department": self.department}
        chance = self.town.random.random()

        def say(event: object) -> None:
            self.town.tell(f"revisit-{revisit_id}", event)

        say(
            followup.RevisitScheduled(
                **facts,
                requester_id=self.person,
                round=self.round,
                due_at=self.at + timedelta(hours=1),
                deadline_at=self.at + timedelta(hours=72),
                rule_version="default/1",
                occurred_at=self.at,
            )
        )
        say(followup.RevisitCameDue(**facts, occurred_at=self.at + timedelta(hours=1)))
        self.at += timedelta(hours=1)
        for attempt in range(1, 1 + self.town.random.choice((0, 0, 1, 2))):
            say(
                followup.RevisitAttempted(
                    **facts,
                    attempt=attempt,
                    outcome=followup.AttemptOutcome.BUSY,
                    next_at=None,
                    attempted_by="revisitor",
                    occurred_at=self.pass_time(40),
                )
            )
        if chance < 0.15:
            if chance < 0.1:
                self.close(say, facts, followup.ClosedAs.UNREACHABLE)
            return False
        solved = self.town.random.choice((True, True, False, None))
        say(
            followup.Revisited(
                **facts,
                requester_id=self.person,
                round=self.round,
                solved=solved,
                satisfied=self.town.random.choice((True, False, None)),
                reason=Sealed(text="还是不亮"),
                revisited_by="revisitor",
                occurred_at=self.pass_time(30),
            )
        )
        if solved is not False or self.round == 2:
            self.close(say, facts, followup.ClosedAs.SOLVED)
            return False
        self.round += 1
        say(followup.ReworkOrdered(**facts, round=self.round, occurred_at=self.at))
        self.order(
            routing.WorkOrderReopened(
                **self.ids, department=self.department, revisit_id=revisit_id, round=self.round, **self.limits()
            )
        )
        return True

    def close(self, say: Callable[[object], None], facts: dict[str, Any], closed_as: followup.ClosedAs) -> None:
        say(followup.RevisitClosed(**facts, round=self.round, closed_as=closed_as, occurred_at=self.at))
        self.order(routing.WorkOrderClosed(**facts, round=self.round, occurred_at=self.at))
