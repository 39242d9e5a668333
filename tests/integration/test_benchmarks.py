"""The benchmarks measure against a peer in the same run: a change of the services must not break the measuring."""

import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).parents[2] / "benchmarks" / "run.py"


@pytest.mark.timeout(300)
def test_commands_are_measured_beside_their_peer() -> None:
    command = [sys.executable, str(RUN), "--quick", "--rows", "6,7,11"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert all(row in done.stdout for row in ("PUT /calls", "existing matter", "203 events")), done.stdout
