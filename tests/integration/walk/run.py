"""A walk through random sequences of all commands over HTTP, on the running city, with the invariants checked after every step.

`make walk SEQUENCES=500`, or `python tests/integration/walk/run.py --sequences 500 --seed 1`. Ends with status 0 when every
sequence holds, else with 1 and the shortest sequence that does not. Hypothesis draws and shrinks.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, ClassVar
from uuid import uuid4

from hypothesis import HealthCheck, Phase, note, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from invariants import broken
from office import DEPARTMENTS, SCOPES, Office
from operations import Bodies, Operation

from hotline_embedded.city import MOMENT, City

SPANS = [timedelta(minutes=20), timedelta(hours=3), timedelta(hours=9), timedelta(days=1), timedelta(days=2)]
WORDS: Mapping[str, list[Any]] = {
    "department": list(DEPARTMENTS),
    "support_department": list(DEPARTMENTS),
    "category": list(SCOPES),
    "accused_department": [*DEPARTMENTS, None],
    "area": ["longzihu", None],
}
KINDS = ["complaint", "report", "help", "inquiry", "repair", "suggestion", "praise"]

# One number a step, and everything else from it: what may come next depends on a living city, and Hypothesis draws may not.
LUCK = st.integers(0, 2**32 - 1)


class Walk(RuleBasedStateMachine):
    """One matter from its call on: mostly the next sensible step, often any other command, and time that passes."""

    office: ClassVar[Office]
    walks: ClassVar[int] = 0
    given: ClassVar[Counter[str]] = Counter()
    accepted: ClassVar[Counter[str]] = Counter()

    @initialize(kind=st.sampled_from(KINDS), category=st.sampled_from([*SCOPES, None]))
    def a_matter_is_registered(self, kind: str, category: str | None) -> None:
        """Begin every walk with a call and its matter, in the city's own Tuesday morning."""
        self.office.begin_at(MOMENT)
        self.call_id, self.request_id, self.person_id = (str(uuid4()) for _ in range(3))
        Walk.walks += 1
        if Walk.walks % _TOLD == 0:
            print(f"sequence {Walk.walks}: the {Walk.walks - 1} before it hold", flush=True)
        self.walk, self.steps = Walk.walks, 0
        self.seen, self.streams = self.office.heads(), defaultdict[str, list[dict[str, Any]]](list)
        self.known: dict[str, dict[str, None]] = {"call_id": {self.call_id: None}, "request_id": {self.request_id: None}}
        self._do("intake", "call_taker", "PUT", f"/calls/{self.call_id}", {"line": "12345"})
        self._do("intake", "call_taker", "POST", f"/calls/{self.call_id}/answer", {"ring_count": 2})
        body = {
            "requester_id": self.person_id,
            "anonymous": True,
            "channel": "web",
            "request_type": kind,
            "title": "路灯不亮",
            "matter": "解放路口的路灯三天不亮。",
            "call_id": self.call_id,
        }
        registered = {**body, "category": category} if category else body
        answer = self._do("intake", "service@walk", "PUT", f"/requests/{self.request_id}", registered)
        assert answer.status_code == 201, answer.text
        self.office.settle()
        self._learn()

    @rule(number=LUCK)
    def the_next_step(self, number: int) -> None:
        """Do what somebody at this desk would do next."""
        luck = self._luck(number)
        order = self._order()
        if order is None:
            return
        service, user, path, body = self._sensible(luck, order)
        if path:
            self._do(service, user, "POST", path, body)
            if path.endswith(("/resolve", "/revisit", "/attempt")):
                self.office.settle()

    @rule(number=LUCK)
    def any_command(self, number: int) -> None:
        """Give any command at all, by anyone who may give it, about what there is or about nothing."""
        luck = self._luck(number)
        operation = luck.choice(self.office.operations)
        user = luck.choice(operation.users).format(department=self._some_department(luck))
        bodies = Bodies(luck, {name: list(ids) for name, ids in self.known.items()}, WORDS, operation.definitions)
        body = None if operation.body is None else bodies.of(operation.body)
        path = operation.path
        for name in operation.ids:
            path = path.replace(f"{{{name}}}", self._named(luck, operation, name))
        before = self._versions()
        answer = self._do(operation.service, user, operation.method, path, body)
        self.given[operation.name] += 1
        if answer.is_success:
            self.accepted[operation.name] += 1
        elif operation.service != "followup":
            assert self._versions() == before, f"{operation.name} was refused and changed something"

    @rule(span=st.sampled_from(SPANS))
    def time_passes(self, span: timedelta) -> None:
        self.office.pass_time(span)

    @invariant()
    def everything_holds(self) -> None:
        """Check the stored events of this story after every step."""
        if hasattr(self, "request_id"):
            wrong = broken(self._learn())
            assert wrong == [], wrong

    def teardown(self) -> None:
        """Come to rest, look once more, and find nothing that no service could react to."""
        if hasattr(self, "request_id"):
            self._settle_emergencies()
            self.office.settle()
            wrong = broken(self._learn())
            assert wrong == [], wrong
            dead = {service: told for service, told in self.office.dead_letters().items() if told}
            assert dead == {}, dead

    def _settle_emergencies(self) -> None:
        """End what would raise the alarm every half hour in all the walks to come."""
        for emergency in self.known.get("emergency_id", ()):
            found = self.office.ask("routing", "dispatcher", "GET", f"/emergencies/{emergency}")
            if found.is_success and found.json()["settled_at"] is None:
                department = found.json()["department"]
                for party, user in (
                    ("crew", f"handler@{department}"),
                    ("department", f"head@{department}"),
                    ("leader", "shift_leader"),
                ):
                    self._do("routing", user, "POST", f"/emergencies/{emergency}/acknowledge", {"party": party})
                self._do("routing", "dispatcher", "POST", f"/emergencies/{emergency}/settle", {})

    def _sensible(self, luck: Random, order: Mapping[str, Any]) -> tuple[str, str, str, dict[str, Any]]:
        base = f"/work-orders/{order['work_order_id']}"
        handler = f"handler@{order['department']}"
        match order["status"]:
            case "opened":
                return "routing", "dispatcher", f"{base}/classify", {"category": luck.choice(list(SCOPES))}
            case "classified" | "returned":
                return "routing", "dispatcher", f"{base}/transfer", {"department": self._some_department(luck)}
            case "transferred":
                act, body = luck.choice([("sign", {}), ("sign", {}), ("return", _RETURN)])
                return "routing", handler, f"{base}/{act}", body
            case "signed":
                act, body = luck.choice(_HANDLING)
                return "routing", "dispatcher" if act == "department-contact" else handler, f"{base}/{act}", body
            case "resolved":
                return self._revisit(luck, order)
            case _:
                return "", "", "", {}

    def _revisit(self, luck: Random, order: Mapping[str, Any]) -> tuple[str, str, str, dict[str, Any]]:
        listed = self.office.ask("followup", "revisit_agent", "GET", f"/work-orders/{order['work_order_id']}/revisits").json()
        owed = [one for one in listed["items"] if one["status"] != "closed"]
        if not owed:
            return "", "", "", {}
        if owed[0]["status"] == "scheduled":
            self.office.pass_time(timedelta(hours=2))
        act, body = luck.choice(_ASKING)
        return "followup", "revisit_agent", f"/revisits/{owed[0]['id']}/{act}", body

    def _order(self) -> Mapping[str, Any] | None:
        answer = self.office.ask("routing", "dispatcher", "GET", f"/requests/{self.request_id}/work-order")
        return answer.json() if answer.is_success else None

    def _do(self, service: str, user: str, method: str, path: str, body: object) -> Any:
        answer = self.office.ask(service, user, method, path, body)
        note(f"{user} {method} {service}{path} {body} -> {answer.status_code}")
        return answer

    def _named(self, luck: Random, operation: Operation, name: str) -> str:
        """Return what stands in a path: something known of that name, or something new."""
        if name in {"code", "department"}:
            return self._some_department(luck)
        known = list(self.known.get(name, ()))
        new = operation.method == "PUT" and luck.random() < 0.5
        if known and not new:
            return luck.choice(known)
        made = str(uuid4()) if name.endswith("_id") else str(luck.randint(1, 3))
        if operation.method == "PUT":
            self.known.setdefault(name, {})[made] = None
        return made

    def _some_department(self, luck: Random) -> str:
        """Return a department, most often the one that holds the order."""
        order = next((events for stream, events in self.streams.items() if stream.startswith("work_order-")), [])
        holders = [event["data"]["department"] for event in order if event["name"].endswith((".transferred", ".reopened"))]
        return holders[-1] if holders and luck.random() < _HOLDER else luck.choice(DEPARTMENTS)

    def _luck(self, number: int) -> Random:
        """Return this step's own chance: what Hypothesis draws often, such as 0, is another chance at another step."""
        self.steps += 1
        return Random(f"{number}:{self.steps}:{self.walk}")

    def _versions(self) -> dict[str, int]:
        """Return how long each stream of the matter is, but for what timers and other services add by themselves."""
        return {stream: len(events) for stream, events in self._learn().items() if stream.startswith(("request-", "call-"))}

    def _learn(self) -> Mapping[str, list[dict[str, Any]]]:
        """Read what is new in the story, and remember every id that it names."""
        for event in self.office.news(self.seen):
            if event["correlation"] not in {self.call_id, self.request_id}:
                continue
            self.streams[event["stream"]].append(event)
            for name, value in event["data"].items():
                if name.endswith("_id") and isinstance(value, str) and len(value) == _UUID:
                    self.known.setdefault(name, {})[value] = None
        return self.streams


_UUID, _HOLDER, _TOLD = 36, 0.7, 25
_RETURN = {"reason": "not_enough_facts", "note": "未写明路灯位置。"}
_INVESTIGATION = {"finding": "经现场核实，情况属实。", "evidence": ["0197f3a2-7c11-7d2e-b6b0-3f1f0c8a9e10"]}
_HANDLING: list[tuple[str, dict[str, Any]]] = [
    ("contact", {}),
    ("investigation", _INVESTIGATION),
    ("investigation", _INVESTIGATION),
    ("department-contact", {"contact": "王科长"}),
    ("resolve", {"reply": "已更换灯泡。"}),
    ("resolve", {"reply": "已更换灯泡。"}),
    ("resolve", {"reply": "已更换灯泡。"}),
    ("return", _RETURN),
]
_ASKING: list[tuple[str, dict[str, Any]]] = [
    ("attempt", {"outcome": "no_answer"}),
    ("revisit", {"solved": True, "satisfied": True}),
    ("revisit", {"solved": False, "satisfied": False, "reason": "灯还是不亮。"}),
]


def walk(sequences: int, steps: int, number: int | None) -> None:
    """Walk so many sequences of so many steps."""
    chosen = settings(
        max_examples=sequences,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
        print_blob=True,
    )
    machine = Walk if number is None else seed(number)(Walk)
    run_state_machine_as_test(machine, settings=chosen)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sequences", type=int, default=500)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--seed", type=int)
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="hotline-walk-"))
    loop = asyncio.new_event_loop()
    city = City(folder)
    try:
        city.start()
        Walk.office = Office(city, loop)
        Walk.office.begin_at(MOMENT)
        Walk.office.open()
        walk(chosen.sequences, chosen.steps, chosen.seed)
        given, accepted = Walk.given, Walk.accepted
        never = sorted(one.name for one in Walk.office.operations if not given[one.name])
        print(f"{chosen.sequences} sequences, {sum(given.values())} random commands, {sum(accepted.values())} of them accepted")
        print(f"{len(given)} of {len(Walk.office.operations)} commands were given; never: {', '.join(never) or 'none'}")
    finally:
        loop.run_until_complete(city.close())
        city.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
