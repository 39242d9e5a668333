"""The steps of a matter's life as requests to the public API: who sends what, when it happened, and under which id.

Ids follow from the mapping's name and the row's key, so whatever is sent twice is a repeat and does nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, TypeAlias
from uuid import UUID, uuid5

from hotline_cli.replay.matters import REFERENCE, CallMatter, Matter, RequestMatter

NAMESPACE = UUID("3f0c8f3a-5d0e-5b7e-8d3c-0123450a11ce")
ORDER = "{order}"
DISPATCHER = "dispatcher"
CALL_TAKER = "call_taker"
MACHINE = "service@replay"
_LOOKED_INTO = frozenset({"complaint", "report"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One act. A path with `{order}` waits until the matter's work order is known."""

    at: datetime
    act: str
    service: str
    method: str
    path: str
    user: str
    body: Mapping[str, Any]


_Act: TypeAlias = tuple[datetime | None, Callable[..., Step], str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """The codes of the file's names, and which categories the scope table transfers by itself."""

    departments: Mapping[str, str]
    categories: Mapping[str, str]
    automatic: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """Turns the matters of one mapping into steps."""

    mapping: str
    codes: Codes

    def id_of(self, key: str, what: str) -> UUID:
        """Return the id that this row's request, person, call or act has in every run."""
        return uuid5(NAMESPACE, f"{self.mapping}\x1f{key}\x1f{what}")

    def matter_id(self, matter: Matter) -> UUID:
        return self.id_of(matter.key, "request" if isinstance(matter, RequestMatter) else "call")

    def steps(self, matter: Matter) -> list[Step]:
        """Return the matter's steps in the order in which they must be sent."""
        return list(self._request(matter) if isinstance(matter, RequestMatter) else self._call(matter))

    def _request(self, matter: RequestMatter) -> Iterator[Step]:
        request_id = self.matter_id(matter)
        user = CALL_TAKER if matter.record["channel"] == "phone" else MACHINE
        register = _acts("intake", user)
        yield register("register", "PUT", f"/requests/{request_id}", matter.registered_at, **self._record(matter))
        code = self.codes.departments[matter.department]
        order = f"/work-orders/{ORDER}"
        if matter.record["category"] not in self.codes.automatic:
            transfer = _acts("routing", DISPATCHER)
            yield transfer("transfer", "POST", f"{order}/transfer", matter.registered_at, department=code)
        handle, track = _acts("routing", f"handler@{code}"), _acts("routing", CALL_TAKER)
        later = [
            (matter.signed_at, handle, "sign", {}),
            (matter.contacted_at, handle, "contact", {}),
            *self._looked_into(matter, handle, track),
            (matter.resolved_at, handle, "resolve", {"reply": matter.reply}),
        ]
        known = [(at, step, act, body) for at, step, act, body in later if at is not None]
        for at, step, act, body in sorted(known, key=itemgetter(0)):
            yield step(act, "POST", f"{order}/{act}", at, **body)

    def _looked_into(self, matter: RequestMatter, handle: Callable[..., Step], track: Callable[..., Step]) -> list[_Act]:
        """Return what a complaint or a report needs before its result, taken to have happened with it.

        The finding is the reply, the evidence is the row, and the desk asked the department that handled it.
        """
        if matter.record["request_type"] not in _LOOKED_INTO:
            return []
        evidence = [str(self.id_of(matter.key, "evidence"))]
        return [
            (matter.resolved_at, handle, "investigation", {"finding": matter.reply, "evidence": evidence}),
            (matter.resolved_at, track, "department-contact", {"contact": matter.department[:200]}),
        ]

    def _record(self, matter: RequestMatter) -> dict[str, Any]:
        record = dict(matter.record)
        return {
            **record,
            "category": self.codes.categories[record["category"]],
            "source_reference": record.get("source_reference") or self._reference(matter),
            "requester_id": str(self.id_of(matter.key, "person")),
            "anonymous": True,
            "read_back": record["channel"] == "phone",
        }

    def _reference(self, matter: RequestMatter) -> str:
        """Say under which name the record is known where it was made."""
        return matter.key if REFERENCE.fullmatch(matter.key) else str(self.id_of(matter.key, "reference"))

    def _call(self, matter: CallMatter) -> Iterator[Step]:
        """A log is told of by a machine: nobody at a desk can say any more what was said in the call."""
        act = _acts("intake", MACHINE)
        path = f"/calls/{self.matter_id(matter)}"
        yield act("receive", "PUT", path, matter.received_at, line=matter.phone_line)
        if not matter.answered:
            stage = "menu" if matter.in_menu else "queue"
            yield act("abandon", "POST", f"{path}/abandon", matter.reached_at, stage=stage, wait_ms=matter.wait_ms)
            return
        ended = matter.reached_at + timedelta(milliseconds=matter.talk_ms)
        wrapped = ended + timedelta(milliseconds=matter.wrap_up_ms)
        yield act("answer", "POST", f"{path}/answer", matter.reached_at, agent_id=matter.agent, wait_ms=matter.wait_ms)
        yield act("end", "POST", f"{path}/end", ended, ended_by="caller", talk_ms=matter.talk_ms, hold_ms=0)
        outcome = {"outcome": matter.wrap_up_outcome, "wrap_up_ms": matter.wrap_up_ms}
        yield act("wrap-up", "POST", f"{path}/wrap-up", wrapped, **outcome)


def _acts(service: str, user: str) -> Callable[..., Step]:
    def step(act: str, method: str, path: str, at: datetime, **body: object) -> Step:
        content = {**body, "occurred_at": written(at)}
        return Step(at=at, act=act, service=service, method=method, path=path, user=user, body=content)

    return step


def written(at: datetime) -> str:
    """Write a time as the API reads it."""
    return at.isoformat().replace("+00:00", "Z")
