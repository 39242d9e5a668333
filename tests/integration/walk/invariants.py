"""What must hold after every step, read from the stored events alone (A65, A69, A89-A93, A100, A101, A108).

Each function is given the events of one matter by stream, oldest first, and returns what is wrong.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from hotline_rules.pack import load_pack

Event = Mapping[str, Any]
Streams = Mapping[str, Sequence[Event]]
RULES = load_pack("default")
DUE = ("sign_due_at", "return_due_at", "contact_due_at", "resolve_due_at")
INVESTIGATED = frozenset({"complaint", "report"})


def first_contact_never_changes(streams: Streams) -> Iterator[str]:
    """A65: whoever is named as the first contact of a matter, anywhere and ever, is the same."""
    named = {event["data"]["first_contact"] for event in _all(streams) if event["data"].get("first_contact")}
    if len(named) > 1:
        yield f"first contacts {sorted(named)}"


def nobody_gets_back_what_they_had(streams: Streams) -> Iterator[str]:
    """Never A→B→A twice: within a round only arbitration gives an order to a department that had it before."""
    for stream, events in _of(streams, "work_order"):
        had: set[str] = set()
        for event in events:
            data = event["data"]
            if event["name"] == "routing.work_order.reopened":
                had = set()
            if event["name"] == "routing.work_order.transferred":
                if data["department"] in had and data.get("route") != "arbitration":
                    yield f"{stream}: {data['department']} got back what it had"
                had.add(data["department"])


def nothing_closes_with_a_stage_missing(streams: Streams) -> Iterator[str]:
    """A92, A93: a complaint or a report is investigated, and every round has a result of its own before the order closes."""
    for stream, events in _of(streams, "work_order"):
        kind, done = "", set()
        for event in events:
            name, data = event["name"].removeprefix("routing.work_order."), event["data"]
            kind = data.get("request_type") or data.get("to_type") or kind
            if name == "closed":
                if not done & {"resolved", "followed"} and "unresolvable_filed" not in done:
                    yield f"{stream}: closed without a result"
                if kind in INVESTIGATED and not done & {"investigation_reported", "unresolvable_filed", "followed"}:
                    yield f"{stream}: a {kind} was closed without an investigation"
            if name == "reopened":
                done = set()  # every round is looked into anew
            done.add("followed" if data.get("merged_into") else name)


def clocks_never_run_backwards(streams: Streams) -> Iterator[str]:
    """A89: a stream is recorded in its order; a clock ends after it began, and an extension only moves it on."""
    for stream, events in streams.items():
        recorded = [event["recorded_at"] for event in events]
        if recorded != sorted(recorded):
            yield f"{stream}: recorded out of order"
        if [event["version"] for event in events] != list(range(1, len(events) + 1)):
            yield f"{stream}: versions with a gap"
    for stream, events in _of(streams, "work_order"):
        for event in events:
            at, data = event["occurred_at"], event["data"]
            begins = event["name"].endswith((".transferred", ".reopened"))
            if begins and any(_time(data[due]) <= at for due in DUE if data.get(due)):
                yield f"{stream}: {event['name']} is due before it begins"
            if event["name"].endswith(".extension_granted") and _extended_backwards(data):
                yield f"{stream}: an extension that shortens"


def nobody_is_called_in_quiet_hours(streams: Streams) -> Iterator[str]:
    """A101: between ten in the evening and eight in the morning nobody is revisited, except at the end of the service."""
    for stream, events in _of(streams, "revisit"):
        for event in events:
            called = event["name"] in {"followup.revisit.attempted", "followup.revisit.revisited"}
            by_phone = event["data"].get("channel") in {None, "call"}
            exempt = event["data"].get("immediate_after_service") or not by_phone
            if called and not exempt and RULES.quiet_hours.contains(event["occurred_at"]):
                yield f"{stream}: {event['name']} at {event['occurred_at']}"
            if event["name"] == "followup.revisit.scheduled" and RULES.quiet_hours.contains(_time(event["data"]["due_at"])):
                yield f"{stream}: due in quiet hours"


def rounds_only_grow(streams: Streams) -> Iterator[str]:
    """A108: a round follows the one before it, and so does a hop."""
    for stream, events in _of(streams, "work_order"):
        round_, hop = 1, 0
        for event in events:
            if event["name"] == "routing.work_order.transferred":
                if event["data"]["hop"] != hop + 1:
                    yield f"{stream}: hop {event['data']['hop']} after {hop}"
                hop = event["data"]["hop"]
            if event["name"] == "routing.work_order.reopened":
                if event["data"]["round"] != round_ + 1:
                    yield f"{stream}: round {event['data']['round']} after {round_}"
                round_ = event["data"]["round"]


INVARIANTS: tuple[Callable[[Streams], Iterator[str]], ...] = (
    first_contact_never_changes,
    nobody_gets_back_what_they_had,
    nothing_closes_with_a_stage_missing,
    clocks_never_run_backwards,
    nobody_is_called_in_quiet_hours,
    rounds_only_grow,
)


def broken(streams: Streams) -> list[str]:
    """Return every sentence that does not hold."""
    return [f"{invariant.__name__}: {wrong}" for invariant in INVARIANTS for wrong in invariant(streams)]


def _extended_backwards(data: Mapping[str, Any]) -> bool:
    before, after = data.get("from_due_at"), data.get("to_due_at")
    return bool(before and after) and _time(after) < _time(before)


def _of(streams: Streams, aggregate: str) -> Iterator[tuple[str, Sequence[Event]]]:
    return ((stream, events) for stream, events in streams.items() if stream.startswith(f"{aggregate}-"))


def _all(streams: Streams) -> Iterator[Event]:
    return (event for events in streams.values() for event in events)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
