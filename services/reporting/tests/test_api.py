"""Reporting over HTTP: what each role sees, what is refused, and what a reader is told about a figure."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline_chassis.signin import rights_of_routes
from hotline_events.catalogue import followup, intake, routing
from hotline_events.sealing import Sealed
from hotline_events.testing import NOON
from hotline_events.testing_history import History
from hotline_events.testing_town import DEPARTMENTS, MONDAY, Town
from reporting.adapters.api import reading

WINDOW = {"from": MONDAY.isoformat(), "to": (MONDAY + timedelta(days=14)).isoformat()}
LATER = MONDAY + timedelta(days=9)


@pytest.fixture
def history(town: History) -> History:
    return town


@pytest.fixture
def api(followed: AsyncEngine, serve: Callable[..., Any]) -> Any:
    return serve(followed, now=LATER)


def a_request(history: History, *, by_phone: bool) -> Any:
    """Return a registered request that went a long way."""
    revisited = {event.request_id for event in history.events if type(event).__name__ == "Revisited"}
    return next(
        event
        for event in history.events
        if isinstance(event, intake.RequestRegistered)
        and event.request_id in revisited
        and (event.call_id is not None) is by_phone
    )


async def test_a_timeline_has_the_call_the_order_and_the_revisits_in_order(api: Any, history: History) -> None:
    request = a_request(history, by_phone=True)
    answer = await api.get(f"/timelines/{request.request_id}")
    entries = answer.json()["entries"]
    expected = [
        event
        for event in history.events
        if getattr(event, "request_id", None) == request.request_id
        or (type(event).__name__.startswith("Call") and event.call_id == request.call_id)
    ]
    assert len(entries) == len(expected)
    assert {entry["source"] for entry in entries} == {"intake", "routing", "followup"}
    assert [entry["occurred_at"] for entry in entries] == sorted(entry["occurred_at"] for entry in entries)
    for stream in {entry["stream"] for entry in entries}:
        versions = [entry["version"] for entry in entries if entry["stream"] == stream]
        assert versions == sorted(versions)


async def test_a_timeline_shows_no_sealed_text_and_says_that_there_is_one(api: Any, history: History) -> None:
    request = a_request(history, by_phone=False)
    answer = await api.get(f"/timelines/{request.request_id}", user="dispatcher")
    entries = {entry["name"]: entry for entry in answer.json()["entries"]}
    registered = entries["intake.request.registered"]
    assert registered["sealed"] is True
    assert (registered["payload"]["title"], registered["payload"]["matter"]) == (None, None)
    assert registered["payload"]["channel"] == "web"
    assert entries["routing.work_order.transferred"]["sealed"] is False
    assert "s1." not in answer.text


async def test_an_unknown_matter_has_no_timeline(api: Any) -> None:
    assert (await api.get("/timelines/00000000-0000-0000-0000-0000000000ff")).status_code == 404


async def test_a_department_reads_no_timeline(api: Any, history: History) -> None:
    request = a_request(history, by_phone=False)
    answer = await api.get(f"/timelines/{request.request_id}", user="handler@roads")
    assert answer.status_code == 403


async def test_a_figure_says_its_variant_its_parts_its_rules_and_its_window(api: Any) -> None:
    answer = await api.get("/indicators", **WINDOW)
    assert answer.status_code == 200
    t1 = answer.json()[0]
    assert (t1["id"], t1["variant"], t1["name_zh"], t1["unit"]) == ("T1", "T1/queue-offered", "接通率", "%")
    assert t1["value"] == pytest.approx(100 * t1["numerator"] / t1["denominator"])
    assert t1["rule_version"] == "default/1"
    assert t1["calendar"].startswith("china/chinesecalendar-")
    assert t1["window"] == {"from": "2026-03-02T01:00:00Z", "to": "2026-03-16T01:00:00Z", "timezone": "Asia/Shanghai"}
    assert {figure["id"] for figure in answer.json()} == {
        "T1", "T2", "T2b", "T6", "T7", "T8", "W1", "W2", "W3", "W4", "W6", "W7", "W8", "W10", "W13",
    }  # fmt: skip


async def test_where_nothing_happened_every_value_is_null(api: Any) -> None:
    answer = await api.get("/indicators", **{"from": "2001-01-01T00:00:00Z", "to": "2001-01-02T00:00:00Z"})
    assert [figure["value"] for figure in answer.json()] == [None] * 16


async def test_a_department_sees_its_own_figures_without_asking_and_no_other_ones(api: Any) -> None:
    """A department's people see nothing of another department by any path."""
    own = await api.get("/indicators", user="head@roads", **WINDOW)
    asked = await api.get("/indicators", **WINDOW, department="roads")
    assert own.json() == asked.json()
    assert {figure["id"][0] for figure in own.json()} == {"W"}
    table = (await api.get("/reports/departments", user="handler@roads", **WINDOW)).json()
    assert [row["department"] for row in table["rows"]] == ["roads"]
    days = (await api.get("/reports/days", user="handler@roads", **WINDOW)).json()
    assert days["department"] == "roads"
    assert days == (await api.get("/reports/days", **WINDOW, department="roads")).json()


@pytest.mark.parametrize("path", ["/indicators", "/reports/days", "/reports/open-orders"])
async def test_another_department_is_as_unknown_as_one_that_does_not_exist(api: Any, path: str) -> None:
    query = {} if path.endswith("orders") else WINDOW
    foreign = await api.get(path, user="handler@roads", **query, department="water")
    missing = await api.get(path, user="handler@roads", **query, department="nowhere")
    unknown = await api.get(path, **query, department="nowhere")
    for answer in (foreign, missing, unknown):
        assert answer.status_code == 404
        problem = answer.json()
        problem.pop("trace_id", None)
        assert problem == {"type": "urn:hotline:problem:not_found", "title": problem["title"], "status": 404, "instance": path}


async def test_open_orders_are_those_not_reported_with_their_clocks_at_the_business_time(api: Any, history: History) -> None:
    """A89, A90."""
    found = (await api.get("/reports/open-orders", limit=200)).json()["items"]
    assert {(item["work_order_id"], item["department"]) for item in found} == expected_open(history)
    held = [item for item in found if item["department"]]
    assert held
    dues = [min(clock["due_at"] for clock in item["clocks"] if clock["done_at"] is None) for item in found if item["clocks"]]
    assert dues == sorted(dues), "most urgent first"
    assert [bool(item["clocks"]) for item in found] == sorted((bool(item["clocks"]) for item in found), reverse=True)
    for clock in (clock for item in held for clock in item["clocks"]):
        until = moment(clock["done_at"]) if clock["done_at"] else LATER
        assert clock["overdue_seconds"] == max(0.0, (until - moment(clock["due_at"])).total_seconds())


def moment(written: str) -> Any:
    return type(NOON).fromisoformat(written)


def expected_open(history: History) -> set[tuple[str, str | None]]:
    """Fold every order by hand: who holds it, and whether it is reported handled."""
    holder: dict[str, str | None] = {}
    for event in history.events:
        match event:
            case routing.WorkOrderOpened() | routing.WorkOrderReturned():
                holder[str(event.work_order_id)] = None
            case routing.WorkOrderTransferred() | routing.WorkOrderReopened():
                holder[str(event.work_order_id)] = event.department
            case routing.WorkOrderResolved() | routing.WorkOrderClosed():
                holder.pop(str(event.work_order_id), None)
    return set(holder.items())


async def test_open_orders_come_in_pages_that_miss_and_repeat_nothing(api: Any) -> None:
    whole = (await api.get("/reports/open-orders", limit=200)).json()
    assert "next" not in whole or whole["next"] is None
    pages, query = [], {"limit": 3}
    while True:
        page = (await api.get("/reports/open-orders", **query)).json()
        pages += page["items"]
        if not page.get("next"):
            break
        query["cursor"] = page["next"]
    assert pages == whole["items"]


async def test_a_departments_people_see_its_open_orders_only(api: Any, history: History) -> None:
    for department in DEPARTMENTS:
        found = (await api.get("/reports/open-orders", user=f"handler@{department}", limit=200)).json()["items"]
        held = {pair for pair in expected_open(history) if pair[1] == department}
        assert {(item["work_order_id"], item["department"]) for item in found} == held


@pytest.mark.parametrize(
    ("query", "field", "rule"),
    [
        ({"from": "yesterday", "to": WINDOW["to"]}, "query.from", "timestamp"),
        ({"from": "2026-03-02T00:00:00", "to": WINDOW["to"]}, "query.from", "timezone_required"),
        ({"from": "1969-12-31T00:00:00Z", "to": WINDOW["to"]}, "query.from", "not_before_1970"),
        ({"to": WINDOW["to"]}, "query.from", "missing"),
        ({"from": WINDOW["to"], "to": WINDOW["to"]}, "query.to", "after_from"),
        ({**WINDOW, "department": "x" * 65}, "query.department", "string_too_long"),
        ({**WINDOW, "after_routing": "-1"}, "query.after_routing", "greater_than_equal"),
    ],
)
async def test_a_wrong_question_is_told_its_field_and_rule(api: Any, query: dict[str, str], field: str, rule: str) -> None:
    answer = await api.get("/indicators", **query)
    assert answer.status_code == 422
    assert (answer.json()["field"], answer.json()["rule"]) == (field, rule)


async def test_a_table_of_more_days_than_a_year_is_refused(api: Any) -> None:
    window = {"from": "2020-01-01T00:00:00Z", "to": "2022-01-01T00:00:00Z"}
    answer = await api.get("/reports/days", **window)
    assert (answer.status_code, answer.json()["rule"]) == (422, "at_most_366_days")


async def test_a_made_up_cursor_is_refused(api: Any) -> None:
    assert (await api.get("/reports/open-orders", cursor="bm9uc2Vuc2U")).status_code == 400


async def test_a_calendar_that_nobody_published_is_a_refusal_that_names_the_year(
    follow: Callable[..., Any], serve: Callable[..., Any]
) -> None:
    """Working days are never guessed."""
    town = Town(5)
    history = History()
    for envelope in town.play(calls=0, matters=5).sources["routing"]:
        event = envelope.event
        if event.__class__.__name__ in {"WorkOrderTransferred", "WorkOrderResolved"}:
            moved = {name: getattr(event, name) for name in event.__dataclass_fields__}
            moved |= {"occurred_at": event.occurred_at.replace(year=2031)}
            moved |= {"reply": Sealed(text="好")} if "reply" in moved else {}
            history.add(envelope.stream, type(event)(**moved))
    api = serve(await follow(history))
    answer = await api.get("/indicators", **{"from": "2031-01-01T00:00:00Z", "to": "2032-01-01T00:00:00Z"})
    assert (answer.status_code, answer.json()["rule"]) == (409, "working_day_calendar")
    assert "2031" in answer.json()["detail"]


async def test_a_read_waits_for_the_positions_that_it_must_have_seen(
    api: Any, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_PATIENCE", 0.1)
    seen = {f"after_{source}": len(log) for source, log in history.sources.items()}
    assert (await api.get("/indicators", **WINDOW, **seen)).status_code == 200
    early = await api.get("/indicators", **WINDOW, after_routing=len(history.sources["routing"]) + 1)
    assert (early.status_code, early.headers["retry-after"]) == (503, "1")


async def test_every_route_asks_for_a_right(api: Any) -> None:
    routes = list(rights_of_routes(api.app))
    assert {path for _, path, _ in routes} >= {
        "/timelines/{request_id}",
        "/indicators",
        "/reports/open-orders",
        "/reports/departments",
        "/reports/days",
        "/events",
        "/dev/clock",
    }
    assert all(right is not None for _, _, right in routes)


@pytest.mark.parametrize("user", ["call_taker", "dispatcher", "revisit_agent", "service@replay"])
async def test_who_has_no_right_to_reports_gets_none(api: Any, user: str) -> None:
    for path in ("/indicators", "/reports/open-orders", "/reports/departments", "/reports/days"):
        assert (await api.get(path, user=user, **WINDOW)).status_code == 403
    assert (await api.client.get("/indicators", params=WINDOW)).status_code == 401


async def test_the_rulebook_is_counted_from_the_events_themselves(api: Any, history: History) -> None:
    """A89, A101, A108: what a person counts in the log is what the page shows, of everything and of one department."""
    shown = (await api.get("/reports/rulebook", **WINDOW)).json()
    counts = {row["measure"]: row["count"] for row in shown["rows"]}

    def told(*kinds: type, department: str | None = None, limit: str | None = None) -> int:
        return sum(
            isinstance(event, kinds)
            and event.occurred_at < MONDAY + timedelta(days=14)
            and department in {None, event.department}
            and limit in {None, getattr(event, "limit", None)}
            for event in history.events
        )

    assert counts["clocks_started"] == told(routing.WorkOrderTransferred, routing.WorkOrderReopened) > 0
    assert counts["resolve_passed"] == told(routing.WorkOrderLimitPassed, limit="resolve")
    assert counts["returns"] == told(routing.WorkOrderReturned) > 0
    assert counts["reworks"] == told(followup.ReworkOrdered) > 0
    roads = (await api.get("/reports/rulebook", user=f"head@{DEPARTMENTS[0]}", **WINDOW)).json()
    assert roads["department"] == DEPARTMENTS[0]
    assert roads["rows"][0]["count"] == told(routing.WorkOrderTransferred, routing.WorkOrderReopened, department=DEPARTMENTS[0])
