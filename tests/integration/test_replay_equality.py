"""A replay of real input, and reporting's figures beside those that pandas computes from the file alone.

The demo runs over the file and ends; a second run goes on with what it stored, so what is compared has also been through a
restart. Everything here calls commands, as a person would.
"""

import csv
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hotline_cli.replay.command import issuer_of, service_of
from hotline_embedded.stack import Stack

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "sf311_2000.csv"
EQUALITY = Path(__file__).parent / "equality.py"
EVERY = 12
CALLS = 60
CALL_COLUMNS = [
    *("vru+line", "call_id", "customer_id", "priority", "type", "date", "vru_entry", "vru_exit", "vru_time"),
    *("q_start", "q_exit", "q_time", "outcome", "ser_start", "ser_exit", "ser_time", "server"),
]


@dataclass(frozen=True)
class Replayed:
    """The running system, the file that the demo replayed into it, and what the demo printed."""

    folder: Path
    file: Path
    demo: str


def _hotline(*arguments: object, seconds: float = 170) -> "subprocess.CompletedProcess[str]":
    command = [str(Path(sys.executable).parent / "hotline"), *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=seconds)


def _compare(replayed: Replayed, file: Path, kind: str = "requests") -> "subprocess.CompletedProcess[str]":
    addresses = ["--reporting-url", service_of(replayed.folder, "reporting"), "--issuer-url", issuer_of(replayed.folder)]
    command = [sys.executable, str(EQUALITY), str(file), "--kind", kind, *addresses]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def replayed() -> Iterator[Replayed]:
    """Run the demo to its end over real rows, among them some that cannot be right, and start the system again."""
    folder = Path(tempfile.mkdtemp(prefix="hotline-replay-"))
    file = folder / "requests.csv"
    _write_requests(file)
    demo = _hotline("demo", "--folder", folder / "system", "--file", file, "--rule-pack", "san_francisco", "--exit")
    assert demo.returncode == 0, demo.stdout + demo.stderr
    try:
        with Stack(folder / "system", extra_env={"HOTLINE_RULE_PACK": "san_francisco"}):
            yield Replayed(folder / "system", file, demo.stdout)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_the_demo_prints_the_indicators_and_ends(replayed: Replayed) -> None:
    for text in ("W1/dispatches", "签收及时率", "Sign-off in time", "T1/queue-offered", "san_francisco/1", "/docs"):
        assert text in replayed.demo


def test_reporting_equals_pandas_over_the_file(replayed: Replayed) -> None:
    compared = _compare(replayed, replayed.file)
    assert compared.returncode == 0, compared.stdout + compared.stderr


def test_rows_that_cannot_be_right_are_named_with_line_and_reason(replayed: Replayed) -> None:
    with (replayed.folder / "replay" / "requests-rejects.csv").open(newline="") as file:
        rejects = [(row["column"], row["reason"]) for row in csv.DictReader(file)]
    assert sorted(rejects) == [
        *[("closed_date", "办结早于登记 closed before it was opened")] * 4,
        ("created_date", "时间无法识别 a broken date"),
        ("source", "映射未列出的取值，且无默认值 a value that the mapping does not know, and no default"),
        ("unique_key", "编号重复而内容不同 a repeated id with other content"),
        ("unique_key", "缺少编号 a missing id"),
    ]


def test_a_replay_from_the_start_repeats_every_step_and_changes_nothing(replayed: Replayed) -> None:
    before = _heads(replayed)
    for journal in (replayed.folder / "replay").glob("*.json"):
        journal.unlink()
    again = _hotline("replay", replayed.file, "--mapping", "san_francisco_311", "--folder", replayed.folder)
    assert again.returncode == 0, again.stdout + again.stderr
    assert _heads(replayed) == before
    assert _compare(replayed, replayed.file).returncode == 0


def test_an_interrupted_replay_goes_on_and_doubles_nothing(replayed: Replayed, tmp_path: Path) -> None:
    """A call log is cut off by Ctrl-C in the middle, then replayed to its end: the figures are those of the whole log."""
    log = tmp_path / "calls.csv"
    _write_calls(log)
    asked = ["replay", log, "--mapping", "anonbank_calls", "--folder", replayed.folder]
    slow = [str(Path(sys.executable).parent / "hotline"), *map(str, asked), "--speed", "1000"]
    with subprocess.Popen(slow, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as run:
        with pytest.raises(subprocess.TimeoutExpired):
            run.wait(timeout=6)
        run.send_signal(2)
        assert run.wait(timeout=60) != 0
    ended = _hotline(*asked)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "a negative duration" in ended.stdout
    compared = _eventually_equal(replayed, log)
    assert compared.returncode == 0, compared.stdout + compared.stderr


def test_a_wrong_mapping_or_file_is_named_before_anything_is_sent(replayed: Replayed, tmp_path: Path) -> None:
    before = _heads(replayed)
    text = (ROOT / "libs/cli/hotline_cli/mappings/san_francisco_311.yaml").read_text()
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(text.replace("Phone: phone", "Phone: telephone"))
    asked = ["replay", replayed.file, "--folder", replayed.folder, "--mapping"]
    refused = _hotline(*asked, wrong)
    assert refused.returncode == 1
    assert "wrong.yaml, line" in refused.stderr
    assert "record.channel.values.Phone" in refused.stderr
    wrong.write_text(text.replace("column: agency_name", "column: agency"))
    assert "'agency' is missing in line 1" in _hotline(*asked, wrong).stderr
    assert _heads(replayed) == before


def _eventually_equal(replayed: Replayed, log: Path) -> "subprocess.CompletedProcess[str]":
    """Compare until reporting has heard the last call, for a few seconds at most."""
    compared = _compare(replayed, log, "calls")
    for _ in range(5):
        if compared.returncode == 0:
            break
        compared = _compare(replayed, log, "calls")
    return compared


def _heads(replayed: Replayed) -> dict[str, Any]:
    """Return how many events each service has, from the command that verifies its chain."""
    heads = {}
    for service in ("intake", "routing", "followup"):
        shown = _hotline("events", "tail", service, "--folder", replayed.folder)
        heads[service] = shown.stdout.splitlines()[-1]
    return heads


def _write_requests(file: Path) -> None:
    """Take some rows of the sample, all that close before they open, and damage five more in five ways."""
    with SAMPLE.open(newline="", encoding="utf-8") as source:
        reader = csv.DictReader(source)
        rows = list(reader)
    backwards = [row for row in rows if row["closed_date"] and row["closed_date"] < row["created_date"]]
    chosen = [row for row in rows[::EVERY] if row not in backwards]
    damaged = [
        {**rows[1], "unique_key": "", "status": "x"},
        {**rows[1], "unique_key": "broken", "created_date": "2016-13-45"},
        {**rows[1], "unique_key": "unknown", "source": "Pigeon"},
        {**chosen[0], "status_notes": "another note"},
        chosen[1],
    ]
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, reader.fieldnames or [])
        writer.writeheader()
        writer.writerows([*chosen, *backwards, *damaged])


def _write_calls(file: Path) -> None:
    """Generate a log of calls: answered, hung up in queue and menu, phantoms, and one that cannot be right."""
    chance = random.Random(12345)
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, CALL_COLUMNS, restval="0")
        writer.writeheader()
        for number in range(CALLS):
            is_wrong = number == CALLS // 2
            outcome = "AGENT" if is_wrong else chance.choice(["AGENT", "AGENT", "AGENT", "HANG", "HANG", "PHANTOM"])
            waited = chance.choice([0, 3, 15, 16, chance.randrange(300)])
            writer.writerow(
                {
                    "vru+line": "AA0101",
                    "call_id": number,
                    "date": "1999-08-02",
                    "vru_entry": f"{9 + number // 20}:{number % 60:02}:{chance.randrange(60):02}",
                    "vru_time": -3 if is_wrong else chance.randrange(20),
                    "q_time": waited,
                    "outcome": outcome,
                    "ser_time": chance.randrange(600) if outcome == "AGENT" else 0,
                    "server": f"AGENT_{number % 5}" if outcome == "AGENT" else "NO_SERVER",
                }
            )
