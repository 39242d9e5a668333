"""Computes the indicators straight from a file, with pandas and nothing of ours, and compares them with reporting's API.

    python tests/integration/equality.py samples/sf311_2000.csv --reporting-url http://127.0.0.1:PORT --issuer-url http://…

The definitions are written here a second time, on purpose: from indicators.md, the rule pack `san_francisco` (Monday to Friday,
Los Angeles, 1 working day to sign and to answer, 5 to resolve, revisit an hour later outside 22:00 to 08:00) and what the
mappings declare about the files. `--kind calls` does the same for a call log. Ends with status 1 when a figure differs.
"""

import argparse
import json
import sys
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

ZONE = "America/Los_Angeles"
WINDOW = ("1990-01-01T00:00:00Z", "2025-01-01T00:00:00Z")
QUIET_FROM, QUIET_TO = 22, 8
DAY = 86_400
ANSWER_SECONDS, SHORT_SECONDS = 15, 5
TOLERANCE = 1e-6
SOURCES = ("Phone", "Web", "Mobile/Open311", "Twitter", "Email", "Integrated Agency", "Other Department")
NOT = r"cancel|duplicate|\bdup\b|invalid|unable|no longer|not managed|transferred|insufficient|does not"
DONE = r"resolved|complete|removed|repaired|relieved|cleaned|fixed|\bdone\b|10[-/]?98|response|e-?mailed|thank"
Ratio = tuple[float, int]


def requests_figures(rows: pd.DataFrame) -> dict[str, Ratio]:
    """Compute the indicators of work orders."""
    orders = _orders(rows)
    closed = orders[orders.closed.notna()]
    reworked = closed[closed.solved.eq("no")]
    dispatched = len(orders) + len(reworked)
    asked = closed[closed.solved.ne("unknown")], closed[closed.satisfied.ne("unknown")]
    return {
        "W1/dispatches": (int((closed.closed <= _due(closed.created, 1)).sum()), dispatched),
        "W2/dispatches": (int((orders.contacted <= _due(orders.created, 1)).sum()), dispatched),
        "W3/answers": (int(closed.solved.eq("yes").sum()), len(asked[0])),
        "W4/answers": (int(closed.satisfied.eq("yes").sum()), len(asked[1])),
        "W6/due-dispatches": (int((closed.closed <= _due(closed.created, 5)).sum()), dispatched),
        "W7/registered-cut-off-at-end": (len(closed) - len(reworked), len(orders)),
        "W8/dispatch-to-report": (float(_working_days(closed.created, closed.closed).sum()), len(closed)),
        "W10/returned-dispatches": (0, dispatched),
        "W13/revisited": (len(closed), len(closed)),
        "W13/in-limit": (int((_revisited(closed.closed) <= _due(closed.closed, 3)).sum()), len(closed)),
    }


def calls_figures(rows: pd.DataFrame) -> dict[str, Ratio]:
    """Compute the indicators of the telephone: PHANTOM is no call, a HANG that never queued left in the menu."""
    seconds = rows[["vru_time", "q_time", "ser_time"]].astype(int)
    right = (seconds >= 0).all(axis=1) & rows.outcome.isin(["AGENT", "HANG"])
    answered = right & rows.outcome.eq("AGENT")
    hung_up = right & rows.outcome.eq("HANG") & seconds.q_time.gt(0)
    offered = int(answered.sum() + hung_up.sum())
    in_limit = int((answered & seconds.q_time.le(ANSWER_SECONDS)).sum())
    abandoned = int((hung_up & seconds.q_time.ge(SHORT_SECONDS)).sum())
    count = int(answered.sum())
    return {
        "T1/queue-offered": (count, offered),
        "T2/of-offered": (in_limit, offered),
        "T2b/of-answered": (in_limit, count),
        "T6/no-menu-no-short": (abandoned, count + abandoned),
        "T7/queue-wait": (int(seconds.q_time[answered].sum()), count),
        "T8/ended-calls": (int(seconds.ser_time[answered].sum()), count),
    }


def _orders(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows that can be right, with what the mapping declares: contact in time order, answers from the note."""
    rows = rows[rows.unique_key.str.strip().ne("")].drop_duplicates("unique_key")
    rows = rows[rows.source.isin(SOURCES)]
    orders = pd.DataFrame(
        {
            "created": pd.to_datetime(rows.created_date, utc=True, errors="coerce"),
            "closed": pd.to_datetime(rows.closed_date.replace("", None), utc=True),
            "contacted": pd.to_datetime(rows.resolution_action_updated_date.replace("", None), utc=True),
            "note": rows.status_notes.str.strip(),
        }
    )
    orders = orders[orders.created.notna() & ~(orders.closed < orders.created)].copy()
    outside = (orders.contacted < orders.created) | (orders.contacted > orders.closed)
    orders["contacted"] = orders.contacted.mask(outside)
    denied = orders.note.str.contains(NOT, case=False, regex=True)
    done = orders.note.str.contains(DONE, case=False, regex=True)
    by_process = orders.note.str.contains("per process", case=False)
    orders["solved"] = np.select([denied, done], ["no", "yes"], "unknown")
    orders["satisfied"] = np.select([denied | by_process, done], ["no", "yes"], "unknown")
    return orders


def _local(moments: "pd.Series[pd.Timestamp]") -> "pd.Series[pd.Timestamp]":
    return moments.dt.tz_convert(ZONE).dt.tz_localize(None)


def _dates(moments: "pd.Series[pd.Timestamp]") -> Any:
    return _local(moments).to_numpy().astype("datetime64[D]")


def _due(moments: "pd.Series[pd.Timestamp]", working_days: int) -> "pd.Series[pd.Timestamp]":
    """Return the end of the nth working day after each moment's own date, which never counts."""
    last = np.busday_offset(_dates(moments), working_days, roll="backward")
    ends = pd.Series(last + np.timedelta64(1, "D"), index=moments.index).astype("datetime64[s]")
    return ends.dt.tz_localize(ZONE).dt.tz_convert("UTC")


def _working_days(begin: "pd.Series[pd.Timestamp]", end: "pd.Series[pd.Timestamp]") -> "pd.Series[float]":
    whole = np.busday_count(_dates(begin), _dates(end))
    return pd.Series(whole, index=begin.index) + _share(end) - _share(begin)


def _share(moments: "pd.Series[pd.Timestamp]") -> "pd.Series[float]":
    """Return how much of its date has gone at each moment; nothing of a weekend. Clocks change on Sundays only."""
    local = _local(moments)
    part = (local - local.dt.normalize()).dt.total_seconds() / DAY
    return part.where(local.dt.day_of_week < 5, 0.0)


def _revisited(closed: "pd.Series[pd.Timestamp]") -> "pd.Series[pd.Timestamp]":
    """Return when the revisit is due: an hour later, or at the end of quiet hours."""
    local = _local(closed + pd.Timedelta(hours=1))
    morning = local.dt.normalize() + pd.Timedelta(hours=QUIET_TO)
    late, early = local.dt.hour >= QUIET_FROM, local.dt.hour < QUIET_TO
    due = local.mask(late, morning + pd.Timedelta(days=1)).mask(early, morning)
    return due.dt.tz_localize(ZONE, ambiguous=True, nonexistent="shift_forward").dt.tz_convert("UTC")


def shown(reporting: str, issuer: str) -> dict[str, Ratio]:
    """Read reporting's indicators as the oversight officer."""
    form = urllib.parse.urlencode({"username": "oversight_officer"}).encode()
    with urllib.request.urlopen(f"{issuer}/token", form, timeout=10) as answer:
        token = json.load(answer)["access_token"]
    window = urllib.parse.urlencode({"from": WINDOW[0], "to": WINDOW[1]})
    request = urllib.request.Request(f"{reporting}/indicators?{window}", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return {row["variant"]: (row["numerator"], row["denominator"]) for row in json.load(answer)}


def differences(computed: Mapping[str, Ratio], found: Mapping[str, Ratio]) -> list[str]:
    """Print both side by side and return the variants that differ."""
    differing = []
    print(f"{'indicator':30} {'pandas':>28} {'reporting':>28}")
    for variant, (numerator, denominator) in computed.items():
        told = found.get(variant, (float("nan"), 0))
        equal = denominator == told[1] and abs(numerator - told[0]) <= TOLERANCE * max(1.0, abs(numerator))
        sides = f"{numerator:.10g} / {denominator}", f"{told[0]:.10g} / {told[1]}"
        print(f"{variant:30} {sides[0]:>28} {sides[1]:>28} {'' if equal else '  <- differs'}")
        differing += [] if equal else [variant]
    return differing


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--reporting-url", required=True)
    parser.add_argument("--issuer-url", required=True)
    parser.add_argument("--kind", choices=("requests", "calls"), default="requests")
    parser.add_argument("--limit", type=int)
    asked = parser.parse_args()
    rows = pd.read_csv(asked.file, dtype=str, keep_default_na=False, nrows=asked.limit)
    compute = requests_figures if asked.kind == "requests" else calls_figures
    if differing := differences(compute(rows), shown(asked.reporting_url, asked.issuer_url)):
        sys.exit(f"not equal: {', '.join(differing)}")
    print("equal")


if __name__ == "__main__":
    main()
