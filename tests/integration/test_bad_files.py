"""A rule pack or a mapping with an error: nothing starts and nothing is sent, and the line and the rule are named."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hotline_embedded.city import City
from hotline_rules.documents import PACKS

DEFAULT = (PACKS / "default.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("process", "old", "new", "rule"),
    [
        ("api", 'start: "22:00"', 'start: "25:00"', "quiet_hours.start"),
        ("worker", "rework_rounds: 2", "rework_rounds: many", "redress.rework_rounds"),
        ("api", "ring_limit: 3", "ringing_limit: 3", "calls"),
        ("worker", "kind: china", "kind: martian", "calendar.kind"),
    ],
)
async def test_a_service_does_not_start_under_a_wrong_rule_pack(
    stack: City, tmp_path: Path, *, old: str, new: str, rule: str, process: str
) -> None:
    assert old in DEFAULT
    pack = tmp_path / "office.yaml"
    pack.write_text(DEFAULT.replace(old, new, 1), encoding="utf-8")
    line = DEFAULT[: DEFAULT.index(old)].count("\n") + 1
    before = await stack.settled()
    environment = {**stack.env("followup"), "HOTLINE_RULE_PACK": str(pack), "HOTLINE_PORT": "0", "HOTLINE_HEALTH_PORT": "0"}
    said = _refused([sys.executable, "-m", "hotline_chassis.serve", "followup", process], environment)
    assert f"office.yaml, line {line}, {rule}" in said
    assert await stack.heads() == before


async def test_a_replay_does_not_begin_with_a_wrong_mapping(stack: City, tmp_path: Path) -> None:
    mapping, rows = tmp_path / "wrong.yaml", tmp_path / "rows.csv"
    mapping.write_text("columns:\n  id: case_id\ncolours: [red]\n", encoding="utf-8")
    rows.write_text("case_id\n1\n", encoding="utf-8")
    before = await stack.settled()
    hotline = str(Path(sys.executable).with_name("hotline"))
    said = _refused([hotline, "replay", str(rows), "--mapping", str(mapping)], dict(os.environ))
    assert "wrong.yaml, line" in said
    assert await stack.heads() == before


def _refused(command: list[str], environment: dict[str, str]) -> str:
    """Run a program that has to refuse, and return what it said."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    return done.stdout + done.stderr
