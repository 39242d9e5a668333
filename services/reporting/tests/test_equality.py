"""The figures of the API equal those that pandas computes from the same log, without any of our code for counting."""

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from hotline_events.testing_history import History
from hotline_events.testing_town import DEPARTMENTS, MONDAY, Town

ZONES = {"default": "Asia/Shanghai", "san_francisco": "America/Los_Angeles"}
ACTS = {"signed": "signed_at", "caller_contacted": "contacted_at", "returned": "returned_at", "resolved": "resolved_at"}


class Log:
    """The whole log as data frames."""

    def __init__(self, history: History) -> None:
        rows = [
            {
                **{field.name: getattr(envelope.event, field.name) for field in dataclasses.fields(envelope.event)},
                "what": envelope.name,
                "stream": envelope.stream,
                "version": envelope.version,
            }
            for log in history.sources.values()
            for envelope in log
        ]
        self.events = pd.DataFrame(rows)
        self.calls = self._calls()
        self.dispatches = self._dispatches()

    def of(self, what: str) -> pd.DataFrame:
        return self.events[self.events["what"] == what]

    def _calls(self) -> pd.DataFrame:
        calls = self.of("intake.call.received")[["call_id", "occurred_at"]]
        for act, columns in {
            "answered": ["wait_ms"],
            "abandoned": ["stage", "wait_ms"],
            "ended": ["talk_ms", "hold_ms"],
            "wrapped_up": ["wrap_up_ms"],
        }.items():
            acted = self.of(f"intake.call.{act}")[["call_id", *columns]].add_prefix(f"{act}_")
            acted[act] = True
            calls = calls.merge(acted, how="left", left_on="call_id", right_on=f"{act}_call_id")
        return calls[calls["abandoned_stage"].astype(str) != "menu"]

    def _dispatches(self) -> pd.DataFrame:
        orders = self.events[self.events["stream"].str.startswith("work_order-")].sort_values(["stream", "version"])
        starts = orders["what"].isin(["routing.work_order.transferred", "routing.work_order.reopened"])
        orders = orders.assign(number=starts.groupby(orders["stream"]).cumsum())
        table = orders[starts].set_index(["stream", "number"])
        table = table.rename(columns={"occurred_at": "dispatched_at"})
        for act, column in ACTS.items():
            acted = orders[orders["what"] == f"routing.work_order.{act}"]
            table[column] = acted.groupby(["stream", "number"])["occurred_at"].first()
        table["next_at"] = table.groupby(level="stream")["dispatched_at"].shift(-1)
        return table.reset_index()


def inside(times: pd.Series, start: pd.Timestamp, end: pd.Timestamp) -> pd.Series:
    return (times >= start) & (times < end)


def looked_up(ids: pd.Series, times: pd.Series) -> pd.Series:
    """Return the time of each id, NaT where there is none, a column of times even when nothing is there."""
    return pd.to_datetime(ids.map(times.to_dict()), utc=True)


def working_days(start: pd.Timestamp, end: pd.Timestamp, zone: str) -> float:
    """Sum the share that the span takes of every Monday to Friday, day by day."""
    first, last = start.tz_convert(zone).normalize(), end.tz_convert(zone).normalize()
    total = 0.0
    for day in pd.date_range(first, last, freq="D"):
        following = (day + pd.DateOffset(days=1)).normalize()
        if day.weekday() < 5:
            total += max(pd.Timedelta(0), min(end, following) - max(start, day)) / (following - day)
    return total


def of_calls(log: Log, start: pd.Timestamp, end: pd.Timestamp) -> dict[str, tuple[float, int]]:
    calls = log.calls[inside(log.calls["occurred_at"], start, end)]
    answered = calls[calls["answered"].notna()]
    in_limit = int((answered["answered_wait_ms"] <= 15_000).sum())
    abandoned = int((calls["abandoned_wait_ms"] >= 5_000).sum())
    handled = answered[answered["ended"].notna()]
    handling = handled[["ended_talk_ms", "ended_hold_ms", "wrapped_up_wrap_up_ms"]].fillna(0).to_numpy(float).sum()
    return {
        "T1/queue-offered": (len(answered), len(calls)),
        "T2/of-offered": (in_limit, len(calls)),
        "T2b/of-answered": (in_limit, len(answered)),
        "T6/no-menu-no-short": (abandoned, len(answered) + abandoned),
        "T7/queue-wait": (answered["answered_wait_ms"].sum() / 1000, len(answered)),
        "T8/ended-calls": (handling / 1000, len(handled)),
    }


def of_orders(
    log: Log, start: pd.Timestamp, end: pd.Timestamp, zone: str, department: str | None = None
) -> dict[str, tuple[float, int]]:
    def mine(table: pd.DataFrame) -> pd.DataFrame:
        return table if department is None else table[table["department"] == department]

    every = mine(log.dispatches)
    sent = every[inside(every["dispatched_at"], start, end)]
    due = every[inside(every["resolve_due_at"], start, end)]
    gone = due[["returned_at", "next_at"]].min(axis=1) <= due["resolve_due_at"]
    due = due[~(due["resolved_at"].isna() & gone)]
    reported = every[inside(every["resolved_at"], start, end)]
    days = sum(working_days(pair.dispatched_at, pair.resolved_at, zone) for pair in reported.itertuples())
    owed = mine(log.of("followup.revisit.scheduled"))
    owed = owed[inside(owed["occurred_at"], start, end)]
    made = log.of("followup.revisit.revisited").set_index("revisit_id")["occurred_at"]
    made_at = looked_up(owed["revisit_id"], made)
    answers = mine(log.of("followup.revisit.revisited"))
    answers = answers[inside(answers["occurred_at"], start, end)]
    accepted, closed = handled_of_accepted(log, start, end, department)
    return {
        "W1/dispatches": (int((sent["signed_at"] <= sent["sign_due_at"]).sum()), len(sent)),
        "W2/dispatches": (int((sent["contacted_at"] <= sent["contact_due_at"]).sum()), len(sent)),
        "W3/answers": (int(answers["solved"].eq(True).sum()), int(answers["solved"].notna().sum())),
        "W4/answers": (int(answers["satisfied"].eq(True).sum()), int(answers["satisfied"].notna().sum())),
        "W6/due-dispatches": (int((due["resolved_at"] <= due["resolve_due_at"]).sum()), len(due)),
        "W7/registered-cut-off-at-end": (closed, accepted),
        "W8/dispatch-to-report": (float(days), len(reported)),
        "W10/returned-dispatches": (int(sent["returned_at"].notna().sum()), len(sent)),
        "W13/revisited": (int(made_at.notna().sum()), len(owed)),
        "W13/in-limit": (int((made_at <= owed["deadline_at"]).sum()), len(owed)),
    }


def handled_of_accepted(log: Log, start: pd.Timestamp, end: pd.Timestamp, department: str | None) -> tuple[int, int]:
    requests = log.of("intake.request.registered")
    requests = requests[inside(requests["occurred_at"], start, end)][["request_id"]]
    direct = log.of("intake.request.answered_directly").set_index("request_id")["occurred_at"]
    before = log.dispatches[log.dispatches["dispatched_at"] < end].sort_values("number")
    last = before.groupby("request_id").tail(1).set_index("request_id")
    requests["department"] = requests["request_id"].map(last["department"])
    if department is not None:
        requests = requests[requests["department"] == department]
    reported_at, answered_at = looked_up(requests["request_id"], last["resolved_at"]), looked_up(requests["request_id"], direct)
    handled = (reported_at < end) | (answered_at < end)
    return len(requests), int(handled.sum())


def agree(shown: list[dict[str, Any]], expected: dict[str, tuple[float, int]]) -> None:
    assert {figure["variant"] for figure in shown} == set(expected)
    for figure in shown:
        numerator, denominator = expected[figure["variant"]]
        assert figure["denominator"] == denominator, figure
        assert figure["numerator"] == pytest.approx(numerator, rel=1e-9), figure
        scale = 100 if figure["unit"] == "%" else 1
        value = None if denominator == 0 else pytest.approx(scale * numerator / denominator, rel=1e-9)
        assert figure["value"] == value, figure


@pytest.fixture(params=sorted(ZONES))
def pack(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("seed", [1, 20260302])
async def test_every_figure_equals_the_one_that_pandas_computes(
    follow: Callable[..., Any], serve: Callable[..., Any], pack: str, seed: int
) -> None:
    history = Town(seed).play(calls=150, matters=120)
    log, zone = Log(history), ZONES[pack]
    assert log.events["occurred_at"].max() < pd.Timestamp("2026-04-04", tz=zone), "no holiday so far"
    api = serve(await follow(history), pack=pack)
    dice = np.random.default_rng(seed)
    for _ in range(4):
        start = MONDAY + timedelta(hours=int(dice.integers(-24, 200)))
        end = start + timedelta(minutes=int(dice.integers(1, 20_000)))
        window = {"from": start.isoformat(), "to": end.isoformat()}
        at = (pd.Timestamp(start), pd.Timestamp(end))
        agree((await api.get("/indicators", **window)).json(), of_calls(log, *at) | of_orders(log, *at, zone))
        for row in (await api.get("/reports/departments", **window)).json()["rows"]:
            agree(row["figures"], of_orders(log, *at, zone, row["department"]))
        shown = (await api.get("/indicators", **window, department=DEPARTMENTS[0])).json()
        agree(shown, of_orders(log, *at, zone, DEPARTMENTS[0]))
        for row in (await api.get("/reports/days", **window)).json()["rows"]:
            day = pd.Timestamp(row["day"], tz=zone)
            within = (max(at[0], day), min(at[1], (day + pd.DateOffset(days=1)).normalize()))
            agree(row["figures"], of_calls(log, *within) | of_orders(log, *within, zone))
